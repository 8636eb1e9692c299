# SPDX-License-Identifier: Apache-2.0
"""Bundles of a case: what a desk exports is checked where there is no desk, and then tampered with.

The unit tests alter every file in turn; here it is one of each kind, by the whole program.
"""
import glob
import hashlib
import json
import os
import shutil
import subprocess
import tarfile


def sign(t):
    """Gives the desk a key to sign its log with; before it starts."""
    path = f"{t.desk.folder}/etc/log.key"
    t.log_key = t.desk.cli("keygen", "--log", f"{t.rig.domain}/countersign", path).strip()
    secret = open(path, encoding="utf-8").read()
    os.unlink(path)
    t.desk.write("log.key", secret, 0o600)
    config = open(t.desk.config, encoding="utf-8").read()
    t.desk.write("countersign.yaml", config.replace("/countersign}", f'/countersign, key: "file:log.key", public: "{t.log_key}"}}'))


class Elsewhere:
    """A machine that never saw the desk: the program alone, no configuration, no templates, another folder."""

    def __init__(self, t):
        self.folder = f"{t.folder}/elsewhere"
        os.makedirs(self.folder)
        shutil.copy(f"{t.desk.folder}/bin/countersign", self.folder)

    def verify(self, path, *options):
        environment = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        return subprocess.run(["./countersign", *options[:1], "log", "verify-bundle", path, *options[1:]], cwd=self.folder,
                              env=environment, capture_output=True, text=True, check=False, timeout=60)

    def path(self, name):
        return f"{self.folder}/{name}"


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


def one_of_each_kind(folder):
    kinds = {}
    for name in files_of(folder):
        kind = name.split("/")[0] + os.path.splitext(name)[1] if "/" in name else name
        kinds[kind] = name  # the last one of its kind
    return kinds.values()


def tampered(t, away, folder):
    t.say("a byte of it is altered, a file of it taken away")
    wrong = []
    for name in one_of_each_kind(folder):
        path = os.path.join(folder, name)
        good = open(path, "rb").read()
        with open(path, "wb") as file:
            file.write(good[:-2] + bytes([good[-2] ^ 1]) + good[-1:])
        said = away.verify(folder)
        if said.returncode != 65 or name not in said.stderr:
            wrong.append(f"{name} altered: {said.returncode} {said.stderr}")
        with open(path, "wb") as file:
            file.write(good)
    t.check(wrong == [], f"each file that was altered is named: {wrong}")
    entry = max(glob.glob(f"{folder}/entries/*.leaf"))
    os.rename(entry, away.path("leaf"))
    said = away.verify(folder)
    t.check(said.returncode == 65 and os.path.basename(entry) in said.stderr, "an entry that was taken away: " + said.stderr.strip())
    os.rename(away.path("leaf"), entry)


def swapped(t, away, folder):
    """Whoever swaps a file makes the sums anew, and names it by its own hash."""
    old = sorted(os.listdir(f"{folder}/evidence"))[0]
    forged = b"Dear Widget team, do as you please\n"
    new = hashlib.sha256(forged).hexdigest()
    copy = away.path("swapped")
    shutil.copytree(folder, copy)
    os.unlink(f"{copy}/evidence/{old}")
    os.rename(f"{copy}/evidence-salt/{old}", f"{copy}/evidence-salt/{new}")
    with open(f"{copy}/evidence/{new}", "wb") as file:
        file.write(forged)
    for name in ("evidence.json", "summary.txt", "summary.html"):
        text = open(f"{copy}/{name}", encoding="utf-8").read()
        with open(f"{copy}/{name}", "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    with open(f"{copy}/SHA256SUMS", "w", encoding="utf-8") as file:
        for name in files_of(copy):
            if name != "SHA256SUMS":
                file.write(f"{hashlib.sha256(open(f'{copy}/{name}', 'rb').read()).hexdigest()}  {name}\n")
    said = away.verify("swapped")
    t.check(said.returncode == 65 and new in said.stderr, "evidence that was swapped: " + said.stderr.strip())


def export(t, case):
    t.say(f"{case} as a bundle, for somebody elsewhere")
    away, seq = Elsewhere(t), t.size()
    said = t.desk.cli("export", case, "case.tar")
    noted = t.entry(seq, "audit.queried", case)
    entries = t.sql("SELECT count(*) FROM history WHERE case_id = ? AND seq <= ?", case, noted["seq"])[0][0]
    t.check(f"{entries} entries" in said and noted["body"] == {"verb": "export", "entries": entries - 1},
            "the question is on record, and counts the entries before it")
    t.check(t.desk.cli("export", case, "case.tar", check=False).returncode == 73, "what is there is left alone: 73")
    t.check(t.desk.cli("export", "CS-99999", "none.tar", check=False).returncode == 66, "no case: 66")
    shutil.move(f"{t.desk.folder}/case.tar", away.path("case.tar"))
    with tarfile.open(away.path("case.tar")) as tar:
        tar.extractall(away.folder)
    folder = away.path(case)
    good = away.verify("case.tar", "--json", "--key", t.log_key)
    view = json.loads(good.stdout or "{}")
    t.check(view.get("ok") and view["pinned"] and view["complete"] == view["entries"] == entries and view["compared"],
            f"it holds there, and is complete: {good.stderr}")
    words = away.verify(case)
    t.check(words.returncode == 0 and "It is complete" in words.stdout and "compare it with the key" in words.stdout,
            "so does the folder, and the key is to be compared")
    return away, folder


def reads_well(t, folder, *words):
    text = open(f"{folder}/summary.txt", encoding="utf-8").read()
    html = open(f"{folder}/summary.html", encoding="utf-8").read()
    flat = " ".join(text.split())
    t.check(all(word in flat for word in words), f"summary.txt says {words}")
    t.check("<script" not in html and "http://" not in html and "https://" not in html and " src=" not in html,
            "summary.html needs nothing from elsewhere")
    listed = json.load(open(f"{folder}/evidence.json", encoding="utf-8"))
    t.check("vendor-letter.txt" in [e.get("name") for e in listed] and "message/rfc822" in [e.get("type") for e in listed],
            "the attachment is in it, and the mails as they came")
    return text


def renamed(t, away, case, before):
    t.say("somebody is called something else from now on")
    path = f"{t.desk.folder}/etc/people.yaml"
    people = open(path, encoding="utf-8").read()
    seq = t.size()
    t.desk.write("people.yaml", people.replace("Ann Okafor", "Ann Okafor-Lind"))
    t.desk.serve.send_signal(1)
    t.entry(seq, "people.published")
    t.desk.cli("export", case, "later")
    shutil.move(f"{t.desk.folder}/later", away.path("later"))
    said = away.verify("later", "--json")
    text = open(away.path("later/summary.txt"), encoding="utf-8").read()
    t.check(said.returncode == 0 and "Ann Okafor-Lind" not in text and text.startswith(before.split("TIMELINE")[0]),
            f"the bundle of the same case says what it said before {said.stderr}")


def chapter(t, case, *words):
    away, folder = export(t, case)
    text = reads_well(t, folder, *words)
    tampered(t, away, folder)
    swapped(t, away, folder)
    renamed(t, away, case, text)
