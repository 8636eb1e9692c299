#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proofs.py - proofs for people: receipts, kept checkpoints and tiles, by the command line and by the manual page.

tests/proofs/seal makes a log with signed heads.  What countersign-log(7) says about OpenSSL and Go is run as it stands
there.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

TMP, BUILD, SOURCE = os.environ["TMP"], os.environ["BUILD"], os.environ["SOURCE"]
ORIGIN = "example.com/countersign"
GO_PATH = "/usr/share/gocode"
failures = 0


def check(truth, what):
    global failures
    print(("ok      " if truth else "FAILED  ") + what, flush=True)
    failures += not truth


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


class Place:
    """A folder with a configuration; `public`: does it name the log's public key?"""

    def __init__(self, name, key, public=True):
        self.folder = f"{TMP}/{name}"
        os.makedirs(self.folder, exist_ok=True)
        log = f"origin: {ORIGIN}" + (f', public: "{key}"' if public else "")
        self.write("desk.yaml", f"name: Desk\nstate: state\nrun: run\npolicy: p.yaml\npeople: p.yaml\n"
                                f'log: {{{log}}}\ntokens: {{key: "file:token.key"}}\n')

    def path(self, name):
        return f"{self.folder}/{name}"

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def cli(self, *arguments):
        return run(f"{BUILD}/countersign", "--config", self.path("desk.yaml"), *arguments, cwd=self.folder)

    def json(self, *arguments):
        return json.loads(self.cli("--json", *arguments).stdout)

    def sql(self, *statements):
        base = sqlite3.connect(self.path("state/countersign.db"))
        for statement in statements:
            rows = base.execute(statement).fetchall()
        base.commit()
        base.close()
        return rows

    def copy(self, name, key):
        other = Place(name, key)
        shutil.copytree(self.path("state"), other.path("state"))
        return other


def make():
    folder = f"{TMP}/desk"
    os.makedirs(f"{folder}/state")
    made = run(f"{BUILD}/countersign", "keygen", "--log", ORIGIN, f"{folder}/log.key")
    key = made.stdout.strip()
    sealed = run(f"{BUILD}/tests/proofs/seal", f"{folder}/state", f"{folder}/log.key", "1", "40", "90", "700")
    if made.returncode or sealed.returncode:
        sys.exit(made.stderr + sealed.stderr)
    desk = Place("desk", key)
    desk.key, desk.sizes = key, [int(size) for size in sealed.stdout.split()]
    desk.notes = [row[0] for row in desk.sql("SELECT note FROM checkpoint ORDER BY size")]
    return desk


# --- the command line --------------------------------------------------------------------------------------------------

def heads(desk):
    head = desk.cli("log", "head").stdout
    check(head.startswith(f"{desk.sizes[2]} entries, root ") and head.endswith("\n\n" + desk.notes[2]),
          "log head ends with the newest checkpoint")
    check(desk.json("log", "head")["checkpoint"] == desk.notes[2], "and as JSON")
    whole = desk.cli("log", "verify")
    check(whole.returncode == 0 and "3 checkpoints, each signed by the log's key." in whole.stdout,
          "log verify looks at every checkpoint")
    unknown = Place("desk", desk.key, public=False).cli("log", "verify")
    check(unknown.returncode == 0 and "signatures were NOT checked" in unknown.stdout, "and says when it cannot")
    Place("desk", desk.key)
    forged = desk.copy("forged", desk.key)
    forged.sql(f"UPDATE checkpoint SET note = replace(note, substr(note, -20, 4), 'AAAA') WHERE size = {desk.sizes[1]}")
    verified = forged.cli("log", "verify")
    check(verified.returncode == 65 and f"checkpoint: row size={desk.sizes[1]}" in verified.stderr,
          "it names a checkpoint whose signature was altered: " + verified.stderr.strip())


