#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""anchor.py - the anchor adapter, whole: what a real witness and others answer, comes back to the core as it was."""
import base64
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ.get("BUILD") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build")
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)


class Outside(http.server.ThreadingHTTPServer):
    """Answers by the path: /409, /bytes, /echo and the like; never when it is /never."""
    daemon_threads = True

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.server.seen.append((self.path, self.headers["Content-Type"], body))
                if self.path == "/never":
                    self.server.release.wait(60)
                    return
                status, answer = {"/409": (409, b"20\n"), "/bytes": (200, bytes(range(256))), "/redirect": (302, b""),
                                  "/large": (200, b"x" * 100000),
                                  "/controls": (200, b"\1" * 24000), "/quotes": (200, b'"' * 24000)}.get(self.path, (200, body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                if status == 302:
                    self.send_header("Location", "/echo")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.release = [], threading.Event()
        self.url = "http://127.0.0.1:%d" % self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *arguments):
        pass


class Adapter:
    """The program under test; we are the core."""

    def __init__(self):
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.core.settimeout(30)
        self.log = tempfile.TemporaryFile()
        self.program = subprocess.Popen([f"{BUILD}/anchor"], stdin=subprocess.DEVNULL, stderr=self.log, pass_fds=(3,),
                                        preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True))
        theirs.close()
        self.put({"type": "configure", "generation": 3, "config": {"ca": ""}, "secrets": {}})
        check(self.get() == {"type": "ready", "generation": 3}, "the adapter is ready")

    def put(self, frame, content=None):
        fds = [] if content is None else [os.memfd_create("body")]
        for fd in fds:
            os.write(fd, content)
        socket.send_fds(self.core, [json.dumps(frame).encode()], fds)
        for fd in fds:
            os.close(fd)

    def get(self):
        data = self.core.recv(1 << 17)
        return json.loads(data) if data else None

    def send(self, name, url, content=None, **more):
        self.put({"type": "send", "id": name, "url": url, **more}, content)

    def ask(self, name, url, content=None, **more):
        self.send(name, url, content, **more)
        frame = self.get()
        check(frame["id"] == name and frame.pop("generation") == 3, f"the answer names the question {name}")
        return frame

    def stop(self):
        begin = time.monotonic()
        self.put({"type": "stop"})
        code = self.program.wait(30)
        self.log.seek(0)
        return code, time.monotonic() - begin, self.log.read().decode()


def main():
    outside, a = Outside(), Adapter()
    request = "old 0\n\nexample.com/l\u00f6g\n"
    check(a.ask("1", outside.url + "/echo", body=request) ==
          {"type": "sent", "id": "1", "status": 200, "body": request}, "text goes out and comes back")
    large = ("old 0\n" + "x" * 20000).encode()
    frame = a.ask("2", outside.url + "/echo", large, content_type="application/octet-stream")
    check(frame["body"].encode() == large and outside.seen[-1][1] == "application/octet-stream",
          "a body in a descriptor, with its type")
    check(a.ask("3", outside.url + "/409", body="x") == {"type": "sent", "id": "3", "status": 409, "body": "20\n"},
          "a refusal is an answer")
    check(base64.b64decode(a.ask("4", outside.url + "/bytes", body="x")["base64"]) == bytes(range(256)),
          "bytes that are no text come back in base64")
    check(base64.b64decode(a.ask("4a", outside.url + "/controls", body="x")["base64"]) == b"\1" * 24000 and
          a.ask("4b", outside.url + "/quotes", body="x")["body"] == '"' * 24000, "whatever it is, it fits into a frame")
    check(a.ask("5", outside.url + "/redirect", body="x")["status"] == 302, "nobody is sent elsewhere")
    frame = a.ask("6", outside.url + "/large", body="x")
    check((frame["type"], frame["permanent"]) == ("failed", False) and "too large" in frame["why"],
          "an answer that is too large fails")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    frame = a.ask("7", f"http://127.0.0.1:{port}/x", body="x")
    check((frame["type"], frame["permanent"], frame["retry_after"]) == ("failed", False, 60), f"nobody is there: {frame}")
    frame = a.ask("8", "http://192.0.2.1/x", body="x")
    check(frame["type"] == "failed" and frame["permanent"] and "this machine" in frame["why"],
          "in clear only on this machine")
    other_name = outside.url.replace("127.0.0.1", "0.0.0.0") + "/echo"  # leads here, and is no loopback address
    check(a.ask("8a", other_name, body="x")["type"] == "failed" and a.ask("8b", other_name, body="x", plain=True)["status"] == 200,
          "or anywhere, where the answer proves itself")
    check(a.ask("9", "ftp://127.0.0.1/x", body="x")["permanent"], "not by other protocols")
    check(a.ask("10", outside.url + "/echo")["permanent"], "a question without a body")
    check(a.ask("11", outside.url + "/echo", b"x", body="x")["permanent"], "a question with two")
    for i in range(2):
        a.send("never%d" % i, outside.url + "/never", body="x")
    other = Outside()
    begin = time.monotonic()
    check(a.ask("12", other.url + "/echo", body="x")["status"] == 200 and time.monotonic() - begin < 5,
          "one who never answers holds up nobody else")
    code, took, log = a.stop()
    outside.release.set()
    check(code == 0 and took < 5, f"it stops at once ({code}, {took:.2f} s)")
    check("Sanitizer" not in log and "runtime error" not in log, "no sanitizer complained")
    if failures:
        print(log)
    return 1 if failures else 0


sys.exit(main())
