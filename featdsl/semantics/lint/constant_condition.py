"""A condition that is the same for every row."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject

_READS = (ir.Column, ir.FeatureRef, ir.InputRef, ir.AsOf, ir.Aggregate, ir.Param)


def constant_condition(subject: Subject) -> None:
    """A condition that reads no column keeps every row or none."""
    for condition in subject.conditions():
        for part in _parts(condition):
            if any(isinstance(at, _READS) for at in walk(part)) or _null(part):
                continue
            subject.report(
                catalog.CONSTANT_CONDITION.at(
                    part.span, f"the condition `{canonical(part)}` reads no column"
                ).help("it keeps every row or none: leave it out, or compare a column")
            )


def _parts(e: ir.Expr) -> list[ir.Expr]:
    if isinstance(e, ir.Logical):
        return [*_parts(e.left), *_parts(e.right)]
    return [e]


def _null(e: ir.Expr) -> bool:
    """Comparisons with null have a rule of their own."""
    return any(isinstance(at, ir.Literal) and at.value is None for at in walk(e))
