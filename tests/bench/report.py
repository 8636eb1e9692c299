# SPDX-License-Identifier: Apache-2.0
"""How figures are told, and what the processes of a desk take: shared by the parts."""
import re

rows = []


def row(what, figure, against="", verdict=""):
    rows.append((what, figure, against, verdict))
    print(f"{what:<42} {figure:<34} {against:<44} {verdict}".rstrip(), flush=True)


def passed(good):
    return "ok" if good else "MISSED"


def late(values):
    """The 99th percentile."""
    return sorted(values)[int(len(values) * 0.99)]


def processes(t):
    """The core and its adapters by name."""
    core = t.desk.serve.pid
    found = {"countersign": core}
    for pid in open(f"/proc/{core}/task/{core}/children", encoding="ascii").read().split():
        found[open(f"/proc/{pid}/comm", encoding="ascii").read().strip()] = int(pid)
    return found


def pss(t):
    """MiB of each process."""
    sizes = {}
    for name, pid in processes(t).items():
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            sizes[name] = int(re.search(r"^Pss: *(\d+)", file.read(), re.M).group(1)) / 1024
    return sizes
