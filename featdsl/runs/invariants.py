"""What must hold of a source for a value to have one meaning: keys, versions, validity."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from featdsl.compiler.statements import SEEN_FROM, SEEN_TO, relation_query, seen_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.ir import expr as ir
from featdsl.ir.one_row import one_row_for, validity_keys
from featdsl.ir.program import Group, Program, Source
from featdsl.ir.refs import groups_behind
from featdsl.ir.relations import roots
from featdsl.ir.visit import walk
from featdsl.runs.expect import duplicates, shared_samples, told_unique
from featdsl.runs.rowset import SAMPLES, Context, RowSet
from featdsl.runs.stored import values_text
from featdsl.runs.validity import count_overlaps, longest_rows, overlapping, overlaps
from featdsl.sql import build, statements

_OTHER_KEY = (
    "correct the data, name more columns in `key`, or say with "
    "`keep last per … by …` which row counts"
)


@dataclass(frozen=True, slots=True)
class Invariants:
    """Checks the kept rows of sources; ``scans`` are the session's tables of all of them.

    Of sources in ``before`` rows are read as they were at earlier times too.
    """

    context: Context
    program: Program
    rows: Mapping[str, RowSet]
    scans: Mapping[str, exp.Table]
    problems: Problems
    before: Container[str] = ()

    def check(self, groups: Iterable[str]) -> None:
        """Report duplicate keys, ties of versions that differ, and validity that overlaps.

        Also groups that read columns as they are from rows of which a key has several.

        Raises:
            EngineError: the rows cannot be read.
        """
        before = len(self.problems.items)
        for name in self.rows:
            source = self.program.sources[name]
            self._key(source)
            if name in self.before and len(self.problems.items) == before:
                self._key_before(source)
            check_ties(self.context, source, self.rows[name], self.problems)
            check_order(self.context, source, self.rows[name], self.problems)
            check_validity(self.context, source, self.rows[name], self.problems)
        if len(self.problems.items) > before or any(
            told_unique(self.context.session, self.program.sources[name], rows)
            for name, rows in self.rows.items()
        ):
            return
        for group in groups_behind(self.program, groups):
            self._one_row(group)

    def _one_row(self, group: Group) -> None:
        """A column outside aggregates is the value of the one row that a key has."""
        if group.relation is None or group.role is None:
            return
        columns = group.role.columns
        if not _reads_columns(group) or one_row_for(self.program, group.relation, columns):
            return
        relation = self.program.relation(group.relation)
        query = relation_query(
            self.program, relation.name, as_of=self.context.as_of, scans=self.scans
        )
        rows = RowSet(
            subject=relation.name,
            words=f"`{relation.short}`",
            relation=statements.subquery(query, "seen"),
            where=build.all_of(build.is_null(build.col(c), negated=True) for c in columns),
            pii=frozenset(
                c for s in roots(self.program, relation.name) for c in self.rows[s.name].pii
            ),
        )
        shared = duplicates(self.context.session, rows, columns)
        if not shared.rows:
            return
        keys = "key has" if shared.groups == 1 else "keys have"
        message = (
            f"{shared.groups:,} {keys} several rows in `{relation.short}` at the as-of time, "
            f"and `{group.short}` reads their columns"
        )
        found = catalog.DUPLICATE_KEY.at(group.name_span, message)
        samples = shared_samples(self.context.session, rows, columns)
        self.problems.report(
            _noted(found.because(relation.name_span, "the rows"), samples).help(
                "correct the data, or aggregate the columns"
            )
        )

    def _key(self, source: Source) -> None:
        """Rows of a source have keys of their own; of changing rows, the winners have."""
        if not source.key or source.valid is not None:
            return
        rows, key = self.rows[source.name], stored_key(source)
        if source.keep is not None:
            if set(source.keep.per) <= set(source.key):
                return
            rows = self._winners(source)
        check_shared(self.context, source, rows, key, self.problems)

    def _key_before(self, source: Source) -> None:
        """At earlier times too the winners have keys of their own."""
        if not source.key or source.keep is None or set(source.keep.per) <= set(source.key):
            return
        seen = seen_query(self.program, source.name, as_of=self.context.as_of, scans=self.scans)
        rows = RowSet(
            subject=source.name,
            words=f"`{source.short}`",
            relation=statements.subquery(seen, "seen"),
            pii=self.rows[source.name].pii,
        )
        shared = overlapping(rows, source.key, SEEN_FROM, SEEN_TO)
        count = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
            statements.subquery(shared, "shared")
        )
        found = int(self.context.session.execute(count, doing=f"checking {rows.words}")[0][0])
        if not found:
            return
        columns = [*source.key, SEEN_FROM]
        ordered = shared.order_by(*[build.col(c) for c in columns]).limit(SAMPLES)
        samples = [
            values_text(list(source.key), row[:-2], rows.pii)
            for row in self.context.session.execute(ordered)
        ]
        message = (
            f"{found:,} {'row' if found == 1 else 'rows'} of `{source.short}` shared a key "
            f"({', '.join(source.key)}) with another at an earlier time"
        )
        noted = _noted(catalog.DUPLICATE_KEY.at(source.name_span, message), samples)
        self.problems.report(noted.help(_OTHER_KEY))

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


def check_stored_key(context: Context, source: Source, rows: RowSet, problems: Problems) -> None:
    """Report rows as they are stored that share a key; of changing rows nothing says that none do.

    Raises:
        EngineError: the rows cannot be read.
    """
    if source.key and source.valid is None and source.keep is None:
        check_shared(context, source, rows, stored_key(source), problems)


def check_shared(
    context: Context, source: Source, rows: RowSet, key: tuple[str, ...], problems: Problems
) -> None:
    """Report rows that share a key, where no failed expectation has told it.

    Raises:
        EngineError: the rows cannot be read.
    """
    shared = duplicates(context.session, rows, key)
    told = told_unique(context.session, source, rows)
    if not shared.rows or (frozenset(key) in told and shared.rows == shared.complete):
        return
    keys = "key" if shared.groups == 1 else "keys"
    shown = ", ".join(key)
    message = f"{shared.rows:,} rows of `{source.short}` share {shared.groups:,} {keys} ({shown})"
    samples = shared_samples(context.session, rows, tuple(sorted(key)))
    found = _noted(catalog.DUPLICATE_KEY.at(source.name_span, message), samples)
    problems.report(found.help(_OTHER_KEY))


def stored_key(source: Source) -> tuple[str, ...]:
    """Columns that tell stored rows apart: of snapshots, rows of one."""
    taken = () if source.snapshot is None else (source.snapshot.column,)
    return tuple(dict.fromkeys((*source.key, *taken)))


def check_ties(context: Context, source: Source, rows: RowSet, problems: Problems) -> None:
    """Report versions of one time that differ: it would be chance which one wins.

    Raises:
        EngineError: the rows cannot be read.
    """
    if source.keep is None:
        return
    session = context.session
    per, by = source.keep.per, source.keep.by
    shared = tuple(dict.fromkeys((*per, *by)))
    if not duplicates(session, rows, shared).rows:
        return
    query = _tied(rows, shared, by[0], [c for c in source.columns if c not in shared])
    count = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(
        statements.subquery(query, "tied")
    )
    tied = int(session.execute(count)[0][0])
    if not tied:
        return
    samples = session.execute(query.order_by(*[build.col(c) for c in shared]).limit(SAMPLES))
    message = (
        f"`{source.short}` has versions of one {', '.join(per)} that differ, "
        f"but share their `{', '.join(by)}` ({tied:,} {'time' if tied == 1 else 'times'})"
    )
    found = catalog.VERSION_TIE.at(source.name_span, message)
    noted = _noted(found, [values_text(list(shared), s, rows.pii) for s in samples])
    problems.report(noted.help("name a further column after `by` that tells them apart"))


def check_order(context: Context, source: Source, rows: RowSet, problems: Problems) -> None:
    """Report rows of one time that ``then`` does not order, where no key tells them apart.

    Which of them is last would be chance. Rows that are equal in all columns may have any order.

    Raises:
        EngineError: the rows cannot be read.
    """
    if not source.ties or source.key or source.changes or source.time is None:
        return
    session = context.session
    # An aggregate orders the rows of one key of an entity, whichever role it has there.
    for role in source.roles or (None,):
        keys = () if role is None else role.columns
        shared = tuple(dict.fromkeys((*keys, source.time, *source.ties)))
        if not duplicates(session, rows, shared).rows:
            continue
        query = _tied(rows, shared, source.time, [c for c in source.columns if c not in shared])
        samples = session.execute(query.order_by(*[build.col(c) for c in shared]).limit(SAMPLES))
        if not samples:
            continue
        whose = f"of one {', '.join(keys)} " if keys else ""
        message = (
            f"`{source.short}` has rows {whose}that differ, "
            f"but share their `{', '.join((source.time, *source.ties))}`"
        )
        found = catalog.LEFT_TIE.at(source.name_span, message)
        noted = _noted(found, [values_text(list(shared), s, rows.pii) for s in samples])
        problems.report(
            noted.help("name a further column after `then` that tells them apart, or a `key`")
        )
        return


def check_validity(context: Context, source: Source, rows: RowSet, problems: Problems) -> None:
    """Report rows of one key that hold at one time.

    Rows that also share their start are no overlap where `unique` has told them already.

    Raises:
        EngineError: the rows cannot be read.
    """
    if source.valid is None:
        return
    session, start, end = context.session, source.valid.start, source.valid.end
    told = told_unique(session, source, rows)
    for key in validity_keys(source):
        distinct = rows
        if frozenset((*key, start)) in told:
            distinct = longest_rows(rows, (*key, start), end)
        count = count_overlaps(session, source, distinct, key)
        if not count:
            continue
        columns = [*key, start, end]
        ordered = overlaps(source, distinct, key).order_by(*[build.col(c) for c in columns])
        samples = session.execute(ordered.limit(SAMPLES))
        message = (
            f"{count:,} {'row still holds' if count == 1 else 'rows still hold'} in "
            f"`{source.short}` when the next row of the same {', '.join(key)} begins"
        )
        found = catalog.VALIDITY_OVERLAP.at(source.name_span, message)
        noted = _noted(found, [values_text(columns, s, rows.pii) for s in samples])
        problems.report(noted.help(f"let `{end}` be the time at which the next one begins"))


def _reads_columns(group: Group) -> bool:
    """Whether a feature is a column as it is."""
    return any(
        isinstance(n, ir.Aggregate) and n.aggregate == ir.ROW_VALUE
        for f in group.members.values()
        for n in walk(f.expr)
    )


def _tied(rows: RowSet, shared: tuple[str, ...], by: str, others: list[str]) -> exp.Select:
    """Values of ``shared`` that several rows have which differ elsewhere."""
    every = exp.Count(this=exp.Star())
    differ: exp.Expr = build.boolean(False)
    for name in others:
        present = exp.Count(this=build.col(name))
        some = exp.And(
            this=exp.GT(this=present, expression=build.number(0)),
            expression=exp.LT(this=present.copy(), expression=every.copy()),
        )
        least, most = exp.Min(this=build.col(name)), exp.Max(this=build.col(name))
        unequal = exp.NEQ(this=least, expression=most)
        differ = exp.Or(
            this=exp.Or(this=differ, expression=unequal), expression=exp.Paren(this=some)
        )
    several = exp.GT(this=every, expression=build.number(1))
    return (
        exp.Select(expressions=[build.col(c) for c in shared])
        .from_(rows.relation.copy())
        .where(build.all_of([rows.where, build.is_null(build.col(by), negated=True)]))
        .group_by(*[build.col(c) for c in shared])
        .having(exp.And(this=several, expression=exp.Paren(this=differ)))
    )


def _noted(diagnostic: Diagnostic, notes: list[str]) -> Diagnostic:
    for note in notes:
        diagnostic = diagnostic.note(note)
    return diagnostic
