# SPDX-License-Identifier: Apache-2.0
"""What the test of the smtp adapter needs: the core's end of it, servers that do as they are told, the rig."""
import http.server
import json
import os
import socket
import subprocess
import tempfile
import threading
import time

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
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
        if code != 0:
            print(log)
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


def new_id():
    return "<cs1.9.%d.abcdef@rig.test>" % next(numbers)


def mail(to, **more):
    """A document as the core writes it."""
    document = {
        "from": {"name": "Licensing desk", "address": "licensing+%s@rig.test" % TOKEN},
        "to": {"name": "Bo", "address": to}, "sender_envelope": "licensing@rig.test", "subject": "CS-1 needs you",
        "date": "2026-11-24T09:12:33Z", "message_id": new_id(),
        "headers": {"Auto-Submitted": "auto-generated"}, "text": "Hello Bo\n"}
    document.update(more)
    return document
