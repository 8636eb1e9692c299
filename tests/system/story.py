#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""story.py - a desk at work, from the first request to the auditor's question; every mail that it sends is looked at.

The transcript of such a story is the demonstration's (tests/demo); here each step is an assertion.
"""
import datetime
import email.message
import email.utils
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import bundles  # noqa: E402
from trial import NAMES, base32, run, text_of  # noqa: E402

FACTS = """License: GPL-3.0-only
Component: libfoo 2.1
Product: Widget
Distribution: firmware
Reason: the set-top box cannot show DVB subtitles without it
If not granted: we drop subtitles from release 4.2
"""
PURCHASE = "Vendor: Searchworks GmbH\nProduct: Orion Gateway\nSpend: 24000 EUR\nReason: the portal needs a search\n"


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def request(t, account, subject, text, attachment=None, html=None):
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, subject
    if html:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
    if attachment:
        message.add_attachment(attachment, maintype="text", subtype="plain", filename="vendor-letter.txt")
    return t.people[account].send(message)


def show(t, case):
    return t.desk.json("show", case)


def flat(mail):
    return " ".join(text_of(mail).split())


# --- chapters --------------------------------------------------------------------------------------------------------

def asking(t):
    t.say("a request with an attachment, in which one fact is missing")
    first = request(t, "kim", "Exception for libfoo", "Hello,\n\n" + FACTS + "\nThank you, Kim\n", b"Dear Widget team\n")
    question = t.get("kim", "cs-1", "needed until:")
    seen = show(t, "CS-1")
    t.check(seen["state"] == "incomplete" and seen["missing"] == ["expires"], "CS-1 is incomplete: expires is missing")
    t.check(seen["requester"] == "mail:kim@rig.test", "an unlisted requester of an allowed domain is known by address")
    facts = seen["facts"]
    t.check(facts["license"] == "GPL-3.0-only" and facts["component"] == "libfoo" and facts["version"] == "2.1" and
            facts["product"] == "Widget" and facts["channel"] == "embedded", "the facts are read from labelled lines")
    t.check([e["name"] for e in seen["evidence"]] == ["vendor-letter.txt"] and len(seen["evidence"][0]["sha256"]) == 64,
            "the attachment is evidence")
    t.check(str(first["Message-ID"]) in str(question["References"]), "the question threads with the request")
    t.check(len(t.none("ann")) == 0, "nobody is asked to decide before it is complete")
    t.say("the form comes back, filled in")
    t.people["kim"].reply(question, f"Needed until: {day(120)}\n")
    asked = {who: t.get(who, "cs-1", "approve", "libfoo") for who in ("ann", "bo", "cy")}
    t.get("kim", "cs-1", "ann okafor", "bo lind", "cy moreau")  # the requester is told who decides
    t.check(t.none("dee") == [] and t.none("max") == [], "only the members of the stage's group are asked")
    seen = show(t, "CS-1")
    t.check(seen["state"] == "pending" and seen["version"] == 2 and seen["facts"]["expires"] == day(120) and
            seen["missing"] == [], "CS-1 is pending, in its second version")
    t.check(seen["risk"] == 3 and [f["check"] for f in seen["findings"]] == ["OSS-4.1"] and
            seen["findings"][0]["clause"] == "GPL-3.0 section 6", "the finding names its clause, the risk is its 3")
    t.check(len(seen["stages"]) == 1 and seen["stages"][0]["need"] == 2 and seen["stages"][0]["state"] == "open",
            "one stage is open that needs two votes")
    return asked


def voting(t, asked):
    t.say("two approve by reply")
    t.people["ann"].reply(asked["ann"], "approve\nThe written offer of section 6 b) covers us.\n")
    receipt = t.get("ann", "cs-1", "1 of 2 approvals")
    t.check(show(t, "CS-1")["state"] == "pending", "after one vote it is still pending")
    t.check(str(asked["ann"]["Message-ID"]) in str(receipt["References"]), "the receipt threads with the question")
    t.people["bo"].reply(asked["bo"], "Approve.\n\n-- \nBo Lind, Legal\n")
    decided = t.get("kim", "cs-1", "approved")
    seen = show(t, "CS-1")
    votes = seen["stages"][0]["votes"]
    t.check(seen["state"] == "approved" and seen["expires"] == day(120), "it is approved until the day asked for")
    t.check([(v["who"], v["verdict"], v["version"], v["via"]) for v in votes] ==
            [("person:ann", "approve", 2, "mail"), ("person:bo", "approve", 2, "mail")], "both votes are shown")
    t.check("section 6 b" in votes[0]["why"] and votes[1]["why"] == "", "grounds are kept; a signature is none")
    t.check("section 6 b" in flat(decided), "the requester reads the grounds")
    t.get("cy", "cs-1", "approved")


def dissenting(t):
    t.say("one rejects, two approve: the dissent stays visible")
    request(t, "kim", "libbar", FACTS.replace("libfoo 2.1", "libbar 3.0") + f"Needed until: {day(60)}\n")
    asked = {who: t.get(who, "cs-2", "decision asked") for who in ("ann", "bo", "cy")}
    t.people["cy"].reply(asked["cy"], "reject: nobody has read the source offer\n")
    t.get("cy", "cs-2", "reject")
    t.check(show(t, "CS-2")["state"] == "pending", "one rejection of three does not close what needs two of three")
    for who in ("ann", "bo"):
        t.people[who].reply(asked[who], "approve\n")
        t.get(who, "cs-2")
    decided = t.get("kim", "cs-2", "approved")
    votes = {v["who"]: (v["verdict"], v["why"]) for v in show(t, "CS-2")["stages"][0]["votes"]}
    t.check(votes.get("person:cy") == ("reject", "nobody has read the source offer") and len(votes) == 3,
            "show --json has the dissent and its grounds")
    t.check("nobody has read the source offer" in flat(decided), "the requester reads the dissent as well")


def rejecting(t):
    t.say("a request that is rejected, with grounds")
    text = FACTS.replace("GPL-3.0-only", "AGPL-3.0-only").replace("firmware", "hosted service") + f"Until: {day(60)}\n"
    request(t, "kim", "searchd", text.replace("libfoo 2.1", "searchd 0.9"))
    asked = t.get("ann", "cs-3", "decision asked")
    t.people["ann"].reply(asked, "reject: the vendor offers a commercial licence\nAsk purchasing.\n")
    t.get("kim", "cs-3", "rejected", "the vendor offers a commercial licence")
    seen = show(t, "CS-3")
    t.check(seen["state"] == "rejected" and seen["risk"] == 5 and
            "Ask purchasing." in seen["stages"][0]["votes"][0]["why"], "it is rejected, with the whole reason")


def amending(t):
    t.say("a change after the first vote: votes are void, everybody is asked again with the difference")
    request(t, "kim", "libbaz", FACTS.replace("libfoo 2.1", "libbaz 1.0") + f"Needed until: {day(60)}\n")
    asked = t.get("bo", "cs-4", "decision asked")
    received = t.get("kim", "cs-4", "libbaz")
    t.people["bo"].reply(asked, "approve\n")
    t.get("bo", "cs-4", "1 of 2 approvals")
    t.people["kim"].reply(received, "Version: 2.0\n")
    again = t.get("bo", "cs-4", "changed since", "before", "1.0", "now", "2.0")
    seen = show(t, "CS-4")
    t.check(seen["version"] == 2 and seen["facts"]["version"] == "2.0" and seen["stages"][0]["votes"] == [],
            "the second version has no votes")
    voided = [e for e in t.desk.json("history", "CS-4") if e["type"] == "vote.voided"]
    t.check(len(voided) == 1 and voided[0]["body"]["person"] == "person:bo", "history says whose vote was voided")
    start = t.size()
    t.people["bo"].reply(asked, "approve\n")  # the old mail
    refused = t.entry(start, "message.refused", "CS-4")
    t.check(refused["body"]["reason"] in ("outdated", "already-recorded") and show(t, "CS-4")["stages"][0]["votes"] == [],
            f"a reply to the old mail does not count for the new version ({refused['body']['reason']})")
    t.say("a question, its answer, a comment")
    t.people["bo"].reply(again, "ask: which products ship it?\n")
    question = t.get("kim", "cs-4", "which products ship it?")
    t.people["kim"].reply(question, "Only Widget 4, from May on.\n")
    t.get("bo", "cs-4", "only widget 4, from may on.")
    t.people["cy"].reply(t.get("cy", "cs-4", "changed since"), "comment: we had the same in CS-1\n")
    t.get("kim", "cs-4", "we had the same in cs-1")
    t.get("ann", "cs-4", "we had the same in cs-1")
    kinds = [e["body"]["kind"] for e in t.desk.json("history", "CS-4") if e["type"] == "case.commented"]
    t.check(kinds == ["question", "answer", "comment"], f"history has question, answer and comment: {kinds}")
    t.check(show(t, "CS-4")["version"] == 2, "talking makes no version")
    t.say("the requester takes it back")
    t.people["kim"].reply(question, "withdraw: we use another library\n")
    t.get("ann", "cs-4", "withdrawn")
    t.get("kim", "cs-4", "withdrawn")
    t.check(show(t, "CS-4")["state"] == "withdrawn", "CS-4 is withdrawn")


def html_request(t):
    t.say("a request that is nothing but an HTML table, by somebody who is not listed")
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in (
        ("Vendor", "Acme &amp; Sons"), ("Product", "Atlas"), ("Spend", "9,500.00 EUR"), ("Reason", "the last one expired")))
    request(t, "mal", "Licences for Acme", "", html=f"<html><body><table>{rows}</table></body></html>")
    t.get("mal", "cs-5")
    seen = show(t, "CS-5")
    t.check(seen["type"] == "purchase" and seen["facts"].get("vendor") == "Acme & Sons" and
            seen["requester"] == "mail:mal@rig.test" and seen["state"] == "pending", "the table's pairs are facts")
    asked = t.get("dee", "cs-5", "decision asked")
    t.check(t.none("max") == [] and "9500" in flat(asked).replace(",", ""), "finance is asked, and sees the sum")
    return asked


def policy(t):
    t.say("what is on the allow list needs nobody")
    request(t, "kim", "zlib-like", f"License: MIT\nComponent: tiny 1\nProduct: Atlas\nChannel: saas\nReason: small\n"
            f"If not granted: write it\nNeeded until: {day(30)}\n")
    t.get("kim", "cs-6", "approved by policy")
    seen = show(t, "CS-6")
    t.check(seen["state"] == "approved" and not any(stage["votes"] for stage in seen["stages"]),
            "CS-6 is approved without a vote")
    approved = [e for e in t.desk.json("history", "CS-6") if e["type"] == "case.approved"]
    t.check(len(approved) == 1 and approved[0]["body"]["by"] == "policy" and approved[0]["actor"] == "system",
            "the log says that it was the policy")


def reading(t):
    t.say("who may see what, by mail")
    start = t.size()
    t.people["gus"].write(t.address, "for the audit", "show CS-2\n")
    answer = t.get("gus", "cs-2", "nobody has read the source offer")
    t.check("libbar" in flat(answer), "the auditor is shown a case")
    t.people["gus"].write(t.address, "for the audit", "history CS-1\n")
    history = flat(t.get("gus", "cs-1", "approved until"))
    t.check("Ann Okafor" in history and "Bo Lind" in history and "section 6 b" in history, "the auditor reads a history")
    t.people["gus"].write(t.address, "for the audit", "find state:rejected license:AGPL-*\n")
    found = flat(t.get("gus", "searchd", "cs-3"))
    t.check("CS-2" not in found and "CS-1" not in found, "the auditor finds what was asked for and nothing else")
    verbs = [e["body"]["verb"] for e in t.since(start, "audit.queried") if e["actor"] == "person:gus"]
    t.check(verbs == ["show", "history", "find"], f"each question is an entry: {verbs}")
    start = t.size()
    t.people["kim"].write(t.address, "my case", "show CS-3\n")
    t.get("kim", "cs-3", "searchd")
    t.people["kim"].write(t.address, "another's case", "show CS-5\n")
    refused = t.entry(start, "access.refused")
    t.check(refused["body"]["reason"] == "not-yours", "a requester may not see another's case, and the try is an entry")
    letter = flat(t.get("kim", "not-yours"))
    t.check("Acme" not in letter, "the refusal tells nothing of it")
    t.people["kim"].write(t.address, "mine", "find\n")
    found = flat(t.get("kim", "cs-1", "cs-4"))
    t.check("CS-5" not in found and "Acme" not in found, "find lists only what one may see")


def finance(t, asked):
    t.say("the last one: a quorum of one")
    t.people["dee"].reply(asked, "approve: within the plan\n")
    t.get("mal", "cs-5", "approved", "within the plan")
    t.check(show(t, "CS-5")["state"] == "approved", "CS-5 is approved")


# --- every mail ------------------------------------------------------------------------------------------------------

def all_mails(t):
    """Everything that anybody got, read anew from the server."""
    found = []
    for account in NAMES:
        t.people[account].seen = 0
        for mail in t.people[account].new():
            if str(mail["From"]).endswith("<licensing@rig.test>"):
                found.append((account, mail))
    return found


def letters(t):
    t.say("every mail of the desk")
    mails = all_mails(t)
    rows = {mid: (size, thread) for mid, size, thread in t.sql("SELECT message_id, model, in_reply_to FROM outbox")}
    wrong = {}
    known = set()

    def expect(condition, what, account, mail):
        if not condition:
            wrong.setdefault(what, f"{account}: {mail['Subject']}")

    for account, mail in mails:
        mid = str(mail["Message-ID"])
        expect(str(mail["Auto-Submitted"]) in ("auto-generated", "auto-replied"), "Auto-Submitted", account, mail)
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        kind = "multipart/mixed" if any(mail.iter_attachments()) else "multipart/alternative"  # mixed: a receipt
        expect(plain is not None and html is not None and mail.get_content_type() == kind, "a text and an HTML part", account,
               mail)
        expect("<html" in html.get_content() and "<script" not in html.get_content(), "HTML that is HTML", account, mail)
        expect("{{" not in plain.get_content() + html.get_content(), "no tag of a template left", account, mail)
        reply = email.utils.parseaddr(str(mail["Reply-To"]))[1]
        expect(re.fullmatch(r"licensing\+[0-9a-hjkmnp-tv-z]{40}@rig\.test", reply), "Reply-To with a token", account, mail)
        expect(re.fullmatch(r"<cs1\.\d+\.[0-9a-z]{16}\.[0-9a-f]{16}\.[0-9a-z]{16}@rig\.test>", mid),
               "an anchored Message-ID", account, mail)
        expect(mid in rows, "the Message-ID of the outbox", account, mail)
        expect(mid not in known, "no Message-ID twice", account, mail)
        expect(email.utils.parsedate_to_datetime(str(mail["Date"])) is not None, "Date", account, mail)
        expect(email.utils.parseaddr(str(mail["To"]))[1] == f"{account}@rig.test", "To is the registered address", account, mail)
        expect(str(mail["Countersign-Loop"]) == "rig.test/countersign", "Countersign-Loop", account, mail)
        references = str(mail["References"] or "").split()
        expect(mail["In-Reply-To"] is None or str(mail["In-Reply-To"]) in references, "In-Reply-To among the References",
               account, mail)
        case = re.search(r"\[(CS-\d+)\]", str(mail["Subject"]))
        earlier = [m for a, m in mails[:mails.index((account, mail))]
                   if a == account and case and f"[{case.group(1)}]" in str(m["Subject"])]
        expect(not earlier or any(str(m["Message-ID"]) in references for m in earlier), "References to the thread",
               account, mail)
        known.add(mid)
    sent = t.sql("SELECT count(*) FROM outbox WHERE state = 'sent'")[0][0]
    t.check(len(mails) == sent > 30, f"{sent} letters were sent, {len(mails)} arrived")
    for what in ("Auto-Submitted", "a text and an HTML part", "HTML that is HTML", "no tag of a template left",
                 "Reply-To with a token", "an anchored Message-ID", "the Message-ID of the outbox", "no Message-ID twice",
                 "Date", "To is the registered address", "Countersign-Loop", "In-Reply-To among the References",
                 "References to the thread"):
        t.check(what not in wrong, f"each has: {what}" + (f" - not so {wrong[what]}" if what in wrong else ""))
    anchors(t, mails)


def anchors(t, mails):
    """Each Message-ID names a size and a root: of this log, and signed with the key."""
    import hashlib
    leaves = [row[0] for row in t.sql("SELECT leaf FROM entry ORDER BY seq")]

    def root(hashes):
        if len(hashes) == 1:
            return hashes[0]
        k = 1
        while k * 2 < len(hashes):
            k *= 2
        return hashlib.sha256(b"\1" + root(hashes[:k]) + root(hashes[k:])).digest()

    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    good = 0
    for _, mail in mails:
        _, size, part, token_id, mac = str(mail["Message-ID"]).strip("<>").split("@")[0].split(".")
        size = int(size)
        right = t.message_id(size, root(hashes[:size]), bytes.fromhex(token_id))
        good += right == str(mail["Message-ID"]) and part == base32(root(hashes[:size])[:10])
    t.check(good == len(mails), f"all {len(mails)} Message-IDs anchor this log: size, root and MAC, computed here")


def play(t):
    bundles.sign(t)
    t.desk.start()
    voting(t, asking(t))
    dissenting(t)
    rejecting(t)
    amending(t)
    purchase = html_request(t)
    policy(t)
    reading(t)
    finance(t, purchase)
    t.quiet()
    letters(t)
    t.check(t.sql("SELECT count(*) FROM inbox WHERE state = 'new'")[0][0] == 0, "nothing is left unread")
    t.check([e["type"] for e in t.since(0) if e["type"] in ("message.parked", "alarm.raised", "message.failed")] == [],
            "nothing was parked, nothing failed, no alarm")
    bundles.chapter(t, "CS-1", "Ann Okafor (person:ann) approved version 2", "The written offer of section 6 b) covers us.",
                    "until " + day(120), "DVB subtitles")
    t.verify()


sys.exit(run(play))
