#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""backup.py - the disk is lost: from a backup and the journal the desk is what it was, to the last acknowledged mail; what
cannot be had back is refused, or named and goes on under another origin."""
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import BUILD, give_away, run, stay_tidy, text_of, unprivileged  # noqa: E402

REQUEST = "License: GPL-3.0-only\nComponent: {} 1.0\nProduct: Widget\nDistribution: firmware\nReason: subtitles need it\n" \
          "If not granted: we drop subtitles\nNeeded until: 2027-06-01\n"


# --- helpers ---------------------------------------------------------------------------------------------------------

def configure(t, journal, origin=None):
    """A key for the log, and a journal on what is meant to be another disk."""
    origin = origin or f"{t.rig.domain}/countersign"
    file = f"log-{origin.rsplit('/', 1)[1]}.key"
    made = subprocess.run([f"{BUILD}/countersign", "keygen", "--log", origin, f"{t.folder}/{file}"], check=True, capture_output=True)
    t.desk.write(file, open(f"{t.folder}/{file}", encoding="ascii").read(), 0o600)
    config = open(t.desk.config, encoding="utf-8").read()
    lines = [line if not line.startswith("log:") else
             f'log: {{origin: {origin}, key: "file:{file}"' + (f', journal: "{journal}"' if journal else "") + "}"
             for line in config.splitlines()]
    t.desk.write("countersign.yaml", "\n".join(lines) + "\n")
    return made.stdout.decode().strip()


def call(t, *arguments):
    """The command line as the desk's own user, as a timer runs it: exit code, and what it said."""
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, *arguments], capture_output=True,
                          cwd=t.desk.folder, env=t.desk.environment(), check=False, timeout=120, **unprivileged())
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def ask(t, component, text=""):
    seq = t.size()
    t.people["kim"].write(t.address, "An exception, please", REQUEST.format(component) + text)
    return t.entry(seq, "case.opened")["case"]


def covered(t):
    t.until("a head of the whole log", lambda: t.sql("SELECT coalesce(max(size), 0) FROM checkpoint")[0][0] == t.size())


def alarms(t):
    return [e["body"]["code"] for e in t.since(0, "alarm.raised")]


def mark(t, name="mark"):
    with open(f"{t.desk.folder}/state/signer/{name}", encoding="ascii") as file:
        return json.load(file)


def crash(t):
    t.desk.serve.send_signal(signal.SIGKILL)
    t.desk.serve.wait()


