#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""smtp.py - the smtp adapter, whole, against the rig's real submission server and against a scripted one.

`smtp.py --measure` prints how many mails a second reach the relay's sink and how much memory the adapter holds
afterwards, and tests nothing.
"""
import email
import email.policy
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from smtp_rig import TOKEN, Adapter, Rig, Server, TokenServer, check, failures, mail, new_id  # noqa: E402

RICH = {
    "from": {"name": "Lizenzbüro", "address": "licensing+%s@rig.test" % TOKEN},
    "to": {"name": "Bo Łukasz, Esq.", "address": "bo@rig.test"},
    "reply_to": {"name": "", "address": "licensing+%s@rig.test" % TOKEN},
    "subject": "CS-7 “Überprüfung” of libfoo – please decide",
    "in_reply_to": "<one@example.com>", "references": ["<root@example.com>", "<one@example.com>"],
    "headers": {"Auto-Submitted": "auto-generated", "Countersign-Loop": "rig"},
    "text": "Grüße\n.\n..two dots\n.one dot\nFrom here on\n\n-- \nsignature\n" + "x" * 3000 + "\n",
    "html": "<p>Grüße</p>\n.\n",
    "attachments": [{"name": "Prüfbericht „final“.txt", "type": "text/plain", "text": "Ergebnis: gut\n.\n"},
                    {"name": "bytes.bin", "type": "application/octet-stream", "base64": "AAECAwQFBgcICf/+DQoNCg=="}],
}


# --- what is tested --------------------------------------------------------------------------------------------------

def delivery_is_byte_right(rig):
    document = {**mail("bo@rig.test"), **RICH}
    server = Server()
    script = Adapter(server.url, tls="none", user="").ready()
    frame = script.deliver(document)
    check(frame.get("response") == "250 2.0.0 queued as Q1", "the server's reply comes back (%s)" % frame)
    script.end()
    sent = server.messages[0]
    check(b"\n" not in sent.replace(b"\r\n", b"") and max(map(len, sent.split(b"\r\n"))) <= 998 and sent.isascii(),
          "what is sent is 7-bit, CR LF, lines of at most 998")
    check("EHLO bot.rig.test" in server.lines, "EHLO names the configured domain")
    check("MAIL FROM:<licensing@rig.test>" in server.lines and "RCPT TO:<bo@rig.test>" in server.lines,
          "the envelope is as given")
    server.close()
    for name, url in (("STARTTLS", rig.starttls()), ("implicit TLS", rig.tls())):
        document["message_id"] = new_id()
        adapter = Adapter(url, ca=rig.ca).ready()
        frame = adapter.deliver(document)
        check(frame.get("type") == "sent" and frame.get("response", "").startswith("250"),
              "%s: sent (%s)" % (name, frame))
        found, count = rig.find("bo", document["message_id"])
        # The same document but for its Message-ID, and the boundaries that hang on it.
        strip = lambda b: re.sub(rb"=_[0-9a-f]{40}", b"BOUNDARY", re.sub(rb"<cs1\.[^>]*>", b"ID", b))
        check(count == 1 and strip(found).endswith(strip(sent.replace(b"\r\n", b"\n")[sent.index(b"Date:"):])),
              "%s: it arrives once, byte for byte" % name)
        parsed = email.message_from_bytes(found, policy=email.policy.default)
        check(parsed["subject"] == RICH["subject"], "%s: another MIME library reads the subject" % name)
        check([p.get_filename() for p in parsed.iter_attachments()] == [a["name"] for a in RICH["attachments"]],
              "%s: and the attachments' names" % name)
        check(parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == RICH["text"],
              "%s: and the text" % name)
        adapter.end()


def outcomes_of_faults(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca, deadline=3).ready()
    cases = [
        # recipient, type, permanent, unknown, in the sentence
        ("fail-450+%s@rig.test" % TOKEN, "failed", False, False, "450 4.2.0"),
        ("fail-550+%s@rig.test" % TOKEN, "failed", True, False, "550 5.1.1"),
        ("data-451+%s@rig.test" % TOKEN, "failed", False, False, "451 4.3.0"),
        ("data-554+%s@rig.test" % TOKEN, "failed", True, False, "554 5.6.0"),
        ("slow-6@rig.test", "failed", False, True, "in time"),
    ]
    for to, kind, permanent, unknown, words in cases:
        frame = adapter.deliver(mail(to))
        got = (frame.get("type"), frame.get("permanent"), frame.get("unknown", False))
        check(got == (kind, permanent, unknown) and words in frame.get("why", ""), "%s: %s" % (to[:12], frame))
        check(permanent or frame.get("retry_after", 0) > 0, "%s: when to try again" % to[:12])
        after = mail("bo@rig.test")
        frame = adapter.deliver(after)
        check(frame.get("type") == "sent" and rig.find("bo", after["message_id"])[1] == 1,
              "the mail after %s arrives (%s)" % (to[:12], frame))
    log = adapter.end()
    check("fail-450+2c0j@rig.test" in log, "the log names the recipient with the token cut")


def lost_connections():
    answers = {"MESSAGE": lambda number: None if number == 1 else "250 2.0.0 taken"}
    server = Server(answers)
    adapter = Adapter(server.url, tls="none", user="").ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("unknown") is True and not frame.get("permanent"),
          "the connection is lost after the whole mail: unknown (%s)" % frame)
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "sent" and server.sessions == 2, "the next mail takes a new connection (%s)" % frame)
    adapter.end()
    server.close()

    for verb in ("GREETING", "EHLO", "MAIL", "RCPT", "DATA"):
        server = Server({verb: None if verb != "DATA" else "421 4.3.2 going down"})
        adapter = Adapter(server.url, tls="none", user="").ready()
        frame = adapter.deliver(mail("bo@rig.test"))
        check(frame.get("type") == "failed" and frame.get("permanent") is False and "unknown" not in frame,
              "the server goes away at %s: again later (%s)" % (verb, frame))
        adapter.end()
        server.close()

    # The server closed the kept connection between two mails: a second try, unseen by the core.
    server = Server({"MAIL": lambda number: "250 OK" if number > 1 or not server.messages else "421 4.4.2 idle"})
    adapter = Adapter(server.url, tls="none", user="").ready()
    frames = [adapter.deliver(mail("bo@rig.test")) for _ in range(2)]
    check([f.get("type") for f in frames] == ["sent", "sent"] and server.sessions == 2,
          "a kept connection that the server gave up is replaced at once (%s)" % frames[1])
    adapter.end()
    server.close()


def late_answer_is_not_the_next_mails():
    """A timeout leaves an answer due on the connection; the next mail must not read it as its own."""
    def slow(number):
        if number == 1:
            time.sleep(4)
        return "250 2.0.0 answer of session %d" % number
    server = Server({"MESSAGE": slow})
    adapter = Adapter(server.url, tls="none", user="", deadline=2).ready()
    first = adapter.deliver(mail("bo@rig.test"))
    second = adapter.deliver(mail("bo@rig.test"))
    check(first.get("unknown") is True, "no answer in time: unknown (%s)" % first)
    check(second.get("response") == "250 2.0.0 answer of session 2", "the next one has its own answer (%s)" % second)
    for _ in range(4):  # enough for every connection that is kept
        adapter.send(mail("bo@rig.test"))
    frames = [adapter.get() or {} for _ in range(4)]
    check(not [f for f in frames if f.get("type") != "sent" or "session 1" in f["response"]],
          "and so have all others (%s)" % frames[-1])
    adapter.end()
    server.close()


def refusals_of_the_server():
    for what, answers, permanent, pause in (
            ("greeting 554", {"GREETING": "554 5.3.2 no service"}, False, 60),
            ("greeting 421", {"GREETING": "421 too busy"}, False, 60),
            ("EHLO and HELO refused", {"EHLO": "550 go away", "HELO": "550 go away"}, False, 300),
            ("MAIL wants a login", {"MAIL": "530 5.7.0 authentication required"}, False, 300),
            ("MAIL refused", {"MAIL": "550 5.7.1 not you"}, True, 0),
            ("message too large", {"MAIL": "552 5.3.4 too large"}, True, 0)):
        server = Server(answers)
        adapter = Adapter(server.url, tls="none", user="").ready()
        frame = adapter.deliver(mail("bo@rig.test"))
        check((frame.get("permanent"), frame.get("retry_after")) == (permanent, pause), "%s: %s" % (what, frame))
        adapter.end()
        server.close()


def tls_is_not_optional(rig):
    for address, what in (("127.0.0.2", "wrong host"), ("127.0.0.3", "self-signed"), ("127.0.0.4", "expired")):
        for url in (rig.starttls(address), rig.tls(address)):
            adapter = Adapter(url, ca=rig.ca).ready()
            document = mail("bo@rig.test")
            frame = adapter.deliver(document)
            check(frame.get("type") == "failed" and frame.get("permanent") is False and
                  "certificate" in frame.get("why", ""), "%s, %s: %s" % (what, url, frame))
            adapter.end()
            check(rig.find("bo", document["message_id"], 0)[1] == 0, "%s: nothing was sent" % what)
    server = Server({"AUTH": "334 ", "EHLO": "250-script\r\n250 AUTH PLAIN LOGIN"})
    adapter = Adapter(server.url, ca=rig.ca).ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("permanent") is False and "TLS" in frame.get("why", ""), "STARTTLS stripped: %s" % frame)
    check(not [l for l in server.lines if l.startswith(("AUTH", "MAIL"))], "no login and no mail went in clear")
    adapter.end()
    server.close()


def without_tls_only_this_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            own = probe.getsockname()[0]
        except OSError:
            own = "127.0.0.1"
    if own.startswith("127."):
        print("skipped: this machine has no address but loopback")
        return
    server = Server(listen=own)
    adapter = Adapter(server.url, tls="none", user="").ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "failed" and "this machine" in frame.get("why", "") and server.sessions == 0,
          "no TLS to another address: not even connected (%s)" % frame)
    adapter.end()
    server.close()


def logins(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets={"password": "wrong"}).ready()
    frames = [adapter.deliver(mail("bo@rig.test")) for _ in range(2)]
    check(all(f.get("permanent") is False and "login" in f.get("why", "") for f in frames),
          "a wrong password is no fault of the mail (%s)" % frames[0])
    adapter.end()

    adapter = Adapter(rig.starttls("localhost"), ca=rig.ca).ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "sent", "the server's name is resolved inside the fence (%s)" % frame)
    adapter.end()

    tokens = TokenServer([rig.token("licensing")])
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets=tokens.secrets).ready()
    document = mail("bo@rig.test")
    frame = adapter.deliver(document)
    check(frame.get("type") == "sent" and rig.find("bo", document["message_id"])[1] == 1, "XOAUTH2: %s" % frame)
    adapter.deliver(mail("bo@rig.test"))
    check(tokens.asked == 1, "the access token is kept")
    adapter.end()
    tokens.shutdown()

    tokens = TokenServer(["not.a.token", rig.token("licensing")])
    adapter = Adapter(rig.starttls(), ca=rig.ca, secrets=tokens.secrets).ready()
    frame = adapter.deliver(mail("bo@rig.test"))
    check(frame.get("type") == "sent" and tokens.asked == 2, "XOAUTH2: a refused token is fetched anew (%s)" % frame)
    log = adapter.end()
    check("not.a.token" not in log and "r3" not in log, "no OAuth secret is in the log")
    tokens.shutdown()


def bad_documents():
    server = Server()
    adapter = Adapter(server.url, tls="none", user="").ready()
    for what, document in (
            ("CR LF in the subject", mail("bo@rig.test", subject="a\r\nBcc: mal@evil.example")),
            ("an unknown key", mail("bo@rig.test", bcc="mal@evil.example")),
            ("two recipients", mail("bo@rig.test>\r\nRCPT TO:<mal@evil.example"))):
        frame = adapter.deliver(document)
        check(frame.get("permanent") is True and "evil" not in frame.get("why", ""), "%s: %s" % (what, frame))
    adapter.put({"type": "send", "id": "no-descriptor"})
    frame = adapter.get()
    check(frame.get("permanent") is True, "no document: %s" % frame)
    adapter.put({"type": "send", "id": "not-json"}, b"{")
    frame = adapter.get()
    check(frame.get("permanent") is True, "not JSON: %s" % frame)
    check(adapter.deliver(mail("bo@rig.test")).get("type") == "sent", "the adapter goes on")
    check("evil" not in " ".join(server.lines) and server.sessions == 1, "the server saw nothing of it")
    adapter.end()
    server.close()


def many_in_flight(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca).ready()
    names = {adapter.send(mail("sink@rig.test", text="x" * 100000)) for _ in range(40)}
    frames = [adapter.get() or {} for _ in range(40)]
    check({f.get("id") for f in frames} == names and {f.get("type") for f in frames} == {"sent"},
          "40 mails at once: each has its answer")
    adapter.end()
    opened = 0
    lock = threading.Lock()

    def hold(_):
        nonlocal opened
        with lock:
            opened += 1
        time.sleep(0.2)
        return "250 2.0.0 OK"
    server = Server({"MESSAGE": hold})
    adapter = Adapter(server.url, tls="none", user="").ready()
    for _ in range(12):
        adapter.send(mail("bo@rig.test"))
    check([(adapter.get() or {}).get("type") for _ in range(12)] == ["sent"] * 12 and opened == 12, "12 held mails")
    check(server.sessions == 2, "never more than two connections, and they are kept (%d)" % server.sessions)
    adapter.end()
    server.close()


def stopping():
    server = Server({"MESSAGE": lambda _: time.sleep(1) or "250 2.0.0 OK"})
    adapter = Adapter(server.url, tls="none", user="").ready()
    adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    code, took, _ = adapter.stop()
    check(code == 0 and took < 3 and len(server.messages) == 1, "`stop` lets a mail in flight end (%.1f s)" % took)
    server.close()

    server = Server({"MESSAGE": lambda _: time.sleep(60)})
    adapter = Adapter(server.url, tls="none", user="").ready()
    name = adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    adapter.put({"type": "stop"})
    begin = time.monotonic()
    frame = adapter.get() or {}
    took = time.monotonic() - begin
    check(frame.get("id") == name and frame.get("unknown") is True and 4 < took < 7,
          "but not for longer than 5 s (%.1f s, %s)" % (took, frame))
    check(adapter.program.wait(5) == 0, "and exits with 0")
    server.close()

    server = Server({"MESSAGE": lambda _: time.sleep(60)})
    adapter = Adapter(server.url, tls="none", user="").ready()
    adapter.send(mail("bo@rig.test"))
    time.sleep(0.3)
    adapter.core.close()
    check(adapter.program.wait(5) == 0, "without a core it exits")
    server.close()


def cut_off(text, reply_first):
    """What a server hears of a mail in whose midst the core dies: before its 354, or right behind it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        adapter = Adapter("smtp://127.0.0.1:%d" % listener.getsockname()[1], tls="none", user="").ready()
        adapter.send(mail("bo@rig.test", text=text))
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as file:
            peer.settimeout(15)
            peer.sendall(b"220 script ESMTP\r\n")
            while (line := file.readline()) and not line.upper().startswith(b"DATA"):
                peer.sendall(b"250 OK\r\n")
            if reply_first:
                peer.sendall(b"354 go on\r\n")
            adapter.core.close()
            if not reply_first:
                time.sleep(0.5)
            body = b""
            try:
                if not reply_first:
                    peer.sendall(b"354 go on\r\n")
                while data := file.read1(65536):
                    body += data
            except ConnectionError:
                pass
        check(adapter.program.wait(15) == 0, "without a core it exits, in the midst of a mail")
    return body


