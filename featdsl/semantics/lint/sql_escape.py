"""A value that an engine's own SQL computes."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject


def sql_escape(subject: Subject) -> None:
    """What ``sql(…)`` means is the engine's to say, and one engine's only."""
    for expression in subject.expressions():
        for at in walk(expression):
            if isinstance(at, ir.SqlCall):
                subject.report(
                    catalog.SQL_ESCAPE.at(
                        at.span, "what this SQL means is the engine's to say, and DuckDB's only"
                    ).help("where the language has it, write it in the language")
                )
