"""Columns of a training set that repeat a label: what a model would learn in place of the task.

A label is compared with each other column over the rows where both are known. Three things are
told: the two are equal; each value of one belongs to one value of the other; the column is null
for some of the label's values and never for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlglot import exp

from featdsl.compiler.training import AUDIT
from featdsl.engines.duckdb import Session
from featdsl.runs.train_counts import FEW
from featdsl.sql import build, statements

KNOWN = 50
"""Rows in which both are known, from which on a coincidence is told."""
RARE = 5
"""Rows outside the label's most frequent value: fewer agree by chance."""
SCREENED = 20_000
"""Rows, about, on which columns are looked at before those that stand out are looked at whole."""
REPEATED = 2
"""Rows that a value of a label has on average: else any two columns of ids are one-to-one."""


class Tells(StrEnum):
    """How a column repeats a label."""

    EQUAL = "equal"
    ONE_TO_ONE = "one to one"
    NULLS = "nulls"


@dataclass(frozen=True, slots=True)
class Leak:
    """``rows`` are those in which it was seen."""

    label: str
    column: str
    tells: Tells
    rows: int


def find_leaks(
    session: Session,
    rows: exp.Expr,
    total: int,
    labels: Sequence[str],
    columns: Mapping[str, str],
    types: Mapping[str, str],
) -> list[Leak]:
    """Look for columns that repeat a label, among rows whose entity is known.

    Args:
        session: Where the rows are.
        rows: A FROM item with the audit columns.
        total: How many there are.
        labels: Columns that are labels.
        columns: Other columns, with the engine's types; keys and times are none of them.
        types: The engine's types of the labels.

    Raises:
        EngineError: the rows cannot be read.
    """
    found: list[Leak] = []
    some = _some(session, rows, total) if columns and labels else None
    for label in labels:
        others = dict(columns)
        if some is not None:
            looked = _look(session, some, label, types[label], others)
            if looked.values >= _TWO and not _misses(session, rows, label, looked.values):
                others = {c: t for c, t in others.items() if looked.tells(c, whole=False)}
        if not others:
            continue
        looked = _look(session, rows, label, types[label], others)
        for column in others:
            tells = looked.tells(column, whole=True)
            if tells is not None:
                found.append(Leak(label, column, tells, looked.rows_of(column, tells)))
    return found


def _some(session: Session, rows: exp.Expr, total: int) -> exp.Table | None:
    """A table of about `SCREENED` of the rows, evenly spaced; None where there are few."""
    every = total // SCREENED
    if every <= 1:
        return None
    picked = exp.Mod(this=build.col(AUDIT[0]), expression=build.number(every))
    query = statements.star_from(rows.copy())
    query.where(exp.EQ(this=picked, expression=build.number(0)), copy=False)
    return session.create_table("training sample", query)


def _misses(session: Session, rows: exp.Expr, label: str, values: int) -> bool:
    """Whether a sample with so many values of a label lacks one of few: nothing is told then."""
    if values > FEW:
        return False
    known = exp.Count(this=exp.Distinct(expressions=[build.col(label)]))
    query = exp.Select(expressions=[known]).from_(rows.copy(), copy=False)
    whole = int(session.execute(query, doing="looking for leaks")[0][0])
    return values < whole <= FEW


