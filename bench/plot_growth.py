#!/usr/bin/python3
"""Draws how the cost of a decision grows with nodes, pods, classes and domains, from heat-bench's own output.

usage: heat-bench --label=growth --benchmark_out=FILE, then plot_growth.py FILE IMAGE

A workload "NodesPlain/5000" is a point of the panel "Nodes", on the line "Plain", at 5000. IMAGE ends in .svg or .png. Needs the Debian
package python3-matplotlib.
"""

import json
import re
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (the drawing is chosen before)

PANELS = {"Nodes": "nodes", "Pods": "pods there before, 5,000 nodes", "Classes": "classes of pods in turn, 5,000 nodes",
          "Domains": "zones, 6,000 nodes"}
WORKLOAD = re.compile(rf"({'|'.join(PANELS)})(\w+)/(\d+)$")


def read_points(path):
    """Returns {panel: {line: {x: nanoseconds of a decision}}}; of repetitions the median."""
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["benchmarks"]
    points = {}
    for row in rows:
        match = WORKLOAD.match(row["run_name"])
        if not match or "error_occurred" in row or row.get("aggregate_name", "median") != "median":
            continue
        panel, line, x = match.groups()
        if row["run_type"] == "iteration" and row.get("repetitions", 1) > 1:
            continue
        points.setdefault(panel, {}).setdefault(line, {})[int(x)] = 1e9 / row["decisions"]
    return points


def draw(points, image):
    """Draws one panel for each number that is varied."""
    pyplot.rcParams.update({"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "heat-scheduler"})
    figure, axes = pyplot.subplots(1, len(points), figsize=(3.4 * len(points), 3), sharey=True, squeeze=False)
    for axis, panel in zip(axes[0], [name for name in PANELS if name in points]):
        for line, at in sorted(points[panel].items()):
            axis.plot(sorted(at), [at[x] for x in sorted(at)], marker="o", markersize=3, linewidth=1.2, label=line)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel(PANELS[panel])
        axis.grid(True, which="major", linewidth=0.3)
        axis.legend(frameon=False, fontsize=8)
    axes[0][0].set_ylabel("ns a decision")
    figure.tight_layout()
    figure.savefig(image, metadata={"Date": None} if image.endswith(".svg") else None)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    points = read_points(arguments[0])
    if not points:
        print(f"plot_growth.py: {arguments[0]}: no workload of label growth", file=sys.stderr)
        return 1
    draw(points, arguments[1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
