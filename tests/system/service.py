#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""service.py - the daemon as its operator meets it: starting, stopping, reloading, adapters that die, a full disk, a mail
that kills the parser, and the command line's exit codes and JSON."""
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import BUILD, run, stay_tidy, unprivileged  # noqa: E402

REQUEST = "License: AGPL-3.0-only\nComponent: searchd 0.9\nProduct: Atlas\nChannel: saas\nReason: search\n" \
          "If not granted: buy\nNeeded until: 2027-03-01\n"


def request(t, number, text=REQUEST):
    return t.stamp() + (f"From: Kim Park <kim@rig.test>\r\nTo: {t.address}\r\nSubject: request {number}\r\n"
                        f"Message-ID: <r{number}@pc>\r\n\r\n" + text.replace("\n", "\r\n")).encode()


def call(t, *arguments, stdin=None, config=None, **options):
    """The command line, as somebody types it; the exit code and what it said."""
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "--config", config or t.desk.config, *arguments],
                          input=stdin, stderr=subprocess.PIPE, check=False, env=t.desk.environment(), timeout=60,
                          **{"stdout": subprocess.PIPE, **options})
    return done.returncode, ((done.stdout or b"") + done.stderr).decode(errors="replace")


def expect(t, code, what, *arguments, **options):
    got, said = call(t, *arguments, **options)
    return t.check(got == code, f"exit {code}: {what}" + ("" if got == code else f" - got {got}: {stay_tidy(said)}")) and said


def adapters(t):
    """Process ids by name."""
    found = {}
    with open(f"/proc/{t.desk.serve.pid}/task/{t.desk.serve.pid}/children", encoding="ascii") as file:
        for pid in file.read().split():
            try:
                found[open(f"/proc/{pid}/comm", encoding="ascii").read().strip()] = int(pid)
            except OSError:
                pass  # it has just ended
    return found


