"""Rows of two files of a set beside each other: which columns differ, in how many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.sql import build, statements

_ROW = "file_row_number"


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """``rows`` have another value; of floats ``largest`` is how far, relative to the value.

    Where one of two floats is null, it is None.
    """

    column: str
    rows: int
    largest: float | None


@dataclass(frozen=True, slots=True)
class RowsCompared:
    """``missing`` rows are of keys that are not there any more, ``added`` of new ones.

    ``gone`` and ``new`` are columns.
    """

    before: int
    after: int
    missing: int
    added: int
    columns: tuple[ColumnDifference, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]


def compare_rows(
    session: Session, before: Path, after: Path, keys: Sequence[str] | None
) -> RowsCompared:
    """Compare two Parquet files.

    Args:
        session: It can read both.
        before: The one.
        after: The other.
        keys: Columns that tell which rows belong together; none where there is one row; None where
            their place does.

    Raises:
        EngineError: a file cannot be read.
    """
    one, other = (_columns(session, path) for path in (before, after))
    by = [_ROW] if keys is None else list(keys)
    joined = _joined(before, after, by)
    there = {name: exp.Not(this=build.is_null(build.col(_ROW, name))) for name in ("b", "a")}
    both = exp.And(this=there["b"], expression=there["a"])
    shared = [n for n in one if n in other and n not in by]
    counted: list[exp.Expr] = [
        statements.count_where(there["b"].copy()),
        statements.count_where(there["a"].copy()),
        statements.count_where(both.copy()),
    ]
    for name in shared:
        was, now = build.col(name, "b"), build.col(name, "a")
        differs = exp.NullSafeNEQ(this=was, expression=now)
        here = exp.And(this=both.copy(), expression=differs)
        counted.append(statements.count_where(here))
        floats = one[name] == other[name] == "DOUBLE"
        counted.append(_largest(name) if floats else build.null())
        null, other_null = (build.paren(build.is_null(c.copy())) for c in (was, now))
        nulls = exp.NEQ(this=null, expression=other_null)
        counted.append(statements.count_where(exp.And(this=both.copy(), expression=nulls)))
    named = [statements.named(value, f"c{i}") for i, value in enumerate(counted)]
    (row,) = session.execute(exp.Select(expressions=named).from_(joined))
    found = []
    for i, name in enumerate(shared):
        rows, largest, nulls_differ = row[3 + 3 * i : 6 + 3 * i]
        if rows:
            found.append(ColumnDifference(name, rows, None if nulls_differ else largest))
    return RowsCompared(
        before=row[0],
        after=row[1],
        missing=row[0] - row[2],
        added=row[1] - row[2],
        columns=tuple(found),
        gone=tuple(n for n in one if n not in other),
        new=tuple(n for n in other if n not in one),
    )


def _columns(session: Session, path: Path) -> dict[str, str]:
    return dict(session.columns(statements.star_from(_file(path, numbered=False))))


def _file(path: Path, *, numbered: bool = True) -> exp.Table:
    options = {
        "file_row_number": build.boolean(numbered),
        "hive_partitioning": build.boolean(False),
    }
    return statements.table_function("read_parquet", build.text(str(path.resolve())), options)


def _joined(before: Path, after: Path, by: Sequence[str]) -> exp.Expr:
    """``FROM b FULL JOIN a``."""
    one, other = (
        statements.subquery(statements.star_from(_file(path)), name)
        for path, name in ((before, "b"), (after, "a"))
    )
    same = [exp.EQ(this=build.col(k, "b"), expression=build.col(k, "a")) for k in by]
    condition = build.all_of(same) or build.boolean(True)
    join = exp.Join(this=other, side="FULL", on=condition)
    one.set("joins", [join])
    return one


def _largest(name: str) -> exp.Expr:
    """How far two floats are apart at most, relative to the larger one."""
    was, now = build.col(name, "b"), build.col(name, "a")
    apart = exp.Abs(this=exp.Sub(this=was, expression=now))
    sizes = [exp.Abs(this=was.copy()), exp.Abs(this=now.copy())]
    return exp.Max(this=build.divide(apart, build.func("greatest", *sizes)))
