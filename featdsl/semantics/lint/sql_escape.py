"""A value that an engine's own SQL computes."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject


def sql_escape(subject: Subject) -> None:
    """What ``sql(…)`` means is the engine's to say, and one engine's only."""
    for expression in _expressions(subject):
        for at in walk(expression):
            if isinstance(at, ir.SqlCall):
                subject.report(
                    catalog.SQL_ESCAPE.at(
                        at.span, "what this SQL means is the engine's to say, and DuckDB's only"
                    ).help("where the language has it, write it in the language")
                )


def _expressions(subject: Subject) -> Iterator[ir.Expr]:
    for source in subject.known.sources.values():
        yield from (d.condition for d in source.drops)
        keep = source.keep
        if keep is not None and keep.removed_when is not None:
            yield keep.removed_when
    for view in subject.known.views.values():
        yield from (let.value for let in view.lets)
        yield from () if view.where is None else (view.where,)
        for join in view.joins:
            yield from (left for left, _ in join.on)
            yield from () if join.residual is None else (join.residual,)
    for _, feature in subject.members():
        yield feature.expr
