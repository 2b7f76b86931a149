"""Four hundred years later the calendar is the same, and so is all that is counted by it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.types.dtype import Kind
from tests.harness.case import compiled
from tests.harness.compare import different
from tests.harness.relations.ground import Ground, Relation

_CYCLE = timedelta(days=146_097)


def moved(value: Any, by: timedelta) -> Any:
    match value:
        case date():
            return value + by
        case list():
            return [moved(v, by) for v in value]
        case dict():
            return {moved(k, by): moved(v, by) for k, v in value.items()}
    return value


def later(value: Any) -> Any:
    return moved(value, _CYCLE)


def earlier(value: Any) -> Any:
    return moved(value, -_CYCLE)


def writes_times(e: ir.Expr) -> bool:
    """Whether a year comes to be seen: a time as text, or a text as a time."""
    for node in walk(e):
        if isinstance(node, ir.Cast):
            kinds = {node.dtype.kind, node.operand.dtype.kind}
            if Kind.TEXT in kinds and (node.dtype.is_temporal or node.operand.dtype.is_temporal):
                return True
        if isinstance(node, ir.Call) and node.function == "hash":
            return True
    return False


def differences(g: Ground) -> list[str] | None:
    expressions = [*g.row_expressions(), *(f.expr for f in g.group.features.values())]
    if g.case.zone != "UTC" or any(map(writes_times, expressions)):
        return None
    if re.search(r"\b(today|now)\(\)", g.case.text):  # the day of the run is the same in both
        return None
    text = re.sub(r"@(\d{4})-", lambda m: f"@{int(m[1]) + 400}-", g.case.text)
    program = compiled(text, g.case.zone)
    stored = {
        n: [{c: later(v) for c, v in row.items()} for row in rows]
        for n, rows in g.case.stored.items()
    }
    shifted = replace(g.case, as_of=later(g.case.as_of), stored=stored, text=text)
    found = Ground(g.r, program, shifted, g.engine, g.name).base
    table = {
        tuple(map(earlier, key)): {f: earlier(v) for f, v in values.items()}
        for key, values in found.items()
    }
    return list(different(g.program, g.name, g.base, table))


RELATION = Relation("R9", "four hundred years later all is the same", differences)
