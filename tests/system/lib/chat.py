# SPDX-License-Identifier: Apache-2.0
"""A trial whose desk is in Slack as well: the emulator beside the mail server, people with Slack ids."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from slack import Slack, SlackError  # noqa: E402
from trial import BUILD, FILES, PATIENCE, Trial, give_away  # noqa: E402, F401

# Dee and Max are people of mail alone; Kim and Lee are not listed, Slack knows their addresses.
LISTED = {"ann": "U0ANN", "bo": "U0BO", "gus": "U0GUS", "ira": "U0IRA"}
USERS = {**LISTED, "kim": "U0KIM", "mal": "U0MAL"}
CHANNEL = "C0DESK"


class ChatTrial(Trial):
    def __init__(self, files=FILES, **options):
        super().__init__(files, **options)
        self.slack = Slack(f"{self.folder}/slack", BUILD, retry_scale=0.1)
        self.slack.start()
        domain = self.rig.domain
        self.slack.ask("users", users=[{"id": USERS[who], "name": who, "email": f"{who}@{domain}",
                                        "real_name": self.people[who].name} for who in USERS])
        self.slack.ask("channels", channels=[{"id": CHANNEL, "name": "licensing", "members": [*USERS.values(), "U0BOT"]}])
        self.configure()

    def configure(self, more=""):
        for name, token in (("slack.app", self.slack.app_token), ("slack.bot", self.slack.bot_token)):
            self.desk.write(name, token + "\n", 0o600)
        people = open(f"{FILES}/people.yaml", encoding="utf-8").read()
        for who, user in LISTED.items():
            people = re.sub(rf"(\{{id: {who}, )", rf"\1slack: {user}, ", people)
        self.desk.write("people.yaml", people)
        config = open(f"{FILES}/countersign.yaml", encoding="utf-8").read()
        self.desk.write("countersign.yaml", config + f"""slack:
  api: "{self.slack.api}"
  ca: "{self.slack.ca}"
  app_token: "file:slack.app"
  bot_token: "file:slack.bot"
  channel: {CHANNEL}
""" + more)

    # --- people in Slack ---

    def do(self, verb, who=None, **more):
        """Something that somebody does; the emulator's answer."""
        return self.slack.ask(verb, **({"user": USERS[who]} if who else {}), **more)

    def acked(self, done, patience=10):
        """How the envelope of it was acknowledged."""
        ack = self.slack.wait_ack(done["envelope"], patience)
        if not ack:
            raise RuntimeError(f"{done['envelope']} was not acknowledged")
        if ack.get("trouble"):
            raise RuntimeError(f"Slack could do nothing with the acknowledgement: {ack['trouble']}")
        return ack

    def seen(self, who, *words, channel=None, gone=()):
        """The newest message that this person sees with all these words (and none of those in `gone`)."""
        user = USERS.get(who, who)
        ask = {"channel": channel} if channel else {}

        def look():
            messages = self.slack.ask("messages", user=user, **ask)["messages"]
            for message in sorted(messages, key=lambda m: m["ts"], reverse=True):
                text = plain(message)
                if all(word.lower() in text for word in words) and not any(word.lower() in text for word in gone):
                    return message
            return None
        return self.until(f"a message to {who} with {words}", look)

    def end(self, code=0):
        ended = super().end(code)
        self.slack.stop()
        return ended


def plain(message):
    """All text of a message, in lower case, entities undone."""
    found = []

    def walk(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "text" and isinstance(inner, str):
                    found.append(inner)
                else:
                    walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
    walk(message.get("blocks") or [])
    found.append(message.get("text") or "")
    text = "\n".join(found).lower()
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def buttons(message):
    return [element["action_id"] for block in message.get("blocks") or [] if block["type"] == "actions"
            for element in block["elements"]]


def run_chat(play, **options):
    """As trial.run()."""
    import subprocess
    trial = ChatTrial(**options)
    try:
        play(trial)
    except (RuntimeError, OSError, SlackError, subprocess.SubprocessError) as problem:
        trial.check(False, f"it went on to its end: {type(problem).__name__}: {problem}")
    except BaseException:
        trial.rig.stop()
        trial.desk.stop()
        trial.slack.stop()
        raise
    return trial.end()