def heard(t, word, seconds=5):
    """Does the service manager hear this within some seconds?"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if word in t.desk.notify.recv(4096):
                return True
        except socket.timeout:
            pass
    return False


# --- starting and stopping -------------------------------------------------------------------------------------------

def alone(t):
    t.say("one daemon for one state")
    t.desk.start(environment={"WATCHDOG_USEC": "1000000"})
    code, said = call(t, "serve", **unprivileged())
    t.check(code == 75 and f"pid {t.desk.serve.pid}" in said, f"L06 a second one exits 75: {stay_tidy(said)}")
    t.check(heard(t, b"WATCHDOG=1"), "the watchdog hears from it")


def reloading(t):
    t.say("SIGHUP")
    etc = f"{t.desk.folder}/etc"
    name, old, new = "people.yaml", "groups: [admin]", "gruops: [admin]"
    good = open(f"{etc}/{name}", encoding="utf-8").read()
    line = next(i for i, row in enumerate(good.splitlines(), 1) if old in row)
    start, log = t.size(), len(t.desk.log())
    t.desk.write(name, good.replace(old, new))
    t.desk.serve.send_signal(signal.SIGHUP)
    t.check(heard(t, b"RELOADING=1") and heard(t, b"READY=1"), f"{name}: the service manager hears of it")
    said = t.until("complaint", lambda: t.desk.log()[log:])
    t.check(re.search(rf"{name}:{line}:\d+: ", said), f"{name}: a mistake is named by file, line, column: {stay_tidy(said)}")
    t.check(not t.since(start), f"{name}: nothing is published, the old one stays")
    t.desk.write(name, good + "# changed\n")
    t.desk.serve.send_signal(signal.SIGHUP)
    t.check(t.entry(start, "people.published")["body"]["text"].endswith("# changed\n"), f"{name}: a good one is published, whole")
    good = open(f"{etc}/policy.yaml", encoding="utf-8").read()
    start, log = t.size(), len(t.desk.log())
    t.desk.write("policy.yaml", good + "# changed\n")
    t.desk.serve.send_signal(signal.SIGHUP)
    said = t.until("warning", lambda: "differs" in t.desk.log()[log:] and t.desk.log()[log:])
    t.check(re.search(r"policy.yaml differs from version \d+ in force", said), f"policy.yaml is a draft: {stay_tidy(said)}")
    t.check(not t.since(start, "catalogue.published"), "policy.yaml: the one in force stays until two administrators publish")
    t.desk.write("policy.yaml", good)


def stopping(t):
    t.say("SIGTERM")
    begin = time.monotonic()
    code = t.desk.stop()
    took = time.monotonic() - begin
    t.check(code == 0 and took < 10, f"it ends with {code} in {took:.1f} s")
    t.check(heard(t, b"STOPPING=1"), "the service manager hears of it")
    t.check(t.since(t.size() - 1)[0]["type"] == "daemon.stopped", "daemon.stopped is the last entry")
    t.check(call(t, "deliver", stdin=request(t, 0))[0] == 75, "exit 75: deliver, when no desk runs")
    t.check(call(t, "status")[0] == 69, "exit 69: status, when no desk runs")


def clock(t):
    t.say("a clock that runs faster is for the loopback only")
    text = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("far.yaml", re.sub(r'imap://localhost:\d+', "imaps://imap.example.com", text).replace("../state", "../far"))
    os.makedirs(f"{t.desk.folder}/far", exist_ok=True)
    if os.getuid() == 0:
        os.chown(f"{t.desk.folder}/far", *[unprivileged()[k] for k in ("user", "group")])
    code, said = call(t, "serve", "--clock=60", config=f"{t.desk.folder}/etc/far.yaml", **unprivileged())
    t.check(code == 64 and "loopback" in said, f"--clock with a real server: {code}: {stay_tidy(said)}")
    for option in ("--clock=0", "--clock=x", "--clock=", "--watch"):
        t.check(call(t, "serve", option)[0] == 64, f"exit 64: serve {option}")


# --- adapters --------------------------------------------------------------------------------------------------------

def revived(t):
    t.say("adapters that die")
    t.desk.start()
    t.until("three adapters", lambda: len(adapters(t)) == 3)
    before = adapters(t)
    for name in sorted(before):
        os.kill(before[name], signal.SIGKILL)
    t.until("new ones", lambda: len(adapters(t)) == 3 and not set(adapters(t).values()) & set(before.values()))
    start = t.size()
    t.lmtp(request(t, 1))
    t.entry(start, "case.opened")
    t.get("ann", "decision asked", "searchd")
    t.check(True, "all three were killed, came back and work")


def throttled(t):
    t.desk.stop()
    libexec, marks = f"{t.folder}/bad-libexec", f"{t.desk.folder}/run/attempts"
    os.mkdir(libexec, 0o755)
    for name in ("mime", "smtp"):
        os.symlink(f"{t.desk.folder}/bin/{name}", f"{libexec}/{name}")
    with open(f"{libexec}/imap", "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\ndate +%s.%N >>{marks}\nexit 1\n")
    os.chmod(libexec, 0o755)
    os.chmod(f"{libexec}/imap", 0o755)
    t.desk.start(environment={"COUNTERSIGN_LIBEXEC": libexec})

    def times():
        with open(marks, encoding="ascii") as file:
            return [float(line) for line in file]
    t.until("five attempts", lambda: os.path.exists(marks) and len(times()) >= 5)
    gaps = [b - a for a, b in zip(times(), times()[1:])]
    t.check(all(b > 1.2 * a for a, b in zip(gaps, gaps[1:])) and gaps[-1] > 3 * gaps[0],
            "one that dies young is tried ever more rarely: " + ", ".join(f"{gap:.1f} s" for gap in gaps))
    states = {row["name"]: row["state"] for row in t.desk.json("status")["adapters"]}
    t.check(states == {"imap": "waiting to start again", "mime": "ready", "smtp": "ready"}, f"status says so: {states}")
    begin = time.monotonic()
    t.check(t.desk.stop() == 0 and time.monotonic() - begin < 10, "SIGTERM ends it all the same")


def deadly(t):
    """The parser is killed whenever it has this mail, by the shim (tests/kill): three starts die, the fourth lives."""
    t.say("a mail that kills the parser")
    shim, libexec = f"{t.folder}/killshim.so", f"{t.folder}/deadly-libexec"
    shutil.copy(f"{BUILD}/tests/kill/killshim.so", shim)
    os.mkdir(libexec, 0o755)
    for name in ("imap", "smtp"):
        os.symlink(f"{t.desk.folder}/bin/{name}", f"{libexec}/{name}")
    program = f"{t.desk.folder}/bin/mime"
    with open(f"{libexec}/mime", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nfor i in 1 2 3; do\n"
                   f"    mkdir {t.desk.folder}/run/death-$i 2>/dev/null || continue\n"
                   f"    LD_PRELOAD={shim} KILL_AT=2 ASAN_OPTIONS=\"$ASAN_OPTIONS:verify_asan_link_order=0\" exec {program}\n"
                   f"done\nexec {program}\n")
    for path in (shim, libexec, f"{libexec}/mime"):
        os.chmod(path, 0o755)
    t.desk.start(environment={"COUNTERSIGN_LIBEXEC": libexec})
    start = t.size()
    t.deliver(request(t, 2))
    t.deliver(request(t, 3))
    parked = t.entry(start, "message.parked")
    opened = t.entry(start, "case.opened")
    received = [e["seq"] for e in t.since(start, "message.received")]
    t.check(parked["body"]["reason"] == "mime-crash" and parked["body"]["message"] == received[0],
            "after three deaths it is parked")
    t.check(opened["body"]["message"] == received[1] and t.desk.serve.poll() is None, "and the next one is read")
    deaths = len(re.findall(r"mime \(pid \d+\) (?:was killed|ended with exit code 137)", t.desk.log()))
    t.check(len(os.listdir(f"{t.desk.folder}/run")) >= 3 and deaths >= 3, f"the log names each death ({deaths})")
    status = t.desk.json("status")
    queues = {row["name"]: row["waiting"] for row in status["queues"]}
    t.check(queues["parked mail"] == 1, f"status shows parked mail: {queues}")
    t.check(re.search(r"parked mail\D+1", t.desk.cli("status")), "for people as well")


# --- a full disk -----------------------------------------------------------------------------------------------------

def full_disk(t):
    t.say("a full disk")
    t.desk.stop()
    state = f"{t.desk.folder}/state"
    kept = f"{t.desk.folder}/state-kept"
    if os.getuid() != 0:
        print("skipped: only root can mount a small disk")
        return
    os.rename(state, kept)
    os.mkdir(state)
    who = unprivileged()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=4m,mode=700,uid={who['user']},gid={who['group']}",
                              "tmpfs", state], check=False).returncode == 0
    if not mounted:
        os.rmdir(state)
        os.rename(kept, state)
        print("skipped: a small disk cannot be mounted here")
        return
    try:
        on_small_disk(t, state)
    finally:
        t.desk.stop()
        subprocess.run(["umount", state], check=True)
        os.rmdir(state)
        os.rename(kept, state)


def tend(t):
    """As systemd would: a desk that gave up is started again."""
    code = t.desk.serve.poll()
    if code is None:
        return
    t.starts += 1
    try:
        t.desk.start()
    except RuntimeError:
        time.sleep(0.5)


def inbox(t):
    folder = f"{t.rig.folder}/mail/licensing/Maildir"
    return sum(len(os.listdir(f"{folder}/{part}")) for part in ("new", "cur"))


def on_small_disk(t, state):
    t.starts = 0
    t.desk.start()
    t.check(t.deliver(request(t, 10)) == 0, "while there is room a mail is stored")
    t.entry(0, "case.opened")
    t.quiet()
    before = t.size()
    filler = open(f"{state}/filler", "wb", buffering=0)
    try:
        while True:
            filler.write(b"x" * 4096)
    except OSError:
        pass
    filler.truncate(filler.tell() - (160 << 10))  # a few mails still fit
    filler.close()
    acknowledged = []
    for i in range(11, 31):
        if t.deliver(request(t, i, REQUEST + "x" * 2000 + "\n")) == 0:
            acknowledged.append(i)
        tend(t)
    refused = t.deliver(request(t, 99, REQUEST + "y" * 100000 + "\n"))
    tend(t)
    t.check(0 < len(acknowledged) < 20 and refused == 75, f"exit 75: deliver, when the disk is full ({len(acknowledged)} fitted)")
    t.lmtp(request(t, 40, REQUEST + "z" * 100000 + "\n"))
    end = time.monotonic() + 3
    while time.monotonic() < end:
        tend(t)
        time.sleep(0.2)
    t.check(inbox(t) >= 1, f"a mail that cannot be stored stays on the server ({inbox(t)})")
    t.check("nothing was stored" in t.desk.log() or t.starts, f"the log says why (started again {t.starts} times)")
    os.unlink(f"{state}/filler")
    end = time.monotonic() + 40
    while time.monotonic() < end and (inbox(t) > 0 or t.desk.serve.poll() is not None):
        tend(t)
        time.sleep(0.2)
    t.check(inbox(t) == 0, "when there is room again, it is fetched without anybody's help")
    t.quiet()
    subjects = {e["body"]["subject"] for e in t.since(before, "case.opened")}
    want = {f"request {i}" for i in (*acknowledged, 40)}
    t.check(want <= subjects, f"nothing acknowledged is lost: {len(subjects)} cases, missing {sorted(want - subjects)}")
    t.verify()


# --- the command line ------------------------------------------------------------------------------------------------

def exit_codes(t):
    t.say("exit codes")
    t.desk.start()
    expect(t, 64, "L01 an unknown option", "--wrong", "find")
    program = f"{t.desk.folder}/bin/countersign"
    for what, arguments in (("--config without a value", ["--config"]), ("no verb", []), ("an empty verb", [""]),
                            ("no such verb", ["dance"]), ("-- and then no verb", ["--"])):
        done = subprocess.run([program, *arguments], capture_output=True, check=False, env=t.desk.environment())
        t.check(done.returncode == 64 and b"usage:" in done.stderr, f"exit 64: L01 {what}, with a usage line")
    expect(t, 0, "L01 -- ends the options", "--", "find")
    expect(t, 64, "L01 an option behind the verb is no case", "show", "--json")
    expect(t, 64, "show without a case", "show")
    expect(t, 64, "show with a bad id", "show", "CS-01")
    expect(t, 66, "show with an id that nobody has", "show", "CS-999")
    expect(t, 77, "an administrator's vote", "approve", "CS-1")
    expect(t, 65, "deliver, larger than max_size", "deliver", stdin=b"x" * (5 << 20))
    expect(t, 0, "check-config", "check-config")
    text = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("bad.yaml", text.replace("cases:", "casse:"))
    said = expect(t, 78, "check-config of a file with a mistake", "check-config", config=f"{t.desk.folder}/etc/bad.yaml")
    t.check(said and re.search(r"bad\.yaml:\d+:\d+: ", said), "with file, line and column")
    with open("/dev/full", "wb") as full:
        expect(t, 74, "L03 standard output is full", "find", stdout=full)
    read, write = os.pipe()
    os.close(read)
    expect(t, 74, "L03 nobody reads standard output", "find", stdout=write)
    os.close(write)
    for name, make in (("a directory", os.mkdir), ("a FIFO", os.mkfifo), ("an empty file", lambda p: open(p, "wb").close()),
                       ("a program", lambda p: shutil.copy("/bin/true", p)), ("a newer schema", lambda p: newer(t, p))):
        other = f"{t.desk.folder}/other"
        shutil.rmtree(other, ignore_errors=True)
        os.mkdir(other)
        make(f"{other}/countersign.db")
        t.desk.write("other.yaml", text.replace("../state", "../other"))
        expect(t, 65, f"L10 the database is {name}", "find", config=f"{t.desk.folder}/etc/other.yaml")


def newer(t, path):
    base = sqlite3.connect(f"file:{t.desk.folder}/state/countersign.db?mode=ro", uri=True)
    copy = sqlite3.connect(path)
    base.backup(copy)
    copy.execute("PRAGMA user_version = 99")
    copy.commit()
    copy.close()
    base.close()


SHOW = {"case": str, "version": int, "state": str, "type": str, "title": str, "requester": str, "opened": str,
        "due": (str, type(None)), "expires": (str, type(None)), "facts": dict, "inferred": list, "missing": list,
        "components": list, "findings": list, "risk": int, "stages": list, "evidence": list, "links": list, "summary": str}
STAGE = {"name": str, "need": int, "from": list, "factor": (str, type(None)), "state": str, "votes": list}
FINDING = {"check": str, "says": str, "risk": int}
LEAF = {"actor": str, "body": dict, "seq": int, "time": str, "type": str, "via": str, "v": int}


def shaped(t, what, value, shape):
    wrong = [name for name, kind in shape.items() if name not in value or not isinstance(value[name], kind)]
    t.check(not wrong, f"{what} has the fields of DESIGN 9" + (f" - not {wrong}: {stay_tidy(json.dumps(value))}" if wrong else ""))


def shapes(t):
    t.say("--json")
    case = t.desk.json("show", "CS-1")
    shaped(t, "show", case, SHOW)
    shaped(t, "a stage", case["stages"][0], STAGE)
    shaped(t, "a finding", case["findings"][0], FINDING)
    t.check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", case["opened"]), "times are RFC 3339, UTC")
    history = t.desk.json("history", "CS-1")
    shaped(t, "an entry of history", history[0], LEAF)
    t.check([e["type"] for e in history][:2] == ["case.opened", "case.assessed"], "history begins with its opening")
    found = t.desk.json("find", "state:pending")
    t.check(found["count"] >= 1 and found["cases"][0]["case"].startswith("CS-"), "find lists cases and their number")
    head = t.desk.json("log", "head")
    t.check(set(head) >= {"size", "root"} and re.fullmatch("[0-9a-f]{64}", head["root"]), "log head: size and root")
    verified = t.desk.json("log", "verify")
    t.check(verified["ok"] is True and verified["size"] >= head["size"], "log verify: ok")


def play(t):
    for step in (alone, reloading, stopping, clock, revived, throttled, deadly, full_disk, exit_codes, shapes):
        step(t)
    t.verify()


sys.exit(run(play))
