"""A source's data against its declaration: types, nulls, drops, expectations, in one scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.engines.duckdb import Session
from featdsl.ir import expr as ir
from featdsl.ir.program import Source
from featdsl.lowering.expectation import column_name
from featdsl.lowering.expression import lower_expression
from featdsl.planning.visible import seen_conditions
from featdsl.runs.expect import check_set, duplicates
from featdsl.runs.input_use import input_use
from featdsl.runs.rowset import SAMPLES, Context, RowSet
from featdsl.runs.shapes import misfit_name
from featdsl.runs.stored import StoredRows, located
from featdsl.sql import build, statements
from featdsl.store.record import CheckUse, InputUse
from featdsl.text.amounts import count

DROPPED = "featc_dropped"
"""Number of the first ``drop when``, from 1, that takes a row out; 0 where none does."""


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source whose data fit: what was read, what was checked, and its kept rows."""

    use: InputUse
    checks: tuple[CheckUse, ...]
    rows: RowSet


def check_source(context: Context, stored: StoredRows, problems: Problems) -> CheckedSource | None:
    """Check a source's stored rows; what does not fit is reported, and gives None.

    Failed expectations are reported too, and give a result all the same.

    Raises:
        EngineError: the rows cannot be read.
    """
    source = stored.source
    rows = _row_set(context, stored)
    if source.key and source.keep is None and source.valid is None:
        # Asked first: what it proves of the key holds for `unique` of more columns too.
        taken = () if source.snapshot is None else (source.snapshot.column,)
        duplicates(context.session, rows, tuple(dict.fromkeys((*source.key, *taken))))
    more = _aggregates(context, stored)
    uses, told, measured = check_set(context, rows, source.expectations, more)
    broken = [*_misfits(context.session, stored, measured), *_nulls(context, stored, measured)]
    if broken:
        problems.extend(broken)
        return None
    problems.extend(told)
    return CheckedSource(input_use(context.session, stored, measured), tuple(uses), rows)


def check_fit(session: Session, stored: StoredRows, problems: Problems) -> None:
    """Report values that do not fit their declared types; without such columns nothing is read.

    Raises:
        EngineError: the rows cannot be read.
    """
    if not stored.misfits:
        return
    aggregates = {"stored": exp.Count(this=exp.Star()), **_misfit_counts(stored)}
    query = exp.Select(expressions=list(aggregates.values())).from_(
        statements.subquery(stored.flagged.copy(), "stored")
    )
    counts = session.execute(query, doing=f"checking `{stored.source.short}`")[0]
    problems.extend(_misfits(session, stored, dict(zip(aggregates, counts, strict=True))))


def _misfit_counts(stored: StoredRows) -> dict[str, exp.Expr]:
    return {
        f"misfit {name}": statements.count_where(build.col(misfit_name(stored.source, name)))
        for name in stored.misfits
    }


def kept_rows(context: Context, source: Source, stored: exp.Expr) -> RowSet:
    """The stored rows that no `drop` takes out."""
    kept = None
    if source.drops:
        kept = exp.EQ(this=build.col(DROPPED), expression=build.number(0))
    return RowSet(
        subject=source.name,
        words=f"`{source.short}`",
        relation=statements.subquery(_with_dropped(context, source, stored), "stored"),
        where=kept,
        time=_visible_time(context, source),
        shown=tuple(
            c for c in dict.fromkeys((*source.key, source.time)) if c in source.columns and c
        ),
        pii=frozenset(n for n, c in source.columns.items() if c.pii),
    )


def _row_set(context: Context, stored: StoredRows) -> RowSet:
    """Kept rows, with where they stand in the data."""
    source = stored.source

    def locate(condition: exp.Expr, columns: list[str]) -> list[str]:
        query = _with_dropped(context, source, stored.numbered)
        inner = replace(stored, numbered=query)
        return located(context.session, inner, condition, columns, limit=SAMPLES)

    return replace(kept_rows(context, source, stored.flagged), locate=locate)


