# SPDX-License-Identifier: Apache-2.0
"""What an administrator with a copy of the state and the sqlite3 module can do to it, one deed at a time.

Tables and columns are read from the schema that the program made, so that a new one is tampered with as well.  A deed is
a name, what does it, and what the complaint must name.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import queue
import re
import shutil
import sqlite3
import subprocess
import time

# How the complaint names a row of the log's own tables; every other table's is named by its primary key.
# files: it touches evidence that is in files.
Deed = collections.namedtuple("Deed", "name do named files", defaults=(False,))
# Some hundred verifications of a tenth of a second: what they leak is for other tests to see.
QUICK = "detect_leaks=0:detect_stack_use_after_return=0:quarantine_size_mb=8:malloc_context_size=0"
FLAGS = ("verified", "settled", "grounds")


class Table:
    def __init__(self, base, name, sql):
        self.name, self.sql = name, sql
        self.columns = [(row[1], row[2], row[5]) for row in base.execute(f"PRAGMA table_info({name})")]
        self.names = [column for column, _, _ in self.columns]
        self.keys = [column for column, _, place in sorted(self.columns, key=lambda c: c[2]) if place] or self.names[:1]
        self.rows = base.execute(f"SELECT * FROM {name} ORDER BY {', '.join(self.keys)}").fetchall()

    def legal(self, column):
        """The values that a CHECK allows, if it lists them."""
        found = re.search(rf"CHECK \({column} IN \(([^)]*)\)\)", self.sql)
        return re.findall(r"'([^']*)'", found.group(1)) if found else None

    def other(self, column, kind, value):
        """Another value that might stand there."""
        legal = self.legal(column)
        if legal:
            return next(v for v in legal if v != value)
        if kind == "INTEGER":
            return 1 - value if column in FLAGS and value is not None else (value or 0) + 1000
        if kind == "REAL":
            return (value or 0) + 1
        if kind == "TEXT":
            return (value or "") + "x"
        return bytes(value[:-1]) + bytes([value[-1] ^ 1]) if value else b"\1" * 32

    def unique(self):
        """Columns in which a new row must differ from one that is there."""
        found = set(self.keys[-1:]) | set(re.findall(r"(?m)^ *(\w+) +\w+[^,\n]* UNIQUE", self.sql)) | {"voided"}
        return found | {group.split(",")[-1].strip() for group in re.findall(r"UNIQUE \(([^)]*)\)", self.sql)}

    def fresh(self, column, kind, value):
        """What nobody else has there: of numbers the next one, as whoever slips a row in would take."""
        taken = [row[self.names.index(column)] for row in self.rows]
        if kind == "INTEGER" and not self.legal(column):
            return max(n or 0 for n in taken) + 1
        return self.other(column, kind, value)

    def key(self, row):
        return {column: row[self.names.index(column)] for column in self.keys}

    def where(self):
        return " AND ".join(f"{column} IS ?" for column in self.keys)

    def named(self, *rows):
        """One of these rows must be named."""
        return [[self.name + ": row", *(f"{column}={shown(value)}" for column, value in self.key(row).items())] for row in rows]

    # --- deeds ---

    def edit(self, row, column, value):
        changed = tuple(value if name == column else old for name, old in zip(self.names, row))
        return Deed(f"{self.name}.{column} is edited",
                    lambda base, _: base.execute(f"UPDATE {self.name} SET {column} = ? WHERE {self.where()}",
                                              (value, *self.key(row).values())), self.named(row, changed))

    def edits(self, free):
        row = self.rows[len(self.rows) // 2]
        return [self.edit(row, column, self.other(column, kind, row[self.names.index(column)]))
                for column, kind, _ in self.columns if column not in free]

    def delete(self, row):
        return Deed(f"a row of {self.name} is deleted",
                    lambda base, _: base.execute(f"DELETE FROM {self.name} WHERE {self.where()}", tuple(self.key(row).values())),
                    self.named(row))

    def insert(self):
        """A row like one that is there under another key, or one made up."""
        row = self.rows[len(self.rows) // 2] if self.rows else tuple(self.other(c, kind, None) for c, kind, _ in self.columns)
        new = tuple(self.fresh(column, kind, value) if column in self.unique() and self.rows else value
                    for (column, kind, _), value in zip(self.columns, row))
        return Deed(f"a row of {self.name} is slipped in",
                    lambda base, _: base.execute(f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(new))})", new), self.named(new))

    def swap(self, a, b):
        """Two rows exchange everything but their keys."""
        def do(base, _):
            rest = [name for name in self.names if name not in self.keys]
            unique = re.findall(r"(?m)^ *(\w+) +\w+[^,\n]* UNIQUE", self.sql)
            base.execute(f"DELETE FROM {self.name} WHERE {self.where()}", tuple(self.key(b).values()))
            for row, other in ((a, b), (b, a)):
                values = {name: other[self.names.index(name)] if name in rest else row[self.names.index(name)] for name in self.names}
                if row is a:
                    for name in unique:  # its own until the other has made room
                        values[name] = row[self.names.index(name)] if name not in rest else values[name]
                base.execute(f"INSERT OR REPLACE INTO {self.name} VALUES ({', '.join('?' * len(self.names))})", tuple(values.values()))
        return Deed(f"two rows of {self.name} are swapped", do, self.named(a, b))

    def swaps(self):
        """The first two rows whose contents differ; none in a table that is all key."""
        rest = [i for i, name in enumerate(self.names) if name not in self.keys]
        for a, b in zip(self.rows, self.rows[1:]):
            if rest and any(a[i] != b[i] for i in rest):
                return [self.swap(a, b)]
        return []


def shown(value):
    """As the program shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return value[:8].hex()
    return f"'{value}'" if isinstance(value, str) else str(value)


