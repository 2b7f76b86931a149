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
        for at in walk(condition):
            if isinstance(at, ir.Compare):
                _compare(at, subject)


def _compare(at: ir.Compare, subject: Subject) -> None:
    sides = (at.left, at.right)
    if any(isinstance(s, ir.Literal) and s.value is None for s in sides):
        other = next(s for s in sides if not (isinstance(s, ir.Literal) and s.value is None))
        negated = "not " if at.op is ir.CompareOp.NE else ""
        subject.report(
            catalog.ALWAYS_NULL.at(
                at.span, f"a comparison with null is never true: `{canonical(at)}`"
            ).help(f"write `{canonical(other)} is {negated}null`")
        )
        return
    if at.op is not ir.CompareOp.NE:
        return
    nullable = [s for s in sides if s.nullable and isinstance(s, ir.Column)]
    if nullable:
        name = canonical(nullable[0])
        subject.report(
            catalog.NULL_COMPARISON.at(
                at.span, f"`{canonical(at)}` leaves out rows where `{name}` is null"
            )
            .help(f"to take them in, write `{canonical(at)} or {name} is null`")
            .help(f"to leave them out on purpose, add `and {name} is not null`")
        )
