# SPDX-License-Identifier: Apache-2.0
"""A short history in which nearly every table of the store gets rows: requests by mail and Slack, evidence within the
database and beside it, votes, a vote that an edit voids, a grant that answers a later request, comments, a register."""
import datetime
import email.message

from chat import CHANNEL

MAP = """register: licence exceptions until 2026
format: csv
id: {column: nr}
outcome: {column: state}
opened: {column: opened}
decided: {column: decided}
until: {column: until}
requester: {column: by}
decider: {column: decider}
text: {column: text}
facts:
  license: {column: license}
  component: {column: component}
  product: {column: product}
  channel: {column: channel}
"""
HEAD = "nr,state,opened,decided,until,by,decider,text,license,component,product,channel\n"
LETTER = b"Dear Widget team,\nyou may do as you ask.\n"


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def words(component):
    return (f"License: GPL-3.0-only\nComponent: {component}\nProduct: Widget\nDistribution: firmware\n"
            f"Reason: subtitles need it\nIf not granted: we drop subtitles\nNeeded until: {day(60)}\n")


def ask(t, account, component, *attachments):
    seq = t.size()
    message = email.message.EmailMessage()
    message["To"], message["Subject"] = t.address, f"Exception for {component}"
    message.set_content(words(component))
    for data, name in attachments:
        message.add_attachment(data, maintype="text", subtype="plain", filename=name)
    t.people[account].send(message)
    return t.entry(seq, "case.opened")["case"]


def press(t, who, case):
    seq = t.size()
    t.seen(who, "decision asked", case)
    t.acked(t.do("press", who, action="approve"))
    return t.entry(seq, "vote.cast", case)


def imported(t):
    for name, text in (("map.yaml", MAP), ("register.csv", HEAD + "".join(
            f"R-{n},{'rejected' if n == 2 else 'approved'},{day(-90)},{day(-80)},{day(90)},kim@{t.rig.domain},Dr. Weiss,see file {n},"
            f"MPL-2.0,libold{n},Widget,binary\n" for n in (1, 2, 3)))):
        with open(f"{t.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    t.desk.cli("import", f"{t.folder}/register.csv", "--map", f"{t.folder}/map.yaml")


def live(t, half_way):
    """Lives it.  The desk runs on, and is at rest.  Returns what half_way(t) did before the last request, and a review
    that Cy may still reply to."""
    t.desk.start()
    t.until("two sockets", lambda: len(t.slack.ask("connections")["open"]) >= 2)
    first = ask(t, "kim", "libfoo 2.1", (LETTER, "letter.txt"), (b"0123456789abcde\n" * 6000, "large.txt"))
    press(t, "ann", first)
    seq = t.size()
    t.people["cy"].reply(t.get("cy", first, "to decide, reply"), "approve: the offer covers us\n")
    t.entry(seq, "case.approved", first)
    t.until("its grant's answer", lambda: t.since(0, "case.approved", ask(t, "kim", "libfoo 2.1.7")))

    seq = t.size()
    t.do("say", "kim", text=words("libbar 3.0"))
    second = t.entry(seq, "case.opened")["case"]
    press(t, "bo", second)
    root = t.seen("gus", second, "libbar", channel=CHANNEL)
    t.do("say", "ann", text="is it modified?", channel=CHANNEL, thread_ts=root["ts"])
    t.entry(seq, "case.commented", second)

    t.quiet()
    older = half_way(t)
    third = ask(t, "max", "libbaz 1.0")
    review = t.get("cy", third, "to decide, reply")
    seq = t.size()
    t.people["cy"].reply(review, "approve\n")
    t.entry(seq, "vote.cast", third)
    t.people["max"].reply(t.get("max", third, "libbaz"), "Version: 2.0\n")
    t.entry(seq, "vote.voided", third)
    review = t.get("cy", third, "changed since")
    imported(t)
    t.quiet()
    return older, review
