"""Steps that aggregate: passes over the rows of a window, and what is made of rows before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Inputs
from featdsl.ir import expr as ir
from featdsl.ir.plan import Grouped, Narrow, Ordered, Paired, Pairs, Pass
from featdsl.ir.text import canonical
from featdsl.lowering.alone import only_value
from featdsl.lowering.by import as_maps, parted
from featdsl.lowering.ordered import row_value
from featdsl.lowering.paired import pair
from featdsl.lowering.select import select, where
from featdsl.lowering.step_values import StepValues
from featdsl.lowering.window import ends, is_hull
from featdsl.sql import build
from featdsl.sql.build import aliased
from featdsl.sql.one_order import mark_rounded
from featdsl.types.dtype import Kind
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True)
class Passes(StepValues):
    """The SELECT of each step that aggregates."""

    def _pass(self, operation: Pass) -> exp.Select:
        if operation.paired is not None:
            return self._paired_pass(operation, operation.paired)
        query = exp.select(*(build.col(k) for k in operation.keys))
        query = self._aggregates(query, operation).from_(build.table(operation.input), copy=False)
        query = self._by(query, operation)
        if isinstance(operation.window, ir.Window) and self._narrower(operation):
            assert operation.time is not None
            at = ends(operation.window, self.as_of, self.timezone)
            query = where(query, at.conditions(build.col(operation.time)))
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
        newest = [
            (n, None if n.where is None else build.paren(self._value(n.where, pairs.input)))
            for n in pairs.newest
        ]
        return pair(query, pairs.input, paired, pairs.time, pairs.window, self.timezone, newest)

    def _ordered(self, operation: Ordered) -> exp.Select:
        as_of = self._time_of(operation.as_of)
        values = (
            aliased(row_value(operation, value, lambda e: self._value(e, as_of=as_of)), name)
            for name, value in operation.values
        )
        query = select(operation.columns).select(*values, copy=False)
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
        query = where(query, [build.is_null(build.paren(v.copy()), negated=True) for v in told])
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
        return where(query.from_(build.table(operation.input), copy=False), conditions)

    def _aggregates(self, query: exp.Select, operation: Pass | Grouped) -> exp.Select:
        values = (aliased(self._aggregate(operation, a), name) for name, a in operation.aggregates)
        return query.select(*values, copy=False)

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
        if spec is None:
            return only_value(inputs, canonical(a.args[0]))
        floats = any(t.kind is Kind.FLOAT for t in inputs.dtypes)
        return mark_rounded(spec.lower(inputs), floats=floats, ordered=spec.ordered)


def _constant(e: ir.Expr) -> ir.Value:
    return e.value if isinstance(e, ir.Literal | ir.Param) else None


def _is_calendar(e: ir.Expr) -> bool:
    """A length that depends on the calendar, which no literal stands for."""
    value = _constant(e)
    return isinstance(value, Duration) and value.is_calendar
