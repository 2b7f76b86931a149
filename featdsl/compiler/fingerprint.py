"""Fingerprints: what a feature means, and what is said about it, as two hashes.

Both are SHA-256 of canonical JSON. The first sees what can change a value, transitively, and
nothing else: no name of a declaration, no order, no comment, no span, no value of a parameter
(its name and default instead). A column that is used is in, others of its source are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from featdsl.compiler.canon import Canon, digest, dumped, expectation_canon, metadata_canon
from featdsl.compiler.meanings import Meanings
from featdsl.ir.program import Declared, Feature, Group, Program
from featdsl.ir.refs import features_in_order, group_of


@dataclass(frozen=True, slots=True)
class Prints:
    """``data`` of a feature's meaning, ``metadata`` of what is said of it: hex SHA-256."""

    data: str
    metadata: str


def fingerprint_features(program: Program) -> Mapping[str, Prints]:
    """The fingerprints of every feature and label, by full name."""
    meanings = Meanings(program)
    found: dict[str, Prints] = {}
    for feature in features_in_order(program):
        group = group_of(program, feature.name)
        meanings.add(feature, group)
        metadata = digest(_feature_metadata(feature, group))
        found[feature.name] = Prints(data=meanings.digests[feature.name], metadata=metadata)
    return {f.name: found[f.name] for f in (*program.features(), *program.all_labels())}


def fingerprint_entity(program: Program, entity: str) -> str:
    """Of which keys an entity has: their types, and who lists them."""
    return digest(Meanings(program).entity(program.entities[entity]))


def fingerprint_project(program: Program, prints: Mapping[str, Prints]) -> Prints:
    """Of all features, labels and data sets: their names are part of it, readers ask for them."""
    declared: list[Mapping[str, Declared]] = [
        program.params,
        program.entities,
        program.sources,
        program.views,
        program.inputs,
        program.groups,
        program.labels,
        program.datasets,
        program.consumers,
    ]
    said = {name: metadata_canon(d.meta) for kind in declared for name, d in kind.items()}
    return Prints(
        data=digest({name: p.data for name, p in prints.items()}),
        metadata=digest([said, {name: p.metadata for name, p in prints.items()}]),
    )


def _feature_metadata(feature: Feature, group: Group) -> Canon:
    """What is said of a feature, by itself and by its group."""
    return [
        metadata_canon(feature.meta),
        {
            "owner": feature.meta.owner or group.meta.owner,
            "tags": sorted({*feature.meta.tags, *group.meta.tags}),
            "notes": sorted(group.meta.notes),
        },
        sorted(dumped(expectation_canon(e)) for e in feature.expectations),
    ]
