"""Comparisons that null makes say something else than they seem to."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject


def null_comparison(subject: Subject) -> None:
    """``x != 1`` leaves out rows where x is null; ``x = null`` is never true."""
    for condition in subject.conditions():
        nodes = list(walk(condition))
        thought_of = [at.operand for at in nodes if isinstance(at, ir.IsNull)]
        for at in nodes:
            if isinstance(at, ir.Compare) and not _with_null(at, subject):
                _unequal(at, thought_of, subject)


def _with_null(at: ir.Compare, subject: Subject) -> bool:
    sides = (at.left, at.right)
    others = [s for s in sides if not (isinstance(s, ir.Literal) and s.value is None)]
    if len(others) == 2:
        return False
    negated = "not " if at.op is ir.CompareOp.NE else ""
    found = catalog.ALWAYS_NULL.at(
        at.span, f"a comparison with null is never true: `{canonical(at)}`"
    )
    subject.report(
        found.help(f"write `{canonical(others[0])} is {negated}null`" if others else None)
    )
    return True


def _unequal(at: ir.Compare, thought_of: list[ir.Expr], subject: Subject) -> None:
    if at.op is not ir.CompareOp.NE:
        return
    for side in (at.left, at.right):
        if isinstance(side, ir.Column) and side.nullable and side not in thought_of:
            name = canonical(side)
            subject.report(
                catalog.NULL_COMPARISON.at(
                    at.span, f"`{canonical(at)}` leaves out rows where `{name}` is null"
                )
                .help(f"to take them in, write `{canonical(at)} or {name} is null`")
                .help(f"to leave them out on purpose, add `and {name} is not null`")
            )
            return
