#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""slack.py - the slack adapter, whole, against the emulator.

`slack.py --measure` prints how many envelopes a second go through and how much memory the adapter holds, and tests
nothing.
"""
import concurrent.futures
import http.server
import json
import os
import random
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from slack import Slack, certificate  # noqa: E402
from slack_rig import BUILD, STOP_TIME, Adapter, check, failures, pss, sign, temporary  # noqa: E402

ANN = {"id": "U0ANN", "name": "ann", "email": "ann@example.org", "real_name": "Ann Okafor"}
BO = {"id": "U0BO", "name": "bo", "email": "bo@example.org"}


def started(slack, connections=2, **config):
    adapter = Adapter(slack, **config).ready()
    check(slack.wait_connections(connections, 10), "%d connections stand" % connections)
    return adapter


def taken(adapter, sent, reply=None):
    """The frame of an envelope that a person's deed sent; done."""
    frame = adapter.envelope(sent["envelope"]) or {}
    adapter.done(frame.get("id", "?"), reply)
    return frame


def history(slack, since):
    return [entry for entry in slack.history() if entry["at_ms"] >= since]


def fewest(slack, since):
    """How few connections were ready at any moment from then on, by their history."""
    ready, least = set(), None
    for entry in slack.history():
        if entry["event"] == "hello":
            ready.add(entry["connection"])
        elif entry["event"] in ("closed", "broken", "silent"):
            ready.discard(entry["connection"])
        if entry["at_ms"] >= since:
            least = len(ready) if least is None else min(least, len(ready))
    return least


def now_ms():
    return int(time.time() * 1000)


# --- envelopes -------------------------------------------------------------------------------------------------------

def envelopes(slack):
    adapter = started(slack, listed=["U0BO"])
    own = adapter.find(lambda f: f.get("kind") == "self") or {}
    check(own.get("user_id") == "U0BOT" and own.get("team_id") == "T0ACME" and "chat:write" in own.get("scopes", []),
          "it says who we are (%s)" % own)
    said = slack.dm("U0ANN", "hello & <you>")
    frame = adapter.envelope(said["envelope"]) or {}
    inside = json.loads(frame.get("content", b"{}"))
    check(inside.get("envelope_id") == frame.get("id") and inside["payload"]["event"]["text"] == "hello &amp; &lt;you&gt;",
          "an event comes as it was sent")
    check(frame.get("user") == {"id": "U0ANN", "team": "T0ACME", "email": "ann@example.org", "name": "Ann Okafor",
                                "deleted": False, "bot": False, "guest": False}, "with its user (%s)" % frame.get("user"))
    time.sleep(0.3)
    check(not slack.acks(), "it is not acknowledged before `done`")
    adapter.done(frame["id"], {"text": "not for events"})
    ack = slack.wait_ack(frame["id"]) or {}
    check(ack and "payload" not in ack and not ack["elsewhere"] and not ack.get("trouble"), "but after it (%s)" % ack)
    adapter.done(frame["id"])
    adapter.done("never heard of")

    slack.set(ack_ms=500)
    kept_not = slack.command("U0BO", "into a full disk")
    adapter.put({"type": "drop", "id": adapter.envelope(kept_not["envelope"])["id"]})
    again = adapter.envelope(kept_not["envelope"]) or {}
    check(bool(again) and not slack.acks(origin=kept_not["envelope"]), "what the core drops is not acknowledged, and comes again")
    adapter.done(again.get("id", "?"))
    check(slack.wait_ack(kept_not["envelope"]) is not None, "until it is done")
    slack.set(ack_ms=3000)

    command = slack.command("U0BO", "help")
    frame = taken(adapter, command, {"response_type": "ephemeral", "text": "Do this."})
    ack = slack.wait_ack(command["envelope"]) or {}
    check(frame.get("envelope") == "slash_commands" and "user" not in frame, "a command of a listed user: not looked up")
    check(ack.get("payload", {}).get("text") == "Do this.", "the reply goes with the acknowledgement")
    taken(adapter, slack.dm("U0ANN", "again"))
    check(len(slack.calls("users.info")) == 1, "a user is asked about once")

    sent = adapter.call("chat.postMessage", channel="U0ANN", text="decide", blocks=[{
        "type": "actions", "block_id": "b", "elements": [{"type": "button", "action_id": "approve", "value": "0" * 16,
                                                           "text": {"type": "plain_text", "text": "Approve"}}]}])
    check(sent.get("type") == "sent" and sent.get("channel", "").startswith("D") and sent.get("ts"), "a message is posted (%s)" % sent)
    check(adapter.call("chat.update", channel=sent["channel"], ts=sent["ts"], text="decide soon", blocks=[{
        "type": "actions", "block_id": "c", "elements": [{"type": "button", "action_id": "approve", "value": "1" * 16,
                                                           "text": {"type": "plain_text", "text": "Approve"}}]}]).get("type") == "sent",
          "and changed")
    check(bool(slack.wait(lambda: slack.stats() and len(slack.acks()) >= 6)), "what the bot does itself is acknowledged here")
    press = slack.press("U0ANN", "approve")
    frame = taken(adapter, press)
    check(frame.get("envelope") == "interactive", "and not handed over: the next is the press (%s)" % frame.get("envelope"))
    check(not [f for f in adapter.frames if f.get("kind") == "envelope"], "nothing else came")
    adapter.end("envelopes")


