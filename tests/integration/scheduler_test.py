"""Runs heat-scheduler on a heat-cluster, as a process.

usage: scheduler_test.py metrics HEAT_CLUSTER HEAT_SCHEDULER PROMTOOL
       scheduler_test.py signals HEAT_CLUSTER HEAT_SCHEDULER
       scheduler_test.py training HEAT_CLUSTER HEAT_SCHEDULER POLICY

metrics: promtool has nothing to say against /metrics and /metrics/resources, which nobody reads without the token; the list of pending
pods shows what waits. signals: row 45 of the fault matrix, with 200 bindings in flight. training: the ancestor's deployment, its flags, its
ConfigMap and an extender on a port of its own; and row 44, what becomes of a ConfigMap that changes. Everything is in a temporary folder, and what was
started is stopped whatever happens.
"""

import contextlib
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

START_SECONDS = 30
PODS = 200


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=START_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Cluster:
    """A heat-cluster with ten nodes."""

    def __init__(self, folder, program):
        self.kubeconfig = folder / "kubeconfig"
        self.log = open(folder / "heat-cluster.log", "w", encoding="utf-8")
        self.process = subprocess.Popen([program, "--nodes", "10", "--kubeconfig-out", self.kubeconfig], stderr=self.log)
        wait_until(self.kubeconfig.exists, "heat-cluster serves")
        text = self.kubeconfig.read_text()
        self.url = re.search(r"server: (\S+)", text)[1]
        self.token = re.search(r'token: "(\w+)"', text)[1]

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def add_pods(self, count, name="web", cpu="10m"):
        for number in range(count):
            container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}
            self.ask("/api/v1/namespaces/default/pods",
                     {"metadata": {"name": f"{name}-{number}"}, "spec": {"schedulerName": "heat-scheduler", "containers": [container]}})

    def bound(self):
        pods = self.ask("/api/v1/namespaces/default/pods")["items"]
        return sum("nodeName" in pod["spec"] for pod in pods)

    def node_of(self, pod):
        return self.ask(f"/api/v1/namespaces/default/pods/{pod}")["spec"].get("nodeName", "")

    def put_config_map(self, policy):
        """Makes the ancestor's ConfigMap what its deployment has, but for the policy."""
        made = {"metadata": {"name": "scheduler-config", "namespace": "kube-system"}, "data": {"policy.cfg": policy}}
        path = "/api/v1/namespaces/kube-system/configmaps"
        try:
            self.ask(f"{path}/scheduler-config", made, "PUT")
        except urllib.error.HTTPError:
            self.ask(path, made)

    def holder(self):
        try:
            lease = self.ask("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/heat-scheduler")
        except urllib.error.HTTPError:
            return ""
        return lease["spec"].get("holderIdentity", "")


class Scheduler:
    """A heat-scheduler that leads."""

    def __init__(self, folder, program, cluster, *flags):
        self.port = free_port()
        self.log_file = folder / f"heat-scheduler-{self.port}.log"
        self.log = open(self.log_file, "w", encoding="utf-8")
        self.process = subprocess.Popen([program, "--kubeconfig", cluster.kubeconfig, "--bind-address", "127.0.0.1", "--secure-port",
                                         str(self.port), "--extender-listen", "off", *flags], stderr=self.log)
        wait_until(lambda: self.get("/readyz")[0] == 200, "heat-scheduler is ready")
        if "--leader-elect=false" not in flags:
            wait_until(cluster.holder, "heat-scheduler leads")

    def says(self, text):
        wait_until(lambda: text in self.log_file.read_text(encoding="utf-8"), f"heat-scheduler says: {text}")

    def get(self, path, token=None):
        context = ssl._create_unverified_context()  # It makes its own certificate.
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}",
                                         headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ends(self, seconds):
        """Returns the exit status, and fails if it has not ended in time."""
        begin = time.monotonic()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            sys.exit(f"heat-scheduler has not ended within {seconds} s")
        return status, time.monotonic() - begin


def expect(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")
    print(f"ok: {what}")


def metrics(start_cluster, start_scheduler, scheduler_program, promtool):
    cluster = start_cluster()
    scheduler = start_scheduler(cluster)
    cluster.add_pods(3)
    cluster.add_pods(1, "large", "1k")
    wait_until(lambda: cluster.bound() == 3, "the pods are bound")
    expect(scheduler.get("/metrics")[0] == 403, "nobody in particular may not read the metrics")
    expect(scheduler.get("/metrics", "wrong")[0] == 401, "a wrong token is nobody's")
    for path, family in (("/metrics", "scheduler_pending_pods"), ("/metrics/resources", "kube_pod_resource_request")):
        status, text = scheduler.get(path, cluster.token)
        expect(status == 200 and family in text, f"{path} is served to who has the token")
        check = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, check=False)
        expect(check.returncode == 0, f"promtool check metrics: {check.stdout}{check.stderr}")
    shown = subprocess.run([scheduler_program, "pending", "--kubeconfig", cluster.kubeconfig, "--insecure-skip-tls-verify", "--server",
                            f"https://127.0.0.1:{scheduler.port}"], text=True, capture_output=True, check=False)
    lines = shown.stdout.splitlines()
    expect(shown.returncode == 0 and len(lines) == 2 and lines[1].startswith("default     large-0   unschedulable   1"),
           f"the pod that fits nowhere is pending: {shown.stdout}{shown.stderr}")
    expect(lines[1].endswith("NodeResourcesFit"), "for want of room")