def kept(desk):
    file = desk.write("kept", desk.notes[0])
    held = desk.cli("log", "verify", "--against", file)
    check(held.returncode == 0 and "continues it" in held.stdout and "signed by the log's key" in held.stdout,
          "log verify --against a checkpoint that was kept")
    check(desk.json("log", "verify", "--against", file)["verdict"] == "holds", "and as JSON")
    newest = desk.write("newest", desk.notes[2])
    shorter = desk.copy("shorter", desk.key)
    size = desk.sizes[1]
    nodes = sum(size >> level for level in range(size.bit_length()))
    shorter.sql(f"DELETE FROM history WHERE seq >= {size}", f"DELETE FROM entry WHERE seq >= {size}",
                f"DELETE FROM node WHERE id >= {nodes}", f"DELETE FROM checkpoint WHERE size > {size}")
    forked = desk.copy("forked", desk.key)
    forked.sql("UPDATE entry SET leaf = CAST(replace(leaf, 'person', 'parson') AS BLOB)")
    for place, verdict in ((shorter, "rollback"), (forked, "fork")):
        said = place.cli("log", "verify", "--against", newest)
        check(said.returncode == 65 and verdict.upper() in said.stderr, f"it says {verdict}: {said.stderr.strip()[:120]}")
        check(place.json("log", "verify", "--against", newest)["verdict"] == verdict, "and as JSON")
        since = place.cli("log", "prove", "--since", newest)
        check(since.returncode == 65 and verdict.upper() in since.stderr and not since.stdout,
              "and log prove --since proves nothing of the kind")
    since = desk.cli("log", "prove", "--since", file)
    lines = since.stdout.split("\n")
    check(since.returncode == 0 and lines[0] == f"old {desk.sizes[0]}" and
          since.stdout.endswith("\n\n" + desk.notes[2]), "log prove --since: the size, the hashes, the newest checkpoint")
    continues(desk, file, desk.write("since", since.stdout))
    return lines[1:lines.index("")]


def continues(desk, last, since):
    def asked(*files, key=desk.key):
        return run(f"{BUILD}/countersign", "log", "continues", *files, *(["--key", key] if key else []), cwd="/")
    held = asked(last, since)
    check(held.returncode == 0 and "Both are signed" in held.stdout, "log continues: without configuration or database")
    held = asked(last, since, key=None)
    check(held.returncode == 0 and "NOT checked" in held.stdout, "and says when no key was given")
    text = open(since, encoding="utf-8").read()
    lines = text.split("\n")
    forged = desk.write("forged-since", text.replace(lines[1], lines[2], 1))
    other = asked(last, forged)
    check(other.returncode == 65 and "FORK" in other.stderr, f"a proof that does not lead there: {other.stderr.strip()}")
    for first, second, says in ((desk.write("middle", desk.notes[1]), since, "proves what became of a log of"),
                                (last, last, "holds no proof that a log continues")):
        refused = asked(first, second)
        check(refused.returncode == 65 and says in refused.stderr, f"65: {refused.stderr.strip()[-90:]}")
    strange = run(f"{BUILD}/countersign", "keygen", "--log", ORIGIN, desk.path("strange.key")).stdout.strip()
    check("not signed by the key" in asked(last, since, key=strange).stderr, "another key")
    check(asked(last, key=None).returncode == 64 and asked(last, since, key="x").returncode == 64, "64: a file, or a key, is missing")
    changed = run(f"{BUILD}/countersign", "--json", "log", "continues", last, since, "--key", strange, "--key", desk.key)
    check(json.loads(changed.stdout)["signature"], "a log may have had two keys")


def proofs(desk):
    late = desk.sizes[2] - 1
    receipt = desk.cli("log", "prove", str(late))
    check(receipt.returncode == 0 and receipt.stdout.startswith("c2sp.org/tlog-proof@v1\nextra "), "log prove SEQ")
    check(desk.cli("log", "prove", str(late + 1)).returncode == 66, "log prove of no entry: 66")
    case = desk.cli("log", "prove", "CS-1", "cs1")
    count = desk.sql("SELECT count(*) FROM history WHERE case_id = 'CS-1'")[0][0]
    names = os.listdir(desk.path("cs1"))
    check(case.returncode == 0 and len(names) == count, f"log prove CASE DIR: {count} files")
    check(all(run(f"{BUILD}/countersign", "log", "verify-receipt", desk.path(f"cs1/{name}"), "--key", desk.key)
              .returncode == 0 for name in names), "each of them is a receipt")
    check(desk.cli("log", "prove", "CS-1", "cs1").returncode == 73, "a folder that is there is left alone: 73")
    check(desk.cli("log", "prove", "CS-999999", "none").returncode == 66 and not os.path.exists(desk.path("none")),
          "of no case there is no folder: 66")