def tables(path):
    """All tables but the virtual one's shadows and SQLite's own."""
    base = sqlite3.connect(path)
    try:
        found = base.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").fetchall()
        virtual = [name for name, sql in found if sql.startswith("CREATE VIRTUAL")]
        shadows = [name for name, _ in found if any(name.startswith(f"{v}_") for v in virtual)]
        return {name: Table(base, name, sql) for name, sql in found if name not in virtual + shadows}, shadows
    finally:
        base.close()


class Copies:
    """Copies of a state that was stopped, each with a configuration and a verifier of its own (tests/tamper/verify.c), to be
    spoiled at the same time."""

    def __init__(self, desk, build, count):
        self.desk, self.free, self.verifiers = desk, queue.Queue(), []
        self.state = f"{desk.folder}/state"
        with open(f"{self.state}/countersign.db", "rb") as file:
            self.bytes = file.read()
        config = open(desk.config, encoding="utf-8").read()
        for i in range(count):
            folder = f"{desk.folder}/copy{i}"
            shutil.copytree(self.state, folder)
            with open(f"{desk.folder}/etc/copy{i}.yaml", "w", encoding="utf-8") as file:
                file.write(re.sub(r"(?m)^state: .*$", f"state: {folder}", config))
            self.verifiers.append(subprocess.Popen([f"{build}/tests/tamper/verify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                   env=desk.environment(ASAN_OPTIONS=QUICK)))
            self.free.put(i)

    def close(self):
        for verifier in self.verifiers:
            verifier.stdin.close()
            verifier.wait()
            verifier.stdout.close()

    def refresh(self, folder, files):
        for name in ("countersign.db-wal", "countersign.db-shm"):
            if os.path.exists(f"{folder}/{name}"):
                os.unlink(f"{folder}/{name}")
        with open(f"{folder}/countersign.db", "wb") as file:
            file.write(self.bytes)
        if files:
            shutil.rmtree(f"{folder}/evidence", ignore_errors=True)
            shutil.copytree(f"{self.state}/evidence", f"{folder}/evidence")

    def verify(self, deed, *arguments):
        """Does it to a copy; (exit code, what `log verify` says)."""
        i = self.free.get()
        folder, verifier = f"{self.desk.folder}/copy{i}", self.verifiers[i]
        try:
            self.refresh(folder, False)
            try:
                spoil(folder, deed.do)
            except sqlite3.Error as problem:
                return -1, f"it could not be done: {problem}"
            verifier.stdin.write("\t".join([f"{self.desk.folder}/etc/copy{i}.yaml", *arguments]).encode() + b"\n")
            verifier.stdin.flush()
            code, length = verifier.stdout.readline().split()
            return int(code), verifier.stdout.read(int(length)).decode(errors="replace")
        finally:
            if deed.files:
                self.refresh(folder, True)
            self.free.put(i)

    def verify_all(self, deeds):
        with concurrent.futures.ThreadPoolExecutor(self.free.qsize()) as pool:
            return list(pool.map(self.verify, deeds))


def spoil(folder, do):
    """Lets `do` loose on a database, with every safeguard of SQLite's off.  It gets the connection and the folder."""
    base = sqlite3.connect(f"{folder}/countersign.db", isolation_level=None)
    try:
        base.execute("PRAGMA foreign_keys = OFF")
        base.execute("PRAGMA synchronous = OFF")  # it is killed by nobody
        base.execute("BEGIN")
        do(base, folder)
        base.execute("COMMIT")
    finally:
        base.close()


# --- the tree, as anybody may compute it (RFC 6962), and a history that is rewritten without a seam ----------------------

def nodes_of(leaves):
    """{id: hash} of all complete nodes."""
    level, hashes, found = 0, [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves], {}
    while hashes:
        for n, value in enumerate(hashes):
            found[node_id(level, n)] = value
        hashes = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2])]
        level += 1
    return found


def node_id(level, n):
    """Before the last leaf below (level, n) stand its predecessors' hashes; then its own, one a level."""
    last = ((n + 1) << level) - 1
    count, rest = 0, last
    while rest:
        count, rest = count + rest, rest // 2
    return count + level


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rewrite(base, seq, change):
    """Another body for an entry, and everything that follows from it: commitment, leaf, tree."""
    leaf, salt, body = base.execute("SELECT leaf, salt, body FROM entry WHERE seq = ?", (seq,)).fetchone()
    body = json.loads(body)
    change(body)
    body = canonical(body)
    leaf = json.loads(leaf)
    leaf["body"] = hashlib.sha256(b"countersign/body/v1\n" + salt + body).hexdigest()
    base.execute("UPDATE entry SET leaf = ?, body = ? WHERE seq = ?", (canonical(leaf), body, seq))
    retree(base)


def retree(base):
    base.execute("DELETE FROM node")
    leaves = [row[0] for row in base.execute("SELECT leaf FROM entry ORDER BY seq")]
    base.executemany("INSERT INTO node VALUES (?, ?)", sorted(nodes_of(leaves).items()))
    for (size,) in base.execute("SELECT size FROM checkpoint").fetchall():
        base.execute("UPDATE checkpoint SET root = ? WHERE size = ?", (root_of(leaves[:size]), size))


def root_of(leaves):
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]

    def root(part):
        if len(part) == 1:
            return part[0]
        k = 1
        while 2 * k < len(part):
            k *= 2
        return hashlib.sha256(b"\1" + root(part[:k]) + root(part[k:])).digest()
    return root(hashes) if hashes else hashlib.sha256(b"").digest()
