#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signing.py - the log's heads are signed: mail waits for them, decisions do not, and an older or another log is told."""
import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile

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


def public(secret):
    """The verifier key."""
    name, number, coded = secret.strip().removeprefix("PRIVATE+KEY+").split("+", 2)
    der = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], capture_output=True, check=True,
                         input=bytes.fromhex("302e020100300506032b657004220420") + base64.b64decode(coded)[1:]).stdout
    return f"{name}+{number}+{base64.b64encode(bytes([1]) + der[-32:]).decode()}"


def sign_with(t, key):
    t.desk.write("log.key", key, 0o600)
    config = open(t.desk.config, encoding="utf-8").read()
    if "file:log.key" not in config:
        t.desk.write("countersign.yaml", config.replace("/countersign}", '/countersign, key: "file:log.key"}'))


def sign(secret, text):
    """The signature line of a note, by OpenSSL."""
    _, name, number, coded = secret.strip().removeprefix("PRIVATE+").split("+", 3)
    folder = tempfile.mkdtemp(dir=os.environ.get("TMP"))
    for file, data in (("key", bytes.fromhex("302e020100300506032b657004220420") + base64.b64decode(coded)[1:]), ("text", text)):
        with open(f"{folder}/{file}", "wb") as out:
            out.write(data)
    signed = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", f"{folder}/key", "-in",
                             f"{folder}/text"], capture_output=True, check=True).stdout
    return f"\N{EM DASH} {name} {base64.b64encode(bytes.fromhex(number) + signed).decode()}\n".encode()


def signers(note):
    """The ids of the keys that signed it."""
    return [base64.b64decode(line.split(" ")[2])[:4].hex() for line in note.split("\n\n")[1].splitlines()]


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


def lost_mark(t):
    t.say("the signer loses its mark: nothing is signed before somebody says how far it had signed")
    t.desk.stop()
    notes = [note for _, note in t.sql("SELECT size, note FROM checkpoint ORDER BY size")]
    early, newest = f"{t.folder}/early", f"{t.folder}/newest"
    for path, note in ((early, notes[0]), (newest, notes[-1])):
        with open(path, "w", encoding="utf-8") as file:
            file.write(note)
    os.unlink(f"{t.desk.folder}/state/signer/mark")
    before = covered(t)
    t.desk.start()
    t.until("the alarm", lambda: "signer-mark-old" in alarms(t))
    case = ask(t, "libmark")
    t.until("the letters", lambda: t.sql("SELECT count(*) FROM outbox WHERE case_id = ? AND kind = 'review'", case)[0][0])
    t.check(covered(t) == before and t.sql("SELECT count(*) FROM outbox WHERE case_id = ? AND state = 'sent'", case)[0][0] == 0,
            "no head, and no mail")
    running = t.desk.cli("log", "mark", newest, check=False)
    t.desk.stop()
    t.check(running.returncode == 75, f"not under a running desk: {running.stderr.decode().strip()}")
    done = t.desk.cli("log", "mark", early, check=False)
    t.check(done.returncode == 65 and b"take a newer one" in done.stderr, f"not by an old one: {done.stderr.decode().strip()}")
    t.desk.cli("log", "mark", newest)
    done = t.desk.cli("log", "mark", newest, check=False)
    t.check(done.returncode == 73 and b"has a mark" in done.stderr, f"and not over a mark: {done.stderr.decode().strip()}")
    t.desk.start()
    t.get("ann", case, "to decide, reply")
    t.until("a head of the whole log", lambda: covered(t) == t.size())


def hang(t, new):
    t.say("a new key is introduced: by an administrator, once the signer has it")
    done = t.desk.cli("log", "rotate", check=False)
    t.check(done.returncode == 77 and b"log.next" in done.stderr, f"not before: {done.stderr.decode().strip()}")
    done = t.desk.cli("log", "rotate", "--finish", check=False)
    t.check(done.returncode == 66 and b"never changed" in done.stderr, "and nothing is destroyed before")
    t.desk.write("log.next", new, 0o600)
    config = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("countersign.yaml", config.replace('key: "file:log.key"', 'key: "file:log.key", next: "file:log.next"'))

    t.say("the signer hangs for good: it is killed, and that is told")
    t.desk.stop()
    t.desk.start("--clock=20")  # half a minute is short then
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    process = signer(t)
    os.kill(process, signal.SIGSTOP)
    seq = t.size()
    case = ask(t, "libhang")
    t.entry(seq, "alarm.raised")
    t.check(alarms(t)[-1] == "log-unsigned", f"an alarm {alarms(t)}")
    t.get("ann", case, "to decide, reply")
    t.check(signer(t) != process, "another signer goes on, and mail goes out")
    t.get("ira", "the signer hangs")


