#!/usr/bin/env bash
# Posts a comment on a pull or merge request, or replaces the one with the same first line that the same user wrote: post-comment.sh FILE
# A comment of somebody else is never replaced, whatever its first line: its author could edit "the plan" afterwards.
# GitHub: GITHUB_REPOSITORY, GITHUB_TOKEN and PULL_REQUEST (its number); GITHUB_API_URL is optional. The token of a job or of an app can't ask who it is:
# COMMENT_AUTHOR is its login then (default: github-actions[bot], whom the token of a job writes as).
# GitLab: GITLAB_TOKEN (a project access token with scope api), and CI_API_V4_URL, CI_PROJECT_ID and CI_MERGE_REQUEST_IID, which a job has.
# Needs curl and jq.
set -euo pipefail
file=${1:?usage: post-comment.sh FILE}
marker=$(head -n 1 "$file")

if [ -n "${CI_MERGE_REQUEST_IID:-}" ]; then
  ask() { curl -sSf -H "PRIVATE-TOKEN: $GITLAB_TOKEN" -H "Content-Type: application/json" "$@"; }
  comments=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
  one=$comments change=PUT mine=.author.id
  me=$(ask "$CI_API_V4_URL/user" | jq .id)
else
  api=${GITHUB_API_URL:-https://api.github.com}
  ask() { curl -sSf -H "Authorization: Bearer $GITHUB_TOKEN" -H "Accept: application/vnd.github+json" "$@"; }
  comments=$api/repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
  one=$api/repos/$GITHUB_REPOSITORY/issues/comments change=PATCH mine=.user.login
  if [ -n "${COMMENT_AUTHOR:-}" ]; then
    me=$(jq -n --arg login "$COMMENT_AUTHOR" '$login')
  else
    answer=$(curl -sS -w '\n%{http_code}' -H "Authorization: Bearer $GITHUB_TOKEN" -H "Accept: application/vnd.github+json" "$api/user")
    case ${answer##*$'\n'} in
      200) me=$(jq .login <<<"${answer%$'\n'*}") ;;
      403) me='"github-actions[bot]"' ;;
      *) echo "post-comment: $api/user answers ${answer##*$'\n'}: nobody knows whose comments these would be" >&2; exit 1 ;;
    esac
  fi
fi

id=''
for page in 1 2 3 4 5 6 7 8 9 10; do
  some=$(ask "$comments?per_page=100&page=$page")
  id=$(jq -r --arg marker "$marker" --argjson me "$me" \
    "map(select($mine == \$me and (.body | split(\"\\n\")[0] | rtrimstr(\"\\r\")) == \$marker)) | .[0].id // empty" <<<"$some")
  if [ -n "$id" ] || [ "$(jq length <<<"$some")" -lt 100 ]; then break; fi
done
body=$(mktemp)
trap 'rm -f "$body"' EXIT
jq -Rs '{body: .}' <"$file" >"$body" # a file, since an argument may have 128 KiB at most
if [ -n "$id" ]; then
  ask -X "$change" -d "@$body" "$one/$id" >/dev/null
else
  ask -X POST -d "@$body" "$comments" >/dev/null
fi
