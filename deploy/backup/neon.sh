#!/usr/bin/env bash
# A branch of Neon as it is before a run: `backup: { also: ["deploy/backup/neon.sh PROJECT-ID PARENT-BRANCH"] }`, with `hooks: { environment: [NEON_API_KEY] }`.
# The last line is the branch's id. The way back in the provider: `neonctl branches restore PARENT-BRANCH THAT-ID --preserve-under-name broken`.
set -euo pipefail
neonctl branches create --project-id "${1:?usage: neon.sh PROJECT-ID PARENT-BRANCH}" --parent "${2:?usage: neon.sh PROJECT-ID PARENT-BRANCH}" \
  --name "lockstep-${LOCKSTEP_RUN:?}" --no-compute --output json | jq -er '.branch.id'
