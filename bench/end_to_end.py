#!/usr/bin/env python3
"""Pods bound per second over real HTTP: heat-cluster holds the nodes and the pending pods, heat-scheduler binds them.

    end_to_end.py BIN_DIR [--nodes N] [--pods N]

Starts both on free ports of the loopback, waits until every pod is bound, prints one line of figures and stops both.
The time counts from the moment in which the scheduler has started to the last binding; listing the cluster is in it.
"""

import argparse
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

NODE = {"cpu": "4", "memory": "32Gi", "pods": "110"}
REQUESTS = {"cpu": "100m", "memory": "500Mi"}
DEADLINE_SECONDS = 300


def objects(nodes, pods):
    """Returns nodes with a temperature each, and pending pods."""
    items = []
    for i in range(nodes):
        name = f"node-{i}"
        items.append({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name},
                         "annotations": {"nerdalize/temp": f"{20 + i * 37 % 50}.{i % 10}"}},
            "status": {"capacity": NODE, "allocatable": NODE,
                       "conditions": [{"type": "Ready", "status": "True"}]}})
    for i in range(pods):
        items.append({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"pod-{i}", "namespace": "default"},
            "spec": {"schedulerName": "heat-scheduler",
                     "containers": [{"name": "c", "image": "busybox:1", "resources": {"requests": REQUESTS}}]}})
    return items


def wait_until(condition, what, process):
    """Returns what the condition returned once it is true; raises after the deadline, or if the process ends."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode} before: {what}")
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(what)


def fetch(url):
    """Returns the text at the URL, or nothing while nobody answers. The certificate is self-signed."""
    context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(url, context=context, timeout=5) as reply:
            return reply.read().decode()
    except OSError:
        return ""


def resident_megabytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=10000)
    args = parser.parse_args()

    running = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        try:
            manifest = folder / "cluster.json"
            manifest.write_text(json.dumps(
                {"apiVersion": "v1", "kind": "List", "items": objects(args.nodes, args.pods)}))
            kubeconfig = folder / "kubeconfig"
            log = open(folder / "log", "w")
            cluster = subprocess.Popen(
                [args.bin / "heat-cluster", "--listen", "127.0.0.1:0", "--kubeconfig-out", kubeconfig,
                 "--load", manifest], stdout=log, stderr=log)
            running.append(cluster)
            wait_until(lambda: kubeconfig.exists() and kubeconfig.stat().st_size, "heat-cluster serves", cluster)
            port = free_port()
            start = time.monotonic()
            scheduler = subprocess.Popen(
                [args.bin / "heat-scheduler", "--kubeconfig", kubeconfig, "--bind-address", "127.0.0.1",
                 "--secure-port", str(port), "--extender-listen", "off", "--authorization-always-allow-paths", "/metrics"], stdout=log, stderr=log)
            running.append(scheduler)

            def bound():
                found = re.search(r'^scheduler_schedule_attempts_total\{[^}]*result="scheduled"[^}]*\} (\d+)',
                                  fetch(f"https://127.0.0.1:{port}/metrics"), re.M)
                return found and int(found.group(1)) >= args.pods

            wait_until(bound, f"{args.pods} pods bound", scheduler)
            seconds = time.monotonic() - start
            print(f"{args.nodes} nodes, {args.pods} pods: {args.pods / seconds:.0f} pods/s bound end to end "
                  f"({seconds:.1f} s), heat-scheduler {cpu_seconds(scheduler.pid):.1f} s CPU, "
                  f"{resident_megabytes(scheduler.pid):.0f} MB resident; "
                  f"heat-cluster {cpu_seconds(cluster.pid):.1f} s CPU")
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
