"""The order of stored rows means nothing."""

from __future__ import annotations

from tests.harness.relations.ground import Ground, Relation


def differences(g: Ground) -> list[str] | None:
    stored = {n: g.r.sample(list(rows), len(rows)) for n, rows in g.case.stored.items()}
    return g.compared(g.ask(stored=stored))


RELATION = Relation("R4", "the order of stored rows means nothing", differences)
