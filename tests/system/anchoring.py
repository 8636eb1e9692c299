#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""anchoring.py - the desk has its heads cosigned by two real witnesses and time-stamped by OpenSSL's authority: who is down
or answers nonsense holds up nobody, and a witness that has seen another log of ours stops the desk."""
import hashlib
import http.server
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from tree import Log  # noqa: E402
from trial import BUILD, give_away, run, stay_tidy  # noqa: E402

REQUEST = "License: GPL-3.0-only\nComponent: {} 1.0\nProduct: Widget\nDistribution: firmware\nReason: subtitles need it\n" \
          "If not granted: we drop subtitles\nNeeded until: 2027-06-01\n"
FAST = "--clock=600"  # ten seconds between heads are 17 ms, an hour is 6 s


class Witness:
    """`countersign witness`, whole."""

    def __init__(self, folder, name):
        self.folder, self.name, self.program = folder, name, None
        os.makedirs(f"{folder}/state")
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        self.key = subprocess.run([f"{BUILD}/countersign", "witness", "keygen", name, f"{folder}/key"], capture_output=True,
                                  check=True, text=True).stdout.strip()

    def start(self, log_key=None):
        if log_key:
            with open(f"{self.folder}/witness.yaml", "w", encoding="ascii") as file:
                file.write(f'listen: "127.0.0.1:{self.port}"\nstate: state\nname: {self.name}\nkey: file:key\nlogs: [{log_key}]\n')
        with open(f"{self.folder}/log", "ab") as log:
            self.program = subprocess.Popen([f"{BUILD}/countersign", "witness", "--config", f"{self.folder}/witness.yaml"],
                                            stdin=subprocess.DEVNULL, stderr=log)
        while self.program.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise RuntimeError(f"the witness {self.name} ended")

    def stop(self):
        if self.program and self.program.poll() is None:
            self.program.send_signal(signal.SIGTERM)
            self.program.wait(20)


class Authority(http.server.ThreadingHTTPServer):
    """`openssl ts -reply` behind HTTP.  Each answer takes the next of `moods`, what goes wrong, and waits for one; "" stays."""
    daemon_threads = True

    def __init__(self, folder):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                self.server.seen.append((self.headers["Content-Type"], query))
                status, answer = self.server.answer(query)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.moods, self.seen, self.url = folder, queue.Queue(), [], f"http://127.0.0.1:{self.server_port}/tsa"
        for name in ("real", "unknown"):
            self.certify(f"{folder}/{name}")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @staticmethod
    def certify(folder):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], capture_output=True, check=True, cwd=folder)
        os.makedirs(folder)
        with open(f"{folder}/tsa.cnf", "w", encoding="ascii") as file:
            file.write("[tsa]\ndefault_tsa = t\n[t]\nserial = ./serial\nsigner_cert = ./tsa.pem\nsigner_key = ./tsa.key\ncerts = ./ca.pem\n"
                       "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\ness_cert_id_alg = sha256\n")
        with open(f"{folder}/extensions", "w", encoding="ascii") as file:
            file.write("extendedKeyUsage = critical, timeStamping\nkeyUsage = critical, digitalSignature\n")
        with open(f"{folder}/serial", "w", encoding="ascii") as file:
            file.write("01\n")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                "-days", "2", "-subj", "/CN=root", "-addext", "basicConstraints=critical,CA:TRUE")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
                "-subj", "/CN=authority")
        openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "extensions",
                "-out", "tsa.pem")

    def reply(self, query, who="real"):
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(query)
            file.flush()
            return subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", file.name], capture_output=True,
                                  check=True, cwd=f"{self.folder}/{who}").stdout

    def answer(self, query):
        mood = self.moods.get()
        if mood == "garbage":
            return 200, os.urandom(300)
        if mood == "busy":
            return 503, b"later"
        if mood == "other bytes":
            i = query.index(b"\4\x20") + 2  # the digest, an OCTET STRING of 32 bytes
            return 200, self.reply(query[:i] + hashlib.sha256(b"something else").digest() + query[i + 32:])
        if mood == "other nonce":  # as the answer to an earlier question would have; BOOLEAN certReq is the end
            return 200, self.reply(query[:-4] + bytes([query[-4] ^ 1]) + query[-3:])
        if not mood:
            self.moods.put(mood)
        return 200, self.reply(query, "unknown" if mood == "unknown" else "real")


class Kept(Log):
    """A head of the desk's, to be verified by OpenSSL."""

    def __init__(self, t, note):
        self.folder, self.kept = t.folder, note.split("\n\n")[0].encode() + b"\n"

    def text(self, size):
        return self.kept


