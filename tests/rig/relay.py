#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""relay.py - the rig's mail exchanger: SMTP in on the loopback, dovecot's LMTP out.

It does to mail what an organisation's server does before it lets it into a
mailbox: on top of each mail it puts its own Received line and, above that, an
Authentication-Results line with what it found out.  Two ways in:

  --inside PORT   dovecot's submission service, which says by XCLIENT who logged
                  in.  dmarc=pass when the mail's From is an address of that
                  account (NAME@DOMAIN or NAME+TAG@DOMAIN), else dmarc=fail.
  --outside PORT  the Internet: nobody logs in.  A From in DOMAIN fails; a From in
                  a domain given with --partner passes when the envelope sender
                  is of the same domain; all others have no policy (none).

Whatever Authentication-Results came in with a mail stay below, as they were.

Recipients in any domain go to the account of that name (dovecot decides).  The
local part can ask for a fault instead, so that a client can be tested:
  fail-450@  RCPT answers 450      fail-550@   RCPT answers 550
  data-451@  DATA answers 451      data-554@   DATA answers 554
  slow-N@    the final answer waits N seconds
  drop@      the connection is closed after DATA (no answer: fate unknown)
  sink@      accepted and thrown away
The file named by --faults strikes every mail from inside while it exists.  Its
first word: 450 or 550 (at RCPT), 451 or 554 (after DATA), drop (closed instead of
an answer), lost (delivered, then closed: fate unknown although it arrived).
Its second word, if any, is how many mails to strike.

Every mail is one line in the log: time, code, who, sender, recipients, size.
"""
import argparse
import asyncio
import email.utils
import itertools
import os
import re
import sys
import time

LINE_MAX = 80 << 20  # a hostile mail may be one line of the greatest size


async def reply_of(reader):
    """Read one (maybe multi-line) reply; return its code and text."""
    text = []
    while True:
        line = await reader.readline()
        if not line:
            return 421, "connection lost"
        text.append(line[4:].decode("latin-1").strip())
        if line[3:4] != b"-":
            return int(line[:3]), " ".join(text)


class Lmtp:
    """One LMTP connection, kept for as long as the SMTP connection that needs it."""

    def __init__(self, port, domain):
        self.port, self.domain = port, domain
        self.reader = self.writer = None

    async def command(self, data):
        self.writer.write(data)
        await self.writer.drain()
        return await reply_of(self.reader)

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        await reply_of(self.reader)
        await self.command(b"LHLO mx.%s\r\n" % self.domain.encode())

    async def deliver_one(self, sender, recipient, mail):
        if self.writer is None:
            await self.open()
        self.writer.write(b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (sender, recipient))
        await self.writer.drain()
        replies = [await reply_of(self.reader) for _ in ("MAIL", "RCPT", "DATA")]
        if replies[2][0] != 354:
            return max(replies)
        self.writer.write(mail + b".\r\n")
        await self.writer.drain()
        return await reply_of(self.reader)

    async def deliver(self, sender, recipients, mail):
        """Hand over one mail; return the worst answer.  Each recipient gets a transaction of their own, because
        dovecot writes Delivered-To (which shows a plus address) only when there is one recipient."""
        worst = (250, "2.0.0 delivered")
        for recipient in recipients:
            answer = await self.deliver_one(sender, recipient, mail)
            if answer[0] > worst[0]:
                worst = answer
        return worst

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def path_of(line):
    """The address between the angle brackets of MAIL FROM or RCPT TO."""
    match = re.search(rb"<([^>]*)>", line)
    return match.group(1) if match else b""


def from_address(mail):
    """The address of the first From field, as a checker of DMARC sees it; "" if there is none."""
    head = re.split(rb"\r?\n\r?\n", mail, 1)[0]
    match = re.search(rb"(?im)^from[ \t]*:((?:.*)(?:\r?\n[ \t].*)*)", head)
    if not match:
        return ""
    return email.utils.parseaddr(match.group(1).decode("utf-8", "replace"))[1].lower()


def verdict(args, inside, login, sender, mail):
    """The results that belong into Authentication-Results, without the server's name."""
    author = from_address(mail)
    author_domain = author.rpartition("@")[2]
    envelope = sender.decode("utf-8", "replace").lower()
    envelope_domain = envelope.rpartition("@")[2]
    account = author.rpartition("@")[0].partition("+")[0]
    ours = author_domain == args.domain
    if inside:
        good = ours and login != "" and account == login
        dmarc = "pass" if good else "fail"
        spf = "pass" if envelope_domain == args.domain else "none"
    elif author_domain in args.partner:
        spf = "pass" if envelope_domain == author_domain else "fail"
        dmarc = "pass" if spf == "pass" else "fail"
    else:
        spf = "fail" if envelope_domain == args.domain else "none"
        dmarc = "fail" if ours else "none"
    shown = re.sub(r"[^a-z0-9.\-]", "", author_domain) or "unknown"
    mailfrom = re.sub(r"[^\x21-\x7e]|[;()\"\\]", "", envelope)
    return f"dmarc={dmarc} header.from={shown}; spf={spf} smtp.mailfrom={mailfrom}"


