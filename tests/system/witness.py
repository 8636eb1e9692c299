#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""witness.py - `countersign witness`, whole: its six answers over HTTP, its memory over restarts and kills, many clients
at once and slow ones."""
import concurrent.futures
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from tree import Log  # noqa: E402

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
TMP = os.environ.get("TMP") or "/tmp/witness-test"
PATIENCE = 30
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Witness:
    def __init__(self, logs):
        self.folder, self.port, self.program = "%s/w" % TMP, free_port(), None
        os.makedirs("%s/state" % self.folder)
        made = subprocess.run([f"{BUILD}/countersign", "witness", "keygen", "witness.example/w1",
                               f"{self.folder}/key"], capture_output=True, check=True)
        self.key = made.stdout.decode().strip()
        with open(f"{self.folder}/witness.yaml", "w", encoding="ascii") as file:
            file.write(f'listen: "127.0.0.1:{self.port}"\nstate: state\nname: witness.example/w1\n'
                       f"key: file:key\nlogs:\n" + "".join(f"  - {log.vkey}\n" for log in logs))

    def start(self, env=None):
        self.log = open(f"{self.folder}/log", "ab")
        self.program = subprocess.Popen([f"{BUILD}/countersign", "witness", "--config", f"{self.folder}/witness.yaml"],
                                        stdin=subprocess.DEVNULL, stderr=self.log, env={**os.environ, **(env or {})})
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.program.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                time.sleep(0.02)
        return self

    def stop(self, how=signal.SIGTERM):
        self.program.send_signal(how)
        return self.program.wait(PATIENCE)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, body, path="/add-checkpoint", method="POST", connection=None):
        """Status, type and text of the answer."""
        c = connection or self.connect()
        c.request(method, path, body)
        answer = c.getresponse()
        text = answer.read().decode()
        if connection is None:
            c.close()
        return answer.status, answer.getheader("Content-Type"), text

    def add(self, log, old, size, **more):
        return self.ask(log.request(old, size), **more)

    def text(self):
        with open(f"{self.folder}/log", encoding="utf-8") as file:
            return file.read()


def is_cosigned(answer, witness, log, size):
    """By another program's eyes: OpenSSL checks the cosignature over the log's head."""
    return answer[0] == 200 and log.cosignature_holds(answer[2], witness.key, size)


def six_answers(w, log, other):
    check(is_cosigned(w.add(log, 0, 8), w, log, 8), "200: the first head of a log, cosigned as OpenSSL has it")
    check(w.add(log, 0, 20) == (409, "text/x.tlog.size", "8\n"), "409: from another size, which it tells")
    check(w.add(log, 9, 20) == (409, "text/x.tlog.size", "8\n"), "409: from a size it has not seen")
    check(is_cosigned(w.add(log, 8, 20), w, log, 20), "200: the next one, with its proof")
    check(is_cosigned(w.add(log, 20, 20), w, log, 20), "200: the same again")
    check(w.add(log, 8, 8)[0] == 409, "409: back to the smaller one")
    check(w.ask(log.request(20, 8))[0] == 400, "400: an old size above the checkpoint's")
    check(w.ask(b"hello")[0] == 400, "400: what is no request")
    check(w.ask(log.request(20, 21).replace(b"\n\n", b"\r\n\r\n"))[0] == 400, "400: with CR LF")
    check(w.ask(log.request(20, 21, signer=other))[0] == 403, "403: another's signature")
    check(w.ask(Log("example.org/unknown").request(0, 3))[0] == 404, "404: another's log")
    check(w.ask(log.request(20, 21, proof=log.proof(8, 20)))[0] == 422, "422: the proof of something else")
    check(w.ask(log.request(20, 21, proof=[]))[0] == 422, "422: no proof")
    fork = log.fork(15)
    check(w.ask(fork.request(20, 20))[:2] == (409, "text/x.tlog.size"), "409: another tree of the same size")
    check("two trees" in w.text(), "and the log says so")
    name = hashlib.sha256(log.origin.encode()).hexdigest()
    with open(f"{w.folder}/state/{name}.fork", "rb") as file:
        check(file.read() == fork.signed(20), "and the proof of it is kept")
    check(w.ask(fork.request(20, 25))[0] == 422, "422: what that tree became")
    check(is_cosigned(w.add(other, 0, 5), w, other, 5), "200: another log, which has its own memory")
    check(w.add(other, 0, 5)[2] == "5\n" and w.add(log, 0, 20)[2] == "20\n", "409: each has its own size")


def not_the_protocol(w, log):
    check(w.ask(None, method="GET")[0] == 405, "405: GET")
    check(w.ask(log.request(0, 1), path="/other")[0] == 404, "404: another path")
    check(w.ask(b"old 0\n" + b"x" * 200000)[0] == 413, "413: a request that is too large")
    with socket.create_connection(("127.0.0.1", w.port)) as s:
        s.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        check(b" 411 " in s.recv(4096), "411: a request that does not say its length")
    c = w.connect()
    codes = [w.add(log, 20, 20, connection=c)[0] for _ in range(3)]
    check(codes == [200, 200, 200], "a connection serves several requests (%s)" % codes)
    c.close()


def memory(w, log):
    check(w.stop() == 0, "SIGTERM ends it with 0")
    w.start()
    check(w.add(log, 0, 30)[2] == "20\n", "it remembers over a restart")
    second = subprocess.run([f"{BUILD}/countersign", "--config", f"{w.folder}/witness.yaml", "witness"],
                            capture_output=True, timeout=PATIENCE, check=False)
    check(second.returncode == 75 and b"another witness" in second.stderr, "a second one does not start beside it")
    check(is_cosigned(w.add(log, 20, 30), w, log, 30), "it goes on")
    w.stop(signal.SIGKILL)
    w.start()
    check(w.add(log, 0, 31)[2] == "30\n", "it remembers over a SIGKILL right after its answer")
    w.stop()
    name = f"{w.folder}/state/{hashlib.sha256(log.origin.encode()).hexdigest()}.checkpoint"
    with open(name, "rb") as file:
        good = file.read()
    with open(name, "wb") as file:
        file.write(good.replace(b"\n30\n", b"\n29\n"))
    w.start()
    check(w.program.wait(PATIENCE) == 65 and name in w.text(), "a memory that was changed is refused by name")
    with open(name, "wb") as file:
        file.write(good)
    os.mkdir(f"{name}.new")  # nothing can be written there
    w.start()
    check(w.add(log, 30, 31)[0] == 500, "500: what cannot be kept is not cosigned")
    check(w.program.wait(PATIENCE) == 73, "and the witness ends, to look at its disk afresh")
    os.rmdir(f"{name}.new")
    w.start()
    check(w.add(log, 0, 31)[2] == "30\n", "it never said what it did not keep")


def many(w, log):
    """One of all those who come with a next head may be first; nobody waits for ever, and none is contradicted."""
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: (n, w.add(log, 30, n)), [31 + n % 24 for n in range(96)]))
    won = {n for n, a in answers if a[0] == 200}
    check(len(won) == 1 and all(a[0] in (200, 409) for _, a in answers), "of 96 at once one head wins (%s)" % won)
    size = won.pop()
    check(all(a[2] == "%d\n" % size for n, a in answers if a[0] == 409 and a[2] != "30\n"), "and all hear of it")
    return size


def slow_ones(w, log, size):
    crowd = [socket.create_connection(("127.0.0.1", w.port)) for _ in range(300)]
    for i, s in enumerate(crowd):
        try:
            s.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n" +
                      (b"Content-Length: 500\r\n\r\nold 0\n" if i % 2 else b""))
        except OSError:
            pass
    begin = time.monotonic()
    answer = w.add(log, size, size)
    took = time.monotonic() - begin
    check(answer[0] == 200 and took < 5, "300 who never finish do not keep out one who does (%.2f s)" % took)
    for s in crowd:
        s.close()


def kills(w, log, size):
    """Killed before every step that it takes on the way to an answer, it comes back with the old mark or the new one,
    and with the new one whenever it answered."""
    shim = f"{BUILD}/tests/kill/killshim.so"
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    w.stop()
    at, answered, died, right = 0, 0, 0, True
    while not answered and at < 60:
        at += 1
        w.start({"LD_PRELOAD": shim, "KILL_AT": str(at), "ASAN_OPTIONS": sanitizer})
        try:
            answered = w.add(log, size, size + 1)[0] == 200
        except (OSError, http.client.HTTPException):
            died += 1
        if w.program.poll() is None:
            w.stop(signal.SIGKILL)
        w.program.wait(PATIENCE)
        w.start()
        there = int(w.add(log, 1, size + 1)[2])
        right = right and there in (size, size + 1) and (not answered or there == size + 1)
        if there == size + 1 and not answered:
            answered = is_cosigned(w.add(log, there, there), w, log, there)
            size, answered = there, False
        elif answered:
            size = there
        w.stop()
    check(right and died > 2 and answered, "killed at each of %d steps: the old mark or the new one" % died)
    w.start()


def main():
    shutil.rmtree(f"{TMP}/w", ignore_errors=True)
    log, other = Log("example.com/countersign"), Log("example.org/second")
    w = Witness([log, other]).start()
    try:
        six_answers(w, log, other)
        not_the_protocol(w, log)
        memory(w, log)
        size = many(w, log)
        slow_ones(w, log, size)
        kills(w, log, size)
    finally:
        if w.program.poll() is None:
            check(w.stop() == 0, "it ends with 0")
    text = w.text()
    check("Sanitizer" not in text and "runtime error" not in text, "no sanitizer complained")
    check("PRIVATE" not in text, "no secret in the log")
    if failures:
        print(text[-4000:])
    return 1 if failures else 0


sys.exit(main())
