"""What things are called means nothing."""

from __future__ import annotations

import re

from featdsl.syntax.scan import scan
from tests.harness.case import compiled
from tests.harness.compare import different
from tests.harness.relations.ground import Ground, Relation

_COLUMN = re.compile(r"(int|dec|float|text|bool|ts|date)_\d|e\d\d\d|ver2?|seen|vf|vt|v_s\d_\d_l\d")
_FEATURE = re.compile(r"f\d+")


def renamed(name: str) -> str:
    if _COLUMN.fullmatch(name):
        return f"zz_{name}"
    return f"a_{name}" if _FEATURE.fullmatch(name) else name


def differences(g: Ground) -> list[str] | None:
    text, at = "", 0
    for lexeme in scan(g.case.text).lexemes:
        text += g.case.text[at : lexeme.start] + renamed(lexeme.text)
        at = lexeme.end
    text += g.case.text[at:]
    program = compiled(text, g.case.zone)
    stored = {
        name: [{renamed(c): v for c, v in row.items()} for row in rows]
        for name, rows in g.case.stored.items()
    }
    found = g.ask(program=program, stored=stored)
    back = {renamed(f.short): f.short for f in g.group.features.values()}
    table = {k: {back[f]: v for f, v in values.items()} for k, values in found.items()}
    return list(different(g.program, g.name, g.base, table))


RELATION = Relation("R8", "what things are called means nothing", differences)
