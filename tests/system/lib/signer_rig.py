# SPDX-License-Identifier: Apache-2.0
"""What the test of the signer needs: a log of its own making (RFC 6962), the core's end of the signer, a tally."""
import base64
import hashlib
import json
import os
import socket
import subprocess
import tempfile

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
SHIM = os.path.join(BUILD, "tests/kill/killshim.so")
ORIGIN = "example.com/countersign"
GENERATION = 7
PATIENCE = 20

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)
    return condition


def temporary():
    return tempfile.mkdtemp(prefix="signer.", dir=os.environ.get("TMP"))


def verifies_by_all(note, vkeys, folder):
    """Has the note one signature of each of these keys, and no other?"""
    text, lines = note.split("\n\n")
    lines = lines.splitlines()
    return len(lines) == len(vkeys) and all(any(verifies(f"{text}\n\n{line}\n", vkey, folder) for line in lines) for vkey in vkeys)


def keygen(path, origin=ORIGIN):
    return subprocess.run([os.path.join(BUILD, "countersign"), "keygen", "--log", origin, path], text=True,
                          capture_output=True, check=False)


def verifies(note, vkey, folder):
    """Does the note's one signature verify, as OpenSSL sees it?"""
    text, line = note.split("\n\n")
    name, coded = line.removeprefix("\N{EM DASH} ").split(" ")
    key_name, key_id, key = vkey.split("+", 2)
    key, signature = base64.b64decode(key), base64.b64decode(coded)
    places = {what: os.path.join(folder, what) for what in ("public.der", "text", "signature")}
    for what, data in (("public.der", bytes.fromhex("302a300506032b6570032100") + key[1:]),  # RFC 8410
                       ("text", text.encode() + b"\n"), ("signature", signature[4:])):
        with open(places[what], "wb") as file:
            file.write(data)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", places["public.der"],
                           "-rawin", "-in", places["text"], "-sigfile", places["signature"]],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0 and name == key_name and key[0] == 1 and signature[:4].hex() == key_id


class Log:
    """Leaves, and all that is made of them."""

    def __init__(self, *changed):
        self.hashes = [hashlib.sha256(b"\0entry %d%s" % (i, b" changed" if i in changed else b"")).digest()
                       for i in range(64)]

    def tree(self, begin, end):
        if begin == end:
            return hashlib.sha256().digest()
        if end - begin == 1:
            return self.hashes[begin]
        middle = begin + (1 << (end - begin - 1).bit_length() - 1)
        return hashlib.sha256(b"\1" + self.tree(begin, middle) + self.tree(middle, end)).digest()

    def root(self, size):
        return self.tree(0, size).hex()

    def proof(self, old, size):
        def part(old, begin, end, whole):
            if old == end - begin:
                return [] if whole else [self.tree(begin, end)]
            middle = begin + (1 << (end - begin - 1).bit_length() - 1)
            if old <= middle - begin:
                return part(old, begin, middle, whole) + [self.tree(middle, end)]
            return part(old - (middle - begin), middle, end, False) + [self.tree(begin, middle)]
        return [] if old == 0 or old >= size else [h.hex() for h in part(old, 0, size, True)]

    @staticmethod
    def time(size):
        return 1795608000000 + size * 1000

    def ask(self, old, size, **other):
        return {"size": size, "root": self.root(size), "time": self.time(size), "old": old,
                "proof": self.proof(old, size)} | other

    def text(self, size):
        return "%s\n%d\n%s\n" % (ORIGIN, size, base64.b64encode(bytes.fromhex(self.root(size))).decode())


class Signer:
    """The program under test; we are the core."""

    def __init__(self, folder, key, origin=ORIGIN, environment=None, config=None, secrets=None, successor=None):
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.core.settimeout(PATIENCE)
        self.path = os.path.join(folder, "mark")
        self.log = tempfile.TemporaryFile()
        self.count, self.seed = 0, key.split("+")[-1]
        self.program = subprocess.Popen(
            [os.path.join(BUILD, "signer")], stdin=subprocess.DEVNULL, stderr=self.log, close_fds=True, pass_fds=(3,),
            env=os.environ | (environment or {}), preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True))
        theirs.close()
        self.put({"type": "configure", "generation": GENERATION, "config": config or {"origin": origin, "mark": self.path},
                  "secrets": ({"key": key} | ({"next": successor} if successor else {})) if secrets is None else secrets})

    def put(self, frame, fds=()):
        try:
            socket.send_fds(self.core, [json.dumps(frame).encode()], fds)
        except ConnectionError:
            pass  # it is dead: get() will say so

    def get(self):
        """The next frame, without its generation; {} when there is none because it ended."""
        try:
            data = self.core.recv(1 << 17)
        except (TimeoutError, ConnectionError):
            return {}
        frame = json.loads(data) if data else {"generation": GENERATION}
        if frame.pop("generation", None) != GENERATION:
            check(False, "every frame carries the generation: %s" % frame)
        return frame

    def start(self):
        """Takes `ready` and the mark's event; the latter."""
        self.ready = self.get()
        self.mark = self.get()
        return self

    def send(self, request):
        self.count += 1
        self.put({"type": "send", "id": str(self.count)} | request)
        return str(self.count)

    def ask(self, request):
        """The answer to it; {} when it ended."""
        name = self.send(request)
        frame = self.get()
        if frame and frame.pop("id") != name:
            check(False, "the answers come in the order of the questions: %s" % frame)
        return frame

    def kept(self):
        with open(self.path, "rb") as file:
            return json.loads(file.read())

    def fences(self):
        """What the kernel says of its fences: (no new privileges?, a filter of system calls?)."""
        with open("/proc/%d/status" % self.program.pid, encoding="ascii") as file:
            status = file.read()
        return "NoNewPrivs:\t1\n" in status, "Seccomp:\t2\n" in status

    def printed(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self):
        """Exit code."""
        self.put({"type": "stop"})
        return self.end()

    def end(self):
        try:
            code = self.program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.program.kill()
            code = self.program.wait()
        self.core.close()
        text = self.printed()
        if "Sanitizer" in text or "runtime error" in text or (len(self.seed) > 20 and self.seed in text):
            check(False, "what it prints:\n%s" % text)
        return code

    def kill(self):
        self.program.kill()
        return self.end()
