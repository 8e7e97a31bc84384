#!/usr/bin/env python3
"""Decisions per second of heat-bench beside those of the real kube-scheduler, by workload.

    side_by_side.py PEER HEAT_BENCH WORKLOADS [FILTER...] [--size LABEL] [--repetitions N] [--seconds S]

PEER is the program of bench/peer, WORKLOADS the folder of the workload files. Runs the workloads that kube-scheduler can run,
that have the label, and whose names have one of the filters in them. Prints a row for each as it comes and ends with the
smallest ratio. Exits 1 if a placement of kube-scheduler is not among those that ours finds best, or if a program fails.

For each workload ours places the pods that come before the measured ones, once, and both start from there. Then the three are
run in turn, N times: kube-scheduler with its default sampling of nodes, kube-scheduler looking at all nodes, ours, which always
looks at all. The figures are medians; the placements that are checked are those of the last run over all nodes. kube-scheduler is
measured for S seconds of decisions at a time, ours on all pods.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

# Ours follows kube-scheduler's placements where nothing but the measured pods changes the cluster.
NOT_FOLLOWED = {"churn", "preemption"}
FOLLOWED = re.compile(r"followed (\d+) placements, \1 of them in the best set")


@dataclasses.dataclass
class Row:
    """The medians of one workload, in decisions per second."""
    workload: str
    nodes: int
    sampled: float
    all_nodes: float
    ours: float
    followed: int | None  # Placements that were checked, None where that cannot be.

    @property
    def ratios(self):
        return {"default sampling": self.ours / self.sampled, "all nodes": self.ours / self.all_nodes}


class Failure(Exception):
    """What a program said when it failed."""


def output(*command):
    """Returns what a program prints."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}{done.stdout}".rstrip())
    return done.stdout


def workloads(peer, folder, size, filters):
    """Returns names and labels of the workloads to run, in the order of the files."""
    found = []
    for line in output(peer, "--workloads", folder, "--list").splitlines():
        name, labels = line.split("\t")
        if size in labels.split(",") and (not filters or any(word in name for word in filters)):
            found.append((name, set(labels.split(","))))
    return found


def of_ours(text):
    """Returns the decisions per second in Google Benchmark's JSON."""
    rates = [run["decisions"] for run in json.loads(text)["benchmarks"] if "decisions" in run]
    if not rates:
        raise Failure(f"heat-bench printed no figure:\n{text}")
    return rates[0]


def follow(ours, placements):
    """Has ours follow kube-scheduler's placements; returns how many it checked."""
    said = output(*ours, "--follow", placements)
    count = FOLLOWED.search(said)
    if not count:
        raise Failure(f"heat-bench --follow did not say how many placements it checked:\n{said}")
    return int(count.group(1))


def measure(name, labels, options, folder):
    """Runs one workload in all its forms; returns its row."""
    initial, placements = folder / "initial", folder / "placements"
    ours = [options.heat_bench, "--workloads", options.workloads, "--workload", name]
    peer = [options.peer, "--workloads", options.workloads, "--workload", name, "--initial", initial,
            "--seconds", options.seconds]
    output(*ours, "--initial", initial)
    rates = {"sampled": [], "all": [], "ours": []}
    for _ in range(options.repetitions):
        for mode in ("sampled", "all"):
            result = json.loads(output(*peer, "--mode", mode, "--placements", placements))
            rates[mode].append(result["rate"])
        rates["ours"].append(of_ours(output(*ours, "--benchmark_format=json")))
    followed = None if labels & NOT_FOLLOWED else follow(ours, placements)
    return Row(name, result["nodes"], *(statistics.median(rates[key]) for key in ("sampled", "all", "ours")), followed)


HEADER = """\
| workload | nodes | kube-scheduler, default sampling | kube-scheduler, all nodes | ours | ratio | ratio, all nodes | placements checked |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def line(row):
    """Returns a row of the table."""
    ratios = " | ".join(f"{ratio:,.0f}×" for ratio in row.ratios.values())
    followed = "" if row.followed is None else f"{row.followed:,}"
    return (f"| {row.workload} | {row.nodes:,} | {row.sampled:,.0f} | {row.all_nodes:,.0f} | {row.ours:,.0f} "
            f"| {ratios} | {followed} |")


def smallest(rows):
    """Returns the last line: the smallest of all ratios, and where it is."""
    ratio, against, row = min(((ratio, against, row) for row in rows for against, ratio in row.ratios.items()),
                              key=lambda found: found[0])
    return f"smallest ratio: {ratio:,.0f}, {row.workload} against {against}"


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench-peer", description="Ours beside kube-scheduler, by workload.")
    parser.add_argument("peer")
    parser.add_argument("heat_bench")
    parser.add_argument("workloads")
    parser.add_argument("filter", nargs="*", help="run workloads with one of these in their names")
    parser.add_argument("--size", default="full", help="the label of the workloads to run (default: full)")
    parser.add_argument("--repetitions", type=int, default=5, help="runs of each, of which the medians are printed")
    parser.add_argument("--seconds", type=float, default=1, help="decisions of kube-scheduler that a run measures")
    options = parser.parse_intermixed_args(arguments)
    if options.repetitions < 1:
        parser.error("--repetitions is less than 1")
    try:
        chosen = workloads(options.peer, options.workloads, options.size, options.filter)
        if not chosen:
            raise Failure(f"no workload has the label {options.size} and one of {options.filter} in its name")
        print(HEADER, flush=True)
        rows = []
        for name, labels in chosen:
            with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
                rows.append(measure(name, labels, options, pathlib.Path(folder)))
            print(line(rows[-1]), flush=True)
    except Failure as failure:
        print(f"bench-peer: {failure}", file=sys.stderr)
        return 1
    print(smallest(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
