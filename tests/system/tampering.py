#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tampering.py - an administrator edits, deletes, swaps and slips in rows of every table, cuts the log's tail, rewrites it,
puts an older copy in its place, exchanges evidence: each is named, by `log verify`, by the core's own look at the log, by
a kept checkpoint, or by the first reply that comes in.

The deeds on tables are made from the schema: a table or column that is added to it is tampered with from that day on,
and must be named or stand below with its reason.
"""
import hashlib
import json
import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from chat import run_chat  # noqa: E402
from tamper import Copies, Deed, retree, rewrite, spoil, tables  # noqa: E402
from trial import give_away, reply_to, stay_tidy  # noqa: E402
from desk import WIRE  # noqa: E402 - tests/rig, where trial looks
from varied import LETTER, live  # noqa: E402

# What may be edited unnamed, and why that gains nobody anything.
FREE = {
    "inbox": {"message_id": "recognises a Message-ID that comes twice; the mail itself is evidence",
              "tries": "how patient the desk is with its parser",
              "reply": "what Slack is told once more when it asks twice; nothing is decided by it"},
    # Until a letter has gone its words are not sealed: a vote binds to the content hash all the same.
    "outbox": {"place": "where in Slack; to whom is in the token", "in_reply_to": "threading", "refs": "threading",
               "head": "whether it waits for a signed head; beyond the log it is named",
               "model": "words of a letter", "created": "when it was made", "next": "when it is tried", "tries": "how often it was",
               "problem": "what the last try met"},
    "posting": {"channel": "the log does not say where in Slack a letter went", "ts": "likewise",
                "settled": "whether its buttons were taken away; a press is judged by the case"},
    "token": {},
    "cosignature": {"at": "when the witness answered; its own time is in the cosignature"},
    "timestamp": {},
}
# Deeds that are told by another row than their own: {table: what then is named}.
ELSEWHERE = {"inbox": ["inbox: row", "is missing: the log received a message"], "token": ["outbox: row", "token"]}
# Rows whose loss nobody can tell: what a message became in Slack, and what others said of our heads, is in no entry.
LOST = {"posting", "cosignature", "timestamp"}
KNOWN = {"entry", "node", "checkpoint", "history", "cases", "version", "fact", "tag", "finding", "precedent", "evidence", "stage",
         "review", "vote", "comment", "grants", "link", "imported", "timer", "message", "membership", "publication", "applying",
         "alarm", "restored", "erasure", "erased", "hold", "archived", "words", "blob", "inbox", "outbox", "posting", "token",
         "cosignature", "timestamp"}


def is_named(deed, said):
    return any(all(word in said for word in words) for words in deed.named)


def judge(t, deed, code, said):
    return t.check(code == 65 and is_named(deed, said), f"{deed.name}: {code} {stay_tidy(said)}")


def generic(found):
    deeds = []
    for name, table in found.items():
        if name in ("entry", "node"):
            continue
        mine = []
        if table.rows:
            mine += table.edits(FREE.get(name, {}))
            if name not in LOST:
                mine += [*table.swaps(), table.delete(table.rows[len(table.rows) // 2])]
        mine.append(table.insert())
        deeds += [deed._replace(named=deed.named + [ELSEWHERE[name]] if name in ELSEWHERE else deed.named) for deed in mine]
    return deeds


def every_table(t, copies, found):
    t.say("every table")
    t.check(set(found) == KNOWN, f"the schema has the tables that this test knows: {sorted(set(found) ^ KNOWN)}")
    deeds = generic(found)
    results = copies.verify_all(deeds)
    missed = [(deed, code, said) for deed, (code, said) in zip(deeds, results) if code != 65 or not is_named(deed, said)]
    t.check(not missed, f"{len(deeds) - len(missed)} of {len(deeds)} deeds on {len(found)} tables are named")
    for deed, code, said in missed:
        t.check(False, f"{deed.name} {deed.named[0]}: {code} {stay_tidy(said)}")


def run_deeds(t, copies, what, deeds):
    t.say(what)
    for deed, (code, said) in zip(deeds, copies.verify_all(deeds)):
        judge(t, deed, code, said)


def the_log(t, copies, found):
    last = len(found["entry"].rows) - 1
    middle = last // 2
    entry = f"entry {middle}"

    def sql(statement, *values):
        return lambda base, _: base.execute(statement, values)

    def leaf(old, new, seq=middle):
        def do(base, _):
            was = base.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()[0]
            changed = was.replace(old, new, 1)
            assert changed != was
            base.execute("UPDATE entry SET leaf = ? WHERE seq = ?", (changed, seq))
        return do

    def exchange(columns):
        def do(base, _):
            rows = [base.execute(f"SELECT {columns} FROM entry WHERE seq = ?", (seq,)).fetchone() for seq in (middle, middle + 1)]
            for seq, row in zip((middle + 1, middle), rows):
                base.execute(f"UPDATE entry SET ({columns}) = ({', '.join('?' * len(row))}) WHERE seq = ?", (*row, seq))
        return do

    def cut(base, _):
        base.execute("DELETE FROM entry WHERE seq > ?", (last - 3,))
        base.execute("DELETE FROM history WHERE seq > ?", (last - 3,))

    def node(base, _):
        a, b = base.execute("SELECT id, hash FROM node ORDER BY id LIMIT 2").fetchall()
        base.execute("UPDATE node SET hash = ? WHERE id = ?", (b[1], a[0]))
        base.execute("UPDATE node SET hash = ? WHERE id = ?", (a[1], b[0]))

    run_deeds(t, copies, "the log itself", [
        Deed("entry.leaf: another actor", leaf(b'"actor":"', b'"actor":"x'), [[entry]]),
        Deed("entry.leaf: another time", leaf(b'"time":"20', b'"time":"19'), [[entry]]),
        Deed("entry.leaf: a blank that hashes otherwise", leaf(b'":', b'": '), [[entry]]),
        Deed("entry.leaf is no JSON", leaf(b"{", b"["), [[entry]]),
        Deed("entry.body is edited", sql("UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), '}', ',\"zz\":1}') AS BLOB) WHERE seq = ?", middle), [[entry]]),
        Deed("entry.salt is edited", sql("UPDATE entry SET salt = zeroblob(32) WHERE seq = ?", middle), [[entry]]),
        Deed("entry.salt and body are erased", sql("UPDATE entry SET salt = NULL, body = NULL WHERE seq = ?", middle), [[entry]]),
        Deed("an entry is deleted", sql("DELETE FROM entry WHERE seq = ?", middle), [[entry, "missing"]]),
        Deed("the first entry is deleted", sql("DELETE FROM entry WHERE seq = 0"), [["entry 0", "missing"]]),
        Deed("entry.seq is edited", sql("UPDATE entry SET seq = ? WHERE seq = ?", last + 1, middle), [[entry, "missing"], ["the log is damaged: node"]]),
        Deed("an entry is slipped in", sql("INSERT INTO entry SELECT seq + 1, leaf, salt, body FROM entry WHERE seq = ?", last), [[f"entry {last + 1}"], ["the log is damaged: node"]]),
        Deed("two entries are swapped", exchange("leaf, salt, body"), [[entry]]),
        Deed("two entries' bodies are swapped", exchange("salt, body"), [[entry]]),
        Deed("the tail is cut off, its hashes left", cut, [["node: row id="]]),
        Deed("node.hash is edited", sql("UPDATE node SET hash = zeroblob(32) WHERE id = 2"), [["node: row id=2"]]),
        Deed("node.id is edited", sql("UPDATE node SET id = 100000 WHERE id = 5"), [["node: row id=5"]]),
        Deed("a node is deleted", sql("DELETE FROM node WHERE id = 5"), [["node: row id=5", "missing"]]),
        Deed("a node is slipped in", sql("INSERT INTO node SELECT max(id) + 1, hash FROM node"), [["node: row id="]]),
        Deed("two nodes are swapped", node, [["node: row id=0"]]),
    ])


def evidence(t, copies, found):
    large = next(row for row in found["blob"].rows if row[3] is None)
    small = [row for row in found["blob"].rows if row[3] is not None][:2]
    path = f"evidence/{large[0].hex()[:2]}/{large[0].hex()}"
    named = [[f"blob: row sha256={large[0].hex()}"]]

    def file(what):
        def do(_, folder):
            os.chmod(f"{folder}/{path}", 0o600)
            what(f"{folder}/{path}")
        return do

    def write(path, at, data):
        with open(path, "r+b") as out:
            out.seek(at)
            out.write(data)

    def swap_data(base, _):
        base.execute("UPDATE blob SET data = ?, size = ? WHERE sha256 = ?", (small[1][3], small[1][1], small[0][0]))
        base.execute("UPDATE blob SET data = ?, size = ? WHERE sha256 = ?", (small[0][3], small[0][1], small[1][0]))

    def other_letter(base, _):
        """Consistent but for the log: other bytes under their own hash, every reference moved there."""
        data = b"you may not\n"
        new, row = hashlib.sha256(data).digest(), next(r for r in found["blob"].rows if r[3] == LETTER)
        base.execute("UPDATE blob SET sha256 = ?, data = ?, size = ? WHERE sha256 = ?", (new, data, len(data), row[0]))
        base.execute("UPDATE evidence SET sha256 = ?, size = ?, commitment = ? WHERE sha256 = ?",
                     (new, len(data), hashlib.sha256(b"countersign/evidence/v1\n" + row[2] + data).digest(), row[0]))

    letter = next(row[0].hex() for row in found["blob"].rows if row[3] == LETTER)
    run_deeds(t, copies, "evidence", [
        Deed("a byte of a file is another", file(lambda p: write(p, 500, b"X")), named),
        Deed("a file is longer", file(lambda p: write(p, large[1], b"more")), named),
        Deed("a file is cut", file(lambda p: os.truncate(p, 100)), named),
        Deed("a file is deleted", file(os.unlink), named),
        Deed("a file is another's", file(lambda p: shutil.copy(t.desk.config, p)), named),
        Deed("two blobs' bytes are swapped", swap_data, [[f"blob: row sha256={row[0].hex()}"] for row in small]),
        Deed("a letter is replaced everywhere", other_letter, [[f"blob: row sha256={letter} is missing"]]),
    ])


def the_schema(t, copies, shadows):
    def sql(statement):
        return lambda base, _: base.execute(statement)

    trigger = "CREATE TRIGGER quiet AFTER INSERT ON vote BEGIN UPDATE vote SET verdict = 'approve'; END"
    deeds = [
        Deed("a trigger is slipped in", sql(trigger), [["schema: row", "quiet"]]),
        Deed("a view is slipped in", sql("CREATE VIEW quiet AS SELECT 1"), [["schema: row", "quiet"]]),
        Deed("a table is slipped in", sql("CREATE TABLE quiet (a INTEGER) STRICT"), [["schema: row", "quiet"]]),
        Deed("a column is slipped in", sql("ALTER TABLE vote ADD COLUMN quiet INTEGER"), [["schema: row", "vote"]]),
        Deed("an index is dropped", sql("DROP INDEX vote_once"), [["schema: row", "vote_once"]]),
        Deed("a table is dropped", sql("DROP TABLE alarm"), [["alarm"]]),
        Deed("the index of words forgets a case", sql("INSERT INTO search (search, rowid, text) SELECT 'delete', id, text FROM words LIMIT 1"), [["search: row"]]),
        Deed("the index of words learns a word", sql("INSERT INTO search (rowid, text) VALUES (1, 'harmless')"), [["search: row"]]),
        Deed("search_data is edited", sql("UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10"), [["search"]]),
        Deed("search_data loses a row", sql("DELETE FROM search_data WHERE id > 10"), [["search"]]),
    ]
    t.check(set(shadows) == {"search_data", "search_idx", "search_docsize", "search_config"}, f"SQLite's own tables are those {shadows}")
    run_deeds(t, copies, "the schema, and the index of words", deeds)


# --- what only somebody outside can know ---------------------------------------------------------------------------------

def forge(base, _):
    """Ann approved on other grounds: the entry, its commitment, the tree and the table all agree."""
    seq, = base.execute("SELECT min(seq) FROM vote WHERE person = 'person:ann'").fetchone()
    rewrite(base, seq, lambda body: body.update(why="I was told to"))
    base.execute("UPDATE vote SET why = 'I was told to' WHERE seq = ?", (seq,))


def shorten(base, _):
    """The last entry, and all that followed from it: nothing but its hashes."""
    last, leaf = base.execute("SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    assert json.loads(leaf)["type"] == "daemon.stopped"
    base.execute("DELETE FROM entry WHERE seq = ?", (last,))
    retree(base)


def put_state(t, base_bytes, do=None):
    """A database in place of the desk's; evidence stays."""
    state = f"{t.desk.folder}/state"
    for name in ("countersign.db-wal", "countersign.db-shm"):
        if os.path.exists(f"{state}/{name}"):
            os.unlink(f"{state}/{name}")
    with open(f"{state}/countersign.db", "wb") as file:
        file.write(base_bytes)
    if do:
        spoil(state, do)
    for name in os.listdir(state):
        give_away(f"{state}/{name}")


