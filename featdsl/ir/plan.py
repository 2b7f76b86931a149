"""The logical plan: named steps, each over the ones before it. No SQL, no engine.

A step becomes one common table expression; its name and note are what a reader of the SQL sees.
Columns of a step are named as in `.feat` text; a joined column is ``alias.column``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from featdsl.ir.plan_points import (
    AnyOf,
    Grid,
    Lookup,
    Paired,
    Peers,
    PercentRank,
    Points,
    Population,
    Spine,
)
from featdsl.ir.plan_rows import (
    AsOfJoin,
    Current,
    Derive,
    Given,
    LastSeen,
    Latest,
    Match,
    Named,
    Read,
    Seen,
    Snapshots,
)
from featdsl.ir.plan_values import (
    Assemble,
    Combine,
    Emit,
    Grouped,
    Keys,
    Narrow,
    Newest,
    Ordered,
    Pairs,
    Pass,
    Split,
)
from featdsl.text.span import Span

__all__ = [
    "AnyOf",
    "AsOfJoin",
    "Assemble",
    "Combine",
    "Current",
    "Derive",
    "Emit",
    "Given",
    "Grid",
    "Grouped",
    "Keys",
    "LastSeen",
    "Latest",
    "Lookup",
    "Match",
    "Named",
    "Narrow",
    "Newest",
    "Operation",
    "Ordered",
    "Paired",
    "Pairs",
    "Pass",
    "Peers",
    "PercentRank",
    "Plan",
    "Points",
    "Population",
    "Read",
    "Seen",
    "Snapshots",
    "Spine",
    "Split",
    "Step",
    "columns",
    "inputs",
]


Operation: TypeAlias = (
    Read
    | Given
    | Latest
    | Current
    | Seen
    | LastSeen
    | AsOfJoin
    | Derive
    | Narrow
    | Pairs
    | Ordered
    | Grouped
    | Pass
    | Keys
    | Combine
    | Emit
    | Spine
    | Grid
    | Points
    | Peers
    | AnyOf
    | Lookup
    | PercentRank
    | Assemble
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    operation: Operation
    note: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in order; the last one is the output."""

    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        return next(s for s in self.steps if s.name == name)

    def with_steps(self, steps: Iterator[Step] | tuple[Step, ...]) -> Plan:
        return replace(self, steps=tuple(steps))


def inputs(operation: Operation) -> tuple[str, ...]:
    """Names of the steps that an operation reads."""
    match operation:
        case Read() | Given() | Spine(input=None) | Keys(input=None):
            return ()
        case AnyOf(inputs=names):
            return names
        case Lookup():
            return (operation.input, operation.found)
        case Peers():
            return (operation.points, operation.of.step)
        case AsOfJoin():
            return (operation.left, operation.right)
        case Pass(paired=Paired(points=points)) | Pairs(paired=Paired(points=points)):
            return (operation.input, points)
        case Combine():
            return (operation.keys_from, *operation.passes)
        case Points(population=Population(step=step)):
            return (operation.input, step)
        case Assemble():
            return (operation.spine, operation.points, *operation.steps)
        case _:
            assert operation.input is not None
            return (operation.input,)


def columns(operation: Operation) -> tuple[str, ...]:
    """Names of the columns that come out, in order."""
    match operation:
        case Read() | Given() | Latest() | Current() | AnyOf():
            return operation.columns
        case Lookup():
            return (*operation.columns, *(name for name, _ in operation.values))
        case PercentRank():
            return (*operation.columns, operation.name)
        case Peers():
            return (*(key for key, _ in operation.of.keys), operation.as_of)
        case Seen():
            end = () if operation.end_name is None else (operation.end_name,)
            return (*operation.columns, operation.start_name, *end)
        case LastSeen():
            return (operation.name,)
        case AsOfJoin():
            return (*operation.columns, *(f"{operation.alias}.{c}" for c in operation.carried))
        case Derive():
            return (*operation.columns, *(name for name, _ in operation.values))
        case Narrow():
            keys = tuple(key for key, _ in operation.keys)
            return (*keys, *(name for name, _ in operation.values))
        case Pairs():
            return (operation.paired.point, operation.paired.as_of, *operation.columns)
        case Grouped():
            own = (*operation.keys, operation.as_of, operation.time, operation.position)
            named = (name for name, _ in (*operation.groups, *operation.aggregates))
            return (*(c for c in own if c is not None), *named)
        case Ordered():
            return (*operation.columns, *(name for name, _ in operation.values))
        case Pass():
            return (*operation.keys, *(name for name, _ in operation.aggregates))
        case Keys():
            return tuple(key for key, _ in operation.keys)
        case Combine():
            as_of = () if operation.as_of is None else (operation.as_of,)
            names = (name for name, _ in operation.values)
            return (*operation.keys, *operation.carried, *as_of, *names)
        case Emit():
            return (*operation.keys, *(name for name, _ in operation.columns))
        case Spine():
            return (operation.row, *operation.columns)
        case Grid():
            return (*(key for key, _ in operation.keys), operation.as_of)
        case Points():
            return (operation.point, *(key for key, _ in operation.keys), operation.as_of)
        case Assemble():
            split = () if operation.split is None else (operation.split.name,)
            values = tuple(name for name, _, _ in operation.values)
            return (*operation.spine_columns, *values, *split, *(operation.audit or ()))