class Exchanger:
    """What all connections share."""

    def __init__(self, args, log):
        self.args, self.log = args, log
        self.numbers = itertools.count(1)

    def fault(self, inside):
        """The fault that the file asks for now, and count it down; "" for none."""
        if not inside or not self.args.faults:
            return ""
        try:
            with open(self.args.faults, encoding="ascii") as file:
                words = file.read().split()
        except OSError:
            return ""
        return words[0] if words else ""

    def fault_used(self):
        """One mail was struck: the last one that was asked for removes the file."""
        try:
            with open(self.args.faults, encoding="ascii") as file:
                words = file.read().split()
            if len(words) < 2:
                return
            left = int(words[1]) - 1
            if left <= 0:
                os.unlink(self.args.faults)
            else:
                with open(self.args.faults, "w", encoding="ascii") as file:
                    file.write(f"{words[0]} {left}\n")
        except (OSError, ValueError):
            pass

    def stamp(self, session, mail):
        """The lines that go on top of a mail."""
        args = self.args
        results = verdict(args, session.inside, session.login, session.sender, mail)
        who = f" (authenticated as {session.login})" if session.login else ""
        kind = "ESMTPSA" if session.login else "ESMTP"
        helo = re.sub(r"[^A-Za-z0-9.\-\[\]]", "", session.helo) or "unknown"
        return (f"Authentication-Results: {args.authserv}; {results}\r\n"
                f"Received: from {helo} ([127.0.0.1]){who}\r\n\tby {args.authserv} with {kind} id "
                f"R{next(self.numbers)};\r\n\t{email.utils.formatdate()}\r\n").encode()

    def note(self, code, session, size):
        recipients = b",".join(session.recipients).decode("latin-1")
        print(f"{time.time():.3f} {code} as={session.login or '-'} from={session.sender.decode('latin-1')} "
              f"to={recipients} size={size}", file=self.log, flush=True)


