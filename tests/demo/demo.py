#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""demo.py - the licence desk at work: one story, played with real mails on a private mail server.

  demo.py [--build BUILD] [--keep]    play it; --keep leaves everything running and says how to write to it
  demo.py --stop FOLDER               end what --keep left

Each person writes by SMTP submission and reads by IMAP, as a mail program does.  What is printed is what was sent.
"""
import argparse
import datetime
import email.message
import email.utils
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import textwrap
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "rig"), os.path.join(os.path.dirname(HERE), "system/lib")]
from slack import Slack, SlackError  # noqa: E402
from desk import SOURCE, Desk, Person, Rig, give_away, reply_to, text_of  # noqa: E402

RATE = 3600  # an hour of the desk's clock is a second
PATIENCE = 20  # seconds until a mail that should come counts as missing
NAMES = {"kim": "Kim Park", "ann": "Ann Okafor", "bo": "Bo Lind", "cy": "Cy Moreau", "dee": "Dee Haddad",
         "max": "Max Roth", "gus": "Gus Falk", "ira": "Ira Weiss", "mal": "Mal Mallory"}
IN_SLACK = {"kim": "U0KIM", "fay": "U0FAY", "gus": "U0GUS"}
CHANNEL = "C0DESK"
SLACK_NAMES = {**NAMES, "fay": "Fay Novak"}


# --- the transcript --------------------------------------------------------------------------------------------------

class Transcript:
    """What the audience sees."""

    def __init__(self):
        self.number = 0
        self.fancy = sys.stdout.isatty()

    def chapter(self, title):
        self.number += 1
        line = f"{self.number}. {title}"
        print("\n\n" + (f"\033[1m{line}\033[0m" if self.fancy else line))
        print("-" * len(line), flush=True)

    def say(self, text):
        print("\n" + textwrap.fill(" ".join(text.split()), 92, break_on_hyphens=False), flush=True)

    def show(self, text, lines):
        """The beginning of a text, and how much more there is."""
        rows = text.rstrip().splitlines()
        for row in rows[:lines]:
            print(("    | " + row).rstrip())
        if len(rows) > lines:
            print(f"    | ... ({len(rows) - lines} more lines)")
        sys.stdout.flush()

    def mail(self, who, whom, mail, lines):
        print(f"\n  {who} writes to {whom}")
        print(f"    Subject: {mail['Subject']}")
        self.show(text_of(mail), lines)
        for part in mail.iter_attachments():
            print(f"    (attached: {part.get_filename()}, {len(part.get_payload(decode=True))} bytes)")
        sys.stdout.flush()

    def slack(self, who, where, text, lines=30, buttons=()):
        print(f"\n  {who} in Slack, {where}")
        self.show(text, lines)
        if buttons:
            print("    " + " ".join(f"[{button['text']}]" for button in buttons), flush=True)

    def command(self, shown, output, lines=1000):
        print(f"\n  $ {shown}")
        self.show(output, lines)


# --- the stage -------------------------------------------------------------------------------------------------------

def message_file(name, values):
    """A request as a file of ours: a few header lines, an empty line, the text.  `Attach:` names a file beside it."""
    with open(f"{HERE}/mail/{name}", encoding="utf-8") as file:
        head, text = file.read().split("\n\n", 1)
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    message = email.message.EmailMessage()
    attach = None
    for line in head.splitlines():
        key, value = line.split(": ", 1)
        if key == "Attach":
            attach = value
        else:
            message[key] = value
    message.set_content(text)
    if attach:
        with open(f"{HERE}/mail/{attach}", "rb") as file:
            message.add_attachment(file.read(), maintype="text", subtype="plain", filename=attach)
    return message


def words_file(name, values):
    with open(f"{HERE}/mail/{name}", encoding="utf-8") as file:
        text = file.read()
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text


def short(address):
    """licensing+22eqmjn6fxcc...@rig.test of what stands in Reply-To."""
    plain = email.utils.parseaddr(str(address))[1]
    return re.sub(r"(\+.{12})[^@]*", r"\1...", plain)


class Stage:
    def __init__(self, folder, build):
        self.out = Transcript()
        self.folder = folder
        self.rig = Rig(f"{folder}/mail")
        self.slack = Slack(f"{folder}/slack", os.path.abspath(build))
        try:
            self.slack.start()
            self.slack.users(*({"id": user, "name": who, "email": f"{who}@{self.rig.domain}", "real_name": SLACK_NAMES[who]}
                               for who, user in IN_SLACK.items()))
            self.slack.channels({"id": CHANNEL, "name": "licensing", "members": [*IN_SLACK.values(), "U0BOT"]})
            self.desk = Desk(folder, self.rig, build, HERE, self.slack)
            self.public = self.make_log_key()
        except BaseException:
            self.rig.stop()
            self.slack.stop()
            raise
        self.people = {account: Person(self.rig, account, name) for account, name in NAMES.items()}
        self.address = f"licensing@{self.rig.domain}"
        until = datetime.date.today() + datetime.timedelta(days=120)
        self.values = {"UNTIL": until.isoformat(), "DOMAIN": self.rig.domain}
        self.waiting = {account: [] for account in NAMES}

    def make_log_key(self):
        """The key that signs the log's heads, as an administrator makes it; returns the public one."""
        path = f"{self.desk.folder}/etc/log.key"
        public = self.desk.cli("keygen", "--log", f"{self.rig.domain}/countersign", path).split()[-1]
        give_away(path)
        return public

    def request(self, account, file):
        message = message_file(file, self.values)
        message["To"] = self.address
        self.people[account].send(message)
        self.out.mail(NAMES[account], self.address, message, 30)

    def reply(self, account, mail, file):
        own = words_file(file, self.values)
        self.people[account].reply(mail, own)
        print(f"\n  {NAMES[account]} replies, to {short(mail['Reply-To'])}")
        self.out.show(own, 12)

    def stamp(self):
        """What the mail server found out about the newest mail that the desk has put away."""
        desk = Person(self.rig, "licensing", "Licensing desk")
        mail = desk.new("Processed")[-1]
        desk.close()
        return " ".join(str(mail["Authentication-Results"]).split())

    def take(self, account):
        """What has come for somebody and was not looked at yet."""
        self.waiting[account] += self.people[account].new()
        return self.waiting[account]

    def expect(self, account, what, *words, lines=14):
        """Waits for the desk's mail to somebody that has all these words; shows it and what came before it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            queue = self.take(account)
            for i, mail in enumerate(queue):
                whole = f"{mail['Subject']}\n{text_of(mail)}".lower()
                if all(word.lower() in whole for word in words):
                    del queue[:i + 1]
                    self.out.mail("The desk", NAMES[account], mail, lines)
                    return mail
            if self.desk.serve.poll() is not None:
                raise RuntimeError("the desk died")
            time.sleep(0.1)
        raise RuntimeError(f"{NAMES[account]} did not get {what}")

    def also(self, *accounts):
        """One line for each mail that nobody has looked at."""
        for account in accounts:
            for mail in self.take(account):
                print(f"\n  The desk writes to {NAMES[account]}: {mail['Subject']}")
            self.waiting[account].clear()

    def expect_entry(self, case, kind, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.desk.entries(case, kind)
            if found:
                return found[-1]
            time.sleep(0.2)
        raise RuntimeError(f"the log has no {kind}: {what}")

    def see(self, who, where, *words, lines=30, action=None):
        """Waits for a message that somebody in Slack sees with all these words; shows it."""
        channel = CHANNEL if where == "#licensing" else None

        def find():
            for message in reversed(self.slack.messages(IN_SLACK[who], channel)):
                if (all(word.lower() in message["shown"].lower() for word in words) and
                        (not action or any(b["action_id"] == action for b in message["buttons"]))):
                    return message
            return None
        message = self.slack.wait(find, PATIENCE)
        if not message:
            raise RuntimeError(f"{who} did not see {words} in Slack")
        self.out.slack("The desk", where, message["shown"], lines, message["buttons"])
        return message

    def close(self):
        """Ends everything; complains when the desk did not end well."""
        for person in self.people.values():
            person.close()
        code = self.desk.stop()
        self.rig.stop()
        self.slack.stop()
        if code not in (None, 0) or re.search("Sanitizer|runtime error", self.desk.log()):
            print(f"\nThe desk ended with {code}:\n{self.desk.log()[-8000:]}", file=sys.stderr)
            return 1
        return 0


# --- the story -------------------------------------------------------------------------------------------------------

def asking(s):
    s.out.chapter("Kim asks for an exception, and forgets to say until when")
    s.request("kim", "libfoo.eml")
    question = s.expect("kim", "a question", "CS-1", "needed until", lines=24)
    s.out.say("Every mail of the desk is to be answered at an address of its own: what stands behind the plus proves "
              "that it was made for this person and this case.")
    s.reply("kim", question, "until.txt")


def deciding(s):
    s.out.chapter("Three people of Legal are asked; two of them must agree")
    asked = {who: s.expect(who, "a request to decide", "CS-1", lines=60 if who == "ann" else 6)
             for who in ("ann", "bo", "cy")}
    s.also("kim")
    return asked


def fending_off(s, asked):
    s.out.chapter("Two mails that decide nothing")
    s.out.say("Bo's mailbox answers by itself, and the answer even has the word in it. Automatic mail is never "
              "answered and never decides:")
    away = reply_to(asked["bo"], words_file("away.txt", s.values), Auto_Submitted="auto-replied")
    s.people["bo"].send(away)
    s.out.mail("Bo's mailbox", short(asked["bo"]["Reply-To"]), away, 3)
    s.expect_entry("CS-1", "message.ignored", "the out-of-office note")
    s.out.say("Mal has got hold of the address that was made for Bo, and writes to it from outside, as if he were Bo:")
    forged = reply_to(asked["bo"], words_file("forged.txt", s.values), quote=False)
    forged["From"] = s.people["bo"].header()
    s.rig.outside("mal@outside.test", [str(asked["bo"]["Reply-To"])], forged)
    s.out.mail("Mal, as Bo Lind,", short(asked["bo"]["Reply-To"]), forged, 4)
    s.expect_entry("CS-1", "message.refused", "the forged reply")
    s.out.say("The mail server found no proof that it is from Bo's domain, and wrote so on top of it. The desk believes "
              "the server, not the mail, and tells Bo:")
    print(f"\n    Authentication-Results: {s.stamp()}")
    s.expect("bo", "word of the forged reply", "CS-1", lines=16)


def agreeing(s, asked):
    s.out.chapter("Ann and Bo agree")
    s.reply("ann", asked["ann"], "approve-ann.txt")
    receipt = s.expect("ann", "a receipt", "CS-1", "receipt", lines=8)
    s.reply("bo", asked["bo"], "approve-bo.txt")
    s.expect("kim", "the decision", "CS-1", "approved", lines=24)
    s.also("ann", "bo", "cy")
    return receipt


def rejecting(s):
    s.out.chapter("Another request is rejected, and Kim is told why")
    s.request("kim", "searchd.eml")
    asked = s.expect("ann", "a request to decide", "CS-2", lines=20)
    s.reply("ann", asked, "reject-ann.txt")
    s.expect("kim", "the decision", "CS-2", "rejected", lines=24)
    s.also("ann", "bo", "cy", "kim")


def in_slack(s):
    s.out.chapter("The same in Slack: Kim asks in a message, Fay presses a button, Ann answers her mail")
    words = words_file("slack.txt", s.values)
    s.out.slack("Kim Park", "to the desk", words)
    s.slack.dm(IN_SLACK["kim"], words)
    review = s.see("fay", "to Fay Novak", "CS-3", action="approve", lines=42)
    asked = s.expect("ann", "a request to decide", "CS-3", lines=4)
    s.out.say("Fay presses Approve. Her press counts for the version that her message shows; the message loses its buttons:")
    s.slack.press(IN_SLACK["fay"], "approve", ts=review["ts"])
    s.see("fay", "to Fay Novak", "CS-3", "you approved it", lines=6)
    s.reply("ann", asked, "approve-slack.txt")
    s.see("kim", "to Kim Park", "CS-3", "approved", lines=24)
    s.see("gus", "#licensing", "CS-3", "approved", lines=8)
    s.also("ann", "bo", "cy", "kim")


def waiting(s):
    s.out.chapter(f"Nobody answers: a reminder, and an escalation (the clock runs {RATE} times as fast)")
    s.request("kim", "purchase.eml")
    s.expect("dee", "a request to decide", "CS-4", lines=6)
    s.out.say("Dee is travelling. Twelve hours pass, that is twelve seconds:")
    s.expect("dee", "a reminder", "CS-4", "remind", lines=6)
    s.out.say("Eight hours later her alternate is asked as well:")
    asked = s.expect("cy", "the request, as an alternate", "CS-4", lines=12)
    s.out.say("And after eight more her manager is told:")
    s.expect("max", "word that Dee does not answer", "CS-4", lines=12)
    s.reply("cy", asked, "approve-cy.txt")
    s.expect("kim", "the decision", "CS-4", "approved", lines=12)
    s.also("dee", "cy", "kim")


def auditing(s):
    s.out.chapter("In spring the auditor asks")
    s.request("gus", "audit.eml")
    s.expect("gus", "the history", "CS-1", lines=60)


def commanding(s):
    s.out.chapter("The same on the command line")
    s.out.command("countersign find", s.desk.cli("find"))
    s.out.command("countersign history CS-1", s.desk.cli("history", "CS-1"))


def proving(s, mail):
    s.out.chapter("Nobody has to take the desk's word for it")
    s.out.say("Ann has kept what was attached when she approved. It is checked on any machine, without the desk, without a "
              "configuration, against the public key that the administrator gave out when the desk was set up:")
    attached = next(mail.iter_attachments())
    name = attached.get_filename()
    with open(f"{s.folder}/{name}", "wb") as file:
        file.write(attached.get_payload(decode=True))
    s.out.command(f"countersign log verify-receipt '{name}' --key {s.public}",
                  s.desk.cli("log", "verify-receipt", f"{s.folder}/{name}", "--key", s.public))
    s.out.say("And the whole log, every table, every mail and every signed head of it:")
    s.out.command("countersign log verify", s.desk.cli("log", "verify"))


def tampering(s):
    s.out.chapter("An administrator turns the rejection into an approval, in a copy of the database")
    shutil.copytree(f"{s.folder}/state", f"{s.folder}/copy")
    with open(s.desk.config, encoding="utf-8") as file:
        s.desk.write("copy.yaml", file.read().replace("../state", "../copy"))
    statement = "UPDATE cases SET state = 'approved' WHERE id = 'CS-2'"
    base = sqlite3.connect(f"{s.folder}/copy/countersign.db")
    base.execute(statement)
    base.commit()
    base.close()
    s.out.command(f'sqlite3 copy/countersign.db "{statement}"', "")
    told = s.desk.cli("--config", f"{s.folder}/etc/copy.yaml", "log", "verify", check=False)
    s.out.command("countersign --config copy.yaml log verify", told.stdout.decode() + told.stderr.decode())
    if told.returncode == 0:
        raise RuntimeError("nobody noticed")


def play(s):
    s.out.say(f"A private mail server, a Slack emulator and the licence desk run on 127.0.0.1, in {s.folder}. The mail "
              "system of this machine is not touched. Every mail below was really sent by SMTP and read by IMAP; long ones are cut. An "
              f"hour of the desk's clock takes {3600 // RATE} second.")
    asking(s)
    asked = deciding(s)
    fending_off(s, asked)
    receipt = agreeing(s, asked)
    rejecting(s)
    in_slack(s)
    waiting(s)
    auditing(s)
    commanding(s)
    proving(s, receipt)
    tampering(s)


# --- keep, stop ------------------------------------------------------------------------------------------------------

def mutt_files(s):
    """One muttrc for each person, so that one command opens their mailbox."""
    for account, name in NAMES.items():
        login = f"{account}:pw-{account}@127.0.0.1"
        with open(f"{s.folder}/mutt-{account}", "w", encoding="utf-8") as file:
            file.write(f'set realname="{name}" from="{account}@{s.rig.domain}" use_from=yes\n'
                       f'set folder="imap://{login}:{s.rig.port("IMAP")}/" spoolfile="+INBOX" record="+Sent"\n'
                       f'set smtp_url="smtp://{login}:{s.rig.port("SUBMISSION")}/"\n'
                       'set ssl_starttls=no ssl_force_tls=no reply_to=yes mail_check=2 timeout=2\n'
                       f'set hostname="{s.rig.domain}" header_cache="" postponed=""\n'
                       f'alias desk {s.address}\n')


def keep(s):
    """The desk goes on at the speed of the wall's clock, so that nothing lapses while somebody types."""
    s.desk.stop()
    s.desk.start()
    mutt_files(s)
    with open(f"{s.folder}/pids", "w", encoding="ascii") as file:
        file.write(f"{s.desk.serve.pid} countersign\n{s.slack.process.pid} emulator\n")
    submission = s.rig.port("SUBMISSION")
    print(f"""

It is all still running, in {s.folder}; the clock is the wall's again.

  the desk      {s.address}
  IMAP          127.0.0.1 port {s.rig.port("IMAP")} (STARTTLS or clear), {s.rig.port("IMAPS")} (TLS)
  submission    127.0.0.1 port {submission} (STARTTLS or clear), {s.rig.port("SUBMISSIONS")} (TLS)
  from outside  127.0.0.1 port {s.rig.port("OUTSIDE")}, without a login: mail that your own server does not vouch for
  certificates  {s.rig.env["RIG_CA"]}
  people        {" ".join(sorted(NAMES))}; user kim has the password pw-kim, and so on

Read and write as Kim, who asks; as Ann, who is of Legal; as Gus, who audits:

  mutt -n -F {s.folder}/mutt-kim

Or send one mail:

  swaks --server 127.0.0.1:{submission} --auth-user kim --auth-password pw-kim \\
    --from kim@{s.rig.domain} --to {s.address} --header 'Subject: libbar' \\
    --body 'License: GPL-2.0-only\\nComponent: libbar 1.0\\nProduct: Atlas\\nChannel: binary'

Slack is the emulator of the tests; people there {" ".join(IN_SLACK)}.  What somebody does and sees (tests/slack/README.md):

  {SOURCE}/tests/slack/ask {s.slack.control} say user=U0KIM text='License: GPL-3.0-only ...'
  {SOURCE}/tests/slack/ask {s.slack.control} messages user=U0FAY
  {SOURCE}/tests/slack/ask {s.slack.control} press user=U0FAY action=approve

Ask the desk:

  {s.folder}/bin/countersign --config {s.desk.config} find
  tail -f {s.desk.log_path}

End it:

  {HERE}/demo.py --stop {s.folder}
""")


