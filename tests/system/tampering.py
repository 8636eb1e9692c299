#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tampering.py - an administrator edits, deletes, swaps and slips in rows of every table, cuts the log's tail, rewrites it,
puts an older copy in its place (the signer's mark with it), signs anew with another key, exchanges evidence: each is named,
by `log verify`, by the core's own look at the log, by a kept checkpoint, or by the first reply that comes in.

The deeds on tables are made from the schema: a table or column that is added to it is tampered with from that day on,
and must be named or stand below with its reason.
"""
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from chat import run_chat  # noqa: E402
from signing import covered, new_key, sign_with  # noqa: E402
from tamper import Copies, Deed, canonical, retree, rewrite, root_of, spoil, tables  # noqa: E402
from tree import Log  # noqa: E402
from trial import BUILD, give_away, reply_to, stay_tidy  # noqa: E402
from desk import WIRE  # noqa: E402 - tests/rig, where trial looks
from varied import LETTER, live  # noqa: E402

# What may be edited unnamed, and why that gains nobody anything.
FREE = {
    "inbox": {"message_id": "recognises a Message-ID that comes twice; the mail itself is evidence",
              "tries": "how patient the desk is with its parser",
              "reply": "what Slack is told once more when it asks twice; nothing is decided by it"},
    "outbox": {"next": "when it is tried", "tries": "how often it was", "problem": "what the last try met"},
    "posting": {"settled": "whether its buttons were taken away; a press is judged by the case"},
    "token": {},
    "cosignature": {"at": "when the witness answered; its own time is in the cosignature"},
    "timestamp": {},
}
# Deeds that are told by another row than their own: {table: what then is named}.
ELSEWHERE = {"inbox": ["inbox: row", "is missing: the log received a message"], "token": ["outbox: row", "token"],
             "sealed": ["outbox: row", "sealed"]}
# Rows whose loss nobody can tell: heads that were signed and what others said of them are in no entry.  Whoever kept one
# still has it.
LOST = {"checkpoint", "cosignature", "timestamp"}
KNOWN = {"entry", "node", "checkpoint", "history", "cases", "version", "fact", "tag", "finding", "precedent", "evidence", "stage",
         "review", "vote", "comment", "grants", "link", "imported", "timer", "message", "membership", "publication", "applying",
         "alarm", "restored", "erasure", "erased", "hold", "archived", "words", "blob", "inbox", "outbox", "posting", "token", "sealed",
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
            mine += table.edits(FREE.get(name, {})) + table.swaps()
            if name not in LOST:
                mine.append(table.delete(table.rows[len(table.rows) // 2]))
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
        Deed("the tail is cut off, its hashes left", cut, [["checkpoint: row size="]]),
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

    def file(name, what):
        def do(_, folder):
            os.chmod(f"{folder}/{path}", 0o600)
            what(f"{folder}/{path}")
        return Deed(name, do, named, files=True)

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
        file("a byte of a file is another", lambda p: write(p, 500, b"X")),
        file("a file is longer", lambda p: write(p, large[1], b"more")),
        file("a file is cut", lambda p: os.truncate(p, 100)),
        file("a file is deleted", os.unlink),
        file("a file is another's", lambda p: shutil.copy(t.desk.config, p)),
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


def letters(t, copies, found):
    """What is in hand: where a reply, a press or a letter goes astray without a row being wrong by itself."""
    reviews = "SELECT id FROM outbox WHERE kind = 'review' AND carrier = ? ORDER BY id LIMIT 2"

    def sql(statement):
        return lambda base, _: base.execute(statement)

    def exchange(base, _):
        a, b = (row[0] for row in base.execute(reviews, ("slack",)))
        base.execute("UPDATE outbox SET model = (SELECT model FROM outbox b WHERE b.id = ?) WHERE id = ?", (b, a))

    def post_elsewhere(base, _):
        a, b = base.execute("SELECT letter, channel, ts FROM posting ORDER BY letter LIMIT 2").fetchall()
        base.execute("DELETE FROM posting WHERE letter = ?", (b[0],))
        base.execute("UPDATE posting SET channel = ?, ts = ? WHERE letter = ?", (b[1], b[2], a[0]))
        base.execute("INSERT INTO posting VALUES (?, ?, ?, 0)", (b[0], a[1], a[2]))

    run_deeds(t, copies, "what is in hand", [
        Deed("a reply token is unused again", sql("UPDATE token SET used = NULL"), [["token: row id=", "is not used"]]),
        Deed("a letter shows another case", exchange, [["outbox: row id=", "sealed"]]),
        Deed("two messages in Slack are exchanged", post_elsewhere, [["posting: row letter=", "another message"]]),
        Deed("a seal is copied from another letter", sql("UPDATE sealed SET seal = (SELECT seal FROM sealed ORDER BY letter LIMIT 1)"), [["outbox: row id=", "sealed"]]),
        Deed("all seals are taken away", sql("DELETE FROM sealed"), [["outbox: row id=", "not sealed"]]),
    ])


# --- what only somebody outside can know ---------------------------------------------------------------------------------

def forge(base, _):
    """Ann approved on other grounds: the entry, its commitment, the tree and the table all agree."""
    seq, = base.execute("SELECT min(seq) FROM vote WHERE person = 'person:ann'").fetchone()
    rewrite(base, seq, lambda body: body.update(why="I was told to"))
    base.execute("UPDATE vote SET why = 'I was told to' WHERE seq = ?", (seq,))


def forget_heads(do):
    def both(base, folder):
        do(base, folder)
        base.execute("DELETE FROM checkpoint")
    return both


def sign_anew(origin):
    """What the forger's own key is good for."""
    log = Log(origin)

    def do(base, folder):
        forge(base, folder)
        log.leaves = [row[0] for row in base.execute("SELECT leaf FROM entry ORDER BY seq")]
        size, = base.execute("SELECT max(size) FROM checkpoint").fetchone()
        base.execute("DELETE FROM checkpoint WHERE size < ?", (size,))
        base.execute("UPDATE checkpoint SET note = ?", (log.signed(size).decode(),))
    return do


def shorten(base, _):
    """The last entry, and all that followed from it: nothing but its hashes."""
    last, leaf = base.execute("SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    assert json.loads(leaf)["type"] == "audit.queried"
    base.execute("DELETE FROM entry WHERE seq = ?", (last,))
    base.execute("DELETE FROM checkpoint WHERE size > ?", (last,))
    retree(base)


def mark_of(base):
    """The signer's mark for a database that is to pass: whoever can write the one can write the other."""
    leaves = [row[0] for row in base.execute("SELECT leaf FROM entry ORDER BY seq")]
    return canonical({"root": root_of(leaves).hex(), "size": len(leaves), "time": 0}) + b"\n"


def put_state(t, base_bytes, do=None, mark=None):
    """A database in place of the desk's, and a mark in place of the signer's; evidence stays."""
    state = f"{t.desk.folder}/state"
    for name in ("countersign.db-wal", "countersign.db-shm"):
        if os.path.exists(f"{state}/{name}"):
            os.unlink(f"{state}/{name}")
    with open(f"{state}/countersign.db", "wb") as file:
        file.write(base_bytes)
    if do:
        spoil(state, do)
    if mark is None:
        base = sqlite3.connect(f"{state}/countersign.db")
        mark = mark_of(base)
        base.close()
    with open(f"{state}/signer/mark", "wb") as file:
        file.write(mark)
    for name in os.listdir(state):
        give_away(f"{state}/{name}")


def replied(t, review, code, what):
    """The first genuine reply tells."""
    t.desk.start()
    start = t.size()
    message = reply_to(review, "approve\n")
    message["From"], message["Message-ID"] = t.people["cy"].header(), f"<{os.urandom(6).hex()}@pc.{t.rig.domain}>"
    t.check(not t.desk.json("status")["frozen"], f"{what}: the core and its signer notice nothing")
    t.check(t.deliver(t.stamp() + message.as_bytes(policy=WIRE)) == 0, f"{what}: a reply comes in")
    alarm = t.entry(start, "alarm.raised")
    t.check(alarm["body"]["code"] == code and t.desk.json("status")["frozen"], f"{what}: the first reply tells: {alarm['body']['code']}")
    t.check(not t.since(start, "vote.cast"), f"{what}: and decides nothing")
    t.desk.stop()


def outside(t, copies, older, review):
    t.say("rewritten without a seam, cut, or an older copy: what was signed tells, or somebody outside")
    origin = f"{t.rig.domain}/countersign"
    run_deeds(t, copies, "with the heads that were signed", [
        Deed("the history is rewritten, its heads are left", forge, [["checkpoint: row size=", "another size or root"]]),
        Deed("the history is rewritten, its heads signed anew with another key", sign_anew(origin), [["checkpoint: row size=", "not signed by the log's key"]]),
    ])
    t.say("without them")
    for deed in (Deed("the history is rewritten, its heads are gone", forget_heads(forge), [["The log is whole"]]),
                 Deed("the last entry is cut off consistently", shorten, [["The log is whole"]])):
        code, said = copies.verify(deed)
        t.check(code == 0 and is_named(deed, said), f"{deed.name}: it agrees with itself: {stay_tidy(said)}")
    kept(t, copies, older)
    put_state(t, copies.bytes, forget_heads(forge))
    replied(t, review, "fork-detected", "rewritten, the signer's mark too")
    put_state(t, *older)
    replied(t, review, "rollback-detected", "an older copy, the signer's mark with it")
    put_state(t, copies.bytes)


def kept(t, copies, older):
    """With a checkpoint that somebody kept."""
    path = f"{t.folder}/kept.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write(t.desk.json("log", "head")["checkpoint"])
    code, said = copies.verify(Deed("nothing", lambda base, _: None, []), "--against", path)
    t.check(code == 0, f"the log goes on from what was kept: {stay_tidy(said)}")
    for name, do in (("rewritten", forget_heads(forge)), ("its tail is rewritten", forget_heads(rewrite_tail)), ("cut", shorten)):
        code, said = copies.verify(Deed(name, do, []), "--against", path)
        t.check(code == 65 and "kept.txt" in said, f"{name}: a kept checkpoint tells: {stay_tidy(said)}")
    put_state(t, *older)
    told = t.desk.cli("log", "verify", check=False)
    t.check(told.returncode == 0, f"an older copy, the signer's mark with it: it agrees with itself: {stay_tidy((told.stdout + told.stderr).decode())}")
    told = t.desk.cli("log", "verify", "--against", path, check=False)
    t.check(told.returncode == 65 and b"kept.txt" in told.stderr, f"and a kept checkpoint tells: {stay_tidy(told.stderr.decode())}")


def rewrite_tail(base, _):
    seq, = base.execute("SELECT max(seq) FROM comment").fetchone()
    rewrite(base, seq, lambda body: body.update(text="never said"))
    base.execute("UPDATE comment SET text = 'never said' WHERE seq = ?", (seq,))


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
    """What somebody who takes a copy of the running database has: (database, None, the signer's mark)."""
    t.until("a head of all of it", lambda: covered(t) == t.size())
    path = f"{t.folder}/older.db"
    source, copy = sqlite3.connect(f"file:{t.desk.folder}/state/countersign.db?mode=ro", uri=True), sqlite3.connect(path)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()
    with open(path, "rb") as database, open(f"{t.desk.folder}/state/signer/mark", "rb") as mark:
        return database.read(), None, mark.read()


def rest(t):
    """The desk ends when all of its log is signed, and its last entry is one that nothing follows from."""
    t.desk.cli("find")
    t.until("a head of all of it", lambda: t.since(0, "audit.queried") and covered(t) == t.size())
    t.desk.stop(signal.SIGKILL)
    base = sqlite3.connect(f"{t.desk.folder}/state/countersign.db")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()


def play(t):
    sign_with(t, new_key(f"{t.rig.domain}/countersign"))
    older, review = live(t, snapshot)
    rest(t)
    t.verify()
    copies = Copies(t.desk, BUILD, os.cpu_count() or 1)
    found, shadows = tables(f"{t.desk.folder}/state/countersign.db")
    every_table(t, copies, found)
    the_log(t, copies, found)
    evidence(t, copies, found)
    letters(t, copies, found)
    the_schema(t, copies, shadows)
    outside(t, copies, older, review)
    looking(t, copies)
    copies.close()


if __name__ == "__main__":
    sys.exit(run_chat(play))
