#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import.py - an old register becomes decided cases: tried, imported, killed half-way, imported again, found, covering."""
import csv
import datetime
import email.message
import io
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import run, stay_tidy  # noqa: E402

ROWS = 300
MAP = """register: licence exceptions until 2026
format: csv
delimiter: ";"
encoding: latin-1
dates: ["%d.%m.%Y"]
id: {column: Nr}
outcome: {column: Stand, also: {approved: [genehmigt], rejected: [abgelehnt], skip: [offen]}}
opened: {column: Antrag vom}
decided: {column: Entschieden am}
until: {column: Gültig bis}
requester: {column: Antragsteller}
decider: {column: Freigabe}
text: {column: Bemerkung}
facts:
  license: {column: Lizenz, also: {GPL-3.0-only: [GPL Version 3]}}
  component: {column: Komponente}
  version: {column: Version}
  product: {column: Produkt}
  channel: {column: Vertrieb, also: {binary: [Programm], saas: [Dienst]}}
"""
HEAD = ["Nr", "Stand", "Antrag vom", "Entschieden am", "Gültig bis", "Antragsteller", "Freigabe", "Bemerkung", "Lizenz",
        "Komponente", "Version", "Produkt", "Vertrieb"]


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).strftime("%d.%m.%Y")


def row(n, **more):
    """Every seventh was rejected, every fifth has ended, every eleventh was never decided."""
    values = {"Nr": f"OSS-{n}", "Stand": "abgelehnt" if n % 7 == 0 else "offen" if n % 11 == 0 else "genehmigt",
              "Antrag vom": day(-400 - n), "Entschieden am": day(-390 - n),
              "Gültig bis": day(-10) if n % 5 == 0 else day(40 + n),
              "Antragsteller": "kim@rig.test" if n % 2 else "Jörg Müller", "Freigabe": "Dr. Weiß",
              "Bemerkung": 'Siehe "Akte";\nBlatt 2' if n % 3 == 0 else "", "Lizenz": ("GPL Version 3" if n % 4 == 1 else "GPLv3") if n % 2 else "MPL-2.0",
              "Komponente": f"libold{n}", "Version": "2.1", "Produkt": "Widget", "Vertrieb": "Programm"}
    return {**values, **more}


def write(t, name, rows, encoding="latin-1"):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEAD, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    path = f"{t.folder}/{name}"
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(text.getvalue())
    return path


def imported(t, *arguments):
    return t.desk.cli("import", *arguments, "--map", f"{t.folder}/map.yaml", check=False)


def cases(t):
    return t.sql("SELECT count(*) FROM cases")[0][0]


def refusing(t, path):
    t.say("what is wrong is told by line, column and value, and nothing is imported")
    bad = write(t, "bad.csv", [row(1), row(2, Lizenz="GPL"), row(3, **{"Entschieden am": "30.02.2025"}),
                               row(1), row(4, Produkt="Wdget"), row(6, Stand="vielleicht")])
    done = imported(t, bad)
    said = done.stderr.decode()
    t.check(done.returncode == 65 and "nothing was imported: 5 of 6 rows are bad" in said, "it exits with 65")
    for words in (f"{bad}:3: column 'Lizenz', 'GPL':", f"{bad}:4: column 'Entschieden am', '30.02.2025':",
                  f"{bad}:6: column 'Nr', 'OSS-1': row 1 has the same id",
                  f"{bad}:7: column 'Produkt', 'Wdget': it must be", "did you mean Widget?",
                  f"{bad}:8: column 'Stand', 'vielleicht':"):
        t.check(words in said, f"it says {words.replace(t.folder, '')}")
    t.check(cases(t) == 0, "nothing was imported")
    done = t.desk.cli("import", path, "--map", f"{t.folder}/nowhere.yaml", check=False)
    t.check(done.returncode != 0 and b"nowhere.yaml" in done.stderr, "a mapping that is not there is named")
    done = imported(t, bad, "--skip-bad")
    t.check(done.returncode == 0 and b"1 case was imported" in done.stdout and b"5 bad rows left out" in done.stdout,
            f"--skip-bad takes the others: {stay_tidy(done.stdout.decode())}")


def trying(t, path):
    t.say("a dry run says what would come")
    before = t.size()
    done = imported(t, path, "--dry-run")
    lines = done.stdout.decode().splitlines()
    t.check(done.returncode == 0 and any("OSS-2 " in line and "MPL-2.0 for libold2 2.1" in line for line in lines),
            "row by row")
    t.check(f"{ROWS - 24 - 1} cases would be imported" in lines[-1] and "24 rows left out, not decided" in lines[-1] and
            "1 row had been imported before" in lines[-1], f"with a tally: {stay_tidy(lines[-1])}")
    t.check(t.size() == before, "and leaves no entry")
    told = json.loads(t.desk.cli("--json", "import", path, "--dry-run", "--map", f"{t.folder}/map.yaml"))
    t.check(told["ok"] and told["dry"] and len(told["cases"]) == ROWS - 24 and told["cases"][0]["had"] == "CS-1",
            "--json says the same")


