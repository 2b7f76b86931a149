"""Rows that come in parts are the same rows."""

from __future__ import annotations

from tests.harness.engine import arrow_table
from tests.harness.relations.ground import Ground, Relation


def differences(g: Ground) -> list[str] | None:
    engine = g.engine
    engine.load(g.program, g.case.stored)
    for i, (name, source) in enumerate(g.program.sources.items()):
        types = {c: t.dtype for c, t in source.columns.items()}
        rows = list(g.case.stored[name])
        cut = g.r.randrange(len(rows) + 1)
        for part, some in enumerate((rows[:cut], rows[cut:])):
            engine.give(f"part_{i}_{part}", arrow_table(types, some))
        engine.connection.unregister(f"stored_{i}")
        engine.connection.execute(
            f"create or replace temp view stored_{i} as "
            f"select * from part_{i}_1 union all select * from part_{i}_0"
        )
    try:
        found = engine.group(g.program, g.name, g.case.as_of, "param", population=g.case.population)
    finally:
        for i in range(len(g.program.sources)):
            engine.connection.execute(f"drop view if exists stored_{i}")
    return g.compared(found)


RELATION = Relation("R5", "rows that come in parts are the same rows", differences)
