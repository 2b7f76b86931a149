"""A plan to one SELECT: a common table expression a step, the last step its body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from featdsl.ir import expr as ir
from featdsl.ir.plan import (
    AnyOf,
    AsOfJoin,
    Assemble,
    Combine,
    Current,
    Derive,
    Emit,
    Given,
    Grid,
    Grouped,
    Keys,
    LastSeen,
    Latest,
    Lookup,
    Narrow,
    Operation,
    Ordered,
    Pairs,
    Pass,
    Peers,
    PercentRank,
    Plan,
    Points,
    Read,
    Seen,
    Spine,
    Step,
    inputs,
)
from featdsl.ir.visit import column_name, columns_used
from featdsl.lowering.across import any_of, lookup, peers, percent_rank
from featdsl.lowering.as_of import as_of_join
from featdsl.lowering.nesting import holders
from featdsl.lowering.passes import Passes
from featdsl.lowering.select import distinct_keys, latest_rows, select, sorted_by, where
from featdsl.lowering.snapshots import in_newest
from featdsl.lowering.spine import assemble, grid, last_seen, points, seen, spine_rows, stored
from featdsl.lowering.step_values import NO_TIME, Scans
from featdsl.lowering.window import hull
from featdsl.sql import build
from featdsl.sql.build import aliased


def lower(
    plan: Plan,
    *,
    scan: Scans,
    timezone: str,
    as_of: exp.Expr | None = None,
    spine: exp.Expr | None = None,
) -> exp.Select:
    """SQL of a plan.

    Args:
        plan: The steps.
        scan: Gives the FROM item for the stored rows of a source or the given rows of a view.
        timezone: The project's zone name.
        as_of: The as-of time: a timestamp without zone in UTC. None where rows have their own.
        spine: The FROM item with the rows of a spine that is handed in.
    """
    query = _Statement(plan, scan, timezone, as_of, spine).select()
    if as_of is None:
        missing = (c for c in query.find_all(exp.Column) if c.table == NO_TIME.table)
        assert next(missing, None) is None, "a step reads an as-of time where there is none"
    return query


@dataclass(frozen=True, slots=True)
class _Statement(Passes):
    """The SELECT of every step, and the whole."""

    def select(self) -> exp.Select:
        *before, last = self.plan.steps
        body = self._operation(last.operation)
        if before:
            readers = Counter(n for s in self.plan.steps for n in set(inputs(s.operation)))
            held, outer = holders(self.plan), list[exp.CTE]()
            inner: dict[str, list[exp.CTE]] = {}
            for step in before:
                cte = self._cte(step, readers)
                if step.name in inner:
                    cte.this.set("with_", exp.With(expressions=inner.pop(step.name)))
                holder = held.get(step.name)
                (outer if holder is None else inner.setdefault(holder, [])).append(cte)
            body.set("with_", exp.With(expressions=outer))
        return body

    def _cte(self, step: Step, readers: Mapping[str, int]) -> exp.CTE:
        cte = exp.CTE(
            this=self._operation(step.operation),
            alias=exp.TableAlias(this=build.ident(step.name)),
            materialized=_materialized(step.operation, readers[step.name]),
        )
        cte.add_comments([f" {_comment(step.note)} "])
        return cte

    def _operation(self, operation: Operation) -> exp.Select:
        match operation:
            case Read():
                return self._read(operation)
            case Given():
                return select(operation.columns).from_(
                    self.scan(operation.view, operation.columns), copy=False
                )
            case Latest():
                return latest_rows(operation)
            case Current():
                at = self._value(operation.at)
                query = select(operation.columns).from_(build.table(operation.input), copy=False)
                return query.where(in_newest(operation.input, operation.snapshots, at), copy=False)
            case Seen():
                return seen(operation)
            case LastSeen():
                return last_seen(operation)
            case AsOfJoin():
                as_of = self.one_time or NO_TIME
                cap = None if operation.cap is None else self._value(operation.cap)
                return as_of_join(operation, as_of=as_of, cap=cap, timezone=self.timezone)
            case Derive():
                return self._derive(operation)
            case Narrow():
                return self._narrow(operation)
            case Pairs():
                return self._pairs(operation)
            case Ordered():
                return self._ordered(operation)
            case Grouped():
                return self._grouped(operation)
            case Pass():
                return self._pass(operation)
            case Keys():
                return distinct_keys(operation)
            case Combine():
                return self._combine(operation)
            case Emit():
                return self._emit(operation)
            case Spine():
                return spine_rows(operation, None if operation.input else self.spine)
            case Grid():
                return grid(operation)
            case Points():
                return points(operation)
            case Peers():
                return peers(operation)
            case AnyOf():
                return any_of(operation)
            case Lookup():
                return lookup(operation)
            case PercentRank():
                return percent_rank(operation)
            case Assemble():
                return self._assemble(operation)

    def _read(self, read: Read) -> exp.Select:
        used = (column_name(c) for c in columns_used(read.where))
        scanned = tuple(dict.fromkeys((*read.columns, *used)))
        query = select(read.columns).from_(self.scan(read.source, scanned), copy=False)
        return where(query, [self._value(c) for c in read.where])

    def _derive(self, derive: Derive) -> exp.Select:
        replaced = {name for name, _ in derive.values}
        kept = [build.col(c) for c in derive.columns if c not in replaced]
        as_of = None if derive.as_of is None else build.col(derive.as_of)
        made = [
            aliased(self._stored(e, self._value(e, as_of=as_of)), name) for name, e in derive.values
        ]
        query = exp.select(*([*kept, *made] or [build.number(1)]))
        query = query.from_(build.table(derive.input), copy=False)
        return where(query, [self._value(c, as_of=as_of) for c in derive.where])

    def _narrow(self, narrow: Narrow) -> exp.Select:
        keys = [aliased(build.col(column), key) for key, column in narrow.keys]
        values = [aliased(self._stored(e, self._value(e)), name) for name, e in narrow.values]
        # Of rows that are counted only, one column is needed still.
        query = exp.select(*([*keys, *values] or [build.number(1)]))
        query = query.from_(build.table(narrow.input), copy=False)
        conditions = [build.is_null(build.col(column), negated=True) for _, column in narrow.keys]
        if narrow.time is not None and narrow.windows:
            time = build.col(narrow.time)
            conditions += hull(time, narrow.windows, self.as_of, self.timezone)
        # Positions of the select list would be read by people; names may be ambiguous here.
        order = [build.col(column) for _, column in narrow.keys]
        return sorted_by(where(query, conditions), order)

    def _combine(self, combine: Combine) -> exp.Select:
        keys = combine.keys_from

        def resolve(leaf: ir.Expr) -> exp.Expr:
            if isinstance(leaf, ir.Until):
                return self._until(leaf.source)
            assert isinstance(leaf, ir.Column)
            return build.col(leaf.name, leaf.qualifier)

        own = (*combine.keys, *combine.carried)
        as_of = None if combine.as_of is None else build.col(combine.as_of, keys)
        at = [] if as_of is None else [as_of.copy()]
        values = [
            aliased(self._stored(e, self._lowered(e, resolve, as_of)), name)
            for name, e in combine.values
        ]
        query = exp.select(*(build.col(k, keys) for k in own), *at, *values)
        query = query.from_(build.table(keys), copy=False)
        joins = []
        for step in combine.passes:
            on = build.all_of(
                exp.EQ(this=build.col(k, keys), expression=build.col(k, step)) for k in combine.keys
            )
            joins.append(
                exp.Join(this=build.table(step), side="LEFT", on=on or build.boolean(True))
            )
        query.set("joins", joins)
        return query

    def _assemble(self, operation: Assemble) -> exp.Select:
        at = build.col(operation.time, operation.spine)
        known = build.all_of(self._value(c, as_of=at) for c in operation.mature)
        # Without a time, or data that say up to when labels are known, nothing is known.
        mature = None if known is None else build.coalesce(build.paren(known), build.boolean(False))
        values = [
            build.col(value[1], value[0])
            if isinstance(value, tuple)
            else self._lowered(value, _of_step, at)
            for _, value, _ in operation.values
        ]
        return assemble(operation, values, mature)

    def _emit(self, emit: Emit) -> exp.Select:
        values = (aliased(stored(build.col(name), dtype), name) for name, dtype in emit.columns)
        query = exp.select(*(build.col(k) for k in emit.keys), *values)
        query = query.from_(build.table(emit.input), copy=False)
        return sorted_by(query, [build.col(k) for k in emit.keys])


def _materialized(operation: Operation, readers: int) -> bool | None:
    """Computed once: what is sorted, or dear and read by several steps."""
    match operation:
        case Narrow() | Latest() | Seen() | Points() | Spine():
            return True
        case Combine() | Lookup() | PercentRank() | Keys() | Peers() | AnyOf():
            return True if readers > 1 else None
        case AsOfJoin() | Derive() | Pairs() | Ordered():
            return readers > 1
        case Read() | Given():
            return False
        case _:
            return None


def _comment(note: str) -> str:
    return note.replace("*/", "* /")


def _of_step(leaf: ir.Expr) -> exp.Expr:
    """A column that is qualified by the name of its step."""
    assert isinstance(leaf, ir.Column), "leaves are columns of steps"
    return build.col(leaf.name, leaf.qualifier)
