#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chat.py - the desk in Slack, whole: requests, decisions, conversation and look-ups against the emulator, beside mail."""
import datetime
import email.message
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from chat import CHANNEL, USERS, buttons, plain, run_chat  # noqa: E402
from trial import give_away, text_of, unprivileged  # noqa: E402


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


FACTS = {"license": "GPL-3.0-only", "component": "libfoo", "product": "Widget", "channel": "embedded",
         "rationale": "subtitles need it", "remediation": "we drop subtitles", "expires": day(60)}


def words(component="libfoo 2.1", channel="firmware"):
    return (f"License: GPL-3.0-only\nComponent: {component}\nProduct: Widget\nDistribution: {channel}\n"
            f"Reason: subtitles need it\nIf not granted: we drop subtitles\nNeeded until: {day(60)}")


def state_of(t, case):
    return t.desk.json("show", case)["state"]


def doctor(t):
    """What the doctor says of Slack: [(check, ok, text)]."""
    done = t.desk.cli("--json", "doctor", check=False)
    return done.returncode, [(line["check"], line["ok"], line["text"]) for line in json.loads(done.stdout)
                             if line["check"].startswith("slack")]


def examining(t):
    t.say("the doctor's look at Slack")
    code, lines = doctor(t)
    t.check(code == 0 and [check for check, ok, _ in lines if ok] == ["slack", "slack scopes", "slack socket"], f"all is well {lines}")
    granted = t.slack.scopes()
    t.slack.scopes(granted.replace("users:read.email", "").replace("files:read", "").replace("files:write", ""))
    code, lines = doctor(t)
    missing = [text.split()[0] for _, ok, text in lines if not ok]
    t.check(code == 69 and missing == ["users:read.email", "files:read", "files:write"], f"each missing scope is named {missing} ({code})")
    t.slack.scopes(granted)
    for token in ("slack.app", "slack.bot"):
        good = open(f"{t.desk.folder}/etc/{token}", encoding="utf-8").read()
        t.desk.write(token, "x-no-token\n", 0o600)
        code, lines = doctor(t)
        t.check(code == 69 and any(not ok and token[6:] + "_token" in text for _, ok, text in lines), f"a wrong {token} is told ({code}, {lines})")
        t.check("x-no-token" not in str(lines), "and not shown")
        t.desk.write(token, good, 0o600)


def sign(t):
    """The desk's log gets a key."""
    key = f"{t.desk.folder}/etc/log.key"
    t.desk.cli("keygen", "--log", f"{t.rig.domain}/countersign", key)
    give_away(key)
    config = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("countersign.yaml", config.replace("/countersign}", '/countersign, key: "file:log.key"}'))


def starting(t):
    t.say("the desk comes up in Slack")
    t.desk.start()
    t.until("two sockets", lambda: len(t.slack.ask("connections")["open"]) >= 2)
    status = t.desk.json("status")
    t.check({a["name"]: a["state"] for a in status["adapters"]}.get("slack") == "ready", "status says that Slack is ready")


def asking(t):
    t.say("somebody who is not listed asks in a message")
    seq = t.size()
    t.do("say", "kim", text=words())
    case = t.entry(seq, "case.opened")["case"]
    t.check(case == "CS-1" and state_of(t, case) == "pending", "it is a case, and complete")
    view = t.desk.json("show", case)
    t.check(view["requester"] == "mail:kim@" + t.rig.domain, "of the person whose address Slack has")
    got = t.seen("kim", case, "legal")
    t.check(not buttons(got), "kim reads who was asked, and is asked nothing")
    root = t.seen("gus", case, channel=CHANNEL)
    t.check(not buttons(root) and "libfoo" in plain(root), "the case has a thread in the channel")
    review = t.seen("ann", "decision asked", case)
    t.check({"approve", "reject", "ask", "abstain", "recuse"} <= set(buttons(review)), "ann has all buttons")
    for word in ("gpl-3.0-only", "libfoo 2.1", "widget", "subtitles need it", "kim", "oss-4.1", "silence never approves"):
        t.check(word in plain(review), f"ann reads: {word}")
    mail = t.get("cy", case, "to decide, reply")
    t.check(mail is not None, "cy, who is not in Slack, is asked by mail")
    return case, mail