def end(folder):
    """Ends by process id what --keep left, and removes the folder."""
    with open(f"{folder}/pids", encoding="ascii") as file:
        started = [line.split() for line in file]
    for pid, name in started:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                command = file.read()
            if name.encode() in command and folder.encode() in command:
                os.kill(int(pid), signal.SIGTERM)
        except FileNotFoundError:
            pass
    Rig.at(f"{folder}/mail").stop()
    time.sleep(1)
    shutil.rmtree(folder)
    print(f"ended, and {folder} is gone")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", metavar="FOLDER")
    args = parser.parse_args()
    if args.stop:
        end(args.stop)
        return 0
    folder = tempfile.mkdtemp(prefix="countersign-demo.")
    os.chmod(folder, 0o755)
    s = None
    kept = False
    code = 1
    try:
        s = Stage(folder, args.build)
        s.desk.start(f"--clock={RATE}")
        play(s)
        if args.keep:
            keep(s)
            kept = True
        else:
            s.out.say("That was the story. `make demo KEEP=1` plays it again and then lets you write to the desk yourself.")
        code = 0
    except (RuntimeError, OSError, SlackError, KeyboardInterrupt) as problem:
        print(f"\nThe story stopped: {problem}", file=sys.stderr)
        if s is not None and os.path.exists(s.desk.log_path):
            print(f"The desk's last words:\n{s.desk.log()[-3000:]}", file=sys.stderr)
    finally:
        if not kept:
            if s is not None and s.close() != 0:
                code = 1
            shutil.rmtree(folder, ignore_errors=True)
    return code


sys.exit(main())
