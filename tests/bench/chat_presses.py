# SPDX-License-Identifier: Apache-2.0
"""clicks: many presses of many people, each waiting for the answer to the last, while connections break every second.

Slack lets a desk post 200 messages a minute, so it would take an hour to be shown all that is to be pressed: the presses
are envelopes with the tokens of letters of which most still wait.  It takes some ten minutes, for whoever is cut off at
once, time after time, pauses for up to a minute before it connects again.
"""
import os
import random
import time
from collections import Counter

from chat_desk import GROUP, Acks, approver, ask_for, in_slack, start
from report import passed, pss, row

PRESSES = int(os.environ.get("BENCH_PRESSES", 10000))
PEOPLE = 200
COUNTING = 0.9     # of all presses; the others are repeated by the same person, or somebody else's
TWICE = 500        # envelopes that Slack sends twice
MAX = 40           # MiB of all processes
LOOK = 0.02        # seconds
SILENCE = 180      # seconds without any acknowledgement: then something is wrong


def envelope(number, user, token):
    payload = {"type": "block_actions", "user": {"id": user, "username": user, "name": user, "team_id": "T0ACME"},
               "team": {"id": "T0ACME", "domain": "acme"}, "api_app_id": "A0DESK", "token": "x", "enterprise": None,
               "is_enterprise_install": False, "trigger_id": f"1.1.{number:032x}", "response_url": "", "state": {"values": {}},
               "container": {"type": "message", "message_ts": f"1764000000.{number:06}", "channel_id": "D0" + user[1:],
                             "is_ephemeral": False},
               "channel": {"id": "D0" + user[1:], "name": "directmessage"},
               "message": {"type": "message", "user": "U0BOT", "ts": f"1764000000.{number:06}", "text": "Decision asked. " * 120},
               "actions": [{"type": "button", "action_id": "approve", "block_id": "decide", "value": token,
                            "text": {"type": "plain_text", "text": "Approve"}, "action_ts": f"1764100000.{number:06}"}]}
    return {"envelope_id": f"press-{number}", "payload": payload, "type": "interactive", "accepts_response_payload": False}


def presses(t):
    """(user, token) of each press, those that count in any order; and how many count."""
    asked = t.sql("SELECT substr(address, 7), lower(hex(token)) FROM outbox WHERE kind = 'review'")
    random.shuffle(asked)
    counting = asked[:int(PRESSES * COUNTING)]
    others = random.choices(counting, k=PRESSES - len(counting))
    foreign = [(approver((int(user[3:]) + GROUP) % PEOPLE), token) for user, token in others[::2]]
    some = counting + others[1::2] + foreign
    random.shuffle(some)
    return some, len(counting)


class Crowd:
    """People who press one button after the other, each as soon as the last press was acknowledged."""

    def __init__(self, t, some):
        self.t, self.acks = t, Acks(t.slack)
        self.queues = {}
        for number, (user, token) in enumerate(some):
            self.queues.setdefault(user, []).append(envelope(number, user, token))
        self.pressing = {}  # user: envelope
        self.acked = self.drops = self.twice = 0
        self.next_drop = time.monotonic()

    def press(self):
        """What everybody who waits for nothing presses next."""
        asks = []
        for user, queue in self.queues.items():
            if user not in self.pressing and queue:
                one = queue.pop()
                self.pressing[user] = one["envelope_id"]
                asks.append({"verb": "envelope", "envelope": one})
        if asks and self.twice < TWICE:
            self.twice += len(asks) // 5
            self.t.slack.set(duplicate=len(asks) // 5)
        if asks:
            self.t.slack.flood(asks)

    def look(self):
        self.acks.look()
        done = [user for user, name in self.pressing.items() if name in self.acks.first]
        for user in done:
            del self.pressing[user]
        self.acked += len(done)
        return done

    def drop(self):
        if time.monotonic() < self.next_drop:
            return
        self.next_drop += 1
        ready = [c["connection"] for c in self.t.slack.connections() if c["ready"]]
        if ready:
            self.drops += self.t.slack.drop(connection=random.choice(ready))

    def until(self, count):
        heard = time.monotonic()
        while self.acked < count:
            self.press()
            self.drop()
            time.sleep(LOOK)
            if self.look():
                heard = time.monotonic()
            if time.monotonic() - heard > SILENCE:
                raise RuntimeError(f"{len(self.pressing)} presses were not acknowledged for {SILENCE} s")


def answers(t, size):
    """Entries by what they say of a press: a vote, or why it is none."""
    return Counter("vote" if e["type"] == "vote.cast" else e["body"].get("code") or e["body"].get("reason")
                   for e in t.since(size) if e["type"] in ("vote.cast", "access.refused", "message.refused"))


def clicks(t):
    cases = int(PRESSES * COUNTING) // GROUP
    with in_slack(t, PEOPLE, mail=True):
        start(t)
        ask_for(t, cases, PEOPLE // GROUP)
        some, counting = presses(t)
        size, crowd, begin = t.size(), Crowd(t, some), time.monotonic()
        crowd.until(PRESSES // 5)
        early = sum(pss(t).values())
        crowd.until(PRESSES)
        t.until("decided", lambda: not t.sql("SELECT count(*) FROM inbox WHERE state = 'new'")[0][0])
        taken, sizes = time.monotonic() - begin, pss(t)
        found = answers(t, size)
        tell(t, crowd, counting, found, taken, early, sizes)


def tell(t, crowd, counting, found, taken, early, sizes):
    whole, lost = sum(sizes.values()), t.slack.stats()["lost"]
    twice = t.sql("SELECT count(*) FROM (SELECT case_id, person FROM vote GROUP BY 1, 2 HAVING count(*) > 1)")[0][0]
    asking = t.sql("SELECT count(*) FROM posting JOIN outbox ON id = letter WHERE kind = 'review' AND NOT settled AND "
                   "EXISTS (SELECT 1 FROM vote WHERE vote.case_id = outbox.case_id AND person = principal)")[0][0]
    row(f"clicks: {PRESSES} by {PEOPLE} people", f"{found['vote']} votes of {counting}, {twice} twice",
        ", ".join(f"{n} {code}" for code, n in found.most_common() if code != "vote"), passed(found["vote"] == counting and not twice))
    row("clicks: answered", f"{crowd.acked} acknowledged, {sum(found.values())} in the log",
        f"{crowd.acks.again} of them again, {lost} given up, {asking} messages still ask; {crowd.drops} drops in {taken:.0f} s",
        passed(crowd.acked == PRESSES == sum(found.values()) and not lost and not asking))
    row("clicks: memory", f"{whole:.1f} MiB PSS (<= {MAX}), was {early:.1f}",
        f"{whole / early:.2f} of it after a fifth (<= 1.10); " + ", ".join(f"{n} {size:.1f}" for n, size in sizes.items()),
        passed(whole <= MAX and whole <= 1.1 * early))
    done = t.desk.cli("log", "verify", check=False)
    row("clicks: log verify", f"exit code {done.returncode}", "", passed(done.returncode == 0))
