#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interop.py - notes and proofs against tools that nobody here wrote.

Go's golang.org/x/mod/sumdb/note and tlog verify the heads that our code signed, and the inclusion and consistency
proofs that it made, and find them the same as their own; our code verifies theirs; both refuse what was altered.
OpenSSL's command verifies a head's signature and a cosignature, and signs a head that our code verifies.  Where Go
is missing its part is left out.
"""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys

COUNT = 300
TMP = os.environ["TMP"]
OURS = os.environ["BUILD"] + "/tests/interop/notes"
GO = TMP + "/notes-go"
GO_SOURCE = os.environ["SOURCE"] + "/tests/interop/notes.go"
GO_PATH = "/usr/share/gocode"
# What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410).
DER_PUBLIC = bytes.fromhex("302a300506032b6570032100")
failures = 0


def check(truth, what):
    global failures
    print(("ok: " if truth else "FAILED: ") + what)
    failures += not truth


def run(*command, text=""):
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=100)


def made(program):
    result = run(program, "make", str(COUNT))
    if result.returncode:
        sys.exit(f"{program} makes nothing: {result.stderr}")
    return json.loads(result.stdout)


def verify(program, log):
    return run(program, "check", text=json.dumps(log))


def build_go():
    """Is Go here, with its packages?"""
    if not shutil.which("go") or not os.path.isdir(GO_PATH + "/src/golang.org/x/mod/sumdb/note"):
        print("skipped: Go's packages (golang-go and golang-golang-x-mod-dev are not installed)")
        return False
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": GO_PATH, "GOCACHE": TMP + "/gocache", "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", GO, GO_SOURCE], env=environment, check=True, timeout=250)
    return True


# --- both read what either wrote --------------------------------------------------------------------------------------

def spoiled(log):
    """The log with one thing wrong in it, in each of several ways; so that a checker that takes all is found out."""
    def change(what, alter):
        copy = json.loads(json.dumps(log))
        alter(copy)
        return what, copy

    other = "x" + log["leaves"][5][1:]
    head = log["heads"][COUNT - 1]
    proof = next(i for i, row in enumerate(log["inclusion"]) if row["size"] == COUNT and row["index"] == 5)
    tree = next(i for i, row in enumerate(log["consistency"]) if row["size"] == COUNT and row["old"] == 200)
    yield change("an edited leaf", lambda l: l["leaves"].__setitem__(5, other))
    yield change("swapped leaves", lambda l: l["leaves"].insert(5, l["leaves"].pop(6)))
    yield change("an edited size", lambda l: l["heads"].__setitem__(COUNT - 1, head.replace(f"\n{COUNT}\n", f"\n{COUNT - 1}\n")))
    yield change("another's head", lambda l: l.__setitem__("key", foreign_key(log["key"])))
    yield change("an inclusion proof of another leaf", lambda l: l["inclusion"][proof].__setitem__("index", 6))
    if "turn" in log:
        yield change("a head of two keys under another key", lambda l: l["turn"]["keys"].__setitem__(0, foreign_key(log["key"])))
    yield change("a consistency proof of another size", lambda l: l["consistency"][tree].__setitem__("old", 201))


def foreign_key(vkey):
    """A well-formed key of the same name."""
    name, material = vkey.split("+", 1)[0], b"\x01" + bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    return vkey_of(name, material)


def vkey_of(name, material):
    digest = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()
    return f"{name}+{digest[:8]}+{base64.b64encode(material).decode()}"


def compare(writer, log, reader, program):
    result = verify(program, log)
    print(f"{reader} of {writer}: {(result.stdout or result.stderr).strip()}")
    check(result.returncode == 0 and result.stdout.startswith(f"{COUNT} heads, ") and len(log["inclusion"]) > 1000,
          f"{reader} verifies heads and proofs of {writer}")
    for what, wrong in spoiled(log):
        check(verify(program, wrong).returncode != 0, f"{reader} refuses {what} of {writer}")


# --- OpenSSL ----------------------------------------------------------------------------------------------------------

def file(name, content):
    path = f"{TMP}/{name}"
    with open(path, "wb") as out:
        out.write(content)
    return path


def openssl_verifies(vkey, message, signature):
    key = file("key.der", DER_PUBLIC + base64.b64decode(vkey.split("+", 2)[2])[1:])
    return run("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", key,
               "-in", file("message", message), "-sigfile", file("signature", signature)).returncode == 0


def openssl_takes_ours(log):
    text, lines = log["heads"][COUNT - 1].rsplit("\n\n", 1)
    text = (text + "\n").encode()
    mine, witness = (base64.b64decode(line.rsplit(" ", 1)[1])[4:] for line in lines.splitlines())
    cosigned = b"cosignature/v1\ntime %d\n" % int.from_bytes(witness[:8], "big") + text
    check(openssl_verifies(log["key"], text, mine), "OpenSSL verifies the signature of a head")
    check(not openssl_verifies(log["key"], text.replace(b"300", b"301"), mine), "OpenSSL refuses it over another size")
    check(openssl_verifies(log["witness"], cosigned, witness[8:]), "OpenSSL verifies a cosignature")
    check(not openssl_verifies(log["witness"], text, witness[8:]), "OpenSSL refuses it over the text alone")


def ours_take_openssl(log):
    private, signature = TMP + "/private.pem", TMP + "/signed"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    public = subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    vkey = vkey_of("openssl.example/log", b"\x01" + public[len(DER_PUBLIC):])
    text = log["heads"][COUNT - 1].rsplit("\n\n", 1)[0] + "\n"
    subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", private, "-in", file("message", text.encode()),
                    "-out", signature], check=True)
    with open(signature, "rb") as signed:
        line = base64.b64encode(bytes.fromhex(vkey.split("+")[1]) + signed.read()).decode()
    signed_log = {"key": vkey, "leaves": log["leaves"], "heads": [f"{text}\n— openssl.example/log {line}\n"]}
    result = verify(OURS, signed_log)
    check(result.returncode == 0 and result.stdout.startswith("1 heads"), f"our code verifies what OpenSSL signed {result.stderr}")
    signed_log["key"] = foreign_key(vkey)
    check(verify(OURS, signed_log).returncode != 0, "our code refuses it under another key")


def main():
    ours = made(OURS)
    compare("ours", ours, "our code", OURS)
    openssl_takes_ours(ours)
    ours_take_openssl(ours)
    if build_go():
        compare("ours", ours, "Go", GO)
        compare("Go's", made(GO), "our code", OURS)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
