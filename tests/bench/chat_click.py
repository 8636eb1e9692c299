# SPDX-License-Identifier: Apache-2.0
"""click: from the press of a button to its acknowledgement, and to the message that changes."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
import ssl

from chat_desk import GROUP, Acks, approver, ask_for, in_slack, start
from report import late, passed, row
from trial import BUILD, SOURCE

CLICKS = int(os.environ.get("BENCH_CLICKS", 200))
PAUSE = 0.03     # seconds between two presses: about as long as what follows a vote takes
SETTLED = 20     # presses whose message is waited for
SETTLE_PACE = 2.6  # seconds: as often as chat.update may be called, and each vote may change two messages


def press(slack, acks, message):
    done = slack.press(message["user"], "approve", ts=message["ts"])
    return acks.wait(done["envelope"], PAUSE)


def timed(slack, messages):
    """ms of each press."""
    acks = Acks(slack)
    return [press(slack, acks, message)["us"] / 1000 for message in messages]


# --- others on the same emulator -------------------------------------------------------------------------------------

def socket_url(slack):
    ask = urllib.request.Request(slack.api + "apps.connections.open", data=b"",
                                 headers={"Authorization": f"Bearer {slack.app_token}"})
    with urllib.request.urlopen(ask, context=ssl.create_default_context(cafile=slack.ca)) as answer:
        return json.load(answer)["url"]


def beside(slack, command, message, **options):
    """ms of presses that a program acknowledges which leaves the message as it is."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    try:
        if not slack.wait_connections(1, 30):
            raise RuntimeError(f"{command[0]} does not connect")
        return timed(slack, [message] * (CLICKS // 2))
    finally:
        program.terminate()
        program.wait()
        slack.wait_connections(0)


def floor(t, message, name):
    return beside(t.slack, [os.path.abspath(f"{BUILD}/tests/bench/chat_floor"), socket_url(t.slack), t.slack.ca,
                            f"{t.folder}/{name}.db"], message)


def bolt(t, message):
    """None where it cannot be had."""
    sys.path.insert(0, f"{SOURCE}/tests/system")
    from bolt import install
    folder = f"{t.folder}/bolt"
    os.mkdir(folder)
    try:
        install(folder)
    except SystemExit:
        return None
    shutil.copy(f"{SOURCE}/tests/bench/chat_bolt.js", folder)
    environment = {"API": t.slack.api, "APP_TOKEN": t.slack.app_token, "BOT_TOKEN": t.slack.bot_token,
                   "NODE_EXTRA_CA_CERTS": t.slack.ca}
    return beside(t.slack, ["node", "chat_bolt.js"], message, cwd=folder, env=os.environ | environment)


# --- ours ------------------------------------------------------------------------------------------------------------

def reviews(t, count):
    """The messages that ask for a decision, once there are so many."""
    def look():
        found = []
        for n in range(GROUP):
            found += [m | {"user": approver(n)} for m in t.slack.messages(approver(n), None)
                      if any(b["action_id"] == "approve" for b in m["buttons"])]
        return found if len(found) >= count else None
    return t.until("reviews", lambda: time.sleep(1) or look(), 600)


def settled(t, messages):
    """ms from each press until its message is changed."""
    slack, acks, taken = t.slack, Acks(t.slack), []
    for message in messages:
        begin, since = time.monotonic(), slack.ask("calls", since=0, method="none")["next"]
        ack = press(slack, acks, message)
        sent = ack["at_ms"] - ack["us"] / 1000
        call = t.until("chat.update", lambda: next((c for c in slack.calls("chat.update", since)
                                                    if c["args"]["ts"] == message["ts"]), None))
        taken.append(call["at_ms"] - sent)
        time.sleep(max(0, SETTLE_PACE - (time.monotonic() - begin)))
    return taken


def click(t):
    cases = (CLICKS + SETTLED) // GROUP + 1
    with in_slack(t, GROUP) as slack:
        start(t)
        ask_for(t, cases, 1)
        messages = reviews(t, cases * GROUP)
        reserve, messages = messages[0], [m for m in messages if m["user"] != messages[0]["user"]] + \
            [m for m in messages[1:] if m["user"] == messages[0]["user"]]
        t.desk.stop()
        floors = floor(t, reserve, "floor1")
        start(t)
        updates = settled(t, messages[:SETTLED])
        ours = timed(slack, messages[SETTLED:SETTLED + CLICKS])
        t.desk.stop()
        votes = len(t.since(0, "vote.cast"))
        floors += floor(t, reserve, "floor2")
        official = bolt(t, reserve)
    tell(floors, ours, official, updates, votes)


def tell(floors, ours, official, updates, votes):
    base, base_late = statistics.median(floors), late(floors)
    median, p99 = statistics.median(ours), late(ours)
    row("click: floor", f"median {base:.2f} ms, p99 {base_late:.2f} ms", f"{len(floors)} presses, half before, half after")
    row(f"click: to the acknowledgement ({len(ours)})", f"median {median:.2f} ms, p99 {p99:.2f} ms",
        f"{median / base:.2f} (<= 1.5) and {p99 / base_late:.2f} (<= 3) of the floor; {votes} votes",
        passed(median <= 1.5 * base and p99 <= 3 * base_late))
    if official:
        row("click: by @slack/bolt, which stores nothing", f"median {statistics.median(official):.2f} ms, p99 {late(official):.2f} ms",
            f"ours: {median / statistics.median(official):.2f} and {p99 / late(official):.2f} of it")
    else:
        row("click: by @slack/bolt", "skipped: no node, no npm, or no package")
    row(f"click: to chat.update ({len(updates)})", f"median {statistics.median(updates):.1f} ms, p99 {late(updates):.1f} ms")
