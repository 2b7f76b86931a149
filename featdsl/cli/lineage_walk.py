"""What a thing rests on and what rests on it, as trees of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from featdsl.cli.names import Entry, column_of, find, kind_of
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir.manifest import (
    ConsumerEntry,
    DatasetEntry,
    FeatureEntry,
    LineageColumn,
    Manifest,
    SourceEntry,
    ViewEntry,
)

_Relations: TypeAlias = dict[str, SourceEntry | ViewEntry]


@dataclass(frozen=True, slots=True)
class Branch:
    """A feature, group, view, source, column, parameter, data set or reader of one.

    ``branches`` are what lies behind it.

    ``note`` says how a column takes part. ``repeated``: its branches were shown before.
    """

    kind: str
    name: str
    branches: tuple[Branch, ...] = ()
    note: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Traced:
    """``up`` and ``down`` are None where they were not asked for."""

    kind: str
    name: str
    up: tuple[Branch, ...] | None
    down: tuple[Branch, ...] | None


def trace(manifest: Manifest, name: str, *, up: bool, down: bool) -> Traced:
    """Trace a feature, a source, a view or ``source.column``.

    Raises:
        Failure: none of these is called `name`.
    """
    lineage = _Lineage(manifest)
    found = column_of(manifest, name)
    if found is not None:
        source, column = found
        return Traced(
            "column",
            f"{source.name}.{column.name}",
            (Branch("source", source.name),) if up else None,
            lineage.readers_of_column(source, column.name) if down else None,
        )
    entry = _one(manifest, name)
    return Traced(
        kind_of(entry),
        entry.name,
        lineage.up(entry) if up else None,
        lineage.down(entry) if down else None,
    )


def _one(manifest: Manifest, name: str) -> Entry:
    found = find(manifest, name)
    if len(found) > 1:
        members = ", ".join(f"`{e.name}`" for e in found)
        message = f"`{name}` is a family of {len(found)} features"
        raise Failure(catalog.UNKNOWN_NAME.general(message).help(f"name one of {members}"))
    return found[0]


class _Lineage:
    """Walks the manifest; what is behind a thing is shown where it is met first."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._features = {f.name: f for f in (*manifest.features, *manifest.labels)}
        self._relations: _Relations = {s.name: s for s in manifest.sources}
        self._relations |= {v.name: v for v in manifest.views}
        self._groups = {g.name: g for g in (*manifest.groups, *manifest.label_groups)}
        self._datasets = {d.name: d for d in manifest.datasets}
        self._met: set[str] = set()

    def up(self, entry: Entry) -> tuple[Branch, ...]:
        match entry:
            case FeatureEntry():
                return tuple(self._behind_feature(entry))
            case ViewEntry():
                return tuple(self._relation(n) for n in _inputs(entry))
            case DatasetEntry():
                return tuple(self._behind_dataset(entry))
            case ConsumerEntry():
                sets = (self._dataset_up(name) for name in entry.datasets)
                return (*sets, *(self._feature_up(name) for name in entry.features))
        group = self._groups.get(entry.name)
        if group is None:
            return ()
        if group.relation is None:
            return tuple(self._feature_up(n) for n in self._behind_group(group.features))
        return (self._relation(group.relation),)

    def _behind_group(self, features: tuple[str, ...]) -> Iterator[str]:
        """Features of other groups that those of one are made of."""
        named = dict.fromkeys(n for f in features for n in self._features[f].features)
        yield from (n for n in named if n not in features)

    def _behind_feature(self, feature: FeatureEntry) -> Iterator[Branch]:
        yield from (self._feature_up(name) for name in feature.features)
        yield from _columns([c for c in feature.columns if c.direct], self._relations)
        yield from (Branch("parameter", name) for name in feature.parameters)
        yield from (Branch("input", name) for name in feature.inputs)

    def _dataset_up(self, name: str) -> Branch:
        return Branch("dataset", name, tuple(self._behind_dataset(self._datasets[name])))

    def _behind_dataset(self, dataset: DatasetEntry) -> Iterator[Branch]:
        spine = dataset.spine
        if spine is not None and spine.source is not None:
            yield replace(self._relation(spine.source), note="spine")
        yield from (self._feature_up(c.feature) for c in dataset.columns if c.feature)

    def _kind(self, name: str) -> str:
        return "label" if self._features[name].label else "feature"

    def _feature_up(self, name: str) -> Branch:
        if name in self._met:
            return Branch(self._kind(name), name, repeated=True)
        self._met.add(name)
        return Branch(self._kind(name), name, tuple(self._behind_feature(self._features[name])))

    def _relation(self, name: str) -> Branch:
        relation = self._relations[name]
        if isinstance(relation, SourceEntry):
            return Branch("source", name)
        return Branch("view", name, tuple(self._relation(n) for n in _inputs(relation)))

    def down(self, entry: Entry) -> tuple[Branch, ...]:
        match entry:
            case FeatureEntry():
                return tuple(self._readers(entry))
            case DatasetEntry():
                return tuple(Branch("consumer", name) for name in entry.consumers)
            case SourceEntry() | ViewEntry():
                return tuple(self._reader(name) for name in entry.used_by)
        group = self._groups.get(entry.name)
        return tuple(Branch(self._kind(n), n) for n in group.features) if group else ()

    def _readers(self, feature: FeatureEntry) -> Iterator[Branch]:
        """What reads a feature: features, data sets, and consumers of it alone."""
        yield from (self._feature_down(name) for name in feature.used_by)
        yield from (self._dataset_down(name) for name in feature.datasets)
        behind = {c for name in feature.datasets for c in self._datasets[name].consumers}
        yield from (Branch("consumer", name) for name in feature.consumers if name not in behind)

    def _dataset_down(self, name: str) -> Branch:
        readers = self._datasets[name].consumers
        return Branch("dataset", name, tuple(Branch("consumer", c) for c in readers))

    def _feature_down(self, name: str, note: str = "") -> Branch:
        feature = self._features[name]
        if name in self._met:
            behind = bool(feature.used_by or feature.datasets or feature.consumers)
            return Branch(self._kind(name), name, note=note, repeated=behind)
        self._met.add(name)
        return Branch(self._kind(name), name, tuple(self._readers(feature)), note)

    def _reader(self, name: str) -> Branch:
        relation = self._relations.get(name)
        if relation is not None:
            return Branch("view", name, tuple(self._reader(n) for n in relation.used_by))
        group = self._groups.get(name)
        if group is not None:
            members = tuple(Branch(self._kind(f), f) for f in group.features)
            return Branch("group", name, members)
        if name in self._datasets:
            return self._dataset_down(name)
        return Branch("entity", name)

    def readers_of_column(self, source: SourceEntry, column: str) -> tuple[Branch, ...]:
        found = [
            (feature.name, ", ".join(c.roles))
            for feature in self._features.values()
            for c in feature.columns
            if (c.source, c.column) == (source.name, column) and c.direct
        ]
        return tuple(self._feature_down(name, note) for name, note in dict(found).items())


def _inputs(view: ViewEntry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*view.lefts, *(j.source for j in view.joins))))


def _columns(columns: Iterable[LineageColumn], relations: _Relations) -> tuple[Branch, ...]:
    """Columns below their sources, those below the views passed on the way."""
    tree: dict[str, Any] = {}
    leaves: dict[tuple[str, ...], list[Branch]] = {}
    for c in columns:
        path = (*c.through, c.source)
        leaf = Branch("column", c.column, note=", ".join(c.roles))
        leaves.setdefault(path, []).append(leaf)
        level = tree
        for name in path:
            level = level.setdefault(name, {})
    return _branches(tree, (), leaves, relations)


def _branches(
    level: dict[str, Any],
    path: tuple[str, ...],
    leaves: dict[tuple[str, ...], list[Branch]],
    relations: _Relations,
) -> tuple[Branch, ...]:
    found = []
    for name, below in level.items():
        here = (*path, name)
        inner = _branches(below, here, leaves, relations)
        kind = "source" if isinstance(relations[name], SourceEntry) else "view"
        found.append(Branch(kind, name, (*inner, *leaves.get(here, ()))))
    return tuple(found)
