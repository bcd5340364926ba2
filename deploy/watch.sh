#!/usr/bin/env bash
# For cron or a timer: asks every environment, keeps the figures for a textfile collector, and tells somebody if there is something to tell.
#   watch.sh FOLDER-OF-lockstep.yaml [FILE.prom]
# ALARM is a command that gets the text on stdin (default: print it, which cron mails). Exit: that of `lockstep verify`.
set -uo pipefail
cd "${1:?usage: watch.sh FOLDER [FILE.prom]}" || exit 64
lockstep=${LOCKSTEP:-lockstep}
said=$("$lockstep" verify --no-color 2>&1)
code=$?
if [ -n "${2:-}" ]; then
  # Written whole or not at all: the collector may read at any time.
  "$lockstep" verify --format prometheus >"$2.new" 2>/dev/null
  [ -s "$2.new" ] && mv "$2.new" "$2"
fi
if [ "$code" -ne 0 ]; then
  printf 'lockstep verify: exit %s\n%s\n' "$code" "$said" | sh -c "${ALARM:-cat}"
fi
exit "$code"
