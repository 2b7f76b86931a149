"""Data sets in plain English: which rows a spine has, how they are split."""

from __future__ import annotations

from decimal import Decimal

from featdsl.compiler.phrases import duration_words, percent, ticked
from featdsl.ir.program import Dataset, Program, SpineGrid, SpineRows
from featdsl.ir.text import name_text


def spine_words(program: Program, dataset: Dataset) -> str:
    """Which rows a data set has, and as of when, in a sentence."""
    match dataset.spine:
        case SpineRows(source=source, at=at):
            rows = ticked(program.relation(source).short)
            return f"A row for each row of {rows}, as of its {ticked(name_text(at))}."
        case SpineGrid() as grid:
            return _grid_words(program, dataset, grid)
    return "Rows are handed in: a key and an as-of time each."


def _grid_words(program: Program, dataset: Dataset, grid: SpineGrid) -> str:
    entity = program.entities[dataset.entity]
    start, end = map(moment_words, grid.written)
    of = "" if grid.sample is None else f" {percent(grid.sample)} of them, always the same."
    key = ticked(entity.short)
    times = f"every {duration_words(grid.every)} from {start} to {end}"
    if entity.population is None:
        return f"A row for {key}, {times}.{of}"
    listed = ticked(program.relation(entity.population).short)
    return f"A row for each {key} that {listed} lists, {times}.{of}"


def split_words(dataset: Dataset) -> str | None:
    """Which rows belong to which part, in a sentence; None without a split."""
    parts = dataset.parts
    if not parts:
        return None
    if dataset.split_key is not None:
        return _hashed_words(dataset, dataset.split_key)
    start, *rest = map(moment_words, dataset.split_written)
    said = [f"{ticked(parts[0])} before {start}"]
    said += [
        f"{ticked(part)} from then on to before {end}"
        for part, end in zip(parts[1:], rest, strict=False)
    ]
    return f"{', '.join(said)}, then {ticked(parts[-1])}."


def _hashed_words(dataset: Dataset, key: str) -> str:
    ends = (Decimal(0), *dataset.split_shares, Decimal(1))
    said = [
        f"{ticked(part)} {percent(end - start)}"
        for part, start, end in zip(dataset.parts, ends, ends[1:], strict=False)
    ]
    return f"by a hash of {ticked(key)}, which is in one part at all times: {', '.join(said)}."


def freshness_words(dataset: Dataset) -> str | None:
    """How old what is read of it may be, in a sentence; None where nothing is said."""
    if dataset.meta.freshness is None:
        return None
    age = duration_words(dataset.meta.freshness)
    return f"What is published of its features is as of a time at most {age} ago."


def moment_words(written: str) -> str:
    """An instant without its sign; a parameter as it is written."""
    return ticked(written) if written.startswith("$") else written.removeprefix("@")
