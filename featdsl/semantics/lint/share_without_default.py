"""A share whose numerator is null where it should be 0."""

from __future__ import annotations

from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject


def share_without_default(subject: Subject) -> None:
    """``sum(x where p) / sum(x)`` is null where nothing passed p: likely meant is 0."""
    for group, feature in subject.members():
        for at in walk(feature.expr):
            if not isinstance(at, ir.Arithmetic) or at.op is not ir.ArithmeticOp.DIVIDE:
                continue
            top, bottom = at.left, at.right
            if not isinstance(top, ir.Aggregate) or not isinstance(bottom, ir.Aggregate):
                continue
            part = top.where is not None and top.where != bottom.where
            whole = replace(top, where=None, default=None) == replace(
                bottom, where=None, default=None
            )
            if top.aggregate == bottom.aggregate == "sum" and part and whole and not top.default:
                subject.report(
                    catalog.SHARE_WITHOUT_DEFAULT.at(
                        top.span,
                        f"`{group.short}.{feature.short}` is null, not 0, where no row counts",
                    ).help("add a default to the call: `sum(x where c default 0)`")
                )
