#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""grants.py - what becomes of an approval: it answers later requests, is renewed, taken back, and ends."""
import datetime
import email.message
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import run, text_of  # noqa: E402

FAST = 86400  # a day of the desk's clock is a second


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def facts(version="2.1", channel="firmware", until=40, component="libfoo"):
    return (f"License: GPL-3.0-only\nComponent: {component} {version}\nProduct: Widget\nDistribution: {channel}\n"
            f"Reason: subtitles need it\nIf not granted: we drop subtitles\nNeeded until: {day(until)}\n")


def ask(t, account, text):
    seq = t.size()
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, "An exception, please"
    message.set_content(text)
    t.people[account].send(message)
    return t.entry(seq, "case.opened")["case"]


def show(t, case):
    return t.desk.json("show", case)


def flat(mail):
    return " ".join(text_of(mail).split())


def approve(t, case, *answers):
    """Ann and Bo decide."""
    for who, answer in zip(("ann", "bo"), answers):
        mail = t.get(who, case, "to decide, reply")
        seq = t.size()
        t.people[who].reply(mail, answer + "\n")
        t.entry(seq, "vote.cast", case)


def links(view):
    return sorted((link["kind"], link["case"]) for link in view["links"])


# --- chapters --------------------------------------------------------------------------------------------------------

def granting(t):
    t.say("an approval with a condition")
    case = ask(t, "kim", facts())
    approve(t, case, "approve: on condition that the source ships on the same medium", "approve")
    mail = t.get("kim", "approved", "what is granted")
    text = flat(mail)
    t.check("GPL-3.0-only for libfoo 2.1.x in Widget (embedded)" in text, "the requester reads what is granted")
    t.check("on condition that the source ships on the same medium" in text, "and under which condition, word for word")
    grant = show(t, case)["grants"][0]
    t.check(grant["versions"] == "2.1.x" and grant["until"] == day(40) and grant["state"] == "active" and
            grant["conditions"] == "on condition that the source ships on the same medium", "show names the grant")
    t.check("What it grants" in t.desk.cli("show", case) or "WHAT IT GRANTS" in t.desk.cli("show", case),
            "and so does the terminal")
    return case, mail


def covering(t, granted):
    t.say("a later request within the grant")
    for who in t.people:
        t.none(who)
    case = ask(t, "max", facts("2.1.7", until=30))
    text = flat(t.get("max", case, "approved"))
    t.check(granted in text and "an earlier grant covers it" in text, "is answered at once, naming the grant")
    t.check("on condition that the source ships" in text, "and repeating its condition")
    seen = show(t, case)
    t.check(seen["state"] == "approved" and seen["expires"] == day(30) and links(seen) == [("grant", granted)],
            "it is approved until its own date, which is earlier")
    t.check(("answers", case) in links(show(t, granted)), "the case that granted shows it")
    t.quiet()
    t.check(len(t.none("ann")) + len(t.none("bo")) + len(t.none("cy")) == 0, "nobody is asked to decide")
    t.check("approved by the grant of " + granted in " ".join(t.desk.cli("history", case).split()), "its history says so")
    t.say("a request that says a little more")
    other = ask(t, "max", facts(channel="binary"))
    text = flat(t.get("ann", other, "to decide, reply"))
    t.check(granted in text and "it is for embedded, not binary" in text, "is reviewed, and the review says what differs")
    later = ask(t, "max", facts(until=60))
    t.check(f"it ends on {day(40)}, not {day(60)}" in flat(t.get("ann", later, "to decide, reply")),
            "so is one for longer")
    return case


