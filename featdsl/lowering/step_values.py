"""SQL of the values that a step computes of its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from featdsl.ir import expr as ir
from featdsl.ir.plan import LastSeen, Plan
from featdsl.ir.visit import column_name
from featdsl.lowering.expression import Resolve, lower_expression, may_be_small
from featdsl.sql import build
from featdsl.types.dtype import INT

Scans = Callable[[str, tuple[str, ...]], exp.Expr]
"""Source or view (full name) and columns to a FROM item with those columns, typed."""

# Stands for the as-of time in steps over rows that are read for many times: none reads it.
NO_TIME = build.col("as_of", "no as-of time")


@dataclass(frozen=True, slots=True)
class StepValues:
    """What every step's expressions are lowered with."""

    plan: Plan
    scan: Scans
    timezone: str
    one_time: exp.Expr | None
    spine: exp.Expr | None

    @property
    def as_of(self) -> exp.Expr:
        assert self.one_time is not None, "rows have times of their own here"
        return self.one_time

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
        time = as_of or self.one_time or NO_TIME
        return lower_expression(e, resolve, as_of=time, timezone=self.timezone)

    def _until(self, source: str) -> exp.Expr:
        """The one value of the step that finds up to when labels are known."""
        for step in self.plan.steps:
            if isinstance(step.operation, LastSeen) and step.operation.source == source:
                value = exp.select(build.col(step.operation.name)).from_(
                    build.table(step.name), copy=False
                )
                return exp.Subquery(this=value)
        raise AssertionError(f"no step says up to when labels over {source} are known")

    def _stored(self, e: ir.Expr, value: exp.Expr) -> exp.Expr:
        """A value that is kept: of its type's width."""
        if may_be_small(e) or (e.dtype == INT and isinstance(e, ir.Call)):
            return build.cast(value, e.dtype)
        return value

    def _time_of(self, as_of: str | None) -> exp.Expr | None:
        """The as-of time of a step's rows: a column of theirs, else one for all."""
        return self.one_time if as_of is None else build.col(as_of)
