"""What declarations of several histories share."""

from __future__ import annotations

from random import Random

from tests.harness.generate.columns import BATCH, Column
from tests.harness.generate.sources import History, Source

HISTORIES: list[History] = []


def identity(source: Source) -> None:
    """A number that tells rows apart."""
    source.columns.append(Column("id", "int", "int", True))
    key = (BATCH, "id") if source.batched else ("id",)
    source.fixed |= {*key}
    source.items.append(f"key {source.written(key)}")


def first_role(source: Source) -> tuple[str, ...]:
    return source.roles[source.entities[0].name][0]


def one_each(source: Source) -> None:
    """One row for each key of the first role."""
    source.single = first_role(source)
    source.items.append(f"key {source.written(source.single)}")


def timed(r: Random, source: Source, *, required: bool = False) -> str:
    """A column of times; gives how it is declared, with what breaks ties."""
    source.columns.append(Column("at", "ts", "timestamp", required))
    source.fixed.add("at")
    source.time, source.ordered = "at", True
    if r.random() >= 0.3:
        return "time at"
    keys = {c for roles in source.roles.values() for role in roles for c in role}
    ties = next(c for c in source.columns if c.kind == "int" and c.name not in keys)
    source.fixed.add(ties.name)
    source.ties = ties.name
    return f"time at then {ties.written}"
