#!/bin/sh
# Builds an index in parts with GNU parallel, on this machine or, with --sshlogin among the further arguments, on others that
# see the same files:
#
#   midx build-plan items.parquet --parts 8 -o items/plan.json
#   parallel.sh items/plan.json --jobs 4
#
# Tasks start in their order, and each waits for those that it needs, so no task waits for one that can't start. A task
# that fails is tried again, since a finished one is left as it is. After a failure, run the script again to go on.
set -eu
plan=$1
shift
tasks=$(midx build-task "$plan" --list)
printf '%s\n' "$tasks" |
  parallel --quote --colsep ' ' --retries 3 --halt soon,fail=1 "$@" midx build-task "$plan" --index '{1}' --wait 86400
