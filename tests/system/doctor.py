#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""doctor.py - `countersign doctor` on a desk where all is well, and on one where one thing at a time is not."""
import email.message
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import Person, run, stay_tidy  # noqa: E402

CHECKS = ["configuration", "smtp", "imap", "round trip", "authentication", "auto-submitted"]


def ask(t, *options):
    """The exit code and the lines by the name of their check: (ok, text)."""
    done = t.desk.cli("--json", "doctor", *options, check=False)
    t.check(not done.stderr, f"nothing on standard error: {stay_tidy(done.stderr.decode(errors='replace'))}")
    try:
        lines = json.loads(done.stdout)
    except ValueError:
        lines = []
    for line in lines:
        t.check(set(line) == {"check", "ok", "text"}, f"{line['check']}: {line['ok']}: {stay_tidy(line['text'])}")
    return done.returncode, {line["check"]: (line["ok"], line["text"]) for line in lines}


def spoil(t, old, new):
    """Asks with another configuration, and puts the good one back."""
    good = open(t.desk.config, encoding="utf-8").read()
    assert old in good, old
    t.desk.write("countersign.yaml", good.replace(old, new))
    try:
        return ask(t)
    finally:
        t.desk.write("countersign.yaml", good)


def failed(lines):
    return [check for check, (ok, _) in lines.items() if not ok]


def folder(t, name):
    """The mails in a folder of the desk."""
    desk = Person(t.rig, "licensing", "Desk")
    try:
        return desk.new(name)
    finally:
        desk.close()


def well(t):
    t.say("all is well, and no desk runs")
    t.people["kim"].write(t.address, "a request that waits", "License: MIT\n")
    t.until("request", lambda: folder(t, "INBOX"))
    code, lines = ask(t)
    t.check(code == 0 and list(lines) == CHECKS and not failed(lines), f"exit {code}, all is ok")
    t.check([str(m["Subject"]) for m in folder(t, "INBOX")] == ["a request that waits"],
            "what waited still waits, the probe is gone")
    put_away = folder(t, "Processed")
    t.check(len(put_away) == 1 and re.fullmatch(r"licensing\+doctor-[0-9a-f]{32}@rig\.test", put_away[0]["To"].addresses[0].addr_spec),
            "the probe is in Processed, and was to a plus address")
    t.check(put_away[0]["Auto-Submitted"] == "auto-generated" and put_away[0]["Countersign-Loop"], "it says that it is automatic")
    t.check(not os.path.exists(f"{t.desk.folder}/state/countersign.db"), "no database was made")
    text = t.desk.cli("doctor")
    t.check([re.match(r"ok      ([a-z -]+): .*\.$", row)[1] for row in text.splitlines()] == CHECKS,
            "as text: a line for each check")


def beside(t):
    t.say("beside a desk that runs")
    desk = Person(t.rig, "licensing", "Desk")
    desk.new()
    desk.imap.create("Elsewhere")
    desk.close()
    probe = folder(t, "Processed")[0].as_bytes()
    t.desk.start()
    t.entry(0, "case.opened")
    t.quiet()
    start, letters = t.size(), t.sql("SELECT count(*) FROM outbox")[0][0]
    code, lines = ask(t)
    t.check(code == 0 and not failed(lines), f"exit {code}, all is ok")
    t.quiet()
    decided = [e["type"] for e in t.since(start) if e["type"] not in ("message.received", "message.sent")]
    t.check(set(decided) <= {"message.ignored"}, f"it decides nothing: {decided}")
    start = t.size()
    t.check(t.deliver(probe) == 0, "the desk gets a probe")
    t.check(t.entry(start, "message.ignored")["body"]["reason"] in ("loop", "auto-submitted"), "and ignores it")
    t.quiet()
    t.check(t.sql("SELECT count(*) FROM outbox")[0][0] == letters, "and answers nothing")
    line = f'url: "imap://localhost:{t.rig.port("IMAP")}", '
    code, lines = spoil(t, line, line + "folder: Elsewhere, ")
    t.check(code == 0 and not failed(lines), f"exit {code}: it finds a mail that the desk was quicker to take")
    t.check(t.desk.stop() == 0, "the desk ends well")


