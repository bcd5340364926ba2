#!/usr/bin/env bash
# Brings an environment to the merged files: apply-approved.sh ENV [OPTION…], with the options of `lockstep deploy`.
# If something is to be done and approved/ENV.json is there, exactly that plan is run, and refused if it has grown stale, isn't what the files say, or lacks the signatures
# (approved/ENV.json.approvals) that the environment requires. approved/ENV.allow has the hazards that are consented to, KIND or KIND:OBJECT, one a line.
set -euo pipefail
environment=${1:?usage: apply-approved.sh ENV [OPTION…]}
shift
lockstep=${LOCKSTEP:-lockstep}
approved=approved/$environment
options=(--env "$environment" --yes "$@")
if [ -f "$approved.allow" ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | '#'*) ;; *) options+=(--allow "$line") ;; esac
  done <"$approved.allow"
fi
plan=()
if [ -f "$approved.json" ]; then
  code=0
  "$lockstep" plan --env "$environment" --detailed-exitcode >/dev/null || code=$?
  case $code in
    0) ;; # done before, or its run waits at the gate: what the files say is recorded
    2) plan=("$approved.json") ;;
    *) exit "$code" ;;
  esac
fi
exec "$lockstep" deploy ${plan[@]+"${plan[@]}"} "${options[@]}"
