#!/usr/bin/env bash
# Prints the figures of docs/performance.md: heat-bench (arguments go to Google Benchmark), then pods per second over
# real HTTP. Run by `./run bench`, which builds first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build/release/bin/heat-bench --benchmark_repetitions=3 --benchmark_report_aggregates_only=true "$@"
python3 bench/end_to_end.py build/release/bin
