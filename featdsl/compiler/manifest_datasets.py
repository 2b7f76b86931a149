"""Data sets as the manifest shows them: spine, columns in order, split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from featdsl.compiler.dataset_words import (
    freshness_words,
    moment_words,
    spine_words,
    split_words,
)
from featdsl.compiler.phrases import percent
from featdsl.ir import manifest as m
from featdsl.ir.program import Dataset, DatasetColumn, Program, SpineGrid, SpineRows

ColumnRole: TypeAlias = Literal["key", "time", "spine", "feature", "label", "split"]


def dataset_entry(
    program: Program,
    dataset: Dataset,
    *,
    fingerprint: m.Fingerprint,
    expectations: tuple[m.ExpectationEntry, ...],
    note: m.Note,
    place: m.Place,
    text: str,
) -> m.DatasetEntry:
    """The entry of one data set."""
    return m.DatasetEntry(
        name=dataset.name,
        short=dataset.short,
        entity=dataset.entity,
        spine=_spine(program, dataset),
        words=spine_words(program, dataset),
        columns=tuple(_columns(program, dataset)),
        split=tuple(map(moment_words, dataset.split_written)),
        split_words=split_words(dataset),
        consumers=program.readers(dataset.name),
        freshness=None if dataset.meta.freshness is None else str(dataset.meta.freshness),
        freshness_words=freshness_words(dataset),
        expectations=expectations,
        fingerprint=fingerprint,
        note=note,
        place=place,
        text=text,
    )


def _spine(program: Program, dataset: Dataset) -> m.SpineEntry | None:
    words = spine_words(program, dataset)
    match dataset.spine:
        case SpineRows(source=source, at=at):
            return m.SpineEntry(words=words, source=source, at=at)
        case SpineGrid() as grid:
            start, end = map(moment_words, grid.written)
            return m.SpineEntry(
                words=words,
                every=str(grid.every),
                start=start,
                end=end,
                sample=None if grid.sample is None else percent(grid.sample),
            )
    return None


def _columns(program: Program, dataset: Dataset) -> Iterator[m.DatasetColumnEntry]:
    yield from _spine_columns(program, dataset)
    yield from (_computed(program, c, "feature") for c in dataset.columns)
    yield from (_computed(program, c, "label") for c in dataset.labels if c.feature is not None)
    if dataset.parts:
        yield m.DatasetColumnEntry(name="split", dtype="text", role="split")


def _computed(program: Program, column: DatasetColumn, role: ColumnRole) -> m.DatasetColumnEntry:
    feature = program.feature(str(column.feature))
    return m.DatasetColumnEntry(
        name=column.name, dtype=str(feature.dtype), role=role, feature=feature.name
    )


def _spine_columns(program: Program, dataset: Dataset) -> Iterator[m.DatasetColumnEntry]:
    spine = dataset.spine
    if not isinstance(spine, SpineRows):
        for key in program.entities[dataset.entity].keys:
            yield m.DatasetColumnEntry(name=key.name, dtype=str(key.dtype), role="key")
        yield m.DatasetColumnEntry(name="as_of", dtype="timestamp", role="time")
        return
    labels = {c.name for c in dataset.labels if c.feature is None}
    for column in spine.shown:
        role: ColumnRole = "spine"
        if column.name in spine.keys:
            role = "key"
        elif column.name == spine.at:
            role = "time"
        elif column.name in labels:
            role = "label"
        yield m.DatasetColumnEntry(name=column.name, dtype=str(column.dtype), role=role)