def renewing(t, granted, mail):
    t.say("a renewal that is refused")
    for who in t.people:
        t.none(who)
    seq = t.size()
    t.people["kim"].reply(mail, f"renew: the next release slips\nNeeded until: {day(200)}\n")
    case = t.entry(seq, "case.opened")["case"]
    review = flat(t.get("ann", case, "what changes"))
    t.check(f"Needed until before {day(40)} now {day(200)}" in review.replace("Expires", "Needed until"),
            "its review shows the old and the new end")
    t.check(f"WHAT {granted} GRANTS" in review and "Ann Okafor approved" in review and
            "on condition that the source ships" in review and "WHAT IS ASKED" not in review,
            "what was granted, by whom and on what grounds, and no more")
    t.check("the next release slips" in review, "and why")
    seq = t.size()
    t.people["kim"].reply(mail, "renew\n")
    t.check(t.entry(seq, "message.refused")["body"]["reason"] == "renewal-open", "one renewal at a time")
    seq = t.size()
    t.people["bo"].reply(t.get("bo", case, "what changes"), "reject: find another way\n")
    t.people["cy"].reply(t.get("cy", case, "what changes"), "reject: no\n")
    t.entry(seq, "case.rejected", case)
    t.check(f"{granted} is as it was: in force until {day(40)}" in flat(t.get("kim", case, "rejected")),
            "rejected, the old one stays until its end")
    t.check(show(t, granted)["grants"][0]["state"] == "active", "and its grant in force")
    t.say("a renewal that is granted")
    seq = t.size()
    t.people["kim"].reply(mail, f"renew: until {day(90)}\n")
    case = t.entry(seq, "case.opened")["case"]
    approve(t, case, "approve", "approve")
    t.entry(seq, "case.renewed", granted)
    t.check(f"takes the place of {granted}" in flat(t.get("kim", case, "approved", "what is granted")),
            "it takes the old one's place")
    t.check(show(t, granted)["grants"][0]["state"] == "superseded" and
            ("renewed_by", case) in links(show(t, granted)), "whose grant counts no longer")
    t.check(show(t, case)["expires"] == day(90), "until the day that was asked for")
    covered = ask(t, "max", facts(until=80))
    t.get("max", covered, "approved")
    t.check(links(show(t, covered)) == [("grant", case)], "the next request rests on the new one")
    return case, covered


def revoking(t, old, early, new, late):
    t.say("the grant is taken back")
    for who in t.people:
        t.none(who)
    history = t.sql("SELECT 1 FROM outbox WHERE case_id = ? AND address = ?", new, t.people["ann"].address)
    t.check(len(history) > 0, "ann has a mail to reply to")
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, "it cannot stay"
    message.set_content(f"revoke {new}: the licensor has ended it\n")
    seq = t.size()
    t.people["ann"].send(message)
    for case in (old, early, new, late):
        t.entry(seq, "case.revoked", case)
    t.check({show(t, case)["state"] for case in (old, early, new, late)} == {"revoked"},
            "what it renewed falls with it, and what rested on either")
    t.check("the licensor has ended it" in flat(t.get("kim", new, "revoked")), "the requester is told why")
    text = flat(t.get("max", late, "revoked"))
    t.check(new in text and "the licensor has ended it" in text, "so is whoever relied on it")
    t.check(t.get("bo", new, "revoked") is not None, "and whoever approved it")


def ending(t):
    t.say("an exception ends")
    for who in t.people:
        t.none(who)
    case = ask(t, "kim", facts(until=9, component="libbar"))
    approve(t, case, "approve", "approve")
    t.get("kim", case, "approved", "what is granted")
    t.quiet()
    t.desk.stop()
    t.desk.start(f"--clock={FAST}")
    text = flat(t.get("kim", case, "ends in 7 days"))
    t.check(day(9) in text and "renew" in text, "a week before, its requester reads when, and how to renew it")
    t.check("renew: why" not in flat(t.get("bo", case, "ends in 7 days")), "whoever approved it is told, and asked nothing")
    t.get("kim", case, "ends tomorrow")
    t.get("kim", case, "expired")
    t.get("ann", case, "expired")
    seen = show(t, case)
    t.check(seen["state"] == "expired" and seen["grants"][0]["state"] == "expired", "then it has expired")
    warned = [e["body"]["days"] for e in t.since(0, "reminder.sent", case) if e["body"].get("kind") == "expiry"]
    t.check(warned == [7, 1], "it was too short for the warning 30 days before")
    t.desk.stop()
    t.desk.start()
    t.say("on the command line")
    refused = t.desk.cli("renew", f"{case}: please", check=False)
    t.check(refused.returncode == 77 and b"Only Kim Park can renew" in refused.stderr, "only its requester can renew it")


def play(t):
    t.desk.start()
    granted, mail = granting(t)
    early = covering(t, granted)
    new, late = renewing(t, granted, mail)
    revoking(t, granted, early, new, late)
    ending(t)
    t.quiet()
    t.verify()


sys.exit(run(play))
