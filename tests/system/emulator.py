#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""emulator.py - the emulator of Slack keeps the rules that the tests of the adapter lean on.

Its client is a few lines of our own, so that bad requests and half a conversation can be had; that a good conversation
is as Slack's own client wants it shows bolt.py.
"""
import base64
import json
import os
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from slack import Slack, SlackError  # noqa: E402

SOURCE = os.environ.get("SOURCE") or os.path.abspath(os.path.join(HERE, "../.."))
BUILD = os.environ.get("BUILD") or os.path.join(SOURCE, "build")
ANN, BO = "U0ANN", "U0BO"

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
    print("%s  %s" % ("ok    " if condition else "FAILED", what), flush=True)
    return condition


class Caller:
    """The Web API, called by hand."""

    def __init__(self, slack):
        self.slack = slack
        self.context = ssl.create_default_context(cafile=slack.ca)

    def fetch(self, url, data=None, **headers):
        request = urllib.request.Request(url, data=data, headers={k.replace("_", "-"): v for k, v in headers.items()})
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def __call__(self, method, token=None, **args):
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in args.items()}
        return json.loads(self.fetch(self.slack.api + method, urllib.parse.urlencode(form).encode(),
                                     Authorization="Bearer " + (token or self.slack.bot_token))[2])

    def url(self):
        return self("apps.connections.open", self.slack.app_token)["url"]


class Link:
    """A connection of Socket Mode; it acknowledges nothing by itself."""

    def __init__(self, caller, url=None):
        at = urllib.parse.urlparse(url or caller.url())
        self.socket = caller.context.wrap_socket(socket.create_connection((at.hostname, at.port)),
                                                 server_hostname=at.hostname)
        self.socket.settimeout(10)
        self.socket.sendall(("GET %s?%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" %
                             (at.path, at.query, at.netloc, base64.b64encode(bytes(16)).decode())).encode())
        self.data, self.frames = b"", 0
        while b"\r\n\r\n" not in self.data and self.more():
            pass
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def more(self):
        got = self.socket.recv(1 << 16)
        self.data += got
        return got

    def take(self, count):
        while len(self.data) < count:
            if not self.more():
                raise EOFError
        out, self.data = self.data[:count], self.data[count:]
        return out

    def get(self, timeout=10):
        """The next message; {"closed": code} when it is closed, None when nothing comes."""
        self.socket.settimeout(timeout)
        message = b""
        try:
            while True:
                first, length = self.take(2)
                if length == 126:
                    length, = struct.unpack(">H", self.take(2))
                elif length == 127:
                    length, = struct.unpack(">Q", self.take(8))
                body = self.take(length)
                if first & 15 == 8:
                    return {"closed": int.from_bytes(body[:2], "big")}
                if first & 15 > 8:
                    continue
                self.frames += 1
                message += body
                if first & 128:
                    return json.loads(message) if message.strip() else {"blank": len(message)}
        except TimeoutError:
            return None
        except (EOFError, OSError):
            return {"closed": 0}

    def put(self, message):
        body = json.dumps(message).encode()
        head = bytes([0x81, 0x80 | min(len(body), 126)]) + (struct.pack(">H", len(body)) if len(body) > 125 else b"")
        self.socket.sendall(head + bytes(4) + body)

    def ack(self, envelope, **payload):
        self.put({"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {}))

    def close(self):
        self.socket.close()


def text(words, kind="plain_text"):
    return {"type": kind, "text": words}


def button(**more):
    return {"type": "button", "action_id": "approve", "text": text("Approve"), "value": "R-17"} | more


def actions(*buttons):
    return {"type": "actions", "block_id": "decision", "elements": list(buttons)}


def section(words):
    return {"type": "section", "text": text(words, "mrkdwn")}


def field(**more):
    return {"type": "input", "block_id": "why", "label": text("Why"),
            "element": {"type": "plain_text_input", "action_id": "text"}} | more


def modal(*blocks, **more):
    return {"type": "modal", "callback_id": "reason", "title": text("Why"), "submit": text("Send"),
            "blocks": list(blocks) or [field()]} | more


BLOCKS = (  # and what must be wrong with them: the end of the message, or None
    ([section("x" * 3000), actions(button(style="primary"))], None),
    ([section("\U0001F600" * 1500)], None),
    ([section("\U0001F600" * 1501)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "[json-pointer:/blocks/0/text/text]"),
    ([section("x")] * 50, None),
    ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([actions(*[button(action_id="a%d" % i) for i in range(25)])], None),
    ([actions(*[button(action_id="a%d" % i) for i in range(26)])], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(button(), button())], '`action_id` must be unique: "approve" [json-pointer:/blocks/0]'),
    ([actions(button()), actions(button())], '`block_id` must be unique: "decision" [json-pointer:/blocks]'),
    ([actions(button(style="default"))], "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
    ([actions(button(text=text("Yes", "mrkdwn")))], "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text]"),
    ([actions(button(value="x" * 2001))], "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    ([actions(button(colour="red"))], "invalid additional property: colour [json-pointer:/blocks/0/elements/0]"),
    ([{"type": "section", "text": text("x") | {"verbatim": True}}], "invalid additional property: verbatim [json-pointer:/blocks/0/text]"),
    ([{"type": "header", "text": text("x" * 151)}], "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "context", "elements": [text("x")] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    ([{"type": "nothing"}], "unsupported type: nothing [json-pointer:/blocks/0]"),
    ([section("x" * 2900)] * 4, None),
)

CALLS = (  # method, arguments, and the error
    ("chat.postMessage", {"channel": ANN}, "no_text"),
    ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0OTHER", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "G0SECRET", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"channel": ANN, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": ANN, "text": "x", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
    ("chat.update", {"channel": "D0ANN", "ts": "1.0", "text": "x"}, "message_not_found"),
    ("chat.update", {"channel": ANN, "ts": "1.0", "text": "x"}, "channel_not_found"),
    ("users.info", {"user": "U0NONE"}, "user_not_found"),
    ("users.info", {}, "invalid_arguments"),
    ("users.lookupByEmail", {"email": "gone@example.org"}, "users_not_found"),
    ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
    ("views.open", {"trigger_id": "1.2.3", "view": modal()}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "1.2.3", "view": modal(title=text("x" * 25))}, "invalid_arguments"),
    ("views.open", {"trigger_id": "1.2.3", "view": modal(private_metadata="x" * 260000)}, "view_too_large"),
    ("views.publish", {"user_id": ANN, "view": modal()}, "invalid_arguments"),
    ("files.getUploadURLExternal", {"filename": "x", "length": "0"}, "invalid_arguments"),
    ("no.such.method", {}, "unknown_method"),
)


def test_calls(slack, call):
    for method, args, error in CALLS:
        answer = call(method, **args)
        check(not answer["ok"] and answer["error"] == error, "%s %.60s: %s (%s)" % (method, args, error, answer.get("error")))
    for blocks, wrong in BLOCKS:
        answer = call("chat.postMessage", channel=ANN, text="x", blocks=blocks)
        said = answer.get("response_metadata", {}).get("messages", [])
        check(answer["ok"] if wrong is None else any(m.endswith(wrong) for m in said), "%.60s: %s" % (blocks, wrong or "taken"))
    check(call("auth.test", slack.app_token)["error"] == "not_allowed_token_type", "the app's token is for connections only")
    check(call("apps.connections.open")["error"] == "not_allowed_token_type", "the bot's token opens none")
    check(call("auth.test", "xoxb-2")["error"] == "invalid_auth", "another token")
    slack.scopes("chat:write")
    answer = call("users.info", user=ANN)
    check((answer["error"], answer.get("needed")) == ("missing_scope", "users:read"), "a scope is missing")


def test_faults(slack, call):
    slack.fault("auth.test", status=429, retry_after=7)
    slack.fault("auth.test", status=500)
    slack.fault("auth.test", error="fatal_error")
    status, headers, body = call.fetch(slack.api + "auth.test", b"", Authorization="Bearer " + slack.bot_token)
    check((status, headers["Retry-After"], json.loads(body)["error"]) == (429, "7", "ratelimited"), "429 comes first")
    status, headers, body = call.fetch(slack.api + "auth.test", b"", Authorization="Bearer " + slack.bot_token)
    check(status == 500 and headers["Retry-After"] is None, "then 500")
    check(call("auth.test")["error"] == "fatal_error" and call("auth.test")["ok"], "then ok:false, then none")
    slack.fault("chat.postMessage", hangup=True, after=True)
    try:
        call("chat.postMessage", channel=ANN, text="done all the same")
        check(False, "the connection is closed")
    except OSError:
        check(slack.wait_message(ANN, text="done all the same", timeout=1), "the connection is closed, the message is there")
    slack.fault("auth.test", delay_ms=400)
    begin = time.monotonic()
    check(call("auth.test")["ok"] and time.monotonic() - begin > 0.39, "slow")
    slack.set(tiers=1)
    verdicts = [call("chat.postMessage", channel=ANN, text="x").get("error") for _ in range(6)]
    check(verdicts == [None] * 5 + ["ratelimited"], "a burst of posts into one conversation")


def test_connections(slack, call):
    url = call.url()
    link = Link(call, url)
    hello = link.get()
    check(hello["type"] == "hello" and hello["num_connections"] == 1, "hello")
    check(Link(call, url).status == 403, "a ticket opens one connection")
    slack.set(refuse=1)
    check(Link(call).status == 503, "a handshake is refused")
    slack.set(used_tickets=1)
    check(Link(call).status == 403, "a ticket is given out that is used")
    slack.set(connection_limit=1)
    over = Link(call)
    check([over.get(), over.get()][0].get("reason") == "too_many_websockets", "one connection too many")
    slack.disconnect("refresh_requested", close_ms=50)
    check([link.get(), link.get()][0]["reason"] == "refresh_requested" and slack.wait(lambda: not slack.connections()), "a refresh")
    slack.away()
    try:
        call.url()
        check(False, "while Slack is away nothing is answered")
    except OSError:
        check(not slack.connections(), "while Slack is away nothing is answered")
    slack.back()
    slack.set(hello=0)
    link = Link(call)
    check(link.get(0.3) is None, "no hello")
    slack.hello()
    check(link.get()["type"] == "hello", "a late hello")
    slack.set(fragment=20)
    before = link.frames
    said = slack.dm(ANN, "in pieces & more")
    event = link.get()
    check(event["payload"]["event"]["text"] == "in pieces &amp; more" and link.frames > before + 10, "a message in fragments")
    slack.set(fragment=0, duplicate=1)
    slack.dm(ANN, "twice")
    check(link.get()["envelope_id"] == link.get()["envelope_id"], "a message twice")
    slack.frame(size=3000000)
    check(link.get() == {"blank": 3000000}, "a message of three megabytes")
    slack.silence()
    slack.dm(ANN, "into the void")
    check(link.get(0.5) is None and slack.delivery(said["envelope"])["state"] == "sent", "silence")
    slack.drop("end")
    check(link.get() == {"closed": 0}, "the end of the stream")


def test_delivery(slack, call):
    slack.set(ack_ms=150, retry_permille=2)
    first, link = Link(call), None
    first.get()
    said = slack.dm(ANN, "thrice more")
    events = [first.get() for _ in range(4)]
    check([e["retry_attempt"] for e in events] == [0, 1, 2, 3], "an event comes four times")
    check(len({e["envelope_id"] for e in events}) == 4 and len({e["payload"]["event_id"] for e in events}) == 1,
          "each has an envelope_id of its own, and the same event_id")
    check(slack.wait(lambda: slack.delivery(said["envelope"])["state"] == "lost"), "then it is given up")
    call("chat.postMessage", channel=ANN, text="x", blocks=[actions(button())])
    slack.set(ack_ms=3000)
    press = slack.press(ANN, "approve")
    got = first.get()
    while got["type"] != "interactive":
        got = first.get()
    slack.drop()
    check(slack.wait(lambda: slack.delivery(press["envelope"])["state"] == "held"), "a click waits for a connection")
    link = Link(call)
    again = [link.get() for _ in range(3)]
    check(got["envelope_id"] in [e.get("envelope_id") for e in again], "it comes again under its id")
    link.ack(got)
    link.ack(got)
    check(slack.wait_ack(press["envelope"])["again"] is False and slack.wait(lambda: len(slack.acks()) == 2) and
          slack.acks()[1]["again"], "two acks")
    link.put({"envelope_id": "never"})
    check(slack.wait(lambda: len(slack.acks()) == 3) and not slack.acks()[2]["known"], "an ack of nothing")


def opened(slack, call, link):
    """A modal, by way of a click."""
    press = slack.press(ANN, "approve")
    link.ack(next(e for e in iter(link.get, None) if e["type"] == "interactive"))
    return press, call("views.open", trigger_id=press["trigger_id"], view=modal())


def submitted(slack, link, **payload):
    done = slack.submit(ANN, {"why": "because"})
    envelope = next(e for e in iter(link.get, None) if e["type"] == "interactive")
    link.ack(envelope, **payload)
    return slack.wait_ack(done["envelope"]), envelope["payload"]["view"]


def test_views(slack, call):
    call("chat.postMessage", channel=ANN, text="x", blocks=[actions(button())])
    link = Link(call)
    press, answer = opened(slack, call, link)
    check(answer["ok"] and call("views.open", trigger_id=press["trigger_id"], view=modal())["error"] == "exchanged_trigger_id",
          "a trigger works once")
    check(call("views.update", view_id=answer["view"]["id"], hash="old", view=modal())["error"] == "hash_conflict", "a hash")
    try:
        slack.submit(ANN, {})
        check(False, "a person cannot leave a field empty")
    except SlackError as error:
        check("why" in str(error), "a person cannot leave a field empty")
    try:
        slack.submit(ANN, {"why": "x" * 3001})
        check(False, "nor write too much")
    except SlackError as error:
        check("too long" in str(error), "nor write too much")
    ack, view = submitted(slack, link, response_action="errors", errors={"nowhere": "x"})
    check(view["state"]["values"]["why"]["text"]["value"] == "because" and "names a block" in ack["trouble"], "wrong errors")
    submitted(slack, link, response_action="errors", errors={"why": "Too short."})
    check(slack.modal_errors(ANN) == {"why": "Too short."}, "errors")
    submitted(slack, link, response_action="push", view=modal(callback_id="second"))
    check(slack.modal(ANN)["callback_id"] == "second", "push")
    submitted(slack, link)
    check(slack.modal(ANN)["callback_id"] == "reason", "the lower one appears")
    submitted(slack, link, response_action="clear")
    check(slack.modal(ANN) is None, "clear")
    slack.set(trigger_ms=50)
    press = slack.press(ANN, "approve")
    time.sleep(0.1)
    check(call("views.open", trigger_id=press["trigger_id"], view=modal())["error"] == "expired_trigger_id", "a trigger expires")
    slack.set(trigger_ms=3000, hook_uses=1)
    hook = next(e for e in iter(link.get, None) if e["type"] == "interactive")["payload"]["response_url"]
    verdicts = [call.fetch(hook, b'{"text":"by hook"}', Content_Type="application/json")[::2] for _ in range(2)]
    check(verdicts == [(200, b"ok"), (404, b"used_url")], "a response_url wears out")
    slack.dm(BO, "a file", files=[{"name": "a.txt", "text": "abc"}])
    event = next(e for e in iter(link.get, None) if e["payload"].get("event", {}).get("files"))["payload"]["event"]
    url = event["files"][0]["url_private_download"]
    check(call.fetch(url, Authorization="Bearer " + slack.bot_token)[2] == b"abc", "a person's file")


def test_load(slack, call):
    """Ten thousand clicks, with connections breaking all the time: each is acknowledged."""
    slack.set(echo=0)
    posted = call("chat.postMessage", channel=ANN, text="x", blocks=[section("x" * 500), actions(button())])
    seen, stop = set(), threading.Event()

    def serve():
        while not stop.is_set():
            link = Link(call)
            envelope = link.get()
            while envelope and "closed" not in envelope and not stop.is_set():
                if "envelope_id" in envelope:
                    seen.add(envelope["envelope_id"])
                    try:
                        link.ack(envelope)
                    except OSError:
                        break
                envelope = link.get()
            link.close()
    client = threading.Thread(target=serve, daemon=True)
    client.start()
    begin = time.monotonic()
    ids = slack.flood({"verb": "press", "user": ANN, "action": "approve", "channel": "D0ANN", "ts": posted["ts"]}, 10000)
    while slack.stats()["acked"] < 10000 and time.monotonic() - begin < 60:
        time.sleep(0.2)
        slack.drop()
    took = time.monotonic() - begin
    slack.drop("close")
    stop.set()
    slack.drop("close")
    client.join(15)
    check(slack.stats()["acked"] == 10000 and set(ids) <= seen, "10000 clicks with drops are acknowledged (%.1f s)" % took)


def main():
    for test in (test_calls, test_faults, test_connections, test_delivery, test_views, test_load):
        with tempfile.TemporaryDirectory(prefix="emulator.", dir=os.environ.get("TMP")) as folder:
            slack = Slack(folder, BUILD).start()
            slack.users({"id": ANN, "name": "ann", "email": "Ann@Example.org"}, {"id": BO, "name": "bo"},
                        {"id": "U0GONE", "email": "gone@example.org", "deleted": True})
            slack.channels({"id": "C0GEN", "members": [ANN]}, {"id": "C0OTHER", "bot": False},
                           {"id": "G0SECRET", "private": True, "bot": False}, {"id": "C0OLD", "archived": True})
            try:
                test(slack, Caller(slack))
            finally:
                code = slack.stop()
                print(slack.log(), end="")
            check(code == 0, "%s: the emulator ends well (%s)" % (test.__name__, code))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
