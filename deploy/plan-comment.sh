#!/usr/bin/env bash
# The body of a comment on a pull request: plan-comment.sh ENV [PLAN.json]. It begins with a marker, so that the next run can find and replace it.
# Exit 0: nothing to do. 2: there are changes. Everything else: the plan failed, and the body says how.
set -euo pipefail
environment=${1:?usage: plan-comment.sh ENV [PLAN.json]}
file=${2:-}
lockstep=${LOCKSTEP:-lockstep}

echo "<!-- lockstep plan $environment -->"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
code=0
# One plan: what is shown is what is saved.
"$lockstep" plan --env "$environment" --format markdown --detailed-exitcode ${file:+-o "$file"} 2>"$errors" || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then
  echo "### \`lockstep plan --env $environment\` failed (exit $code)"
  echo
  sed 's/^/    /' "$errors"
fi
exit "$code"