def replied(t, review, code, what):
    """The first genuine reply tells."""
    t.desk.start()
    start = t.size()
    message = reply_to(review, "approve\n")
    message["From"], message["Message-ID"] = t.people["cy"].header(), f"<{os.urandom(6).hex()}@pc.{t.rig.domain}>"
    t.check(t.deliver(t.stamp() + message.as_bytes(policy=WIRE)) == 0, f"{what}: a reply comes in")
    alarm = t.entry(start, "alarm.raised")
    t.check(alarm["body"]["code"] == code and t.desk.json("status")["frozen"], f"{what}: the first reply tells: {alarm['body']['code']}")
    t.check(not t.since(start, "vote.cast"), f"{what}: and decides nothing")
    t.desk.stop()


def outside(t, copies, older, review):
    t.say("rewritten without a seam, cut, or an older copy: only somebody outside can know")
    for deed in (Deed("the history is rewritten consistently", forge, [["The log is whole"]]),
                 Deed("the last entry is cut off consistently", shorten, [["The log is whole"]])):
        code, said = copies.verify(deed)
        t.check(code == 0 and is_named(deed, said), f"{deed.name}: it agrees with itself: {stay_tidy(said)}")
    kept(t, copies)
    put_state(t, copies.bytes, forge)
    replied(t, review, "fork-detected", "rewritten")
    put_state(t, older)
    replied(t, review, "rollback-detected", "an older copy")
    put_state(t, copies.bytes)


