"""Runs the commands of kubectl/session.txt against a heat-cluster of its own and compares what they print.

usage: kubectl_test.py HEAT_CLUSTER KUBECTL [FLAG...]

KUBECTL is a path; the environment's KUBECTL wins over it. Flags go to heat-cluster. Everything is in a temporary folder, and heat-cluster is
stopped whatever happens.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent / "kubectl"
START_SECONDS = 20
COMMAND_SECONDS = 60


def read_session(path):
    """Yields (line number, command, expected exit status, expected lines)."""
    steps = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        start = re.match(r"\$(?:\[(\d+)\])? (.*)", line)
        if start:
            steps.append((number, start[2], int(start[1] or 0), []))
        elif line.strip() and not line.startswith("#"):
            steps[-1][3].append(line)
    return steps


def normal(line):
    """Returns a line of output as sessions write it."""
    words = ["AGE" if re.fullmatch(r"(\d+[smh])+", word) else word for word in line.split()]
    return " ".join(words)


def run_session(steps, environment, folder):
    """Runs the steps; returns the number of those that failed, after saying how."""
    failures = 0
    for number, command, status, expected in steps:
        result = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS, check=False)
        printed = [normal(line) for line in result.stdout.splitlines() if line.strip()]
        if printed != expected or result.returncode != status:
            failures += 1
            print(f"line {number}: {command}\n  expected status {status}: {expected}\n"
                  f"  got status {result.returncode}: {printed}")
    return failures


def wait_for(path, process):
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("heat-cluster did not start")
        time.sleep(0.02)


def main():
    heat_cluster, kubectl = sys.argv[1:3]
    kubectl = os.environ.get("KUBECTL") or kubectl
    extra_flags = sys.argv[3:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for manifest in HERE.iterdir():
            shutil.copy(manifest, folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "kubectl").symlink_to(kubectl)
        kubeconfig = folder / "kubeconfig"
        process = subprocess.Popen([heat_cluster, "--kubeconfig-out", kubeconfig, "--load", folder / "nodes.yaml",
                                    "--pod-start-delay", "50ms", *extra_flags])
        try:
            wait_for(kubeconfig, process)
            environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": name, "KUBECONFIG": str(kubeconfig)}
            failures = run_session(read_session(HERE / "session.txt"), environment, folder)
        finally:
            process.terminate()
            try:
                status = process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if status != 0:
            sys.exit(f"heat-cluster ended with status {status} on SIGTERM")
        sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
