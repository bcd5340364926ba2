#!/usr/bin/env bash
# Posts a comment on a pull request, or replaces the one with the same first line: post-comment.sh FILE
# Needs GITHUB_REPOSITORY, GITHUB_TOKEN and PULL_REQUEST (its number); GITHUB_API_URL is optional. Needs curl and jq.
set -euo pipefail
file=${1:?usage: post-comment.sh FILE}
api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY
marker=$(head -n 1 "$file")
ask() { curl -sSf -H "Authorization: Bearer $GITHUB_TOKEN" -H "Accept: application/vnd.github+json" "$@"; }

id=''
for page in 1 2 3 4 5 6 7 8 9 10; do
  comments=$(ask "$api/issues/$PULL_REQUEST/comments?per_page=100&page=$page")
  id=$(jq -r --arg marker "$marker" 'map(select(.body | split("\n")[0] | rtrimstr("\r") == $marker)) | .[0].id // empty' <<<"$comments")
  if [ -n "$id" ] || [ "$(jq length <<<"$comments")" -lt 100 ]; then break; fi
done
body=$(jq -Rs '{body: .}' <"$file")
if [ -n "$id" ]; then
  ask -X PATCH -d "$body" "$api/issues/comments/$id" >/dev/null
else
  ask -X POST -d "$body" "$api/issues/$PULL_REQUEST/comments" >/dev/null
fi
