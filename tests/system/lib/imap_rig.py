# SPDX-License-Identifier: Apache-2.0
"""What the tests of the imap adapter share: the core's end of the adapter, the rig and its mailboxes."""
import imaplib
import json
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
RIG = os.environ.get("RIG") or os.path.join(SOURCE, "tests/rig/rig.sh")

# Stands for the limit on the address space, which a program built with the sanitizer cannot have.
ASAN_OPTIONS = os.environ.get("ASAN_OPTIONS", "") + ":max_allocation_size_mb=2048:allocator_may_return_null=1"

with open(os.path.join(BUILD, "imap"), "rb") as program:
    SANITIZED = b"__asan_init" in program.read()
PATIENCE = 3 if SANITIZED else 1  # by which times are stretched: such a program is slow, above all at its end
STOP_TIME = 2 * PATIENCE

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)


class Adapter:
    """The program under test on a socketpair; we are the core."""
    generation = 40

    def __init__(self, url, tls="required", user="licensing", ca="", secrets=None, **more):
        Adapter.generation += 1
        self.generation = Adapter.generation
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()
        self.notices = []
        self.program = subprocess.Popen(
            [os.path.join(BUILD, "imap")], stdin=subprocess.DEVNULL, stderr=self.log, close_fds=True, pass_fds=(3,),
            env=os.environ | {"ASAN_OPTIONS": ASAN_OPTIONS},
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True))
        theirs.close()
        config = {"url": url, "tls": tls, "user": user, "folder": "INBOX", "processed": "Processed", "ca": ca,
                  "max_size": 1 << 20, "idle": 300}
        config.update(more)
        self.put({"type": "configure", "generation": self.generation, "config": config,
                  "secrets": secrets or {"password": "pw-" + user}})

    def put(self, frame):
        self.core.send(json.dumps(frame).encode())

    def done(self, *ids):
        for id in ids:
            self.put({"type": "done", "id": id})

    def get(self, timeout=20):
        """The next frame, with the content of its descriptor under "bytes"; None when nothing comes."""
        self.core.settimeout(timeout)
        try:
            data, fds, _, _ = socket.recv_fds(self.core, 1 << 17, 3)
        except (TimeoutError, ConnectionError):
            return None
        if not data:
            return None
        frame = json.loads(data)
        if frame.get("generation") != self.generation:
            check(False, "every frame carries the generation: %s" % frame)
        for fd in fds:
            frame["bytes"] = os.pread(fd, os.fstat(fd).st_size, 0)
            os.close(fd)
        if frame.get("kind") == "notice":
            self.notices.append(frame)
        return frame

    def mails(self, count, timeout=20, answer=False):
        """Up to `count` events of kind mail; with `answer`, each is told done at once."""
        mails, end = [], time.monotonic() + timeout
        while len(mails) < count and time.monotonic() < end:
            frame = self.get(max(0.01, end - time.monotonic()))
            if frame is None:
                break
            if frame.get("kind") == "mail":
                mails.append(frame)
                if answer:
                    self.done(frame["id"])
        return mails

    def notice(self, code, timeout=20):
        """The first notice of this code, or None."""
        end = time.monotonic() + timeout
        while True:
            for notice in self.notices:
                if notice["code"] == code:
                    return notice
            if time.monotonic() > end or (self.get(max(0.01, end - time.monotonic())) is None and not self.alive()):
                return None

    def alive(self):
        return self.program.poll() is None

    def stop(self):
        """Ends it as the core does; its exit code and how long it took."""
        begin = time.monotonic()
        self.put({"type": "stop"})
        while self.program.poll() is None and time.monotonic() - begin < 10:
            self.get(0.05)
        if self.program.poll() is None:
            self.program.kill()
        return self.program.wait(), time.monotonic() - begin

    def kill(self):
        self.program.send_signal(signal.SIGKILL)
        self.program.wait()
        self.core.close()

    def printed(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


class Rig:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run([RIG, "start", folder, "auto"], check=True)
        with open(os.path.join(folder, "env")) as file:
            self.env = dict(line.rstrip("\n").split("=", 1) for line in file)
        self.ca = self.env["RIG_CA"]
        self.owner = os.stat(os.path.join(folder, "run")).st_uid
        self.count = 0

    def stop(self):
        subprocess.run([RIG, "stop", self.folder], check=True)

    def url(self, address="127.0.0.1", tls_first=True):
        return "%s://%s:%s" % (("imaps", address, self.env["RIG_IMAPS_PORT"]) if tls_first
                               else ("imap", address, self.env["RIG_IMAP_PORT"]))

    def adapter(self, **more):
        more.setdefault("ca", self.ca)
        return Adapter(more.pop("url", self.url()), **more)

    def token(self, name):
        return subprocess.run([RIG, "token", self.folder, name], check=True, capture_output=True,
                              text=True).stdout.strip()

    def box(self, name):
        """A connection of our own to look into the mailbox."""
        context = ssl.create_default_context(cafile=self.ca)
        box = imaplib.IMAP4_SSL("127.0.0.1", int(self.env["RIG_IMAPS_PORT"]), ssl_context=context)
        box.login(name, "pw-" + name)
        return box

    def holds(self, name, folder):
        """How many mails are in the folder; -1 when there is none of that name."""
        box = self.box(name)
        try:
            answer, data = box.select(folder, readonly=True)
            return int(data[0]) if answer == "OK" else -1
        finally:
            box.logout()

    def until(self, name, folder, count, timeout=10):
        end = time.monotonic() + timeout
        while (held := self.holds(name, folder)) != count and time.monotonic() < end:
            time.sleep(0.1)
        return held

    def maildir(self, name):
        return os.path.join(self.folder, "mail", name, "Maildir")

    def deliver(self, name, messages):
        """Puts mails into the INBOX as a delivery agent does, a thousand in no time."""
        self.holds(name, "INBOX")  # the server makes the folder
        for message in messages:
            self.count += 1
            file_name = "%d.M%dP%d.rig" % (time.time(), self.count, os.getpid())
            path = os.path.join(self.maildir(name), "tmp", file_name)
            with open(path, "wb") as file:
                file.write(message)
            os.chown(path, self.owner, -1)
            os.rename(path, os.path.join(self.maildir(name), "new", file_name))


def message(subject, size=400):
    head = ("From: ann@rig.test\r\nTo: licensing@rig.test\r\nSubject: %s\r\n"
            "Message-ID: <%s@rig.test>\r\n\r\n" % (subject, subject.replace(" ", "-"))).encode()
    return head + b"All work and no play makes a dull licence.\r\n" * max(1, (size - len(head)) // 44)
