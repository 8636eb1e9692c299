# SPDX-License-Identifier: Apache-2.0
"""The Slack of the tests: starts the emulator (tests/slack), does what people do in it, and breaks it on demand.

    with Slack(folder, build) as slack:
        slack.users({"id": "U0ANN", "name": "ann", "email": "ann@example.org"})
        ...                       # the program under test connects to slack.api with slack.app_token, slack.bot_token
        message = slack.wait_message("U0ANN", action="approve")
        press = slack.press("U0ANN", "approve", ts=message["ts"])
        ack = slack.wait_ack(press["envelope"])

Every verb of the control socket is a method; what it takes is written in tests/slack/README.md.  A refusal is SlackError.
"""
import json
import os
import socket
import subprocess
import time

APP_TOKEN = "xapp-1-A0DESK-1-emulated"
BOT_TOKEN = "xoxb-1-emulated"
BOT_USER, BOT_ID, TEAM, APP = "U0BOT", "B0BOT", "T0ACME", "A0DESK"


class SlackError(Exception):
    pass


def certificate(folder):
    """An authority, and a certificate of it for localhost and 127.0.0.1: paths of (authority, certificate, key)."""
    path = {name: os.path.join(folder, "slack-" + name) for name in ("ca.pem", "ca.key", "cert.pem", "key.pem", "csr", "ext")}

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=Slack of the tests", "-keyout", path["ca.key"], "-out", path["ca.pem"])
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
            "-keyout", path["key.pem"], "-out", path["csr"])
    with open(path["ext"], "w") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", path["csr"], "-CA", path["ca.pem"], "-CAkey", path["ca.key"], "-CAcreateserial",
            "-days", "30", "-extfile", path["ext"], "-out", path["cert.pem"])
    return path["ca.pem"], path["cert.pem"], path["key.pem"]


