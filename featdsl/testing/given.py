"""What must hold of a test's rows as of a run's data: one row is valid at a time, one matches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Expected, ExpectedRows, Program, SpineRows, Test
from featdsl.ir.refs import groups_behind, groups_of_spine
from featdsl.runs.contract import kept_rows
from featdsl.runs.invariants import (
    check_order,
    check_stored_key,
    check_ties,
    check_validity,
)
from featdsl.runs.matches import check_matches, check_spine_matches
from featdsl.runs.needed import at_many_times, behind, needed_joins, read_before
from featdsl.runs.rowset import Context
from featdsl.sql import statements
from featdsl.testing.groups import instants_of
from featdsl.testing.known import given_relation, known_until
from featdsl.testing.training import latest_time
from featdsl.text.sources import SourceSet


def check_given(
    session: Session, program: Program, test: Test, scans: Mapping[str, exp.Table]
) -> None:
    """Refuse rows whose values would have no one meaning, as a run refuses them.

    Expectations are not asked, and a key only where all of it is given: a test gives the columns
    that it is about.

    Raises:
        Failure: rows share a key, versions tie, rows of one key overlap, or a join finds several
            for a row.
    """
    problems = Problems()
    given = [name for name in test.given if name in program.sources]
    for instant, groups in asked_groups(session, program, test, scans).items():
        joins = [
            (view, join)
            for view, join in needed_joins(program, groups)
            if view.name not in test.given
            and any(r.name in test.given for r in behind(program, join.source))
        ]
        context = Context(session, instant, program.timezone, SourceSet())
        rows = {
            name: kept_rows(context, program.sources[name], statements.star_from(scans[name]))
            for name in given
        }
        for name in given:
            if {*program.sources[name].key} <= {*test.given[name].columns}:
                check_stored_key(context, program.sources[name], rows[name], problems)
            check_ties(context, program.sources[name], rows[name], problems)
            if {*program.sources[name].ties} <= {*test.given[name].columns}:
                check_order(context, program.sources[name], rows[name], problems)
            check_validity(context, program.sources[name], rows[name], problems)
        before = read_before(program, groups)
        if any(isinstance(e, ExpectedRows) for e in test.expected):
            before |= at_many_times(program, groups)
        check_matches(
            context, program, joins, rows=rows, scans=scans, problems=problems, before=before
        )
        if problems.items:
            raise Failure(problems.items[0])
    for expected in test.expected:
        if isinstance(expected, ExpectedRows):
            _check_spine(session, program, test, expected, scans, problems)
    if problems.items:
        raise Failure(problems.items[0])


def _check_spine(
    session: Session,
    program: Program,
    test: Test,
    expected: ExpectedRows,
    scans: Mapping[str, exp.Table],
    problems: Problems,
) -> None:
    """Refuse joins that find several rows for a row of a spine, which is a view's."""
    spine = program.datasets[expected.dataset].spine
    last = latest_time(session, program, test, expected, scans)
    if not isinstance(spine, SpineRows) or spine.source not in program.views or last is None:
        return
    context = Context(session, last, program.timezone, SourceSet())
    names = [r.name for r in behind(program, spine.source) if r.name in program.sources]
    rows = {
        name: kept_rows(context, program.sources[name], statements.star_from(scans[name]))
        for name in names
    }
    check_spine_matches(context, program, spine, rows=rows, scans=scans, problems=problems)


def asked_groups(
    session: Session, program: Program, test: Test, scans: Mapping[str, exp.Table]
) -> dict[datetime, list[str]]:
    """The times at which rows are looked at, earliest first, with the groups that do.

    Features of a data set look at its latest time, labels at the end of what they know.
    """
    found: dict[datetime, list[str]] = {}
    for expected in test.expected:
        for name in _groups(program, expected):
            if name in program.labels:
                times = [
                    known_until(program, test, given_relation(program, test, g.relation))
                    for g in groups_behind(program, [name])
                    if g.relation is not None
                ]
            elif isinstance(expected, ExpectedRows):
                times = [latest_time(session, program, test, expected, scans)]
            else:
                times = [*instants_of(expected)]
            for time in times:
                if time is not None:
                    found.setdefault(time, []).append(name)
    return dict(sorted(found.items()))


def _groups(program: Program, expected: Expected | ExpectedRows) -> list[str]:
    if isinstance(expected, Expected):
        return [expected.group]
    dataset = program.datasets[expected.dataset]
    read = (c.feature for c in (*dataset.columns, *dataset.labels))
    named = (f.rpartition(".")[0] for f in read if f is not None)
    return list(dict.fromkeys((*named, *groups_of_spine(program, dataset))))
