"""Expectations over a set of rows: measured in one statement, judged, told with samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from featdsl.checks.spec import BEFORE, ROWS, Kept, Verdict
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.engines.duckdb import Session
from featdsl.ir.program import CheckKind, Expectation, Source
from featdsl.lowering.expectation import LoweredExpectation, lower_expectation
from featdsl.runs.baseline import Before, lacking
from featdsl.runs.compared import before_of, hide_personal, kept_of, measure_name, personal, unkept
from featdsl.runs.history import kept_use
from featdsl.runs.rowset import KEPT, SAMPLES, Context, Duplicates, RowSet
from featdsl.runs.stored import shown_text, shown_value, values_text
from featdsl.sql import build, statements
from featdsl.store.failing import FailingRows
from featdsl.store.record import CheckStatus, CheckUse
from featdsl.text.amounts import count


def check_set(
    context: Context,
    rows: RowSet,
    expectations: Sequence[Expectation],
    more: Mapping[str, exp.Expr] | None = None,
) -> tuple[list[CheckUse], list[Diagnostic], dict[str, Any]]:
    """Judge expectations over a set.

    Args:
        context: Session, as-of time, texts.
        rows: The set.
        expectations: What must hold.
        more: Further aggregates to take in the same statement.

    Returns:
        Results in the order of the expectations, a diagnostic for each that does not hold, and
        the values of ``more``.

    Raises:
        EngineError: a measure cannot be computed.
    """
    befores = [before_of(context, rows, e) for e in expectations]
    pairs = zip(expectations, befores, strict=True)
    lowered = [_lower(context, rows, e, b.kept) for e, b in pairs]
    counted = {ROWS: _over(exp.Count(this=exp.Star()), rows.where)}
    for i, e in enumerate(lowered):
        where = None if e.check.whole else rows.where
        counted |= {f"{i} {name}": _over(m, where) for name, m in e.measures.items()}
    measured = _measure(context.session, rows, {**counted, **(more or {})})
    uses, told = [], []
    for i, (e, before) in enumerate(zip(lowered, befores, strict=True)):
        if e.check.compares and personal(e.expectation, rows.pii, rows.names):
            uses.append(unkept(context, rows, e.expectation))
            continue
        own = {
            name.partition(" ")[2]: value
            for name, value in measured.items()
            if name.startswith(f"{i} ")
        }
        own[ROWS] = measured[ROWS]
        if before.kept is not None:
            own[BEFORE] = before.kept
        hide_personal(own, e.expectation, rows)
        if e.distinct:
            columns = tuple(rows.names.get(c, c) for c in e.distinct)
            own["duplicates"] = duplicates(context.session, rows, columns).complete
        verdict = e.check.judge(e.expectation, own)
        if before.baseline is not None:
            verdict = _of_baseline(verdict, before)
            if before.kept is None:
                told.append(lacking(e.expectation, before.baseline))
        use = _use(context, rows, e.expectation, verdict)
        if e.check.compares and context.history is not None:
            kept = kept_use(measure_name(rows, e.expectation), kept_of(context, rows, e, own))
            use = use.model_copy(update={"kept": kept})
        uses.append(use)
        if not verdict.passed:
            told.append(_diagnostic(context, rows, e, verdict))
    return uses, told, {name: measured[name] for name in more or {}}


def _of_baseline(verdict: Verdict, before: Before) -> Verdict:
    """What was found, with the run that it was compared with."""
    said = f"{verdict.measured}, against the baseline {before.baseline}"
    if before.kept is None:
        said = f"the baseline {before.baseline} has nothing to compare with"
    return replace(verdict, measured=said)


def _lower(
    context: Context, rows: RowSet, expectation: Expectation, before: Kept | None
) -> LoweredExpectation:
    return lower_expectation(
        expectation,
        column=lambda name: build.col(rows.names.get(name, name)),
        as_of=build.timestamp(context.as_of),
        timezone=context.timezone,
        time=rows.time,
        rows=rows.where,
        before=before,
    )


def _over(aggregate: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    if where is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=where.copy()))


def _measure(session: Session, rows: RowSet, aggregates: Mapping[str, exp.Expr]) -> dict[str, Any]:
    query = exp.Select(expressions=list(aggregates.values())).from_(rows.relation.copy())
    found = session.execute(query, doing=f"checking {rows.words}")
    return dict(zip(aggregates, found[0], strict=True))


def duplicates(session: Session, rows: RowSet, columns: tuple[str, ...]) -> Duplicates:
    """Rows that share values of ``columns``; asked once for each set of columns.

    Where fewer columns tell all rows apart, more of them do so too.
    """
    key = tuple(sorted(columns))
    if any(not d.rows and set(known) <= set(key) for known, d in rows.duplicates.items()):
        return Duplicates(0, 0, 0)
    if key not in rows.duplicates:
        n = build.col("featc_n")
        complete = build.all_of(build.is_null(build.col(c), negated=True) for c in key)
        total = [
            exp.Count(this=exp.Star()),
            build.coalesce(exp.Sum(this=n), build.number(0)),
            build.coalesce(_over(exp.Sum(this=n.copy()), complete), build.number(0)),
        ]
        groups = statements.subquery(_shared(rows, key), "shared")
        query = exp.Select(expressions=total).from_(groups)
        found = session.execute(query, doing=f"checking {rows.words}")[0]
        rows.duplicates[key] = Duplicates(*(int(v) for v in found))
    return rows.duplicates[key]


def told_unique(session: Session, source: Source, rows: RowSet) -> frozenset[frozenset[str]]:
    """Columns that a failed ``expect unique`` has been told of: to tell them again is no help."""
    return frozenset(
        frozenset(e.columns)
        for e in source.expectations
        if e.kind is CheckKind.UNIQUE
        and not (e.warn or e.allow)
        and duplicates(session, rows, e.columns).complete
    )


def _shared(rows: RowSet, columns: tuple[str, ...]) -> exp.Select:
    """Values of ``columns`` that more than one row has, with the number of rows."""
    query = (
        exp.Select(
            expressions=[
                *[build.col(c) for c in columns],
                statements.named(exp.Count(this=exp.Star()), "featc_n"),
            ]
        )
        .from_(rows.relation.copy())
        .group_by(*[build.col(c) for c in columns])
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=build.number(1)))
    )
    return query if rows.where is None else query.where(rows.where.copy())


def shared_samples(session: Session, rows: RowSet, columns: tuple[str, ...]) -> list[str]:
    """Some values of ``columns`` that several rows share, in words."""
    query = _shared(rows, columns).order_by(*[build.col(c) for c in columns]).limit(SAMPLES)
    found = session.execute(query)
    return [f"{values_text(list(columns), r[:-1], rows.pii)}: {r[-1]:,} rows" for r in found]


def _use(context: Context, rows: RowSet, e: Expectation, verdict: Verdict) -> CheckUse:
    failed = CheckStatus.WARNED if e.warn else CheckStatus.FAILED
    return CheckUse(
        subject=rows.subject,
        kind=e.kind.value,
        text=e.text,
        status=CheckStatus.PASSED if verdict.passed else failed,
        measured=verdict.measured,
        failing=verdict.failing,
        place=context.place(e.span),
    )


def _diagnostic(
    context: Context, rows: RowSet, lowered: LoweredExpectation, verdict: Verdict
) -> Diagnostic:
    e = lowered.expectation
    text = " ".join(e.text.removeprefix("expect ").split())
    message = f"{rows.words} does not hold what is expected, `{text}`: {verdict.measured}"
    found = catalog.FAILED_EXPECTATION.at(e.span, message)
    kept = failing_rows(context, rows, lowered, verdict)
    if kept is not None:
        for sample in _samples(rows, lowered, kept):
            found = found.note(sample)
        context.failing.append(kept)
        if context.kept_in is not None:
            found = found.note(f"{count(len(kept.rows), 'row')} kept in {context.kept_in}")
    if e.warn:
        return replace(found, severity=Severity.WARNING).help("correct the data, or the bound")
    return found.help(
        "correct the data or the bound; `warn` at the end lets the run go on, "
        "`allow` lets a share of rows fail"
    )


def _samples(rows: RowSet, lowered: LoweredExpectation, kept: FailingRows) -> list[str]:
    """The first rows in words, with their places in the data where they have some."""
    columns = list(kept.columns)
    if lowered.distinct:
        return [
            f"{shown_text(columns[:-1], r[:-1])}: {int(r[-1] or 0):,} rows"
            for r in kept.rows[:SAMPLES]
        ]
    if rows.locate is not None and lowered.failing is not None:
        named = (c.name for c in lowered.failing.find_all(exp.Column))
        return rows.locate(_fails(rows, lowered.failing), list(dict.fromkeys(named)))
    return [shown_text(columns, r) for r in kept.rows[:SAMPLES]]


def _fails(rows: RowSet, failing: exp.Expr) -> exp.Expr:
    condition = build.all_of([rows.where, exp.Paren(this=failing.copy())])
    assert condition is not None
    return condition


def failing_rows(
    context: Context, rows: RowSet, lowered: LoweredExpectation, verdict: Verdict
) -> FailingRows | None:
    """Some rows that fail, to be kept; None where none does, or it is no row that fails."""
    columns = [rows.names.get(c, c) for c in lowered.distinct]
    if columns:
        complete = build.all_of(build.is_null(build.col(c), negated=True) for c in columns)
        query = _shared(rows, tuple(columns)).where(complete)
        query = query.order_by(*[build.col(c) for c in columns])
        columns.append("rows")
    elif lowered.failing is not None:
        named = (c.name for c in lowered.failing.find_all(exp.Column))
        columns = list(dict.fromkeys([*rows.keys, *rows.shown, *named]))
        if not columns:  # the condition is the same for all rows, which nothing tells apart
            return None
        query = (
            exp.Select(expressions=[build.col(c) for c in columns])
            .from_(rows.relation.copy())
            .where(_fails(rows, lowered.failing))
        )
        if order := (*rows.keys, *rows.shown):
            query = query.order_by(*[build.col(c) for c in order])
    else:
        return None
    found = context.session.execute(query.limit(KEPT))
    e = lowered.expectation
    return FailingRows(
        subject=rows.subject,
        kind=e.kind.value,
        text=e.text,
        failing=verdict.failing,
        columns=tuple(columns),
        rows=tuple(
            tuple(shown_value(c, v, rows.pii) for c, v in zip(columns, r, strict=True))
            for r in found
        ),
        place=context.place(e.span),
    )
