"""Training sets: a row for each row of a spine, with what was known at its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final

from featdsl.ir.program import Dataset, SpineGrid, SpineRows
from featdsl.reference.calendar import MICROSECOND, moved
from featdsl.reference.casts import text_of
from featdsl.reference.keyscope import Key
from featdsl.reference.oracle import Oracle, Table
from featdsl.reference.stop import Unanswered
from featdsl.reference.values import Value, instant, settled
from featdsl.types.duration import Duration

AS_OF: Final = "as_of"
EPOCH: Final = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A row: its columns in the order of the output, and which of its labels are not known yet."""

    key: Key
    at: datetime | None
    values: Mapping[str, Value]
    unknown_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row of a spine: whom and when it asks about, its own columns, and all that it sends."""

    key: Key
    at: datetime | None
    columns: Mapping[str, Value]
    inputs: Mapping[str, Value]


def training_rows(
    oracle: Oracle, dataset: str, spine: Table | None = None, *, mature: bool = False
) -> list[TrainingRow]:
    """The training set of a data set, over its own spine or one that is handed in.

    Rows of a spine that is handed in have the entity's keys and ``as_of``, and other columns.
    Their order, and duplicates, stay. ``mature`` leaves rows out of which a label is not known.
    """
    declared = oracle.program.datasets[dataset]
    asked = _own(oracle, declared) if spine is None else _handed_in(oracle, declared, spine)
    rows = [_row(oracle, declared, row) for row in asked]
    return [row for row in rows if not (mature and row.unknown_labels)]


def _row(oracle: Oracle, dataset: Dataset, asked: _Asked) -> TrainingRow:
    values = dict(asked.columns)
    known = asked.at is not None and oracle.exists(dataset.entity, asked.key, asked.at)
    unknown = []
    for column in (*dataset.columns, *dataset.labels):
        if column.feature is None:
            continue  # a label that is the spine's own column
        value = None
        if asked.at is not None and known:
            value = oracle.requested(column.feature, asked.key, asked.at, asked.inputs)
        if not oracle.is_known(column.feature, asked.at):
            unknown.append(column.name)
        values[column.name] = value
    if dataset.split_at:
        values["split"] = _part(dataset.split_at, asked.at)
    if dataset.split_key is not None:
        keys = [k.name for k in oracle.program.entities[dataset.entity].keys]
        values["split"] = _drawn(dataset.split_shares, asked.key[keys.index(dataset.split_key)])
    return TrainingRow(asked.key, asked.at, values, tuple(unknown))


def _part(cuts: Sequence[datetime], at: datetime | None) -> str | None:
    if at is None:
        return None
    return _parts(len(cuts))[sum(at >= instant(cut) for cut in cuts)]


def _drawn(shares: Sequence[Decimal], key: Value) -> str | None:
    """Of 32 bits of a hash of the key: one key is in one part, whatever the time."""
    if key is None:
        return None
    drawn = int(sha256(text_of(key).encode()).hexdigest()[:8], 16)
    return _parts(len(shares))[sum(drawn >= share * 2**32 for share in shares)]


def _parts(cuts: int) -> list[str]:
    named = {1: ["train", "test"], 2: ["train", "validation", "test"]}
    return named.get(cuts) or [f"part_{n + 1}" for n in range(cuts + 1)]


def _own(oracle: Oracle, dataset: Dataset) -> Iterator[_Asked]:
    match dataset.spine:
        case SpineRows():
            yield from _of_rows(oracle, dataset, dataset.spine)
        case SpineGrid():
            yield from _of_grid(oracle, dataset, dataset.spine)
        case None:
            raise ValueError(f"{dataset.name} has no spine of its own")


def _of_rows(oracle: Oracle, dataset: Dataset, spine: SpineRows) -> Iterator[_Asked]:
    keys = oracle.program.entities[dataset.entity].keys
    for row in oracle.asked_rows(spine.source, spine.at):
        key = tuple(settled(row.values[c], k.dtype) for k, c in zip(keys, spine.keys, strict=True))
        at = row.values[spine.at]
        columns = {c.name: settled(row.values[c.name], c.dtype) for c in spine.shown}
        yield _Asked(key, None if at is None else instant(at), columns, row.values)


def _of_grid(oracle: Oracle, dataset: Dataset, spine: SpineGrid) -> Iterator[_Asked]:
    """By key, then time."""
    entity = oracle.program.entities[dataset.entity]
    start, end = instant(spine.start), instant(spine.end)
    times: list[datetime] = []
    step = 0
    while (at := _times_later(start, spine.every, step)) <= end:
        times.append(at)
        step += 1
    pairs = []
    for at in times:
        population = oracle.population(entity.name, at) if entity.keys else {()}
        if population is None:
            raise Unanswered("a grid without a population")
        pairs += [(key, at) for key in population]
    for key, at in sorted(pairs):
        if spine.sample is not None and not _sampled(key, at, spine.sample):
            continue
        named = {k.name: v for k, v in zip(entity.keys, key, strict=True)}
        yield _Asked(key, at, named | {AS_OF: at}, {})


def _times_later(start: datetime, every: Duration, times: int) -> datetime:
    return moved(start, Duration(every.amount * times, every.unit))


def _sampled(key: Key, at: datetime, share: Decimal) -> bool:
    """Whether a row is in a sample: 32 bits of a hash of key and time are below the share."""
    micros = (at - EPOCH) // MICROSECOND
    written = "|".join(map(text_of, (*key, micros)))
    drawn = int(sha256(written.encode()).hexdigest()[:8], 16)
    return drawn < share * 2**32


def _handed_in(oracle: Oracle, dataset: Dataset, spine: Table) -> Iterator[_Asked]:
    keys = oracle.program.entities[dataset.entity].keys
    for row in spine:
        key = tuple(settled(row[k.name], k.dtype) for k in keys)
        at = row[AS_OF]
        yield _Asked(key, None if at is None else instant(at), row, row)
