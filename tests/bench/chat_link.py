# SPDX-License-Identifier: Apache-2.0
"""chatlink: is there a connection at any time, when Slack refreshes them and when one dies without a word?

Refreshed are connections that have lived for a minute, as Slack's do for hours: who is told to connect anew time after
time pauses.  So that this takes no hour, several adapters are refreshed in the same minute, both connections at once.
"""
import os
import re
import time

from chat_desk import GROUP, in_slack, start
from report import passed, row
from slack import Slack
from slack_rig import Adapter
from trial import BUILD

REFRESHES = 20
LIVED = 61  # seconds
NOTICED, REPLACED = 45, 2  # seconds
ENDS = ("closed", "broken", "close frame", "silent")


def ready(history):
    """How many connections were ready after each change."""
    alive, counts = set(), []
    for note in history:
        if note["event"] == "hello":
            alive.add(note["connection"])
        elif note["event"] in ENDS:
            alive.discard(note["connection"])
        counts.append(len(alive))
    return counts


def renewed(slack):
    connections = slack.connections()
    return len(connections) == 2 and all(c["ready"] and c["connection"] > 2 for c in connections)


def refresh_all(slacks):
    """How many connections were ready at the least, of any adapter; and how many adapters have two new ones."""
    for number, slack in enumerate(slacks):
        slack.disconnect("warning" if number % 2 else "refresh_requested")
    for slack in slacks:
        slack.wait(lambda: renewed(slack), 60, 0.2)
    return min(min(ready(slack.history())[slack.since:]) for slack in slacks), sum(renewed(slack) for slack in slacks)


def refresh(t):
    slacks = [Slack(f"{t.folder}/slack{n}", BUILD).start() for n in range(REFRESHES // 2)]
    adapters = [Adapter(slack, ping=10, dead=30) for slack in slacks]
    try:
        if not all(slack.wait_connections(2, 30) for slack in slacks):
            raise RuntimeError("an adapter has not two connections")
        for slack in slacks:
            slack.since = len(slack.history())
        time.sleep(LIVED)
        least, fresh = refresh_all(slacks)
        row(f"chatlink: {2 * len(slacks)} refreshes, two at once", f"at least {least} ready at any time (>= 1)",
            f"{2 * fresh} replaced", passed(least >= 1 and fresh == len(slacks)))
    finally:
        for adapter in adapters:
            adapter.stop()
        for slack in slacks:
            slack.stop()


def ended(t, size):
    """Did the adapter say since then that a connection ended?"""
    with open(t.desk.log_path, encoding="utf-8", errors="replace") as file:
        return any(re.match(r"slack: connection \d+: (?!up;)", line) for line in file.read()[size:].splitlines())


def half_open(t):
    slack, size = t.slack, os.path.getsize(t.desk.log_path)
    last = max(c["connection"] for c in slack.connections())
    begin = time.monotonic()
    slack.silence(min(c["connection"] for c in slack.connections()))
    t.until("the end of the connection", lambda: ended(t, size), 120)
    noticed = time.monotonic() - begin
    t.until("another", lambda: any(c["ready"] and c["connection"] > last for c in slack.connections()), 90)
    replaced = time.monotonic() - begin - noticed
    row("chatlink: a half-open connection", f"noticed after {noticed:.1f} s", f"<= {NOTICED} s", passed(noticed <= NOTICED))
    row("chatlink: until another is ready", f"{replaced:.2f} s", f"<= {REPLACED} s", passed(replaced <= REPLACED))


def chatlink(t):
    refresh(t)
    with in_slack(t, GROUP):
        start(t)
        half_open(t)