def importing(t, path):
    t.say("the desk is killed in the middle")
    before = cases(t)
    importer = subprocess.Popen([f"{t.desk.folder}/bin/countersign", "--config", t.desk.config, "import", path, "--map",
                                 f"{t.folder}/map.yaml"], env=t.desk.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
    t.until("some cases", lambda: cases(t) > before)
    t.desk.stop(signal.SIGKILL)
    out, said = importer.communicate(timeout=60)
    some = cases(t)
    t.check(importer.returncode != 0 or some == ROWS - 24, f"the importer notices: {stay_tidy(said.decode())}")
    t.check((some - 1) % 50 == 49 or some == ROWS - 24, f"whole batches are there or not: {some} cases")
    t.desk.start()
    t.say("a second import does the rest")
    done = imported(t, path)
    t.check(done.returncode == 0 and f"{some} rows had been imported before".encode() in done.stdout and
            cases(t) == ROWS - 24, f"each once: {stay_tidy(done.stdout.decode())}")
    done = imported(t, path)
    t.check(done.returncode == 0 and b"0 cases were imported" in done.stdout and cases(t) == ROWS - 24,
            "a third changes nothing")


def looking(t):
    t.say("what was imported can be found and read")
    t.check(t.desk.json("find", "state:rejected")["count"] == 42, "by state")
    t.check(t.desk.json("find", "OSS-17")["count"] == 1, "by the register's own id")
    found = t.desk.json("find", "license:GPL-3.0-only libold17")["cases"]
    t.check(len(found) == 1, "by licence and word")
    case = found[0]["case"]
    seen = t.desk.json("show", case)
    t.check(seen["state"] == "approved" and seen["requester"] == "mail:kim@rig.test" and
            seen["imported"] == {"register": "licence exceptions until 2026", "source": "register.csv", "row": 17,
                                 "id": "OSS-17"}, "show --json says where it comes from")
    opened = (datetime.date.today() - datetime.timedelta(days=417)).isoformat()
    t.check(seen["opened"].startswith(opened) and
            seen["expires"] == (datetime.date.today() + datetime.timedelta(days=57)).isoformat(), "with its dates")
    t.check("register.csv row 17, there OSS-17" in t.desk.cli("show", case), "show says it in words")
    told = " ".join(t.desk.cli("history", case).split())
    t.check("imported from register.csv row 17" in told and "Dr. Weiß, as the register says" in told,
            "so does history, with who decided")
    ended = t.desk.json("find", "libold5")["cases"][0]
    t.check(ended["state"] == "expired", "what has ended is expired")
    timers = t.sql("SELECT count(*), min(at) FROM timer WHERE kind = 'expire'")[0]
    approved = t.sql("SELECT count(*) FROM cases WHERE state = 'approved'")[0][0]
    t.check(timers[0] == approved and timers[1] > time.time() * 1000, "every grant in force has its last day")
    warned = t.sql("SELECT count(*), min(at) FROM timer WHERE kind = 'expiry'")[0]
    t.check(warned[0] >= 2 * approved and warned[1] > time.time() * 1000, "and its people will be warned of it")
    multi = t.desk.json("find", "libold9")["cases"][0]["case"]
    t.check("Blatt 2" in t.desk.cli("show", multi), "quotes and line ends within a field arrived")
    t.quiet()
    t.check(t.none("kim") == [] and t.sql("SELECT count(*) FROM outbox")[0][0] == 0, "nobody got a letter")


def covering(t):
    t.say("a later request is covered by what was imported")
    case = t.desk.json("find", "OSS-17")["cases"][0]["case"]
    text = ("License: GPL-3.0-only\nComponent: libold17 2.1.4\nProduct: Widget\nDistribution: binary\n"
            "Reason: we use it already\nIf not granted: we drop it\nNeeded until: in 30 days\n")
    before = t.size()
    ask(t, "libold17", text)
    t.get("bo", "approved", case)
    approved = t.entry(before, "case.approved")
    t.check(approved["body"]["by"] == "grant" and approved["body"]["grants"] == [case], "it is approved by its grant")
    t.quiet()
    t.check(t.none("ann") == [], "nobody is asked to decide")
    ask(t, "libold7", text.replace("libold17", "libold7"))
    t.get("ann", "decision asked", "libold7")
    t.check(len(t.since(before, "case.approved")) == 1, "what was rejected covers nothing")


def ask(t, subject, text):
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, subject
    message.set_content(text)
    t.people["bo"].send(message)


def others(t, path):
    t.say("who is no administrator cannot import")
    people = open(f"{t.desk.folder}/etc/people.yaml", encoding="utf-8").read()
    t.desk.stop()
    t.desk.write("people.yaml", people.replace("groups: [admin]", "groups: [staff]"))
    t.desk.start()
    done = imported(t, path)
    t.check(done.returncode == 77 and b"Only administrators can import" in done.stderr, "77, and why")
    t.check(len(t.since(0, "access.refused")) == 1, "and an entry")


def play(t):
    t.desk.start()
    with open(f"{t.folder}/map.yaml", "w", encoding="utf-8") as file:
        file.write(MAP)
    path = write(t, "register.csv", [row(n) for n in range(1, ROWS + 1)])
    refusing(t, path)
    trying(t, path)
    importing(t, path)
    looking(t)
    covering(t)
    others(t, path)
    t.verify()


if __name__ == "__main__":
    sys.exit(run(play))