def rotate(t, old, new):
    t.say("the desk dies between the entry of a new key and its head")
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    ids = [key.split("+")[3] for key in (old, new)]
    t.check(signers(t.sql("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")[0][0]) == ids[:1], "until then the old one signs")
    os.kill(signer(t), signal.SIGSTOP)
    seq = t.size()
    verb = subprocess.Popen([f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, "log", "rotate"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=t.desk.environment())
    turn = t.entry(seq, "key.rotated")["seq"] + 1
    t.desk.stop(signal.SIGKILL)
    verb.kill()
    verb.wait()
    done = t.desk.cli("log", "rotate", "--finish", check=False)
    t.check(done.returncode == 75 and b"still needed" in done.stderr, f"the old key is still needed: {done.stderr.decode().strip()}")
    t.desk.start("--clock=20")
    t.until("a head of the whole log", lambda: covered(t) == t.size())
    notes = dict(t.sql("SELECT size, note FROM checkpoint"))
    t.check(turn in notes and signers(notes[turn]) == ids, f"the head of {turn} entries is signed by both keys")
    t.check(all(signers(note) == (ids[:1] if size < turn else ids[1:]) for size, note in notes.items() if size != turn),
            "each other one by the key of its size")
    t.verify()
    return turn, ids


def after_rotation(t, old, new, turn, ids):
    t.say("what either key may sign")
    path = f"{t.folder}/forged"
    notes = dict(t.sql("SELECT size, note FROM checkpoint"))
    early, late = max(size for size in notes if size < turn), max(notes)
    for key, size, code in ((new, early, 65), (old, late, 65), (old, early, 0), (new, late, 0), (old, turn, 65), (new, turn, 65)):
        text = notes[size].split("\n\n")[0].encode() + b"\n"
        with open(path, "wb") as file:
            file.write(text + b"\n" + sign(key, text))
        done = t.desk.cli("log", "verify", "--against", path, check=False)
        t.check(done.returncode == code, f"{size} by the {'new' if key == new else 'old'} key: {(done.stdout + done.stderr).decode().strip()[-150:]}")
    done = t.desk.cli("log", "verify", "--against", f"{t.folder}/good.txt", check=False)
    t.check(done.returncode == 0, f"a receipt from before still holds: {done.stderr.decode()}")
    vote = t.since(0, "vote.cast")[0]["seq"]
    with open(path, "w", encoding="utf-8") as file:
        file.write(t.desk.cli("log", "prove", str(vote)))
    for given in ([], ["--key", public(old)], ["--key", public(new)]):
        done = t.desk.cli("log", "verify-receipt", path, *given, check=False)
        t.check(done.returncode == 0, f"a new one of the same vote, for who knows {given[1:] or 'no key'}: {done.stderr.decode()}")
    done = t.desk.cli("log", "verify-receipt", f"{t.folder}/good.txt", "--key", public(new), check=False)
    t.check(done.returncode == 65, "the new key alone does not know the old one")
    done = t.desk.cli("log", "verify-receipt", f"{t.folder}/good.txt", "--key", public(new), "--later", path, check=False)
    t.check(done.returncode == 0, f"with a later receipt it does: {done.stderr.decode()}")

    t.say("the old key is destroyed")
    os.link(f"{t.desk.folder}/etc/log.key", f"{t.folder}/peek")
    t.desk.cli("log", "rotate", "--finish")
    with open(f"{t.folder}/peek", "rb") as file:
        t.check(old.strip()[-20:].encode() not in file.read(), "its bytes are overwritten")
    with open(f"{t.desk.folder}/etc/log.key", encoding="ascii") as file:
        t.check(file.read() == new and sorted(os.listdir(f"{t.desk.folder}/etc")) ==
                sorted(set(os.listdir(f"{t.desk.folder}/etc")) - {"log.next", "log.key.old"}), "the new one has its place")
    t.desk.cli("log", "rotate", "--finish")


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


def daily(t, log_key):
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
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "continues", *paths, "--key", log_key], capture_output=True,
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
    key = new_key(f"{t.rig.domain}/countersign")
    sign_with(t, key)
    t.desk.start()
    receipt(t, heads(t))
    silence(t)
    new = new_key(f"{t.rig.domain}/countersign")
    lost_mark(t)
    hang(t, new)
    turn, ids = rotate(t, key, new)
    after_rotation(t, key, new, turn, ids)
    rollback(t)
    t.check(signers(t.sql("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")[0][0]) == ids[1:], "with the new key")
    daily(t, public(new))


if __name__ == "__main__":
    sys.exit(run(play))