_TWO = 2
_MEASURES = ("known", "groups", "pure", "different", "largest", "equal", "whole", "bare")


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one statement found of a label; ``columns`` by name, then by `_MEASURES`."""

    label: str
    rows: int
    values: int
    largest: int
    columns: Mapping[str, Mapping[str, Any]]

    def tells(self, column: str, *, whole: bool) -> Tells | None:
        """How a column repeats the label; of a sample, whether it might."""
        m = self.columns[column]
        known, groups = int(m["known"] or 0), int(m["groups"] or 0)
        enough = not whole or (known >= KNOWN and known - int(m["largest"] or 0) >= RARE)
        if enough and groups >= _TWO:
            if m["equal"] is not None and int(m["equal"]) == known:
                return Tells.EQUAL
            one_to_one = m["pure"] == groups == m["different"]
            if one_to_one and known >= REPEATED * groups:
                return Tells.ONE_TO_ONE
        bare, filled = int(m["bare"] or 0), int(m["whole"] or 0)
        split = bare > 0 and filled > 0 and bare + filled == self.values
        often = not whole or (self.rows >= KNOWN and self.rows - self.largest >= RARE)
        if split and often and self.rows >= REPEATED * self.values:
            return Tells.NULLS
        return None

    def rows_of(self, column: str, tells: Tells) -> int:
        return self.rows if tells is Tells.NULLS else int(self.columns[column]["known"])


def _look(
    session: Session,
    rows: exp.Expr,
    label: str,
    label_type: str,
    columns: Mapping[str, str],
) -> _Looked:
    """Group by the label, then sum up: one statement, whatever the types."""
    groups = _grouped(rows, label, columns, label_type)
    n = build.col("n")
    values: list[exp.Expr] = [exp.Sum(this=n), exp.Count(this=exp.Star()), exp.Max(this=n.copy())]
    for i in range(len(columns)):
        values += _summed(i)
    query = exp.Select(expressions=values).from_(statements.subquery(groups, "groups"), copy=False)
    total, count, largest, *measured = session.execute(query, doing="looking for leaks")[0]
    width = len(_MEASURES)
    found = {
        name: dict(zip(_MEASURES, measured[i * width : (i + 1) * width], strict=True))
        for i, name in enumerate(columns)
    }
    return _Looked(label, int(total or 0), count, int(largest or 0), found)


def _grouped(rows: exp.Expr, label: str, columns: Mapping[str, str], label_type: str) -> exp.Select:
    _, status, _ = AUDIT
    values: list[exp.Expr] = [statements.named(exp.Count(this=exp.Star()), "n")]
    for i, (name, stored) in enumerate(columns.items()):
        column = build.col(name)
        digest = build.case(build.is_null(column, negated=True), build.func("hash", column.copy()))
        same: exp.Expr = build.null()
        if _comparable(stored, label_type):
            equal = exp.EQ(this=column.copy(), expression=build.col(label))
            same = statements.count_where(equal)
        values += [
            statements.named(exp.Count(this=column.copy()), f"known {i}"),
            statements.named(exp.Min(this=digest), f"low {i}"),
            statements.named(exp.Max(this=digest.copy()), f"high {i}"),
            statements.named(same, f"same {i}"),
        ]
    known = exp.EQ(this=build.col(status), expression=build.text("known"))
    present = build.is_null(build.col(label), negated=True)
    query = (
        exp.Select(expressions=values)
        .from_(rows.copy(), copy=False)
        .where(known, present, copy=False)
    )
    return query.group_by(build.col(label), copy=False)


def _summed(i: int) -> list[exp.Expr]:
    """The `_MEASURES` of a column over the groups of the label."""
    n, known, low = build.col("n"), build.col(f"known {i}"), build.col(f"low {i}")
    some = exp.GT(this=known, expression=build.number(0))
    pure = exp.And(this=some.copy(), expression=exp.EQ(this=low, expression=build.col(f"high {i}")))
    return [
        exp.Sum(this=known.copy()),
        statements.count_where(some),
        statements.count_where(pure),
        exp.Count(this=exp.Distinct(expressions=[low.copy()])),
        exp.Max(this=known.copy()),
        exp.Sum(this=build.col(f"same {i}")),
        statements.count_where(exp.EQ(this=known.copy(), expression=n)),
        statements.count_where(exp.EQ(this=known.copy(), expression=build.number(0))),
    ]


def _comparable(one: str, other: str) -> bool:
    """Whether the engine compares values of two types as what they are."""
    return _family(one) == _family(other)


def _family(stored: str) -> str:
    if stored.endswith("]"):
        return stored.upper()
    base = stored.partition("(")[0].upper()
    if base.endswith("INT") or base in ("INTEGER", "DECIMAL", "FLOAT", "DOUBLE"):
        return "number"
    return "time" if base.startswith(("TIMESTAMP", "DATE")) else stored.upper()
