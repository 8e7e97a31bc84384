#!/usr/bin/env bash
# Prints the figures of docs/performance.md: the workloads of bench/workloads (arguments go to heat-bench in place of
# those below), the decoder, then pods per second over real HTTP. Run by `./run bench`, which builds first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# -eq 0 ]; then
  set -- --label=full --benchmark_repetitions=5
fi
build/release/bin/heat-bench "$@"
build/release/bin/heat-decode-bench
build/release/bin/heat-extender-bench
python3 bench/end_to_end.py build/release/bin
