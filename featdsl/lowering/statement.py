"""A plan to one SELECT: a common table expression a step, the last step its body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Inputs
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
    Paired,
    Pairs,
    Pass,
    Peers,
    PercentRank,
    Plan,
    Points,
    Read,
    Seen,
    Spine,
    inputs,
)
from featdsl.ir.visit import column_name, columns_used
from featdsl.lowering.across import any_of, lookup, peers, percent_rank
from featdsl.lowering.as_of import as_of_join
from featdsl.lowering.by import as_maps, parted
from featdsl.lowering.expression import Resolve, lower_expression, may_be_small
from featdsl.lowering.ordered import row_value
from featdsl.lowering.paired import pair
from featdsl.lowering.snapshots import in_newest
from featdsl.lowering.spine import (
    assemble,
    grid,
    last_seen,
    points,
    seen,
    spine_rows,
    stored,
)
from featdsl.lowering.window import ends, hull, is_hull
from featdsl.sql import build
from featdsl.sql.build import aliased
from featdsl.types.dtype import INT
from featdsl.types.duration import Duration

Scans = Callable[[str, tuple[str, ...]], exp.Expr]
"""Source or view (full name) and columns to a FROM item with those columns, typed."""

# Stands for the as-of time in steps over rows that are read for many times: none reads it.
_NO_TIME = build.col("as_of", "no as-of time")


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
        missing = (c for c in query.find_all(exp.Column) if c.table == _NO_TIME.table)
        assert next(missing, None) is None, "a step reads an as-of time where there is none"
    return query


@dataclass(frozen=True, slots=True)
class _Statement:
    plan: Plan
    scan: Scans
    timezone: str
    one_time: exp.Expr | None
    spine: exp.Expr | None

    @property
    def as_of(self) -> exp.Expr:
        assert self.one_time is not None, "rows have times of their own here"
        return self.one_time

    def select(self) -> exp.Select:
        *before, last = self.plan.steps
        body = self._operation(last.operation)
        if before:
            body.set("with_", exp.With(expressions=[self._cte(s.name) for s in before]))
        return body

    def _cte(self, name: str) -> exp.CTE:
        step = self.plan.step(name)
        cte = exp.CTE(
            this=self._operation(step.operation),
            alias=exp.TableAlias(this=build.ident(name)),
            materialized=_materialized(step.operation, self._readers(name)),
        )
        cte.add_comments([f" {_comment(step.note)} "])
        return cte

    def _readers(self, name: str) -> int:
        return sum(name in inputs(step.operation) for step in self.plan.steps)

    def _operation(self, operation: Operation) -> exp.Select:
        match operation:
            case Read():
                return self._read(operation)
            case Given():
                return _select(operation.columns).from_(
                    self.scan(operation.view, operation.columns)
                )
            case Latest():
                return _latest(operation)
            case Current():
                at = self._value(operation.at)
                query = _select(operation.columns).from_(build.table(operation.input))
                return query.where(in_newest(operation.input, operation.snapshots, at), copy=False)
            case Seen():
                return seen(operation)
            case LastSeen():
                return last_seen(operation)
            case AsOfJoin():
                as_of = self.one_time or _NO_TIME
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
                return _keys(operation)
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

    def _value(
        self, e: ir.Expr, table: str | None = None, *, as_of: exp.Expr | None = None
    ) -> exp.Expr:
        """SQL of an expression over one step's columns, where the as-of time is `as_of`."""

        def resolve(leaf: ir.Expr) -> exp.Expr:
            if isinstance(leaf, ir.Until):
                return self._until(leaf.source)
            assert isinstance(leaf, ir.Column)
            return build.col(column_name(leaf), table)

        return self._lowered(e, resolve, as_of)

    def _lowered(self, e: ir.Expr, resolve: Resolve, as_of: exp.Expr | None) -> exp.Expr:
        time = as_of or self.one_time or _NO_TIME
        return lower_expression(e, resolve, as_of=time, timezone=self.timezone)

    def _until(self, source: str) -> exp.Expr:
        """The one value of the step that finds up to when labels are known."""
        for step in self.plan.steps:
            if isinstance(step.operation, LastSeen) and step.operation.source == source:
                value = exp.select(build.col(step.operation.name)).from_(build.table(step.name))
                return exp.Subquery(this=value)
        raise AssertionError(f"no step says up to when labels over {source} are known")

    def _read(self, read: Read) -> exp.Select:
        used = (column_name(c) for c in columns_used(read.where))
        scanned = tuple(dict.fromkeys((*read.columns, *used)))
        query = _select(read.columns).from_(self.scan(read.source, scanned))
        return _where(query, [self._value(c) for c in read.where])

    def _derive(self, derive: Derive) -> exp.Select:
        replaced = {name for name, _ in derive.values}
        query = exp.select(*(build.col(c) for c in derive.columns if c not in replaced))
        as_of = None if derive.as_of is None else build.col(derive.as_of)
        for name, e in derive.values:
            value = self._stored(e, self._value(e, as_of=as_of))
            query = query.select(aliased(value, name), copy=False)
        query = query.from_(build.table(derive.input))
        return _where(query, [self._value(c, as_of=as_of) for c in derive.where])

    def _stored(self, e: ir.Expr, value: exp.Expr) -> exp.Expr:
        """A value that is kept: of its type's width."""
        if may_be_small(e) or (e.dtype == INT and isinstance(e, ir.Call)):
            return build.cast(value, e.dtype)
        return value

    def _narrow(self, narrow: Narrow) -> exp.Select:
        query = exp.select(*(aliased(build.col(column), key) for key, column in narrow.keys))
        for name, e in narrow.values:
            query = query.select(aliased(self._stored(e, self._value(e)), name), copy=False)
        query = query.from_(build.table(narrow.input))
        conditions = [build.is_null(build.col(column), negated=True) for _, column in narrow.keys]
        if narrow.time is not None and narrow.windows:
            time = build.col(narrow.time)
            conditions += hull(time, narrow.windows, self.as_of, self.timezone)
        # Positions of the select list would be read by people; names may be ambiguous here.
        order = [build.col(column) for _, column in narrow.keys]
        return _ordered(_where(query, conditions), order)

    def _pass(self, operation: Pass) -> exp.Select:
        if operation.paired is not None:
            return self._paired_pass(operation, operation.paired)
        query = exp.select(*(build.col(k) for k in operation.keys))
        query = self._aggregates(query, operation).from_(build.table(operation.input))
        query = self._by(query, operation)
        if isinstance(operation.window, ir.Window) and self._narrower(operation):
            assert operation.time is not None
            at = ends(operation.window, self.as_of, self.timezone)
            query = _where(query, at.conditions(build.col(operation.time)))
        keys = [build.col(k) for k in operation.keys]
        query = query.group_by(*keys, copy=False) if keys else query
        return as_maps(query, operation)

    def _by(self, query: exp.Select, operation: Pass) -> exp.Select:
        """The values that rows are parted by, where they are; rows without one are left out."""
        if operation.by is None:
            return query
        table = None if operation.paired is None else operation.input
        as_of = self._time_of(operation.as_of)
        if operation.paired is not None:
            as_of = build.col(operation.paired.as_of, operation.paired.points)
        value = self._stored(operation.by, self._value(operation.by, table, as_of=as_of))
        conditions = {
            a.where: None if a.where is None else self._value(a.where, table, as_of=as_of)
            for _, a in operation.aggregates
        }
        return parted(query, value, operation, conditions)

    def _paired_pass(self, operation: Pass, paired: Paired) -> exp.Select:
        """The aggregates of each point's rows.

        Pairs are never stored: they go from the join into the aggregates.
        """
        point = build.col(paired.point, paired.points)
        query = self._by(self._aggregates(exp.select(point), operation), operation)
        query = pair(
            query, operation.input, paired, operation.time, operation.window, self.timezone
        )
        return as_maps(query.group_by(point.copy(), copy=False), operation)

    def _pairs(self, pairs: Pairs) -> exp.Select:
        paired = pairs.paired
        own = (build.col(c, paired.points) for c in (paired.point, paired.as_of))
        columns = (build.col(c, pairs.input) for c in pairs.columns)
        query = exp.select(*own, *columns)
        return pair(query, pairs.input, paired, pairs.time, pairs.window, self.timezone)

    def _ordered(self, operation: Ordered) -> exp.Select:
        as_of = self._time_of(operation.as_of)
        query = _select(operation.columns)
        for name, value in operation.values:
            lowered = row_value(operation, value, lambda e: self._value(e, as_of=as_of))
            query = query.select(aliased(lowered, name), copy=False)
        return self._read_rows(query, operation)

    def _grouped(self, operation: Grouped) -> exp.Select:
        as_of = self._time_of(operation.as_of)
        own = [*operation.keys, *([] if operation.as_of is None else [operation.as_of])]
        query = exp.select(*(build.col(c) for c in own))
        for first in (operation.time, operation.position):
            if first is not None:
                query = query.select(
                    aliased(build.func("min", build.col(first)), first), copy=False
                )
        told = [self._value(e, as_of=as_of) for _, e in operation.groups]
        for (name, e), value in zip(operation.groups, told, strict=True):
            query = query.select(aliased(self._stored(e, value.copy()), name), copy=False)
        query = self._aggregates(query, operation)
        query = self._read_rows(query, operation)
        query = _where(query, [build.is_null(build.paren(v.copy()), negated=True) for v in told])
        return query.group_by(*(build.col(c) for c in own), *told, copy=False)

    def _read_rows(self, query: exp.Select, operation: Ordered | Grouped) -> exp.Select:
        """The query over the rows that lie in the window and pass the condition."""
        as_of = self._time_of(operation.as_of)
        conditions: list[exp.Expr] = []
        if operation.window is not None:
            assert operation.time is not None and as_of is not None
            at = ends(operation.window, as_of, self.timezone)
            conditions = at.conditions(build.col(operation.time))
        if operation.where is not None:
            conditions.append(build.paren(self._value(operation.where, as_of=as_of)))
        return _where(query.from_(build.table(operation.input)), conditions)

    def _time_of(self, as_of: str | None) -> exp.Expr | None:
        """The as-of time of a step's rows: a column of theirs, else one for all."""
        return self.one_time if as_of is None else build.col(as_of)

    def _aggregates(self, query: exp.Select, operation: Pass | Grouped) -> exp.Select:
        for name, aggregate in operation.aggregates:
            query = query.select(aliased(self._aggregate(operation, aggregate), name), copy=False)
        return query

    def _narrower(self, operation: Pass) -> bool:
        """Whether the pass reads fewer rows than its input holds."""
        source = self.plan.step(operation.input).operation
        assert isinstance(operation.window, ir.Window)
        if not isinstance(source, Narrow):
            return False  # its rows are cut already
        return not is_hull(operation.window, source.windows)

    def _aggregate(self, operation: Pass | Grouped, a: ir.Aggregate) -> exp.Expr:
        spec = aggregates().get(a.aggregate)
        paired = operation.paired if isinstance(operation, Pass) else None
        # The points of a pair have columns too.
        table = None if paired is None else operation.input
        as_of = self._time_of(operation.as_of)
        if paired is not None:
            as_of = build.col(paired.as_of, paired.points)
        order = None
        if spec is not None and spec.ordered:
            parts = [build.col(c, table) for c in operation.order]
            order = parts[0] if len(parts) == 1 else build.func("row", *parts)
        inputs = Inputs(
            args=tuple(
                build.null()
                if _is_calendar(x)
                else self._stored(x, self._value(x, table, as_of=as_of))
                for x in a.args
            ),
            dtypes=tuple(x.dtype for x in a.args),
            constants=tuple(map(_constant, a.args)),
            condition=None if a.where is None else self._value(a.where, table, as_of=as_of),
            order=order,
            time=build.col(operation.time, table) if operation.time is not None else None,
            as_of=as_of,
            timezone=self.timezone,
        )
        if spec is None:  # a bare column: the key's only row
            return build.func("any_value", inputs.counted())
        return spec.lower(inputs)

    def _combine(self, combine: Combine) -> exp.Select:
        keys = combine.keys_from

        def resolve(leaf: ir.Expr) -> exp.Expr:
            if isinstance(leaf, ir.Until):
                return self._until(leaf.source)
            assert isinstance(leaf, ir.Column)
            return build.col(leaf.name, leaf.qualifier)

        own = (*combine.keys, *combine.carried)
        query = exp.select(*(build.col(k, keys) for k in own))
        as_of = None if combine.as_of is None else build.col(combine.as_of, keys)
        if as_of is not None:
            query = query.select(as_of.copy(), copy=False)
        for name, e in combine.values:
            value = self._lowered(e, resolve, as_of)
            query = query.select(aliased(self._stored(e, value), name), copy=False)
        query = query.from_(build.table(keys))
        for step in combine.passes:
            on = build.all_of(
                exp.EQ(this=build.col(k, keys), expression=build.col(k, step)) for k in combine.keys
            )
            query = query.join(
                exp.Join(this=build.table(step), side="LEFT", on=on or build.boolean(True)),
                copy=False,
            )
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
        query = exp.select(*(build.col(k) for k in emit.keys))
        for name, dtype in emit.columns:
            query = query.select(aliased(stored(build.col(name), dtype), name), copy=False)
        query = query.from_(build.table(emit.input))
        return _ordered(query, [build.col(k) for k in emit.keys])


