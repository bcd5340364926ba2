#!/usr/bin/env bash
# A backup by Barman (3.3 or newer) before a run: `backup: { also: ["deploy/backup/barman.sh SERVER"] }`. More arguments go to `barman backup`.
# The last line is the backup's name, which Barman takes wherever it takes an id. --wait: until the WAL that it needs is archived.
set -euo pipefail
server=${1:?usage: barman.sh SERVER [OPTION…]}
shift
name=lockstep-${LOCKSTEP_RUN:?}
barman backup --wait --name "$name" "$@" "$server"
barman check-backup "$server" "$name"
echo "$server $name"