# --- looking ---------------------------------------------------------------------------------------------------------

def covered(t):
    return t.sql("SELECT coalesce(max(size), 0) FROM checkpoint")[0][0]


def cosigned(t, witness):
    return t.sql("SELECT coalesce(max(size), 0) FROM cosignature WHERE witness = ?", witness.key)[0][0]


def standing(t, witness):
    return next(w for w in t.desk.json("status")["witnesses"] if w["name"] == witness.name)


def stamps(t):
    return t.sql("SELECT count(*) FROM timestamp")[0][0]


def caught_up(t, *witnesses):
    t.until("cosignatures of the newest head", lambda: covered(t) == t.size() and all(cosigned(t, w) == t.size() for w in witnesses))


def ask(t, component):
    seq = t.size()
    t.people["kim"].write(t.address, "An exception, please", REQUEST.format(component))
    return t.entry(seq, "case.opened")["case"]


# --- chapters --------------------------------------------------------------------------------------------------------

def cosignatures(t, one, two):
    t.say("two witnesses cosign")
    ask(t, "libone")
    caught_up(t, one, two)
    for w in (one, two):
        size, line, note = t.sql("SELECT c.size, line, note FROM cosignature c JOIN checkpoint USING (size) WHERE witness = ? LIMIT 1",
                                 w.key)[0]
        t.check(Kept(t, note).cosignature_holds(line, w.key, size), f"{w.name}: OpenSSL verifies its cosignature")
        shown = standing(t, w)
        t.check(shown["size"] >= size and "trouble" not in shown, f"status shows it: {shown}")
    t.until("both under the newest checkpoint", lambda: all(f"\u2014 {w.name} " in t.desk.json("log", "head")["checkpoint"]
                                                            for w in (one, two)))


def stamping(t, tsa):
    t.say("an authority that answers nonsense is named, and nothing is kept")
    for mood, words in (("garbage", "no time-stamp"), ("busy", "status 503"), ("other bytes", "imprint"),
                        ("other nonce", "nonce mismatch"), ("unknown", "certificate verify error")):
        tsa.moods.put(mood)
        t.until(f"word of {words}", lambda: words in t.desk.log())
        t.check(stamps(t) == 0, f"{mood}: {stay_tidy(t.desk.log().splitlines()[-1])}")
    shown = t.desk.json("status")["authority"]
    t.check(words in shown["trouble"], f"status shows the last: {shown}")

    t.say("a real time-stamp")
    tsa.moods.put("")
    t.until("a time-stamp", lambda: stamps(t))
    t.check(tsa.seen[-1][0] == "application/timestamp-query", "it is asked as RFC 3161 has it")
    path, note = f"{t.folder}/head.tsr", f"{t.folder}/head.note"
    with open(note, "w", encoding="utf-8") as file:
        file.write(t.desk.cli("log", "head", "--timestamp", path))

    def openssl(ca):
        return subprocess.run(["openssl", "ts", "-verify", "-data", note, "-in", path, "-CAfile", f"{tsa.folder}/{ca}/ca.pem"],
                              capture_output=True, text=True, check=False)
    done = openssl("real")
    t.check(done.returncode == 0 and "OK" in done.stdout, f"openssl ts -verify takes it: {stay_tidy(done.stdout + done.stderr)}")
    t.check(openssl("unknown").returncode != 0, "and only by the authority's certificate")
    shown = t.desk.json("status")["authority"]
    t.check(shown["size"] > 0 and "trouble" not in shown, f"status shows it: {shown}")
    text = t.desk.cli("status")
    t.check("WITNESSES" in text and "TIME-STAMPS" in text and "stamped" in text, f"as text too: {stay_tidy(text)}")
    t.check(" time-stamps, each by" in t.desk.cli("log", "verify"), "log verify looks at it")