def broken(t):
    t.say("the configuration")
    code, lines = spoil(t, "cases: CS", "casse: CS")
    t.check(code == 78 and failed(lines) == ["configuration"] and "countersign.yaml:4:" in lines["configuration"][1],
            f"exit {code}: a mistake is named, nothing else is tried")
    t.check(t.desk.cli("doctor", "now", check=False).returncode == 64, "exit 64: an argument")

    t.say("IMAP")
    t.desk.write("wrong.password", "pw-wrong\n", 0o600)
    line = 'imap: {url: "imap://localhost:@IMAP@", user: licensing, password: "file:'.replace("@IMAP@", str(t.rig.port("IMAP")))
    code, lines = spoil(t, line + "imap.password", line + "wrong.password")
    t.check(code == 69 and failed(lines) == ["imap", "round trip"] and "login" in lines["imap"][1].lower(),
            f"exit {code}: a wrong password")
    t.check("pw-wrong" not in json.dumps(lines), "and does not say which")
    code, lines = spoil(t, line + "imap.password", line + "no.password")
    t.check(code in (69, 78) and not lines["imap"][0] and "no.password" in lines["imap"][1], f"exit {code}: no password")

    t.say("TLS")
    code, lines = spoil(t, t.rig.env["RIG_CA"], "/etc/ssl/certs/ca-certificates.crt")
    t.check(code == 69 and failed(lines) == ["smtp", "imap", "round trip"] and "certificate" in lines["smtp"][1] and
            "certificate" in lines["imap"][1], f"exit {code}: another CA")

    t.say("SMTP")
    port = str(t.rig.port("SUBMISSION"))
    code, lines = spoil(t, f"localhost:{port}", "localhost:9")
    t.check(code == 69 and failed(lines) == ["smtp", "round trip"] and "cannot be reached" in lines["smtp"][1],
            f"exit {code}: nobody listens")
    t.rig.fault("550", 1)
    code, lines = ask(t)
    t.check(code == 69 and failed(lines) == ["smtp", "round trip"] and "550" in lines["smtp"][1],
            f"exit {code}: the server refuses the mail")
    t.rig.fault("none")


def trust(t):
    t.say("trust")
    authserv = t.rig.env["RIG_AUTHSERV"]
    code, lines = spoil(t, f"authserv: [{authserv}]", "authserv: [mx.example.com]")
    said = lines["authentication"][1]
    t.check(code == 78 and failed(lines) == ["authentication"] and "mx.example.com" in said and authserv in said and
            "mail.trust.authserv" in said, f"exit {code}: another authserv; it names the one that the mail has")
    code, lines = spoil(t, f"hosts: [{t.rig.domain}]", "hosts: [store.example.com]")
    said = lines["authentication"][1]
    t.check(code == 78 and failed(lines) == ["authentication"] and t.rig.domain in said and "mail.trust.hosts" in said,
            f"exit {code}: another host; it names those that the mail passed")


def full(t):
    t.say("a folder that is too full to look through")
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "kim@rig.test", t.address, "one of many"
    message.set_content("many\n")
    for number in range(300):
        t.lmtp(f"Message-ID: <{number}@many>\r\n".encode() + message.as_bytes())
    code, lines = ask(t)
    t.check(code == 69 and failed(lines) == ["round trip"] and "mails wait" in lines["round trip"][1], f"exit {code}: it says so")
    t.check(len([m for m in folder(t, "INBOX") if m["Subject"] == "one of many"]) == 300, "all 300 are still there")


def play(t):
    well(t)
    beside(t)
    broken(t)
    trust(t)
    full(t)


sys.exit(run(play))
