#!/usr/bin/env bash
# A branch of Supabase with its data before a run: `backup: { also: ["deploy/backup/supabase.sh PROJECT-REF"] }`, with `hooks: { environment: [SUPABASE_ACCESS_TOKEN] }`.
# The last line is the branch's id. A branch costs as long as it is there: delete it when the run's hold is over.
set -euo pipefail
supabase branches create "lockstep-${LOCKSTEP_RUN:?}" --project-ref "${1:?usage: supabase.sh PROJECT-REF}" --with-data --persistent --output json | jq -er '.id'
