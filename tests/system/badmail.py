#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""badmail.py - bad mail, one row for each kind, and the outcome that it must have.

Each row has an approver, and so a reply token, of its own; they are asked about a handful of cases.  After every row: the desk
and its adapters live, nothing was decided unless the row says so, at most one letter went out and only to the registered
address, and the raw bytes are kept.  Rows that need more than one mail are functions, below the table.
"""
import base64
import collections
import datetime
import email.message
import email.utils
import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import (CROCKFORD, DECISIONS, FILES, NAMES, base32, base32_back, give_away, run, stay_tidy, text_of,  # noqa: E402
                   unprivileged)

VOTERS, CROWDS = 125, 5  # 20 votes decide at most, and whoever is asked with somebody gets their comments
FACTS = "License: GPL-3.0-only\nComponent: libfoo 2.1\nProduct: {product}\nDistribution: source\nReason: needed\n" \
        "If not granted: we drop it\nNeeded until: {until}\n"
Voter = collections.namedtuple("Voter", "id address reply token message_id case")


# --- writing mails byte by byte --------------------------------------------------------------------------------------

def mail(t, v, body=b"approve\r\n", **o):
    """A reply of approver v.  `top`: what stands above; `sender`: the From line(s), b"" for none; `to`; `head`: more
    header lines; `date`: the Date line."""
    to = o.get("to", v.reply)
    number = next(t.numbers)
    return (o.get("top", t.stamp()) +
            o.get("sender", f"From: Voter <{v.address}>\r\n".encode()) +
            (to if isinstance(to, bytes) else f"To: {to}\r\n".encode()) +
            o.get("subject", b"Subject: Re: [CS-1] Decision asked\r\n") +
            o.get("date", f"Date: {email.utils.formatdate()}\r\n".encode()) +
            o.get("id", f"Message-ID: <{number}.{v.id}@pc.rig.test>\r\n".encode()) +
            o.get("head", b"") + b"\r\n" + body)


def dkim(trial, fields, **more):
    extra = "".join(f" {k}={x};" for k, x in more.items())
    return (trial.stamp("dmarc=pass header.from={domain}; dkim=pass header.d={domain}") +
            f"DKIM-Signature: v=1; a=rsa-sha256; d=rig.test; s=s1; h={fields};{extra} bh=aaa; b=bbb\r\n".encode())


def multipart(kind, *parts, boundary=b"frontier"):
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    return {"head": b"MIME-Version: 1.0\r\nContent-Type: multipart/" + kind + b"; boundary=\"" + boundary + b"\"\r\n",
            "body": body}


def nested(depth):
    body = b"Content-Type: text/plain\r\n\r\napprove\r\n"
    for i in range(depth):
        body = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) + body + b"\r\n--b%d--\r\n" % i
    head, rest = body.split(b"\r\n\r\n", 1)
    return {"head": b"MIME-Version: 1.0\r\n" + head + b"\r\n", "body": rest}


def encoded(kind, body):
    return {"head": b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " +
            kind + b"\r\n", "body": body}


TEXT = b"Content-Type: text/plain\r\n\r\napprove\r\n"
UTF8 = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
MAL = b"mal@evil.example"


def spelled(token):
    """The same token with o for 0 and l for 1; upper case elsewhere."""
    return "".join({"0": "o", "1": "l"}.get(c, c.upper()) for c in token)


def flipped(token, bit):
    raw = bytearray(base32_back(token))
    raw[bit // 8] ^= 1 << bit % 8
    return base32(bytes(raw))


def tagged(v, text):
    return f"licensing+{text}@rig.test"


# --- the table: id, what, the outcome, how the mail is made ----------------------------------------------------------
# An outcome is "vote", or the type of an entry and its reason.  Where the reason is not the table's word, a comment says
# why.  A row without a reply token of its own is refused as token-missing: there is nothing that it could decide.

P, R, I, A = "message.parked", "message.refused", "message.ignored", "access.refused"
VOTE = ("vote.cast", None)


def rows(t):
    word = lambda text: (lambda v: mail(t, v, text.encode() + b"\r\n", head=UTF8))  # noqa: E731
    head = lambda line: (lambda v: mail(t, v, head=line))  # noqa: E731
    sender = lambda line: (lambda v: mail(t, v, sender=line))  # noqa: E731
    to = lambda make: (lambda v: mail(t, v, to=make(v)))  # noqa: E731
    top = lambda make: (lambda v: mail(t, v, top=make(v)))  # noqa: E731
    parts = lambda o: (lambda v: mail(t, v, **o))  # noqa: E731
    old = int(time.time()) - 8 * 86400
    recent = int(time.time())
    yield "M01", "two From fields", (P, "from-not-unique"), lambda v: mail(
        t, v, sender=f"From: {v.address}\r\nFrom: mal@rig.test\r\n".encode())
    yield "M03", "no From", (P, "from-missing"), sender(b"")
    yield "M04", "an address as display name", (R, "sender-mismatch"), lambda v: mail(
        t, v, sender=f'From: "{v.address}" <mal@evil.example>\r\n'.encode())
    yield "M05", "an unquoted @ in the display name", (P, "from-syntax"), lambda v: mail(
        t, v, sender=f"From: {v.address} <mal@evil.example>\r\n".encode())
    yield "M06", "NUL in From", (P, "nul-in-header"), lambda v: mail(
        t, v, sender=f"From: {v.address}\0@evil.example\r\n".encode())
    yield "M07", "an encoded word that looks like an address", (R, "sender-mismatch"), lambda v: mail(
        t, v, sender=f"From: =?utf-8?q?{v.address.replace('@', '=40').replace('+', '=2B')}?= <".encode() + MAL + b">\r\n")
    yield "M09", "a Cyrillic letter in the domain", (R, "sender-mismatch"), lambda v: mail(
        t, v, sender=f"From: {v.address.replace('rig.test', 'rіg.test')}\r\n".encode())
    yield "M10", "a route", (P, "from-syntax"), lambda v: mail(t, v, sender=f"From: <@a,@b:{v.address}>\r\n".encode())
    yield "M10", "a group", (P, "from-syntax"), lambda v: mail(t, v, sender=f"From: x: {v.address};\r\n".encode())
    yield "M11", "no Authentication-Results", (R, "auth-missing"), top(
        lambda v: t.stamp().split(b"\r\n", 1)[1])
    yield "M12", "Authentication-Results below the first foreign Received", (R, "auth-missing"), top(
        lambda v: t.stamp().split(b"\r\n", 1)[1] + t.stamp().split(b"\r\n", 1)[0] + b"\r\n")
    yield "M13", "one pass, one fail", (R, "auth-fail"), top(
        lambda v: t.stamp("dmarc=fail header.from={domain}").split(b"\r\n", 1)[0] + b"\r\n" + t.stamp())
    yield "M14", "an authserv id that only begins like ours", (R, "auth-missing"), top(
        lambda v: t.stamp(authserv="mx.{domain}.evil.example"))
    yield "M16", "passed for another domain", (R, "auth-fail"), top(
        lambda v: t.stamp("dmarc=pass header.from=evil.example"))
    yield "M18", "a signature with l=", (R, "dkim-partial"), top(lambda v: dkim(t, "from:subject:date", l=10))
    yield "M19", "a signature without Subject", (R, "dkim-weak"), top(lambda v: dkim(t, "from:date", t=recent))
    yield "M19", "a signature of last week", (R, "stale"), top(lambda v: dkim(t, "from:subject:date", t=old))
    yield "M19", "a good signature", VOTE, top(lambda v: dkim(t, "from:subject:date", t=recent))
    yield "M20", "SPF alone", (R, "auth-weak"), top(lambda v: t.stamp("spf=pass smtp.mailfrom={domain}"))
    yield "M22", "an out-of-office note that says approve", (I, "auto-submitted"), head(b"Auto-Submitted: auto-replied\r\n")
    yield "M23", "Precedence", (I, "precedence"), head(b"Precedence: bulk\r\n")
    yield "M23", "X-Autoreply", (I, "x-autoreply"), head(b"X-Autoreply: yes\r\n")
    yield "M23", "a mailing list", (I, "list"), head(b"List-Id: <a.rig.test>\r\n")
    yield "M23", "an empty return path", (I, "null-return-path"), top(lambda v: b"Return-Path: <>\r\n" + t.stamp())
    yield "M23", "X-Auto-Response-Suppress is no sign of automation", VOTE, head(b"X-Auto-Response-Suppress: All\r\n")
    yield "M25", "our own mark of a loop", (I, "loop"), head(b"Countersign-Loop: rig.test/countersign\r\n")
    yield "M26", "Reply-To, Sender and Return-Path are somebody else's", VOTE, lambda v: mail(
        t, v, head=b"Reply-To: " + MAL + b"\r\nSender: " + MAL + b"\r\n", top=b"Return-Path: <" + MAL + b">\r\n" + t.stamp())
    yield "M27", "two tokens", (R, "token-ambiguous"), lambda v: mail(
        t, v, head=f"Cc: {t.voters[-1].reply}\r\n".encode())
    yield "M29", "a token only in the quote", (R, "token-missing"), lambda v: mail(
        t, v, f"approve\r\n\r\n> {v.reply}\r\n".encode(), to=t.address)
    yield "M30", "Delivered-To by the sender", (R, "token-missing"), lambda v: mail(
        t, v, to=t.address, head=f"Delivered-To: {v.reply}\r\n".encode())
    yield "M31", "a header line of 1 MiB", (P, "header-limit"), head(b"X-Long: " + b"a" * (1 << 20) + b"\r\n")
    yield "M31", "20000 header fields", (P, "header-limit"), head(b"X: y\r\n" * 20000)
    yield "M31", "200 Received", (P, "header-limit"), head(
        b"Received: from a by b.example with SMTP; Tue, 24 Nov 2026 09:00:00 +0000\r\n" * 200)
    for what, line in (("1970", b"Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"),
                       ("2099", b"Date: Thu, 01 Jan 2099 00:00:00 +0000\r\n"), ("none", b""), ("garbage", b"Date: x\r\n")):
        yield "M35", f"Date: {what}", VOTE, lambda v, line=line: mail(t, v, date=line)
    yield "M39", "a Message-ID of ours with a wrong MAC", (R, "token-missing"), lambda v: mail(
        t, v, to=t.address, head=("In-Reply-To: " + re.sub(r"\.([0-9a-z]{16})@", ".0000000000000000@", v.message_id) +
                                  "\r\n").encode())
    yield "B01", "no, don't approve", (R, "not-a-command"), word("no, don't approve")
    for text in ("disapprove", "not approved", "approved?", "I would approve if it were MIT", "approve!!", "APPROVE please"):
        yield "B02", text, (R, "not-a-command"), word(text)
    for what, text in (("capitals", "APPROVE"), ("a dot", "Approve."), ("a BOM", "﻿approve"), ("a NBSP", "\u00a0approve")):
        yield "B03", what, VOTE, word(text)
    yield "B05", "reject without a reason", (R, "reason-required"), word("REJECT")
    yield "B06", "approve only in a quote", (R, "no-command"), word("\r\n> approve")
    yield "B06", "approve only in the signature", (R, "no-command"), word("\r\n-- \r\napprove")
    yield "B06", "approve below the original message", (R, "no-command"), word(
        "\r\n-----Original Message-----\r\nFrom: a\r\n\r\napprove")
    yield "B07", "the quote first, approve below it", (R, "no-command"), word("> please decide\r\n> thank you\r\n\r\napprove")
    yield "B09", "HTML alone", VOTE, lambda v: mail(
        t, v, b"<html><body><p>APPROVE</p></body></html>\r\n", head=b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n")
    yield "B11", "a right-to-left override", (R, "not-a-command"), word("\u202eapprove")
    yield "B11", "a zero width joiner", (R, "not-a-command"), word("app\u200drove")
    yield "B11", "a Cyrillic A", (R, "not-a-command"), word("АPPROVE")
    yield "B13", "base64 with junk after its end", (P, "mime-decode"), parts(encoded(b"base64", b"YXBwcm92ZQ==!junk\r\n"))
    yield "B13", "base64 with NUL", (P, "mime-decode"), parts(encoded(b"base64", base64.b64encode(b"approve\0") + b"\r\n"))
    yield "B13", "base64 too short", (P, "mime-decode"), parts(encoded(b"base64", b"YXBwcm92ZSA\x3d\x3d\r\n"))
    yield "B14", "quoted-printable =41", VOTE, parts(encoded(b"quoted-printable", b"=41PPROVE\r\n"))
    yield "B14", "quoted-printable soft break", VOTE, parts(encoded(b"quoted-printable", b"APPRO=\r\nVE\r\n"))
    yield "B14", "quoted-printable =ZZ", (P, "mime-decode"), parts(encoded(b"quoted-printable", b"approve=ZZ\r\n"))
    yield "B15", "nested 200 deep", (P, "mime-limit"), parts(nested(200))
    yield "B15", "100000 parts", (P, "mime-limit"), parts(multipart(b"mixed", *([TEXT] * 50000)))  # within max_size
    yield "B15", "a boundary of 3000 bytes", (P, "mime-limit"), parts(multipart(b"mixed", TEXT, boundary=b"b" * 3000))
    yield "B15", "no boundary", (P, "mime-limit"), parts({
        "head": b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n", "body": TEXT})
    yield "B15", "a boundary that begins like another", (P, "mime-limit"), parts(multipart(
        b"mixed", b"Content-Type: multipart/alternative; boundary=frontier2\r\n\r\n--frontier2\r\n" + TEXT +
        b"\r\n--frontier2--\r\n"))
    yield "B17", "approve in an attached mail", (R, "no-command"), parts(multipart(
        b"mixed", b"Content-Type: text/plain\r\n\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\napprove\r\n"))
    yield "B21", "nothing", (R, "no-command"), word("")
    yield "B21", "only a signature", (R, "no-command"), word("-- \r\nVoter")
    yield "B21", "only an attachment", (R, "no-command"), parts(multipart(
        b"mixed", b"Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\napprove\r\n"))
    yield "B21", "winmail.dat", (R, "no-command"), parts(multipart(
        b"mixed", b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+Ig==\r\n"))
    yield "B27", "a code, but no second factor", (A, "mfa-format"), word("approve 000000")
    yield "B27", "eight digits", (R, "mfa-format"), word("approve 00000000")
    yield "B27", "full-width digits", (R, "mfa-format"), word("approve １２３４５６")
    yield "T01", "a bit of the MAC flipped", (R, "token-invalid"), to(lambda v: tagged(v, flipped(v.token, 190)))
    yield "T01", "a bit of the id flipped", (R, "token-invalid"), to(lambda v: tagged(v, flipped(v.token, 20)))
    yield "T01", "39 characters", (R, "token-invalid"), to(lambda v: tagged(v, v.token[:-1]))
    yield "T01", "41 characters", (R, "token-invalid"), to(lambda v: tagged(v, v.token + "0"))
    yield "T01", "the letter u", (R, "token-invalid"), to(lambda v: tagged(v, "u" + v.token[1:]))
    yield "T02", "upper case, o for 0, l for 1", VOTE, to(lambda v: tagged(v, spelled(v.token)))
    yield "T02", "mixed case", VOTE, to(lambda v: tagged(v, v.token[:20].upper() + v.token[20:]))
    yield "T03", "%2b for +", (R, "token-missing"), to(lambda v: f"licensing%2b{v.token}@rig.test")
    yield "T03", "- for +", (R, "token-missing"), to(lambda v: f"licensing-{v.token}@rig.test")
    yield "T03", "= before it", (R, "token-invalid"), to(lambda v: f"licensing+={v.token}@rig.test")
    yield "T20", "the address in capitals", VOTE, to(lambda v: v.reply.upper())
    yield "T20", "the tag stripped: In-Reply-To carries it", VOTE, lambda v: mail(
        t, v, to=t.address, head=f"In-Reply-To: {v.message_id}\r\n".encode())
    yield "T18", "a token made with another key", (R, "token-invalid"), to(
        lambda v: tagged(v, base32(base32_back(v.token)[:9] + os.urandom(16))))
    yield "C14", "show CS-01", (R, "unknown-case"), lambda v: mail(t, v, b"show CS-01\r\n", to=t.address)
    yield "C14", "show CS-", (R, "unknown-case"), lambda v: mail(t, v, b"show CS-\r\n", to=t.address)
    yield "C14", "show CS-999", (A, "unknown-case"), lambda v: mail(t, v, b"show CS-999\r\n", to=t.address)
    yield "C14", "the case id in small letters", ("audit.queried", None), lambda v: mail(t, v, f"show {v.case.lower()}\r\n".encode(), to=t.address)
    yield "C15", "a reason of 2 MiB", (R, "too-long"), lambda v: mail(t, v, b"reject: " + b"long \r\n" * 300000)
    yield "C15", "a reason with NUL", (P, "mime-decode"), lambda v: mail(t, v, b"reject: a\0b\r\n")


# --- one row ---------------------------------------------------------------------------------------------------------

def state_of(t):
    """What is decided and asked, as one hash."""
    dump = [t.sql(f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("version", "fact", "stage", "review", "vote")]
    dump.append(t.sql("SELECT id, state, version, stage, risk, expires, closed, requester, filed_by FROM cases ORDER BY id"))
    return hashlib.sha256(repr(dump).encode()).hexdigest()


def bytes_of(t, seq):
    """The raw mail that a message.received names."""
    digest = bytes.fromhex(t.since(seq)[0]["body"]["sha256"])
    data = t.sql("SELECT data FROM blob WHERE sha256 = ?", digest)[0][0]
    if data is None:
        name = digest.hex()
        for folder, _, files in os.walk(f"{t.desk.folder}/state/evidence"):
            for file in files:
                if name in (file, os.path.basename(folder) + file):
                    data = open(os.path.join(folder, file), "rb").read()
    return data or b""


def outcome_of(t, received):
    """Waits until a mail is dealt with; the entry that says how.  Words that were no decision are kept as a comment and
    refused: the refusal is the outcome."""
    def done():
        found = t.sql("SELECT state, outcome FROM message WHERE seq = ?", received)
        return found and found[0][0] != "received" and found[0][1] is not None and found
    first = t.until("outcome", done)[0][1]
    entries = [e for e in t.since(first) if e["body"].get("message") == received]
    return next((e for e in entries if e["type"] in (R, A)), entries[0])


def alive(t):
    return t.desk.serve.poll() is None and len(children(t)) == 3


def children(t):
    with open(f"/proc/{t.desk.serve.pid}/task/{t.desk.serve.pid}/children", encoding="ascii") as file:
        return file.read().split()


def send(t, data):
    """By `countersign deliver`; the number of its message.received."""
    start = t.size()
    if t.deliver(data) != 0:
        raise RuntimeError("countersign deliver did not store a mail")
    return t.entry(start, "message.received")["seq"]


def play_row(t, number, what, want, make):
    v = t.voters.pop(0)
    data = make(v)
    before, letters, start = state_of(t), t.sql("SELECT max(id) FROM outbox")[0][0], t.size()
    received = send(t, data)
    got = outcome_of(t, received)
    reason = got["body"].get("reason")
    problems = []
    if got["type"] != want[0] or (want[1] and reason != want[1]):
        problems.append(f"it came to {got['type']} {reason}: {stay_tidy(str(got['body'].get('text') or got['body'].get('detail')))}")
    decided = [e["type"] for e in t.since(start) if e["type"] in DECISIONS]
    if decided != (["vote.cast"] if want == VOTE else []):
        problems.append(f"decided: {decided}")
    if want == VOTE and got["body"].get("person") != f"person:{v.id}":
        problems.append(f"counted for {got['body'].get('person')}")
    if want != VOTE and state_of(t) != before:
        problems.append("the state of the cases changed")
    sent = t.sql("SELECT kind, address FROM outbox WHERE id > ? AND kind <> 'alarm'", letters)
    sent = [(k, a) for k, a in sent if k != "comment"]  # what was kept as a comment goes to the others concerned
    if len(sent) > (0 if want[0] in (P, I) else 1):
        problems.append(f"letters: {sent}")
    if want[0] not in (P, I) and (v.address not in [a for _, a in sent]):
        problems.append(f"no letter to {v.address}: {sent}")
    if any(a == "mal@evil.example" for _, a in sent):
        problems.append(f"a letter to a stranger: {sent}")
    if bytes_of(t, received) != data:
        problems.append("the raw bytes are not kept")
    if not alive(t):
        problems.append("not everything is alive")
    t.check(not problems, f"{number} {what}: {want[0]} {want[1] or ''}" + "".join(f" - {p}" for p in problems))


# --- rows of several mails -------------------------------------------------------------------------------------------

def expect(t, number, what, received, kind, reason=None):
    got = outcome_of(t, received)
    return t.check(got["type"] == kind and reason in (None, got["body"].get("reason")),
                   f"{number} {what}: {kind} {reason or ''}" +
                   ("" if got["type"] == kind else f" - it came to {got['type']} {got['body'].get('reason')}"))


def bounces(t):
    letter_id, message_id = t.sql("SELECT id, message_id FROM outbox WHERE kind = 'review' ORDER BY id LIMIT 1 OFFSET 3")[0]
    report = multipart(
        b"report; report-type=delivery-status", b"Content-Type: text/plain\r\n\r\nSorry.\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.rig.test\r\n\r\n"
        b"Final-Recipient: rfc822; x@rig.test\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        b"Content-Type: message/rfc822\r\n\r\nFrom: licensing@rig.test\r\nMessage-ID: " + message_id.encode() +
        b"\r\n\r\napprove\r\n")
    v = t.voters.pop(0)
    received = send(t, mail(t, v, report["body"], head=report["head"], sender=b"From: MAILER-DAEMON@mx.rig.test\r\n"))
    expect(t, "M24", "a bounce of our letter that quotes a token", received, "message.bounced")
    t.check(t.sql("SELECT state FROM outbox WHERE id = ?", letter_id) == [("failed",)] and
            t.sql("SELECT count(*) FROM token WHERE used IS NOT NULL AND hex(id) = ?",
                  base32_back(v.token)[1:9].hex().upper()) == [(0,)],
            "M24 the letter counts as failed, the token is unused")


def duplicates(t):
    v = t.voters.pop(0)
    data = mail(t, v, b"comment: the same bytes\r\n")
    path = f"{t.folder}/twice.eml"
    with open(path, "wb") as file:
        file.write(data.replace(b"\r\n", b"\n"))
    os.chmod(path, 0o644)
    start = t.size()
    rig = os.path.join(os.path.dirname(FILES), "../rig/rig.sh")
    subprocess.run([rig, "deliver", t.rig.folder, "licensing", path, path], check=True)
    t.until("two mails", lambda: len(t.since(start, "message.received")) == 2)
    ignored = t.entry(start, "message.ignored")["body"]
    t.quiet()
    first = t.since(start, "message.received")[0]["seq"]
    t.check(ignored["reason"] == "duplicate" and ignored["duplicate_of"] == first and
            len(t.since(start, "case.commented")) == 1, "M36 the same bytes twice: the second names the first, one effect")
    one = send(t, mail(t, v, b"comment: one\r\n", id=b"Message-ID: <same@pc>\r\n"))
    two = send(t, mail(t, v, b"comment: two\r\n", id=b"Message-ID: <same@pc>\r\n"))
    t.check(outcome_of(t, one)["type"] == outcome_of(t, two)["type"] == "case.commented",
            "M37 one Message-ID, other bytes: two mails")
    t.check([outcome_of(t, seq)["body"].get("message_id_reused") for seq in (one, two)] == [None, True],
            "M37 the second's entry says so")


def our_letter_returns(t):
    letter = t.get("ann", f"cs-{CROWDS + 1}", "decision asked")
    received = send(t, t.stamp() + letter.as_bytes())
    expect(t, "M25", "one of our own letters comes back", received, I, "loop")
    start = t.size()
    for field in ("Countersign-Loop", "Auto-Submitted"):
        del letter[field]
    expect(t, "M25", "with nothing left but its Message-ID", send(t, t.stamp() + letter.as_bytes()), I, "loop")
    for i in range(4):
        letter["X-Round"] = str(i)
        send(t, t.stamp() + letter.as_bytes())
    t.quiet()
    t.check([e["body"]["code"] for e in t.since(start, "alarm.raised")] == ["mail-loop"], "M25 a circle: one alarm")


def tokens(t):
    v = t.voters.pop(0)
    forwarded = send(t, mail(t, v, sender=b"From: bo@rig.test\r\n"))
    expect(t, "T04", "a colleague replies to a forwarded mail", forwarded, R, "sender-mismatch")
    t.check(t.sql("SELECT count(*) FROM outbox WHERE address = ? AND kind = 'refused'", v.address) == [(1,)] and
            t.sql("SELECT count(*) FROM outbox WHERE address = 'bo@rig.test' AND kind = 'refused'") == [(0,)],
            "T04 the person whom it was made for is told, nobody else")
    expect(t, "T04", "the token is not burned", send(t, mail(t, v)), "vote.cast")
    start = t.size()
    again = send(t, mail(t, v))
    got = outcome_of(t, again)
    t.check(got["body"]["reason"] == "already-recorded" and "entry" in got["body"]["text"] and
            not t.since(start, "vote.cast"), "T07 the same decision again: named, not counted")
    expect(t, "C10", "the other verdict with the same token", send(t, mail(t, v, b"reject: changed my mind\r\n")), R,
           "already-recorded")
    v = t.voters.pop(0)
    start = t.size()
    both = [threading.Thread(target=t.deliver, args=(mail(t, v, b"approve\r\n" + extra),)) for extra in (b"", b"\r\n")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    t.until("both", lambda: len(t.since(start, "message.received")) == 2)
    t.quiet()
    t.check(len(t.since(start, "vote.cast")) == 1, "T09 the same token twice at the same moment: one decision")
    v = t.voters.pop(0)
    start = t.size()
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = v.address, v.reply, "Re: [CS-1]"
    message.set_content("approve\n")
    t.rig.outside("mal@outside.test", [v.reply], message)
    received = t.entry(start, "message.received")["seq"]
    expect(t, "T17", "a leaked token with a forged From, from outside", received, R, "auth-fail")


def edited_row(t):
    v = t.voters.pop(0)
    base = sqlite3.connect(f"{t.desk.folder}/state/countersign.db", timeout=20)
    made = os.urandom(8)
    base.execute("INSERT INTO token SELECT ?, purpose, case_id, version, content, principal, address, expires, seal, NULL "
                 "FROM token WHERE id = ?", (made, base32_back(v.token)[1:9]))
    base.commit()
    base.close()
    start = t.size()
    received = send(t, mail(t, v, to=tagged(v, base32(base32_back(v.token)[:1] + made + os.urandom(16)))))
    expect(t, "T12", "a token row made with sqlite3", received, R, "token-invalid")
    t.check([e["body"]["code"] for e in t.since(start, "alarm.raised")] == ["token-row-altered"], "T12 and an alarm")
    base = sqlite3.connect(f"{t.desk.folder}/state/countersign.db", timeout=20)
    base.execute("DELETE FROM token WHERE id = ?", (made,))
    base.commit()
    # By reference nothing but the row says who may decide: an edited one must not.
    mine, w = base32_back(v.token)[1:9], t.voters.pop(0)
    holder = "UPDATE token SET principal = ?, address = ? WHERE id = ?"
    base.execute(holder, (f"person:{w.id}", w.address, mine))
    base.commit()
    start = t.size()
    received = send(t, mail(t, w, to=t.address, head=f"In-Reply-To: {v.message_id}\r\n".encode()))
    t.check(outcome_of(t, received)["type"] == R and not t.since(start, "vote.cast"), "T12 an edited row decides nothing")
    t.check([e["body"]["code"] for e in t.since(start, "alarm.raised")] == ["token-row-altered"], "T12 and an alarm")
    t.check("row" in t.desk.cli("log", "verify", check=False).stderr.decode(), "T12 log verify finds it too")
    base.execute(holder, (f"person:{v.id}", v.address, mine))
    base.commit()
    base.close()


def keys(t):
    path = f"{t.desk.folder}/etc/token.key"
    old = open(path, encoding="ascii").read()
    t.desk.stop()
    t.desk.write("token.key", f"1 {os.urandom(32).hex()}\n{old}", 0o600)
    t.desk.start()
    v = t.voters.pop(0)
    expect(t, "T10", "a token of a retired key", send(t, mail(t, v)), "vote.cast")
    v = t.voters.pop(0)
    never = base32(bytes([base32_back(v.token)[0] | 15]) + base32_back(v.token)[1:])
    expect(t, "T10", "a key id that was never issued", send(t, mail(t, v, to=tagged(v, never))), R, "token-invalid")
    t.desk.stop()
    t.desk.write("token.key", old, 0o600)
    t.desk.start()


def evidence(t):
    bomb = gzip.compress(b"\0" * (1 << 20))
    start = t.size()
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, "zeros"
    message.set_content("License: MIT-0\n")
    message.add_attachment(bomb, maintype="application", subtype="gzip", filename="zeros.gz")
    t.people["kim"].send(message)
    kept = t.entry(start, "evidence.attached")["body"]
    t.check(kept["size"] == len(bomb) and kept["sha256"] == hashlib.sha256(bomb).hexdigest(),
            "B19 a compressed file is kept as its bytes")
    start = t.size()
    big = mail(t, t.voters[-1], b"x" * 76 + b"\r\n", to=t.address) + (b"y" * 76 + b"\r\n") * 80000
    t.lmtp(big)
    parked = t.entry(start, P)["body"]
    t.check(parked["reason"] == "too-large", "B18 a mail above the limit is parked")
    desk = t.desk_mailbox()
    t.check(desk == 1, f"B18 the server's copy stays where it is ({desk} in INBOX)")
    t.check(b"Message-ID" in bytes_of(t, t.since(start, "message.received")[0]["seq"]), "B18 its header is kept")


def escapes(t):
    start = t.size()
    nasty = "\x1b[2J<script>alert(1)</script> <!channel> @everyone =HYPERLINK(1) javascript:alert(2)"
    message = email.message.EmailMessage()
    message["To"] = t.address
    message["Subject"] = "x"
    message.set_content(FACTS.format(product="Widget", until="2027-03-01").replace("needed", nasty), cte="base64")
    raw = message.as_bytes().replace(b"Subject: x", b"Subject: =?utf-8?q?a=0D=0ABcc:_mal=40rig.test?=")
    t.lmtp(t.stamp() + b"From: Kim <kim@rig.test>\r\nMessage-ID: <nasty@pc>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n" +
           raw.replace(b"\n", b"\r\n"))
    case = t.entry(start, "case.opened")["case"]
    letter = t.get("bo", case, "decision asked")
    plain, html = text_of(letter), letter.get_body(("html",)).get_content()
    t.check("\x1b" not in plain and "\x1b" not in html, "C13 no escape sequence in the mail")
    t.check("<script>" not in html and "&lt;script&gt;" in html and 'href="javascript' not in html, "C13 HTML is escaped")
    shown = t.desk.cli("show", case) + t.desk.cli("history", case) + t.desk.cli("find")
    t.check("\x1b" not in shown and "<script>" in shown, "C13 no escape sequence on the terminal")
    t.check(letter["Bcc"] is None and all("mal@" not in str(v) for k, v in letter.items()),
            "M34 a line end in an encoded Subject makes no header")
    t.quiet()
    t.check(t.none("mal") == [], "M34 and no mail to a stranger")


def dates(t):
    for text in ("2020-01-01", "9999-12-31", "2027-02-30", "2026-1-1"):
        start = t.size()
        t.people["kim"].write(t.address, f"until {text}", FACTS.format(product="Widget", until=text))
        opened = t.entry(start, "case.opened")["body"]
        problem = [p["why"] for p in opened["problems"] if p["name"] == "expires"]
        t.check("expires" in opened["missing"] and "expires" not in opened["facts"] and problem,
                f"C20 until {text}: not taken; {stay_tidy(' '.join(problem))}")


def duties(t):
    """C01, C03, C08: by mail where a mail can do it, else by the command line."""
    start = t.size()
    t.people["bo"].write(t.address, "mine", FACTS.format(product="Widget", until="2027-03-01"))
    case = t.entry(start, "case.opened")["case"]
    received = t.get("bo", case)
    t.check(all(row["person"] != "person:bo" for row in t.entry(start, "review.requested")["body"]["asked"]),
            "C01 whoever asks is not asked to decide")
    start = t.size()
    t.people["bo"].reply(received, "approve\n")
    got = outcome_of(t, t.entry(start, "message.received")["seq"])
    t.check(got["body"].get("reason") == "self-approval", f"C01 and cannot approve: {got['body'].get('reason')}")
    start = t.size()
    t.people["kim"].write(t.address, "for dee", "Vendor: V\nProduct: Widget\nSpend: 10 EUR\nReason: x\nBeneficiary: dee\n")
    case = t.entry(start, "case.opened")["case"]
    if os.getuid() != 0:
        print("skipped C03, C08: only root can call as another user")
        return
    as_dee = [f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, "--json", "approve"]

    def call(*arguments):
        done = subprocess.run([*as_dee, *arguments], capture_output=True, check=False, env=t.desk.environment(),
                              **unprivileged())
        return done.returncode, done.stdout.decode() + done.stderr.decode()

    t.entry(start, "case.assessed")
    code, text = call(case)
    t.check(code == 77 and "conflict-of-duty" in text, f"C03 whoever gains from it cannot approve: {code} {stay_tidy(text)}")
    start = t.size()
    t.people["kim"].write(t.address, "later", FACTS.format(product="Widget", until="2027-03-01"))
    case = t.entry(start, "review.requested")["case"]
    people = open(f"{t.desk.folder}/etc/people.yaml", encoding="utf-8").read()
    t.desk.write("people.yaml", people.replace("groups: [finance]", "groups: [finance, legal]"))
    start = t.size()
    t.desk.serve.send_signal(signal.SIGHUP)
    t.entry(start, "people.published")
    code, text = call(case)
    t.check(code == 77 and re.search("role-too-new|not-approver", text),
            f"C08 a role that came after the request does not count: {code} {stay_tidy(text)}")
    refused = t.entry(start, A)["body"]["reason"]
    t.check(refused == "role-too-new", f"C08 the entry says so: {refused}")
    t.check([e["body"]["code"] for e in t.since(start, "alarm.raised")] == ["role-too-new"], "C08 and an alarm")
    t.desk.write("people.yaml", people)
    t.desk.serve.send_signal(signal.SIGHUP)


def quota(t):
    start = t.size()
    for i in range(53):
        t.deliver(t.stamp() + f"From: max@rig.test\r\nTo: {t.address}\r\nSubject: n{i}\r\nMessage-ID: <q{i}@pc>\r\n\r\n"
                  f"License: MIT-0\r\nVersion: {i}\r\n".encode())
    t.quiet()
    opened, refused = len(t.since(start, "case.opened")), [e["body"]["reason"] for e in t.since(start, R)]
    t.check(opened == 50 and refused == ["quota"] * 3, f"C16 53 requests in a minute: {opened} opened, {refused}")


def expired(t):
    """A day is a second: a token of 14 days is soon too old."""
    t.desk.stop()
    t.desk.start("--clock=86400")
    start = t.size()
    t.people["kim"].write(t.address, "slow", FACTS.format(product="Widget", until="2027-06-01"))
    case = t.entry(start, "review.requested")["case"]
    letters = {who: t.get(who, case, "decision asked") for who in ("ann", "cy")}
    start = t.size()
    t.people["ann"].reply(letters["ann"], "approve\n")
    t.entry(start, "vote.cast", case)
    t.check(True, "T06 before it expires a token counts")
    row = base32_back(re.search(r"\+(.{40})@", str(letters["cy"]["Reply-To"])).group(1))[1:9]
    expires = t.sql("SELECT expires FROM token WHERE id = ?", row)[0][0]

    def late():  # the desk's time as its log tells; something must happen there for that
        t.desk.cli("find", check=False)
        last = t.since(t.size() - 1)[0]["time"]
        return datetime.datetime.fromisoformat(last.replace("Z", "+00:00")).timestamp() >= expires
    t.until("two weeks", late)
    start = t.size()
    t.people["cy"].reply(letters["cy"], "approve\n")
    got = t.entry(start, R, case)
    t.check(got["body"]["reason"] == "expired" and not t.since(start, "vote.cast"), "T06 afterwards it does not")
    fresh = t.sql("SELECT count(*) FROM outbox WHERE kind = 'review' AND address = 'cy@rig.test' AND case_id = ?", case)
    t.check(fresh[0][0] >= 2, "T06 and a fresh one is sent to the registered address")
    t.desk.stop()
    t.desk.start()


def anchors(t):
    """What a reply brings back from a log that is not this one stops the desk."""
    v = t.voters.pop(0)
    state, kept = f"{t.desk.folder}/state", f"{t.desk.folder}/kept"
    t.desk.stop()
    shutil.copytree(state, kept)
    for number, code, size, root in (("M41", "fork-detected", 5, os.urandom(32)),
                                     ("M40", "rollback-detected", 10 ** 6, os.urandom(32))):
        shutil.rmtree(state)
        shutil.copytree(kept, state)
        for name in (state, *(f"{state}/{name}" for name in os.listdir(state))):
            give_away(name)
        t.desk.start()
        start = t.size()
        forged = t.message_id(size, root, os.urandom(8))
        received = send(t, mail(t, v, b"comment: x\r\n", head=f"In-Reply-To: {forged}\r\n".encode()))
        expect(t, number, "an anchor of another log", received, P, code)
        t.check([e["body"]["code"] for e in t.since(start, "alarm.raised")] == [code], f"{number} and an alarm")
        t.check(t.desk.json("status")["frozen"], f"{number} the desk decides nothing more")
        start = t.size()
        next_one = send(t, mail(t, v))
        time.sleep(0.7)
        t.check(t.sql("SELECT state FROM message WHERE seq = ?", next_one) == [("received",)] and
                not t.since(start, "vote.cast"), f"{number} the next mail is stored and waits")
        refused = t.desk.cli("--json", "comment", "CS-1:", "x", check=False)
        t.check(refused.returncode == 69 and json.loads(refused.stdout)["code"] == "frozen", f"{number} nor by the command line")
        t.desk.stop()
        t.desk.start()
        t.check(t.desk.json("status")["frozen"], f"{number} a start anew changes nothing")
        t.check([a["code"] for a in t.desk.json("status")["alarms"]][0] == code, f"{number} status names the alarm")
        t.desk.stop()


# --- all of it -------------------------------------------------------------------------------------------------------

def files_for(folder):
    """The desk of all tests, with a crowd of approvers who share one mailbox."""
    shutil.copytree(FILES, folder)
    crowd = "".join(f'  - {{id: v{i}, name: "Voter {i}", mail: ["crowd+v{i}@@DOMAIN@"], groups: [crowd{i % CROWDS}]}}\n'
                    for i in range(1, VOTERS + 1))
    for name, old, new in (("people.yaml", "requesters:", crowd + "requesters:"),
                           ("policy.yaml", "routes:\n", "routes:\n" + "".join(
                               f"  - {{when: \"component = 'crowd{i}'\", stages: [{{name: crowd, need: 20, from: [crowd{i}]}}]}}\n"
                               for i in range(CROWDS)))):
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            text = file.read()
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    return folder


def summon(t):
    """Requests that ask the whole crowd; their tokens."""
    for i in range(CROWDS):
        t.people["kim"].write(t.address, "for all", FACTS.format(product="Atlas", until="2027-03-01").replace(
            "libfoo", f"crowd{i}"))
    crowd = []

    def all_there():
        crowd.extend(t.people["crowd"].new())
        return len(crowd) >= VOTERS
    t.until("crowd", all_there, 90)
    for letter in crowd:
        to = email.utils.parseaddr(str(letter["To"]))[1]
        reply = email.utils.parseaddr(str(letter["Reply-To"]))[1]
        t.voters.append(Voter(to.split("+")[1].split("@")[0], to, reply, reply.split("+")[1].split("@")[0],
                              str(letter["Message-ID"]), re.search(r"CS-\d+", str(letter["Subject"])).group()))
    t.check(len({v.token for v in t.voters}) == VOTERS and all(c in CROCKFORD for v in t.voters for c in v.token),
            f"{VOTERS} approvers have {VOTERS} tokens")


def play(t):
    import imaplib
    import itertools

    def desk_mailbox():
        with imaplib.IMAP4("localhost", t.rig.port("IMAP")) as imap:
            imap.starttls(t.rig.tls())
            imap.login("licensing", "pw-licensing")
            return int(imap.select("INBOX", readonly=True)[1][0])
    t.desk_mailbox, t.numbers, t.voters = desk_mailbox, itertools.count(1), []
    t.desk.start()
    t.say("a case that many are asked about")
    summon(t)
    tokens_given = [v.token for v in t.voters]
    t.people["kim"].write(t.address, "one more", FACTS.format(product="Widget", until="2027-03-01"))
    t.entry(0, "review.requested", f"CS-{CROWDS + 1}")
    pids = children(t)
    t.say("the table")
    for row in rows(t):
        play_row(t, *row)
    t.check(children(t) == pids, "no adapter died over any of them")
    t.say("rows of several mails")
    for step in (bounces, duplicates, our_letter_returns, tokens, edited_row, evidence, escapes, dates, duties, quota):
        step(t)
    t.check(children(t) == pids, "no adapter died over any of these")
    t.verify()
    for step in (keys, expired, anchors):
        step(t)
    t.verify()
    log = t.desk.log()
    t.check(not any(token in log for token in tokens_given), "no token is in the desk's log")


def main():
    import tempfile
    folder = tempfile.mkdtemp(dir=os.environ.get("TMP"))
    os.chmod(folder, 0o755)
    NAMES["crowd"] = "Crowd"
    code = run(play, files=files_for(f"{folder}/files"), accounts=["licensing", *NAMES])
    shutil.rmtree(folder)
    return code


sys.exit(main())
