"""A clause of a group, a feature or a family is that clause in each of its calls."""

from __future__ import annotations

from tests.harness.case import Refused, compiled
from tests.harness.relations.ground import Ground, Relation


def differences(g: Ground) -> list[str] | None:
    flat = g.case.more.get("flat")
    if flat is None:
        return None
    try:
        program = compiled(flat, g.case.zone)
    except Refused as refused:
        return [f"spelled out, it is refused: {refused}"]
    return g.compared(g.ask(program=program))


RELATION = Relation("R16", "clauses mean what they stand for in each call", differences)
