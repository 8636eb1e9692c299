# SPDX-License-Identifier: Apache-2.0
"""What the whole-program tests share: a desk of their own on the rig, quick looks into its log, and a tally of checks.

What is looked up is read from the database beside the desk, so that looking leaves no entry.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(HERE, "../../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
FILES = os.path.join(os.path.dirname(HERE), "desk")
sys.path.insert(0, os.path.join(SOURCE, "tests/rig"))
from desk import Desk, Person, Rig, give_away, reply_to, text_of, unprivileged  # noqa: E402, F401

NAMES = {"kim": "Kim Park", "ann": "Ann Okafor", "bo": "Bo Lind", "cy": "Cy Moreau", "dee": "Dee Haddad",
         "max": "Max Roth", "gus": "Gus Falk", "ira": "Ira Weiss", "mal": "Mal Mallory"}
PATIENCE = 30  # seconds until what should come counts as missing; a sanitized build on a busy machine is slow
DECISIONS = ("vote.cast", "vote.voided", "stage.passed", "case.approved", "case.rejected", "case.withdrawn",
             "case.revoked", "case.opened", "case.amended")
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def base32(data):
    """Lower-case Crockford base32, as the desk writes it."""
    text = base64.b32encode(data).decode().rstrip("=")
    return "".join(CROCKFORD[RFC4648.index(c)] for c in text)


def base32_back(text):
    return base64.b32decode("".join(RFC4648[CROCKFORD.index(c)] for c in text))


def stay_tidy(text):
    """One line for the terminal, whatever is in it."""
    return re.sub(r"[^\x20-\x7e]", "?", text)[:220]


class Trial:
    def __init__(self, files=FILES, accounts=None):
        self.failures, self.begin = [], time.monotonic()
        self.folder = tempfile.mkdtemp(prefix="trial.", dir=os.environ.get("TMP"))
        os.chmod(self.folder, 0o755)
        self.rig = Rig(f"{self.folder}/mail", accounts=accounts)
        try:
            self.desk = Desk(f"{self.folder}/desk", self.rig, BUILD, files)
        except BaseException:
            self.rig.stop()
            raise
        self.address = f"licensing@{self.rig.domain}"
        self.people = {account: Person(self.rig, account, name) for account, name in NAMES.items()}
        self.waiting = {}

    # --- saying what holds ---

    def say(self, text):
        print(f"\n{text} ({time.monotonic() - self.begin:.1f} s)", flush=True)

    def check(self, condition, what):
        if not condition:
            self.failures.append(what)
        print(f"{'ok     ' if condition else 'FAILED '} {what}", flush=True)
        return bool(condition)

    # --- looking ---

    def sql(self, statement, *values):
        base = sqlite3.connect(f"file:{self.desk.folder}/state/countersign.db?mode=ro", uri=True, timeout=20)
        try:
            return base.execute(statement, values).fetchall()
        finally:
            base.close()

    def size(self):
        return self.sql("SELECT count(*) FROM entry")[0][0]

    def since(self, seq, kind=None, case=None):
        """Entries from number `seq` on."""
        rows = self.sql("SELECT leaf, body FROM entry WHERE seq >= ? ORDER BY seq", seq)
        found = [{**json.loads(leaf), "body": json.loads(body) if body else {}} for leaf, body in rows]
        return [e for e in found if kind in (None, e["type"]) and case in (None, e.get("case"))]

    def until(self, what, ready, patience=PATIENCE):
        """Waits for ready() to return something; raises when it does not, or when the desk dies."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = ready()
            if found:
                return found
            if self.desk.serve is not None and self.desk.serve.poll() is not None:
                raise RuntimeError(f"the desk ended with {self.desk.serve.returncode} while waiting for {what}:\n"
                                   f"{self.desk.log()[-3000:]}")
            time.sleep(0.03)
        raise RuntimeError(f"there was no {what}")

    def entry(self, seq, kind, case=None):
        """The first entry of a kind from number `seq` on, once it is there."""
        return self.until(f"{kind} from entry {seq} on", lambda: self.since(seq, kind, case))[0]

    def quiet(self):
        """Waits until everything that came in is read and everything that is due has gone out."""
        def idle():
            new = self.sql("SELECT count(*) FROM inbox WHERE state = 'new'")[0][0]
            queued = self.sql("SELECT count(*) FROM outbox WHERE state = 'queued' AND tries = 0")[0][0]
            return new + queued == 0
        self.until("rest", idle)

    # --- mail ---

    def get(self, account, *words, patience=PATIENCE):
        """The first mail to somebody, of those not taken yet, that has all the words; earlier ones stay."""
        queue = self.waiting.setdefault(account, [])

        def find():
            queue.extend(self.people[account].new())
            for i, mail in enumerate(queue):
                whole = " ".join(f"{mail['Subject']}\n{text_of(mail)}".lower().split())
                if all(word.lower() in whole for word in words):
                    return queue.pop(i)
            return None
        return self.until(f"mail to {account} with {words}", find, patience)

    def none(self, account):
        """All that is waiting for somebody, taken away."""
        queue = self.waiting.setdefault(account, [])
        queue.extend(self.people[account].new())
        self.waiting[account] = []
        return queue

    def lmtp(self, data, to=None, envelope="sender@rig.test"):
        """Exact bytes into the mailbox; the server puts Return-Path, Delivered-To and its own Received on top."""
        with smtplib.LMTP("127.0.0.1", self.rig.port("LMTP")) as lmtp:
            lmtp.ehlo("mx.rig.test")
            lmtp.sendmail(envelope, [to or self.address], data)

    def deliver(self, data):
        """Exact bytes by `countersign deliver`; the exit code."""
        return self.desk.cli("deliver", stdin=data, check=False).returncode

    def stamp(self, results="dmarc=pass header.from={domain}", authserv="mx.{domain}"):
        """What our exchanger puts on top of a mail."""
        domain = self.rig.domain
        return (f"Authentication-Results: {authserv}; {results}\r\n"
                "Received: from pc ([127.0.0.1]) by mx.{domain} with ESMTPSA id R1; Tue, 24 Nov 2026 09:00:00 +0000\r\n"
                ).format(domain=domain).encode()

    # --- keys and tokens, as `vectors/` has them ---

    def key(self):
        with open(f"{self.desk.folder}/etc/token.key", encoding="ascii") as file:
            return bytes.fromhex(file.readline().split()[1])

    def message_id(self, size, root, token_id):
        mac = hmac.new(self.key(), b"countersign/mid/v1\0" + size.to_bytes(8, "big") + root[:10] + token_id,
                       hashlib.sha256).digest()[:10]
        return f"<cs1.{size}.{base32(root[:10])}.{token_id.hex()}.{base32(mac)}@{self.rig.domain}>"

    # --- the end ---

    def verify(self):
        done = self.desk.cli("log", "verify", check=False)
        return self.check(done.returncode == 0, f"log verify: {stay_tidy((done.stdout + done.stderr).decode())}")

    def end(self, code=0):
        """Stops everything; returns the exit code of the test."""
        for person in self.people.values():
            try:
                person.close()
            except OSError:
                pass
        if self.desk.serve is not None and self.desk.serve.poll() is None:
            stopped = self.desk.stop()
            self.check(stopped == code, f"the desk ends with {stopped} at SIGTERM")
        log = self.desk.log() if os.path.exists(self.desk.log_path) else ""
        self.check(not re.search("Sanitizer|runtime error", log), "no sanitizer complained")
        self.check("pw-licensing" not in log and self.key().hex() not in log, "no secret is in the desk's log")
        self.rig.stop()
        if self.failures:
            print(f"\nthe desk's log, at its end:\n{log[-6000:]}")
            print(f"\n{len(self.failures)} failed:")
            for what in self.failures:
                print(f"  {what}")
        print(f"\n{time.monotonic() - self.begin:.1f} s")
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
        return 1 if self.failures else 0


def run(play, **options):
    """Plays a test on a desk of its own; ends it in any case."""
    trial = Trial(**options)
    try:
        play(trial)
    except (RuntimeError, OSError, subprocess.SubprocessError) as problem:
        trial.check(False, f"it went on to its end: {type(problem).__name__}: {problem}")
    except BaseException:
        trial.rig.stop()
        trial.desk.stop()
        raise
    return trial.end()
