#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""smtp.py - the smtp adapter, whole, against the rig's real submission server and against a scripted one.

The adapter is the built program on a socketpair, spoken to as the core speaks to it.  `smtp.py --measure` prints how
many mails a second reach the relay's sink and how much memory the adapter holds afterwards, and tests nothing.
"""
import email
import email.policy
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.environ.get("SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
RIG = os.environ.get("RIG") or os.path.join(SOURCE, "tests/rig/rig.sh")
TOKEN = "2c0j6hb7h6nwvvsvkcrz3xppp6q90s7xft3x1jsw"
GENERATION = 7

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)


# --- the two ends ----------------------------------------------------------------------------------------------------

class Adapter:
    """The program under test; we are the core."""

    def __init__(self, url, tls="required", user="licensing", ca="", secrets=None, deadline=20):
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile()
        self.count = 0
        self.program = subprocess.Popen(
            [os.path.join(BUILD, "smtp")], stdin=subprocess.DEVNULL, stderr=self.log, close_fds=True, pass_fds=(3,),
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True))
        theirs.close()
        config = {"url": url, "tls": tls, "user": user, "ca": ca, "domain": "bot.rig.test", "deadline": deadline}
        secrets = {"password": "pw-" + user} if secrets is None else secrets
        self.put({"type": "configure", "generation": GENERATION, "config": config, "secrets": secrets})

    def put(self, frame, content=None):
        fds = []
        if content is not None:
            fds = [os.memfd_create("document")]
            os.write(fds[0], content)
        socket.send_fds(self.core, [json.dumps(frame).encode()], fds)
        for fd in fds:
            os.close(fd)

    def get(self, timeout=30):
        """The next frame; None when the adapter is gone or says nothing."""
        self.core.settimeout(timeout)
        try:
            data = self.core.recv(1 << 17)
        except (TimeoutError, ConnectionError):
            return None
        frame = json.loads(data) if data else None
        if frame and frame.get("generation") != GENERATION:
            check(False, "every frame carries the generation: %s" % frame)
        return frame

    def ready(self):
        frame = self.get()
        check(frame == {"type": "ready", "generation": GENERATION}, "the adapter is ready (%s)" % frame)
        return self

    def send(self, mail):
        self.count += 1
        name = "row-%d" % self.count
        self.put({"type": "send", "id": name}, json.dumps(mail).encode())
        return name

    def deliver(self, mail, timeout=30):
        """Sends one mail and returns what the adapter says about it."""
        name = self.send(mail)
        frame = self.get(timeout) or {}
        if frame.get("id") != name:
            check(False, "the answer names the mail: %s" % frame)
        return frame

    def stop(self):
        """Stops it; returns the exit code, the seconds it took and what it logged."""
        begin = time.monotonic()
        try:
            self.put({"type": "stop"})
        except OSError:
            pass
        try:
            code = self.program.wait(15)
        except subprocess.TimeoutExpired:
            self.program.kill()
            code = self.program.wait()
        self.core.close()
        self.log.seek(0)
        return code, time.monotonic() - begin, self.log.read().decode()

    def end(self):
        code, _, log = self.stop()
        check(code == 0, "the adapter exits with 0 after `stop` (%s)" % code)
        check(TOKEN not in log, "no token is in its log")
        return log


class Server(threading.Thread):
    """A scripted SMTP server on 127.0.0.1: `answers` maps a verb, "GREETING" or "MESSAGE" to the reply.  A reply of
    None closes the connection; a function is called with the session's number and returns the reply."""

    def __init__(self, answers=None, greeting="220 script ESMTP", listen="127.0.0.1"):
        super().__init__(daemon=True)
        self.answers = {"GREETING": greeting, "EHLO": "250-script\r\n250 8BITMIME", "MAIL": "250 2.1.0 OK",
                        "RCPT": "250 2.1.5 OK", "DATA": "354 go on", "MESSAGE": "250 2.0.0 queued as Q1",
                        "QUIT": "221 bye"}
        self.answers.update(answers or {})
        self.lines, self.messages, self.sessions = [], [], 0
        self.socket = socket.create_server((listen, 0))
        self.url = "smtp://%s:%d" % (listen, self.socket.getsockname()[1])
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self.session, args=(peer, self.sessions), daemon=True).start()

    def answer(self, peer, verb, number):
        reply = self.answers.get(verb, "502 what?")
        if callable(reply):
            reply = reply(number)
        if reply is None:
            return False
        peer.sendall(reply.encode("latin-1") + b"\r\n")
        return True

    def session(self, peer, number):
        with peer, peer.makefile("rb") as file:
            try:
                going = self.answer(peer, "GREETING", number)
                while going:
                    line = file.readline()
                    if not line:
                        return
                    self.lines.append(line.decode().strip())
                    verb = line[:4].decode().upper()
                    going = self.answer(peer, verb, number) and verb != "QUIT"
                    if going and verb == "DATA" and self.answers["DATA"].startswith("354"):
                        body = []
                        while (line := file.readline()) not in (b".\r\n", b""):
                            body.append(line[1:] if line.startswith(b".") else line)
                        self.messages.append(b"".join(body))
                        going = self.answer(peer, "MESSAGE", number)
            except OSError:
                return

    def close(self):
        self.socket.close()


