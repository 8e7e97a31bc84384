"""Runs `heat-scheduler extender` as a process, asked over real sockets.

usage: extender_test.py HEAT_SCHEDULER EXAMPLES

It answers on the loopback; beyond it and over TLS only whom it should; what is wrong at the start is told by flag. Whatever comes over its port,
it says what is wrong with that and answers the next one; row 30 of the fault matrix: it answers beside 1,000 connections that are silent and 100
that send a byte now and then. Everything is in a temporary folder, and what was started is stopped whatever happens.
"""

import contextlib
import json
import pathlib
import re
import resource
import socket
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


def raw(extender, sent):
    """Returns the status of the answer to these bytes, 0 if there is none."""
    host, port = extender.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            answer = connection.recv(65536)
            found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
            return int(found[1]) if found else 0
    return 0


def post(body, *fields, length=None, version="1.1"):
    """Returns a request in bytes, with a Host and the length of the body unless they say otherwise."""
    length = len(body) if length is None else length
    lines = [f"POST /heat/filter HTTP/{version}", *fields] + ([f"Content-Length: {length}"] if length != "" else [])
    if not any(field.startswith("Host") for field in fields):
        lines.insert(1, "Host: x")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def bad_inputs(start, examples):
    """Section 6 of what is tried: HTTP and JSON."""
    body = (examples / "nodes-request.json").read_bytes()
    extender = start()
    chunked = "Transfer-Encoding: chunked"
    cases = {
        "GET of a verb": (b"GET /heat/filter HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        "PUT of a verb": (post(body).replace(b"POST", b"PUT"), 405),
        "HTTP/1.0": (post(body, version="1.0"), 200),
        "no Host": (b"POST /heat/filter HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400),
        "two Hosts": (post(body, "Host: a", "Host: b"), 400),
        "length -1": (post(body, length="-1"), 400),
        "length +5": (post(body, length="+5"), 400),
        "two lengths": (post(body, "Content-Length: 1"), 400),
        "a body shorter than its length": (post(body, length=len(body) + 10), 0),
        "length and chunks": (post(body, chunked), 400),
        "chunks": (post(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), chunked, length=""), 200),
        "chunk size -2": (post(b"-2\r\n{}\r\n0\r\n\r\n", chunked, length=""), 400),
        "chunk size of 64 bits": (post(b"ffffffffffffffff\r\n{}", chunked, length=""), 413),
        "a field without colon": (post(body, "Nonsense"), 400),
        "a NUL in a field": (post(body, "X: a\0b"), 400),
        "a field of 100 KB": (post(body, "X: " + "y" * 100_000), 431),
        "10,000 fields": (post(body, *[f"X{i}: y" for i in range(10_000)]), 431),
        "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        "TLS on the plain port": (bytes.fromhex("160301020001fc030300"), 400),
        "no content type": (post(body), 200),
        "another content type": (post(body, "Content-Type: text/html; charset=utf-16"), 200),
        "gzip": (post(b"\x1f\x8b\x08\x00", "Content-Encoding: gzip"), 400),
        "BOM": (post(b"\xef\xbb\xbf" + body), 400),
        "null": (post(b"null"), 400),
        "a list": (post(b"[]"), 400),
        "text": (post(b'"x"'), 400),
        "empty": (post(b""), 400),
        "two documents": (post(b"{}{}"), 400),
        "a comment": (post(b"{} // done"), 400),
        "cut": (post(body[:-5]), 400),
        "deep": (post(b'{"Pod":' + b"[" * 3_000_000), 400),
        "no UTF-8": (post(b'{"Pod":{"metadata":{"name":"\xff"}}}'), 400),
    }
    for name, (sent, status) in cases.items():
        found = raw(extender, sent)
        expect(found == status, f"{name}: {found}")
    full = {"Pod": json.loads(body)["Pod"] if "Pod" in json.loads(body) else json.loads(body)["pod"]}
    node = {"metadata": {"name": "n"}}
    decided = {
        "no pod": {"Nodes": {"items": [node]}},
        "a pod that is null": {"Pod": None, "Nodes": {"items": [node]}},
        "neither form": full,
        "null for both": {**full, "Nodes": None, "NodeNames": None},
        "both forms": {**full, "Nodes": {"items": [node]}, "NodeNames": ["n"]},
        "no nodes": {**full, "Nodes": {"items": []}},
        "a node twice": {**full, "Nodes": {"items": [node, node]}},
        "a million names": {**full, "NodeNames": ["n"] * 1_000_000},
    }
    for name, message in decided.items():
        status, answer = extender.post("/heat/filter", json.dumps(message).encode())
        expect(status == 200 and json.loads(answer)["Error"], f"{name}: {json.loads(answer)['Error']}")
    expect(extender.post("/filter", body)[0] == 200, "after all that it answers")


def crowded(start, examples):
    """Row 30: connections that are silent, or as slow as can be, from many addresses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    body = (examples / "nodes-request.json").read_bytes()
    extender = start()
    host, port = extender.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as connections:
        def connect(number):
            address = f"127.0.0.{2 + number % 22}"
            return connections.enter_context(socket.create_connection((host, int(port)), timeout=30, source_address=(address, 0)))

        for number in range(1000):
            connect(number)
        head = post(body)
        slow = [connect(number) for number in range(100)]
        for sent in range(20):
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.sendall(head[sent:sent + 1])
            expect(extender.post("/filter", body)[0] == 200, f"it answers while {len(slow)} send their {sent + 1}th byte")


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
        bad_inputs(start, examples)
        crowded(start, examples)
        over_tls(start, folder, examples)
        wrong_starts(program, folder)


if __name__ == "__main__":
    main()
