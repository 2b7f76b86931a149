"""What differs between what was declared and what is declared now."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from featdsl.impact.declared import Declared
from featdsl.ir.manifest import DatasetEntry, FeatureEntry, Note, SourceEntry


class Kind(StrEnum):
    """What became of a feature or a data set."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    SAID = "metadata"
    """Only what is said of it: values are the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of a feature. ``because`` says why values change, nearest cause first."""

    kind: Kind
    name: str
    before: FeatureEntry | None
    after: FeatureEntry | None
    because: tuple[str, ...] = ()

    @property
    def values(self) -> bool:
        """Whether values that readers find are other ones, or no more."""
        return self.kind in (Kind.CHANGED, Kind.REMOVED)


@dataclass(frozen=True, slots=True)
class DatasetChange:
    """Of a data set: which of its columns have other values, and what breaks its contract.

    ``breaks`` are for those who read it: a column that is gone, renamed, of another type, or null
    where it was not; ``consumers`` are who reads it.
    """

    kind: Kind
    name: str
    columns: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """Changes of features in the order of the texts, and of data sets."""

    features: tuple[Change, ...]
    datasets: tuple[DatasetChange, ...]
    consumers: Mapping[str, tuple[str, ...]]
    """Of each consumer that is hit, why."""

    @property
    def any(self) -> bool:
        return bool(self.features or self.datasets)

    @property
    def breaks(self) -> tuple[DatasetChange, ...]:
        """Data sets whose contract breaks for somebody."""
        return tuple(d for d in self.datasets if d.breaks and d.consumers)


def compare(before: Declared, after: Declared) -> Impact:
    """Compare by fingerprints: what does not enter a meaning changes nothing."""
    renamed = _renamed(before, after)
    features = [*_features(before, after, renamed)]
    changes = {c.name: c for c in features}
    datasets = [*_datasets(before, after, changes, renamed)]
    consumers = _consumers(before, after, changes, {d.name: d for d in datasets})
    return Impact(tuple(features), tuple(datasets), consumers)


def _renamed(before: Declared, after: Declared) -> dict[str, str]:
    """Old names by new ones: those that `was` says, and those of one meaning in one group."""
    gone = {n: f for n, f in before.features.items() if n not in after.features}
    new = {n: f for n, f in after.features.items() if n not in before.features}
    groups = {n: _name_before(n, g.note, before.groups) for n, g in after.groups.items()}
    found: dict[str, str] = {}
    # What is said is sure; of what is left, one meaning in one group is taken for the same feature.
    for same in (_said_to_be, _means_the_same):
        for name, feature in new.items():
            group = groups.get(feature.group, feature.group)
            taken = {*found.values()}
            alike = (n for n, old in gone.items() if n not in taken and same(old, feature, group))
            if name not in found and (first := next(alike, None)) is not None:
                found[name] = first
    return found


def _name_before(name: str, note: Note, before: Container[str]) -> str:
    """The full name that a declaration had before, as its `was` says."""
    old = f"{name.rpartition('.')[0]}.{note.was}"
    return old if name not in before and note.was is not None and old in before else name


def _said_to_be(old: FeatureEntry, new: FeatureEntry, group: str) -> bool:
    """Whether `was` names it; or that of its group does, and it has kept its own name."""
    if new.note.was is None:
        return group != new.group and (old.group, old.short) == (group, new.short)
    return new.note.was == old.name or (old.group, old.short) == (group, new.note.was)


def _means_the_same(old: FeatureEntry, new: FeatureEntry, group: str) -> bool:
    return old.group == group and old.fingerprint.data == new.fingerprint.data


def _features(before: Declared, after: Declared, renamed: Mapping[str, str]) -> Iterator[Change]:
    other = {
        name
        for name, feature in after.features.items()
        if (old := before.features.get(renamed.get(name, name))) is not None
        and old.fingerprint.data != feature.fingerprint.data
    }
    for name, feature in after.features.items():
        old = before.features.get(renamed.get(name, name))
        if old is None:
            if not feature.note.private:
                yield Change(Kind.ADDED, name, None, feature)
        elif name in other:
            because = tuple(_causes(before, after, old, feature, other))
            yield Change(Kind.CHANGED, name, old, feature, because)
        elif name in renamed:
            yield Change(Kind.RENAMED, name, old, feature)
        elif old.fingerprint.metadata != feature.fingerprint.metadata:
            yield Change(Kind.SAID, name, old, feature)
    for name, old in before.features.items():
        if name not in after.features and name not in renamed.values() and not old.note.private:
            yield Change(Kind.REMOVED, name, old, None)