def cut_off_mail_is_not_ended():
    # A server delivers what has its final dot, however little came before it.  On a busy machine all of the text may
    # have gone out before the core's death was seen: then it was not cut off.
    lines = 60000
    for what, reply_first in (("before the server's 354", False), ("in the midst of the text", True)):
        body = cut_off("line of text\n" * lines, reply_first)
        check(not body.endswith(b".\r\n") or body.count(b"line of text\r\n") == lines,
              "a mail that is cut off %s is not ended (%d bytes)" % (what, len(body)))


def bad_configuration():
    for what, arguments in (
            ("tls of another kind", {"url": "smtp://localhost", "tls": "try"}),
            ("http", {"url": "http://localhost"}),
            ("a login in the url", {"url": "smtp://a:b@localhost"}),
            ("smtps without TLS", {"url": "smtps://localhost", "tls": "none"}),
            ("a user but no secret", {"url": "smtp://localhost", "secrets": {}})):
        adapter = Adapter(**arguments)
        code = adapter.program.wait(5)
        check(code == os.EX_CONFIG, "%s: exit code %s" % (what, code))


# --- figures ---------------------------------------------------------------------------------------------------------

def pss(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))


def measure(rig):
    adapter = Adapter(rig.starttls(), ca=rig.ca).ready()
    print("PSS when ready: %d KiB" % pss(adapter.program.pid))
    text = "A line of an ordinary mail, as people write them.\n" * 80
    for total in (100, 1000):
        begin, sent, got = time.monotonic(), 0, 0
        while got < total:
            while sent < total and sent - got < 16:
                adapter.send(mail("sink@rig.test", text=text))
                sent += 1
            check_frame = adapter.get()
            if check_frame.get("type") != "sent":
                print(check_frame)
            got += 1
        took = time.monotonic() - begin
        time.sleep(0.5)
        print("%d mails of 4 KB in %.2f s: %.0f mails/s; PSS idle afterwards: %d KiB"
              % (total, took, total / took, pss(adapter.program.pid)))
    adapter.stop()


def main():
    rig = Rig()
    try:
        if sys.argv[1:] == ["--measure"]:
            measure(rig)
            return 0
        for test in (delivery_is_byte_right, outcomes_of_faults, tls_is_not_optional, logins, many_in_flight):
            print("--", test.__name__)
            test(rig)
        for test in (lost_connections, late_answer_is_not_the_next_mails, refusals_of_the_server,
                     without_tls_only_this_machine, bad_documents, stopping, cut_off_mail_is_not_ended,
                     bad_configuration):
            print("--", test.__name__)
            test()
    finally:
        rig.stop()
    print("%d failed" % len(failures))
    return 1 if failures else 0


sys.exit(main())