def odd_frames(slack):
    adapter = started(slack, ping=10, dead=30)
    slack.set(fragment=50, ping_ms=20)
    said = slack.dm("U0ANN", "x" * 200000)
    frame = taken(adapter, said)
    check(len(json.loads(frame.get("content", b"{}"))["payload"]["event"]["text"]) == 200000, "fragments, pings between them")
    slack.set(fragment=0, ping_ms=5000)
    for text in ("", "[]", "{", "null", '{"type":"of the future","envelope_id":"x"}', '{"type":"interactive"}'):
        slack.frame(text)
    slack.frame("binary", binary=True)
    said = slack.dm("U0ANN", "still here?")
    check(taken(adapter, said).get("id") and slack.wait_connections(2, 1), "nonsense is passed over")
    slack.set(duplicate=2)
    two = slack.dm("U0ANN", "twice")
    frame = adapter.envelope(two["envelope"])
    check(adapter.envelope(two["envelope"], 0.5) is None, "what comes twice at once is handed over once")
    adapter.done(frame["id"])
    check(slack.wait(lambda: len(slack.acks(origin=two["envelope"])) >= 2) is not None, "and acknowledged twice")
    slack.set(duplicate=0)
    first = slack.connections()[0]["connection"]
    begin = now_ms()
    slack.frame("{}", size=17 << 20, connection=first)
    check(slack.wait(lambda: any(e["event"] == "close frame" and e.get("detail", "").startswith("1009")
                                 for e in history(slack, begin)), 10) is not None, "a message of 17 MiB: closed with 1009")
    check(slack.wait_connections(2, 5) and fewest(slack, begin) >= 1, "and replaced, the other one serves on")
    adapter.end("odd frames")


def users(slack):
    adapter = started(slack)
    slack.fault("users.info", times=1, delay_ms=4000)
    slack.users({"id": "U0GUEST", "name": "guest", "is_restricted": True}, {"id": "U0GONE", "name": "gone", "deleted": True})
    begin = time.monotonic()
    frame = taken(adapter, slack.dm("U0GUEST", "slowly"))
    took = time.monotonic() - begin
    check("user" not in frame and 1.4 < took < 2.5, "a slow users.info is waited for 1.5 s (%.2f s)" % took)
    frame = taken(adapter, slack.command("U0GONE", "x"))
    check(frame.get("user", {}).get("deleted") is True, "a deactivated user is one (%s)" % frame.get("user"))
    slack.wait(lambda: len(slack.calls("users.info")) >= 2)
    time.sleep(2.6)
    frame = taken(adapter, slack.dm("U0GUEST", "now"))
    check(frame.get("user", {}).get("guest") is True, "the answer that came late is kept (%s)" % frame.get("user"))
    adapter.end("users")


