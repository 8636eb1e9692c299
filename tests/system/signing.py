#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signing.py - the log's heads are signed: mail waits for them, decisions do not, and an older or another log is told."""
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import give_away, run, text_of  # noqa: E402

REQUEST = "License: GPL-3.0-only\nComponent: {} 1.0\nProduct: Widget\nDistribution: firmware\nReason: subtitles need it\n" \
          "If not granted: we drop subtitles\nNeeded until: 2027-06-01\n"


# --- the key ---------------------------------------------------------------------------------------------------------

def new_key(name):
    """A signer's key in the form of Go's note.GenerateKey, by OpenSSL."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER"], capture_output=True,
                             check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=private,
                            capture_output=True, check=True).stdout[-32:]
    number = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4].hex()
    return f"PRIVATE+KEY+{name}+{number}+{base64.b64encode(bytes([1]) + private[-32:]).decode()}\n"


def sign_with(t, key):
    t.desk.write("log.key", key, 0o600)
    config = open(t.desk.config, encoding="utf-8").read()
    if "file:log.key" not in config:
        t.desk.write("countersign.yaml", config.replace("/countersign}", '/countersign, key: "file:log.key"}'))


# --- looking ---------------------------------------------------------------------------------------------------------

def covered(t):
    return t.sql("SELECT coalesce(max(size), 0) FROM checkpoint")[0][0]


def signer(t):
    found = subprocess.run(["pgrep", "-P", str(t.desk.serve.pid), "-x", "signer"], capture_output=True, text=True, check=False)
    return int(found.stdout.split()[0])


def alarms(t):
    return [e["body"]["code"] for e in t.since(0, "alarm.raised")]


def ask(t, component):
    seq = t.size()
    t.people["kim"].write(t.address, "An exception, please", REQUEST.format(component))
    return t.entry(seq, "case.opened")["case"]


# --- chapters --------------------------------------------------------------------------------------------------------

def heads(t):
    t.say("what goes out is covered by a signed head")
    case = ask(t, "libone")
    t.until("the letters", lambda: t.sql("SELECT count(*) FROM outbox WHERE kind = 'review' AND state = 'sent'")[0][0])
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    size, note = t.sql("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")[0]
    t.check(note.startswith(f"{t.rig.domain}/countersign\n{size}\n"), "the newest head names this log and its size")
    early = t.sql("SELECT count(*) FROM outbox WHERE state = 'sent' AND head > (SELECT max(size) FROM checkpoint)")[0][0]
    t.check(early == 0, "no letter went out before the head that it needs")
    t.verify()
    return case


def receipt(t, case):
    t.say("whoever decides gets a receipt that holds without the desk")
    asked = t.get("ann", case, "to decide, reply")
    seq = t.size()
    t.people["ann"].reply(asked, "approve\n")
    vote = t.entry(seq, "vote.cast", case)
    mail = t.get("ann", case, "is recorded", "receipt")
    attached = [part for part in mail.walk() if part.get_filename()]
    t.check([part.get_filename() for part in attached] == [f"{case} entry {vote['seq']} receipt.txt"], "one file is attached")
    path = f"{t.folder}/receipt.txt"
    with open(path, "wb") as file:
        file.write(attached[0].get_payload(decode=True))
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "verify-receipt", path], capture_output=True, text=True,
                          check=False, env={"PATH": os.environ["PATH"]}, cwd="/")
    t.check(done.returncode == 0 and case in done.stdout, f"it verifies with no configuration: {done.stdout}{done.stderr}")
    shutil.copy(path, f"{t.folder}/good.txt")
    with open(path, "r+b") as file:
        text = file.read().replace(b"index ", b"index 1", 1)
        file.seek(0)
        file.write(text)
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "verify-receipt", path], capture_output=True, text=True,
                          check=False, env={"PATH": os.environ["PATH"]}, cwd="/")
    t.check(done.returncode == 65, f"an altered one does not: {done.stderr}")


def silence(t):
    t.say("the signer hangs: decisions are kept, mail waits")
    process = signer(t)
    os.kill(process, signal.SIGSTOP)
    seq = t.size()
    other = ask(t, "libtwo")
    t.until("the letters about it", lambda: t.sql("SELECT count(*) FROM outbox WHERE case_id = ? AND kind = 'review'", other)[0][0])
    sent = t.sql("SELECT count(*) FROM outbox WHERE case_id = ? AND state = 'sent'", other)[0][0]
    t.check(sent == 0, "no letter about the new case went out")
    t.check(t.desk.json("show", other)["state"] == "pending", "the case is there")
    os.kill(process, signal.SIGCONT)
    t.get("ann", other, "to decide, reply")
    t.check(len(t.since(seq, "case.opened", other)) == 1, "it went on where it was")

    t.say("the signer dies: another goes on from its mark")
    os.kill(signer(t), signal.SIGKILL)
    third = ask(t, "libthree")
    t.get("ann", third, "to decide, reply")
    t.until("a head of the whole log", lambda: covered(t) == t.size())


def frozen(t, code, what):
    t.desk.start()
    t.until(code, lambda: code in alarms(t))
    t.check(t.desk.json("status")["frozen"], f"{what}: the desk only reads")
    t.check(t.desk.cli("find", check=False).returncode == 0, "and it does read")
    t.desk.stop()


def rollback(t):
    state = f"{t.desk.folder}/state"

    def put_back(saved):
        shutil.rmtree(state)
        shutil.copytree(saved, state)
        give_away(state)
        for folder, folders, files in os.walk(state):
            for name in folders + files:
                give_away(f"{folder}/{name}")

    t.say("an older copy of the database")
    t.desk.stop()
    old, new = f"{t.folder}/old", f"{t.folder}/new"
    shutil.copytree(state, old)
    t.desk.start()
    ask(t, "libfour")
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    t.desk.stop()
    shutil.copytree(state, new)
    put_back(old)
    shutil.copy(f"{new}/signer/mark", f"{state}/signer/mark")
    give_away(f"{state}/signer/mark")
    frozen(t, "rollback-detected", "the signer knows a longer log")

    t.say("another log of the same length or more")
    put_back(old)
    t.desk.start()
    for number in range(3):
        ask(t, f"libother{number}")
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    t.desk.stop()
    shutil.copy(f"{new}/signer/mark", f"{state}/signer/mark")
    give_away(f"{state}/signer/mark")
    frozen(t, "fork-detected", "the signer knows other entries")

    t.say("the right one goes on")
    put_back(new)
    t.desk.start()
    case = ask(t, "libfive")
    t.get("ann", case, "to decide, reply")
    t.verify()


def daily(t):
    t.say("auditors are mailed a checkpoint every day")
    key = t.desk.cli("log", "head").splitlines()[-1].split()[1]
    t.desk.stop()
    t.none("gus")
    t.desk.start("--clock=80000")
    mails = [t.get("gus", "checkpoint of the log") for _ in range(2)]
    t.desk.stop(signal.SIGKILL)
    rows = t.sql("SELECT count(*), count(DISTINCT created) FROM outbox WHERE kind = 'checkpoint'")[0]
    t.check(rows[0] == rows[1] and rows[0] >= 2, f"one each day {rows}")
    paths = [f"{t.folder}/day{n}.eml" for n in range(2)]
    for path, mail in zip(paths, mails):
        with open(path, "wb") as file:
            file.write(mail.as_bytes())
    t.check(all(key in text_of(mail) for mail in mails), "the note stands in the text")
    public = subprocess.run([f"{t.desk.folder}/bin/countersign", "--json", "log", "verify-receipt", f"{t.folder}/good.txt"],
                            capture_output=True, check=True)
    public = json.loads(public.stdout)["key"]
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "continues", *paths, "--key", public], capture_output=True,
                          text=True, check=False, env={"PATH": os.environ["PATH"], "COUNTERSIGN_LIBEXEC": f"{t.desk.folder}/bin"})
    t.check(done.returncode == 0 and "Both are signed" in done.stdout, f"the second continues the first: {done.stdout}{done.stderr}")
    for part in mails[1].walk():
        if part.get_filename():
            paths.append(f"{t.folder}/{part.get_filename()}")
            with open(paths[-1], "wb") as file:
                file.write(part.get_payload(decode=True))
    t.check(len(paths) == 4, f"two files are attached {paths[2:]}")
    for path in paths:
        done = t.desk.cli("log", "verify", "--against", path, check=False)
        t.check(done.returncode == 0, f"log verify --against {os.path.basename(path)}: {(done.stdout + done.stderr).decode().strip()[-90:]}")
    t.desk.start()
    ask(t, "libsix")
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    t.check(t.sql("SELECT count(*) FROM outbox WHERE kind = 'checkpoint'")[0][0] == rows[0], "a desk that was killed sends none twice")
    t.verify()


def play(t):
    sign_with(t, new_key(f"{t.rig.domain}/countersign"))
    t.desk.start()
    receipt(t, heads(t))
    silence(t)
    rollback(t)
    daily(t)


if __name__ == "__main__":
    sys.exit(run(play))
