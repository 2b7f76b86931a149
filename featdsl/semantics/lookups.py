"""How many tables of other keys and times features rest on: each is computed by itself."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature
from featdsl.ir.refs import features_named, of_same_key, outer
from featdsl.ir.visit import walk

TABLES = 200
"""Tables that one feature may rest on."""
DEPTH = 24
"""Tables that may rest on each other."""


@dataclass(slots=True)
class Lookups:
    """What each feature looks up, filled in dependency order: by full name."""

    found: dict[str, dict[Hashable, tuple[str, ...]]] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)

    def add(self, feature: Feature, of_rows: Iterable[str]) -> bool:
        """Whether a feature, and what its rows read, stays within the limits."""
        own: dict[Hashable, tuple[str, ...]] = {}
        for name in of_same_key(feature.expr):
            own.update(self.found.get(name, {}))
        for node in outer(feature.expr):
            if isinstance(node, ir.Via | ir.Ago):
                own[node] = (node.feature,)
            elif isinstance(node, ir.Among):
                own[node] = tuple(dict.fromkeys(features_named(node)))
            elif isinstance(node, ir.Aggregate):
                vias = (n for n in walk(node) if isinstance(n, ir.Via))
                own.update({n: (n.feature,) for n in vias})
                own.update({("rows", name): (name,) for name in of_rows})
        self.found[feature.name] = own
        self.tables[feature.name] = sum(
            1 + sum(self.tables.get(n, 0) for n in names) for names in own.values()
        )
        self.depths[feature.name] = max(
            (1 + self.depths.get(n, 0) for names in own.values() for n in names), default=0
        )
        return self.tables[feature.name] <= TABLES and self.depths[feature.name] <= DEPTH
