# SPDX-License-Identifier: Apache-2.0
"""A desk whose people are all in Slack, with as many approvers as a figure needs; and presses on it, timed by the emulator."""
import datetime
import re
import time
from contextlib import contextmanager

from slack import Slack
from trial import BUILD, FILES

CHANNEL = "C0DESK"
ASKERS, EACH = 30, 40  # who ask, and how often: nobody may ask for very much in an hour
GROUP = 10  # approvers in each group; all of a group are asked, and all have to approve
REQUEST = "License: GPL-3.0-only\nComponent: part{} 1.0\nProduct: P{}\nDistribution: firmware\n" \
          "Reason: subtitles need it\nIf not granted: we drop subtitles\nNeeded until: {}"


def approver(number):
    return f"U0A{number:04d}"


def asker(number):
    return f"U0K{number:04d}"


def people(count):
    """Approvers, in groups; whoever runs this has the command line.  Who asks is not listed: Slack knows the address."""
    lines = [f"  - {{id: a{n}, name: Approver {n}, slack: {approver(n)}, groups: [g{n // GROUP}]}}" for n in range(count)]
    return "\n".join(["people:", *lines, '  - {id: ira, name: Ira Weiss, groups: [admin], unix: "@UNIX@"}',
                      "requesters: [rig.test]", ""])


def policy(groups):
    """The product says which group decides."""
    text = open(f"{FILES}/policy.yaml", encoding="utf-8").read()
    text = re.sub(r"values: \[Widget.*?\]", f"values: [{', '.join(f'P{g}' for g in range(groups))}]", text)
    routes = [f"  - {{when: \"product = 'P{g}'\", stages: [{{name: legal, need: {GROUP}, from: [g{g}]}}]}}"
              for g in range(1, groups)]
    routes.append(f"  - {{stages: [{{name: legal, need: {GROUP}, from: [g0]}}]}}")
    return re.sub(r"routes:\n.*?(?=^\w)", "\n".join(["routes:", *routes, ""]), text, flags=re.S | re.M)


def configure(t, count, mail):
    text = open(f"{FILES}/countersign.yaml", encoding="utf-8").read()
    if not mail:
        text = re.sub(r"^mail:\n( .*\n)*", "", text, flags=re.M)
    slack = f'slack: {{api: "{t.slack.api}", ca: "{t.slack.ca}", app_token: "file:slack.app", bot_token: "file:slack.bot", ' \
            f"channel: {CHANNEL}}}\n"
    t.desk.write("slack.app", t.slack.app_token + "\n", 0o600)
    t.desk.write("slack.bot", t.slack.bot_token + "\n", 0o600)
    t.desk.write("people.yaml", people(count))
    t.desk.write("policy.yaml", policy(count // GROUP))
    t.desk.write("countersign.yaml", text + slack)


@contextmanager
def in_slack(t, count, mail=False):
    """The desk of a trial in Slack, with so many approvers, perhaps with its mailbox; not yet running."""
    t.slack = Slack(f"{t.folder}/slack", BUILD)
    t.slack.start()
    try:
        ids = [approver(n) for n in range(count)] + [asker(n) for n in range(ASKERS)]
        t.slack.users(*({"id": user, "name": user.lower(), "email": f"{user.lower()}@rig.test"} for user in ids))
        t.slack.channels({"id": CHANNEL, "name": "licensing", "members": ["U0BOT"]})
        configure(t, count, mail)
        yield t.slack
    finally:
        t.desk.stop()
        t.slack.stop()


def start(t, **options):
    t.desk.start(**options)
    t.until("two sockets", lambda: sum(c["ready"] for c in t.slack.connections()) == 2)


def ask_for(t, cases, groups):
    """Opens so many cases, the groups in turn."""
    until = (datetime.date.today() + datetime.timedelta(days=60)).isoformat()
    t.slack.flood([{"verb": "say", "user": asker(n // EACH), "text": REQUEST.format(n, n % groups, until)} for n in range(cases)])
    t.until("cases", lambda: t.sql("SELECT count(*) FROM outbox WHERE kind = 'review'")[0][0] == cases * GROUP, 300)


class Acks:
    """What came back, looked at once and in its order."""

    def __init__(self, slack):
        self.slack, self.next, self.first, self.again = slack, slack.ask("acks")["next"], {}, 0

    def look(self):
        answer = self.slack.ask("acks", since=self.next)
        self.next = answer["next"]
        for ack in answer["acks"]:
            self.again += ack["again"]
            self.first.setdefault(ack.get("origin"), ack)

    def wait(self, envelope, pause):
        """Looks every `pause` seconds, the first time after one: looking takes the emulator's time."""
        for _ in range(int(20 / pause)):
            time.sleep(pause)
            self.look()
            if envelope in self.first:
                return self.first[envelope]
        raise RuntimeError(f"{envelope} was not acknowledged")