class Slack:
    app_token, bot_token = APP_TOKEN, BOT_TOKEN

    def __init__(self, folder, build, tls=True, port=0, retry_scale=1, verbose=False):
        """Not yet running: start() does that.  `folder` is for the certificate, the control socket and the log."""
        self.folder, self.tls, self.port, self.retry_scale, self.verbose = folder, tls, port, retry_scale, verbose
        self.path = os.path.join(build, "tests/slack/emulator")
        self.control = os.path.join(folder, "slack.control")
        self.process = self.stream = None
        os.makedirs(folder, exist_ok=True)
        self.ca, self.cert, self.key = certificate(folder) if tls else ("", None, None)

    # --- the process ---

    def start(self):
        words = [self.path, "--control", self.control, "--port", str(self.port), "--retry-scale", str(self.retry_scale)]
        words += ["--cert", self.cert, "--key", self.key] if self.tls else []
        words += ["--verbose"] if self.verbose else []
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode().split()
        if line[:1] != ["port"]:
            self.process.wait()
            raise SlackError("the emulator did not start: " + self.log())
        self.port = int(line[1])  # so that a second start is found where the first one was
        self.connect()
        return self

    def connect(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(self.control)
        self.stream = self.socket.makefile("rwb")

    def stop(self):
        """Ends it; its exit code (not 0 when a sanitizer found something).  All that it knew is gone."""
        if not self.process:
            return 0
        self.stream.close()
        self.socket.close()
        self.process.terminate()
        self.process.stdout.close()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def log_path(self):
        return os.path.join(self.folder, "slack.log")

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % ("https" if self.tls else "http", self.port)

    @property
    def api(self):
        return self.url + "/api/"

    # --- asking ---

    def ask_many(self, asks):
        """Sends all asks before it reads an answer; the answers, refusals included."""
        for ask in asks:
            self.stream.write(json.dumps(ask).encode() + b"\n")
        self.stream.flush()
        return [json.loads(self.stream.readline()) for _ in asks]

    def ask(self, verb, **more):
        answer = self.ask_many([{"verb": verb} | {key: value for key, value in more.items() if value is not None}])[0]
        if not answer["ok"]:
            raise SlackError("%s: %s" % (verb, answer["error"]))
        return answer

    @staticmethod
    def wait(find, timeout=20, every=0.02):
        """What find() returns once that is true; None when it is not within the time."""
        end = time.monotonic() + timeout
        while True:
            found = find()
            if found or time.monotonic() > end:
                return found or None
            time.sleep(every)

    # --- what is set up ---

    def users(self, *users):
        """Adds people: {"id", "name", "email", "real_name", "deleted", "is_bot", "is_restricted", "team_id", ...}."""
        return self.ask("users", users=list(users))["users"]

    def channels(self, *channels):
        """Adds channels: {"id", "name", "private", "members", "archived", "bot"}; lists all, those of two as well."""
        return self.ask("channels", channels=list(channels))["channels"]

    def set(self, **values):
        """Changes settings (tests/slack/settings.h); all of them as they are now."""
        return self.ask("set", **values)["settings"]

    def scopes(self, scopes=None):
        return self.ask("scopes", scopes=scopes)["scopes"]

    # --- what people do; each answers with the id of the envelope that tells of it ---

    def press(self, user, action, channel=None, ts=None, block=None, value=None, where=None, typed=None, values=None):
        """`where`: "modal" or "home"; else a message, the newest that has the action unless `ts` names one."""
        return self.ask("press", user=user, action=action, channel=channel, ts=ts, block=block, value=value,
                        values=values, **({"in": where} if where else {}), **({"input": typed} if typed is not None else {}))

    def submit(self, user, values=None, force=None):
        return self.ask("submit", user=user, values=values or {}, force=force)

    def close(self, user, all=None):
        return self.ask("close", user=user, all=all)

    def command(self, user, text="", command="/countersign", channel=None):
        return self.ask("command", user=user, command=command, text=text, channel=channel)

    def say(self, user, text="", channel=None, thread_ts=None, files=None, raw=None, subtype=None):
        """In the conversation with the bot, or in `channel`; "@bot" in the text mentions it.  Answers with the ts, too."""
        return self.ask("say", user=user, text=text, channel=channel, thread_ts=thread_ts, files=files, raw=raw,
                        subtype=subtype)

    def dm(self, user, text, files=None, thread_ts=None):
        return self.say(user, text, files=files, thread_ts=thread_ts)

    def mention(self, user, text, channel, thread_ts=None, files=None):
        return self.say(user, "@bot " + text, channel, thread_ts, files)

    def edit(self, user, ts, text, channel=None):
        return self.ask("edit", user=user, ts=ts, text=text, channel=channel)

    def delete(self, user, ts, channel=None):
        return self.ask("delete", user=user, ts=ts, channel=channel)

    def home(self, user, tab=None):
        return self.ask("home", user=user, tab=tab)

    def shortcut(self, user, callback, ts=None, channel=None):
        return self.ask("shortcut", user=user, callback=callback, ts=ts, channel=channel)

    def flood(self, do, times=None):
        """One ask many times, or a list of asks once each ({"verb": "press", ...}); the ids of all envelopes."""
        return self.ask("flood", do=do, times=times)["envelopes"]

    def envelope(self, envelope):
        """Sends an envelope of the test's own making."""
        return self.ask("envelope", envelope=envelope)["envelope"]

    def event(self, event):
        return self.ask("event", event=event)["envelope"]

    # --- what there is to see ---

    def messages(self, user=None, channel=None, thread_ts=None):
        """As a person sees them, oldest first: {"channel", "ts", "from", "text", "shown", "buttons", "ephemeral", ...}."""
        found = self.ask("messages", user=user, channel=channel, thread_ts=thread_ts)["messages"]
        return sorted(found, key=lambda message: message["ts"])

    def wait_message(self, user=None, channel=None, text=None, action=None, after="", timeout=20):
        """The newest message from after that ts that shows a text and has a button with that action; or None."""
        def find():
            for message in reversed(self.messages(user, channel)):
                if (message["ts"] > after and (text is None or text in message["shown"] or text in message.get("text", ""))
                        and (action is None or any(b["action_id"] == action for b in message["buttons"]))):
                    return message
            return None
        return self.wait(find, timeout)

    def calls(self, method=None, since=0):
        return self.ask("calls", method=method, since=since)["calls"]

    def wait_calls(self, method, count=1, since=0, timeout=20):
        """The calls of a method, as soon as there are so many; what there is when there are not."""
        self.wait(lambda: len(self.calls(method, since)) >= count, timeout)
        return self.calls(method, since)

    def acks(self, since=0, origin=None):
        """{"envelope", "origin", "type", "connection", "elsewhere", "again", "ms", "us", "at_ms", "payload"?, "trouble"?}"""
        return self.ask("acks", since=since, origin=origin)["acks"]

    def wait_ack(self, envelope, timeout=20):
        """The first ack of an envelope, whichever of its ids it went by last; or None."""
        return self.wait(lambda: self.delivery(envelope).get("ack"), timeout)

    def delivery(self, envelope):
        """{"envelope", "origin", "type", "state": held sent paused acked lost, "attempt", "sends", "connection", "ack"?}"""
        return self.ask("delivery", envelope=envelope)

    def modal(self, user):
        return self.ask("view", user=user)["view"]

    def wait_modal(self, user, callback=None, timeout=20):
        def find():
            view = self.modal(user)
            return view if view and callback in (None, view["callback_id"]) else None
        return self.wait(find, timeout)

    def modal_errors(self, user):
        """What the app found wrong with the last submission of the modal that is open; or None."""
        return self.ask("view", user=user)["errors"]

    def home_view(self, user):
        return self.ask("view", user=user, home=True)["view"]

    def files(self):
        return self.ask("files")["files"]

    def hooks(self, since=0):
        return self.ask("hooks", since=since)["hooks"]

    def connections(self):
        """Those that are open: [{"connection", "ready", "silent", "age_ms"}]."""
        return self.ask("connections")["open"]

    def history(self, since=0):
        """What happened to connections: [{"connection", "event", "detail"?, "at_ms", "age_ms"}]."""
        return self.ask("connections", since=since)["history"]

    def wait_connections(self, count=1, timeout=20):
        """Until so many are ready; False when they are not within the time."""
        return bool(self.wait(lambda: sum(c["ready"] for c in self.connections()) == count, timeout))

    def stats(self):
        return self.ask("stats")

    # --- what goes wrong ---

    def drop(self, how="reset", connection=None, code=None):
        """Breaks connections: "reset", "end" (of the stream) or "close" with a code."""
        return self.ask("drop", how=how, connection=connection, code=code)["count"]

    def away(self):
        """From now on nobody gets through: no connection, no answer, until back()."""
        self.fault("*", times=0, hangup=True)
        self.set(refuse=1 << 40)
        self.drop()

    def back(self):
        self.clear("*")
        self.set(refuse=0)

    def disconnect(self, reason="refresh_requested", connection=None, close_ms=None):
        """Says disconnect; the connection closes `close_ms` later (negative: never)."""
        return self.ask("disconnect", reason=reason, connection=connection, close_ms=close_ms)["count"]

    def silence(self, connection=None, off=None):
        """Half open: nothing is read or answered any more, pings neither."""
        return self.ask("silence", connection=connection, off=off)["count"]

    def hello(self, connection=None):
        return self.ask("hello", connection=connection)["count"]

    def frame(self, text="", size=None, binary=None, connection=None):
        """A message of the test's own making, filled up with spaces to `size` bytes."""
        return self.ask("frame", text=text, size=size, binary=binary, connection=connection)["count"]

    def duplicate(self, envelope):
        return self.ask("duplicate", envelope=envelope)

    def fault(self, method="*", times=1, status=None, retry_after=None, error=None, delay_ms=None, hangup=None, after=None):
        """What the next calls of a method meet; `after`: the call is carried out all the same.  times 0: until clear()."""
        return self.ask("fault", method=method, times=times, status=status, retry_after=retry_after, error=error,
                        delay_ms=delay_ms, hangup=hangup, after=after)

    def clear(self, method=None):
        return self.ask("clear", method=method)
