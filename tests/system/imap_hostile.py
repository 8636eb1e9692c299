#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""imap_hostile.py - the imap adapter, whole, against scripted servers that break the protocol, lie, stall or hang up.

Whatever they do, the adapter lives, says what is wrong, backs off, holds little memory, does not spin, and ends within
two seconds when it is told to.  The scenarios mostly wait, so that several run side by side.
"""
import concurrent.futures
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imap_rig import PATIENCE, SANITIZED, STOP_TIME, Adapter, check, failures, message  # noqa: E402

MAIL = message("from a script")


class Connection:
    """One client; a scenario overrides what it wants to do badly."""
    capabilities = "IMAP4rev1 IDLE MOVE UIDPLUS"
    greeting = b"* OK here I am\r\n"
    mails = {7: MAIL}  # by UID

    def __init__(self, sock, server):
        self.sock, self.server = sock, server
        self.lines = sock.makefile("rb")

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def run(self):
        self.send(self.greeting)
        for line in self.lines:
            tag, _, rest = line.decode().strip().partition(" ")
            self.server.commands.append(rest)
            name = re.sub("[^A-Z]", "_", re.match("(UID )?[A-Z]+", rest.upper() + " X").group(0)).lower()
            getattr(self, "do_" + name, self.do_other)(tag, rest)

    def do_other(self, tag, _):
        self.send("%s OK done\r\n" % tag)

    def do_capability(self, tag, _):
        self.send("* CAPABILITY %s\r\n%s OK done\r\n" % (self.capabilities, tag))

    def do_select(self, tag, _):
        self.send("* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 99] ok\r\n* OK [UIDNEXT 100] ok\r\n"
                  "%s OK [READ-WRITE] done\r\n" % tag)

    def do_uid_search(self, tag, rest):
        first = int(re.search("UID SEARCH.* UID ([0-9]+):", rest).group(1))
        found = [uid for uid in self.mails if uid >= first]
        self.send("* SEARCH%s\r\n%s OK done\r\n" % ("".join(" %d" % uid for uid in found), tag))

    def do_uid_fetch(self, tag, rest):
        wanted = rest.split()[2]
        uids = []
        for part in wanted.split(","):
            first, _, last = part.partition(":")
            uids += range(int(first), int(last or first) + 1)
        for uid in uids:
            if uid in self.mails:
                self.size(uid) if "RFC822.SIZE" in rest else self.body(uid)
        self.send("%s OK done\r\n" % tag)

    def size(self, uid):
        self.send('* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE "24-Nov-2026 09:12:33 +0100")\r\n'
                  % (uid, len(self.mails[uid])))

    def body(self, uid):
        self.send(b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(self.mails[uid]), self.mails[uid]))

    def do_idle(self, tag, _):
        self.send("+ idling\r\n")
        self.lines.readline()
        self.send("%s OK done\r\n" % tag)

    def hang_up(self):
        self.sock.shutdown(socket.SHUT_RDWR)


class Server:
    def __init__(self, kind):
        self.kind = kind
        self.times, self.commands = [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "imap://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            sock, _ = self.socket.accept()
            self.times.append(time.monotonic())
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        with sock:
            try:
                self.kind(sock, self).run()
            except OSError:
                pass

    def said(self, pattern):
        return [command for command in self.commands if re.match(pattern, command)]


def hold(name, adapter, server, attempts=None, logged=None):
    """What must hold after every scenario."""
    check(adapter.alive(), name + ": the adapter lives")
    if attempts:
        gaps = [b - a for a, b in zip(server.times, server.times[1:])]
        check(1 < len(server.times) <= attempts, "%s: it backs off (%d attempts)" % (name, len(server.times)))
        check(not gaps or min(gaps) > 0.7, "%s: no two attempts within 0.7 s (%s)" % (name, ["%.1f" % g for g in gaps]))
    if logged:
        check(re.search(logged, adapter.printed()) is not None, "%s: it says what is wrong (%s)" % (name, logged))
    if adapter.alive():
        status = open("/proc/%d/status" % adapter.program.pid).read()
        held = int(re.search(r"VmHWM:\s+(\d+)", status).group(1))
        check(held < (400000 if SANITIZED else 100000), "%s: it holds %d KiB" % (name, held))
        ticks = [int(n) for n in open("/proc/%d/stat" % adapter.program.pid).read().rsplit(")", 1)[1].split()[11:13]]
        check(sum(ticks) < 300, "%s: it does not spin (%.2f s of processor)" % (name, sum(ticks) / 100))
    code, took = adapter.stop()
    check(code == 0 and took < STOP_TIME, "%s: it stops within %d s (code %s, %.2f s)" % (name, STOP_TIME, code, took))
    if failures:
        print("%s printed:\n%s" % (name, adapter.printed()))


def against(kind, tls="none", **more):
    server = Server(kind)
    return server, Adapter(server.url, tls=tls, **more)


def bad_server(name, kind, logged, seconds=5, attempts=5, mails=0, tls="none"):
    """The common case: nothing useful comes, whatever it says; it is tried again, and later each time."""
    server, adapter = against(kind, tls)
    got = adapter.mails(mails + 1, timeout=seconds * PATIENCE)
    check(bool(got) == bool(mails) and len(got) <= mails, "%s: %d mails" % (name, len(got)))
    hold(name, adapter, server, attempts, logged)


# --- greetings, and what comes before TLS ----------------------------------------------------------------------------

class Garbage(Connection):
    greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Bye(Connection):
    greeting = b"* BYE closed for today\r\n"


class Slow(Connection):
    def run(self):
        for byte in b"* OK a greeting that takes its time, a byte each second, for a minute at least":
            self.send(bytes([byte]))
            time.sleep(1)


class Preauth(Connection):
    greeting = b"* PREAUTH you are in already\r\n"


class NoStarttls(Connection):
    def do_starttls(self, tag, _):
        self.send("%s NO not today\r\n" % tag)


class Injection(Connection):
    def do_starttls(self, tag, _):
        self.send("%s OK go on\r\n* CAPABILITY IMAP4rev1 LOGIN-IN-CLEAR\r\n" % tag)


def no_login(name, kind, logged):
    server, adapter = against(kind, "required")
    notice = adapter.notice("tls", 4 * PATIENCE)
    check(notice is not None, "%s: the operator is told (%s)" % (name, notice and notice["text"]))
    check(not server.said("(LOGIN|AUTHENTICATE)"), name + ": no password was sent")
    hold(name, adapter, server, logged=logged)


def slow_greeting():
    server, adapter = against(Slow)
    time.sleep(34)
    check(len(server.times) >= 2, "a byte a second: given up after 30 s and tried again")
    hold("a byte a second", adapter, server, logged="did not answer in time")


# --- answers ---------------------------------------------------------------------------------------------------------

class NegativeLiteral(Connection):
    def body(self, uid):
        self.send("* 1 FETCH (UID %d BODY[] {-17}\r\n)\r\n" % uid)


class HugeLiteral(Connection):
    def body(self, uid):
        self.send(b"* 1 FETCH (UID %d BODY[] {3221225472}\r\n" % uid)
        while True:
            self.send(b"x" * 65536)


class CutLiteral(Connection):
    def body(self, uid):
        self.send(b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s" % (uid, len(MAIL), MAIL[:100]))
        self.hang_up()


class UidZero(Connection):
    def do_uid_search(self, tag, _):
        self.send("* SEARCH 0\r\n%s OK done\r\n" % tag)


class UidLast(Connection):
    def do_uid_search(self, tag, _):
        self.send("* SEARCH 7 4294967295\r\n%s OK done\r\n" % tag)


class Flood(Connection):
    def do_idle(self, tag, _):
        self.send("+ idling\r\n")
        while True:
            self.send(b"* 1 EXISTS" * 6000)


class ByeInIdle(Connection):
    def do_idle(self, tag, _):
        self.send("+ idling\r\n")
        time.sleep(0.2)
        self.send("* BYE shutting down\r\n")
        self.hang_up()


class LiesAboutSize(Connection):
    """What is larger than max_size is cut to its header, whatever the server had said about it."""
    mails = {7: message("larger than it says", 1300000)}

    def size(self, uid):
        self.send("* 1 FETCH (UID %d RFC822.SIZE 900000)\r\n" % uid)


def lies_about_size():
    server, adapter = against(LiesAboutSize)
    mail = (adapter.mails(1) or [{}])[0]
    check(mail.get("oversize") is True and mail.get("bytes", b"x").endswith(b"\r\n\r\n"),
          "a mail that is larger than announced: its header only")
    hold("a lie about the size", adapter, server)


# --- what is not hostile, only unlucky -------------------------------------------------------------------------------

class Early(Connection):
    """News before "+ idling", in the same packet."""
    mails = {}

    def do_idle(self, tag, _):
        first = not self.mails
        self.mails = {7: MAIL}
        self.send("* 1 EXISTS\r\n* 1 RECENT\r\n+ idling\r\n" if first else "+ idling\r\n")
        self.lines.readline()
        self.send("%s OK done\r\n" % tag)


def early_news():
    server, adapter = against(Early)
    begin = time.monotonic()
    check(len(adapter.mails(1, timeout=5)) == 1 and time.monotonic() - begin < 3,
          'news before "+ idling" is not lost (%.2f s)' % (time.monotonic() - begin))
    check(len(server.times) == 1, "and costs no session")
    hold("early news", adapter, server)


class Renumbered(Connection):
    """Another UIDVALIDITY in the middle of a session, which is closed only by us."""

    def do_select(self, tag, _):
        self.send("* 1 EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n%s OK done\r\n" % (98 + len(self.server.times), tag))

    def do_uid_search(self, tag, rest):
        if len(self.server.times) == 1 and len(self.server.said("UID SEARCH")) > 1:
            self.mails = {8: MAIL}
            self.send("* OK [UIDVALIDITY 99] so far\r\n* OK [UIDVALIDITY 100] from now on\r\n")
        super().do_uid_search(tag, rest)


def renumbered():
    server, adapter = against(Renumbered)
    mails = adapter.mails(2, timeout=8)
    check([(mail["uidvalidity"], mail["uid"]) for mail in mails] == [(99, 7), (100, 7)],
          "a folder that is numbered anew during the session is read again, by its new numbers")
    check(adapter.notice("uidvalidity", 1) is not None, "and the operator is told")
    hold("numbered anew", adapter, server)


class LateIdle(Connection):
    def do_idle(self, tag, rest):
        time.sleep(1)
        super().do_idle(tag, rest)


def done_before_idling():
    """A `done` that is read while "+ idling" is waited for must not be slept upon."""
    server, adapter = against(LateIdle)
    ids = [mail["id"] for mail in adapter.mails(1)]
    while not server.said("IDLE"):
        time.sleep(0.01)
    time.sleep(0.3)
    adapter.done(*ids)
    end = time.monotonic() + 5
    while not server.said("UID MOVE 7") and time.monotonic() < end:
        time.sleep(0.05)
    check(bool(server.said("UID MOVE 7")), 'a `done` before "+ idling" is followed by its MOVE')
    hold("late idling", adapter, server)


class Poisoned(Connection):
    """One of four mails breaks the session whenever it is fetched."""
    mails = {uid: message("mail %d" % uid) for uid in (5, 6, 7, 8)}

    def body(self, uid):
        if uid == 6:
            self.send("* 1 FETCH (UID 6 BODY[] {12}\r\n")
            self.hang_up()
        else:
            super().body(uid)


def poisoned():
    server, adapter = against(Poisoned)
    seen, end = set(), time.monotonic() + 45
    while len(seen) < 3 and time.monotonic() < end:
        for mail in adapter.mails(1, timeout=1):
            seen.add(mail["uid"])
    check(seen == {5, 7, 8}, "a mail that breaks the session does not keep the others from coming (%s)" % sorted(seen))
    check(adapter.notice("skipped", 1) is not None, "and the operator is told")
    hold("a poisoned mail", adapter, server)


class NoMove(Connection):
    def do_uid_move(self, tag, _):
        self.send("%s NO [OVERQUOTA] no room\r\n" % tag)

    def do_create(self, tag, _):
        self.send("%s NO [ALREADYEXISTS] it is there\r\n" % tag)


class OldServer(Connection):
    capabilities = "IMAP4rev1 UIDPLUS"


class OldestServer(Connection):
    capabilities = "IMAP4rev1"


def puts_away(name, kind, expected, code=None):
    server, adapter = against(kind)
    adapter.done(*(mail["id"] for mail in adapter.mails(1)))
    if code:
        check(adapter.notice(code, 5) is not None, name + ": the operator is told")
    end = time.monotonic() + 5
    while not server.said(expected[-1]) and time.monotonic() < end:
        time.sleep(0.05)
    check(all(server.said(pattern) for pattern in expected), "%s: %s" % (name, " then ".join(expected)))
    check(not server.said("EXPUNGE"), name + ": never a bare EXPUNGE")
    hold(name, adapter, server)


class Silent(Connection):
    def do_uid_fetch(self, tag, _):
        time.sleep(60)


def stop_while_silent():
    server, adapter = against(Silent)
    time.sleep(1)
    hold("a silent server", adapter, server)


SCENARIOS = [  # the longest first
    (slow_greeting,),
    (poisoned,),
    (bad_server, "a garbage greeting", Garbage, "greeting: the server's answer breaks the protocol"),
    (bad_server, "BYE as greeting", Bye, "greeting: the server said . BYE closed for today"),
    (no_login, "PREAUTH before STARTTLS", Preauth, "PREAUTH"),
    (no_login, "STARTTLS refused", NoStarttls, "STARTTLS"),
    (no_login, "bytes after STARTTLS", Injection, "more than its answer before TLS"),
    (bad_server, "a negative literal", NegativeLiteral, "UID FETCH"),
    (bad_server, "a literal of 3 GiB", HugeLiteral, "more than was asked for|too large for memory"),
    (bad_server, "cut inside a literal", CutLiteral, "closed the connection"),
    (bad_server, "UID 0", UidZero, "UID"),
    (bad_server, "UID 4294967295", UidLast, "4294967295"),
    (bad_server, "a flood during IDLE", Flood, "more than was asked for", 5, 6, 6),
    (bad_server, "BYE during IDLE", ByeInIdle, "shutting down", 5, 6, 6),
    (lies_about_size,),
    (early_news,),
    (done_before_idling,),
    (renumbered,),
    (puts_away, "MOVE refused", NoMove, ["UID MOVE 7", "CREATE", r"UID STORE 7 \+FLAGS.*Seen.*Countersign"], "processed"),
    (puts_away, "no MOVE", OldServer, ["UID COPY 7", r"UID STORE 7 \+FLAGS.*Deleted", "UID EXPUNGE 7"]),
    (puts_away, "no UIDPLUS", OldestServer, [r"UID STORE 7 \+FLAGS.*Countersign"]),
    (stop_while_silent,),
]


def run(scenario):
    try:
        scenario[0](*scenario[1:])
    except Exception as error:  # one scenario's end must not hide another's result
        check(False, "%s: %r" % (scenario[1:2] or scenario[0].__name__, error))


def main():
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(run, SCENARIOS))
    return 1 if failures else 0


sys.exit(main())
