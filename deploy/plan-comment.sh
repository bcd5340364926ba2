#!/usr/bin/env bash
# The body of a comment on a pull request: plan-comment.sh ENV [PLAN.json]. It begins with a marker, so that the next run can find and replace it.
# Exit 0: nothing to do. 2: there are changes. Everything else: the plan failed, and the body says how.
set -euo pipefail
environment=${1:?usage: plan-comment.sh ENV [PLAN.json]}
file=${2:-}
lockstep=${LOCKSTEP:-lockstep}
approved=approved/$environment.json
room=65000 # GitHub takes 65,536 characters; there are never fewer bytes than characters
plan=$(mktemp) errors=$(mktemp)
trap 'rm -f "$plan" "$errors"' EXIT
if [ -z "$file" ]; then
  file=$(mktemp)
  trap 'rm -f "$plan" "$errors" "$file"' EXIT
fi

# As an indented block, which nothing in it can end. The first lines and the last ones, which say what to do, if it is too long for the rest of the room.
block() {
  LC_ALL=C awk -v room=$((room - $(wc -c <"$plan") - 500)) '
    { line[NR] = "    " $0
      if (length(line[NR]) > 1000) { line[NR] = substr(line[NR], 1, 1000); sub(/[\300-\377][\200-\277]*$/, "", line[NR]); line[NR] = line[NR] " …" } }
    END {
      last = NR + 1
      while (last > 1 && used + length(line[last - 1]) + 1 <= room / 4) used += length(line[--last]) + 1
      for (i = 1; i < last && used + length(line[i]) + 1 <= room; ++i) { used += length(line[i]) + 1; print line[i] }
      if (i < last) printf "    … %d lines are left out here: the log of this job has all of them …\n", last - i
      for (i = last; i <= NR; ++i) print line[i]
    }' "$errors"
}

code=0
# One plan: what is shown is what is saved.
"$lockstep" plan --env "$environment" --format markdown --detailed-exitcode -o "$file" >"$plan" 2>"$errors" || code=$?
echo "<!-- lockstep plan $environment -->"
if [ "$code" -eq 2 ] && [ -f "$approved" ]; then
  if [ "$(jq -r .digest "$approved")" = "$(jq -r .digest "$file")" ]; then
    echo "> \`$approved\` is this plan: it is what runs after the merge."
  else
    echo "> **\`$approved\` is another plan** than this one. It would be refused after the merge: put this one there, and have it approved."
  fi
  echo
fi
cat "$plan"
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then
  cat "$errors" >&2
  echo "### \`lockstep plan --env $environment\` failed (exit $code)"
  echo
  block
fi
exit "$code"
