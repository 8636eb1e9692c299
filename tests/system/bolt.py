#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bolt.py - the emulator of Slack is proved by Slack's official framework, @slack/bolt from npm.

Skipped, and says so, where there is no node or npm, or the package cannot be had.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from slack import Slack  # noqa: E402

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(HERE, "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
FILES = os.path.join(SOURCE, "tests/slack/bolt")
INSTALL_TIME = 150
NODE_MAJOR = 20
ANN = "U0ANN"

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)
    return condition


def skip(why):
    print("skipped: %s; the emulator is not proved by the official client here" % why)
    sys.exit(0)


def install(folder):
    """The packages of exactly the versions and digests in package-lock.json, in a folder that goes away."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            skip("there is no %s" % program)
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < NODE_MAJOR:
        skip("@slack/bolt wants node %d, this is %s" % (NODE_MAJOR, version))
    for name in os.listdir(FILES):
        shutil.copy(os.path.join(FILES, name), folder)
    try:
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
                              cwd=folder, timeout=INSTALL_TIME, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        skip("npm took more than %d s" % INSTALL_TIME)
    if done.returncode:
        skip("npm cannot install the package (%s)" % (done.stderr.strip().splitlines() or ["it says nothing"])[0])
    with open(os.path.join(folder, "node_modules/@slack/bolt/package.json")) as file:
        print("node %s, @slack/bolt %s" % (version, json.load(file)["version"]), flush=True)


class Desk:
    """desk.js, running."""

    def __init__(self, folder, slack):
        self.log = os.path.join(folder, "desk.log")
        more = {"API": slack.api, "APP_TOKEN": slack.app_token, "BOT_TOKEN": slack.bot_token,
                "NODE_EXTRA_CA_CERTS": slack.ca}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["node", "desk.js"], cwd=folder, env=os.environ | more, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def said(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def asked(slack, text):
    """Ann writes, and the desk puts her words as a question."""
    before = slack.dm(ANN, text)["ts"]
    message = slack.wait_message(ANN, text=text, action="approve", after=before)
    check(message is not None, "a message of a person arrives, and a question with buttons is posted: " + text)
    return message


def becomes(slack, message, text):
    return slack.wait(lambda: any(seen["ts"] == message["ts"] and text in seen["text"] and not seen["buttons"]
                                  for seen in slack.messages(ANN, message["channel"])))


def acknowledged(slack, done, what):
    ack = slack.wait_ack(done["envelope"])
    return check(ack and not ack["elsewhere"] and ack["ms"] < 3000 and "trouble" not in ack,
                 "%s: acknowledged (%s)" % (what, ack and "%s ms" % ack["ms"]))


def approve(slack, text, what):
    message = asked(slack, text)
    done = slack.press(ANN, "approve", ts=message["ts"])
    acknowledged(slack, done, what)
    check(becomes(slack, message, "approved by <@U0ANN>"), what + ": the message is changed, its buttons are gone")


def reject(slack):
    message = asked(slack, "a rejected thing")
    acknowledged(slack, slack.press(ANN, "reject", ts=message["ts"]), "Reject")
    check(slack.wait_modal(ANN, "reason"), "Reject: a modal opens")
    acknowledged(slack, slack.submit(ANN, {"why": "no"}), "a short reason")
    check(slack.wait(lambda: slack.modal_errors(ANN) == {"why": "Please say more."}), "a short reason: the modal says why not")
    acknowledged(slack, slack.submit(ANN, {"why": "over budget"}), "a reason")
    check(becomes(slack, message, "rejected by <@U0ANN>: over budget"), "a reason: the message is changed")
    check(slack.modal(ANN) is None, "a reason: the modal is closed")


def command(slack):
    acknowledged(slack, slack.command(ANN, "respond", channel="C0OTHER"), "a command where the bot is not")
    seen = slack.wait_message(ANN, "C0OTHER", text="answered by response_url")
    check(seen and seen["ephemeral"], "a command is answered by response_url")
    check(any(m["text"] == "You wrote: respond" for m in slack.messages(ANN, "C0OTHER")), "a command is answered in its ack")
    acknowledged(slack, slack.command(ANN, "file", channel="C0GEN"), "a command that gives a file")
    check(slack.wait(lambda: [f["text"] for f in slack.files()] == ["five\n"]), "a file is uploaded in three steps")
    check(slack.wait(lambda: any(m.get("files") for m in slack.messages(channel="C0GEN"))), "the file is shared")


def elsewhere(slack):
    said = slack.mention(ANN, "are you there", "C0GEN")
    check(slack.wait_message(channel="C0GEN", text="mentioned", after=said["ts"]), "a mention is answered in its thread")
    acknowledged(slack, slack.home(ANN), "the Home tab")
    check(slack.wait(lambda: slack.home_view(ANN)), "the Home tab is published")


def reconnects(slack):
    for what, harm in (("a reset", lambda: slack.drop("reset")),
                       ("a refresh", lambda: slack.disconnect("refresh_requested"))):
        before = slack.connections()[0]["connection"]
        harm()
        check(slack.wait(lambda: any(c["ready"] and c["connection"] > before for c in slack.connections()), 40),
              "after %s the client connects again" % what)
        approve(slack, "after " + what, "Approve after " + what)
    slack.drop("reset")
    slack.wait(lambda: not slack.connections())
    lost = slack.dm(ANN, "written meanwhile")
    check(slack.delivery(lost["envelope"])["state"] == "held", "without a connection a message is held")
    check(slack.wait_message(ANN, text="written meanwhile", action="approve", after=lost["ts"], timeout=40),
          "what was written meanwhile arrives")


def refused(slack):
    slack.fault("chat.postMessage", status=429, retry_after=1)
    asked(slack, "after a 429")
    slack.fault("users.info", error="internal_error")
    slack.dm(ANN, "to an error")
    check(slack.wait(lambda: slack.calls("users.info")[-1].get("error") == "internal_error"), "an error of a method arrives")


def main():
    folder = tempfile.mkdtemp(prefix="bolt.", dir=os.environ.get("TMP"))
    try:
        install(folder)
        slack = Slack(folder, BUILD).start()
        slack.users({"id": ANN, "name": "ann", "email": "ann@example.org"})
        slack.channels({"id": "C0GEN", "name": "general", "members": [ANN]},
                       {"id": "C0OTHER", "name": "other", "members": [ANN], "bot": False})
        desk = Desk(folder, slack)
        try:
            check(slack.wait_connections(1, 30), "the official client connects")
            approve(slack, "an approved <thing> & more", "Approve")
            reject(slack)
            command(slack)
            elsewhere(slack)
            refused(slack)
            reconnects(slack)
            check('"email":"ann@example.org"' in desk.said(), "it knows who wrote")
            check(not [e for e in slack.acks() if not e["known"]], "no ack is of anything else")
        finally:
            desk.stop()
            code = slack.stop()
        check(code == 0, "the emulator ends well (%s)" % code)
        if failures:
            print(desk.said(), slack.log(), sep="\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