def _causes(
    before: Declared, after: Declared, old: FeatureEntry, new: FeatureEntry, other: set[str]
) -> Iterator[str]:
    """Why the values of a feature are other ones."""
    if old.expression != new.expression:
        yield "its definition"
    elif (old.dtype, old.nullable) != (new.dtype, new.nullable):
        yield f"its type: {old.dtype} before, {new.dtype} now"
    for name in new.features:
        if name in other:
            yield f"through {name}"
    for name in new.parameters:
        was, now = before.parameters.get(name), after.parameters.get(name)
        if was is not None and now is not None and was.default != now.default:
            yield f"the default of ${name}"
    passed = dict.fromkeys(v for c in new.columns for v in c.through)
    for name in passed:
        if name in before.views and before.views[name].text != after.views[name].text:
            yield f"the view {name}"
    for name in dict.fromkeys(c.source for c in new.columns):
        if name in before.sources and before.sources[name].text != after.sources[name].text:
            yield from _of_source(before.sources[name], after.sources[name], new)


def _of_source(old: SourceEntry, new: SourceEntry, feature: FeatureEntry) -> Iterator[str]:
    """What changed of a source: columns that the feature rests on, else the source itself."""
    was = {c.name: c.dtype for c in old.columns}
    now = {c.name: c.dtype for c in new.columns}
    read = dict.fromkeys(c.column for c in feature.columns if c.source == new.name)
    other = [c for c in read if c in was and was[c] != now.get(c)]
    for column in other:
        yield f"{new.name}.{column}: {was[column]} before, {now[column]} now"
    if not other:
        yield f"the source {new.name}"


def _datasets(
    before: Declared,
    after: Declared,
    changes: Mapping[str, Change],
    renamed: Mapping[str, str],
) -> Iterator[DatasetChange]:
    gone = {c.before.name for c in changes.values() if c.kind is Kind.REMOVED and c.before}
    called: set[str] = set()
    for name, dataset in after.datasets.items():
        former = _name_before(name, dataset.note, before.datasets)
        old = before.datasets.get(former)
        if old is None:
            yield DatasetChange(Kind.ADDED, name, consumers=dataset.consumers)
            continue
        called.add(former)
        hit = tuple(
            c.name
            for c in dataset.columns
            if c.feature is not None and (found := changes.get(c.feature)) and found.values
        )
        breaks = tuple(_breaks(before, after, old, dataset))
        if former != name:
            said = (f"it was called {former}", *breaks)
            yield DatasetChange(Kind.RENAMED, name, hit, said, old.consumers or dataset.consumers)
            continue
        lost = tuple(c.name for c in old.columns if c.feature in gone)
        columns = tuple(dict.fromkeys((*hit, *lost)))
        if columns or breaks or old.fingerprint.data != dataset.fingerprint.data:
            yield DatasetChange(Kind.CHANGED, name, columns, breaks, dataset.consumers)
        elif old.fingerprint.metadata != dataset.fingerprint.metadata:
            yield DatasetChange(Kind.SAID, name, consumers=dataset.consumers)
    for name, old in before.datasets.items():
        if name not in after.datasets and name not in called:
            yield DatasetChange(Kind.REMOVED, name, breaks=("it is gone",), consumers=old.consumers)


def _breaks(
    before: Declared, after: Declared, old: DatasetEntry, new: DatasetEntry
) -> Iterator[str]:
    """What a reader of the data set could rely on, and no longer can."""
    now = {c.name: c for c in new.columns}
    for column in old.columns:
        found = now.get(column.name)
        if found is None:
            yield f"`{column.name}` is gone"
        elif found.dtype != column.dtype:
            yield f"`{column.name}` is {found.dtype}, was {column.dtype}"
        elif found.feature and column.feature:
            was, is_ = before.features.get(column.feature), after.features.get(found.feature)
            if was and is_ and is_.nullable and not was.nullable:
                yield f"`{column.name}` may be null now"
            if was and is_ and was.unit != is_.unit:
                yield f"`{column.name}` is in {is_.unit or 'no unit'}, was in {was.unit or 'none'}"


def _consumers(
    before: Declared,
    after: Declared,
    changes: Mapping[str, Change],
    datasets: Mapping[str, DatasetChange],
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, consumer in {**before.consumers, **after.consumers}.items():
        why = [
            f"{d}: {', '.join(datasets[d].columns) or datasets[d].kind.value}"
            for d in consumer.datasets
            if d in datasets and datasets[d].kind in (Kind.CHANGED, Kind.REMOVED, Kind.RENAMED)
        ]
        why += [
            f"{f}: {changes[f].kind.value}"
            for f in consumer.features
            if f in changes and changes[f].values
        ]
        if why:
            found[name] = tuple(why)
    return found
