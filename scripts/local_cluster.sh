#!/usr/bin/env bash
# A heat-cluster with the nodes of examples/nodes.yaml and a heat-scheduler beside it, in a folder of their own.
#   local_cluster.sh up     start them, leave them running, print what to try
#   local_cluster.sh down   stop them, remove the folder
# Sourced, it offers start_cluster and stop_cluster to the demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

readonly BIN=${HEAT_BIN:-build/release/bin}
readonly UP=${HEAT_UP:-$PWD/build/up}

# wait_for SECONDS COMMAND...: until the command succeeds; fails after that time.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.05
  done
}

# Prints a TCP port of the loopback that is free now.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_cluster DIR: both programs, their logs, pid files and the kubeconfig go into DIR.
start_cluster() {
  local dir=$1 port
  mkdir -p "$dir"
  "$BIN/heat-cluster" --listen 127.0.0.1:0 --kubeconfig-out "$dir/kubeconfig" --load examples/nodes.yaml \
    >"$dir/heat-cluster.log" 2>&1 &
  echo $! >"$dir/heat-cluster.pid"
  wait_for 10 test -s "$dir/kubeconfig" || die "heat-cluster did not start: see $dir/heat-cluster.log"
  port=$(free_port)
  echo "$port" >"$dir/secure-port"
  "$BIN/heat-scheduler" --kubeconfig "$dir/kubeconfig" --secure-port "$port" --bind-address 127.0.0.1 \
    >"$dir/heat-scheduler.log" 2>&1 &
  echo $! >"$dir/heat-scheduler.pid"
  wait_for 10 curl -fsk "https://127.0.0.1:$port/readyz" ||
    die "heat-scheduler is not ready: see $dir/heat-scheduler.log"
}

# stop_cluster DIR: ends what start_cluster started there, and waits until it is gone.
stop_cluster() {
  local dir=$1 name pid
  for name in heat-scheduler heat-cluster; do
    [ -f "$dir/$name.pid" ] || continue
    pid=$(cat "$dir/$name.pid")
    # The number may be another program's by now.
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ]; then
      kill "$pid"
      wait_for 10 test ! -e "/proc/$pid" || kill -9 "$pid"
    fi
    rm "$dir/$name.pid"
  done
}

up() {
  [ -d "$UP" ] && die "already up: ./run down ends it (kubeconfig: $UP/kubeconfig)"
  if ! (start_cluster "$UP"); then
    stop_cluster "$UP"
    exit 1
  fi
  cat <<EOF
A cluster of five nodes and heat-scheduler are running.

  export KUBECONFIG=$UP/kubeconfig

Try next:
  kubectl apply -f examples/podpi.yaml
  kubectl get pods -o wide
  kubectl annotate --overwrite node pi-1 nerdalize/temp=10

  curl -k -H "Authorization: Bearer \$(kubectl config view --raw -o jsonpath='{.users[0].user.token}')" \\
    https://127.0.0.1:$(cat "$UP/secure-port")/metrics

Logs: $UP/heat-scheduler.log, $UP/heat-cluster.log.
./run down ends it and leaves nothing behind.
EOF
}

down() {
  [ -d "$UP" ] || die "nothing is up"
  stop_cluster "$UP"
  rm -r "$UP"
  echo "Stopped."
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case "${1:-}" in
    up | down) "$1" ;;
    *) die "usage: scripts/local_cluster.sh up|down" ;;
  esac
fi
