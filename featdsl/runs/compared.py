"""Expectations that compare with the last published run: what it kept, what this one keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.checks.changes import VALUE
from featdsl.checks.drift import dtype_of
from featdsl.checks.registry import checks
from featdsl.checks.spec import Kept
from featdsl.ir import expr as ir
from featdsl.ir.program import CheckKind, Expectation
from featdsl.ir.text import HIDDEN, canonical
from featdsl.ir.visit import walk
from featdsl.lowering.expectation import LoweredExpectation, column_name
from featdsl.runs.baseline import DRIFTS, Before, before_baseline
from featdsl.runs.distribution import distribution
from featdsl.runs.rowset import Context, RowSet
from featdsl.sql import build
from featdsl.store.record import CheckStatus, CheckUse


def before_of(context: Context, rows: RowSet, expectation: Expectation) -> Before:
    if context.history is None or not checks()[expectation.kind].compares:
        return Before()
    if personal(expectation, rows.pii, rows.names):
        return Before()
    name = measure_name(rows, expectation)
    found = before_baseline(context, rows.subject, name, expectation)
    return Before(context.history.kept(name)) if found is None else found


def measure_name(rows: RowSet, e: Expectation) -> str:
    """What is measured of what: another bound, or place, makes no other measure of it."""
    if e.condition is not None:
        return f"{rows.subject}: {canonical(e.condition)}"
    return f"{rows.subject}: {e.kind}({', '.join(e.columns)}): {e.dtype}"


def kept_of(context: Context, rows: RowSet, e: LoweredExpectation, own: Mapping[str, Any]) -> Kept:
    """What the next run compares with."""
    expectation = e.expectation
    if expectation.kind is CheckKind.CHANGES:
        value = own[VALUE]
        return Kept(value=None if value is None else str(value))
    (name,) = expectation.columns

    def query() -> exp.Select:
        found = exp.Select().from_(rows.relation.copy())
        return found if rows.where is None else found.where(rows.where.copy())

    column = build.col(rows.names.get(name, name))
    points = DRIFTS[expectation.kind]
    return distribution(context.session, query, column, dtype_of(expectation), points)


def personal(e: Expectation, pii: frozenset[str], names: Mapping[str, str]) -> bool:
    """Whether what is measured shows a value of personal data as it is stored."""
    found = {c for a in _stored_aggregates(e) for c in _columns_of(a)} | {*e.columns}
    return any(names.get(c, c) in pii for c in found)


def _stored_aggregates(e: Expectation) -> list[ir.Aggregate]:
    nodes = [] if e.condition is None else walk(e.condition)
    return [n for n in nodes if isinstance(n, ir.Aggregate) and aggregates()[n.aggregate].stored]


def _columns_of(e: ir.Expr) -> set[str]:
    return {column_name(n) for n in walk(e) if isinstance(n, ir.Column | ir.FeatureRef)}


def hide_personal(own: dict[str, Any], e: Expectation, rows: RowSet) -> None:
    """Take stored values of personal data out of what is told."""
    for a in _stored_aggregates(e):
        text = canonical(a)
        if text in own and any(rows.names.get(c, c) in rows.pii for c in _columns_of(a)):
            own[text] = HIDDEN


def unkept(context: Context, rows: RowSet, e: Expectation) -> CheckUse:
    return CheckUse(
        subject=rows.subject,
        kind=e.kind.value,
        text=e.text,
        status=CheckStatus.SKIPPED,
        measured="it rests on personal data, of which nothing is kept",
        place=context.place(e.span),
    )