def one_down(t, one, two):
    t.say("a witness hangs, and is gone: nothing waits for it")
    two.stop()
    silent = socket.create_server(("127.0.0.1", two.port))  # it takes questions and never answers
    case = ask(t, "libtwo")
    asked = t.get("ann", case, "to decide, reply")
    seq, begin = t.size(), time.monotonic()
    t.people["ann"].reply(asked, "approve\n")
    t.entry(seq, "vote.cast", case)
    took = time.monotonic() - begin
    t.check(took < 18, f"a decision takes {took:.2f} s; the adapter would wait 20")
    caught_up(t, one)
    silent.close()
    t.until("its trouble", lambda: f"{two.name}: it cannot be reached" in t.desk.log())
    shown = standing(t, two)
    t.check("cannot be reached" in shown["trouble"] and shown["behind"] > 0, f"status shows it: {shown}")

    t.say("it comes back, and the desk has forgotten what it cosigned")
    t.desk.stop()
    old = f"{t.folder}/old"
    shutil.copytree(f"{t.desk.folder}/state", old)
    with open(t.desk.config, encoding="utf-8") as file:
        t.desk.write("no-mail.yaml", file.read().split("\nmail:")[0] + "\n")
    done = t.desk.cli("--config", f"{t.desk.folder}/etc/no-mail.yaml", "--json", "doctor", check=False)
    said = [(line["ok"], line["text"]) for line in json.loads(done.stdout) if line["check"] in ("witness", "time-stamp")]
    t.check([ok for ok, _ in said] == [True, False, True] and done.returncode == 69, f"doctor tells who answers: {said}")
    base = f"{t.desk.folder}/state/countersign.db"
    subprocess.run(["python3", "-c", "import sqlite3, sys; b = sqlite3.connect(sys.argv[1]); b.execute("
                    "'DELETE FROM cosignature WHERE witness = ?', (sys.argv[2],)); b.commit()", base, two.key], check=True)
    for name in os.listdir(f"{t.desk.folder}/state"):
        give_away(f"{t.desk.folder}/state/{name}")
    two.start()
    t.desk.start(FAST)
    ask(t, "libthree")
    caught_up(t, one, two)
    t.check("trouble" not in standing(t, two), "it catches up from where it says that it is")
    t.verify()
    return old


def another_log(t, one, two, old):
    state = f"{t.desk.folder}/state"

    def put_back(saved):
        shutil.rmtree(state)
        shutil.copytree(saved, state)
        give_away(state)
        for folder, folders, files in os.walk(state):
            for name in folders + files:
                give_away(f"{folder}/{name}")

    def alarm(what, code):
        found = t.until(code, lambda: [e for e in t.since(0, "alarm.raised") if e["body"]["code"] == code])[0]
        t.check(one.name in found["body"]["text"] or two.name in found["body"]["text"],
                f"{what}: {stay_tidy(found['body']['text'])}")
        t.check(t.desk.json("status")["frozen"], f"{what}: the desk only reads")
        t.desk.stop()

    t.say("database and signer are put back together: the witnesses know")
    t.desk.stop()
    far = t.size()  # and more than the witnesses know
    put_back(old)
    t.desk.start(FAST)
    alarm("an old copy", "rollback-detected")

    t.say("and went on otherwise, for a day without a witness")
    one.stop()
    two.stop()
    put_back(old)
    t.desk.start("--clock=20000")  # a day is 4.3 s
    for number in range(2):
        ask(t, f"libother{number}")

    def late():
        return [e["body"]["text"] for e in t.since(0, "alarm.raised") if e["body"]["code"] == "witness-behind"]
    t.until("alarms about both", lambda: len(late()) >= 2)
    t.until("a longer log", lambda: covered(t) > far)
    one.start()
    alarm("a fork", "fork-detected")
    t.check(sorted(late()) == [f"The witness {w.name} has cosigned no head of the log for a day." for w in (one, two)],
            f"that they were behind was told once: {late()}")


def play(t):
    one, two = (Witness(f"{t.folder}/{name}", f"witness.example/{name}") for name in ("one", "two"))
    tsa = Authority(f"{t.folder}/tsa")
    key = t.desk.cli("keygen", "--log", f"{t.rig.domain}/countersign", f"{t.desk.folder}/etc/log.key").strip().splitlines()[-1]
    give_away(f"{t.desk.folder}/etc/log.key")
    os.chmod(tsa.folder, 0o755)
    config = open(t.desk.config, encoding="utf-8").read()
    witnesses = ", ".join(f'{{url: "http://127.0.0.1:{w.port}", key: {w.key}}}' for w in (one, two))
    t.desk.write("countersign.yaml", config.replace("/countersign}", f'/countersign, key: "file:log.key", witnesses: [{witnesses}], '
                                                                     f'tsa: "{tsa.url}", tsa_ca: "{tsa.folder}/real/ca.pem"}}'))
    try:
        for w in (one, two):
            w.start(key)
        t.desk.start(FAST)
        cosignatures(t, one, two)
        stamping(t, tsa)
        another_log(t, one, two, one_down(t, one, two))
    finally:
        for w in (one, two):
            w.stop()
            with open(f"{w.folder}/log", encoding="utf-8") as file:
                t.check("Sanitizer" not in file.read(), f"{w.name}: no sanitizer complained")


if __name__ == "__main__":
    sys.exit(run(play))
