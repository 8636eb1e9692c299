#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""spdx.py - our reading of licence expressions beside Debian's python3-license-expression: of 10,000 made ones, right
and broken, both take the same, and our normal form means the same: the same licences and the same truth table.

How the two are made comparable, and where they differ on purpose:
- The library has no grammar for '+', LicenseRef-, DocumentRef- and AdditionRef-: it is told each such name that is used
  as a symbol of its own.
- It keeps deprecated identifiers; here they are replaced, by this test's own reading of replaced.json.
- It compares LicenseRef- names without regard to case, ours keep theirs: compared in lower case.
- It raises TypeError or IndexError for some broken texts where it should have said why: that counts as broken.
- An empty text is no error to it, but None: that counts as broken.
- It drops an operator that stands last ("MIT AND ISC OR"), and joins or drops a licence right behind a parenthesis
  ("(MIT) ISC"): that counts as broken, as SPDX's grammar has it.
- Ours has limits (128 bytes a name, 64 parentheses deep, 1024 licences): nothing made here reaches them."""
import itertools
import json
import os
import random
import re
import subprocess
import sys

from license_expression import Licensing, LicenseSymbol

COUNT = 10_000
SEED = 20261124
TABLE_MAX = 8  # licences of one truth table

TEMPLATES = os.path.join(os.environ["SOURCE"], "templates")


def load(name):
    with open(f"{TEMPLATES}/licences/{name}", encoding="utf-8") as file:
        return json.load(file)


LICENCES = [entry["id"] for entry in load("licences.json")["licences"]]
EXCEPTIONS = [entry["id"] for entry in load("licences.json")["exceptions"]]
REPLACED = load("replaced.json")
REFERENCES = ["LicenseRef-a", "LicenseRef-Acme.EULA-1", "licenseref-b", "DocumentRef-doc:LicenseRef-a",
              "DocumentRef-x-1.2:LicenseRef-23"]
ADDITIONS = ["AdditionRef-a", "DocumentRef-doc:AdditionRef-b-1.0"]


class Maker:
    """Makes expressions, and breaks some of them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.common = ["MIT", "Apache-2.0", "GPL-2.0", "GPL-2.0-only", "GPL-3.0-or-later", "LGPL-2.1", "BSD-3-Clause"]

    def cased(self, word):
        return self.random.choice([word] * 6 + [word.lower(), word.upper(), word.swapcase()])

    def licence(self):
        kind = self.random.random()
        if kind < 0.15:
            return self.random.choice(REFERENCES)
        word = self.random.choice(self.common if kind < 0.5 else LICENCES)
        return self.cased(word) + self.random.choice(["", "", "", "", "+"])

    def term(self):
        if self.random.random() < 0.8:
            return [self.licence()]
        exception = self.random.choice(ADDITIONS if self.random.random() < 0.2 else EXCEPTIONS)
        return [self.licence(), self.random.choice(["WITH", "with", "With"]), self.cased(exception)]

    def words(self, depth):
        kind = self.random.random()
        if depth == 0 or kind < 0.35:
            return self.term()
        if kind < 0.55:
            return ["(", *self.words(depth - 1), ")"]
        words = self.words(depth - 1)
        for _ in range(self.random.randint(1, 3)):
            words += [self.random.choice(["AND", "OR", "and", "or", "And"]), *self.words(depth - 1)]
        return words

    def misspell(self, word):
        at = self.random.randrange(len(word) + 1)
        return word[:at] + self.random.choice(["x", "-", ".", ",", "/", "_", "+", ":", "", "é"]) + word[at + 1:]

    def spoil(self, words):
        at = self.random.randrange(len(words))
        kind = self.random.randrange(7)
        if kind == 0:
            return words[:at] + words[at + 1:]
        if kind == 1:
            return words[:at] + [words[at]] + words[at:]
        if kind == 2:
            other = self.random.randrange(len(words))
            words[at], words[other] = words[other], words[at]
            return words
        if kind == 3:
            return words[:at] + [self.random.choice(["(", ")", "AND", "OR", "WITH", "+", "NONE"])] + words[at:]
        if kind == 4:
            return words[:at] + [self.misspell(words[at])] + words[at + 1:]
        if kind == 5:
            return words[:at] + [self.random.choice(EXCEPTIONS + LICENCES + ADDITIONS)] + words[at + 1:]
        return words[:at]

    def text(self):
        words = self.words(self.random.randint(0, 4))
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            words = self.spoil(words) if words else words
        text = " ".join(words)
        if self.random.random() < 0.5:
            text = text.replace("( ", "(").replace(" )", ")")
        return self.random.choice(["", " ", "\t"]) + text + self.random.choice(["", " "])


