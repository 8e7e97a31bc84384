#!/usr/bin/env bash
# The end-to-end tests: real Kubernetes around heat-scheduler. Run by ./run, which builds heat-scheduler first.
#   e2e.sh test [TEST...]   all tests, or those whose names match
#   e2e.sh bench            bench-live
# Kubernetes, etcd and KWOK are built by Go, once, into a folder of the user's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

readonly KUBERNETES=v1.36.3

# Prints the folder of the components, which it builds if they are not there yet.
components() {
  local key cache part
  key=$({ go env GOVERSION GOARCH && cat tests/e2e/{components,kwok}/go.{mod,sum} scripts/e2e.sh; } | sha256sum | cut -c1-16)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/heat-scheduler/e2e/$key
  if [ ! -d "$cache" ]; then
    echo "run: building Kubernetes $KUBERNETES, etcd and KWOK into $cache, once; about ten minutes on two cores" >&2
    part=$cache.part
    rm -rf "$part"
    mkdir -p "$part"
    # It says its version in its API, by which clients judge it.
    go_build components "$part/" "-X k8s.io/component-base/version.gitVersion=$KUBERNETES" \
      ./etcd k8s.io/kubernetes/cmd/kube-{apiserver,controller-manager,scheduler}
    go_build kwok "$part/" "" sigs.k8s.io/kwok/cmd/kwok
    mv "$part" "$cache"
  fi
  echo "$cache"
}

# go_build MODULE OUTPUT LDFLAGS PACKAGE...
go_build() {
  (cd "tests/e2e/$1" && go build -p 2 -buildvcs=false -ldflags "-s -w $3" -o "$2" "${@:4}") >&2
}

need_go
need kubectl kubernetes-client
HEAT_E2E_COMPONENTS=$(components)
export HEAT_E2E_COMPONENTS HEAT_ROOT=$PWD HEAT_BIN=$PWD/build/release/bin

verb=$1
shift
case "$verb" in
  test)
    # kube-scheduler in process is held to the workloads of bench/ here, since it needs Go.
    [ $# -gt 0 ] || (cd bench/peer && go test -p 2 -count=1 .)
    cd tests/e2e/suite
    pattern=$(IFS='|' && echo "$*")
    exec go test -count=1 -timeout 40m -v ${pattern:+-run "$pattern"} .
    ;;
  bench)
    cd tests/e2e/suite
    exec go test -count=1 -timeout 40m -v ./benchlive
    ;;
esac
