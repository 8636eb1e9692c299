#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signer.py - the log's signer, whole, driven by frames: what it signs and what never, and what is left of its mark when
it dies, when the disk is full, and when any one call fails.
"""
import errno
import os
import signal
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from signer_rig import BUILD, ORIGIN, SHIM, Log, Signer, check, failures, keygen, temporary, verifies  # noqa: E402

LOG = Log()
FORK = Log(5)
NOTHING = {"type": "event", "id": "mark", "kind": "mark", "size": 0, "root": LOG.root(0), "time": 0}


def refused(frame, code, permanent, words):
    return check(frame.get("type") == "failed" and frame.get("code") == code and frame.get("permanent") is permanent and
                 words in frame.get("why", "") and "note" not in frame, "refused as %s (%s)" % (code, frame))


def signed(frame, size, log=LOG):
    return check(frame.get("type") == "sent" and frame.get("note", "").startswith(log.text(size) + "\n"),
                 "signed at %d (%s)" % (size, frame if frame.get("type") != "sent" else "sent"))


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
        check(signer.kept() == {"root": LOG.root(size), "size": size, "time": LOG.time(size)}, "its mark is %d" % size)
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


def another_key(folder, secret):
    """The mark is of the log, not of the key: a successor goes on from it."""
    done = keygen(os.path.join(folder, "next.key"))
    with open(os.path.join(folder, "next.key"), encoding="ascii") as file:
        signer = Signer(folder, file.read().strip()).start()
    check(signer.mark.get("size") == 30 and signer.mark["key"] == done.stdout.strip(), "a successor knows the mark")
    frame = signer.ask(LOG.ask(30, 30))
    check(signed(frame, 30) and verifies(frame["note"], done.stdout.strip(), folder), "and signs the same head")
    signer.stop()
    check(Signer(folder, secret).start().stop() == 0, "as does the old key")


# --- what it does not begin with -------------------------------------------------------------------------------------

def ends(signer, code, words):
    frame = signer.get()
    ended = signer.end()
    check(frame == {} and ended == code and words in signer.printed(),
          "it ends with %d: %s" % (ended, signer.printed().strip().split("\n")[-1][:150]))


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


STEPS = ((0, 5), (5, 12))  # what is asked of one that is killed, or whose calls fail


def judge(folder, secret, what, signed_last):
    """After a death: the mark is the old or the new one, not behind what was signed, and the log goes on."""
    signer = Signer(folder, secret).start()
    mark = signer.mark.get("size")
    asked = [size for _, size in STEPS if size > signed_last][:1]
    ok = mark in [signed_last] + asked and signer.mark["root"] == LOG.root(mark)
    ok = ok and signer.ask(LOG.ask(mark, 20)).get("type") == "sent" and signer.kept()["size"] == 20
    ok = ok and signer.ask(FORK.ask(20, 30)).get("code") == "fork" and signer.stop() == 0
    if not ok:
        check(False, "%s: signed up to %d, and the mark is %s\n%s" % (what, signed_last, mark, signer.printed()))


def shim(folder, secret, n, error=0):
    path = os.path.join(folder, "mark")
    for name in (path, path + ".new"):
        if os.path.exists(name):
            os.unlink(name)
    options = os.environ.get("ASAN_OPTIONS", "")
    return Signer(folder, secret, environment={"LD_PRELOAD": SHIM, "KILL_AT": str(n), "KILL_ERROR": str(error),
                                               "ASAN_OPTIONS": options + ":verify_asan_link_order=0"})


def killed_at_every_call(folder, secret):
    n, died = 0, True
    while died:
        n += 1
        signer = shim(folder, secret, n).start()
        last = 0
        for old, size in STEPS:
            if signer.ask(LOG.ask(old, size)).get("type") == "sent":
                last = size
        code = signer.stop()
        died = code != 0
        if died and code not in (137, -signal.SIGKILL, -signal.SIGSYS):  # its fence may forbid kill()
            check(False, "call %d: it ended with %d\n%s" % (n, code, signer.printed()))
        judge(folder, secret, "killed before call %d" % n, last)
    check(n > 11, "killed before each of its %d calls: the mark is the old or the new one" % (n - 1))


def failing_at_every_call(folder, secret, error):
    n, failed, ended, touched = 0, 0, 0, True
    while touched:
        n += 1
        signer = shim(folder, secret, n, error).start()
        last, touched = 0, False
        for old, size in STEPS:
            frame = signer.ask(LOG.ask(old, size))
            if frame.get("type") == "failed":
                failed, touched = failed + 1, True
                if frame["code"] != "disk" or frame["permanent"] or os.strerror(error) not in frame["why"]:
                    check(False, "call %d: %s" % (n, frame))
                if signer.ask(LOG.ask(old, old)).get("type") != "sent":
                    check(False, "call %d: what was signed is not signed again" % n)
                frame = signer.ask(LOG.ask(old, size))  # and now it works
            if frame.get("type") == "sent":
                last = size
        code = signer.stop()
        if code != 0:
            ended, touched = ended + 1, True
        if code != 0:
            judge(folder, secret, "call %d failed" % n, last)
        elif last != 12 or signer.kept() != {"root": LOG.root(12), "size": 12, "time": LOG.time(12)}:
            check(False, "call %d failed: it does not go on\n%s" % (n, signer.printed()))
    check(failed == 8 and ended == 4, "%s at each of its %d calls: 8 are answered, and then it works (%d); 4 are of a dead "
          "socket (%d)" % (errno.errorcode[error], n - 1, failed, ended))


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
    another_key(first, secret)
    bad_starts(first, secret)
    bad_frames(temporary(), secret)
    killed_between_frames(temporary(), secret)
    killed_at_every_call(temporary(), secret)
    failing_at_every_call(temporary(), secret, errno.EIO)
    failing_at_every_call(temporary(), secret, errno.ENOSPC)
    small_disk_apart(temporary(), secret)
    for what in failures:
        print("failed: %s" % what)
    return 1 if failures else 0


if not os.path.exists(os.path.join(BUILD, "signer")):
    sys.exit("there is no %s/signer" % BUILD)
sys.exit(main())
