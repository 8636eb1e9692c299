#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py - requests that come with a bill of materials: its components become the case's, the file is evidence, and
what cannot be read is asked for in words that help."""
import datetime
import email.message
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from trial import SOURCE, run, text_of  # noqa: E402

UNTIL = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
FORM = f"""Hello,

please look at the attached list.

Product: Widget
Distribution: firmware
Reason: the image is built from these
If not granted: we ship without it
Needed until: {UNTIL}
"""
SOME = [{"type": "library", "name": "libfoo", "version": "2.1", "licenses": [{"license": {"id": "GPL-3.0-only"}}]},
        {"type": "library", "group": "@x", "name": "bar", "version": "1.0", "purl": "pkg:npm/%40x/bar@1.0",
         "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"type": "library", "name": "baz", "version": "0.3", "licenses": [{"license": {"id": "MIT"}}]}]


def cyclonedx(components):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components,
                       "metadata": {"component": {"type": "application", "name": "widget", "version": "4.2"}}}).encode()


def fixture(name):
    with open(os.path.join(SOURCE, "tests/sbom", name), "rb") as file:
        return file.read()


def request(t, subject, text, *files):
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, subject
    message.set_content(text)
    attach(message, files)
    return t.people["kim"].send(message)


def attach(message, files):
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)


def origins(t, case):
    return dict(t.sql("SELECT name, origin FROM fact WHERE case_id = ? AND version = "
                      "(SELECT max(version) FROM fact WHERE case_id = ?)", case, case))


def flat(mail):
    return " ".join(text_of(mail).split())


def opening(t):
    t.say("a form with a CycloneDX file")
    data = cyclonedx(SOME)
    request(t, "Open source in the set-top box", FORM, ("bom.json", data))
    review = flat(t.get("ann", "cs-1", "decision asked"))
    seen = t.desk.json("show", "CS-1")
    t.check(seen["state"] == "pending" and seen["missing"] == [], "nothing is missing: it is under review")
    t.check([(c["component"], c.get("version"), c.get("license")) for c in seen["components"]] ==
            [("libfoo", "2.1", "GPL-3.0-only"), ("@x/bar", "1.0", "MIT OR Apache-2.0"), ("baz", "0.3", "MIT")],
            "the components are those of the file, in its order")
    t.check(seen["facts"]["license"] == "GPL-3.0-only AND (MIT OR Apache-2.0) AND MIT" and
            [f["check"] for f in seen["findings"]] == ["OSS-4.1"], "the licence is that of all, and the catalogue judges it")
    where = origins(t, "CS-1")
    t.check(where["license"] == where["component"] == "sbom" and where["product"] == "line", "they come from the SBOM")
    t.check([(e["name"], e["sha256"]) for e in seen["evidence"]] == [("bom.json", hashlib.sha256(data).hexdigest())],
            "the file is evidence")
    t.check("3, listed below [from the attached SBOM]" in review and "@x/bar 1.0, MIT OR Apache-2.0" in review and
            "bom.json" in review, "the approver reads the components, where they come from, and the file")
    letter = flat(t.get("kim", "cs-1"))
    t.check("libfoo 2.1, GPL-3.0-only" in letter and "{{" not in letter, "so does the requester")


def formats(t):
    t.say("lists of three forms, of the size they have")
    for number, (name, count, wanted) in enumerate((
            ("widget-firmware.spdx", 17, "bcm-firmware"), ("atlas-image.spdx.json", 22, "libx264-164"),
            ("orion-gateway.cdx.json", 51, "@img/sharp-libvips-linux-x64")), 2):
        request(t, name, FORM, (name, fixture(name)))
        case = f"CS-{number}"
        t.get("kim", case)
        seen = t.desk.json("show", case)
        t.check(len(seen["components"]) == count and wanted in [c["component"] for c in seen["components"]],
                f"{name}: {len(seen['components'])} components")
        t.check(len(seen["title"]) <= 120 and " and others" in seen["title"], f"its title is short: {seen['title']}")
        found = t.desk.json("find", f"component:{wanted}")
        t.check(case in json.dumps(found), "it is found by one of its components")


def asking(t):
    t.say("a file that ends too early")
    request(t, "cut off", FORM, ("bom.json", cyclonedx(SOME)[:-60]))
    question = t.get("kim", "cs-5", "component:")
    t.check("bom.json: line 1, column" in flat(question) and "it ends too early" in flat(question),
            "the requester is told which file, where and why")
    seen = t.desk.json("show", "CS-5")
    t.check(seen["state"] == "incomplete" and len(seen["evidence"]) == 1, "the case waits, the file is kept")
    t.say("the answer is the file again, without a licence for one component")
    reply(t, question, ("bom.json", cyclonedx(SOME[:2] + [{"name": "baz", "version": "0.3"}])))
    question = t.get("kim", "cs-5", "licence:")
    t.check("no licence is given for baz 0.3" in flat(question), "what is missing is named")
    t.say("and the whole")
    reply(t, question, ("bom.json", cyclonedx(SOME)))
    t.get("ann", "cs-5", "decision asked")
    seen = t.desk.json("show", "CS-5")
    t.check(seen["state"] == "pending" and len(seen["components"]) == 3 and len(seen["evidence"]) == 3,
            "now it is under review, with three files as evidence")


def reply(t, mail, *files):
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = str(mail["Reply-To"]), f"Re: {mail['Subject']}"
    message["In-Reply-To"] = message["References"] = str(mail["Message-ID"])
    message.set_content("Here it is.\n")
    attach(message, files)
    t.people["kim"].send(message)


def stating(t):
    t.say("a mail that says what it is about, with the list of the whole product")
    request(t, "libfoo", FORM + "Component: libfoo\n", ("widget.cdx.json", cyclonedx(SOME)))
    t.get("kim", "cs-6")
    facts = t.desk.json("show", "CS-6")["facts"]
    where = origins(t, "CS-6")
    t.check((facts["component"], facts["version"], facts["license"]) == ("libfoo", "2.1", "GPL-3.0-only") and
            t.desk.json("show", "CS-6")["components"] == [], "the one component is the case's")
    t.check(where["component"] == "line" and where["license"] == where["version"] == "sbom",
            "its version and its licence are looked up in the list")


def hostile(t):
    t.say("bombs")
    prefix = b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":['
    for number, (what, data, words) in enumerate((
            ("nested 100000 deep", prefix + b"[" * 100000, "nested deeper than 64"),
            ("a million values", prefix + b"{}," * 600000 + b"{}]}", "more than 500000 values"),
            ("a key twice", prefix + b'{"name":"a","name":"b"}]}', "a name stands twice"),
            ("HTML", b"<html>", "neither CycloneDX nor SPDX")), 7):
        request(t, what, FORM, ("bom.json", data))
        letter = flat(t.get("kim", f"cs-{number}", "component:"))
        t.check(words in letter, f"{what}: {words}")
    t.say("three hundred components")
    many = [{"name": f"part-{i}", "licenses": [{"license": {"id": "MIT"}}]} for i in range(300)]
    request(t, "many", FORM, ("bom.json", cyclonedx(many)))
    letter = flat(t.get("kim", "cs-11", "licence:"))
    t.check("bom.json lists 300 components, and a case takes 200" in letter, "the requester is told what to do")
    t.check(t.desk.json("show", "CS-11")["state"] == "incomplete", "nothing is granted on the first two hundred")


def play(t):
    t.desk.start()
    opening(t)
    formats(t)
    asking(t)
    stating(t)
    hostile(t)
    t.quiet()
    t.check([e["type"] for e in t.since(0) if e["type"] in ("message.parked", "message.failed", "alarm.raised")] == [],
            "nothing was parked, nothing failed, no alarm")
    t.verify()


sys.exit(run(play))
