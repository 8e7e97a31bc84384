#!/usr/bin/env bash
# `./run up` serves a cluster until `./run down`, which leaves nothing behind: no file, no process.
#   up_down_test.sh ROOT     HEAT_BIN names the folder of the binaries
set -euo pipefail
cd "$1"
folder=$(mktemp -d)
export HEAT_UP=$folder/up
trap '[ ! -d "$HEAT_UP" ] || scripts/local_cluster.sh down; rm -rf "$folder"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

scripts/local_cluster.sh up
pids=$(cat "$HEAT_UP"/*.pid)
nodes=$(KUBECONFIG=$HEAT_UP/kubeconfig kubectl get nodes -o name | wc -l)
[ "$nodes" = 5 ] || fail "$nodes nodes instead of 5"
if scripts/local_cluster.sh up 2>/dev/null; then fail "a second up started over the first"; fi

scripts/local_cluster.sh down
[ -z "$(ls -A "$folder")" ] || fail "files are left: $(ls "$folder")"
for pid in $pids; do
  [ ! -e "/proc/$pid" ] || fail "process $pid is left"
done
if scripts/local_cluster.sh down 2>/dev/null; then fail "a down without an up succeeded"; fi
