#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signer.py - the log's signer, whole, driven by frames: what it signs and what never, and what is left of its mark when
it dies, when the disk is full, and when any one call fails.
"""
import base64
import errno
import os
import signal
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from signer_rig import BUILD, ORIGIN, SHIM, Log, Signer, check, failures, keygen, temporary, verifies, verifies_by_all  # noqa: E402

LOG = Log()
FORK = Log(5)
NOTHING = {"type": "event", "id": "mark", "kind": "mark", "size": 0, "root": LOG.root(0), "time": 0}


def refused(frame, code, permanent, words):
    return check(frame.get("type") == "failed" and frame.get("code") == code and frame.get("permanent") is permanent and
                 words in frame.get("why", "") and "note" not in frame, "refused as %s (%s)" % (code, frame))


def signed(frame, size, log=LOG):
    return check(frame.get("type") == "sent" and frame.get("note", "").startswith(log.text(size) + "\n"),
                 "signed at %d (%s)" % (size, frame if frame.get("type") != "sent" else "sent"))


def ends(signer, code, words):
    frame = signer.get()
    ended = signer.end()
    check(frame == {} and ended == code and words in signer.printed(),
          "it ends with %d: %s" % (ended, signer.printed().strip().split("\n")[-1][:150]))


# --- the key ---------------------------------------------------------------------------------------------------------

def key(folder):
    """`countersign keygen --log`: (the secret, the public half)."""
    path = os.path.join(folder, "log.key")
    done = keygen(path)
    with open(path, encoding="ascii") as file:
        secret = file.read()
    check(done.returncode == 0 and done.stdout.startswith(ORIGIN + "+") and done.stdout.count("\n") == 1,
          "keygen --log prints the public half (%s)" % done.stdout.strip())
    check(secret.startswith("PRIVATE+KEY+" + "+".join(done.stdout.split("+")[:2]) + "+") and secret.endswith("\n"),
          "and writes the secret one in Go's form")
    check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "readable by its owner only")
    again = keygen(path)
    with open(path, encoding="ascii") as file:
        check(again.returncode == 73 and "never overwritten" in again.stderr and file.read() == secret,
              "a key is not overwritten (%s)" % again.stderr.strip())
    other = keygen(os.path.join(folder, "other.key"), "no good origin")
    check(other.returncode == 65 and not os.path.exists(os.path.join(folder, "other.key")), "an origin with blanks: no key")
    check(keygen(os.path.join(folder, "nowhere/log.key")).returncode == 73, "a folder that is not there: no key")
    return secret.strip(), done.stdout.strip()


# --- a day -----------------------------------------------------------------------------------------------------------

def day(folder, secret, vkey):
    signer = Signer(folder, secret).start()
    check(signer.ready == {"type": "ready"} and signer.mark == NOTHING | {"key": vkey}, "it begins with nothing (%s)" % signer.mark)
    with open(os.path.join(BUILD, "signer"), "rb") as file:
        sanitized = b"__asan_init" in file.read()
    check(signer.fences() == (True, not sanitized), "it is behind its fence%s" % (" (half: sanitized)" if sanitized else ""))
    signer.put({"type": "done", "id": "mark"})
    empty = signer.ask(LOG.ask(0, 0))
    signed(empty, 0)
    check(not os.path.exists(signer.path), "the empty log leaves no mark")
    notes, old = {}, 0
    for size in (1, 2, 7, 8, 20):
        frame = signer.ask(LOG.ask(old, size))
        signed(frame, size)
        notes[size], old = frame["note"], size
        check(signer.kept() == {"key": vkey, "root": LOG.root(size), "size": size, "time": LOG.time(size)}, "its mark is %d" % size)
    check(all(verifies(note, vkey, folder) for note in (empty["note"], notes[20])), "OpenSSL verifies what it signs")
    check(not verifies(notes[20].replace("\n20\n", "\n21\n"), vkey, folder), "and nothing else")
    check([signer.ask(LOG.ask(o, 20)).get("note") for o in (20, 8, 0)] == [notes[20]] * 3, "the same head: the same note")

    with open(signer.path, "rb") as file:
        before = file.read()
    refused(signer.ask(FORK.ask(20, 20)), "fork", True, "head of 20 entries")
    refused(signer.ask(FORK.ask(20, 25)), "fork", True, "begins with the 20")
    refused(signer.ask(FORK.ask(20, 25, proof=LOG.proof(20, 25))), "fork", True, "a fork")
    refused(signer.ask(LOG.ask(20, 25, proof=LOG.proof(20, 25)[:-1])), "fork", True, "no proof")
    refused(signer.ask(LOG.ask(20, 25, proof=LOG.proof(20, 25) + [LOG.root(1)])), "fork", True, "no proof")
    refused(signer.ask(LOG.ask(20, 19)), "rollback", True, "a head of 20 was signed")
    refused(signer.ask(LOG.ask(0, 0)), "rollback", True, "has 0 entries")
    refused(signer.ask(LOG.ask(20, 25, time=LOG.time(20) - 1)), "time", True, "time went back")
    refused(signer.ask(LOG.ask(8, 25)), "mark", False, "the head of 20 that was signed last")
    with open(signer.path, "rb") as file:
        check(file.read() == before, "what is refused leaves no mark")
    names = [signer.send(LOG.ask(*step)) for step in ((20, 21), (21, 22), (22, 30))]
    frames = [signer.get() for _ in names]
    check([f.get("id") for f in frames] == names and [f["type"] for f in frames] == ["sent"] * 3, "several, in their order")
    check(signer.stop() == 0, "it stops when told")
    check("rollback" in signer.printed(), "refusals are in the log")

    signer = Signer(folder, secret).start()
    check(signer.mark == NOTHING | {"size": 30, "root": LOG.root(30), "time": LOG.time(30), "key": vkey},
          "a new start keeps the mark (%s)" % signer.mark)
    check(signer.ask(LOG.ask(30, 30)).get("note") == frames[2]["note"], "and signs it again, in the same way")
    refused(signer.ask(LOG.ask(0, 20)), "rollback", True, "a head of 30")
    signer.core.close()
    check(signer.end() == 0, "it ends with the core")


def another_key(folder, secret, vkey):
    """The mark is of the key, too: another one signs only after it was introduced by a head that both sign."""
    with open(os.path.join(folder, "mark"), "rb") as file:
        before = file.read()
    done = keygen(os.path.join(folder, "next.key"))
    successor = done.stdout.strip()
    with open(os.path.join(folder, "next.key"), encoding="ascii") as file:
        other = file.read().strip()
    ends(Signer(folder, other), 78, "log.key is not the key that signed last, " + vkey)
    signer = Signer(folder, secret, successor=other).start()
    check(signer.mark.get("key") == vkey and signer.mark.get("next") == successor, "it has a successor (%s)" % signer.mark)
    refused(signer.ask(LOG.ask(30, 31, next=vkey)), "key", False, "log.next is not that key")
    frame = signer.ask(LOG.ask(30, 31))
    check(verifies_by_all(frame["note"], [vkey], folder), "which does not sign yet")
    turn = signer.ask(LOG.ask(31, 33, next=successor))
    check(signed(turn, 33) and verifies_by_all(turn["note"], [vkey, successor], folder), "the head that introduces it: both sign")
    check(signer.kept() == {"key": successor, "old": vkey, "root": LOG.root(33), "size": 33, "time": LOG.time(33)}, "so says the mark")
    signer.kill()
    ends(Signer(folder, secret), 78, "not the key that signed last")
    signer = Signer(folder, other).start()
    refused(signer.ask(LOG.ask(33, 33, next=successor)), "key", False, "put log.key and log.next back")
    signer.stop()
    signer = Signer(folder, secret, successor=other).start()
    check(signer.mark.get("key") == successor and "next" not in signer.mark, "after a death it knows whose turn it is")
    check(signer.ask(LOG.ask(33, 33, next=successor)).get("note") == turn["note"], "and signs that head again, by both")
    after = signer.ask(LOG.ask(33, 34))
    check(signed(after, 34) and verifies_by_all(after["note"], [successor], folder), "the next one is the successor's alone")
    refused(signer.ask(LOG.ask(34, 35, next=successor)), "key", False, "log.next is not that key")
    signer.stop()
    signer = Signer(folder, other).start()
    check(signer.ask(LOG.ask(34, 34)).get("note") == after["note"] and signer.stop() == 0, "the old key is not needed any more")
    ends(Signer(folder, secret), 78, "not the key that signed last")
    with open(os.path.join(folder, "mark"), "wb") as file:
        file.write(before)


# --- what it does not begin with -------------------------------------------------------------------------------------

def bad_starts(folder, secret):
    ends(Signer(folder, secret, origin="example.com/other"), 78, "log.origin is \"example.com/other\"")
    ends(Signer(folder, "PRIVATE+KEY+nonsense"), 65, "log.key")
    ends(Signer(folder, ""), 65, "log.key")
    ends(Signer(folder, secret, secrets={}), 65, "\"key\" is missing")
    ends(Signer(folder, secret, config={"origin": ORIGIN}), 65, "\"mark\" is missing")
    ends(Signer(os.path.join(folder, "nowhere"), secret), 66, "nowhere")
    first = Signer(folder, secret).start()
    ends(Signer(folder, secret), 75, "another signer")
    first.stop()
    path = os.path.join(folder, "mark")
    with open(path, "rb") as file:
        good = file.read()
    for what in (b"", good[:-1], good[:40], good.replace(b"30", b"31 "), b"\0" * len(good), b"{}\n"):
        with open(path, "wb") as file:
            file.write(what)
        ends(Signer(folder, secret), 65, "not the signer's mark")
        with open(path, "rb") as file:
            check(file.read() == what, "a broken mark is left alone")
    os.unlink(path)
    os.symlink("elsewhere", path)
    ends(Signer(folder, secret), 66, "cannot open")
    os.unlink(path)


def bad_frames(folder, secret):
    good = LOG.ask(0, 5)
    for what in (good | {"more": 1}, good | {"size": "5"}, good | {"root": "00"}, good | {"proof": ["00"]}, good | {"time": -1},
                 good | {"proof": [LOG.root(1)] * 129}, {}, {"type": "answer"}, {"type": "sing"}, {"id": ""}):
        signer = Signer(folder, secret).start()
        check(signer.ask(what) == {} and signer.end() == 76, "it ends with a frame that breaks the rules: %s" %
              signer.printed().strip().split("\n")[-1][:120])
    signer = Signer(folder, secret).start()
    with open(os.devnull, "rb") as file:
        signer.put({"type": "send", "id": "1"} | good, [file.fileno()])
    check(signer.get() == {} and signer.end() == 76, "and with a descriptor")
    check(not os.path.exists(signer.path), "none of them left a mark")


# --- deaths and failures ---------------------------------------------------------------------------------------------

def killed_between_frames(folder, secret):
    mark = 0
    for size in (3, 4, 9, 16, 17):
        signer = Signer(folder, secret).start()
        check(signer.mark.get("size") == mark, "the mark is still %d" % mark)
        signed(signer.ask(LOG.ask(mark, size)), size)
        mark = size
        check(signer.kill() == -signal.SIGKILL, "killed after it signed %d" % size)
    signer = Signer(folder, secret).start()
    signer.send(LOG.ask(17, 40))
    signer.kill()
    signer = Signer(folder, secret).start()
    mark = signer.mark.get("size")
    check(mark in (17, 40), "killed with a question: the mark is the old or the new one (%s)" % mark)
    signed(signer.ask(LOG.ask(mark, 41)), 41)
    signer.stop()


TURN = 12  # the size by which the successor is introduced
STEPS = ((0, 5), (5, TURN), (TURN, 15))  # what is asked of one that is killed, or whose calls fail


class Change:
    """A signer with two keys, in the middle of a change, and what it has signed."""

    def __init__(self, folder):
        self.folder = folder
        self.secret, self.vkey = key(temporary())
        self.other, self.successor = key(temporary())
        self.judged = set()

    def start(self, environment=None):
        return Signer(self.folder, self.secret, successor=self.other, environment=environment).start()

    def ask(self, signer, old, size):
        frame = signer.ask(LOG.ask(old, size, **({"next": self.successor} if size == TURN else {})))
        if frame.get("type") == "sent":
            self.judge(frame["note"], size)
        return frame

    def judge(self, note, size):
        """Never two keys for one size, but for the head that introduces one, and that never by one alone."""
        keys = [self.vkey] * (size <= TURN) + [self.successor] * (size >= TURN)
        ids = [key.split("+")[1] for key in keys]
        found = [base64.b64decode(line.split(" ")[2])[:4].hex() for line in note.split("\n\n")[1].splitlines()]
        if found != ids or (note not in self.judged and not verifies_by_all(note, keys, self.folder)):
            check(False, "the head of %d is signed by %s, not by %s" % (size, found, ids))
        self.judged.add(note)

    def kept(self, size):
        return {"key": self.successor if size >= TURN else self.vkey, "root": LOG.root(size), "size": size,
                "time": LOG.time(size)} | ({"old": self.vkey} if size == TURN else {})


def judge(change, what, signed_last):
    """After a death: the mark is the old or the new one, not behind what was signed, and the log goes on."""
    signer = change.start()
    mark = signer.mark.get("size")
    asked = [size for _, size in STEPS if size > signed_last][:1]
    ok = mark in [signed_last] + asked and signer.mark["root"] == LOG.root(mark)
    if mark <= TURN:
        ok = ok and change.ask(signer, mark, TURN).get("type") == "sent"
        mark = TURN
    ok = ok and change.ask(signer, mark, 20).get("type") == "sent" and signer.kept() == change.kept(20)
    ok = ok and signer.ask(FORK.ask(20, 30)).get("code") == "fork" and signer.stop() == 0
    if not ok:
        check(False, "%s: signed up to %d, and the mark is %s\n%s" % (what, signed_last, mark, signer.printed()))


def shim(change, n, error=0):
    path = os.path.join(change.folder, "mark")
    for name in (path, path + ".new"):
        if os.path.exists(name):
            os.unlink(name)
    options = os.environ.get("ASAN_OPTIONS", "")
    return change.start({"LD_PRELOAD": SHIM, "KILL_AT": str(n), "KILL_ERROR": str(error),
                         "ASAN_OPTIONS": options + ":verify_asan_link_order=0"})


def killed_at_every_call(change):
    n, died = 0, True
    while died:
        n += 1
        signer = shim(change, n)
        last = 0
        for old, size in STEPS:
            if change.ask(signer, old, size).get("type") == "sent":
                last = size
        code = signer.stop()
        died = code != 0
        if died and code not in (137, -signal.SIGKILL, -signal.SIGSYS):  # its fence may forbid kill()
            check(False, "call %d: it ended with %d\n%s" % (n, code, signer.printed()))
        judge(change, "killed before call %d" % n, last)
    check(n > 16, "killed before each of its %d calls, a change of keys among them: the mark is the old or the new one" % (n - 1))


def failing_at_every_call(change, error):
    n, failed, ended, touched = 0, 0, 0, True
    while touched:
        n += 1
        signer = shim(change, n, error)
        last, touched = 0, False
        for old, size in STEPS:
            frame = change.ask(signer, old, size)
            if frame.get("type") == "failed":
                failed, touched = failed + 1, True
                if frame["code"] != "disk" or frame["permanent"] or os.strerror(error) not in frame["why"]:
                    check(False, "call %d: %s" % (n, frame))
                if change.ask(signer, old, old).get("type") != "sent":
                    check(False, "call %d: what was signed is not signed again" % n)
                frame = change.ask(signer, old, size)  # and now it works
            if frame.get("type") == "sent":
                last = size
        code = signer.stop()
        if code != 0:
            ended, touched = ended + 1, True
        if code != 0:
            judge(change, "call %d failed" % n, last)
        elif last != 15 or signer.kept() != change.kept(15):
            check(False, "call %d failed: it does not go on\n%s" % (n, signer.printed()))
    check(failed == 12 and ended == 5, "%s at each of its %d calls: 12 are answered, and then it works (%d); 5 are of a dead "
          "socket (%d)" % (errno.errorcode[error], n - 1, failed, ended))


def old_key_destroyed():
    """What `log rotate --finish` does to the files, stopped at each call."""
    environment = os.environ | {"LD_PRELOAD": SHIM, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    done = subprocess.run([os.path.join(BUILD, "tests/kill/rotate"), temporary()], env=environment, capture_output=True, text=True,
                          check=False)
    print(done.stdout, end="")
    check(done.returncode == 0 and "EIO before" in done.stdout, "the old key's end: %s" % (done.stderr or "at each call"))


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def small_disk(folder, secret):
    """In a mount namespace of our own: the mark on a disk that gets full and read-only."""
    place = os.path.join(folder, "disk")
    os.mkdir(place)
    mount("-t", "tmpfs", "-o", "size=16k,mode=700", "none", place)
    signer = Signer(place, secret).start()
    signed(signer.ask(LOG.ask(0, 5)), 5)
    mount("-o", "remount,ro", place)
    refused(signer.ask(LOG.ask(5, 8)), "disk", False, os.strerror(errno.EROFS))
    signed(signer.ask(LOG.ask(5, 5)), 5)
    mount("-o", "remount,rw", place)
    with open(os.path.join(place, "filler"), "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    refused(signer.ask(LOG.ask(5, 8)), "disk", False, os.strerror(errno.ENOSPC))
    check(signer.kept()["size"] == 5, "the old mark stands")
    os.unlink(os.path.join(place, "filler"))
    signed(signer.ask(LOG.ask(5, 8)), 8)
    check(signer.kept()["size"] == 8 and signer.stop() == 0, "with room again, it goes on")


def small_disk_apart(folder, secret):
    words = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    if subprocess.run([*words, "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("skipped: a full and a read-only disk, for nothing may be mounted here", flush=True)
        return
    done = subprocess.run([*words, sys.executable, os.path.abspath(__file__), "--small-disk", folder, secret], check=False)
    check(done.returncode == 0, "on a small disk")


def main():
    if sys.argv[1:2] == ["--small-disk"]:
        small_disk(*sys.argv[2:])
        return 1 if failures else 0
    secret, vkey = key(temporary())
    first = temporary()
    day(first, secret, vkey)
    another_key(first, secret, vkey)
    bad_starts(first, secret)
    bad_frames(temporary(), secret)
    killed_between_frames(temporary(), secret)
    change = Change(temporary())
    killed_at_every_call(change)
    failing_at_every_call(change, errno.EIO)
    failing_at_every_call(change, errno.ENOSPC)
    old_key_destroyed()
    small_disk_apart(temporary(), secret)
    for what in failures:
        print("failed: %s" % what)
    return 1 if failures else 0


if not os.path.exists(os.path.join(BUILD, "signer")):
    sys.exit("there is no %s/signer" % BUILD)
sys.exit(main())