def _constant(e: ir.Expr) -> ir.Value:
    return e.value if isinstance(e, ir.Literal | ir.Param) else None


def _is_calendar(e: ir.Expr) -> bool:
    """A length that depends on the calendar, which no literal stands for."""
    value = _constant(e)
    return isinstance(value, Duration) and value.is_calendar


def _select(names: tuple[str, ...]) -> exp.Select:
    """Columns by name; a step of which only rows count still needs one column."""
    return exp.select(*(build.col(c) for c in names)) if names else exp.select(build.number(1))


def _ordered(query: exp.Select, order: list[exp.Column]) -> exp.Select:
    """Sorted by columns; there are none where an entity has no keys."""
    return query.order_by(*order, copy=False) if order else query


def _where(query: exp.Select, conditions: list[exp.Expr]) -> exp.Select:
    condition = build.all_of(conditions)
    return query if condition is None else query.where(condition, copy=False)


def _latest(latest: Latest) -> exp.Select:
    last = not latest.first
    order = [exp.Ordered(this=build.col(c), desc=last, nulls_first=last) for c in latest.by]
    position = exp.Window(
        this=exp.RowNumber(),
        partition_by=[build.col(c) for c in latest.per],
        order=exp.Order(expressions=order),
    )
    query = _select(latest.columns).from_(build.table(latest.input))
    query.set("qualify", exp.Qualify(this=exp.EQ(this=position, expression=build.number(1))))
    return query


def _keys(keys: Keys) -> exp.Select:
    if keys.input is None:
        return _select(())
    query = exp.select(*(aliased(build.col(column), key) for key, column in keys.keys))
    query = query.distinct(copy=False).from_(build.table(keys.input))
    return _where(
        query, [build.is_null(build.col(column), negated=True) for _, column in keys.keys]
    )


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