def _with_dropped(context: Context, source: Source, stored: exp.Expr) -> exp.Expr:
    """Stored rows with the number of the drop that takes them out."""
    if not source.drops:
        return stored.copy()
    ifs = [
        exp.If(this=_lowered(context, drop.condition), true=build.number(i))
        for i, drop in enumerate(source.drops, start=1)
    ]
    dropped = exp.Case(ifs=ifs, default=build.number(0))
    return exp.Select(expressions=[exp.Star(), statements.named(dropped, DROPPED)]).from_(
        statements.subquery(stored.copy(), "rows")
    )


def _lowered(context: Context, condition: ir.Expr) -> exp.Expr:
    return lower_expression(
        condition,
        lambda e: build.col(column_name(e)),
        as_of=build.timestamp(context.as_of),
        timezone=context.timezone,
    )


def _visible_time(context: Context, source: Source) -> exp.Expr | None:
    """The time of a row that is seen at the as-of time, else null."""
    if source.time is None:
        return None
    seen = build.all_of(_lowered(context, c) for c in seen_conditions(source))
    time = build.col(source.time)
    return time if seen is None else build.case(seen, time)


def _aggregates(context: Context, stored: StoredRows) -> dict[str, exp.Expr]:
    """What is counted beside the expectations, over all stored rows."""
    source = stored.source
    found: dict[str, exp.Expr] = {"stored": exp.Count(this=exp.Star())}
    found |= _misfit_counts(stored)
    for name, column in source.columns.items():
        if column.required:
            found[f"present {name}"] = exp.Count(this=build.col(name))
    for i in range(1, len(source.drops) + 1):
        dropped = exp.EQ(this=build.col(DROPPED), expression=build.number(i))
        found[f"dropped {i}"] = statements.count_where(dropped)
    time = _visible_time(context, source)
    if time is not None:
        day = exp.cast(time.copy(), exp.DataType.Type.DATE)
        found["oldest"] = exp.Min(this=time.copy())
        found["newest"] = exp.Max(this=time)
        found["days"] = exp.Count(this=exp.Distinct(expressions=[day]))
    return found


def _misfits(session: Session, stored: StoredRows, measured: Mapping[str, Any]) -> list[Diagnostic]:
    source = stored.source
    found = []
    for name in stored.misfits:
        wrong = int(measured[f"misfit {name}"])
        if not wrong:
            continue
        column = source.columns[name]
        message = (
            f"{_rows(wrong, measured)} of `{source.short}` "
            f"{'holds' if wrong == 1 else 'hold'} no {column.dtype} in `{name}`: "
            "a value would be lost"
        )
        flag = build.col(misfit_name(source, name))
        where = located(session, stored, flag, [], limit=SAMPLES)
        found.append(
            catalog.UNFIT_VALUES.at(column.span, message)
            .note(_first(where))
            .help(
                "declare the type that the data have, or correct the data"
                if source.locked is None
                else "`featc lock` reads the types again, or correct the data"
            )
        )
    return found


def _nulls(context: Context, stored: StoredRows, measured: Mapping[str, Any]) -> list[Diagnostic]:
    source = stored.source
    found = []
    for name, column in source.columns.items():
        if not column.required:
            continue
        misfits = int(measured.get(f"misfit {name}", 0))
        wrong = int(measured["stored"]) - int(measured[f"present {name}"]) - misfits
        if wrong <= 0:
            continue
        message = f"{_rows(wrong, measured)} of `{source.short}` have no value in `{name}`"
        missing = build.is_null(build.col(name))
        where = located(context.session, stored, missing, [], limit=SAMPLES)
        found.append(
            catalog.NULLS_IN_REQUIRED.at(column.span, message, "required")
            .note(_first(where))
            .help("correct the data, or take `required` away")
        )
    return found


def _rows(wrong: int, measured: Mapping[str, Any]) -> str:
    return f"{wrong:,} of {count(int(measured['stored']), 'row')}"


def _first(where: list[str]) -> str:
    return f"the first: {', '.join(where)}"
