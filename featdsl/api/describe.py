"""From the manifest and the program to the objects that describe them."""

from __future__ import annotations

from featdsl.api.declared import Dataset, Entries, Feature, Group
from featdsl.ir.manifest import FeatureEntry, GroupEntry, Manifest
from featdsl.ir.program import Dataset as ProgramDataset
from featdsl.ir.program import Program, SpineGrid, SpineRows
from featdsl.text.sources import SourceSet


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
        file=entry.place.file,
        line=entry.place.line,
    )


def dataset_of(declared: ProgramDataset, program: Program, texts: SourceSet) -> Dataset:
    """A data set of a program."""
    span = declared.span
    return Dataset(
        name=declared.name,
        short=declared.short,
        entity=declared.entity,
        keys=tuple(k.name for k in program.entities[declared.entity].keys),
        spine=_spine(declared),
        columns=tuple(c.name for c in declared.columns),
        labels=tuple(c.name for c in declared.labels),
        split_at=tuple(at.isoformat(sep=" ") for at in declared.split_at),
        consumers=program.readers(declared.name),
        doc=declared.meta.doc,
        owner=declared.meta.owner,
        file=span.source,
        line=texts.files[span.source].position(span.start)[0],
    )


def _spine(declared: ProgramDataset) -> str:
    match declared.spine:
        case SpineRows() as rows:
            return f"one for each row of {rows.source}, as of {rows.at}"
        case SpineGrid() as grid:
            share = "" if grid.sample is None else f"{grid.sample:.2%} of "
            ends = f"from {grid.start} to {grid.end} UTC"
            return f"{share}each {declared.entity} every {grid.every} {ends}"
    return "given where it is computed"
