"""What must hold of a test's rows as of a run's data: one row is valid at a time, one matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlglot import exp

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program, Test
from featdsl.runs.contract import kept_rows
from featdsl.runs.expect import Context
from featdsl.runs.invariants import check_validity
from featdsl.runs.matches import check_matches
from featdsl.runs.needed import needed_joins
from featdsl.sql import statements
from featdsl.text.sources import SourceSet


def check_given(
    session: Session,
    program: Program,
    test: Test,
    *,
    instants: Iterable[datetime],
    scans: Mapping[str, exp.Table],
) -> None:
    """Refuse rows whose values would have no one meaning, as a run refuses them.

    Keys and other expectations are not asked: a test gives the columns that it is about.

    Raises:
        Failure: rows of one key overlap, or a join finds several for a row.
    """
    problems = Problems()
    given = [name for name in test.given if name in program.sources]
    joins = [
        (view, join)
        for view, join in needed_joins(program, [e.group for e in test.expected])
        if view.name not in test.given and join.source in given
    ]
    for instant in instants:
        context = Context(session, instant, program.timezone, SourceSet())
        rows = {
            name: kept_rows(context, program.sources[name], statements.star_from(scans[name]))
            for name in given
        }
        for name in given:
            check_validity(context, program.sources[name], rows[name], problems)
        check_matches(context, program, joins, rows=rows, scans=scans, problems=problems)
        if problems.items:
            raise Failure(problems.items[0])
