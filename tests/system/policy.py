#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""policy.py - a catalogue's way into force: checked, tested, tried, proposed by one administrator and published by another;
what is open and granted is judged anew by it, and those concerned are told.

The policy that is published says less of AGPL in a hosted service, asks for the region as well, and no more allows ISC.
"""
import json
import os
import pwd
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import run, stay_tidy, unprivileged  # noqa: E402

REQUEST = "License: {}\nComponent: {}\nProduct: Atlas\nChannel: {}\nReason: search\nIf not granted: we buy one\n" \
          "Needed until: 2027-06-30\n"


def as_user(t, user, *arguments):
    """The command line as an account of the machine; the exit code and what was said."""
    who = {"user": pwd.getpwnam(user).pw_uid, "group": unprivileged()["group"], "extra_groups": []} if user != "root" else {}
    done = subprocess.run([f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, *arguments], capture_output=True,
                          check=False, env=t.desk.environment(), text=True, **who)
    return done.returncode, done.stdout + done.stderr


def words(text):
    return " ".join(text.split())


def ask(t, license, component, channel):
    start = t.size()
    t.people["kim"].write(t.address, component, REQUEST.format(license, component, channel))
    return t.entry(start, "case.opened")["case"]


def state_of(t, case):
    return t.sql("SELECT state FROM cases WHERE id = ?", case)[0][0]


# --- looking -----------------------------------------------------------------------------------------------------------

def checked(t, new):
    t.say("policy check, policy test")
    code, said = as_user(t, "root", "--json", "policy", "check", new)
    warnings = {w["code"] for w in json.loads(said)["warnings"]}
    t.check(code == 65 and warnings == {"stage-tight"}, f"only one person decides about money: {code} {warnings}")
    odd = f"{t.desk.folder}/etc/odd.yaml"
    t.desk.write("odd.yaml", open(new, encoding="utf-8").read().replace("channel = 'saas'", "channel = 'sass'"))
    code, said = as_user(t, "root", "policy", "check", odd)
    t.check(code == 65 and "did you mean 'saas'?" in words(said) and re.search(r"odd\.yaml:\d+:\d+", said),
            f"a value that nobody has: {code} {stay_tidy(said)}")
    code, said = as_user(t, "root", "--json", "policy", "check", odd)
    found = json.loads(said)
    t.check({"check-never", "unknown-value"} <= {w["code"] for w in found["warnings"]} and found["combinations"] >= 1000,
            f"the same as JSON, after {found['combinations']} combinations and {found['cases']} cases")
    t.desk.write("cases.yaml", "- name: hosted\n  facts: {license: AGPL-3.0-only, component: x, channel: hosted}\n"
                               "  expect: {type: oss, outcome: review, risk: 2, findings: [OSS-7.2], stages: [legal]}\n"
                               "- name: wrong\n  facts: {license: MIT}\n  expect: {outcome: deny, missing: []}\n")
    code, said = as_user(t, "root", "policy", "test", new, f"{t.desk.folder}/etc/cases.yaml")
    t.check(code == 65 and "1 of 2 cases" in words(said) and "is allow, expected deny" in words(said) and "cases.yaml:4:3" in said,
            f"an example case that comes out otherwise: {code} {stay_tidy(said)}")


def tried(t, new, cases):
    t.say("policy try")
    size = t.size()
    code, said = as_user(t, "root", "policy", "try", new)
    t.check(code == 0 and "version 2, against version 1" in words(said), f"in words: {stay_tidy(said)}")
    code, said = as_user(t, "root", "--json", "policy", "try", new)
    found = {c["case"]: c for c in json.loads(said)["cases"]}
    t.check(found[cases["agpl"]]["change"]["risk"] == {"before": 5, "after": 2}, "the risk of an open case falls")
    t.check(found[cases["agpl"]]["change"]["missing"]["new"] == ["region"], "and a fact more is needed")
    t.check(found[cases["isc"]]["again"] and found[cases["isc"]]["change"]["outcome"] == {"before": "allow", "after": "review"},
            "what was granted would be reviewed again")
    t.check(cases["mit"] not in found, "what is allowed by both is not named")
    t.check(t.size() == size, "trying leaves no entry")


# --- publishing ----------------------------------------------------------------------------------------------------------

def refused(t, new):
    t.say("what is not published")
    old = f"{t.desk.folder}/etc/old.yaml"
    t.desk.write("old.yaml", open(new, encoding="utf-8").read().replace("version: 2", "version: 1"))
    start = t.size()
    for user, file, code, text in (("nobody", new, 77, "Only administrators"), ("root", old, 77, "version 1 is in force"),
                                   ("root", f"{t.desk.folder}/etc/policy.yaml", 77, "in force already")):
        got, said = as_user(t, user, "policy", "publish", file)
        t.check(got == code and text in words(said), f"{os.path.basename(file)} by {user}: {got} {stay_tidy(said)}")
    t.check([e["body"]["reason"] for e in t.since(start, "access.refused")] == ["administrators-only", "version", "in-force"],
            "each refusal is an entry")
    t.desk.write("broken.yaml", open(new, encoding="utf-8").read().replace("need: 2", "need: 20"))
    code, said = as_user(t, "root", "policy", "publish", f"{t.desk.folder}/etc/broken.yaml")
    t.check(code == 78 and "broken.yaml:" in said, f"one that cannot be read: {code} {stay_tidy(said)}")
    t.check(not t.since(start, "catalogue.proposed"), "nothing was proposed")


def published(t, new):
    t.say("two administrators")
    start = t.size()
    code, said = as_user(t, "root", "policy", "publish", new)
    proposal = t.since(start, "catalogue.proposed")
    t.check(code == 0 and "Jo Park" in said and len(proposal) == 1, f"the first proposes: {stay_tidy(said)}")
    code, said = as_user(t, "root", "policy", "publish", new)
    t.check(code == 77 and "proposed it already" in words(said), f"and cannot publish it alone: {code} {stay_tidy(said)}")
    other = f"{t.desk.folder}/etc/other.yaml"
    t.desk.write("other.yaml", open(new, encoding="utf-8").read() + "# other bytes\n")
    code, said = as_user(t, "daemon", "policy", "publish", other)
    t.check(code == 0 and not t.since(start, "catalogue.published"), "other bytes are another proposal")
    code, said = as_user(t, "daemon", "--json", "policy", "publish", new)
    entry = t.entry(start, "catalogue.published")
    t.check(code == 0 and json.loads(said)["did"] == "published" and entry["actor"] == "person:jo", "the second publishes")
    t.check(entry["body"]["proposed_by"] == "person:ira" and entry["body"]["proposed"] == proposal[0]["seq"] and
            entry["body"]["text"] == open(new, encoding="utf-8").read(), "the log has the whole text, and both of them")
    return start


def judged(t, start, cases):
    t.say("what follows")
    t.until("end of it", lambda: not t.sql("SELECT 1 FROM applying"))
    t.check(t.since(start, "catalogue.applied")[-1]["body"]["version"] == 2, "all cases were looked at")
    amended = t.entry(start, "case.amended", cases["agpl"])
    t.check(amended["actor"] == "system" and amended["body"]["policy"]["to"] == 2 and amended["body"]["missing"] == ["region"],
            f"a case that lacks a fact now: {amended['body']['policy']['says']}")
    t.check(state_of(t, cases["agpl"]) == "incomplete", "it waits for the requester")
    voided = t.since(start, "vote.voided", cases["gpl"])
    t.check([v["body"]["person"] for v in voided] == ["person:ann"], "a vote under the old catalogue counts no more")
    reopened = t.entry(start, "case.reopened", cases["isc"])
    t.check(reopened["body"]["policy"]["from"] == 1 and state_of(t, cases["isc"]) == "approved",
            "a grant is reviewed again, and stays in force meanwhile")
    t.check(not t.since(start, case=cases["mit"]), "a grant that is allowed by both is left alone")
    mail = t.get("kim", "the catalogue has changed", cases["agpl"], "region")
    t.check("version 2 is in force instead of version 1" in words(str(mail.get_body(("plain",)).get_content())),
            "the requester is told what changed, and asked")
    mail = t.get("ann", "the catalogue has changed", cases["isc"])
    t.check(mail is not None, "approvers are told")


def later(t, new, cases):
    t.say("and then")
    t.desk.stop()
    t.desk.start()
    log = t.desk.log()
    t.check(re.search(r"policy\.yaml differs from version 2 in force", log), "the file that was published first is a draft")
    code, said = as_user(t, "root", "check-config")
    t.check(code == 0 and "differs from version 2" in words(said), "check-config says so")
    status = json.loads(as_user(t, "root", "--json", "status")[1])
    t.check(status["catalogue"]["version"] == 2 and "differs" in status["catalogue"], "status says so")
    start = t.size()
    case = ask(t, "ISC", "later", "binary")
    t.check(t.entry(start, "case.assessed", case)["body"]["catalogue"] == 2, "a new start keeps version 2")
    t.desk.write("policy.yaml", open(new, encoding="utf-8").read())
    t.desk.serve.send_signal(signal.SIGHUP)
    t.until("reading", lambda: "differs" not in json.loads(as_user(t, "root", "--json", "status")[1])["catalogue"])
    t.check(True, "with the published file in its place nothing differs")
    t.check(as_user(t, "root", "log", "verify")[0] == 0, "the log gives the same tables")


def alone(t, new):
    t.say("one administrator")
    people = open(f"{t.desk.folder}/etc/people.yaml", encoding="utf-8").read()
    t.desk.write("people.yaml", people.replace("groups: [admin], unix: daemon", "groups: [auditor], unix: daemon"))
    start = t.size()
    t.desk.serve.send_signal(signal.SIGHUP)
    t.entry(start, "people.published")
    t.desk.write("third.yaml", open(new, encoding="utf-8").read().replace("version: 2", "version: 3"))
    code, said = as_user(t, "root", "policy", "publish", f"{t.desk.folder}/etc/third.yaml")
    t.check(code == 77 and "you are the only one" in words(said), f"is too few: {code} {stay_tidy(said)}")


def play(t):
    people = open(f"{t.desk.folder}/etc/people.yaml", encoding="utf-8").read()
    t.desk.write("people.yaml", people.replace("requesters:", f"  - {{id: jo, name: Jo Park, mail: [\"max+jo@{t.rig.domain}\"], "
                                               "groups: [admin], unix: daemon}\nrequesters:"))
    policy = open(f"{t.desk.folder}/etc/policy.yaml", encoding="utf-8").read()
    new = f"{t.desk.folder}/etc/new.yaml"
    t.desk.write("new.yaml", policy.replace("version: 1", "version: 2").replace("BSD-3-Clause, ISC,", "BSD-3-Clause,")
                 .replace("risk: 5,", "risk: 2,").replace("risk: 3,", "risk: 6,")
                 .replace("expires], longest", "expires, {fact: region, when: channel = 'saas'}], longest"))
    t.desk.start()
    cases = {"mit": ask(t, "MIT", "one", "binary"), "isc": ask(t, "ISC", "two", "binary"),
             "agpl": ask(t, "AGPL-3.0-only", "three", "saas"), "gpl": ask(t, "GPL-3.0-only", "four", "binary")}
    t.quiet()
    t.check([state_of(t, cases[name]) for name in ("mit", "isc", "agpl", "gpl")] ==
            ["approved", "approved", "pending", "pending"], "two cases are granted, two are open")
    t.people["ann"].reply(t.get("ann", cases["gpl"]), "approve")
    t.entry(0, "vote.cast", cases["gpl"])
    checked(t, new)
    tried(t, new, cases)
    refused(t, new)
    judged(t, published(t, new), cases)
    later(t, new, cases)
    alone(t, new)


if os.getuid() != 0:
    sys.exit(print("skipped: two administrators are two accounts, which takes root"))
sys.exit(run(play))
