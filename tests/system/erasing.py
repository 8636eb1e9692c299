#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""erasing.py - a decided case is erased by two administrators: nothing that says who asked for what is left in any file of
the desk, and the log, a receipt and a checkpoint that were kept before still verify.  A legal hold stops it.
"""
import email.message
import hashlib
import os
import pwd
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import give_away, run, stay_tidy, unprivileged  # noqa: E402

REQUEST = "License: AGPL-3.0-only\nComponent: {0} 1.0\nProduct: Atlas\nChannel: hosted\nReason: the marmalade of Zuckerwatte\n" \
          "If not granted: no marmalade\nNeeded until: 2027-06-30\n"
PERSONAL = [b"zuckerwatte", b"marmalade", b"kim@rig.test"]


def as_user(t, user, *arguments):
    who = {"user": pwd.getpwnam(user).pw_uid, "group": unprivileged()["group"], "extra_groups": []} if user != "root" else {}
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, *arguments], capture_output=True,
                          check=False, env=t.desk.environment(), text=True, **who)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def places(t):
    """Where anything personal is still to be read: (file, word)."""
    found = []
    for folder in (f"{t.desk.folder}/state", f"{t.folder}/journal"):
        for place, _, names in os.walk(folder):
            for name in names:
                with open(f"{place}/{name}", "rb") as file:
                    text = file.read().lower()
                found += [(os.path.relpath(f"{place}/{name}", t.folder), word.decode()) for word in PERSONAL if word in text]
    return found


def ask(t, component):
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, f"{component}, please"
    message["Message-ID"] = f"<{component}@zuckerwatte.example>"
    message.set_content(REQUEST.format(component))
    message.add_attachment("marmalade by Kim Zuckerwatte\n" * 5000, filename=f"zuckerwatte-{component}.txt")
    start = t.size()
    t.people["kim"].send(message)
    return t.entry(start, "case.opened")["case"]


def decide(t, case):
    start = t.size()
    t.people["ann"].reply(t.get("ann", case, "to decide, reply"), "reject: we do not host it")
    t.entry(start, "case.rejected", case)
    t.quiet()
    t.until("a head of the whole log", lambda: t.sql("SELECT max(size) FROM checkpoint")[0][0] == t.size())


def keep(t, case):
    """What people had before: ann's receipt, somebody's checkpoint."""
    mail = t.get("ann", case, "is recorded", "receipt")
    receipt, head = f"{t.folder}/receipt.txt", f"{t.folder}/head"
    with open(receipt, "wb") as file:
        file.write([part for part in mail.walk() if part.get_filename()][0].get_payload(decode=True))
    with open(head, "w", encoding="utf-8") as file:
        file.write(t.sql("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")[0][0])
    return receipt, head


def refused(t, case, pending):
    t.say("what is not erased")
    start = t.size()
    t.people["ira"].write(t.address, "mine", REQUEST.format("libown").replace("marmalade", "jam").replace("Zuckerwatte", "plums"))
    own = t.entry(start, "case.opened")["case"]
    for user, subject, text in (("nobody", case, "Only administrators"), ("root", pending, "is still open"),
                                ("root", "CS-99", "There is no case"), ("root", "eel@rig.test", "Nothing is kept"),
                                ("root", own, "You asked for it yourself"), ("root", "ira", "about you"),
                                ("root", f"{case}: as kim@rig.test asked", "names nobody")):
        code, said = as_user(t, user, "erase", subject)
        t.check(code == 77 and text in said, f"{subject} by {user}: {code} {stay_tidy(said)}")


def held(t, case):
    t.say("a legal hold")
    t.check(as_user(t, "root", "hold", f"{case}: a law suit")[0] == 0, "is set")
    code, said = as_user(t, "root", "erase", case)
    t.check(code == 77 and "legal hold" in said, f"stops it: {stay_tidy(said)}")
    t.check("Legal hold" in as_user(t, "root", "show", case)[1] and "a law suit" in as_user(t, "root", "status")[1],
            "is shown")
    t.check(as_user(t, "root", "release", case)[0] == 0, "is ended")


def erased(t, case, other):
    t.say("two administrators")
    start = t.size()
    code, said = as_user(t, "root", "erase", f"{case}: asked", "for by letter")
    t.check(code == 0 and "Jo Park" in said, f"the first asks: {stay_tidy(said)}")
    code, said = as_user(t, "root", "erase", case)
    t.check(code == 77 and "asked for it already" in said, f"and cannot do it alone: {stay_tidy(said)}")
    code, said = as_user(t, "daemon", "erase", case)
    entry = t.entry(start, "body.erased")
    t.check(code == 0 and "of the cases CS-1 kept: " in said and "entries that show who decided" in said,
            f"the second does: {stay_tidy(said)}")
    t.check(entry["body"]["asked"] == "person:ira" and entry["body"]["confirmed"] == "person:jo" and
            entry["body"]["why"] == "asked for by letter", "the log has both of them, and why")
    t.check({what for _, what in places(t)} and other, "of the other case all is still there")
    code, said = as_user(t, "daemon", "erase", "kim@rig.test")
    t.check(code == 77 and f"{other} is still open" in said, f"of the person not everything: {stay_tidy(said)}")
    t.people["ann"].reply(t.get("ann", other, "to decide, reply"), "reject: nor this")
    t.entry(start, "case.rejected", other)
    t.quiet()
    as_user(t, "daemon", "erase", "kim@rig.test")
    code, said = as_user(t, "root", "erase", "kim@rig.test")
    t.check(code == 0 and other in said, f"the person with all the rest: {stay_tidy(said)}")
    left = places(t)
    t.check(not left, f"nothing is left in any file: {left[:5]}")


def looked_at(t, case, receipt, head):
    t.say("afterwards")
    code, said = as_user(t, "root", "log", "verify")
    t.check(code == 0 and "of them erased" in said, f"the log verifies: {stay_tidy(said)}")
    t.check(as_user(t, "root", "log", "verify", "--against", head)[0] == 0, "a checkpoint that was kept holds")
    t.check(as_user(t, "root", "log", "verify-receipt", receipt)[0] == 0, "so does a receipt")
    code, said = as_user(t, "root", "show", case)
    t.check(code == 0 and "was erased on" in said and "by order of Ira Weiss and Jo Park: asked for by letter" in said,
            f"show says so: {stay_tidy(said)}")
    code, said = as_user(t, "root", "history", case)
    t.check(code == 0 and "Ann Okafor" in said and "rejected" in said and "(erased)" in said, "history says who decided")
    code, said = as_user(t, "root", "find")
    t.check(code == 0 and case in said and "(erased)" in said, "find lists it")
    start = t.size()
    t.people["ann"].reply(t.old, "approve", quote=False)
    t.check(t.entry(start, "message.refused")["body"]["reason"] == "token-invalid", "a late reply is nobody's")
    start = t.size()
    t.people["gus"].write(t.address, "hello", f"show {case}")
    t.get("gus", "was erased on")
    t.check(not t.since(start, "alarm.raised"), "no alarm is raised by any of it")


def again(t):
    t.say("the desk starts anew")
    t.desk.stop()
    left = places(t)
    t.check(not left, f"a stopped desk has nothing of it: {left[:5]}")
    t.desk.start()
    t.check(as_user(t, "root", "log", "verify")[0] == 0, "and it verifies")


def retained(t):
    t.say("the catalogue's retention, on a clock that runs")
    policy = open(f"{t.desk.folder}/etc/policy.yaml", encoding="utf-8").read()
    t.desk.write("policy.yaml", policy.replace("version: 1", "version: 2") + "retention: {archive: 1d, erase: 6d}\n")
    for user in ("root", "daemon"):
        code, said = as_user(t, user, "policy", "publish", f"{t.desk.folder}/etc/policy.yaml")
    t.check(code == 0 and "version 2 is in force" in said, f"is published: {stay_tidy(said)}")
    case = ask(t, "libthree")
    decide(t, case)
    files = t.sql("SELECT lower(hex(b.sha256)) FROM blob b JOIN evidence e USING (sha256) WHERE e.case_id = ? AND b.data IS NULL", case)
    evidence = f"{t.desk.folder}/state/evidence/{files[0][0][:2]}/{files[0][0]}"
    t.check(os.path.exists(evidence), "evidence is a file")
    t.desk.stop()
    t.desk.start("--clock=100000")
    archived = t.entry(0, "evidence.archived", case)
    bundle = f"{t.desk.folder}/state/archive/{case}.tar"
    t.until("the file to go", lambda: not os.path.exists(evidence))
    with open(bundle, "rb") as file:
        t.check(hashlib.sha256(file.read()).hexdigest() == archived["body"]["bundle"], "evidence is in the bundle, and no longer here")
    shutil.copy(bundle, f"{t.folder}/{case}.tar")
    code, said = as_user(t, "root", "log", "verify")
    t.check(code == 0, f"the log verifies with it: {stay_tidy(said)}")
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "verify-bundle", f"{t.folder}/{case}.tar"],
                          capture_output=True, text=True, check=False)
    t.check(done.returncode == 0, f"the bundle verifies by itself: {stay_tidy(done.stdout + done.stderr)}")
    erased = t.entry(archived["seq"], "body.erased")
    t.check(erased["actor"] == "system" and erased["body"]["catalogue"] == 2, "later it is erased by the catalogue")
    t.until("all of it to go", lambda: not os.path.exists(bundle) and not places(t))
    code, said = as_user(t, "root", "show", case)
    t.check("by the retention of version 2 of the catalogue: over for more than 6 days" in said, f"show says so: {stay_tidy(said)}")
    t.check(as_user(t, "root", "log", "verify")[0] == 0, "the log verifies without it")


def play(t):
    os.mkdir(f"{t.folder}/journal")
    give_away(f"{t.folder}/journal")
    people = open(f"{t.desk.folder}/etc/people.yaml", encoding="utf-8").read()
    t.desk.write("people.yaml", people.replace("requesters:", f"  - {{id: jo, name: Jo Park, mail: [\"max+jo@{t.rig.domain}\"], "
                                               "groups: [admin], unix: daemon}\nrequesters:"))
    config = open(t.desk.config, encoding="utf-8").read()
    key = subprocess.run([f"{t.desk.folder}/bin/countersign", "keygen", "--log", f"{t.rig.domain}/countersign",
                          f"{t.desk.folder}/etc/log.key"], capture_output=True, text=True, check=True)
    give_away(f"{t.desk.folder}/etc/log.key")
    t.desk.write("countersign.yaml", config.replace(
        "/countersign}", f'/countersign, key: "file:log.key", journal: "{t.folder}/journal", public: "{key.stdout.strip()}"}}'))
    t.people["kim"].name = "Kim Zuckerwatte"
    t.desk.start()
    case, other = ask(t, "libone"), ask(t, "libtwo")
    t.old = t.get("ann", case, "to decide, reply")
    t.waiting["ann"].append(t.old)
    decide(t, case)
    t.desk.cli("show", case)
    t.check(len({place for place, _ in places(t)}) >= 3, f"the words are in many places: {len(places(t))}")
    kept = keep(t, case)
    refused(t, case, other)
    held(t, case)
    erased(t, case, other)
    looked_at(t, case, *kept)
    again(t)
    retained(t)


if os.getuid() != 0:
    sys.exit(print("skipped: two administrators are two accounts, which takes root"))
sys.exit(run(play))