def deciding(t, case, mail):
    t.say("ann presses, cy answers by mail")
    seq = t.size()
    begin = time.monotonic()
    done = t.do("press", "ann", action="approve")
    t.acked(done)
    t.check(time.monotonic() - begin < 3, "the press is acknowledged in time")
    vote = t.entry(seq, "vote.cast", case)
    t.check(vote["actor"] == "person:ann" and vote["via"] == "slack", "and is ann's vote, by Slack")
    settled = t.seen("ann", case, "you approved it")
    t.check(not buttons(settled), "the message loses its buttons and says why")
    t.seen("bo", "decision asked", case)

    t.say("presses that change nothing")
    review = t.seen("bo", "decision asked", case)
    seq = t.size()
    t.acked(t.do("press", "mal", action="approve", channel=review["channel"], ts=review["ts"]))
    t.check(t.entry(seq, "access.refused")["body"]["reason"] in ("not-approver", "foreign-user"), "somebody else's press is refused")
    t.check(not t.since(seq, "vote.cast"), "and counts for nobody")

    t.say("cy decides by mail; everybody is told where they are")
    t.people["cy"].reply(mail, "approve: the offer covers us\n")
    t.entry(seq, "case.approved", case)
    t.seen("kim", case, "approved", "the offer covers us")
    t.seen("gus", "approved", channel=CHANNEL)
    late = t.seen("bo", case, "no longer open")
    t.check(not buttons(late), "bo is not asked any more")


def verify_receipt(t, text):
    """By a program alone, without anything of the desk's."""
    path = f"{t.folder}/receipt.txt"
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return subprocess.run([f"{t.desk.folder}/bin/countersign", "log", "verify-receipt", path], capture_output=True, text=True,
                          check=False, env={"PATH": os.environ["PATH"]}, cwd="/")


def receipts(t, case):
    t.say("whoever pressed gets a receipt, below the message that says so")
    vote = next(e for e in t.since(0, "vote.cast", case) if e["via"] == "slack")
    recorded = t.seen("ann", "your answer on " + case, "the receipt follows")
    name = f"{case} entry {vote['seq']} receipt.txt"
    got = t.until("the receipt", lambda: [f for f in t.slack.files() if f["name"] == name and f["shared"]])
    below = [m for m in t.slack.ask("messages", user=USERS["ann"], thread_ts=recorded["ts"])["messages"] if m.get("files")]
    t.check(len(got) == 1 and len(below) == 1 and "keep it" in below[0]["text"].lower(), f"one file, with a word of what it is {below}")
    done = verify_receipt(t, got[0]["text"])
    t.check(done.returncode == 0 and case in done.stdout and "person:ann" in done.stdout, f"it verifies alone: {done.stdout}{done.stderr}")
    done = verify_receipt(t, got[0]["text"].replace("index ", "index 1", 1))
    t.check(done.returncode == 65, "an altered one does not")

    t.say("messages say how far the log is signed")
    size, root = re.search(r"log: ([\d,]+) entries, signed · root `([0-9a-f]{20})…`", plain(recorded)).groups()
    size = int(size.replace(",", ""))
    head = t.desk.json("log", "head", str(size))
    t.check(size > vote["seq"] and head["size"] == size and head["root"].startswith(root), f"which log head {size} says too {head}")
    t.check(f"\n{size}\n" in head["checkpoint"], "with the checkpoint")


def receipt_by_mail(t):
    t.say("where Slack takes no files, the receipt comes by mail")
    granted = t.slack.scopes()
    t.slack.scopes(granted.replace("files:write", ""))
    seq = t.size()
    t.do("say", "kim", text=words("libnofile 1"))
    case = t.entry(seq, "case.opened")["case"]
    t.seen("bo", "decision asked", case)
    t.acked(t.do("press", "bo", action="approve"))
    mail = t.get("bo", case, "is recorded", "the attached receipt")
    attached = [part.get_payload(decode=True).decode() for part in mail.walk() if part.get_filename()]
    t.check(len(attached) == 1 and verify_receipt(t, attached[0].replace("\r\n", "\n")).returncode == 0, "and verifies")
    t.check(any(e["body"]["code"] == "slack-scope" for e in t.since(seq, "alarm.raised")), "and those who run the desk hear of it")
    t.slack.scopes(granted)


