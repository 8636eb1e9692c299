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
import re
import shutil
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from chat import run_chat  # noqa: E402
from tamper import Copies, Deed, spoil, tables  # noqa: E402
from trial import give_away, reply_to, stay_tidy  # noqa: E402
from varied import LETTER, live  # noqa: E402

# What may be edited unnamed, and why that gains nobody anything.
FREE = {
    "inbox": {"message_id": "recognises a Message-ID that comes twice; the mail itself is evidence",
              "tries": "how patient the desk is with its parser",
              "reply": "what Slack is told once more when it asks twice; nothing is decided by it"},
    # Until a letter has gone its words are not sealed: a vote binds to the content hash all the same.
    "outbox": {"place": "where in Slack; to whom is in the token", "in_reply_to": "threading", "refs": "threading",
               "model": "words of a letter", "created": "when it was made", "next": "when it is tried", "tries": "how often it was",
               "problem": "what the last try met"},
    "posting": {"channel": "the log does not say where in Slack a letter went", "ts": "likewise",
                "settled": "whether its buttons were taken away; a press is judged by the case"},
    "token": {},
}
# Deeds that are told by another row than their own: {table: what then is named}.
ELSEWHERE = {"inbox": ["inbox: row", "is missing: the log received a message"], "token": ["outbox: row", "token"]}
# Rows whose loss nobody can tell: what a message became in Slack is in no entry.
LOST = {"posting"}
KNOWN = {"entry", "node", "checkpoint", "history", "cases", "version", "fact", "tag", "finding", "precedent", "evidence", "stage",
         "review", "vote", "comment", "grants", "link", "imported", "timer", "message", "membership", "publication", "applying",
         "alarm", "words", "blob", "inbox", "outbox", "posting", "token"}


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


def play(t):
    live(t)
    t.desk.stop()
    copies = Copies(t.desk, 2)
    found, shadows = tables(f"{t.desk.folder}/state/countersign.db")
    every_table(t, copies, found)


if __name__ == "__main__":
    sys.exit(run_chat(play))
