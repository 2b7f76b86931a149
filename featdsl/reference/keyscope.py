"""Expressions of features: for a key at a time, over its rows, other features, and peers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol, TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Group, Program
from featdsl.ir.visit import walk
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.calendar import day_of, moved
from featdsl.reference.calls import call, called
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.reading import Reading
from featdsl.reference.rows import looked_up
from featdsl.reference.trace import CallTrace, Fate, Sight
from featdsl.reference.values import Value, equal, given, less, settled

Key: TypeAlias = tuple[Value, ...]


class Asked(Protocol):
    """What the oracle answers to expressions of features."""

    @property
    def program(self) -> Program: ...

    @property
    def timezone(self) -> str: ...

    def group(self, name: str) -> Group: ...

    def value(self, feature: str, key: Key, at: datetime) -> Value: ...

    def rows_of(self, group: str, key: Key, at: datetime) -> tuple[Reading, list[Fate]]: ...

    def sight(self, relation: str, at: datetime) -> Sight: ...

    def population(self, entity: str, at: datetime) -> set[Key] | None: ...

    def requested(
        self, feature: str, key: Key, at: datetime, inputs: Mapping[str, Value]
    ) -> Value: ...

    def seen_keys(self, groups: Iterable[str], at: datetime) -> set[Key]: ...


class KeyScope:
    """Expressions of features of a group, for a key at a time. Remembers what was read."""

    def __init__(
        self,
        oracle: Asked,
        group: str,
        key: Key,
        at: datetime,
        inputs: Mapping[str, Value] | None = None,
    ) -> None:
        self.inputs = inputs
        self.oracle = oracle
        self.group = group
        self.key = key
        self.as_of = at
        self.timezone = oracle.timezone
        self.calls: list[CallTrace] = []
        self.reads: dict[str, Value] = {}

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.InputRef(column=column):
                assert self.inputs is not None, "inputs are known for requests only"
                return given(self.inputs[column], node.dtype)
            case ir.FeatureRef(feature=name) if self.inputs is not None:
                return self.oracle.requested(name, self.key, self.as_of, self.inputs)
            case ir.FeatureRef(feature=name):
                self.reads[name] = self.oracle.value(name, self.key, self.as_of)
                return self.reads[name]
            case ir.Via():
                return looked_up(node, self, self.as_of, self.oracle.value)
            case ir.Ago(feature=name, length=length):
                return self.oracle.value(name, self.key, moved(self.as_of, length, -1))
            case ir.Among():
                return self._default(node, self._among(node))
            case ir.Aggregate():
                reading, hidden = self.oracle.rows_of(self.group, self.key, self.as_of)
                found = call(node, replace(reading, inputs=self.inputs))
                self.calls.append(CallTrace(node, found.value, (*hidden, *found.fates)))
                return self._default(node, found.value)
            case ir.NextIn():
                return self._next(node)
            case _:
                raise NotImplementedError(f"{type(node).__name__} of a feature")

    def _next(self, node: ir.NextIn) -> Value:
        """The smallest time of a source's rows that is not past."""
        asked = [(name, evaluate(value, self)) for name, value in node.where]
        today = day_of(self.as_of, self.timezone)
        found: list[date] = []
        for row in self.oracle.sight(node.source, self.as_of).rows:
            time = row.values[node.column]
            if not isinstance(time, date):
                continue
            ahead = time >= self.as_of if isinstance(time, datetime) else time >= today
            if ahead and all(equal(row.values[name], value) for name, value in asked):
                found.append(time)
        return min(found, default=None)

    def _default(self, node: ir.Aggregate | ir.Among, value: Value) -> Value:
        by = node.by if isinstance(node, ir.Aggregate) else None
        if value is None and node.default is not None and by is None:
            return settled(evaluate(node.default, self), node.dtype)
        return value

    def _among(self, node: ir.Among) -> Value:
        """An aggregate over the values of peers that a condition takes."""
        peers = [peer for peer in self._peers(node) if is_true(node.where, peer)]
        if node.aggregate == ir.PERCENT_RANK:
            own = [evaluate(node.args[0], peer) for peer in peers if peer.key == self.key]
            return _percent_rank(own, [evaluate(node.args[0], peer) for peer in peers])
        twin = aggregates()[node.aggregate]
        args = [tuple(evaluate(a, p) for a in node.args[: twin.varying]) for p in peers]
        constants = [evaluate(c, self) for c in node.args[twin.varying :]]
        dtypes = [a.dtype for a in node.args]
        value = called(twin, args, [None] * len(args), constants, dtypes, self.as_of)
        return settled(value, node.dtype)

    def _peers(self, node: ir.Among) -> list[KeyScope]:
        """Those with the same value behind ``among``, oneself included; none of a null value."""
        mine = None if node.key is None else evaluate(node.key, self)
        everybody = self._all_keys(node)
        if self.key not in everybody or (node.key is not None and mine is None):
            return []
        peers = [KeyScope(self.oracle, self.group, key, self.as_of) for key in sorted(everybody)]
        return [p for p in peers if node.key is None or equal(evaluate(node.key, p), mine)]

    def _all_keys(self, node: ir.Among) -> set[Key]:
        population = self.oracle.population(self.oracle.group(self.group).entity, self.as_of)
        if population is not None:
            return population
        named = (n for n in walk(node) if isinstance(n, ir.FeatureRef | ir.Ago))
        return self.oracle.seen_keys({n.feature.rpartition(".")[0] for n in named}, self.as_of)


def _percent_rank(own: list[Value], all_of_them: list[Value]) -> float | None:
    """The share of the others that are smaller; 0 where there are no others."""
    values = [v for v in all_of_them if v is not None]
    mine = next(iter(own), None)
    if mine is None:
        return None
    smaller = sum(less(v, mine) is True for v in values)
    return smaller / (len(values) - 1) if len(values) > 1 else 0.0
