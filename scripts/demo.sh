#!/usr/bin/env bash
# The demo: places pods on the coolest node that fits them, on a cluster of its own, and checks what it shows.
set -euo pipefail
# shellcheck source=scripts/local_cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/local_cluster.sh"

dir=$(mktemp -d)
export KUBECONFIG=$dir/kubeconfig
trap 'stop_cluster "$dir"; rm -r "$dir"' EXIT

say() { printf '\n== %s\n' "$*"; }

# show COMMAND...: prints the command as one would type it, then runs it.
show() {
  printf '$ %s\n' "$*"
  "$@"
}

# Prints the node of a pod once it has one.
node_of() {
  wait_for 10 scheduled "$1" || die "pod $1 was not placed: see $(tail -n 3 "$dir/heat-scheduler.log")"
  kubectl get pod "$1" -o 'jsonpath={.spec.nodeName}'
}
scheduled() { [ -n "$(kubectl get pod "$1" -o 'jsonpath={.spec.nodeName}')" ]; }

# expect POD NODE: says where the pod went and what the scheduler said of it; fails if it is another node.
expect() {
  local node
  node=$(node_of "$1")
  [ "$node" = "$2" ] || die "pod $1 went to $node, not to $2"
  echo "$1 -> $node"
  sed -n "s|^.*\"Decided\" pod=\"default/$1\".* why=\(.*\)|    \1|p" "$dir/heat-scheduler.log"
}

# Applies examples/podpi.yaml under another name.
podpi() { sed "s/podpi-1/$1/" examples/podpi.yaml | kubectl apply -f -; }

start_cluster "$dir"

say "Five nodes, each with a temperature; pi-4 is an arm board, tainted as in mixed clusters"
show kubectl get nodes -L kubernetes.io/arch
kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}{"\t"}{.metadata.annotations.nerdalize/temp}{" °C\n"}{end}'

say "A pod with schedulerName: heat-scheduler goes to the coolest node that it fits"
show kubectl apply -f examples/podpi.yaml
expect podpi-1 pi-2

say "Pods with wishes of their own: an amd64 image, a toleration of the arm board's taint"
show kubectl apply -f examples/pods.yaml
expect web-amd64 tower
expect sensor-arm pi-4
echo "not-ours has another scheduler's name and is left alone: node \"$(kubectl get pod not-ours -o 'jsonpath={.spec.nodeName}')\""

say "A temperature changes: the next pod goes elsewhere"
show kubectl annotate --overwrite node pi-3 nerdalize/temp=12.5
podpi podpi-2
expect podpi-2 pi-3

say "The coolest node fills up: the next pod still fits somewhere"
for i in 3 4 5; do podpi "podpi-$i"; done
expect podpi-3 pi-3
expect podpi-4 pi-3
expect podpi-5 pi-2

say "A pod that fits nowhere says why"
sed -e 's/podpi-1/podpi-huge/' -e 's/cpu: "1"/cpu: "64"/' examples/podpi.yaml | kubectl apply -f -
wait_for 10 sh -c 'kubectl get pod podpi-huge -o "jsonpath={.status.conditions}" | grep -q Unschedulable' ||
  die "podpi-huge got no condition"
kubectl get pod podpi-huge -o 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}{"\n"}'

say "Where they are"
show kubectl get pods -o wide
