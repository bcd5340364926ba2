#!/usr/bin/env bash
# A backup by WAL-G before a run, on the server's own machine: `backup: { also: ["deploy/backup/wal-g.sh /var/lib/postgresql/15/main"] }`.
# What WAL-G reads from its environment has to be named in `hooks: { environment: [WALG_S3_PREFIX, …] }`. The last line is the backup's name, found by its user data.
set -euo pipefail
wal-g backup-push "${1:?usage: wal-g.sh DATA-DIRECTORY}" --add-user-data "{\"lockstep\": \"${LOCKSTEP_RUN:?}\"}"
wal-g backup-list --detail --json |
  jq -er --arg run "$LOCKSTEP_RUN" '[.[] | select(.user_data.lockstep? == $run) | .backup_name] | last // error("no backup has the user data of this run")'
