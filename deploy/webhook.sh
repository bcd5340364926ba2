#!/usr/bin/env bash
# A hook that tells a chat: hooks: { at_gate: [deploy/webhook.sh], after: [deploy/webhook.sh], environment: [WEBHOOK_URL] }. Needs curl and jq.
set -euo pipefail
jq '{text: "lockstep \(.hook): \(.environment) (\(.database)), run \(.run[0:8])\(if .provenance.message then ": " + .provenance.message else "" end)"}' |
  curl -sSf -H 'Content-Type: application/json' -d @- "$WEBHOOK_URL"
