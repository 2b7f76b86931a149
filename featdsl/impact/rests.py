"""What rests on a feature or a column of a source: features, data sets, consumers, each with a way.

Reads a manifest. Of several ways the shortest is told, of those the first as declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from featdsl.ir.manifest import DatasetEntry, FeatureEntry, Manifest, SourceEntry, ViewEntry

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """``path`` leads from what was asked about to it, both ends among it.

    ``kind`` is feature, label, dataset or consumer. ``roles`` say how a column takes part in a
    feature that reads it itself.
    """

    kind: str
    name: str
    path: Path
    roles: tuple[str, ...] = ()


def on_features(manifest: Manifest, names: Iterable[str], above: Path = ()) -> tuple[Resting, ...]:
    """What rests on features; ``above`` is what all ways begin with."""
    return _Walk(manifest).from_features([(n, (*above, n), ()) for n in names])


def on_column(manifest: Manifest, source: SourceEntry, column: str) -> tuple[Resting, ...]:
    """What rests on a column: in a value, or in which rows count, when and for whom."""
    start = f"{source.name}.{column}"
    walk = _Walk(manifest)
    read = [
        (feature.name, (start, *reversed(c.through), feature.name), c.roles)
        for feature in walk.features
        for c in feature.columns
        if (c.source, c.column) == (source.name, column) and c.direct
    ]
    return walk.from_features(read, _spines_of(manifest, source, column))


def on_relation(manifest: Manifest, relation: SourceEntry | ViewEntry) -> tuple[Resting, ...]:
    """What rests on any row of a source or view."""
    walk = _Walk(manifest)
    read = []
    for feature in walk.features:
        for c in feature.columns:
            way = (*reversed(c.through), feature.name)
            if c.direct and relation.name == c.source:
                read.append((feature.name, (relation.name, *way), ()))
            elif c.direct and relation.name in way:
                read.append((feature.name, way[way.index(relation.name) :], ()))
    views = {v.name: v for v in manifest.views}
    spines = [
        (dataset, (*reversed(down), dataset.name))
        for dataset in manifest.datasets
        if dataset.spine is not None
        and (down := _way(views, dataset.spine.source, relation.name)) is not None
    ]
    return walk.from_features(read, spines)


def _spines_of(
    manifest: Manifest, source: SourceEntry, column: str
) -> Iterator[tuple[DatasetEntry, Path]]:
    """Data sets whose rows, those of a source or of a view of it, rest on a column."""
    views = {v.name: v for v in manifest.views}
    for dataset in manifest.datasets:
        spine = dataset.spine
        way = None if spine is None else _way(views, spine.source, source.name)
        if spine is None or way is None:
            continue
        shown = {c.name for c in dataset.columns if c.role in ("key", "time", "spine")}
        decides = [d.condition for d in source.drops]
        decides += [views[name].text for name in way if name in views]
        named = {w for text in decides for w in re.findall(r"\w+", text)}
        if column in {spine.at, source.time, *source.key, *shown, *named}:
            yield dataset, (f"{source.name}.{column}", *way[-2::-1], dataset.name)


def _way(views: Mapping[str, ViewEntry], start: str | None, source: str) -> Path | None:
    """Relations from one down to a source, both ends among them; None where there is no way."""
    if start is None or start == source:
        return None if start is None else (source,)
    if start in views:
        view = views[start]
        for below in (*view.lefts, *(j.source for j in view.joins)):
            further = _way(views, below, source)
            if further is not None:
                return (start, *further)
    return None


class _Walk:
    def __init__(self, manifest: Manifest) -> None:
        self.features: Sequence[FeatureEntry] = (*manifest.features, *manifest.labels)
        self._features = {f.name: f for f in self.features}
        self._datasets = {d.name: d for d in manifest.datasets}

    def from_features(
        self,
        read: Iterable[tuple[str, Path, tuple[str, ...]]],
        spines: Iterable[tuple[DatasetEntry, Path]] = (),
    ) -> tuple[Resting, ...]:
        """All that can be reached, each once; what was asked about is none of it."""
        found: dict[str, Resting] = {}
        waiting = [self._feature(name, path, roles) for name, path, roles in read]
        waiting += [Resting("dataset", d.name, path) for d, path in spines]
        waiting.sort(key=lambda r: len(r.path))
        while waiting:
            following: dict[str, Resting] = {}
            for one in waiting:
                if one.name not in found:
                    found[one.name] = one
                    for reader in self._readers(one):
                        following.setdefault(reader.name, reader)
            waiting = list(following.values())
        return tuple(r for r in found.values() if len(r.path) > 1)

    def _feature(self, name: str, path: Path, roles: tuple[str, ...] = ()) -> Resting:
        kind = "label" if self._features[name].label else "feature"
        return Resting(kind, name, path, roles)

    def _readers(self, one: Resting) -> Iterator[Resting]:
        if one.kind == "dataset":
            for name in self._datasets[one.name].consumers:
                yield Resting("consumer", name, (*one.path, name))
        if one.kind in ("feature", "label"):
            feature = self._features[one.name]
            for name in feature.used_by:
                yield self._feature(name, (*one.path, name))
            for name in feature.datasets:
                yield Resting("dataset", name, (*one.path, name))
            for name in feature.consumers:
                if not any(name in self._datasets[d].consumers for d in feature.datasets):
                    yield Resting("consumer", name, (*one.path, name))
