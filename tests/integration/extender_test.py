"""Runs `heat-scheduler extender` as a process, asked over real sockets.

usage: extender_test.py HEAT_SCHEDULER EXAMPLES

It answers on the loopback; beyond it and over TLS only whom it should; and what is wrong at the start is told by flag. Everything is in a
temporary folder, and what was started is stopped whatever happens.
"""

import contextlib
import json
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

START_SECONDS = 30


def expect(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")
    print(f"ok: {what}")


class Extender:
    """One that serves, on a free port."""

    def __init__(self, folder, program, *arguments):
        self.log = pathlib.Path(folder, f"extender-{time.monotonic_ns()}.log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program, "extender", "--listen", "127.0.0.1:0", *arguments], stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not (served := re.search(r'url="([^"]+)"', self.log.read_text(encoding="utf-8"))):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the extender does not serve: {self.log.read_text(encoding='utf-8')}")
            time.sleep(0.02)
        self.url = served[1]

    def post(self, path, body, context=None, headers=()):
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json", **dict(headers)})
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def stop(self):
        self.process.terminate()
        return self.process.wait(10)


def refused(program, *arguments):
    """Returns what a start with these arguments says, which has to fail."""
    done = subprocess.run([program, "extender", *arguments], capture_output=True, text=True, timeout=START_SECONDS, check=False)
    expect(done.returncode == 1, f"{' '.join(arguments)} is refused")
    return done.stderr


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """Makes ca.pem, and server.pem and client.pem of it with their keys."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl(folder, "req", *key, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out",
                f"{name}.csr")
        openssl(folder, "x509", "-req", "-days", "2", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy",
                "-in", f"{name}.csr", "-out", f"{name}.pem")


def on_the_loopback(start, examples):
    body = (examples / "nodes-request.json").read_bytes()
    extender = start()
    status, answer = extender.post("/filter", body)
    expect(status == 200 and [node["metadata"]["name"] for node in json.loads(answer)["Nodes"]["items"]] == ["pi-2"],
           "the coolest node comes back alone")
    status, answer = extender.post("/heat/prioritize", body)
    expect(status == 200 and {one["Host"]: one["Score"] for one in json.loads(answer)} == {"pi-1": 7, "pi-2": 10, "pi-3": 0},
           "nodes are scored")
    expect("nodeCacheCapable" in json.loads(extender.post("/filter", (examples / "names-request.json").read_bytes())[1])["Error"],
           "nodes by name need an API server")
    expect(extender.post("/filter", b" " * ((64 << 20) + 1))[0] in (0, 413), "a body above 64 MiB is refused")
    expect(extender.post("/filter", b"{}")[0] == 200, "and the next one is answered")
    expect(extender.stop() == 0, "it stops when asked")
    limited = start("--config", str(examples / "heat-limit.yaml"))
    expect(json.loads(limited.post("/heat/filter", body)[1])["FailedAndUnresolvableNodes"] == {"pi-3": "node(s) were hotter than 50 C"},
           "the profile of a configuration has its limit")


def over_tls(start, folder, examples):
    make_certificates(folder)
    extender = start("--tls-cert-file", str(folder / "server.pem"), "--tls-private-key-file", str(folder / "server.key"),
                     "--client-ca-file", str(folder / "ca.pem"))
    body = (examples / "nodes-request.json").read_bytes()
    stranger = ssl.create_default_context(cafile=folder / "ca.pem")
    expect(extender.post("/filter", body, stranger)[0] == 0, "a client without a certificate gets no answer")
    known = ssl.create_default_context(cafile=folder / "ca.pem")
    known.load_cert_chain(folder / "client.pem", folder / "client.key")
    expect(extender.post("/filter", body, known)[0] == 200, "one with a certificate does")


def wrong_starts(program, folder):
    expect("--insecure" in refused(program, "--listen", "0.0.0.0:0"), "it says what to do")
    expect("HOST:PORT" in refused(program, "--listen", "here"), "it says what an address is")
    expect("no.pem" in refused(program, "--listen", "127.0.0.1:0", "--tls-cert-file", str(folder / "no.pem"), "--tls-private-key-file",
                               str(folder / "no.key")), "it names the file that is missing")
    config = folder / "pods.yaml"
    config.write_text("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- schedulerName: all\n",
                      encoding="utf-8")
    said = refused(program, "--config", str(config))
    expect('of profile "all" reads the pods on nodes' in said, "it names the plugin that reads pods")


def main():
    program, examples = sys.argv[1], pathlib.Path(sys.argv[2])
    with contextlib.ExitStack() as cleanup:
        folder = pathlib.Path(cleanup.enter_context(tempfile.TemporaryDirectory()))

        def start(*arguments):
            extender = Extender(folder, program, *arguments)
            cleanup.callback(lambda: extender.process.poll() is None and extender.stop())
            return extender

        on_the_loopback(start, examples)
        over_tls(start, folder, examples)
        wrong_starts(program, folder)


if __name__ == "__main__":
    main()
