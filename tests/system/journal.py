#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""journal.py - a desk with its leaf journal on another disk: killed at several moments, the journal has everything that
the database has, mail in hand too; a full disk stops nothing for longer than it is full; a damaged end is told."""
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import BUILD, PATIENCE, give_away, run, stay_tidy  # noqa: E402

REQUEST = "License: GPL-3.0-only\r\nComponent: {} 1.0\r\nProduct: Widget\r\nDistribution: firmware\r\nReason: subtitles need it\r\n" \
          "If not granted: we drop subtitles\r\nNeeded until: 2027-06-01\r\n"
DEATHS = (14, 33, 60)  # calls that change a file
LARGE = "x" * 70 + "\r\n"


# --- the two disks ---------------------------------------------------------------------------------------------------

def other_disk(t):
    """Another file system than the state's, where there is one."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="countersign-journal.", dir=place)
    give_away(folder)
    config = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("countersign.yaml", config.replace("/countersign}", f'/countersign, journal: "{folder}/journal"}}'))
    return folder


def shimmed(t, **settings):
    shim = f"{t.folder}/killshim.so"
    if not os.path.exists(shim):
        shutil.copy(f"{BUILD}/tests/kill/killshim.so", shim)
        os.chmod(shim, 0o755)
    return {"LD_PRELOAD": shim, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0", **settings}


def replay(state, journal, *like):
    done = subprocess.run([f"{BUILD}/tests/kill/replay", state, journal, *like], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def same(t, journal, what, older=None):
    """What the journal gives, into an empty database and an older copy, is what the database has."""
    now = tempfile.mkdtemp(dir=t.folder)
    shutil.copytree(f"{t.desk.folder}/state", now, dirs_exist_ok=True)
    code, head = replay(now, journal)  # what the desk would carry out at its next start
    t.check(code == 0, f"{what}: the journal fits the database: {stay_tidy(head)}")
    root = head.split()[:2]
    for name, begin in (("an empty database", None), ("an older copy", older)):
        if name == "an older copy" and not older:
            continue
        state = tempfile.mkdtemp(dir=t.folder)
        if begin:
            shutil.copy(begin, f"{state}/countersign.db")
        code, said = replay(state, journal, now)
        t.check(code == 0 and said.split()[:2] == root, f"{what}: into {name}: the same root, the same rows: {stay_tidy(said)}")
        shutil.rmtree(state)
    shutil.rmtree(now)


# --- chapters --------------------------------------------------------------------------------------------------------

def ask(t, component, more=""):
    t.lmtp(t.stamp() + (f"From: Kim Park <kim@{t.rig.domain}>\r\nTo: {t.address}\r\nSubject: {component}\r\nMessage-ID: <{component}@pc>\r\n\r\n"
                        f"{REQUEST.format(component)}{more}").encode())


def died(t):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and t.desk.serve.poll() is None:
        time.sleep(0.03)
    return t.desk.serve.poll()


def deaths(t, journal):
    t.say("the core is killed at several moments")
    t.desk.start()
    t.desk.stop()
    for number, n in enumerate(DEATHS):
        ask(t, f"lib{number}", LARGE * 1500 if number == 1 else "")
        try:
            t.desk.start(environment=shimmed(t, KILL_AT=str(n)))
        except RuntimeError:
            pass  # it died before it was ready
        t.check(died(t) == -signal.SIGKILL, f"killed before call {n}")
        same(t, journal, f"call {n}")


def in_hand(t, journal):
    t.say("mail is in hand when the core dies")
    t.desk.start()
    t.until("the cases", lambda: len(t.since(0, "case.opened")) == len(DEATHS))
    t.quiet()
    older = f"{t.folder}/older.db"
    source, copy = sqlite3.connect(f"file:{t.desk.folder}/state/countersign.db?mode=ro", uri=True), sqlite3.connect(older)
    source.backup(copy)
    copy.close()
    source.close()
    mime = int(subprocess.run(["pgrep", "-P", str(t.desk.serve.pid), "-x", "mime"], capture_output=True, text=True, check=True).stdout)
    os.kill(mime, signal.SIGSTOP)
    ask(t, "inhand")
    t.until("mail in hand", lambda: t.sql("SELECT count(*) FROM inbox WHERE state = 'new'")[0][0])
    t.desk.stop(signal.SIGKILL)
    same(t, journal, "mail in hand", older)
    return older


def left_behind(t):
    """What a death left of a large mail's file is read-only, and the desk is not root."""
    data = t.stamp() + f"From: Max <max@{t.rig.domain}>\r\nTo: {t.address}\r\nSubject: s\r\nMessage-ID: <left@pc>\r\n\r\nhelp\r\n".encode() + LARGE.encode() * 1500
    name = hashlib.sha256(data).hexdigest()
    folder = f"{t.desk.folder}/state/evidence/{name[:2]}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}.new", "wb") as file:
        file.write(data[:1000])
    os.chmod(f"{folder}/{name}.new", 0o400)
    give_away(folder)
    give_away(f"{folder}/{name}.new")
    t.check(t.deliver(data) == 0 and os.path.getsize(f"{folder}/{name}") == len(data), "what a death left of a file is in nobody's way")


def decided(t):
    t.say("it goes on: what was in hand is decided")
    t.desk.start()
    case = t.until("the case", lambda: [e for e in t.since(0, "case.opened") if "inhand" in str(e["body"])])[0]["case"]
    seq = t.size()
    t.people["ann"].reply(t.get("ann", case, "to decide, reply"), "approve\n")
    t.entry(seq, "vote.cast", case)
    left_behind(t)
    t.check(not t.since(0, "alarm.raised"), "no alarm was raised")
    t.check(t.desk.json("status")["journal"].endswith("/journal"), "status names the folder")
    t.verify()
    t.desk.stop()


def full(t, disk):
    t.say("the journal's disk is full")
    mark = f"{t.desk.folder}/run/full"
    t.desk.start(environment=shimmed(t, KILL_ERROR="28", KILL_WHILE=mark, KILL_FOLDER=disk))
    t.quiet()
    size = t.size()
    with open(mark, "w", encoding="ascii"):
        give_away(mark)
    data = t.stamp() + f"From: Max <max@{t.rig.domain}>\r\nTo: {t.address}\r\nSubject: s\r\nMessage-ID: <full@pc>\r\n\r\nhelp\r\n".encode()
    done = t.desk.cli("deliver", stdin=data, check=False)
    t.check(done.returncode == 75 and disk.encode() in done.stderr, f"a pipe is told to try again: {stay_tidy(done.stderr.decode())}")
    ask(t, "patient")
    t.until("a refusal in the log", lambda: "nothing was stored" in t.desk.log() and f"{disk}/journal" in t.desk.log())
    stuck = t.until("status", lambda: t.desk.json("status").get("stuck"))
    t.check(disk in stuck["text"] and "No space left" in stuck["text"], f"status names the disk: {stay_tidy(stuck['text'])}")
    t.check(t.desk.cli("find", check=False).returncode == 0 and t.size() == size, "reading goes on, nothing is written")
    os.unlink(mark)
    t.until("the mail that waited", lambda: [e for e in t.since(size, "case.opened") if "patient" in str(e["body"])])
    alarm = t.entry(size, "alarm.raised")["body"]
    t.check(alarm["code"] == "disk-full" and disk in alarm["text"], f"an alarm tells of it: {stay_tidy(alarm['text'])}")
    t.check("stuck" not in t.desk.json("status"), "status does not any more")
    t.desk.stop()


def damaged(t, journal, older):
    t.say("the end of the journal is damaged")
    last = sorted(name for name in os.listdir(journal) if name.endswith(".journal"))[-1]
    with open(f"{journal}/{last}", "r+b") as file:
        file.seek(-3, os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    size = t.sql("SELECT count(*) FROM entry")[0][0]
    t.desk.start()
    alarm = t.entry(size, "alarm.raised")["body"]
    t.check(alarm["code"] == "journal-damaged", f"at the next start: {stay_tidy(alarm['text'])}")
    t.check(os.path.exists(f"{journal}/{last}.damaged"), "what was cut off is kept")
    t.desk.stop()

    t.say("the database is an older copy")
    for name in ("countersign.db-wal", "countersign.db-shm"):
        if os.path.exists(f"{t.desk.folder}/state/{name}"):
            os.unlink(f"{t.desk.folder}/state/{name}")
    shutil.copy(older, f"{t.desk.folder}/state/countersign.db")
    give_away(f"{t.desk.folder}/state/countersign.db")
    try:
        t.desk.start()
    except RuntimeError:
        pass
    t.check(t.desk.serve.poll() == 65 and "it is an older copy" in t.desk.log(), "the core does not start, and says why")


def play(t):
    disk = other_disk(t)
    try:
        deaths(t, f"{disk}/journal")
        older = in_hand(t, f"{disk}/journal")
        decided(t)
        full(t, disk)
        same(t, f"{disk}/journal", "after all that", older)
        damaged(t, f"{disk}/journal", older)
    finally:
        shutil.rmtree(disk, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(run(play))