class TokenServer(http.server.ThreadingHTTPServer):
    """Hands out the access tokens that it is given, the last one again and again."""

    def __init__(self, tokens):
        self.tokens, self.asked = list(tokens), 0
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/token" % self.server_address[1]
        self.secrets = {"oauth_token_url": self.url, "oauth_client_id": "bot", "oauth_client_secret": "s3",
                        "oauth_refresh_token": "r3"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            token = self.server.tokens[0] if len(self.server.tokens) == 1 else self.server.tokens.pop(0)
            self.server.asked += 1
            body = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass


class Rig:
    def __init__(self):
        top = os.environ.get("TMP") or tempfile.mkdtemp(prefix="countersign-smtp.")
        os.chmod(top, 0o755)
        self.dir = os.path.join(top, "rig")
        subprocess.run([RIG, "start", self.dir, "auto"], check=True)
        with open(os.path.join(self.dir, "env"), encoding="ascii") as file:
            self.env = dict(line.strip().split("=", 1) for line in file)
        self.ca = self.env["RIG_CA"]

    def starttls(self, host="127.0.0.1"):
        return "smtp://%s:%s" % (host, self.env["RIG_SUBMISSION_PORT"])

    def tls(self, host="127.0.0.1"):
        return "smtps://%s:%s" % (host, self.env["RIG_SUBMISSIONS_PORT"])

    def token(self, name):
        return subprocess.run([RIG, "token", self.dir, name], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def find(self, name, message_id, seconds=5):
        """The bytes of the mail with this Message-ID in somebody's mailbox, and how often it is there."""
        until = time.monotonic() + seconds
        while True:
            found = []
            for part in ("new", "cur"):
                folder = os.path.join(self.dir, "mail", name, "Maildir", part)
                for file in os.listdir(folder) if os.path.isdir(folder) else []:
                    with open(os.path.join(folder, file), "rb") as mail:
                        content = mail.read()
                    if message_id.encode() in content:
                        found.append(content.replace(b"\r\n", b"\n"))
            if found or time.monotonic() > until:
                return (found[0] if found else b""), len(found)
            time.sleep(0.05)

    def stop(self):
        subprocess.run([RIG, "stop", self.dir], check=False)


numbers = iter(range(1, 1 << 30))


def mail(to, **more):
    """A document as the core writes it."""
    document = {
        "from": {"name": "Licensing desk", "address": "licensing+%s@rig.test" % TOKEN},
        "to": {"name": "Bo", "address": to}, "sender_envelope": "licensing@rig.test", "subject": "CS-1 needs you",
        "date": "2026-11-24T09:12:33Z", "message_id": "<cs1.9.%d.abcdef@rig.test>" % next(numbers),
        "headers": {"Auto-Submitted": "auto-generated"}, "text": "Hello Bo\n"}
    document.update(more)
    return document


RICH = {
    "from": {"name": "Lizenzbüro", "address": "licensing+%s@rig.test" % TOKEN},
    "to": {"name": "Bo Łukasz, Esq.", "address": "bo@rig.test"},
    "reply_to": {"name": "", "address": "licensing+%s@rig.test" % TOKEN},
    "subject": "CS-7 “Überprüfung” of libfoo – please decide",
    "in_reply_to": "<one@example.com>", "references": ["<root@example.com>", "<one@example.com>"],
    "headers": {"Auto-Submitted": "auto-generated", "Countersign-Loop": "rig"},
    "text": "Grüße\n.\n..two dots\n.one dot\nFrom here on\n\n-- \nsignature\n" + "x" * 3000 + "\n",
    "html": "<p>Grüße</p>\n.\n",
    "attachments": [{"name": "Prüfbericht „final“.txt", "type": "text/plain", "text": "Ergebnis: gut\n.\n"},
                    {"name": "bytes.bin", "type": "application/octet-stream", "base64": "AAECAwQFBgcICf/+DQoNCg=="}],
}


# --- what is tested --------------------------------------------------------------------------------------------------

def delivery_is_byte_right(rig):
    document = {**mail("bo@rig.test"), **RICH}
    server = Server()
    script = Adapter(server.url, tls="none", user="").ready()
    frame = script.deliver(document)
    check(frame.get("response") == "250 2.0.0 queued as Q1", "the server's reply comes back (%s)" % frame)
    script.end()
    sent = server.messages[0]
    check(b"\n" not in sent.replace(b"\r\n", b"") and max(map(len, sent.split(b"\r\n"))) <= 998 and sent.isascii(),
          "what is sent is 7-bit, CR LF, lines of at most 998")
    check("EHLO bot.rig.test" in server.lines, "EHLO names the configured domain")
    check("MAIL FROM:<licensing@rig.test>" in server.lines and "RCPT TO:<bo@rig.test>" in server.lines,
          "the envelope is as given")
    server.close()
    for name, url in (("STARTTLS", rig.starttls()), ("implicit TLS", rig.tls())):
        document["message_id"] = "<cs1.8.%d.abcdef@rig.test>" % next(numbers)
        adapter = Adapter(url, ca=rig.ca).ready()
        frame = adapter.deliver(document)
        check(frame.get("type") == "sent" and frame.get("response", "").startswith("250"),
              "%s: sent (%s)" % (name, frame))
        found, count = rig.find("bo", document["message_id"])
        # The same document but for its Message-ID, and the boundaries that hang on it.
        strip = lambda b: re.sub(rb"=_[0-9a-f]{40}", b"BOUNDARY", re.sub(rb"<cs1\.[^>]*>", b"ID", b))
        check(count == 1 and strip(found).endswith(strip(sent.replace(b"\r\n", b"\n")[sent.index(b"Date:"):])),
              "%s: it arrives once, byte for byte" % name)
        parsed = email.message_from_bytes(found, policy=email.policy.default)
        check(parsed["subject"] == RICH["subject"], "%s: another MIME library reads the subject" % name)
        check([p.get_filename() for p in parsed.iter_attachments()] == [a["name"] for a in RICH["attachments"]],
              "%s: and the attachments' names" % name)
        check(parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == RICH["text"],
              "%s: and the text" % name)
        adapter.end()


def outcomes_of_faults(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca, deadline=3).ready()
    cases = [
        # recipient, type, permanent, unknown, in the sentence
        ("fail-450+%s@rig.test" % TOKEN, "failed", False, False, "450 4.2.0"),
        ("fail-550+%s@rig.test" % TOKEN, "failed", True, False, "550 5.1.1"),
        ("data-451+%s@rig.test" % TOKEN, "failed", False, False, "451 4.3.0"),
        ("data-554+%s@rig.test" % TOKEN, "failed", True, False, "554 5.6.0"),
        ("slow-6@rig.test", "failed", False, True, "in time"),
    ]
    for to, kind, permanent, unknown, words in cases:
        frame = adapter.deliver(mail(to))
        got = (frame.get("type"), frame.get("permanent"), frame.get("unknown", False))
        check(got == (kind, permanent, unknown) and words in frame.get("why", ""), "%s: %s" % (to[:12], frame))
        check(permanent or frame.get("retry_after", 0) > 0, "%s: when to try again" % to[:12])
        after = mail("bo@rig.test")
        frame = adapter.deliver(after)
        check(frame.get("type") == "sent" and rig.find("bo", after["message_id"])[1] == 1,
              "the mail after %s arrives (%s)" % (to[:12], frame))
    log = adapter.end()
    check("fail-450+2c0j@rig.test" in log, "the log names the recipient with the token cut")


def lost_connections():
    answers = {"MESSAGE": lambda number: None if number == 1 else "250 2.0.0 taken"}
    server = Server(answers)
    adapter = Adapter(server.url, tls="none", user="").ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("unknown") is True and not frame.get("permanent"),
          "the connection is lost after the whole mail: unknown (%s)" % frame)
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "sent" and server.sessions == 2, "the next mail takes a new connection (%s)" % frame)
    adapter.end()
    server.close()

    for verb in ("GREETING", "EHLO", "MAIL", "RCPT", "DATA"):
        server = Server({verb: None if verb != "DATA" else "421 4.3.2 going down"})
        adapter = Adapter(server.url, tls="none", user="").ready()
        frame = adapter.deliver(mail("bo@rig.test"))
        check(frame.get("type") == "failed" and frame.get("permanent") is False and "unknown" not in frame,
              "the server goes away at %s: again later (%s)" % (verb, frame))
        adapter.end()
        server.close()

    # The server closed the kept connection between two mails: a second try, unseen by the core.
    server = Server({"MAIL": lambda number: "250 OK" if number > 1 or not server.messages else "421 4.4.2 idle"})
    adapter = Adapter(server.url, tls="none", user="").ready()
    frames = [adapter.deliver(mail("bo@rig.test")) for _ in range(2)]
    check([f.get("type") for f in frames] == ["sent", "sent"] and server.sessions == 2,
          "a kept connection that the server gave up is replaced at once (%s)" % frames[1])
    adapter.end()
    server.close()


