"""What the passes know so far: declarations that are resolved, by full name."""

from __future__ import annotations

from dataclasses import dataclass, field

from featdsl.ir.program import Consumer, Dataset, Entity, Group, Input, Source, Test, View, Wanted
from featdsl.semantics.dollars import Bound
from featdsl.semantics.members import Members
from featdsl.semantics.relation import RelationInfo


@dataclass(slots=True)
class Known:
    """Filled by one pass after the other."""

    bound: dict[str, Bound] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    labels: dict[str, Group] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)
    relations: dict[str, RelationInfo] = field(default_factory=dict)
    features: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Short names of each group's features or labels; False for those that were reported."""
    members: dict[str, Members] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    """Groups of which parts did not parse: a name that is not known may be one of those."""

    def group_of(self, feature: str) -> Group | None:
        """The group, of features or labels, that a feature's full name begins with."""
        name = feature.rpartition(".")[0]
        return self.groups.get(name) or self.labels.get(name)
