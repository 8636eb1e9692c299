# SPDX-License-Identifier: Apache-2.0
"""chatlink: is there a connection at any time, when Slack refreshes them and when one dies without a word?"""
import time

from chat_desk import GROUP, in_slack, start
from report import passed, row

REFRESHES = 20
NOTICED, REPLACED = 45, 2  # seconds


def ready(history, until=None):
    """[(at_ms, how many connections are ready)] from the beginning on."""
    alive, steps = set(), []
    for note in history:
        if note["event"] == "hello":
            alive.add(note["connection"])
        elif note["event"] in ("closed", "broken", "close frame", "silent"):
            alive.discard(note["connection"])
        else:
            continue
        steps.append((note["at_ms"], len(alive)))
    return steps


def refresh(t):
    slack, last = t.slack, max(c["connection"] for c in t.slack.connections())
    since = len(slack.history())
    for number in range(REFRESHES):
        oldest = min(c["connection"] for c in slack.connections())
        slack.disconnect("warning" if number % 2 else "refresh_requested", oldest if number % 4 else None)
        t.until("other connections", lambda: all(c["connection"] != oldest for c in slack.connections())
                and sum(c["ready"] for c in slack.connections()) >= 2, 90)
    steps = ready(slack.history())
    least = min(count for _, count in steps[2:])
    opened = max(c["connection"] for c in slack.connections()) - last
    waits = [note["at_ms"] for note in slack.history(since) if note["event"] == "hello"]
    row(f"chatlink: {REFRESHES} refreshes", f"at least {least} ready at any time", f">= 1; {opened} opened in "
        f"{(waits[-1] - waits[0]) / 1000:.0f} s", passed(least >= 1))


def half_open(t):
    slack = t.slack
    t.until("two connections", lambda: sum(c["ready"] for c in slack.connections()) == 2, 90)
    number, since = min(c["connection"] for c in slack.connections()), len(slack.history())
    begin = time.time() * 1000
    slack.silence(number)

    def replaced():
        return next((note["at_ms"] for note in slack.history(since) if note["event"] == "hello"), None)
    found = t.until("another connection", replaced, NOTICED + 60)
    gone = next((note["at_ms"] for note in slack.history(since)
                 if note["connection"] == number and note["event"] in ("closed", "close frame")), None)
    tell_half_open(t, begin, gone, found)


def tell_half_open(t, begin, gone, found):
    noticed = gone or found
    row("chatlink: a half-open connection", f"noticed after {(noticed - begin) / 1000:.1f} s", f"<= {NOTICED} s",
        passed(noticed - begin <= NOTICED * 1000))
    row("chatlink: until it is replaced", f"{(found - noticed) / 1000:.2f} s", f"<= {REPLACED} s",
        passed(found - noticed <= REPLACED * 1000))


def chatlink(t):
    with in_slack(t, GROUP):
        start(t)
        refresh(t)
        half_open(t)