def with_bindings_in_flight(cluster, scheduler):
    """Has the scheduler send all its bindings to a server that says no more."""
    scheduler.process.send_signal(signal.SIGSTOP)
    cluster.add_pods(PODS)
    time.sleep(0.5)  # For the events to reach its sockets; fewer bindings in flight would do as well.
    cluster.process.send_signal(signal.SIGSTOP)
    scheduler.process.send_signal(signal.SIGCONT)
    # It answers no request that needs the API server; /readyz needs none.
    wait_until(lambda: scheduler.get("/readyz")[0] == 200, "heat-scheduler goes on")
    time.sleep(0.5)


def signals(start_cluster, start_scheduler, _scheduler_program):
    cluster = start_cluster()
    scheduler = start_scheduler(cluster)
    for nothing in (signal.SIGPIPE, signal.SIGHUP):
        scheduler.process.send_signal(nothing)
        expect(scheduler.get("/livez")[0] == 200, f"{nothing.name} is nothing to it")
    scheduler.process.send_signal(signal.SIGINT)
    status, seconds = scheduler.ends(10)
    expect(status == 0 and seconds < 5, f"SIGINT: status {status} after {seconds:.1f} s")
    expect(cluster.holder() == "", "the lease is released")

    scheduler = start_scheduler(cluster)
    with_bindings_in_flight(cluster, scheduler)
    scheduler.process.send_signal(signal.SIGTERM)
    status, seconds = scheduler.ends(10)
    expect(status == 0 and seconds < 6, f"SIGTERM without answers: status {status} after {seconds:.1f} s")
    cluster.process.send_signal(signal.SIGCONT)

    scheduler = start_scheduler(cluster)
    # Its lease was not released: it has to run out first.
    wait_until(lambda: cluster.bound() == PODS, "the next start binds what was left")

    cluster.process.send_signal(signal.SIGSTOP)
    scheduler.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)  # Two at once would be one; the release of the lease waits for an answer meanwhile.
    scheduler.process.send_signal(signal.SIGTERM)
    status, seconds = scheduler.ends(10)
    expect(status == 1 and seconds < 1, f"a second SIGTERM ends it: status {status} after {seconds:.1f} s")
    cluster.process.send_signal(signal.SIGCONT)


def training(start_cluster, start_scheduler, scheduler_program, policy):
    cluster = start_cluster()
    extender_port, probe_port = free_port(), free_port()
    text = pathlib.Path(policy).read_text(encoding="utf-8").replace("127.0.0.1:8100", f"127.0.0.1:{extender_port}")
    cluster.put_config_map(text)
    extender = subprocess.Popen([scheduler_program, "extender", "--listen", f"127.0.0.1:{extender_port}"])
    try:
        scheduler = start_scheduler(cluster, "--address=127.0.0.1", f"--port={probe_port}", "--scheduler-name=heat-scheduler",
                                    "--policy-configmap=scheduler-config", "--policy-configmap-namespace=kube-system",
                                    "--leader-elect=false")
        for flag in ("--address", "--port", "--scheduler-name", "--policy-configmap"):
            scheduler.says(f"{flag} is deprecated")
        with urllib.request.urlopen(f"http://127.0.0.1:{probe_port}/healthz", timeout=30) as answer:
            expect(answer.read() == b"ok", "the old probe is answered")
        cluster.add_pods(1, "podpi")
        wait_until(lambda: cluster.node_of("podpi-0"), "a pod is placed")
        nodes = cluster.ask("/api/v1/nodes")["items"]
        coolest = min(nodes, key=lambda node: float(node["metadata"]["annotations"]["nerdalize/temp"]))["metadata"]["name"]
        expect(cluster.node_of("podpi-0") == coolest, f"it is on {coolest}, the coolest node")

        cluster.put_config_map(text.replace("PodFitsResources", "PodFitsResource"))
        scheduler.process.send_signal(signal.SIGHUP)
        scheduler.says("The configuration has changed and cannot be used, the one before stays in force")
        scheduler.says("PodFitsResource")
        cluster.add_pods(1, "during")
        wait_until(lambda: cluster.node_of("during-0") == coolest, "it goes on by the policy before")

        extender.terminate()
        extender.wait(20)
        without = json.loads(text)
        del without["extenders"]
        cluster.put_config_map(json.dumps(without))
        scheduler.process.send_signal(signal.SIGHUP)
        scheduler.says("Taking up the configuration that has changed")
        cluster.add_pods(1, "after")
        wait_until(lambda: cluster.node_of("after-0"), "it goes on by the new policy, without the extender")
        scheduler.process.send_signal(signal.SIGTERM)
        expect(scheduler.ends(10)[0] == 0, "it ends as ever")
    finally:
        extender.terminate()
        extender.wait(20)


def main():
    what, cluster_program, scheduler_program, *rest = sys.argv[1:]
    started = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def start_cluster():
            cluster = Cluster(folder, cluster_program)
            started.append(cluster.process)
            return cluster

        def start_scheduler(cluster, *flags):
            scheduler = Scheduler(folder, scheduler_program, cluster, *flags)
            started.append(scheduler.process)
            return scheduler

        try:
            {"metrics": metrics, "signals": signals, "training": training}[what](start_cluster, start_scheduler, scheduler_program, *rest)
        finally:
            for process in reversed(started):
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait(20)


if __name__ == "__main__":
    main()
