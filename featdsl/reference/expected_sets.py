"""Sets of rows that expectations are about: of sources, views, groups and training sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from featdsl.ir import expr as ir
from featdsl.ir.program import DatasetColumn, Group
from featdsl.ir.visit import column_name
from featdsl.reference.history import snapshots, undropped
from featdsl.reference.oracle import Oracle
from featdsl.reference.rows import Row
from featdsl.reference.spine import TrainingRow
from featdsl.reference.values import Value, settled
from featdsl.reference.views import Late


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a set: its columns, which conditions read.

    ``names`` are the columns of features that are called otherwise here. ``time`` is when what
    it tells of happened, of a row that can be seen at the time.
    """

    values: Mapping[str, Value]
    as_of: datetime
    timezone: str
    time: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        return self.values[self.names.get(name, name)]

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.FeatureRef(feature=feature):
                name = feature.rpartition(".")[2]
            case ir.Column():
                name = column_name(node)
            case _:
                raise NotImplementedError(f"{type(node).__name__} of a row that is checked")
        return settled(self.value(name), node.dtype)


def stored_set(oracle: Oracle, source: str, at: datetime) -> list[Member]:
    """Of a source: stored rows that are not dropped, all versions of them."""
    rows = _undropped(oracle, source)
    seen = _seen(oracle, source, at)
    return [
        Member(r.values, at, oracle.timezone, r.time if r.origin in seen else None) for r in rows
    ]


def _undropped(oracle: Oracle, source: str) -> list[Row]:
    declared = oracle.program.sources[source]
    return undropped(declared, oracle.stored_rows(source), oracle.timezone)[0]


def _seen(oracle: Oracle, source: str, at: datetime) -> set[tuple[str, int]]:
    """The rows that can be seen at a time, whichever version of them counts."""
    declared = oracle.program.sources[source]
    if declared.valid is not None:
        return {row.origin for row in oracle.sight(source, at).rows}
    left = _undropped(oracle, source)
    if declared.snapshot is not None:
        left = [row for s in snapshots(declared, left) if s.seen <= at for row in s.rows]
    return {row.origin for row in left if row.seen is None or row.seen <= at}


def view_set(oracle: Oracle, view: str, at: datetime) -> list[Member]:
    """Of a view: its rows at a time."""
    return [
        Member(row.values, at, oracle.timezone, row.time) for row in oracle.sight(view, at).rows
    ]


def group_set(oracle: Oracle, group: str, at: datetime) -> list[Member]:
    """Of a group: its output at a time, a row for each key."""
    declared = oracle.group(group)
    features = [f for f in declared.features.values() if f.name not in declared.requests]
    keys = oracle.program.entities[declared.entity].keys
    found = []
    for key in oracle.keys(group, at):
        values = Late({k.name: v for k, v in zip(keys, key, strict=True)})
        for feature in features:
            values.late[feature.short] = partial(oracle.value, feature.name, key, at)
        found.append(Member(values, at, oracle.timezone))
    return found


def training_set(
    oracle: Oracle,
    rows: Sequence[TrainingRow],
    at: datetime,
    names: Mapping[str, str] | None = None,
) -> list[Member]:
    """Of a data set: rows of a training set, by the names of its columns, or other ``names``."""
    return [Member(row.values, at, oracle.timezone, names=names or {}) for row in rows]


def names_in(
    group: Group, keys: Sequence[str], columns: Iterable[DatasetColumn], key_columns: Sequence[str]
) -> dict[str, str]:
    """What features of a group, and keys of its entity, are called in a data set that has them."""
    own = {
        c.feature.rpartition(".")[2]: c.name
        for c in columns
        if c.feature is not None and c.feature.rpartition(".")[0] == group.name
    }
    return own | dict(zip(keys, key_columns, strict=True))