def backpressure(slack):
    adapter = started(slack, listed=["U0ANN"], ping=10, dead=30)
    slack.set(redeliver=0, ack_ms=60000)
    ids = slack.flood({"verb": "say", "user": "U0ANN", "text": "flood"}, 700)
    held = []
    while (frame := adapter.envelope(timeout=1.5)):
        held.append(frame["id"])
    check(len(held) == 256, "at most 256 envelopes are handed over and not done (%d)" % len(held))
    seen = set(held)
    for one in held:
        adapter.done(one)
    while len(seen) < len(ids) and (frame := adapter.envelope(timeout=5)):
        seen.add(frame["id"])
        adapter.done(frame["id"])
    check(seen >= set(ids), "then the others come (%d of %d)" % (len(seen), len(ids)))
    check(slack.wait(lambda: slack.stats().get("acked", 0) >= len(ids)) is not None, "all are acknowledged")
    slack.set(redeliver=1, ack_ms=3000)
    adapter.end("backpressure")


# --- connections -----------------------------------------------------------------------------------------------------

def refreshes(slack):
    adapter = started(slack)
    first, second = (c["connection"] for c in slack.connections())
    begin = now_ms()
    slack.disconnect("warning", first, close_ms=-1)
    said = slack.wait_connections(2, 5) and slack.dm("U0ANN", "between")
    check(bool(said) and taken(adapter, said).get("id") == said["envelope"], "an envelope after a warning")
    check(slack.wait(lambda: first not in [c["connection"] for c in slack.connections()], 5) is not None,
          "the old connection is closed by us")
    check(fewest(slack, begin) >= 2, "a refresh of one: always two connections (%s)" % fewest(slack, begin))
    closed = [e for e in history(slack, begin) if e["event"] == "close frame" and e["connection"] == first]
    check(bool(closed) and closed[0].get("detail", "").startswith("1000"), "with code 1000 (%s)" % closed)
    adapter.end("refresh of one")

    adapter = started(slack)
    begin = now_ms()
    slack.disconnect("refresh_requested")
    check(slack.wait(lambda: slack.wait_connections(2, 0.1) and len(history(slack, begin)) >= 8, 10) is not None,
          "both are refreshed at once")
    check(fewest(slack, begin) >= 1, "a refresh of both: never without a connection (%s)" % fewest(slack, begin))
    adapter.end("refresh of both")

    slack.set(connection_seconds=4)
    adapter = started(slack)
    begin = now_ms()
    time.sleep(5)
    slack.set(connection_seconds=18060)
    check(fewest(slack, begin) >= 2 and not [e for e in history(slack, begin) if e["event"] == "disconnect"],
          "connections are replaced before their time is over (%s)" % fewest(slack, begin))
    check(len([e for e in history(slack, begin) if e["event"] == "hello"]) >= 2, "both of them")
    adapter.end("planned refresh")


def what_waits_at_a_refresh(slack):
    adapter = started(slack)
    said = slack.dm("U0ANN", "in hand while the connection goes")
    frame = adapter.envelope(said["envelope"])
    where = slack.delivery(said["envelope"])["connection"]
    slack.disconnect("refresh_requested", where, close_ms=-1)
    time.sleep(1.5)
    adapter.done(frame["id"])
    ack = slack.wait_ack(said["envelope"]) or {}
    check(ack.get("connection") == where and not ack.get("again"), "acknowledged where it came by, late as it is (%s)" % ack)
    check(slack.wait(lambda: where not in [c["connection"] for c in slack.connections()], 3) is not None, "then it is closed")
    adapter.end("what waits at a refresh")


