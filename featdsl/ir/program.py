"""The typed program: what a project declares, bound and checked.

Names are full: ``namespace.name`` for declarations, ``namespace.group.feature`` for features.
Mappings keep declaration order, except ``Group.features``, which is in dependency order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from featdsl.ir.case import Expected, ExpectedRows, Rows, StatedColumn, Test
from featdsl.ir.consumer import Consumer, ConsumerKind, Wanted, WantedStatus
from featdsl.ir.dataset import Dataset, DatasetColumn, Spine, SpineGrid, SpineRows
from featdsl.ir.declared import Declared, Entity, EntityKey, Meta, Origin, Parameter
from featdsl.ir.expectation import CheckKind, Expectation
from featdsl.ir.feature import Feature, Group
from featdsl.ir.source import (
    Availability,
    Drop,
    Input,
    Keep,
    Location,
    Role,
    Snapshot,
    Source,
    SourceColumn,
    Validity,
)
from featdsl.ir.view import Join, Let, View

__all__ = [
    "Availability",
    "CheckKind",
    "Consumer",
    "ConsumerKind",
    "Dataset",
    "DatasetColumn",
    "Declared",
    "Drop",
    "Entity",
    "EntityKey",
    "Expectation",
    "Expected",
    "ExpectedRows",
    "Feature",
    "Group",
    "Input",
    "Join",
    "Keep",
    "Let",
    "Location",
    "Meta",
    "Origin",
    "Parameter",
    "Program",
    "Relation",
    "Role",
    "Rows",
    "Snapshot",
    "Source",
    "SourceColumn",
    "Spine",
    "SpineGrid",
    "SpineRows",
    "StatedColumn",
    "Test",
    "Validity",
    "View",
    "Wanted",
    "WantedStatus",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    project: str
    timezone: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    labels: Mapping[str, Group] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    consumers: Mapping[str, Consumer] = field(default_factory=dict)
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    tests: tuple[Test, ...] = ()

    def relation(self, name: str) -> Relation:
        """The source or view of a full name."""
        return self.sources[name] if name in self.sources else self.views[name]

    def root(self, name: str) -> Source:
        """The source whose rows a relation's rows are: of a union the first of them.

        They agree on time and roles; `featdsl.ir.relations.roots` gives all.
        """
        relation = self.relation(name)
        while isinstance(relation, View):
            relation = self.relation(relation.left)
        return relation

    def features(self) -> Iterator[Feature]:
        for group in self.groups.values():
            yield from group.members.values()

    def all_labels(self) -> Iterator[Feature]:
        for group in self.labels.values():
            yield from group.features.values()

    def feature(self, name: str) -> Feature:
        """The feature or label of a full name."""
        group = name.rpartition(".")[0]
        return (self.groups if group in self.groups else self.labels)[group].members[name]

    def readers(self, dataset: str) -> tuple[str, ...]:
        """Full names of the consumers of a data set: those it names, and those that name it."""
        named = self.datasets[dataset].consumers
        others = (c.name for c in self.consumers.values() if dataset in c.datasets)
        return tuple(dict.fromkeys((*named, *others)))


Relation: TypeAlias = Source | View
