"""What must hold of data for a value to have one meaning: keys, versions, validity, joins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from featdsl.compiler.statements import relation_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Program, Source, View
from featdsl.lowering.expectation import column_name
from featdsl.lowering.expression import lower_expression
from featdsl.runs.expect import (
    SAMPLES,
    Context,
    RowSet,
    duplicates,
    shared_samples,
)
from featdsl.runs.stored import values_text
from featdsl.sql import build, statements


@dataclass(slots=True)
class Invariants:
    """Checks the sources of a run; each question about a source is asked once."""

    context: Context
    program: Program
    rows: Mapping[str, RowSet]
    scans: Mapping[str, exp.Table]
    problems: Problems
    overlaps: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)

    def check(self, joins: Iterable[tuple[View, Join]]) -> None:
        """Report duplicate keys, ties of versions, overlaps of validity, and double matches.

        Raises:
            EngineError: a question cannot be answered.
        """
        for name in self.rows:
            source = self.program.sources[name]
            self._key(source)
            self._ties(source)
            self._validity(source)
        for view, join in joins:
            self._matches(view, join)

    def _key(self, source: Source) -> None:
        """Rows of a source have keys of their own; of changing rows, the winners have."""
        if not source.key or source.valid is not None:
            return
        if source.keep is not None:
            if not set(source.keep.per) <= set(source.key):
                self._winners_key(source)
            return
        rows = self.rows[source.name]
        shared = duplicates(self.context.session, rows, source.key)
        if shared.rows:
            self._report_key(
                source,
                shared.groups,
                shared.rows,
                shared_samples(self.context.session, rows, tuple(sorted(source.key))),
            )

    def _winners(self, source: Source) -> RowSet:
        """The version of each row that counts at the as-of time."""
        winners = relation_query(
            self.program, source.name, as_of=self.context.as_of, scans=self.scans
        )
        return RowSet(
            subject=source.name,
            words=f"`{source.short}`",
            relation=statements.subquery(winners, "winners"),
            pii=self.rows[source.name].pii,
        )

    def _winners_key(self, source: Source) -> None:
        rows = self._winners(source)
        shared = duplicates(self.context.session, rows, source.key)
        if shared.rows:
            samples = shared_samples(self.context.session, rows, tuple(sorted(source.key)))
            self._report_key(source, shared.groups, shared.rows, samples)

    def _report_key(self, source: Source, groups: int, rows: int, samples: list[str]) -> None:
        key = ", ".join(source.key)
        keys = "key" if groups == 1 else "keys"
        message = f"{rows:,} rows of `{source.short}` share {groups:,} {keys} ({key})"
        found = catalog.DUPLICATE_KEY.at(source.name_span, message)
        for sample in samples:
            found = found.note(sample)
        self.problems.report(
            found.help(
                "correct the data, name more columns in `key`, or say with "
                "`keep last per … by …` which row counts"
            )
        )

    def _ties(self, source: Source) -> None:
        """Versions of one time must be equal, or it would be chance which one wins."""
        if source.keep is None:
            return
        per, by = source.keep.per, source.keep.by
        rows = self.rows[source.name]
        shared = tuple(dict.fromkeys((*per, *by)))
        if not duplicates(self.context.session, rows, shared).rows:
            return
        others = [c for c in source.columns if c not in shared]
        query = self._tied(rows, shared, by[0], others)
        count = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            statements.subquery(query, "tied")
        )
        tied = int(self.context.session.execute(count)[0][0])
        if not tied:
            return
        ordered = query.order_by(*[build.col(c) for c in shared]).limit(SAMPLES)
        samples = self.context.session.execute(ordered)
        times = "time" if tied == 1 else "times"
        message = (
            f"`{source.short}` has versions of one {', '.join(per)} that differ, "
            f"but share their `{', '.join(by)}` ({tied:,} {times})"
        )
        found = catalog.VERSION_TIE.at(source.name_span, message)
        for sample in samples:
            found = found.note(values_text(list(shared), sample, rows.pii))
        self.problems.report(found.help("name a further column after `by` that tells them apart"))

    def _tied(
        self, rows: RowSet, shared: tuple[str, ...], by: str, others: list[str]
    ) -> exp.Select:
        every = exp.Count(this=exp.Star())
        differ: exp.Expr = build.boolean(False)
        for name in others:
            least, most = exp.Min(this=build.col(name)), exp.Max(this=build.col(name))
            present = exp.Count(this=build.col(name))
            some = exp.And(
                this=exp.GT(this=present, expression=build.number(0)),
                expression=exp.LT(this=present.copy(), expression=every.copy()),
            )
            unequal = exp.Or(
                this=exp.NEQ(this=least, expression=most), expression=exp.Paren(this=some)
            )
            differ = exp.Or(this=differ, expression=unequal)
        seen = build.all_of([rows.where, build.is_null(build.col(by), negated=True)])
        several = exp.GT(this=every, expression=build.number(1))
        return (
            exp.Select(expressions=[build.col(c) for c in shared])
            .from_(rows.relation.copy())
            .where(seen)
            .group_by(*[build.col(c) for c in shared])
            .having(exp.And(this=several, expression=exp.Paren(this=differ)))
        )

    def _validity(self, source: Source) -> None:
        """Two rows of one key never hold at one time."""
        if source.valid is None:
            return
        for key in validity_keys(source):
            count = self._overlapping(source, key)
            if count:
                self._report_overlap(source, key, count)

    def _report_overlap(self, source: Source, key: tuple[str, ...], count: int) -> None:
        assert source.valid is not None
        rows = self.rows[source.name]
        columns = [*key, source.valid.start, source.valid.end]
        query = self._overlap_query(source, key).order_by(*[build.col(c) for c in key])
        samples = self.context.session.execute(query.limit(SAMPLES))
        plural = "row holds" if count == 1 else "rows hold"
        message = (
            f"{count:,} {plural} in `{source.short}` when the next row of the same "
            f"{', '.join(key)} begins"
        )
        found = catalog.VALIDITY_OVERLAP.at(source.name_span, message)
        for sample in samples:
            found = found.note(values_text(columns, sample[: len(columns)], rows.pii))
        self.problems.report(
            found.help(f"let `{source.valid.end}` be the time at which the next row begins")
        )

    def _overlapping(self, source: Source, key: tuple[str, ...]) -> int:
        asked = (source.name, key)
        if asked not in self.overlaps:
            query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
                statements.subquery(self._overlap_query(source, key), "overlapping")
            )
            self.overlaps[asked] = int(self.context.session.execute(query)[0][0])
        return self.overlaps[asked]

    def _overlap_query(self, source: Source, key: tuple[str, ...]) -> exp.Select:
        """Rows that still hold when the next row of their key begins.

        Sorted by start, rows overlap only where neighbours do.
        """
        assert source.valid is not None
        start, end = build.col(source.valid.start), build.col(source.valid.end)
        rows = self.rows[source.name]
        holds = exp.Or(
            this=build.is_null(end.copy()), expression=exp.LT(this=start.copy(), expression=end)
        )
        present = [build.is_null(build.col(c), negated=True) for c in (*key, source.valid.start)]
        following = exp.Window(
            this=build.func("lead", start.copy()),
            partition_by=[build.col(c) for c in key],
            order=exp.Order(expressions=[exp.Ordered(this=start.copy())]),
        )
        columns = [*key, source.valid.start, source.valid.end]
        inner = (
            exp.Select(
                expressions=[
                    *[build.col(c) for c in columns],
                    statements.named(following, "featc_next"),
                ]
            )
            .from_(rows.relation.copy())
            .where(build.all_of([rows.where, exp.Paren(this=holds), *present]))
        )
        later = build.col("featc_next")
        over = exp.Or(
            this=build.is_null(build.col(source.valid.end)),
            expression=exp.LT(this=later.copy(), expression=build.col(source.valid.end)),
        )
        return (
            exp.Select(expressions=[build.col(c) for c in columns])
            .from_(statements.subquery(inner, "neighbours"))
            .where(build.is_null(later, negated=True))
            .where(exp.Paren(this=over))
        )

    def _matches(self, view: View, join: Join) -> None:
        """A row finds at most one row of the joined source."""
        right = self.program.sources[join.source]
        columns = tuple(sorted({c for _, c in join.on}))
        if self._one_row_each(right, columns):
            return
        count = self._double_matches(view, join, right)
        if not count:
            return
        rows = "row" if count == 1 else "rows"
        message = f"{count:,} {rows} of `{view.short}` match more than one row of `{right.short}`"
        self.problems.report(
            catalog.MANY_MATCHES.at(join.span, message)
            .because(right.name_span, "the joined source")
            .help("join on more columns, so that one row is left, or correct the data")
        )

    def _one_row_each(self, right: Source, columns: tuple[str, ...]) -> bool:
        """Whether the joined source can have but one row for a value of the columns."""
        if right.keep is not None:
            if set(right.keep.per) <= set(columns):
                return True
            return not duplicates(self.context.session, self._winners(right), columns).complete
        if right.valid is not None:
            checked = any(set(k) <= set(columns) for k in validity_keys(right))
            return checked or not self._overlapping(right, columns)
        if right.time is not None or (set(right.key) <= set(columns) and right.key):
            return True
        session = self.context.session
        return not duplicates(session, self.rows[right.name], columns).complete

    def _double_matches(self, view: View, join: Join, right: Source) -> int:
        """Rows on the left that match more than one row on the right."""
        before = replace(view, joins=view.joins[: view.joins.index(join)], lets=(), where=None)
        program = replace(self.program, views={**self.program.views, view.name: before})
        left = relation_query(program, view.name, as_of=self.context.as_of, scans=self.scans)
        condition = build.all_of(
            [
                *(
                    exp.EQ(this=build.paren(self._lower(e, join)), expression=build.col(c, "right"))
                    for e, c in join.on
                ),
                self._holds_at(view, right),
                None if join.residual is None else self._lower(join.residual, join),
            ]
        )
        number = exp.Window(this=build.func("row_number"))
        numbered = exp.Select(
            expressions=[exp.Star(), statements.named(number, "featc_row")]
        ).from_(statements.subquery(left, "rows"))
        several = exp.GT(this=exp.Count(this=exp.Star()), expression=build.number(1))
        kept = self.rows[right.name]
        candidates = statements.star_from(kept.relation.copy())
        if kept.where is not None:
            candidates = candidates.where(kept.where.copy())
        matched = (
            exp.Select(expressions=[build.col("featc_row", "left")])
            .from_(statements.subquery(numbered, "left"))
            .join(statements.subquery(candidates, "right"), on=condition, join_type="inner")
            .group_by(build.col("featc_row", "left"))
            .having(several)
        )
        query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            statements.subquery(matched, "several")
        )
        return int(self.context.session.execute(query)[0][0])

    def _holds_at(self, view: View, right: Source) -> exp.Expr | None:
        if right.valid is None:
            return None
        time = self.program.root(view.name).time
        at = build.timestamp(self.context.as_of) if time is None else build.col(time, "left")
        start, end = build.col(right.valid.start, "right"), build.col(right.valid.end, "right")
        still = exp.Or(
            this=build.is_null(end), expression=exp.LT(this=at.copy(), expression=end.copy())
        )
        return exp.And(this=exp.LTE(this=start, expression=at), expression=exp.Paren(this=still))

    def _lower(self, e: ir.Expr, join: Join) -> exp.Expr:
        def resolve(node: ir.Expr) -> exp.Expr:
            if isinstance(node, ir.Column) and node.qualifier == join.alias:
                return build.col(node.name, "right")
            return build.col(column_name(node), "left")

        return lower_expression(
            e,
            resolve,
            as_of=build.timestamp(self.context.as_of),
            timezone=self.context.timezone,
        )


def validity_keys(source: Source) -> list[tuple[str, ...]]:
    """Columns for which at most one row may hold at a time.

    Those of the key but the times of validity; without a key, of each role.
    """
    assert source.valid is not None
    times = {source.valid.start, source.valid.end}
    key = tuple(c for c in source.key if c not in times)
    return [key] if key else list(dict.fromkeys(r.columns for r in source.roles))
