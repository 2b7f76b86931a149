"""What may be named of relations and outputs of a program, by kind, as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from featdsl.ir.program import Group, Program
from featdsl.ir.relations import columns_of
from featdsl.types.dtype import DType, Kind
from tests.harness.generate.columns import Column

KINDS = {
    Kind.INT: "int",
    Kind.DECIMAL: "dec",
    Kind.FLOAT: "float",
    Kind.TEXT: "text",
    Kind.BOOL: "bool",
    Kind.TIMESTAMP: "ts",
    Kind.DATE: "date",
}


@dataclass
class Names:
    """Columns by kind; ``rough`` ones are floats whose last digits nothing may rest on.

    ``all`` has each with its type, as it is written.
    """

    by_kind: dict[str, list[str]] = field(default_factory=dict)
    rough: list[str] = field(default_factory=list)
    all: dict[str, DType] = field(default_factory=dict)

    def add(self, name: str, dtype: DType, *, rough: bool = False) -> None:
        written = Column(name, "", "").written
        self.all[written] = dtype
        if rough and dtype.holds(Kind.FLOAT):
            self.rough.append(written)
        elif dtype.kind in KINDS:
            self.by_kind.setdefault(KINDS[dtype.kind], []).append(written)


def of_relation(program: Program, name: str) -> Names:
    """Of a source or view."""
    found = Names()
    for column, dtype in columns_of(program, name).items():
        found.add(column, dtype)
    return found


def of_group(program: Program, group: Group) -> Names:
    """Of a group's output: keys, and features that are not private."""
    found = Names()
    for key in program.entities[group.entity].keys:
        found.add(key.name, key.dtype)
    for feature in group.members.values():
        if not (feature.meta.private or feature.short.startswith("approx")):
            found.add(feature.short, feature.dtype, rough=True)
    return found


def of_columns(columns: Mapping[str, DType], rough: Iterable[str] = ()) -> Names:
    found = Names()
    for name, dtype in columns.items():
        found.add(name, dtype, rough=name in rough)
    return found
