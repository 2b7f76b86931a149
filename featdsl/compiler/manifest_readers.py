"""Who reads what: views, groups, data sets and features of relations and features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from featdsl.compiler.lineage import FeatureLineage
from featdsl.ir.program import Dataset, Entity, Group, Program, SpineRows


def dependants(lineage: Mapping[str, FeatureLineage]) -> Mapping[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for name, traced in lineage.items():
        for feature in traced.features:
            index.setdefault(feature, []).append(name)
    return {name: tuple(found) for name, found in index.items()}


def of_entity(found: Iterable[Group | Dataset], entity: Entity) -> tuple[str, ...]:
    return tuple(d.name for d in found if d.entity == entity.name)


def included(program: Program) -> Mapping[str, tuple[str, ...]]:
    """Data sets with each feature or label."""
    index: dict[str, dict[str, None]] = {}
    for dataset in program.datasets.values():
        for column in (*dataset.columns, *dataset.labels):
            if column.feature is not None:
                index.setdefault(column.feature, {})[dataset.name] = None
    return {name: tuple(found) for name, found in index.items()}


def readers(program: Program) -> Mapping[str, tuple[str, ...]]:
    """Views, groups and data sets that read each relation, in this order."""
    index: dict[str, dict[str, None]] = {}
    for view in program.views.values():
        for relation in (*view.lefts, *(j.source for j in view.joins)):
            index.setdefault(relation, {})[view.name] = None
    for group in (*program.groups.values(), *program.labels.values()):
        if group.relation is not None:
            index.setdefault(group.relation, {})[group.name] = None
    for dataset in program.datasets.values():
        if isinstance(dataset.spine, SpineRows):
            index.setdefault(dataset.spine.source, {})[dataset.name] = None
    return {name: tuple(found) for name, found in index.items()}