def references(texts, kind):
    """The references among the words of texts, misspelt ones that are still right included."""
    grammar = re.compile(rf"(DocumentRef-[A-Za-z0-9.-]+:)?{kind}-[A-Za-z0-9.-]+", re.IGNORECASE)
    return sorted({word for text in texts for word in re.split(r"[\s()]+", text) if grammar.fullmatch(word)})


def licensing(texts):
    symbols = {}
    for name in LICENCES + [name + "+" for name in LICENCES] + references(texts, "LicenseRef"):
        symbols.setdefault(name.lower(), LicenseSymbol(name))
    for name in EXCEPTIONS + references(texts, "AdditionRef"):
        symbols[name.lower()] = LicenseSymbol(name, is_exception=True)
    return Licensing(list(symbols.values()))


LENIENT = re.compile(r"\b(and|or)\s*$|\)\s*(?!(and|or|with)\b)[^\s()]", re.IGNORECASE)


def parsed(library, text):
    if LENIENT.search(text):
        return None
    try:
        return library.parse(text, validate=True, strict=True, simple=True)
    except Exception:  # pylint: disable=broad-except  # see above
        return None


def canonical(leaf):
    """A licence as it should be spelt, in lower case."""
    exception = None
    name = leaf.key if not hasattr(leaf, "license_symbol") else leaf.license_symbol.key
    if hasattr(leaf, "license_symbol"):
        exception = leaf.exception_symbol.key
        exception = REPLACED["exceptions"].get(exception, exception)
    later = name.endswith("+")
    name = name.rstrip("+")
    other = REPLACED["licences"].get(name)
    if other and not (" WITH " in other and exception):
        if later and other.split(" ")[0].endswith("-only"):
            other, later = other.replace("-only", "-or-later", 1), False
        name, _, own = other.partition(" WITH ")
        exception = exception or own or None
    if name.endswith("-or-later"):
        later = False
    return (name + ("+" if later else "") + (f" WITH {exception}" if exception else "")).lower()


def evaluate(node, values):
    if node.isliteral:
        return values[canonical(node)]
    results = [evaluate(argument, values) for argument in node.args]
    return all(results) if type(node).__name__ == "AND" else any(results)


def leaves(node):
    return {canonical(node)} if node.isliteral else set().union(*(leaves(argument) for argument in node.args))


def same_meaning(one, other):
    names = sorted(leaves(one))
    if names != sorted(leaves(other)):
        return False
    if len(names) <= TABLE_MAX:
        rows = itertools.product([False, True], repeat=len(names))
    else:
        chance = random.Random(SEED)
        rows = ([chance.random() < 0.5 for _ in names] for _ in range(2 ** TABLE_MAX))
    return all(evaluate(one, values) == evaluate(other, values)
               for values in (dict(zip(names, row)) for row in rows))


def main():
    maker = Maker(SEED)
    texts = [maker.text() for _ in range(COUNT)]
    done = subprocess.run([f"{os.environ['BUILD']}/tests/spdx/normal", TEMPLATES], check=True,
                          input="\n".join(texts) + "\n", stdout=subprocess.PIPE, encoding="utf-8")
    answers = done.stdout.splitlines()
    assert len(answers) == COUNT, len(answers)
    library = licensing(texts)
    taken = wrong = 0
    for text, answer in zip(texts, answers):
        theirs, ours = parsed(library, text), answer[1:] if answer[0] == "=" else None
        taken += ours is not None
        if (theirs is None) != (ours is None):
            print(f"{text!r}\n  they: {theirs}\n  we:   {answer}")
            wrong += 1
        elif ours is not None and not same_meaning(theirs, parsed(library, ours)):
            print(f"{text!r}\n  is not the same as {ours!r}")
            wrong += 1
    print(f"{COUNT} expressions, {taken} of them right; {wrong} differences")
    return 0 if wrong == 0 and COUNT / 4 < taken < COUNT * 3 / 4 else 1


if __name__ == "__main__":
    sys.exit(main())
