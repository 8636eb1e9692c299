# SPDX-License-Identifier: Apache-2.0
"""What the test of the slack adapter needs: the core's end of it, a certificate that is not to be trusted, a tally."""
import json
import os
import re
import socket
import subprocess
import tempfile
import time

from slack import APP_TOKEN, BOT_TOKEN, certificate

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
GENERATION = 7
STOP_TIME = 6

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)
    return condition


def temporary():
    return tempfile.mkdtemp(prefix="slack.", dir=os.environ.get("TMP"))


def sign(folder, name):
    """A certificate for that name only, by the authority in the folder: (certificate, key)."""
    place = {what: os.path.join(folder, "slack-" + what) for what in ("ca.pem", "ca.key", "key.pem")}
    csr, ext, cert = (os.path.join(folder, "other." + what) for what in ("csr", "ext", "pem"))
    with open(ext, "w") as file:
        file.write("subjectAltName=DNS:%s\n" % name)
    for words in (["req", "-new", "-key", place["key.pem"], "-subj", "/CN=" + name, "-out", csr],
                  ["x509", "-req", "-in", csr, "-CA", place["ca.pem"], "-CAkey", place["ca.key"], "-CAcreateserial",
                   "-days", "30", "-extfile", ext, "-out", cert]):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, place["key.pem"]


class Adapter:
    """The program under test; we are the core."""

    def __init__(self, slack=None, api=None, ca=None, app_token=APP_TOKEN, bot_token=BOT_TOKEN, **config):
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()
        self.count, self.frames, self.all = 0, [], []
        self.program = subprocess.Popen(
            [os.path.join(BUILD, "slack")], stdin=subprocess.DEVNULL, stderr=self.log, close_fds=True, pass_fds=(3,),
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True))
        theirs.close()
        config = {"api": api or slack.api, "ca": slack.ca if ca is None else ca, "listed": [], "ping": 1, "dead": 3} | config
        self.put({"type": "configure", "generation": GENERATION, "config": config,
                  "secrets": {"app_token": app_token, "bot_token": bot_token}})

    # --- frames ---

    def put(self, frame, document=None):
        fds = []
        if document is not None:
            fds = [os.memfd_create("document")]
            os.write(fds[0], json.dumps(document).encode())
        socket.send_fds(self.core, [json.dumps(frame).encode()], fds)
        for fd in fds:
            os.close(fd)

    def read(self, timeout):
        """Takes one more frame in; False when none comes."""
        self.core.settimeout(max(timeout, 0.001))
        try:
            data, fds, _, _ = socket.recv_fds(self.core, 1 << 17, 3)
        except (TimeoutError, ConnectionError, BlockingIOError):
            return False
        if not data:
            return False
        frame = json.loads(data)
        if frame.get("generation") != GENERATION:
            check(False, "every frame carries the generation: %s" % frame)
        if fds:
            frame["content"] = os.pread(fds[0], 1 << 26, 0)
        for fd in fds:
            os.close(fd)
        self.frames.append(frame)
        self.all.append(data.decode())
        return True

    def find(self, wanted, timeout=10):
        """The first frame that is wanted; others stay for later.  None when it does not come."""
        end = time.monotonic() + timeout
        seen = 0
        while True:
            while seen < len(self.frames):
                if wanted(self.frames[seen]):
                    return self.frames.pop(seen)
                seen += 1
            left = end - time.monotonic()
            if left <= 0 or not self.read(left):
                if time.monotonic() >= end or self.program.poll() is not None:
                    return None

    def ready(self):
        frame = self.find(lambda f: True)
        check(frame == {"type": "ready", "generation": GENERATION}, "ready comes first (%s)" % frame)
        return self

    def notice(self, code, timeout=10):
        return self.find(lambda f: f.get("kind") == "notice" and f["code"] == code, timeout)

    def envelope(self, id=None, timeout=10):
        return self.find(lambda f: f.get("kind") == "envelope" and id in (None, f["id"]), timeout)

    def done(self, id, reply=None):
        self.put({"type": "done", "id": id} | ({"reply": reply} if reply is not None else {}))

    def send(self, method, args=None, deadline=None, **more):
        self.count += 1
        name = "row-%d" % self.count
        self.put({"type": "send", "id": name} | ({"deadline": deadline} if deadline else {}),
                 {"method": method, "args": (args or {}) | more})
        return name

    def answer(self, name, timeout=20):
        return self.find(lambda f: f["type"] in ("sent", "failed") and f["id"] == name, timeout) or {}

    def call(self, method, args=None, **more):
        return self.answer(self.send(method, args, **more))

    # --- the end ---

    def printed(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self):
        """Exit code and seconds."""
        begin = time.monotonic()
        try:
            self.put({"type": "stop"})
        except OSError:
            pass
        while self.read(15):
            pass
        try:
            code = self.program.wait(15)
        except subprocess.TimeoutExpired:
            self.program.kill()
            code = self.program.wait()
        self.core.close()
        return code, time.monotonic() - begin

    def end(self, what):
        code, took = self.stop()
        check(code == 0 and took < STOP_TIME, "%s: it stops within %d s (code %s, %.2f s)" % (what, STOP_TIME, code, took))
        log = self.printed()
        if code != 0:
            print(log)
        secrets = [secret for secret in (APP_TOKEN, BOT_TOKEN, "ticket=", "/upload/", "Bearer") if secret in log + "".join(self.all)]
        check(not secrets, "%s: no secret in its log or its frames (%s)" % (what, secrets))
        return log


def pss(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))