def late_answer_is_not_the_next_mails():
    """A timeout leaves an answer due on the connection; the next mail must not read it as its own."""
    def slow(number):
        if number == 1:
            time.sleep(4)
        return "250 2.0.0 answer of session %d" % number
    server = Server({"MESSAGE": slow})
    adapter = Adapter(server.url, tls="none", user="", deadline=2).ready()
    first = adapter.deliver(mail("bo@rig.test"))
    second = adapter.deliver(mail("bo@rig.test"))
    check(first.get("unknown") is True, "no answer in time: unknown (%s)" % first)
    check(second.get("response") == "250 2.0.0 answer of session 2", "the next one has its own answer (%s)" % second)
    adapter.end()
    server.close()


def refusals_of_the_server():
    for what, answers, permanent, pause in (
            ("greeting 554", {"GREETING": "554 5.3.2 no service"}, False, 60),
            ("greeting 421", {"GREETING": "421 too busy"}, False, 60),
            ("EHLO and HELO refused", {"EHLO": "550 go away", "HELO": "550 go away"}, False, 300),
            ("MAIL wants a login", {"MAIL": "530 5.7.0 authentication required"}, False, 300),
            ("MAIL refused", {"MAIL": "550 5.7.1 not you"}, True, 0),
            ("message too large", {"MAIL": "552 5.3.4 too large"}, True, 0)):
        server = Server(answers)
        adapter = Adapter(server.url, tls="none", user="").ready()
        frame = adapter.deliver(mail("bo@rig.test"))
        check((frame.get("permanent"), frame.get("retry_after")) == (permanent, pause), "%s: %s" % (what, frame))
        adapter.end()
        server.close()