def forms(t):
    t.say("a request by form")
    t.acked(t.do("command", "kim", text=""))
    view = t.until("the form", lambda: t.slack.ask("view", user=USERS["kim"])["view"])
    blocks = [b["block_id"] for b in view["blocks"] if b["type"] == "input"]
    t.check({"license", "component", "product", "expires", "words"} <= set(blocks), f"it has the catalogue's facts {blocks}")
    seq = t.size()
    t.acked(t.do("submit", "kim", values={**FACTS, "component": "libbar"}))
    case = t.entry(seq, "case.opened")["case"]
    t.check(state_of(t, case) == "pending", f"{case} is complete")
    t.until("the form closes", lambda: t.slack.ask("view", user=USERS["kim"])["depth"] == 0)

    t.say("rejecting needs a reason, in a form that stays open until there is one")
    t.seen("ann", "decision asked", case)
    t.acked(t.do("press", "ann", action="reject"))
    t.until("the form", lambda: t.slack.ask("view", user=USERS["ann"])["view"])
    seq = t.size()
    t.acked(t.do("submit", "ann", values={"reason": " "}, force=True))
    errors = t.slack.ask("view", user=USERS["ann"])["errors"]
    t.check(errors and "reason" in errors, f"what is wrong stands at the field: {errors}")
    t.check(not t.since(seq, "vote.cast"), "and nothing was decided")
    t.acked(t.do("submit", "ann", values={"reason": "the vendor sells <another> licence & more"}))
    t.entry(seq, "vote.cast", case)
    t.seen("bo", "decision asked", case)
    t.acked(t.do("press", "bo", action="reject"))
    t.until("the form", lambda: t.slack.ask("view", user=USERS["bo"])["view"])
    t.acked(t.do("submit", "bo", values={"reason": "so do I"}))
    t.entry(seq, "case.rejected", case)
    t.seen("kim", case, "rejected", "the vendor sells <another> licence & more")


def talking(t):
    t.say("one conversation from both sides")
    seq = t.size()
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, "An exception, please"
    message.set_content(words("libbaz 1.0"))
    t.people["dee"].send(message)
    case = t.entry(seq, "case.opened")["case"]
    root = t.seen("gus", case, "libbaz", channel=CHANNEL)
    t.do("say", "ann", text="is it *modified* & how? <!channel>", channel=CHANNEL, thread_ts=root["ts"])
    mail = t.get("dee", case, "is it *modified*")
    t.check("<!channel>" in text_of(mail), "a comment in the channel's thread reaches the requester by mail, as it was written")
    seq = t.size()
    t.people["dee"].reply(mail, "comment: no, it is as it was <b>shipped</b>\n")
    t.entry(seq, "case.commented", case)
    back = t.seen("gus", "as it was <b>shipped</b>", channel=CHANNEL)
    t.check(back.get("thread_ts") == root["ts"], "and the answer stands in the thread")
    t.say("a question, and what the requester changes")
    seq = t.size()
    t.seen("ann", "decision asked", case)
    t.acked(t.do("press", "ann", action="ask"))
    t.until("the form", lambda: t.slack.ask("view", user=USERS["ann"])["view"])
    t.acked(t.do("submit", "ann", values={"reason": "which version?"}))
    mail = t.get("dee", case, "which version?")
    old = t.seen("ann", "decision asked", case)
    t.people["dee"].reply(mail, "Version: 1.1\n")
    t.entry(seq, "case.amended", case)
    t.seen("ann", "no longer open", case, "the request has changed")
    new = t.seen("ann", "decision asked", case, "1.1")
    t.check(new["ts"] != old["ts"] and "approve" in buttons(new), "the new version is put to ann by a new message")
    return case


