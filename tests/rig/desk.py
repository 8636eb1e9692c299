# SPDX-License-Identifier: Apache-2.0
"""desk.py - a whole licence desk on the loopback, for tests and for the demonstration.

Rig     the private mail server (rig.sh)
Desk    a folder with configuration, people and catalogue, `countersign serve` on it, and the command line
Person  somebody who writes by submission and reads by IMAP, as a mail program does

Standard library only.
"""
import email
import email.message
import email.policy
import email.utils
import imaplib
import json
import os
import pwd
import shutil
import signal
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("countersign", "imap", "mime", "smtp", "slack", "signer", "anchor")
# Python folds a long Message-ID into encoded words, which no mail program does: leave lines long.
WIRE = email.policy.SMTP.clone(max_line_length=998)


def unprivileged():
    """What Popen needs so that root's programs run as nobody, as the rig's do."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_away(path):
    """Lets the programs of unprivileged() have a file or a folder."""
    if os.getuid() == 0:
        who = unprivileged()
        os.chown(path, who["user"], who["group"])


class Rig:
    def __init__(self, folder, domain="rig.test", accounts=None, port="auto"):
        self.folder, self.domain = folder, domain
        command = [f"{SOURCE}/tests/rig/rig.sh", "start", folder, str(port), "--domain", domain]
        if accounts:
            command += ["--accounts", " ".join(accounts)]
        subprocess.run(command, check=True)
        self.read()

    @classmethod
    def at(cls, folder):
        """One that runs already."""
        rig = cls.__new__(cls)
        rig.folder = folder
        rig.read()
        rig.domain = rig.env["RIG_DOMAIN"]
        return rig

    def read(self):
        with open(f"{self.folder}/env", encoding="ascii") as file:
            self.env = dict(line.strip().split("=", 1) for line in file if "=" in line)

    def port(self, name):
        return int(self.env[f"RIG_{name}_PORT"])

    def tls(self):
        return ssl.create_default_context(cafile=self.env["RIG_CA"])

    def fault(self, kind, count=""):
        subprocess.run([f"{SOURCE}/tests/rig/rig.sh", "fault", self.folder, kind, str(count)], check=True)

    def outside(self, envelope, recipients, message):
        """Mail from the Internet: nobody logs in."""
        with smtplib.SMTP("127.0.0.1", self.port("OUTSIDE")) as smtp:
            smtp.sendmail(envelope, recipients, message.as_bytes(policy=WIRE))

    def stop(self):
        subprocess.run([f"{SOURCE}/tests/rig/rig.sh", "stop", self.folder], check=True)


class Desk:
    """`folder` gets etc/ (configuration), bin/ (the programs, where an ordinary user can run them), state/ and run/."""

    def __init__(self, folder, rig, build, files, slack=None):
        """`files`: a folder with people.yaml, policy.yaml and countersign.yaml, in which @NAMES@ are filled in.
        `slack`: the emulator (tests/system/lib/slack.py), if the desk is to be in Slack."""
        self.folder, self.rig, self.slack, self.serve = folder, rig, slack, None
        self.config = f"{folder}/etc/countersign.yaml"
        self.log_path = f"{folder}/desk.log"
        for name in ("", "/etc", "/bin", "/state", "/run"):
            os.makedirs(folder + name, exist_ok=True)
        for name in ("/state", "/run"):
            give_away(folder + name)
        for name in PROGRAMS:
            shutil.copy(f"{build}/{name}", f"{folder}/bin/{name}")
        shutil.copytree(f"{SOURCE}/templates", f"{folder}/templates", dirs_exist_ok=True)
        for name in ("people.yaml", "policy.yaml", "countersign.yaml"):
            self.write(name, open(f"{files}/{name}", encoding="utf-8").read())
        self.write("imap.password", "pw-licensing\n", 0o600)
        self.write("token.key", f"0 {os.urandom(32).hex()}\n", 0o600)
        if slack:
            self.write("slack.app", slack.app_token + "\n", 0o600)
            self.write("slack.bot", slack.bot_token + "\n", 0o600)

    def write(self, name, text, mode=0o644):
        for word, value in (("@DOMAIN@", self.rig.domain), ("@CA@", self.rig.env["RIG_CA"]),
                            ("@IMAP@", str(self.rig.port("IMAP"))), ("@IMAPS@", str(self.rig.port("IMAPS"))),
                            ("@SUBMISSION@", str(self.rig.port("SUBMISSION"))), ("@FOLDER@", self.folder),
                            ("@AUTHSERV@", self.rig.env["RIG_AUTHSERV"]),
                            ("@SLACK@", self.slack.api if self.slack else ""),
                            ("@SLACK_CA@", self.slack.ca if self.slack else ""),
                            ("@UNIX@", pwd.getpwuid(os.getuid()).pw_name)):
            text = text.replace(word, value)
        path = f"{self.folder}/etc/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        if mode == 0o600:  # a secret; what is public may stay root's
            give_away(path)

    def start(self, *options, timeout=20, environment=None):
        """Starts `countersign serve` and waits until it says that it is ready.  `environment`: more variables."""
        from socket import AF_UNIX, SOCK_DGRAM, socket, timeout as too_late
        path = f"{self.folder}/run/notify"
        if os.path.exists(path):
            os.unlink(path)
        ready = socket(AF_UNIX, SOCK_DGRAM)
        ready.bind(path)
        os.chmod(path, 0o777)
        ready.settimeout(0.2)
        log = open(self.log_path, "ab")
        self.serve = subprocess.Popen([f"{self.folder}/bin/countersign", "--config", self.config, "serve", *options],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                      start_new_session=True, env=self.environment(**{"NOTIFY_SOCKET": path, **(environment or {})}),
                                      **unprivileged())
        log.close()
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.serve.poll() is None:
            try:
                if b"READY=1" in ready.recv(4096):
                    break
            except too_late:
                continue
        else:
            raise RuntimeError(f"the desk did not become ready:\n{self.log()[-4000:]}")
        # The socket stays: a desk that cannot say that it is alive would be a surprise.
        self.notify = ready
        return self

    def environment(self, **more):
        keep = {name: value for name, value in os.environ.items()
                if name in ("PATH", "LANG", "TZ") or name.endswith("SAN_OPTIONS")}
        return {**keep, "HOME": self.folder, "COUNTERSIGN_LIBEXEC": f"{self.folder}/bin", **more}

    def cli(self, *arguments, stdin=None, check=True):
        """Runs a verb; returns what it prints (with check=False: the whole CompletedProcess)."""
        done = subprocess.run([f"{self.folder}/bin/countersign", "--config", self.config, *arguments], input=stdin,
                              capture_output=True, cwd=self.folder, env=self.environment(), check=False)
        if not check:
            return done
        if done.returncode != 0:
            raise RuntimeError(f"countersign {' '.join(arguments)}: exit code {done.returncode}\n"
                               f"{done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def json(self, *arguments):
        return json.loads(self.cli("--json", *arguments))

    def entries(self, case=None, kind=None):
        """Entries of the log: leaf fields and the body.  Read beside the desk, so that looking leaves no entry."""
        base = sqlite3.connect(f"file:{self.folder}/state/countersign.db?mode=ro", uri=True)
        try:
            rows = base.execute("SELECT leaf, body FROM entry ORDER BY seq").fetchall()
        finally:
            base.close()
        found = [{**json.loads(leaf), "body": json.loads(body) if body else None} for leaf, body in rows]
        return [e for e in found if case in (None, e.get("case")) and kind in (None, e["type"])]

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, how=signal.SIGTERM, timeout=15):
        """Returns the exit code."""
        if self.serve is None or self.serve.poll() is not None:
            return None if self.serve is None else self.serve.returncode
        self.serve.send_signal(how)
        try:
            return self.serve.wait(timeout)
        except subprocess.TimeoutExpired:
            self.serve.kill()
            return self.serve.wait()


class Person:
    def __init__(self, rig, account, name, address=None):
        self.rig, self.account, self.name = rig, account, name
        self.address = address or f"{account}@{rig.domain}"
        self.imap = None
        self.seen = 0  # the highest UID read

    def header(self):
        return email.utils.formataddr((self.name, self.address))

    def send(self, message, recipients=None):
        """Submits as this person; From, Date and Message-ID are filled in when absent."""
        if "From" not in message:
            message["From"] = self.header()
        if "Date" not in message:
            message["Date"] = email.utils.localtime()
        if "Message-ID" not in message:
            message["Message-ID"] = email.utils.make_msgid(domain=f"pc.{self.rig.domain}")
        if recipients is None:
            recipients = [a for _, a in email.utils.getaddresses(message.get_all("To", []) + message.get_all("Cc", []))]
        with smtplib.SMTP("127.0.0.1", self.rig.port("SUBMISSION")) as smtp:
            smtp.starttls(context=self.rig.tls())
            smtp.login(self.account, f"pw-{self.account}")
            smtp.sendmail(self.address, recipients, message.as_bytes(policy=WIRE))
        return message

    def write(self, to, subject, text, **headers):
        message = email.message.EmailMessage()
        message["To"], message["Subject"] = to, subject
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return self.send(message)

    def reply(self, to, own, quote=True, **headers):
        """Answers a mail as a mail program does: to Reply-To, threaded, own words above the quote."""
        return self.send(reply_to(to, own, quote, **headers))

    def new(self, folder="INBOX"):
        """The mails that came since the last call, oldest first; a connection stays with its first folder."""
        if self.imap is None:
            self.imap = imaplib.IMAP4("127.0.0.1", self.rig.port("IMAP"))
            self.imap.starttls(self.rig.tls())
            self.imap.login(self.account, f"pw-{self.account}")
            self.imap.select(folder)
        self.imap.noop()
        uids = self.imap.uid("SEARCH", None, f"UID {self.seen + 1}:*")[1][0].split()
        mails = []
        for uid in uids:
            if int(uid) <= self.seen:  # "N:*" always finds the last one
                continue
            self.seen = int(uid)
            raw = self.imap.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
            mails.append(email.message_from_bytes(raw, policy=email.policy.default))
        return mails

    def wait(self, wanted, timeout=20):
        """The first new mail for which wanted(mail) holds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for mail in self.new():
                if wanted(mail):
                    return mail
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} got no such mail")

    def close(self):
        if self.imap is not None:
            self.imap.logout()
            self.imap = None


def text_of(mail):
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


def reply_to(mail, own, quote=True, **headers):
    message = email.message.EmailMessage()
    subject = str(mail["Subject"])
    message["To"] = str(mail["Reply-To"] or mail["From"])
    message["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    message["In-Reply-To"] = str(mail["Message-ID"])
    message["References"] = " ".join(filter(None, [str(mail["References"] or ""), str(mail["Message-ID"])]))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    body = own.rstrip("\n") + "\n"
    if quote:
        sender = email.utils.parseaddr(str(mail["From"]))[0] or str(mail["From"])
        body += f"\nOn {mail['Date']}, {sender} wrote:\n"
        body += "".join(f"> {line}".rstrip() + "\n" for line in text_of(mail).splitlines())
    message.set_content(body)
    return message


if __name__ == "__main__":
    sys.exit("desk.py is a library")