def tls_is_not_optional(rig):
    for address, what in (("127.0.0.2", "wrong host"), ("127.0.0.3", "self-signed"), ("127.0.0.4", "expired")):
        for url in (rig.starttls(address), rig.tls(address)):
            adapter = Adapter(url, ca=rig.ca).ready()
            document = mail("bo@rig.test")
            frame = adapter.deliver(document)
            check(frame.get("type") == "failed" and frame.get("permanent") is False and
                  "certificate" in frame.get("why", ""), "%s, %s: %s" % (what, url, frame))
            adapter.end()
            check(rig.find("bo", document["message_id"], 0)[1] == 0, "%s: nothing was sent" % what)
    server = Server({"AUTH": "334 ", "EHLO": "250-script\r\n250 AUTH PLAIN LOGIN"})
    adapter = Adapter(server.url, ca=rig.ca).ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("permanent") is False and "TLS" in frame.get("why", ""), "STARTTLS stripped: %s" % frame)
    check(not [l for l in server.lines if l.startswith(("AUTH", "MAIL"))], "no login and no mail went in clear")
    adapter.end()
    server.close()


def without_tls_only_this_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            own = probe.getsockname()[0]
        except OSError:
            own = "127.0.0.1"
    if own.startswith("127."):
        print("skipped: this machine has no address but loopback")
        return
    server = Server(listen=own)
    adapter = Adapter(server.url, tls="none", user="").ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "failed" and "this machine" in frame.get("why", "") and server.sessions == 0,
          "no TLS to another address: not even connected (%s)" % frame)
    adapter.end()
    server.close()


