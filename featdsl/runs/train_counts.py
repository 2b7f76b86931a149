"""What is counted of a training set: points, unknown rows, labels that are not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlglot import exp

from featdsl.compiler.training import AUDIT
from featdsl.engines.duckdb import Session
from featdsl.ir import expr as ir
from featdsl.ir.program import DatasetColumn, Program
from featdsl.ir.refs import group_of, needed, row_aggregates
from featdsl.ir.relations import roots
from featdsl.sql import build, statements
from featdsl.store.record import ColumnNulls, ValueCount
from featdsl.types.duration import Duration

FEW = 10
"""Values that a label may have for its classes to be counted."""
_STATUSES = {"without_key": "no key", "without_time": "no time", "unknown": "unknown key"}


Untils = Mapping[str, datetime | None]
"""By source, up to when labels over it are known."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far ahead of a time rows of a source are read, and when the last of them is seen."""

    source: str
    lengths: tuple[Duration, ...]
    delay: Duration | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead a label looks: it is known once all of it is over, and could be seen.

    ``parts`` has one for each source that it reads, its own first.
    """

    parts: tuple[Ahead, ...]

    @property
    def source(self) -> str:
        return self.parts[0].source

    def until(self, untils: Untils) -> datetime | None:
        """Up to when the label is known: the earliest of its sources' times."""
        times = [untils.get(p.source) for p in self.parts]
        known = [t for t in times if t is not None]
        return min(known) if len(known) == len(times) else None

    def is_open(self, time: exp.Expr, untils: Untils) -> exp.Expr:
        """SQL: at a time that is known, some window is not over by what is known."""
        present = build.is_null(time.copy(), negated=True)
        later: list[exp.Expr] = []
        for part in self.parts:
            until = untils.get(part.source)
            if until is None:
                return present
            ends = [build.plus(build.plus(time.copy(), n), part.delay) for n in part.lengths]
            later += [exp.GT(this=e, expression=build.timestamp(until)) for e in ends]
        return exp.or_(*later, copy=False) if later else build.boolean(False)


def horizon(program: Program, label: DatasetColumn) -> Horizon | None:
    """How far ahead a label looks; None where it is a column of the spine, or reads no rows."""
    if label.feature is None:
        return None
    lengths: dict[str, dict[Duration, None]] = {}
    for feature in reversed(needed(program, [label.feature])):
        relation = group_of(program, feature.name).relation
        for node in row_aggregates(feature.expr):
            assert relation is not None, "aggregates read rows"
            for source in roots(program, relation):
                found = lengths.setdefault(source.name, {})
                if isinstance(node.window, ir.NextWindow):
                    found[node.window.length] = None
    delays = {n: program.sources[n].available for n in lengths}
    parts = tuple(
        Ahead(name, tuple(found), None if (a := delays[name]) is None else a.after)
        for name, found in lengths.items()
    )
    return Horizon(parts) if parts else None


@dataclass(frozen=True, slots=True)
class PointCounts:
    """Rows of a spine, different points among those with key and time, and its times.

    ``strange`` counts times outside the years 1 to 9999, infinite ones among them: others than
    those are in ``first`` and ``last``.
    """

    rows: int
    points: int
    first: datetime | None
    last: datetime | None
    strange: int


def count_points(
    session: Session, rows: exp.Expr, keys: Sequence[str], time: exp.Expr
) -> PointCounts:
    """Look at the keys and times of a spine, in one statement.

    Raises:
        EngineError: the rows cannot be read.
    """
    values: list[exp.Expr] = [*(build.col(k) for k in keys), time]
    point = build.func("row", *(v.copy() for v in values))
    known = build.all_of(build.is_null(v.copy(), negated=True) for v in values)
    assert known is not None, "a spine has a time"
    usual = exp.And(
        this=exp.GTE(this=time.copy(), expression=build.timestamp(datetime.min)),
        expression=exp.LTE(this=time.copy(), expression=build.timestamp(datetime.max)),
    )
    measures = [
        exp.Count(this=exp.Star()),
        exp.Count(this=exp.Distinct(expressions=[build.case(known, point)])),
        exp.Min(this=build.case(usual, time.copy())),
        exp.Max(this=build.case(usual.copy(), time.copy())),
        statements.count_where(exp.Not(this=exp.Paren(this=usual.copy()))),
    ]
    query = exp.Select(expressions=measures).from_(rows.copy(), copy=False)
    return PointCounts(*session.execute(query, doing="counting the spine's rows")[0])


@dataclass(frozen=True, slots=True)
class Audit:
    """Rows by what is known of them; ``immature`` by the name of a label."""

    rows: int
    mature: int
    without_key: int
    without_time: int
    unknown: int
    immature: Mapping[str, int]


def audit(session: Session, rows: exp.Expr, immature: Mapping[str, exp.Expr]) -> Audit:
    """Count computed rows by their audit columns and by conditions, in one statement.

    Raises:
        EngineError: the rows cannot be read.
    """
    _, status, mature = AUDIT
    measures: dict[str, exp.Expr] = {
        "rows": exp.Count(this=exp.Star()),
        "mature": statements.count_where(build.col(mature)),
    }
    for name, value in _STATUSES.items():
        is_so = exp.EQ(this=build.col(status), expression=build.text(value))
        measures[name] = statements.count_where(is_so)
    of_labels = {name: statements.count_where(c) for name, c in immature.items()}
    query = exp.Select(expressions=[*measures.values(), *of_labels.values()]).from_(
        rows.copy(), copy=False
    )
    found = session.execute(query, doing="counting rows")[0]
    counted: dict[str, Any] = dict(zip(measures, found, strict=False))
    return Audit(**counted, immature=dict(zip(of_labels, found[len(measures) :], strict=True)))


def count_nulls(
    session: Session, rows: exp.Expr, columns: Sequence[str]
) -> tuple[int, tuple[ColumnNulls, ...]]:
    """Rows, and how many of them are null in each column.

    Raises:
        EngineError: the rows cannot be read.
    """
    present = [exp.Count(this=build.col(c)) for c in columns]
    query = exp.Select(expressions=[exp.Count(this=exp.Star()), *present]).from_(
        rows.copy(), copy=False
    )
    total, *counts = session.execute(query, doing="counting nulls")[0]
    return total, tuple(
        ColumnNulls(column=c, nulls=total - n) for c, n in zip(columns, counts, strict=True)
    )


def count_values(
    session: Session, rows: exp.Expr, column: str, *, most: int | None = None
) -> tuple[ValueCount, ...]:
    """How many rows have each value of a column, most frequent first, null last.

    Nothing where there are more than `most` values.

    Raises:
        EngineError: the rows cannot be read.
    """
    values = build.col(column)
    total = exp.Count(this=exp.Star())
    query = (
        exp.Select(
            expressions=[
                statements.named(exp.cast(values, exp.DataType.Type.VARCHAR), "value"),
                statements.named(total, "rows"),
            ]
        )
        .from_(rows.copy(), copy=False)
        .group_by(values.copy())
        .order_by(
            build.is_null(values.copy()),
            exp.Ordered(this=build.col("rows"), desc=True),
            build.col("value"),
        )
    )
    if most is not None:
        query = query.limit(most + 2)  # one more value, and the null
    found = session.execute(query, doing=f"counting `{column}`")
    known = [value for value, _ in found if value is not None]
    if most is not None and len(known) > most:
        return ()
    return tuple(ValueCount(value=value, rows=n) for value, n in found)