def receipts(desk):
    """On a machine that never saw the desk: without configuration, in another folder, from a mail with CR LF."""
    seq = desk.sql("SELECT min(seq) FROM vote")[0][0]
    text = desk.cli("log", "prove", str(seq)).stdout
    away = f"{TMP}/away"
    os.makedirs(away)
    environment = {"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}}

    def verify(content, *options):
        with open(f"{away}/receipt", "w", encoding="utf-8", newline="") as file:
            file.write(content)
        return run(f"{BUILD}/countersign", *options, cwd=away, env=environment)

    vote = desk.sql(f"SELECT person, case_id, verdict, why FROM vote WHERE seq = {seq}")[0]
    plain = verify(text, "log", "verify-receipt", "receipt")
    check(plain.returncode == 0 and all(word in plain.stdout for word in vote) and
          f"This is entry {seq} of the log {ORIGIN}" in plain.stdout, "verify-receipt says what was decided, and where")
    check("compare it with the key" in plain.stdout and desk.key in plain.stdout, "and that the key is to be compared")
    pinned = verify(text.replace("\n", "\r\n"), "log", "verify-receipt", "receipt", "--key", desk.key)
    check(pinned.returncode == 0 and "the key that you gave" in pinned.stdout, "with the published key, out of a mail")
    view = json.loads(verify(text, "--json", "log", "verify-receipt", "receipt").stdout)
    check(view["ok"] and view["entry"] == seq and view["body"]["verdict"] == vote[2] and not view["pinned"], "as JSON")
    extra = re.search("extra (.*)\n", text).group(1)
    fields = json.loads(base64.b64decode(extra))
    fields["body"] = fields["body"].replace(vote[2], "abstain" if vote[2] != "abstain" else "approve")
    forged = text.replace(extra, base64.b64encode(json.dumps(fields).encode()).decode())
    said = verify(forged, "log", "verify-receipt", "receipt")
    check(said.returncode == 65 and "not the one that the log's entry commits to" in said.stderr,
          "another verdict is refused: 65")
    said = verify(forged, "--json", "log", "verify-receipt", "receipt")
    check(said.returncode == 65 and json.loads(said.stdout)["ok"] is False, "and as JSON")
    check(verify(text, "log", "verify-receipt", "nothing").returncode == 66, "no file: 66")
    check(verify(text, "log", "verify-receipt", "receipt", "--key", "x").returncode == 64, "no key: 64")
    return text, forged


# --- tiles -------------------------------------------------------------------------------------------------------------

def sha(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1", root_of(hashes[:half]), root_of(hashes[half:]))


def tiles(desk, consistency):
    done = desk.cli("log", "export", "tiles")
    check(done.returncode == 0, "log export: " + done.stdout.strip())
    with open(desk.path("tiles/checkpoint"), encoding="utf-8") as file:
        note = file.read()
    size, root = int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2])
    hashes, leaves = b"", []
    for number in range(-(-size // 256)):
        rest = size - number * 256
        name = f"{number:03}" + (f".p/{rest}" if rest < 256 else "")
        with open(desk.path(f"tiles/tile/0/{name}"), "rb") as file:
            hashes += file.read()
        with open(desk.path(f"tiles/tile/entries/{name}"), "rb") as file:
            bundle = file.read()
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            leaves.append(bundle[2:2 + length])
            bundle = bundle[2 + length:]
    hashes = [hashes[i:i + 32] for i in range(0, len(hashes), 32)]
    check(len(leaves) == size and hashes == [sha(b"\0", leaf) for leaf in leaves], "the tiles hold every leaf's hash")
    check(root_of(hashes) == root, "and come to the checkpoint's root")
    check(root_of(hashes[:desk.sizes[0]]) == base64.b64decode(desk.notes[0].split("\n")[2]),
          "and to the root of the checkpoint before")
    check(len(consistency) > 1 and all(len(base64.b64decode(line)) == 32 for line in consistency),
          f"a consistency proof of {len(consistency)} hashes")
    check(desk.cli("log", "export", "tiles").returncode == 73, "a folder that is there is left alone: 73")


# --- the manual page ---------------------------------------------------------------------------------------------------

def from_page(section):
    """The example below a heading, as whoever copies it from the page has it."""
    with open(f"{SOURCE}/man/countersign-log.7", encoding="utf-8") as file:
        page = file.read()
    text = page.split(f".Ss {section}\n")[1].split(".Bd -literal -offset indent\n")[1].split(".Ed\n")[0]
    for roff, plain in (("\\(aq", "'"), ("\\(em", "\u2014"), ("\\e", "\\")):
        text = text.replace(roff, plain)
    return text


def by_openssl(desk, name, text):
    folder = f"{TMP}/openssl-{name}"
    os.makedirs(folder)
    with open(f"{folder}/receipt", "w", encoding="utf-8") as file:
        file.write(text)
    return run("sh", "-c", from_page("With OpenSSL"), cwd=folder, env={**os.environ, "KEY": desk.key})


def page_openssl(desk, text, forged):
    said = by_openssl(desk, "good", text)
    check(said.returncode == 0 and "The entry is in the log." in said.stdout and
          "The body is the one of the entry." in said.stdout, "the manual's steps with OpenSSL: " + said.stderr.strip())
    for seq in (0, desk.sizes[2] - 1):
        said = by_openssl(desk, str(seq), desk.cli("log", "prove", str(seq)).stdout)
        check(said.returncode == 0, f"and for entry {seq}")
    said = by_openssl(desk, "forged", forged)
    check(said.returncode != 0 and "The body is" not in said.stdout, "they find another body")
    index = re.search("index ([0-9]+)", text).group(1)
    said = by_openssl(desk, "moved", text.replace(f"index {index}\n", f"index {int(index) ^ 1}\n"))
    check(said.returncode != 0 and "is in the log" not in said.stdout, "and another place")
    head = text.split("\n\n")[1].split("\n")[2]
    said = by_openssl(desk, "unsigned", text.replace(head, base64.b64encode(bytes(32)).decode()))
    check(said.returncode != 0 and "is in the log" not in said.stdout, "and another root")


def has_go():
    found = shutil.which("go") and os.path.isdir(GO_PATH + "/src/golang.org/x/mod/sumdb/note")
    if not found:
        print("skipped: Go's packages (golang-go and golang-golang-x-mod-dev are not installed)")
    return found


def build_go(source, program):
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": GO_PATH, "GOCACHE": TMP + "/gocache", "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", program, source], env=environment, check=True, timeout=250)


def page_go(desk, text):
    if not has_go():
        return
    source, program, receipt = f"{TMP}/receipt.go", f"{TMP}/receipt-go", f"{TMP}/receipt"
    with open(source, "w", encoding="utf-8") as file:
        file.write(from_page("With Go"))
    with open(receipt, "w", encoding="utf-8") as file:
        file.write(text)
    build_go(source, program)
    said = run(program, receipt, desk.key)
    check(said.returncode == 0 and "The entry is in the log: {" in said.stdout, "the manual's program in Go")
    with open(receipt, "w", encoding="utf-8") as file:
        file.write(re.sub("index [0-9]+", "index 3", text))
    said = run(program, receipt, desk.key)
    check(said.returncode == 1 and said.stderr, "which refuses another place: " + said.stderr.strip())


# --- a bundle, by hand -------------------------------------------------------------------------------------------------

def commands(readme):
    """The command lines of a bundle's README.txt, as whoever copies them from there has them."""
    steps = readme.split("BY HAND")[1].split("WHAT IS HERE")[0]
    return [line.strip() for line in steps.split("\n") if line.startswith("    ")]


def bundle(desk):
    export = desk.cli("export", "CS-1", "bundle")
    check(export.returncode == 0 and "not on record" in export.stderr, "a desk that stands still notes no export, and says so")
    folder = desk.path("bundle")
    said = run(f"{BUILD}/countersign", "log", "verify-bundle", folder, "--key", desk.key)
    check(said.returncode == 0 and "no other entries it cannot show" in said.stdout, "nor does it say that it is complete")
    with open(f"{folder}/README.txt", encoding="utf-8") as file:
        sums, body, leaf, evidence = commands(file.read())
    check(run("sh", "-c", sums, cwd=folder).returncode == 0, "by hand: " + sums)
    seq = max(int(name.split(".")[0]) for name in os.listdir(f"{folder}/entries"))
    found = run("sh", "-c", body.replace("N", str(seq)), cwd=folder).stdout.split()[0]
    check(f'"body":"{found}"' in run("sh", "-c", leaf.replace("N", str(seq)), cwd=folder).stdout, "by hand: " + body)
    name = os.listdir(f"{folder}/evidence")[0]
    found = run("sh", "-c", evidence.replace("HASH", name), cwd=folder).stdout.split()[0]
    check(run("grep", "-rl", f'"commitment":"{found}"', f"{folder}/entries").stdout != "", "by hand: " + evidence)
    return folder


def bundle_go(desk, folder):
    if not has_go():
        return
    program = f"{TMP}/bundle-go"
    build_go(f"{SOURCE}/tests/interop/bundle.go", program)
    said = run(program, folder, desk.key)
    leaves = [name for name in os.listdir(f"{folder}/entries") if name.endswith(".leaf")]
    check(said.returncode == 0 and said.stdout == f"{len(leaves)} entries of {desk.sizes[2]}\n",
          f"Go's packages find its {len(leaves)} leaves in the log {said.stderr}")
    with open(f"{folder}/entries/{leaves[0]}", "ab") as file:
        file.write(b" ")
    said = run(program, folder, desk.key)
    check(said.returncode == 1 and leaves[0] in said.stderr, "and not one that was altered: " + said.stderr.strip())


def main():
    desk = make()
    heads(desk)
    consistency = kept(desk)
    proofs(desk)
    text, forged = receipts(desk)
    tiles(desk, consistency)
    page_openssl(desk, text, forged)
    page_go(desk, text)
    bundle_go(desk, bundle(desk))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
