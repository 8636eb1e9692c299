# SPDX-License-Identifier: Apache-2.0
"""What signing costs: entries a second that a desk makes durable with its log's heads signed, beside one whose are not.

The whole path: a caller on the control socket, the core's transaction, the answer; on the other side the signer's own
process with its mark, and the heads that the core keeps.  One caller at a time is an entry alone in its transaction; ten
fill it with tens.  Both desks take turns of a second, so that the disk's mood falls on both; the median of the ratios of
two neighbours is what counts.
"""
import json
import re
import select
import socket
import statistics
import time

from desk import Desk
from report import passed, row
from trial import BUILD, FILES

TURNS, SECONDS = 16, 1.0
BOUND = 0.90
ASKED = json.dumps({"verb": "queried", "what": "find", "query": "state:approved license:GPL-* expires<30d " + "x" * 150}).encode()


def drive(desk, callers):
    """Answers a second; each caller asks again when it was answered."""
    lines = []
    for _ in range(callers):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.connect(f"{desk.folder}/run/control")
        line.send(ASKED)
        lines.append(line)
    count, begin = 0, time.monotonic()
    while time.monotonic() - begin < SECONDS:
        for line in select.select(lines, [], [], 1)[0]:
            if b'"ok":true' not in line.recv(65536):
                raise RuntimeError("the desk refused")
            line.send(ASKED)
            count += 1
    rate = count / (time.monotonic() - begin)
    for line in lines:
        line.recv(65536)
        line.close()
    return rate


def quiet(t):
    """Until the last head is signed: it must not fall into the other's turn."""
    t.until("the last head", lambda: t.sql("SELECT (SELECT max(size) FROM checkpoint) = count(*) FROM entry")[0][0])


def channels_out(config):
    return re.sub(r"(?m)^mail:\n(  .*\n)+", "", config)


def begin(t):
    """Neither has mail; the other desk has no signer."""
    other = Desk(f"{t.folder}/other", t.rig, BUILD, FILES)
    t.desk.cli("keygen", "--log", f"{t.rig.domain}/countersign", f"{t.desk.folder}/etc/log.key")
    with open(f"{t.desk.folder}/etc/log.key", encoding="ascii") as file:
        t.desk.write("log.key", file.read(), 0o600)  # the desk's user has it
    for desk in (t.desk, other):
        with open(desk.config, encoding="utf-8") as file:
            config = channels_out(file.read())
        if desk is t.desk:
            config = config.replace("/countersign}", '/countersign, key: "file:log.key"}')
        desk.write("countersign.yaml", config)
        desk.start()
        drive(desk, 1)  # warms up
    return other


def measure(t, other):
    rates, heads, size = {1: [], 10: []}, 0, t.size()
    for number in range(TURNS):
        for callers, found in rates.items():
            pair = {}
            for desk in ((t.desk, other) if number % 2 else (other, t.desk)):
                pair[desk] = drive(desk, callers)
                quiet(t)
            found.append((pair[t.desk], pair[other]))
    heads = t.sql("SELECT count(*) FROM checkpoint WHERE size > ?", size)[0][0]
    return rates, heads / (2 * TURNS * SECONDS)


def signed(t):
    other = begin(t)
    try:
        rates, heads = measure(t, other)
    finally:
        other.stop()
    assert heads > 1
    for callers, what in ((1, "alone"), (10, "in tens")):
        ratio = statistics.median(mine / without for mine, without in rates[callers])
        row(f"signed: appends {what}", f"{statistics.median(mine for mine, _ in rates[callers]):.0f} entries/s, {heads:.0f} heads/s",
            f"{ratio:.3f} of those without a signer (>= {BOUND:.2f})", passed(ratio >= BOUND))
