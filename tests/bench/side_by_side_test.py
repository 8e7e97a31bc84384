#!/usr/bin/env python3
"""Tests of bench/side_by_side.py, with programs in the place of both schedulers that answer as they do."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import side_by_side  # noqa: E402

# Each run is a little faster than the one before.
PEER = """#!/usr/bin/env python3
import argparse, json, pathlib
parser = argparse.ArgumentParser()
for name in ("workloads", "workload", "mode", "seconds", "initial", "placements"):
    parser.add_argument("--" + name)
parser.add_argument("--list", action="store_true")
options = parser.parse_args()
if options.list:
    print("Basic/Big\\tfull\\nChurn/Big\\tchurn,full\\nBasic/Small\\ttiny")
else:
    runs = pathlib.Path(__file__).with_name("runs-" + options.mode)
    runs.write_text("x" + (runs.read_text() if runs.exists() else ""))
    assert pathlib.Path(options.initial).read_text() == "a/b node-1\\n" and options.seconds == "0.5"
    pathlib.Path(options.placements).write_text("a/b node-1\\na/c node-2\\n")
    rate = {"sampled": 100, "all": 10}[options.mode] + len(runs.read_text())
    print(json.dumps({"workload": options.workload, "nodes": 5000, "rate": rate}))
"""

HEAT_BENCH = """#!/usr/bin/env python3
import argparse, json, pathlib, sys
parser = argparse.ArgumentParser()
for name in ("workloads", "workload", "benchmark_format", "initial", "follow"):
    parser.add_argument("--" + name)
options = parser.parse_args()
if options.initial:
    pathlib.Path(options.initial).write_text("a/b node-1\\n")
elif options.follow:
    if %(differs)s:
        sys.exit("a/c is on node-2, of 3 that are best one is node-4")
    print(options.workload + ": followed 1 placements, 1 of them in the best set")
else:
    rate = 50000 if options.workload == "Churn/Big" else 103000
    print(json.dumps({"benchmarks": [{"name": "x", "decisions": rate}]}))
"""


class SideBySideTest(unittest.TestCase):
    def run_it(self, *arguments, differs=False):
        """Returns the exit code, what it printed, and what it complained about."""
        with tempfile.TemporaryDirectory() as folder:
            programs = []
            for name, text in (("peer", PEER), ("heat-bench", HEAT_BENCH % {"differs": differs})):
                program = pathlib.Path(folder, name)
                program.write_text(text, encoding="utf-8")
                program.chmod(0o755)
                programs.append(str(program))
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = side_by_side.main([*programs, "workloads", *arguments, "--seconds", "0.5"])
            return code, out.getvalue().splitlines(), err.getvalue()

    def test_table(self):
        code, lines, complaints = self.run_it("--repetitions", "3")
        self.assertEqual((code, complaints), (0, ""))
        self.assertEqual(lines[2:], [
            "| Basic/Big | 5,000 | 102 | 12 | 103,000 | 1,010× | 8,583× | 1 |",
            # The runs of the workload before count on: its figures are higher by three.
            "| Churn/Big | 5,000 | 105 | 15 | 50,000 | 476× | 3,333× |  |",
            "smallest ratio: 476, Churn/Big against default sampling",
        ])

    def test_filter_and_size(self):
        _, lines, _ = self.run_it("Churn", "--repetitions", "1")
        self.assertEqual([line.split(" | ")[0] for line in lines[2:-1]], ["| Churn/Big"])
        _, lines, _ = self.run_it("--size", "tiny", "Basic", "--repetitions", "1")
        self.assertEqual([line.split(" | ")[0] for line in lines[2:-1]], ["| Basic/Small"])
        code, _, complaints = self.run_it("Absent")
        self.assertEqual(code, 1)
        self.assertIn("no workload has the label full and one of ['Absent'] in its name", complaints)

    def test_a_placement_that_is_not_best(self):
        code, lines, complaints = self.run_it(differs=True)
        self.assertEqual((code, len(lines)), (1, 2))
        self.assertIn("ended with 1:\na/c is on node-2, of 3 that are best one is node-4", complaints)


if __name__ == "__main__":
    unittest.main()
