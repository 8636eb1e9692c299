#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""imap.py - the imap adapter, whole, against the rig's real server.

`imap.py --measure [COUNT]` prints how many mails a second are handed over and put away, and tests nothing.
"""
import http.server
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imap_rig import STOP_TIME, Rig, check, failures, message  # noqa: E402


def stops(adapter, what):
    code, took = adapter.stop()
    check(code == 0 and took < STOP_TIME, "%s: it stops within %d s (code %s, %.2f s)" % (what, STOP_TIME, code, took))
    if code != 0:
        print(adapter.printed())


def test_fetch(rig, tls_first):
    host = "127.0.0.1" if tls_first else "localhost"  # both are in the certificate
    name = "IMAPS" if tls_first else "STARTTLS"
    text = message("fetched by " + name)
    rig.deliver("ann", [text])
    adapter = rig.adapter(url=rig.url(host, tls_first), user="ann")
    frame = adapter.get()
    check(frame == {"type": "ready", "generation": adapter.generation}, name + ": ready comes first")
    mail = (adapter.mails(1) or [{}])[0]
    check(mail.get("bytes", b"").replace(b"\r\n", b"\n") == text.replace(b"\r\n", b"\n"), name + ": the bytes are the mail's")
    check(mail.get("account") == "ann@" + host and mail.get("folder") == "INBOX" and
          mail.get("id") == "ann@%s/INBOX/%s/%s" % (host, mail.get("uidvalidity"), mail.get("uid")),
          name + ": account, folder and id")
    check(mail.get("size") == len(mail.get("bytes", b"")) and mail.get("internaldate", "").endswith("Z"),
          name + ": size and date")
    before = rig.holds("ann", "Processed")
    check(rig.holds("ann", "INBOX") == 1, name + ": before `done` the mail is where it was")
    adapter.done(mail.get("id", "?"))
    check(rig.until("ann", "Processed", before + 1) == before + 1 and rig.holds("ann", "INBOX") == 0,
          name + ": after `done` it is in Processed")
    stops(adapter, name)


def logins(rig, name):
    with open(os.path.join(rig.folder, "log")) as file:
        return file.read().count("Login: user=<%s>" % name)


def test_refusals(rig):
    rig.deliver("bo", [message("never to be seen")])
    before = logins(rig, "bo")
    check(before > 0, "our own look into the mailbox is in the server's log")
    for tls_first in (True, False):
        for address in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            adapter = rig.adapter(url=rig.url(address, tls_first), user="bo")
            notice = adapter.notice("tls", 10)
            what = "%s %s" % ("imaps" if tls_first else "imap", address)
            check(notice is not None and "certificate" in notice["text"], "%s is refused (%s)" % (what, notice and notice["text"]))
            check(not adapter.mails(1, timeout=0.3), what + " gave no mail")
            stops(adapter, what)
    check(logins(rig, "bo") == before, "nobody logged in to a server with a bad certificate")


def test_tls_none(rig):
    rig.deliver("cy", [message("in clear over loopback")])
    adapter = rig.adapter(url=rig.url(tls_first=False), tls="none", user="cy")
    check(len(adapter.mails(1, answer=True)) == 1, "without TLS: taken on the loopback")
    stops(adapter, "without TLS")


def test_login(rig):
    adapter = rig.adapter(user="ann", secrets={"password": "wrong"})
    notice = adapter.notice("login")
    check(notice is not None and "wrong" not in notice["text"], "a wrong password is a notice (%s)" % (notice and notice["text"]))
    check(adapter.alive(), "and no reason to die")
    check("wrong" not in adapter.printed().replace("wrong password", ""), "the password is not in the log")
    stops(adapter, "wrong password")


class TokenServer(http.server.BaseHTTPRequestHandler):
    asked = []
    answers = []

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        TokenServer.asked.append({key: value[0] for key, value in form.items()})
        status, answer = TokenServer.answers.pop(0) if len(TokenServer.answers) > 1 else TokenServer.answers[0]
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_oauth(rig):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TokenServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secrets = {"oauth_token_url": "http://127.0.0.1:%d/token" % server.server_port, "oauth_client_id": "bot",
               "oauth_client_secret": "s&cret=", "oauth_refresh_token": "refresh+me"}
    TokenServer.answers = [(200, {"access_token": "stale", "token_type": "Bearer", "expires_in": 3600}),
                           (200, {"access_token": rig.token("dee"), "token_type": "Bearer", "expires_in": 3600})]
    rig.deliver("dee", [message("by token")])
    adapter = rig.adapter(user="dee", secrets=secrets)
    check(len(adapter.mails(1, answer=True)) == 1, "XOAUTH2: a refused token is fetched anew, then mail comes")
    check(adapter.notice("login", 0.1) is not None, "XOAUTH2: the refusal is a notice")
    check(len(TokenServer.asked) == 2 and TokenServer.asked[1] == {
        "grant_type": "refresh_token", "refresh_token": "refresh+me", "client_id": "bot", "client_secret": "s&cret="},
        "XOAUTH2: what the token server was sent (%s)" % TokenServer.asked)
    stops(adapter, "XOAUTH2")
    TokenServer.answers = [(400, {"error": "invalid_grant", "error_description": "the grant was revoked"})]
    adapter = rig.adapter(user="dee", secrets=secrets)
    notice = adapter.notice("login")
    check(notice is not None and "invalid_grant" in notice["text"], "XOAUTH2: a revoked grant is a notice")
    stops(adapter, "XOAUTH2 revoked")
    server.shutdown()


def test_idle(rig):
    adapter = rig.adapter(user="max")
    adapter.mails(1, timeout=1.5)  # nothing there: it idles
    took = []
    for i in range(3):
        begin = time.monotonic()
        rig.deliver("max", [message("woken %d" % i)])
        mails = adapter.mails(1, timeout=5)
        took.append(time.monotonic() - begin if mails else 99)
        begin = time.monotonic()
        adapter.done(*(mail["id"] for mail in mails))
        check(rig.until("max", "Processed", i + 1, 3) == i + 1 and time.monotonic() - begin < 2,
              "a `done` during IDLE is followed by its MOVE (%.2f s)" % (time.monotonic() - begin))
    check(max(took) < 3, "a mail that arrives during IDLE comes within 3 s (%s)" % ", ".join("%.2f s" % t for t in took))
    stops(adapter, "IDLE")


def test_thousand(rig):
    """Also: at most 256 are in flight, and the folder for processed mail is made when it is missing."""
    rig.deliver("kim", [message("number %d" % i, 4096) for i in range(1000)])
    adapter = rig.adapter(user="kim", processed="Licences/Stored")
    first = adapter.mails(300, timeout=2)
    check(100 <= len(first) <= 256, "without `done` %d are handed over, at most 256" % len(first))
    adapter.done(*(mail["id"] for mail in first))
    mails = first + adapter.mails(1000 - len(first), timeout=60, answer=True)
    check(len({mail["id"] for mail in mails}) == 1000 and len(mails) == 1000, "1000 mails come, each once (%d)" % len(mails))
    check(len({mail["bytes"] for mail in mails}) == 1000, "all with their own bytes")
    check(rig.until("kim", "Licences/Stored", 1000, 20) == 1000 and rig.holds("kim", "INBOX") == 0,
          "and are put away into a folder that had to be made")
    stops(adapter, "a thousand")


def test_killed(rig):
    rig.deliver("gus", [message("twice %d" % i) for i in range(5)])
    adapter = rig.adapter(user="gus")
    before = {mail["id"]: mail["bytes"] for mail in adapter.mails(5)}
    adapter.done(sorted(before)[0])
    check(rig.until("gus", "Processed", 1) == 1, "one of five is done")
    adapter.kill()
    adapter = rig.adapter(user="gus")
    after = {mail["id"]: mail["bytes"] for mail in adapter.mails(5, timeout=3)}
    check(after.items() < before.items() and len(after) == 4, "killed before `done`: the other four come again, the same")
    adapter.done(*after)
    check(rig.until("gus", "INBOX", 0) == 0, "and are then put away")
    stops(adapter, "after a kill")


def test_core_gone(rig):
    adapter = rig.adapter(user="gus")
    adapter.mails(1, timeout=1)
    adapter.core.close()
    begin = time.monotonic()
    while adapter.alive() and time.monotonic() - begin < 5:
        time.sleep(0.02)
    check(not adapter.alive() and time.monotonic() - begin < 2, "the core goes, the adapter too")


def renumber(maildir):
    """Gives the folder another UIDVALIDITY, as a restored backup has; what the server remembers of it goes."""
    path = os.path.join(maildir, "dovecot-uidlist")
    with open(path, encoding="ascii") as file:
        text = re.sub(r"^3 V(\d+)", lambda m: "3 V%d" % (int(m[1]) + 1000), file.read())
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    shutil.copystat(path, path + ".new")
    shutil.chown(path + ".new", os.stat(path).st_uid, os.stat(path).st_gid)
    os.replace(path + ".new", path)
    for name in os.listdir(maildir):
        if name.startswith("dovecot.index"):
            os.remove(os.path.join(maildir, name))


def test_uidvalidity(rig):
    rig.deliver("ira", [message("renumbered %d" % i) for i in range(3)])
    adapter = rig.adapter(user="ira")
    before = adapter.mails(3)
    renumber(rig.maildir("ira"))
    adapter.done(*(mail["id"] for mail in before))  # of the folder that is gone: without effect on the new one
    after = adapter.mails(3, timeout=40)
    check(len(after) == 3 and {m["uidvalidity"] for m in after}.isdisjoint(m["uidvalidity"] for m in before),
          "another UIDVALIDITY: all three come again (%d)" % len(after))
    check({m["bytes"] for m in before} == {m["bytes"] for m in after}, "with the same bytes")
    check(adapter.notice("uidvalidity", 1) is not None, "and the operator is told")
    check(rig.holds("ira", "INBOX") == 3, "nothing was moved on the strength of an old id")
    stops(adapter, "UIDVALIDITY")
    if failures:
        print(adapter.printed())


def test_oversize(rig):
    rig.deliver("mal", [message("huge", 3 << 20), message("small")])
    adapter = rig.adapter(user="mal")
    mails = {mail["bytes"].split(b"Subject: ")[1].split(b"\r\n")[0]: mail for mail in adapter.mails(2)}
    huge = mails.get(b"huge", {})
    check(huge.get("oversize") is True and huge.get("size", 0) > 3000000, "a mail beyond max_size is reported as such")
    check(huge.get("bytes", b"").endswith(b"\r\n\r\n") and len(huge["bytes"]) < 1000, "with its header only")
    check("oversize" not in mails.get(b"small", {"oversize": 1}), "the one beside it is whole")
    adapter.done(*(mail["id"] for mail in mails.values()))
    check(rig.until("mal", "Processed", 1) == 1, "the small one is put away")
    check(rig.holds("mal", "INBOX") == 1 and not adapter.mails(1, timeout=1),
          "the large one stays, and does not come again in this session")
    stops(adapter, "oversize")


def measure(rig, count):
    rig.deliver("kim", [message("rate %d" % i, 4096) for i in range(count)])
    rig.holds("kim", "INBOX")
    adapter = rig.adapter(user="kim")
    adapter.get()
    begin = time.monotonic()
    mails = len(adapter.mails(count, timeout=120, answer=True))
    took = time.monotonic() - begin
    print("%d mails of 4 KB handed over and answered in %.2f s: %.0f/s" % (mails, took, mails / took))
    rig.until("kim", "INBOX", 0, 60)
    took = time.monotonic() - begin
    print("and put away in %.2f s: %.0f/s" % (took, mails / took))
    print("memory: " + "".join(line for line in open("/proc/%d/status" % adapter.program.pid) if "VmHWM" in line).strip())
    print("stopped: %s" % (adapter.stop(),))


def main():
    folder = os.environ.get("TMP") or tempfile.mkdtemp(prefix="countersign-imap.")
    os.chmod(folder, 0o755)
    rig = Rig(os.path.join(folder, "rig"))
    try:
        if sys.argv[1:2] == ["--measure"]:
            measure(rig, int(sys.argv[2]) if len(sys.argv) > 2 else 5000)
            return 0
        test_fetch(rig, True)
        test_fetch(rig, False)
        for test in (test_refusals, test_tls_none, test_login, test_oauth, test_idle, test_thousand, test_killed,
                     test_core_gone, test_uidvalidity, test_oversize):
            test(rig)
    finally:
        rig.stop()
        if "TMP" not in os.environ:
            shutil.rmtree(folder)
    return 1 if failures else 0


sys.exit(main())
