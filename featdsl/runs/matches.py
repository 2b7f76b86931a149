"""Joins that find more than one row for a row of a view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from featdsl.compiler.statements import relation_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Program, Source, View
from featdsl.lowering.expectation import column_name
from featdsl.lowering.expression import lower_expression
from featdsl.runs.expect import Context, RowSet, duplicates, told_unique
from featdsl.runs.validity import count_overlaps, validity_keys
from featdsl.sql import build, statements


def check_matches(
    context: Context,
    program: Program,
    joins: Iterable[tuple[View, Join]],
    *,
    rows: Mapping[str, RowSet],
    scans: Mapping[str, exp.Table],
    problems: Problems,
) -> None:
    """Report joins that find several rows for a row on the left.

    Rows are joined only where the joined source has several rows for some key.

    Raises:
        EngineError: the rows cannot be read.
    """
    for view, join in joins:
        right = program.sources[join.source]
        asked = _Asked(context, program, view, join, right, rows[right.name], scans)
        count = 0 if asked.one_row_each() else asked.double_matches()
        if not count:
            continue
        have = "row of `{}` matches" if count == 1 else "rows of `{}` match"
        message = f"{count:,} {have.format(view.short)} more than one row of `{right.short}`"
        problems.report(
            catalog.MANY_MATCHES.at(join.span, message)
            .because(right.name_span, "the joined source")
            .help("join on more columns, so that one row is left, or correct the data")
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A join of a view, with the kept rows of its right side."""

    context: Context
    program: Program
    view: View
    join: Join
    right: Source
    rows: RowSet
    scans: Mapping[str, exp.Table]

    def one_row_each(self) -> bool:
        """Whether the joined source can have but one row for a value of the columns.

        Also where a failed expectation has told already that it has several.
        """
        right, columns = self.right, tuple(sorted({c for _, c in self.join.on}))
        if right.keep is not None:
            return set(right.keep.per) <= set(columns)
        if right.valid is not None:
            if any(set(key) <= set(columns) for key in validity_keys(right)):
                return True
            return not count_overlaps(self.context.session, right, self.rows, columns)
        if right.time is not None or (right.key and set(right.key) <= set(columns)):
            return True
        session = self.context.session
        if frozenset(columns) in told_unique(session, right, self.rows):
            return True
        return not duplicates(session, self.rows, columns).complete

    def double_matches(self) -> int:
        """Rows on the left that match more than one row on the right."""
        number = statements.named(exp.Window(this=build.func("row_number")), "featc_row")
        left = exp.Select(expressions=[exp.Star(), number]).from_(
            statements.subquery(self._left(), "rows")
        )
        matched = (
            exp.Select(expressions=[build.col("featc_row", "left")])
            .from_(statements.subquery(left, "left"))
            .join(
                statements.subquery(self._right(), "right"),
                on=self._condition(),
                join_type="inner",
            )
            .group_by(build.col("featc_row", "left"))
            .having(exp.GT(this=exp.Count(this=exp.Star()), expression=build.number(1)))
        )
        query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            statements.subquery(matched, "several")
        )
        return int(self.context.session.execute(query, doing=f"checking {self.rows.words}")[0][0])

    def _left(self) -> exp.Select:
        """Rows that the join starts from: the view's left, and the joins before this one."""
        before = self.view.joins[: self.view.joins.index(self.join)]
        view = replace(self.view, joins=before, lets=(), where=None)
        program = replace(self.program, views={**self.program.views, view.name: view})
        return relation_query(program, view.name, as_of=self.context.as_of, scans=self.scans)

    def _right(self) -> exp.Select:
        """Rows that can be found: kept ones, of changing rows the winners."""
        if self.right.keep is not None:
            return relation_query(
                self.program, self.right.name, as_of=self.context.as_of, scans=self.scans
            )
        found = statements.star_from(self.rows.relation.copy())
        return found if self.rows.where is None else found.where(self.rows.where.copy())

    def _condition(self) -> exp.Expr | None:
        equal: list[exp.Expr | None] = [
            exp.EQ(this=build.paren(self._lower(e)), expression=build.col(c, "right"))
            for e, c in self.join.on
        ]
        residual = self.join.residual
        rest = None if residual is None else exp.Paren(this=self._lower(residual))
        return build.all_of([*equal, self._holds(), rest])

    def _holds(self) -> exp.Expr | None:
        """The right row holds at the left row's time."""
        valid = self.right.valid
        if valid is None:
            return None
        time = self.program.root(self.view.name).time
        at = build.timestamp(self.context.as_of)
        if time is not None:
            # A row that is seen ahead of its time looks at the as-of time.
            at = build.func("least", build.col(time, "left"), at)
        start, end = build.col(valid.start, "right"), build.col(valid.end, "right")
        still = exp.Or(this=build.is_null(end), expression=exp.LT(this=at, expression=end.copy()))
        begun = exp.LTE(this=start, expression=at.copy())
        return exp.And(this=begun, expression=exp.Paren(this=still))

    def _lower(self, e: ir.Expr) -> exp.Expr:
        def resolve(node: ir.Expr) -> exp.Expr:
            if isinstance(node, ir.Column) and node.qualifier == self.join.alias:
                return build.col(node.name, "right")
            return build.col(column_name(node), "left")

        return lower_expression(
            e,
            resolve,
            as_of=build.timestamp(self.context.as_of),
            timezone=self.context.timezone,
        )