def kept(t, copies):
    """With a checkpoint that somebody kept."""
    head = t.desk.json("log", "head")
    if "note" not in head:
        print("skipped: this desk signs no checkpoints that somebody could keep", flush=True)
        return
    path = f"{t.folder}/kept.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(head["note"])
    code, said = copies.verify(Deed("nothing", lambda base, _: None, []), "--against", path)
    t.check(code == 0, f"the log goes on from what was kept: {stay_tidy(said)}")
    for name, do in (("rewritten", forge), ("cut", shorten)):
        code, said = copies.verify(Deed(name, do, []), "--against", path)
        t.check(code == 65 and "kept.txt" in said, f"{name}: a kept checkpoint tells: {stay_tidy(said)}")


# --- the core's own look -------------------------------------------------------------------------------------------------

def looking(t, copies):
    t.say("the core looks at its own log")
    put_state(t, copies.bytes, lambda base, _: base.execute("UPDATE vote SET verdict = 'reject'"))
    start = t.sql("SELECT count(*) FROM entry")[0][0]
    t.desk.start()
    alarm = t.entry(start, "alarm.raised")
    t.check(alarm["body"]["code"] == "log-damaged" and "vote: row seq=" in alarm["body"]["text"],
            f"at its start: {stay_tidy(alarm['body']['text'])}")
    t.check(t.desk.json("status")["frozen"], "and is frozen")
    t.desk.stop()
    put_state(t, copies.bytes)
    t.desk.start("--clock=7200")
    start = t.size()
    spoil(f"{t.desk.folder}/state", lambda base, _: base.execute("UPDATE node SET hash = zeroblob(32) WHERE id = 3"))
    alarm = t.entry(start, "alarm.raised")
    t.check(alarm["body"]["code"] == "log-damaged" and "node: row id=3 " in alarm["body"]["text"],
            f"and every hour: {stay_tidy(alarm['body']['text'])}")
    t.check(t.desk.json("status")["frozen"], "and is frozen")
    t.desk.stop()


def snapshot(t):
    """What somebody who takes a copy of the running database has."""
    path = f"{t.folder}/older.db"
    source, copy = sqlite3.connect(f"file:{t.desk.folder}/state/countersign.db?mode=ro", uri=True), sqlite3.connect(path)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()
    with open(path, "rb") as file:
        return file.read()


def play(t):
    older, review = live(t, snapshot)
    t.desk.stop()
    t.verify()
    copies = Copies(t.desk, 2)
    found, shadows = tables(f"{t.desk.folder}/state/countersign.db")
    every_table(t, copies, found)
    the_log(t, copies, found)
    evidence(t, copies, found)
    the_schema(t, copies, shadows)
    outside(t, copies, older, review)
    looking(t, copies)


if __name__ == "__main__":
    sys.exit(run_chat(play))