def otherwise(t):
    t.say("other ways to ask: a mention, a shortcut, a message that becomes a request")
    seq = t.size()
    said = t.do("say", "kim", text="@bot " + words("libmention 1"), channel=CHANNEL)
    case = t.entry(seq, "case.opened")["case"]
    time.sleep(0.5)
    t.check(len(t.since(seq, "message.received")) == 1, "a mention comes as two events and is one message")
    t.seen("kim", case, "libmention")
    t.do("shortcut", "kim", callback="message_request", channel=CHANNEL, ts=said["ts"])
    view = t.until("the form", lambda: t.slack.modal(USERS["kim"]))
    t.check("libmention" in json.dumps(view), "a message's words stand in the form")
    t.slack.close(USERS["kim"])
    t.do("shortcut", "kim", callback="new_request")
    t.until("the form", lambda: t.slack.modal(USERS["kim"]))
    t.slack.close(USERS["kim"])

    t.say("what is missing is filled in in a form")
    seq = t.size()
    t.do("say", "kim", text="License: GPL-3.0-only\nComponent: libgap 1\nProduct: Widget")
    case = t.entry(seq, "case.opened")["case"]
    missing = t.seen("kim", case, "rationale")
    t.check("answer" in buttons(missing), "the question has a button for it")
    t.acked(t.do("press", "kim", action="answer", ts=missing["ts"]))
    view = t.until("the form", lambda: t.slack.modal(USERS["kim"]))
    t.check("libgap" in json.dumps(view), "the form has what is known")
    t.acked(t.do("submit", "kim", values={"channel": "embedded", "rationale": "so", "remediation": "none", "expires": day(50)}))
    t.entry(seq, "review.requested", case)
    t.check(state_of(t, case) == "pending", "and the case is complete")

    t.say("commands that change something, and words in a thread")
    review = t.seen("ann", "decision asked", case)
    seq = t.size()
    t.do("say", "ann", text="I'd approve if they ask nicely", thread_ts=review["ts"])
    t.seen("ann", case, "nothing was decided by it")
    t.check(not t.since(seq, "vote.cast"), "what is no command is no vote")
    t.do("say", "ann", text="approve: fine", thread_ts=review["ts"])
    t.entry(seq, "vote.cast", case)
    ack = t.acked(t.do("command", "bo", text=f"approve {case}: fine too"))
    t.check("done" in plain(ack.get("payload") or {}), "a command is confirmed")
    t.entry(seq, "case.approved", case)
    seq = t.size()
    t.acked(t.do("command", "kim", text=f"renew {case}: until {day(90)}"))
    again = t.entry(seq, "case.opened")["case"]
    t.seen("ann", "decision asked", again)
    t.acked(t.do("command", "kim", text=f"withdraw {again}: no need"))
    t.entry(seq, "case.withdrawn", again)
    t.seen("ann", again, "no longer open")
    t.acked(t.do("command", "ann", text=f"revoke {case}: found a bug"))
    t.entry(seq, "case.revoked", case)
    t.seen("kim", case, "revoked", "found a bug")


def looking_up(t):
    t.say("look-ups for the asker alone")
    for who, text, word in (("gus", "show CS-1", "libfoo"), ("gus", "find license:GPL-*", "cs-2"), ("gus", "help", "approve"),
                            ("kim", "find", "cs-1"), ("gus", "history CS-1", ""), ("gus", "verify", "")):
        ack = t.acked(t.do("command", who, text=text))
        payload = ack.get("payload") or {}
        t.check(payload.get("response_type", "ephemeral") == "ephemeral" and word in plain(payload), f"{who}: /countersign {text}")
    t.until("the file", lambda: [f for f in t.slack.files() if "history" in f["name"] and f["shared"]])
    t.check(True, "a long history comes as a file")
    ack = t.acked(t.do("command", "mal", text="show CS-1"))
    t.check("libfoo" not in plain(ack.get("payload") or {}), "who may not see it learns nothing")
    t.say("the Home tab")
    t.do("home", "ann")
    view = t.until("ann's Home", lambda: t.slack.ask("view", user=USERS["ann"], home=True)["view"])
    t.check("approve" in buttons(view), "what waits for ann has its buttons there")


def evidence(t):
    t.say("a shared file is evidence")
    seq = t.size()
    t.do("say", "kim", text=words("libqux 1"), files=[{"name": "offer.txt", "mimetype": "text/plain", "text": "the offer"}])
    case = t.entry(seq, "case.opened")["case"]
    t.until("the file", lambda: t.desk.json("show", case)["evidence"])
    item = t.desk.json("show", case)["evidence"][0]
    t.check(item["name"] == "offer.txt" and item["size"] == 9, f"offer.txt is kept ({item})")