def losses(slack):
    adapter = started(slack)
    for how, code in (("reset", None), ("end", None), ("close", 1001), ("close", 1011)):
        begin = now_ms()
        slack.drop(how, slack.connections()[0]["connection"], code)
        time.sleep(0.1)
        check(slack.wait_connections(2, 12) and fewest(slack, begin) >= 1, "%s %s: replaced" % (how, code or ""))
    said = slack.dm("U0ANN", "in hand while the connection breaks")
    frame = adapter.envelope(said["envelope"])
    slack.drop("reset", slack.delivery(said["envelope"])["connection"])
    again = adapter.envelope(timeout=10) or {}
    check(json.loads(again.get("content", b"{}")).get("payload") == json.loads(frame["content"])["payload"],
          "what was in hand comes again")
    adapter.done(frame["id"])
    adapter.done(again.get("id", "?"))
    check(slack.wait_ack(said["envelope"]) is not None, "and is acknowledged on another")
    adapter.end("losses")

    adapter = started(slack)
    silent = slack.connections()[0]["connection"]
    begin = time.monotonic()
    slack.silence(silent)
    gone = slack.wait(lambda: len([e for e in slack.history() if e["event"] == "hello" and e["connection"] > silent + 1]) or None, 10)
    check(gone is not None and time.monotonic() - begin < 3 + 2 + 1, "a half-open connection is noticed and replaced (%.1f s)" % (time.monotonic() - begin))
    adapter.end("half open")