def lose_database(t):
    state = f"{t.desk.folder}/state"
    for name in ("countersign.db", "evidence"):
        path = f"{state}/{name}"
        (shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
    # The write-ahead log stays behind, as it does when somebody removes the file that they know.


# --- chapters --------------------------------------------------------------------------------------------------------

def backed_up(t, backups):
    t.say("a backup beside the running desk")
    code, said = call(t, "backup", backups)
    t.check(code == 0 and "verified" in said and "Recorded as entry" in said, f"backup: {stay_tidy(said)}")
    made = t.since(0, "backup.made")[-1]["body"]
    t.check(os.path.isdir(f"{backups}/{made['backup']}") and len(made["manifest"]) == 64, "backup.made names it and its manifest")
    code, said = call(t, "backup", backups, "--keep", "1")
    t.check(code == 0 and "1 older removed" in said and len(os.listdir(backups)) == 1, f"--keep 1: {stay_tidy(said)}")
    return f"{backups}/{os.listdir(backups)[0]}"


def brought_back(t, backups, backup, large):
    t.say("the disk is lost")
    before = ask(t, "libbefore")
    seal = t.get("ann", before, "to decide, reply")
    large_case = ask(t, "liblarge", large)
    t.quiet()
    covered(t)
    crash(t)
    size, signed = t.size(), mark(t)
    lose_database(t)
    refused(t, backup)
    code, said = call(t, "restore", backups)
    t.check(code == 0 and "Nothing is lost." in said and "Proof:" in said, f"restore: {stay_tidy(said)}")
    t.check(t.desk.json("log", "head")["size"] == size + 1, "the same log, and restore.done")
    done = t.since(size)[0]["body"]
    t.check(done["lost"] == 0 and done["mark"] == {"size": signed["size"], "root": signed["root"]} and done["rolled"] > 0,
            f"restore.done says what it did: {json.dumps(done)[:200]}")
    t.verify()
    t.desk.start()
    seq = t.size()
    t.people["ann"].reply(seal, "approve\n")
    t.entry(seq, "vote.cast", before)
    t.check(t.desk.json("show", large_case)["state"] == "pending", "cases that came after the backup are there")
    t.get("ann", before, "is recorded", "receipt")
    t.check(not alarms(t), f"nothing is odd about it: {alarms(t)}")
    t.check(not t.desk.json("status")["frozen"], "the desk decides")


def refused(t, backup):
    t.say("a backup that was altered")
    manifest = json.load(open(f"{backup}/manifest.json", encoding="utf-8"))
    for name in ("countersign.db", next(f["name"] for f in manifest["files"] if f["name"].startswith("evidence/"))):
        bad = f"{t.folder}/bad"
        shutil.copytree(backup, bad)
        os.chmod(f"{bad}/{name}", 0o600)
        with open(f"{bad}/{name}", "r+b") as file:
            file.seek(5000)
            file.write(b"?")
        for folder, folders, files in os.walk(bad):
            give_away(folder)
            for file in files:
                give_away(f"{folder}/{file}")
        code, said = call(t, "restore", bad)
        t.check(code == 65 and f"{bad}/{name}" in said, f"it is named: {stay_tidy(said)}")
        shutil.rmtree(bad)


def lost(t, backups, journal):
    t.say("the journal is lost too")
    running, said = call(t, "restore", backups)
    t.check(running == 75 and "pid" in said, f"never under a running desk: {stay_tidy(said)}")
    code, said = call(t, "backup", backups)
    case = ask(t, "liblost")
    letter = t.get("ann", case, "to decide, reply")
    covered(t)
    crash(t)
    end = mark(t)["size"]
    lose_database(t)
    for name in os.listdir(journal):
        path = f"{journal}/{name}"
        (shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
    code, said = call(t, "restore", backups)
    kept = json.load(open(f"{backups}/{sorted(os.listdir(backups))[-1]}/manifest.json", encoding="utf-8"))["size"]
    t.check(code == 65 and f"Entries {kept} to {end - 1} are lost" in said, f"refused: {stay_tidy(said)}")
    code, said = call(t, "serve")
    t.check(code == 65 and "did not come to its end" in said, f"and nothing new is begun: {stay_tidy(said)}")
    new = f"{t.rig.domain}/second"
    code, said = call(t, "restore", backups, "--new-origin", new)
    t.check(code == 0 and f"Entries {kept} to {end - 1} are lost" in said and f"origin: {new}" in said, f"a new origin: {stay_tidy(said)}")
    old = mark(t)
    code, said = call(t, "serve")
    t.check(code == 78 and f"'origin: {new}'" in said, f"the old origin is no more: {stay_tidy(said)}")
    configure(t, journal, new)
    t.desk.start()
    covered(t)
    t.check(mark(t) == old and mark(t, f"mark.{kept}")["size"] > kept, "the old mark stays, the new origin has its own")
    seq = t.size()
    t.people["ann"].reply(letter, "approve\n")
    answer = t.get("ann", "restored from a backup")
    t.check("restored" in text_of(answer) and t.entry(seq, "message.refused")["body"]["reason"] == "restored",
            "a reply to a lost letter is answered")
    other = ask(t, "libafter")
    asked = t.get("ann", other, "to decide, reply")
    t.people["ann"].reply(asked, "approve\n")
    t.entry(seq, "vote.cast", other)
    said = t.desk.cli("log", "verify")
    t.check("of its earlier origin, whose signatures were NOT checked" in said, f"log verify: {stay_tidy(said)}")
    t.check(alarms(t) == ["backup-failed", "journal-gap"] and not t.desk.json("status")["frozen"],
            f"a new journal wants a backup, and nothing is frozen: {alarms(t)}")
    t.verify()


def frozen(t, backups):
    t.say("a head that no restore lost still freezes the desk, which can be backed up and put right")
    forged = t.message_id(t.size() + 1000, os.urandom(32), os.urandom(8))
    t.people["ann"].write(t.address, "Re: hello", "hello", In_Reply_To=forged)
    t.until("the alarm", lambda: "rollback-detected" in alarms(t))
    code, said = call(t, "backup", backups)
    t.check(code == 0 and "Recorded as entry" in said and t.desk.json("status")["frozen"], f"backup: {stay_tidy(said)}")
    t.desk.stop()
    code, said = call(t, "restore", backups)
    t.check(code == 0 and "Nothing is lost." in said and "before-restore-" in said, f"restore: {stay_tidy(said)}")
    t.desk.start()
    t.check(not t.desk.json("status")["frozen"], "what was verified and compared with the mark decides again")


def alarmed(t):
    t.say("a service that failed")
    code, said = call(t, "alarm", "backup-failed", "The service countersign-backup failed.")
    t.check(code == 0, f"alarm: {stay_tidy(said)}")
    t.get("gus", "the service countersign-backup failed")
    t.get("ira", "the service countersign-backup failed")
    for what in ("rollback-detected", "-failed", "x-failed\n"):
        t.check(call(t, "alarm", what, "text")[0] == 64, f"{what!r} is no failure")
    t.check(not t.desk.json("status")["frozen"], "and the desk goes on")


def play(t):
    backups, journal = f"{t.folder}/backups", f"{t.folder}/journal"
    for path in (backups, journal):
        os.mkdir(path)
        give_away(path)
    configure(t, journal)
    t.desk.start()
    large = "".join(f"{n}: " + "x" * 60 + "\n" for n in range(1200))
    ask(t, "libone", large)
    backup = backed_up(t, backups)
    brought_back(t, backups, backup, large)
    alarmed(t)
    lost(t, backups, journal)
    frozen(t, backups)


if __name__ == "__main__":
    sys.exit(run(play))
