#!/usr/bin/env bash
# A backup by pgBackRest (2.41 or newer) before a run: `backup: { also: ["deploy/backup/pgbackrest.sh STANZA"] }`. More arguments go to pgbackrest.
# The last line is the backup's label, found by the annotation that only this backup has.
set -euo pipefail
stanza=${1:?usage: pgbackrest.sh STANZA [OPTION…]}
shift
pgbackrest --stanza="$stanza" --annotation=lockstep="${LOCKSTEP_RUN:?}" "${@:---type=incr}" backup
pgbackrest --stanza="$stanza" --output=json info |
  jq -er --arg run "$LOCKSTEP_RUN" '[.[].backup[] | select(.annotation.lockstep? == $run) | .label] | last // error("no backup has the annotation of this run")'