def logins(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets={"password": "wrong"}).ready()
    frames = [adapter.deliver(mail("bo@rig.test")) for _ in range(2)]
    check(all(f.get("permanent") is False and "login" in f.get("why", "") for f in frames),
          "a wrong password is no fault of the mail (%s)" % frames[0])
    adapter.end()

    tokens = TokenServer([rig.token("licensing")])
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets=tokens.secrets).ready()
    document = mail("bo@rig.test")
    frame = adapter.deliver(document)
    check(frame.get("type") == "sent" and rig.find("bo", document["message_id"])[1] == 1, "XOAUTH2: %s" % frame)
    adapter.deliver(mail("bo@rig.test"))
    check(tokens.asked == 1, "the access token is kept")
    adapter.end()
    tokens.shutdown()

    tokens = TokenServer(["not.a.token", rig.token("licensing")])
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets=tokens.secrets).ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "sent" and tokens.asked == 2, "XOAUTH2: a refused token is fetched anew (%s)" % frame)
    log = adapter.end()
    check("not.a.token" not in log and "r3" not in log, "no OAuth secret is in the log")
    tokens.shutdown()


def bad_documents():
    server = Server()
    adapter = Adapter(server.url, tls="none", user="").ready()
    for what, document in (
            ("CR LF in the subject", mail("bo@rig.test", subject="a\r\nBcc: mal@evil.example")),
            ("an unknown key", mail("bo@rig.test", bcc="mal@evil.example")),
            ("two recipients", mail("bo@rig.test>\r\nRCPT TO:<mal@evil.example"))):
        frame = adapter.deliver(document)
        check(frame.get("permanent") is True and "evil" not in frame.get("why", ""), "%s: %s" % (what, frame))
    adapter.put({"type": "send", "id": "no-descriptor"})
    frame = adapter.get()
    check(frame.get("permanent") is True, "no document: %s" % frame)
    adapter.put({"type": "send", "id": "not-json"}, b"{")
    frame = adapter.get()
    check(frame.get("permanent") is True, "not JSON: %s" % frame)
    check(adapter.deliver(mail("bo@rig.test")).get("type") == "sent", "the adapter goes on")
    check("evil" not in " ".join(server.lines) and server.sessions == 1, "the server saw nothing of it")
    adapter.end()
    server.close()