def failing(t):
    t.say("duplicates, drops and refusals")
    seq = t.size()
    t.do("say", "kim", text=words("libdup 1"))
    case = t.entry(seq, "case.opened")["case"]
    t.seen("ann", "decision asked", case)
    done = t.do("press", "ann", action="approve")
    t.acked(done)
    for _ in range(3):
        t.do("duplicate", envelope=done["envelope"])
    t.entry(seq, "vote.cast", case)
    time.sleep(1)
    t.check(len(t.since(seq, "vote.cast", case)) == 1, "a press that comes four times is one vote")
    t.do("drop")
    t.acked(t.do("command", "gus", text="show CS-1"), 30)
    t.check(True, "after a drop it goes on")

    t.say("where Slack cannot deliver, mail does")
    t.do("fault", method="chat.postMessage", error="channel_not_found", times=50)
    seq = t.size()
    t.do("say", "kim", text=words("libmail 1"))
    case = t.entry(seq, "case.opened")["case"]
    mail = t.get("ann", case, "to decide, reply")
    t.check(mail is not None, "ann is asked by mail")
    t.do("clear")
    t.people["ann"].reply(mail, "approve\n")
    t.entry(seq, "vote.cast", case)


def surviving(t):
    t.say("the adapter dies, the core dies: nothing acknowledged is lost")
    seq = t.size()
    t.do("say", "kim", text=words("libkill 1"))
    case = t.entry(seq, "case.opened")["case"]
    t.seen("bo", "decision asked", case)
    t.desk.stop(signal.SIGKILL)
    done = t.do("press", "bo", action="approve")
    t.desk.start()
    t.acked(done, 60)
    t.entry(seq, "vote.cast", case)
    t.check(len(t.since(seq, "vote.cast", case)) == 1, "a press while the desk was down counts once it is back")


def on_small_disk(t, state):
    t.desk.start()
    seq = t.size()
    t.do("say", "kim", text=words("libdisk 1"))
    case = t.entry(seq, "case.opened")["case"]
    review = t.seen("ann", "decision asked", "libdisk")  # numbers begin anew on the small disk
    t.quiet()
    seq = t.size()
    with open(f"{state}/filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass
    done = t.do("press", "ann", action="approve", ts=review["ts"])
    time.sleep(2)
    t.check(not t.slack.acks(origin=t.slack.delivery(done["envelope"])["origin"]), "what could not be stored is not acknowledged")
    if t.desk.serve.poll() is None:
        t.check(any("not stored" in json.dumps(hook) for hook in t.slack.hooks()), "and ann is told so, alone")
    os.unlink(f"{state}/filler")
    if t.desk.serve.poll() is not None:
        t.desk.start()
    t.entry(seq, "vote.cast", case)
    t.check(len(t.since(seq, "vote.cast")) == 1, "once there is room, the press comes again and counts once")


def full_disk(t):
    t.say("a full disk")
    if os.getuid() != 0:
        print("skipped: only root can mount a small disk")
        return
    t.desk.stop()
    state, who = f"{t.desk.folder}/state", unprivileged()
    os.rename(state, state + "-kept")
    os.mkdir(state)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=6m,mode=700,uid={who['user']},gid={who['group']}", "tmpfs", state],
                             check=False).returncode == 0
    try:
        if mounted:
            on_small_disk(t, state)
        else:
            print("skipped: a small disk cannot be mounted here")
    finally:
        t.desk.stop()
        if mounted:
            subprocess.run(["umount", state], check=True)
        os.rmdir(state)
        os.rename(state + "-kept", state)


def play(t):
    sign(t)
    examining(t)
    starting(t)
    case, mail = asking(t)
    deciding(t, case, mail)
    receipts(t, case)
    forms(t)
    talking(t)
    otherwise(t)
    looking_up(t)
    evidence(t)
    failing(t)
    receipt_by_mail(t)
    surviving(t)
    t.quiet()
    full_disk(t)
    t.desk.start()
    t.say("in the end")
    t.quiet()
    log = t.desk.log()
    t.check(t.slack.app_token not in log and t.slack.bot_token not in log, "no token is in the desk's log")
    t.verify()


if __name__ == "__main__":
    sys.exit(run_chat(play))
