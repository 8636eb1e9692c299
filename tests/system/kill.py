#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill.py - each of the programs is killed (SIGKILL) before its n-th call that writes, and nothing comes out wrong.

A request comes in and is approved by reply.  Whatever was killed, in the end there is one case, one vote, one decision,
each letter has arrived under its one Message-ID, the mailbox is empty and the log verifies.  `make check` takes a
sample; KILL_STEP=1 kills at every call.
"""
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import BUILD, PATIENCE, run  # noqa: E402

# How far apart the deaths of a sample are, and how many calls the program makes at least (else the shim sees none).
STEPS = {"countersign": (61, 60), "imap": (9, 6), "mime": (2, 1), "smtp": (4, 4)}
REQUEST = ("License: AGPL-3.0-only\r\nComponent: searchd 0.9\r\nProduct: Atlas\r\nChannel: saas\r\nReason: search\r\n"
           "If not granted: buy\r\nNeeded until: 2027-03-01\r\n")
READERS = ("ann", "bo", "cy", "kim")


def copy_shim(t):
    shim = f"{t.folder}/killshim.so"
    shutil.copy(f"{BUILD}/tests/kill/killshim.so", shim)
    os.chmod(shim, 0o755)
    return shim


def environment(t, shim, program, n):
    """The core is preloaded itself; an adapter by a script in its place, and only when it is started first."""
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    if program == "countersign":
        return {"LD_PRELOAD": shim, "KILL_AT": str(n), "ASAN_OPTIONS": sanitizer}
    libexec, mark = f"{t.folder}/libexec", f"{t.desk.folder}/run/killed"
    shutil.rmtree(libexec, ignore_errors=True)
    os.mkdir(libexec, 0o755)
    os.chmod(libexec, 0o755)
    for name in ("imap", "mime", "smtp"):
        os.symlink(f"{t.desk.folder}/bin/{name}", f"{libexec}/{name}")
    os.unlink(f"{libexec}/{program}")
    with open(f"{libexec}/{program}", "w", encoding="ascii") as file:
        file.write(f'#!/bin/sh\nmkdir {mark} 2>/dev/null || exec {t.desk.folder}/bin/{program}\n'
                   f'LD_PRELOAD={shim} KILL_AT={n} ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" '
                   f'exec {t.desk.folder}/bin/{program}\n')
    os.chmod(f"{libexec}/{program}", 0o755)
    return {"COUNTERSIGN_LIBEXEC": libexec}


class Play:
    """One run on a fresh state."""

    def __init__(self, t, environment):
        self.t, self.deaths = t, 0
        for name in ("state", "run"):
            for entry in os.scandir(f"{t.desk.folder}/{name}"):
                (shutil.rmtree if entry.is_dir() else os.unlink)(entry.path)
        self.log_begin = len(t.desk.log()) if os.path.exists(t.desk.log_path) else 0
        for reader in READERS:
            t.none(reader)
        self.got = {reader: [] for reader in READERS}
        self.start(environment)

    def start(self, environment=None):
        try:
            self.t.desk.start(environment=environment)
        except RuntimeError:
            self.revive()

    def revive(self):
        code = self.t.desk.serve.poll()
        if code is None:
            return
        if code != -9:
            raise RuntimeError(f"the desk ended with {code}:\n{self.t.desk.log()[-3000:]}")
        self.deaths += 1
        self.start()

    def until(self, what, ready):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.revive()
            found = ready()
            if found:
                return found
            time.sleep(0.05)
        raise RuntimeError(f"no {what}:\n{self.t.desk.log()[self.log_begin:][-3000:]}")

    def mail(self, reader, *words):
        def look():
            self.got[reader] += self.t.people[reader].new()
            return next((m for m in self.got[reader] if all(w in str(m["Subject"]) for w in words)), None)
        return self.until(f"mail to {reader}: {words}", look)

    def adapter_died(self):
        log = self.t.desk.log()[self.log_begin:]
        return "was killed by signal" in log or "ended with exit code 137" in log

    def story(self, number):
        t = self.t
        t.lmtp(t.stamp() + (f"From: Kim Park <kim@rig.test>\r\nTo: {t.address}\r\nSubject: searchd\r\n"
                            f"Message-ID: <r{number}@pc>\r\n\r\n{REQUEST}").encode())
        asked = self.mail("ann", "CS-1", "Decision asked")
        t.lmtp(t.stamp() + (f"From: Ann <ann@rig.test>\r\nTo: {asked['Reply-To']}\r\nSubject: Re\r\n"
                            f"Message-ID: <a{number}@pc>\r\n\r\napprove\r\n").encode(), to="licensing@rig.test")
        self.until("decision", lambda: self.log_has("case.approved"))
        self.until("letters", lambda: t.sql("SELECT count(*) FROM outbox WHERE state <> 'sent'")[0][0] == 0)
        self.until("empty mailbox", lambda: self.waiting() == 0)

    def log_has(self, kind):
        return bool(self.t.since(0, kind))

    def waiting(self):
        folder = f"{self.t.rig.folder}/mail/licensing/Maildir"
        return sum(len(os.listdir(f"{folder}/{part}")) for part in ("new", "cur") if os.path.isdir(f"{folder}/{part}"))

    def problems(self):
        t, found = self.t, []
        for kind in ("case.opened", "vote.cast", "case.approved"):
            if len(t.since(0, kind)) != 1:
                found.append(f"{len(t.since(0, kind))} times {kind}")
        received = [e for e in t.since(0, "message.received")]
        if len({e["body"]["sha256"] for e in received}) != 2:
            found.append(f"{len(received)} mails were taken")
        rows = {mid for mid, in t.sql("SELECT message_id FROM outbox")}
        for reader in READERS:
            self.got[reader] += t.people[reader].new()
        arrived = {str(m["Message-ID"]) for mails in self.got.values() for m in mails}
        if rows != arrived:
            odd = [m.as_bytes()[:600] for mails in self.got.values() for m in mails if str(m["Message-ID"]) not in rows]
            found.append(f"letters: {len(rows)} written, {len(arrived)} arrived; missing {rows - arrived}, odd {odd}")
        code = t.desk.stop()
        if code == -9 and self.deaths == 0:  # it was on its last steps
            self.deaths += 1
        elif code != 0:
            found.append(f"the desk ended with {code}")
        verified = t.desk.cli("log", "verify", check=False)
        if verified.returncode != 0:
            found.append(verified.stderr.decode().strip())
        return found


def kill_one(t, shim, program, n, number):
    """True when the program lived on: it does not make so many calls."""
    game = Play(t, environment(t, shim, program, n))
    game.story(number)
    problems = game.problems()
    died = game.deaths > 0 or game.adapter_died()
    if died or problems:
        t.check(not problems, f"{program} killed before call {n}" + "".join(f" - {p}" for p in problems))
    return not died


def play(t):
    shim = copy_shim(t)
    number = 0
    for program, (step, least) in STEPS.items():
        step = int(os.environ.get("KILL_STEP", step))
        n, last = 1, 0
        while True:
            number += 1
            if kill_one(t, shim, program, n, number):
                break
            last = n
            n += step
        t.check(last >= least, f"{program}: killed up to call {last}, every {step}")


sys.exit(run(play))
