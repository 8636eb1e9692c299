# SPDX-License-Identifier: Apache-2.0
"""A log of our own to try a witness with: the tree of RFC 6962 and its proofs as the RFC writes them, notes signed by
OpenSSL.  Nothing of the project's code."""
import base64
import functools
import hashlib
import os
import subprocess
import tempfile

DER_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410: what stands before the seed
DER_PUBLIC = bytes.fromhex("302a300506032b6570032100")  # and before the public key


def b64(data):
    return base64.b64encode(data).decode()


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False)


def key_id(name, algorithm, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


class Log:
    def __init__(self, origin, seed=None, leaves=None):
        self.origin, self.seed = origin, seed or os.urandom(32)
        self.leaves = leaves or [b"%s %d" % (origin.encode(), i) for i in range(2000)]
        self.folder = tempfile.mkdtemp(prefix="log.", dir=os.environ.get("TMP"))
        self.key = f"{self.folder}/key.der"
        with open(self.key, "wb") as file:
            file.write(DER_PRIVATE + self.seed)
        self.public = openssl("pkey", "-inform", "DER", "-in", self.key, "-pubout", "-outform", "DER").stdout[12:]
        self.id = key_id(origin, 1, self.public)
        self.vkey = f"{origin}+{self.id.hex()}+{b64(bytes([1]) + self.public)}"

    def fork(self, at):
        """The same log, other leaves from number `at` on."""
        return Log(self.origin, self.seed, self.leaves[:at] + [b"forked " + leaf for leaf in self.leaves[at:]])

    # RFC 6962 section 2.1: MTH and PROOF of leaves begin..end.
    @functools.lru_cache(maxsize=None)
    def root(self, end, begin=0):
        n = end - begin
        if n == 0:
            return hashlib.sha256(b"").digest()
        if n == 1:
            return hashlib.sha256(b"\0" + self.leaves[begin]).digest()
        k = 1 << ((n - 1).bit_length() - 1)
        return hashlib.sha256(b"\1" + self.root(begin + k, begin) + self.root(end, begin + k)).digest()

    def proof(self, old, size):
        return self.subproof(old, 0, size, True) if 0 < old < size else []

    def subproof(self, m, begin, end, whole):
        n = end - begin
        if m == n:
            return [] if whole else [self.root(end, begin)]
        k = 1 << ((n - 1).bit_length() - 1)
        if m <= k:
            return self.subproof(m, begin, begin + k, whole) + [self.root(end, begin + k)]
        return self.subproof(m - k, begin + k, end, False) + [self.root(begin + k, begin)]

    def text(self, size):
        return f"{self.origin}\n{size}\n{b64(self.root(size))}\n".encode()

    @functools.lru_cache(maxsize=None)
    def signed(self, size, signer=None):
        by, text = signer or self, self.text(size)
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(text)
            file.flush()
            signature = openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", by.key, "-in", file.name).stdout
        return text + f"\n\u2014 {by.origin} {b64(by.id + signature)}\n".encode()

    def request(self, old, size, proof=None, signer=None):
        """The body of add-checkpoint."""
        lines = "".join(b64(h) + "\n" for h in (self.proof(old, size) if proof is None else proof))
        return f"old {old}\n{lines}\n".encode() + self.signed(size, signer)

    def cosignature_holds(self, line, vkey, size):
        """Is it one line, by that witness, over the head of that size, as OpenSSL has it?"""
        name, _, public = vkey.split("+", 2)
        public = base64.b64decode(public)[1:]
        dash, by, data = line.rstrip("\n").split(" ")
        data = base64.b64decode(data)
        if (dash, by, data[:4], line.count("\n")) != ("\u2014", name, key_id(name, 4, public), 1):
            return False
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(data[4:12], "big") + self.text(size)
        paths = [f"{self.folder}/{part}" for part in ("public.der", "message", "signature")]
        for path, content in zip(paths, (DER_PUBLIC + public, message, data[12:])):
            with open(path, "wb") as file:
                file.write(content)
        return openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                       "-in", paths[1], "-sigfile", paths[2]).returncode == 0