def chaos(slack):
    slack.set(ack_ms=400, fragment=100, ping_ms=50)
    adapter = started(slack, listed=["U0ANN"])
    ids, seen, end = [], set(), time.monotonic() + 6
    breaks = [lambda n: slack.drop("reset", n), lambda n: slack.drop("end", n), lambda n: slack.drop("close", n, 1012),
              lambda n: slack.disconnect("refresh_requested", n, close_ms=20), lambda n: slack.silence(n),
              lambda n: slack.set(duplicate=20), lambda n: slack.frame("{", connection=n)]
    chance = random.Random(4)

    def serve(seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            frame = adapter.envelope(timeout=left)
            if frame:
                seen.add(frame["id"])
                adapter.done(frame["id"])

    while time.monotonic() < end:
        ids += slack.flood({"verb": "command", "user": "U0ANN", "text": "x"}, 40)
        serve(0.1)
        open_now = [c["connection"] for c in slack.connections()]
        if open_now:
            chance.choice(breaks)(chance.choice(open_now))
        serve(0.15)
    serve(3)
    for connection in slack.connections():  # we are long gone from there, which a silent one never notices
        if connection["silent"]:
            slack.drop("reset", connection["connection"])
    end = time.monotonic() + 90
    while time.monotonic() < end and not all(slack.delivery(one)["state"] in ("acked", "lost") for one in ids):
        serve(1)
    states = [slack.delivery(one)["state"] for one in ids]
    check(len(ids) > 200 and states.count("acked") == len(ids),
          "through all of it %d of %d are acknowledged" % (states.count("acked"), len(ids)))
    check(all(one in seen for one in ids), "and were handed over before")
    check(slack.wait_connections(2, 60), "two connections stand in the end")
    adapter.end("chaos")


def refusals(slack):
    slack.set(refuse=2)
    adapter = started(slack)
    check(len(slack.calls("apps.connections.open")) >= 4, "each attempt has a new ticket")
    adapter.end("refused handshakes")
    slack.set(used_tickets=1)
    started(slack).end("a used ticket")

    slack.set(connection_limit=1)
    adapter = Adapter(slack).ready()
    check(adapter.notice("too_many_websockets") is not None, "too_many_websockets is a notice")
    before = len(slack.calls("apps.connections.open"))
    time.sleep(2)
    check(len(slack.calls("apps.connections.open")) == before and slack.wait_connections(1, 1), "and no reason to storm")
    slack.set(connection_limit=10)
    adapter.end("crowd")

    adapter = started(slack)
    slack.set(more_connections=8)
    begin = now_ms()
    slack.disconnect("refresh_requested", slack.connections()[0]["connection"], close_ms=-1)
    check(slack.wait(lambda: any(e["event"] == "hello" for e in history(slack, begin)), 5) is not None, "the app has ten")
    begin = now_ms()
    slack.wait_connections(2, 5)
    slack.disconnect("refresh_requested", slack.connections()[0]["connection"], close_ms=-1)
    slack.wait(lambda: any(e["event"] == "hello" for e in history(slack, begin)), 5)
    order = [e["event"] for e in history(slack, begin) if e["event"] in ("closed", "hello")]
    check(order[:2] == ["closed", "hello"] and fewest(slack, begin) == 1, "with ten the old one is closed first (%s)" % order)
    slack.set(more_connections=0)
    slack.disconnect("link_disabled")
    check(adapter.notice("link_disabled") is not None, "link_disabled is a notice")
    adapter.end("ten connections")

    slack.fault("apps.connections.open", times=0, error="invalid_auth")
    before = len(slack.calls("apps.connections.open"))
    adapter = Adapter(slack).ready()
    notice = adapter.notice("token") or {}
    check("app token" in notice.get("text", ""), "a dead app token is a notice (%s)" % notice.get("text"))
    time.sleep(2)
    check(len(slack.calls("apps.connections.open")) == before + 1, "and is not tried again")
    slack.clear()
    adapter.end("dead app token")

    slack.fault("apps.connections.open", times=2, status=429, retry_after=1)
    begin = time.monotonic()
    adapter = started(slack)
    check(time.monotonic() - begin > 2, "429 for a ticket is obeyed")
    adapter.end("429 for a ticket")


def no_greeting(slack):
    slack.set(hello=0)
    adapter = Adapter(slack).ready()
    begin = time.monotonic()
    slack.wait(lambda: any(e["event"] == "closed" for e in slack.history()), 15)
    check(9 < time.monotonic() - begin < 12.5, "without `hello` a connection is given up after 10 s (%.1f s)" % (time.monotonic() - begin))
    slack.set(hello=1)
    check(slack.wait_connections(2, 15), "and tried again")
    adapter.end("no greeting")


class Door(http.server.BaseHTTPRequestHandler):
    """An API whose own certificate is good, and whose sockets stand elsewhere."""
    url = ""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        opened = self.path.endswith("/apps.connections.open")
        text = json.dumps({"ok": True} | ({"url": Door.url} if opened else {"user_id": "U0BOT"})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def socket_certificates(slack):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(slack.cert, slack.key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    strange = certificate(temporary())
    named = sign(slack.folder, "slack.example")
    for what, cert, key, scheme, why in (
            ("an unknown authority", strange[1], strange[2], "wss", "certificate was refused: "),
            ("another host's certificate", *named, "wss", "certificate was refused: "),
            ("no TLS", slack.cert, slack.key, "ws", "not the address of a socket")):
        other = Slack(temporary(), BUILD)
        other.cert, other.key = cert, key
        with other:
            Door.url = "%s://127.0.0.1:%d/link/?ticket=1" % (scheme, other.port)
            adapter = Adapter(slack, api="https://127.0.0.1:%d/api/" % server.server_port).ready()
            check(adapter.find(lambda f: f.get("kind") == "self") is not None, "a socket of %s: the API is good" % what)
            time.sleep(1)
            check(not other.history(), "a socket of %s: not spoken to" % what)
            check(why in adapter.end(what), "a socket of %s: the log says why" % what)
    server.shutdown()


def certificates(_):
    for what in ("an unknown authority", "another host's certificate"):
        slack = Slack(temporary(), BUILD)
        if what == "an unknown authority":
            slack.ca = certificate(temporary())[0]
        else:
            slack.cert, slack.key = sign(slack.folder, "slack.example")
        with slack:
            adapter = Adapter(slack).ready()
            time.sleep(2)
            check(not slack.calls() and not slack.history(), what + ": nothing is sent")
            check("certificate was refused" in adapter.end(what), what + ": the log says so")
    with Slack(temporary(), BUILD, tls=False) as plain:
        adapter = Adapter(plain, ca="").ready()
        check(plain.wait_connections(2, 10), "without TLS: taken on this machine")
        adapter.end("without TLS")
    for config in ({"api": "http://slack.example/api/"}, {"api": "https://slack.com/api"}, {"app_token": "xoxb-1"}, {"dead": 1}):
        adapter = Adapter(**({"api": "https://localhost/api/", "ca": ""} | config))
        check(adapter.program.wait(5) == os.EX_CONFIG, "%s is refused" % config)


# --- calls -----------------------------------------------------------------------------------------------------------

def calls(slack):
    adapter = started(slack)
    slack.fault("chat.postMessage", times=2, status=429, retry_after=1)
    begin = time.monotonic()
    waiting = adapter.send("chat.postMessage", channel="U0ANN", text="a")
    check(adapter.call("users.info", user="U0ANN").get("user", {}).get("name") == "Ann Okafor" and time.monotonic() - begin < 1,
          "429 for one method does not hold up another")
    check(adapter.answer(waiting).get("type") == "sent" and time.monotonic() - begin > 2, "429: obeyed and tried again")
    slack.fault("chat.update", times=1, status=429, retry_after=3600)
    frames = [adapter.call("chat.update", channel="D1", ts="1", text="x") for _ in range(2)]
    check(all(f.get("error") == "ratelimited" and 3590 < f["retry_after"] <= 3600 and not f["permanent"] and not f["unknown"]
              for f in frames), "a long patience is the core's (%s)" % frames[0])
    check(len(slack.calls("chat.update")) == 1, "and Slack is not asked meanwhile")

    slack.fault("views.publish", times=2, status=500)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    frame = adapter.call("views.publish", user_id="U0ANN", view=home)
    check(frame.get("type") == "sent" and frame.get("view", {}).get("id", "").startswith("V"), "500: what can be repeated is (%s)" % frame)
    slack.fault("chat.postMessage", times=1, status=500)
    frame = adapter.call("chat.postMessage", channel="U0ANN", text="b")
    check(frame.get("error") == "http-500" and frame["unknown"] and not frame["permanent"], "500: what cannot is open (%s)" % frame)
    slack.fault("chat.postMessage", times=0, hangup=True)  # libcurl tries once more when a kept connection is closed
    frame = adapter.call("chat.postMessage", channel="U0ANN", text="c")
    check(frame.get("error") == "unreachable" and frame["unknown"], "a broken connection leaves it open (%s)" % frame)
    slack.clear()

    for error, part in (("not_in_channel", "was not invited"), ("user_disabled", "deactivated"), ("channel_not_found", "channel")):
        slack.fault("chat.postMessage", times=1, error=error)
        frame = adapter.call("chat.postMessage", channel="U0ANN", text="d")
        check(frame.get("error") == error and frame["permanent"] and part in frame["why"], "%s (%s)" % (error, frame.get("why")))
    frame = adapter.call("chat.postMessage", channel="U0ANN", text="e", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}])
    notice = adapter.notice("request") or {}
    check(frame.get("error") == "invalid_blocks" and "/blocks/0" in frame["why"] and "/blocks/0" in notice.get("text", ""),
          "a wrong message says where, and is a notice (%s)" % frame.get("why"))
    slack.scopes(slack.scopes().replace("im:write,", ""))
    frame = adapter.call("conversations.open", users="U0ANN")
    notice = adapter.notice("scope") or {}
    check(frame.get("error") == "missing_scope" and "im:write" in notice.get("text", ""), "a missing scope is named (%s)" % notice.get("text"))

    frame = adapter.answer(adapter.send("views.open", {"trigger_id": "1", "view": {}}, deadline=now_ms() - 1))
    check(frame.get("error") == "late" and not slack.calls("views.open"), "what is late is not asked (%s)" % frame)
    slack.fault("chat.delete", times=1, status=429, retry_after=3)
    first = adapter.send("chat.delete", {"channel": "D1", "ts": "1"})
    time.sleep(0.3)
    begin = time.monotonic()
    frame = adapter.answer(adapter.send("chat.delete", {"channel": "D1", "ts": "2"}, deadline=now_ms() + 500))
    check(frame.get("error") == "late" and time.monotonic() - begin < 1.5, "nor what became late in the queue")
    adapter.answer(first)
    for document in ({"method": "nonsense", "args": {}}, {"method": "apps.connections.open", "args": {}}, {"method": "chat.update"}, [], {"method": "chat.update", "args": {}, "more": 1}):
        adapter.put({"type": "send", "id": "bad"}, document)
        frame = adapter.answer("bad")
        check(frame.get("type") == "failed" and frame["permanent"], "%s: refused (%s)" % (json.dumps(document), frame.get("why")))
    slack.fault("chat.postMessage", times=1, delay_ms=15000)
    begin = time.monotonic()
    frame = adapter.call("chat.postMessage", channel="U0ANN", text="slow")
    check(frame.get("error") == "timeout" and frame["unknown"] and 9 < time.monotonic() - begin < 12, "no answer within 10 s (%s)" % frame)
    slack.fault("chat.postMessage", times=1, error="token_revoked")
    adapter.call("chat.postMessage", channel="U0ANN", text="f")
    check("bot token" in (adapter.notice("token") or {}).get("text", ""), "a dead bot token is a notice")
    before = len(slack.calls())
    check(adapter.call("auth.test").get("error") == "token_revoked" and len(slack.calls()) == before, "and nothing more is asked with it")
    adapter.end("calls")


def rates(slack):
    adapter = started(slack)
    slack.set(tiers=1)
    begin = time.monotonic()
    posts = [adapter.send("chat.postMessage", channel="U0ANN", text="one after the other") for _ in range(5)]
    other = adapter.send("chat.postMessage", channel="U0BO", text="passes")
    check(adapter.answer(other).get("type") == "sent" and time.monotonic() - begin < 1.4, "a busy conversation lets others pass")
    check(all(adapter.answer(p).get("type") == "sent" for p in posts) and 4 < time.monotonic() - begin < 7,
          "and is posted to slowly (%.1f s)" % (time.monotonic() - begin))
    updates = [adapter.send("views.publish", user_id="U0ANN", view={"type": "home", "blocks": [{"type": "divider"}]}) for _ in range(25)]
    check(all(adapter.answer(p).get("type") == "sent" for p in updates), "so are views, in a burst first")
    check(not [call for call in slack.calls() if call.get("status") == 429], "Slack need not ask for patience")
    adapter.end("rates")


def files(slack):
    adapter = started(slack)
    said = slack.dm("U0ANN", "see this", files=[{"name": "a.txt", "text": "Grüße\n"}])
    event = json.loads(taken(adapter, said)["content"])["payload"]["event"]
    url = event["files"][0]["url_private"]
    frame = adapter.call("download", url=url, size_max=1000)
    check(frame.get("type") == "sent" and frame.get("content", b"").decode() == "Grüße\n" and frame["bytes"] == 8, "a file is fetched (%s)" % frame)
    frame = adapter.call("download", url=url, size_max=7)
    check(frame.get("error") == "too-large" and frame["permanent"], "but not when it is too large (%s)" % frame.get("why"))
    for strange in ("https://files.example/a", url.replace("https", "http"), url.replace("127.0.0.1", "localhost"), "file:///etc/passwd",
                    "http://169.254.169.254/", "https://u:p@" + url[8:]):
        frame = adapter.call("download", url=strange, size_max=1000)
        check(frame.get("error") == "not-slack" and frame["permanent"], "%s: no token goes there" % strange.split("?")[0])
    check(adapter.call("download", url=slack.url + "/files/none", size_max=10).get("permanent") is True, "a file that is not there")

    channel = adapter.call("conversations.open", users="U0ANN").get("channel")
    frame = adapter.call("upload", channel=channel, filename="grüße.txt", title="Grüße", text="ä" * 1000, comment="as asked")
    check(frame.get("type") == "sent" and frame.get("file", "").startswith("F"), "a text becomes a file (%s)" % frame)
    found = [f for f in slack.files() if f["id"] == frame.get("file")]
    check(bool(found) and found[0].get("size") == 2000, "whole (%s)" % found)
    frame = adapter.call("upload", channel="U0BO", filename="b.txt", title="B", text="for Bo")
    check(frame.get("type") == "sent" and frame.get("channel", "").startswith("D"), "and for a person as well (%s)" % frame)
    check(adapter.call("upload", channel=channel, filename="a", title="", text="").get("error") == "invalid_arguments", "an empty file is none")
    slack.fault("files.completeUploadExternal", times=1, error="not_in_channel")
    check(adapter.call("upload", channel=channel, filename="a", title="t", text="x").get("error") == "not_in_channel", "a refused one is reported")

    command = slack.command("U0ANN", "x")
    hook = json.loads(taken(adapter, command)["content"])["payload"]["response_url"]
    check(adapter.call("respond", url=hook, body={"text": "here"}).get("type") == "sent" and bool(slack.hooks()), "an answer where it is wanted")
    for strange in ("http://169.254.169.254/latest", "https://hooks.example/", "http://127.0.0.1:1/"):
        check(adapter.call("respond", url=strange, body={"text": "x"}).get("error") == "not-slack", strange + ": not answered")
    adapter.end("files")


# --- the end ---------------------------------------------------------------------------------------------------------

def stopping(slack):
    adapter = started(slack)
    slack.fault("chat.postMessage", times=0, delay_ms=9000)
    slow = adapter.send("chat.postMessage", channel="U0ANN", text="slow")
    behind = adapter.send("chat.postMessage", channel="U0ANN", text="behind it")
    time.sleep(0.5)
    code, took = adapter.stop()
    frames = {f["id"]: f for f in adapter.frames if f["type"] == "failed"}
    check(code == 0 and took < STOP_TIME, "it stops within %d s while a call hangs (%.1f s)" % (STOP_TIME, took))
    check(frames.get(slow, {}).get("unknown") is True and frames.get(behind, {}).get("error") == "stopping",
          "what hung is open, what waited was not asked (%s)" % frames)
    slack.clear()
    adapter = started(slack)
    adapter.core.close()
    check(adapter.program.wait(STOP_TIME) == 0, "it ends when the core is gone")
    adapter = started(slack)
    adapter.put({"type": "answer", "id": "x"})
    check(adapter.program.wait(STOP_TIME) == os.EX_PROTOCOL, "it ends when the core breaks the rules")


def measure():
    with Slack(temporary(), BUILD) as slack:
        slack.users(ANN, BO)
        adapter = started(slack, listed=["U0ANN"], ping=10, dead=30)
        time.sleep(6)
        print("PSS idle with two connections: %d KiB" % pss(adapter.program.pid))
        count = 10000
        begin = time.monotonic()
        flood = threading.Thread(target=lambda: [slack.flood({"verb": "command", "user": "U0ANN", "text": "x"}, 500) for _ in range(count // 500)])
        flood.start()
        for _ in range(count):
            adapter.done((adapter.envelope(timeout=20) or {}).get("id", "?"))
        took = time.monotonic() - begin
        flood.join()
        time.sleep(7)
        print("%d envelopes in %.2f s: %.0f/s; PSS afterwards: %d KiB" % (count, took, count / took, pss(adapter.program.pid)))
        adapter.end("measured")


TESTS = (calls, chaos, no_greeting, refusals, losses, rates, refreshes, envelopes, odd_frames, users, backpressure,
         what_waits_at_a_refresh, certificates, socket_certificates, files, stopping)


def run(test):
    print("--", test.__name__, flush=True)
    with Slack(temporary(), BUILD) as slack:
        slack.users(ANN, BO)
        test(slack)
        code = slack.stop()
    check(code == 0, "the emulator ends well (%s)" % code)


def run_apart(test):
    """Most of a test is waiting: two at a time, each in a process and an emulator of its own."""
    done = subprocess.run([sys.executable, __file__, test.__name__], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stdout.buffer.write(done.stdout)
    sys.stdout.flush()
    return done.returncode


def main():
    if sys.argv[1:] == ["--measure"]:
        measure()
        return 0
    if not sys.argv[1:]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return max(pool.map(run_apart, TESTS))
    for test in TESTS:
        if test.__name__ in sys.argv[1:]:
            run(test)
    print("%d failed" % len(failures))
    return 1 if failures else 0


sys.exit(main())
