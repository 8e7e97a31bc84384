#!/usr/bin/env bash
# The workloads of bench/ through heat-bench and through the real kube-scheduler in process, side by side. Run by
# `./run bench-peer`, which builds heat-bench first; the arguments are those of bench/side_by_side.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

need_go
need python3 python3
echo "run: building kube-scheduler's framework; the first time takes a few minutes" >&2
(cd bench/peer && go build -p 2 -buildvcs=false -ldflags "-s -w" -o ../../build/peer/peer .) >&2
exec python3 bench/side_by_side.py build/peer/peer build/release/bin/heat-bench bench/workloads "$@"
