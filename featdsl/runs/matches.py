"""Joins that find more than one row for a row of a view."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from featdsl.compiler.statements import MATCHED, SINCE, matches_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir import expr as ir
from featdsl.ir.asked_at import asked_at, looks_ahead, of_left, of_lefts
from featdsl.ir.one_row import one_row_for
from featdsl.ir.program import Join, Program, Source, SpineRows, View
from featdsl.ir.relations import is_events
from featdsl.planning.steps import Sight
from featdsl.runs.expect import duplicates, told_unique
from featdsl.runs.needed import behind
from featdsl.runs.rowset import Context, RowSet
from featdsl.runs.validity import count_overlaps
from featdsl.sql import build, statements


def check_matches(
    context: Context,
    program: Program,
    joins: Iterable[tuple[View, Join]],
    *,
    rows: Mapping[str, RowSet],
    scans: Mapping[str, exp.Table],
    problems: Problems,
    before: Container[str] = (),
) -> None:
    """Report joins that find several rows for a row on the left.

    Rows are joined only where the joined source has several rows for some key. Of views in
    `before` the rows of every time up to the as-of time are looked at, of others those of
    then.

    Raises:
        EngineError: the rows cannot be read.
    """
    for view, join in joins:
        if join.many:
            continue
        sight = Sight.EVERY if view.name in before else Sight.AS_OF
        _check(_Asked(context, program, view, join, rows, scans, sight), problems)


def _check(asked: _Asked, problems: Problems) -> None:
    """Report a join that finds several rows for one."""
    view, join = asked.view, asked.join
    count = 0 if join.many or asked.one_row_each() else asked.double_matches()
    if not count:
        return
    right = asked.program.relation(join.source)
    have = "row of `{}` matches" if count == 1 else "rows of `{}` match"
    what = "view" if isinstance(right, View) else "source"
    message = f"{count:,} {have.format(view.short)} more than one row of `{right.short}`"
    problems.report(
        catalog.MANY_MATCHES.at(join.span, message)
        .because(right.name_span, f"the joined {what}")
        .help("join on more columns, so that one row is left, or correct the data")
        .help("`join many` makes a row of each match")
    )


def check_spine_matches(
    context: Context,
    program: Program,
    spine: SpineRows,
    *,
    rows: Mapping[str, RowSet],
    scans: Mapping[str, exp.Table],
    problems: Problems,
) -> None:
    """Report joins that find several rows for a row of a spine, whenever it is seen.

    Views in `scans` are taken as they are.

    Raises:
        EngineError: the rows cannot be read.
    """
    at = asked_at(program, spine.source, spine.at)
    own = [(v, t) for v, t in _of_its_rows(program, spine.source, at) if v.name not in scans]
    for view, time in own:
        for join in view.joins:
            asked = _Asked(context, program, view, join, rows, scans, Sight.STORED, time)
            _check(asked, problems)
    joined = dict.fromkeys(
        r.name
        for view, _ in own
        for join in view.joins
        for r in behind(program, join.source)
        if isinstance(r, View) and r.name not in scans
    )
    check_matches(
        context,
        program,
        [(program.views[name], join) for name in joined for join in program.views[name].joins],
        rows=rows,
        scans=scans,
        problems=problems,
        before=joined,
    )


def _of_its_rows(
    program: Program, name: str, at: ir.Expr | None
) -> Iterator[tuple[View, ir.Expr | None]]:
    """The views that a relation's rows come through, and as of when each is asked, if it matters.

    The time is over the columns that the view stands on.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return
    below = None if at is None or not looks_ahead(program, name) else of_lefts(relation, at)
    yield relation, below
    for left in relation.lefts:
        of_one = None if below is None else of_left(program, relation, left, below)
        yield from _of_its_rows(program, left, of_one)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A join of a view, with the kept rows of sources."""

    context: Context
    program: Program
    view: View
    join: Join
    rows: Mapping[str, RowSet]
    scans: Mapping[str, exp.Table]
    sight: Sight
    at: ir.Expr | None = None

    def one_row_each(self) -> bool:
        """Whether the right side can have but one row for a value of the columns.

        Also where a failed expectation has told already that it has several.
        """
        columns = tuple(sorted({c for _, c in self.join.on}))
        if is_events(self.program, self.join.source):
            return True  # the latest
        right = self.program.relation(self.join.source)
        if isinstance(right, Source):
            return self._one_of(right, columns)
        return one_row_for(self.program, right.name, columns)

    def _one_of(self, right: Source, columns: tuple[str, ...]) -> bool:
        if one_row_for(self.program, right.name, columns):
            return True
        rows, session = self.rows[right.name], self.context.session
        if right.valid is not None:
            return not count_overlaps(session, right, rows, columns)
        if right.keep is not None or right.snapshot is not None:
            return False
        if frozenset(columns) in told_unique(session, right, rows):
            return True
        return not duplicates(session, rows, columns).complete

    def double_matches(self) -> int:
        """Rows on the left that match more than one row on the right."""
        pairs = matches_query(
            self.program,
            self.view.name,
            self.join,
            as_of=self.context.as_of,
            sight=self.sight,
            at=self.at,
            scans=self.scans,
        )
        several = (
            exp.Select(expressions=[build.col(MATCHED)])
            .distinct()
            .from_(statements.subquery(pairs, "pairs"))
            .group_by(build.col(MATCHED), build.col(SINCE))
            .having(exp.GT(this=exp.Count(this=exp.Star()), expression=build.number(1)))
        )
        query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            statements.subquery(several, "several")
        )
        words = f"`{self.program.relation(self.join.source).short}`"
        return int(self.context.session.execute(query, doing=f"checking {words}")[0][0])