def many_in_flight(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca).ready()
    names = {adapter.send(mail("sink@rig.test", text="x" * 100000)) for _ in range(40)}
    frames = [adapter.get() or {} for _ in range(40)]
    check({f.get("id") for f in frames} == names and {f.get("type") for f in frames} == {"sent"},
          "40 mails at once: each has its answer")
    adapter.end()
    opened = 0
    lock = threading.Lock()

    def hold(_):
        nonlocal opened
        with lock:
            opened += 1
        time.sleep(0.2)
        return "250 2.0.0 OK"
    server = Server({"MESSAGE": hold})
    adapter = Adapter(server.url, tls="none", user="").ready()
    for _ in range(12):
        adapter.send(mail("bo@rig.test"))
    check([(adapter.get() or {}).get("type") for _ in range(12)] == ["sent"] * 12 and opened == 12, "12 held mails")
    check(server.sessions == 2, "never more than two connections, and they are kept (%d)" % server.sessions)
    adapter.end()
    server.close()


def stopping():
    server = Server({"MESSAGE": lambda _: time.sleep(1) or "250 2.0.0 OK"})
    adapter = Adapter(server.url, tls="none", user="").ready()
    adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    code, took, _ = adapter.stop()
    check(code == 0 and took < 3 and len(server.messages) == 1, "`stop` lets a mail in flight end (%.1f s)" % took)
    server.close()

    server = Server({"MESSAGE": lambda _: time.sleep(60)})
    adapter = Adapter(server.url, tls="none", user="").ready()
    name = adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    adapter.put({"type": "stop"})
    begin = time.monotonic()
    frame = adapter.get() or {}
    took = time.monotonic() - begin
    check(frame.get("id") == name and frame.get("unknown") is True and 4 < took < 7,
          "but not for longer than 5 s (%.1f s, %s)" % (took, frame))
    check(adapter.program.wait(5) == 0, "and exits with 0")
    server.close()

    server = Server({"MESSAGE": lambda _: time.sleep(60)})
    adapter = Adapter(server.url, tls="none", user="").ready()
    adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    adapter.core.close()
    check(adapter.program.wait(5) == 0, "without a core it exits")
    server.close()


def bad_configuration():
    for what, arguments in (
            ("tls of another kind", {"url": "smtp://localhost", "tls": "try"}),
            ("http", {"url": "http://localhost"}),
            ("a login in the url", {"url": "smtp://a:b@localhost"}),
            ("smtps without TLS", {"url": "smtps://localhost", "tls": "none"}),
            ("a user but no secret", {"url": "smtp://localhost", "secrets": {}})):
        adapter = Adapter(**arguments)
        code = adapter.program.wait(5)
        check(code == os.EX_CONFIG, "%s: exit code %s" % (what, code))


# --- figures ---------------------------------------------------------------------------------------------------------

def pss(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))


def measure(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca).ready()
    print("PSS when ready: %d KiB" % pss(adapter.program.pid))
    text = "A line of an ordinary mail, as people write them.\n" * 80
    for total in (100, 1000):
        begin, sent, got = time.monotonic(), 0, 0
        while got < total:
            while sent < total and sent - got < 16:
                adapter.send(mail("sink@rig.test", text=text))
                sent += 1
            check_frame = adapter.get()
            if check_frame.get("type") != "sent":
                print(check_frame)
            got += 1
        took = time.monotonic() - begin
        time.sleep(0.5)
        print("%d mails of 4 KB in %.2f s: %.0f mails/s; PSS idle afterwards: %d KiB"
              % (total, took, total / took, pss(adapter.program.pid)))
    adapter.stop()


def main():
    rig = Rig()
    try:
        if sys.argv[1:] == ["--measure"]:
            measure(rig)
            return 0
        for test in (delivery_is_byte_right, outcomes_of_faults, tls_is_not_optional, logins, many_in_flight):
            print("--", test.__name__)
            test(rig)
        for test in (lost_connections, late_answer_is_not_the_next_mails, refusals_of_the_server,
                     without_tls_only_this_machine, bad_documents, stopping, bad_configuration):
            print("--", test.__name__)
            test()
    finally:
        rig.stop()
    print("%d failed" % len(failures))
    return 1 if failures else 0


sys.exit(main())