class Session:
    """One SMTP connection."""

    def __init__(self, exchanger, inside, reader, writer):
        self.exchanger, self.inside = exchanger, inside
        self.reader, self.writer = reader, writer
        self.lmtp = Lmtp(exchanger.args.lmtp, exchanger.args.domain)
        self.login, self.helo = "", ""
        self.sender, self.recipients = b"", []

    def reset(self):
        self.sender, self.recipients = b"", []

    def on_ehlo(self, line):
        self.helo = line[5:].decode("latin-1").strip()
        xclient = "250-XCLIENT ADDR PORT PROTO HELO LOGIN\r\n" if self.inside else ""
        return (f"250-{self.exchanger.args.authserv}\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
                f"250-PIPELINING\r\n{xclient}250 SIZE {64 << 20}\r\n")

    def on_xclient(self, line):
        if not self.inside:
            return "550 5.7.1 Not for you\r\n"
        for name, value in re.findall(r"(\w+)=(\S+)", line.decode("latin-1")):
            if name.upper() == "LOGIN" and value.upper() not in ("[UNAVAILABLE]", "[TEMPUNAVAIL]"):
                plain = re.sub(r"\+([0-9A-Fa-f]{2})", lambda m: chr(int(m.group(1), 16)), value)
                self.login = plain.partition("@")[0].lower()
        return f"220 {self.exchanger.args.authserv} ESMTP\r\n"

    def on_rcpt(self, line):
        to = path_of(line)
        fault = self.exchanger.fault(self.inside)
        if to.startswith(b"fail-450") or fault == "450":
            answer = "450 4.2.0 Mailbox busy, try again\r\n"
        elif to.startswith(b"fail-550") or fault == "550":
            answer = "550 5.1.1 No such user\r\n"
        else:
            self.recipients.append(to)
            return "250 2.1.5 OK\r\n"
        if fault:
            self.exchanger.fault_used()
        return answer

    async def accept(self, mail):
        """What becomes of a mail: (code, text), or (0, "") to close without an answer."""
        real = []
        for to in self.recipients:
            slow = re.match(rb"slow-([\d.]+)@", to)
            if to.startswith(b"data-451"):
                return 451, "4.3.0 Try again later"
            if to.startswith(b"data-554"):
                return 554, "5.6.0 Refused"
            if to.startswith(b"drop@"):
                return 0, ""
            if slow:
                await asyncio.sleep(float(slow.group(1)))
            elif not to.startswith(b"sink"):
                real.append(to)
        fault = self.exchanger.fault(self.inside)
        if fault in ("451", "554", "drop", "lost"):
            self.exchanger.fault_used()
        if fault in ("451", "554"):
            return int(fault), "4.3.0 Try again later" if fault == "451" else "5.6.0 Refused"
        if fault == "drop":
            return 0, ""
        stamped = self.exchanger.stamp(self, mail) + mail
        answer = await self.lmtp.deliver(self.sender, real, stamped) if real else (250, "2.0.0 accepted")
        return (0, "") if fault == "lost" else answer

    async def on_data(self):
        """Returns the answer, or None to close the connection without one."""
        if not self.recipients:
            return "503 5.5.1 No valid recipients\r\n"
        self.writer.write(b"354 Go ahead\r\n")
        await self.writer.drain()
        lines = []
        while True:
            line = await self.reader.readline()
            if line == b"":
                return None
            if line == b".\r\n":
                break
            lines.append(line)
        # Dots stay doubled: LMTP wants them so too.
        mail = b"".join(lines)
        code, text = await self.accept(mail)
        self.exchanger.note(code, self, len(mail))
        self.reset()
        return f"{code} {text}\r\n" if code else None

    async def answer(self, line):
        """The answer to one command, or None to close."""
        verb = line[:7].upper().strip()
        if verb.startswith(b"EHLO") or verb.startswith(b"HELO"):
            return self.on_ehlo(line)
        if verb == b"XCLIENT":
            return self.on_xclient(line)
        verb = verb[:4]
        if verb == b"MAIL":
            self.reset()
            self.sender = path_of(line)
            return "250 2.1.0 OK\r\n"
        if verb == b"RCPT":
            return self.on_rcpt(line)
        if verb == b"DATA":
            return await self.on_data()
        if verb == b"RSET":
            self.reset()
        if verb in (b"RSET", b"NOOP"):
            return "250 2.0.0 OK\r\n"
        return "502 5.5.1 Not implemented\r\n"

    async def run(self):
        try:
            self.writer.write(b"220 %s ESMTP\r\n" % self.exchanger.args.authserv.encode())
            while True:
                await self.writer.drain()
                line = await self.reader.readline()
                if not line:
                    break
                if line[:4].upper() == b"QUIT":
                    self.writer.write(b"221 2.0.0 Bye\r\n")
                    break
                text = await self.answer(line)
                if text is None:
                    break
                self.writer.write(text.encode())
        except (ConnectionError, ValueError) as error:
            print(f"connection given up: {error}", file=self.exchanger.log, flush=True)
        self.lmtp.close()
        self.writer.close()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inside", type=int, required=True)
    parser.add_argument("--outside", type=int, required=True)
    parser.add_argument("--lmtp", type=int, required=True)
    parser.add_argument("--domain", required=True)
    parser.add_argument("--authserv", required=True)
    parser.add_argument("--partner", action="append", default=[])
    parser.add_argument("--faults", default="")
    parser.add_argument("--log", required=True)
    return parser.parse_args()


async def main():
    args = arguments()
    with open(args.log, "a", encoding="utf-8") as log:
        exchanger = Exchanger(args, log)

        def door(inside):
            return lambda reader, writer: Session(exchanger, inside, reader, writer).run()

        for port, inside in ((args.inside, True), (args.outside, False)):
            await asyncio.start_server(door(inside), "127.0.0.1", port, limit=LINE_MAX, backlog=128)
        print(f"listening on 127.0.0.1:{args.inside} and :{args.outside}", file=log, flush=True)
        await asyncio.Event().wait()


try:
    asyncio.run(main())
except (KeyboardInterrupt, OSError) as problem:
    sys.exit(f"relay.py: {problem}")
