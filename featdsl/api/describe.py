"""From the manifest to the objects that describe what is declared."""

from __future__ import annotations

from featdsl.api.declared import Dataset, Entries, Feature, Group
from featdsl.ir.manifest import DatasetEntry, FeatureEntry, GroupEntry, Manifest


def feature_of(entry: FeatureEntry) -> Feature:
    """A feature of a manifest."""
    return Feature(
        name=entry.name,
        short=entry.short,
        group=entry.group,
        entity=entry.entity,
        family=entry.family,
        type=entry.dtype,
        nullable=entry.nullable,
        unit=entry.unit,
        sentence=entry.sentence,
        doc=entry.note.doc,
        definition=entry.definition,
        windows=tuple(w.words for w in entry.windows),
        columns=tuple(f"{c.source}.{c.column}" for c in entry.columns),
        features=entry.features,
        owner=entry.note.owner,
        tags=entry.note.tags,
        attributes=entry.note.attributes,
        deprecated=entry.note.deprecated,
        private=entry.note.private,
        file=entry.place.file,
        line=entry.place.line,
        fingerprint=entry.fingerprint.data,
    )


def group_of(entry: GroupEntry, manifest: Manifest, features: Entries[Feature]) -> Group:
    """A group of a manifest, with its features."""
    entity = next(e for e in manifest.entities if e.name == entry.entity)
    members = (f for f in features if f.group == entry.name)
    return Group(
        name=entry.name,
        short=entry.short,
        entity=entry.entity,
        keys=tuple(k.name for k in entity.keys),
        relation=entry.relation,
        features=Entries("feature", members, about=lambda f: (f.type, f.doc or f.sentence)),
        doc=entry.note.doc,
        owner=entry.note.owner,
        tags=entry.note.tags,
        attributes=entry.note.attributes,
        file=entry.place.file,
        line=entry.place.line,
    )


def dataset_of(entry: DatasetEntry) -> Dataset:
    """A data set of a manifest."""

    def named(*roles: str) -> tuple[str, ...]:
        return tuple(c.name for c in entry.columns if c.role in roles)

    return Dataset(
        name=entry.name,
        short=entry.short,
        entity=entry.entity,
        keys=named("key"),
        time=next(iter(named("time")), None),
        sentence=" ".join(w for w in (entry.words, entry.split_words) if w),
        types={c.name: c.dtype for c in entry.columns},
        columns=named("feature"),
        labels=named("label"),
        split_at=entry.split,
        consumers=entry.consumers,
        freshness=entry.freshness,
        doc=entry.note.doc,
        owner=entry.note.owner,
        tags=entry.note.tags,
        attributes=entry.note.attributes,
        file=entry.place.file,
        line=entry.place.line,
        fingerprint=entry.fingerprint.data,
    )
