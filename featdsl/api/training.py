"""A training set into memory, and what was counted on the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.api.arguments import Data, Inputs
from featdsl.api.result import Report
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program
from featdsl.runs.columns import Columns, fetch, without_column
from featdsl.runs.frames import given_frame
from featdsl.runs.given import Given
from featdsl.runs.train import TrainOutcome, train
from featdsl.store.record import TrainingUse, ValueCount
from featdsl.types.dtype import DType

SPLIT = "split"
_PLACE = "featc_place"
"""A column that is handed in with a spine, to find the rows that were kept."""


@dataclass(frozen=True, slots=True)
class Trained:
    """``keys`` are the columns of the spine, ``index`` that of a spine that is a pandas frame."""

    columns: Columns
    report: Report
    warnings: tuple[Diagnostic, ...]
    keys: tuple[str, ...]
    index: Any = None


def trained(
    inputs: Inputs,
    dataset: str,
    *,
    spine: Data | None,
    labels_until: datetime | None,
    mature: bool,
) -> Trained:
    """Compute a data set of a full name.

    Raises:
        Failure: data or spine are not as declared, or the engine fails.
        TypeError: the spine is no data.
    """
    program = inputs.compilation.program
    types = _types(program, dataset)
    taken: list[Columns] = []

    def receive(session: Session, rows: exp.Select) -> None:
        taken.append(fetch(session, rows, types))

    asked, index = _with_index(spine, mature=mature)
    outcome = train(
        inputs.project,
        inputs.compilation,
        dataset,
        spine=_spine(asked),
        labels_until=labels_until,
        mature=mature,
        publish=False,
        receive=receive,
        sources=inputs.given,
    )
    if not outcome.ok or not taken:
        raise Failure(*outcome.diagnostics)
    columns = taken[0]
    if _PLACE in columns.types:
        index = index[columns.array(_PLACE).values]
        columns = without_column(columns, _PLACE)
    own = {*types, SPLIT}
    return Trained(
        columns,
        _report(outcome, columns.rows),
        outcome.diagnostics,
        tuple(n for n in columns.types if n not in own),
        index,
    )


def _with_index(spine: Any, *, mature: bool) -> tuple[Any, Any]:
    """A spine, and the index of one that is a pandas frame.

    Where rows may be left out, the spine gets a column to find those that were not.
    """
    if not hasattr(spine, "iloc"):
        return spine, None
    return (spine.assign(**{_PLACE: range(len(spine))}) if mature else spine), spine.index


def _types(program: Program, dataset: str) -> dict[str, DType]:
    """Types of the features and labels of a data set by their names in it."""
    declared = program.datasets[dataset]
    computed = (c for c in (*declared.columns, *declared.labels) if c.feature is not None)
    return {c.name: program.feature(c.feature).dtype for c in computed if c.feature}


def _spine(spine: Data | None) -> Path | Given | None:
    if spine is None:
        return None
    if isinstance(spine, str | os.PathLike):
        return Path(spine)
    return given_frame(spine, "spine")


def _report(outcome: TrainOutcome, rows: int) -> Report:
    use = outcome.training
    assert use is not None, "a training set that was made was counted"
    spine = use.spine
    return Report(
        rows=rows,
        read={i.source: i.rows for i in outcome.record.inputs},
        checks=len(outcome.record.checks),
        spine=spine.rows,
        unknown=spine.without_key + spine.without_time + spine.unknown,
        immature=_immature(use),
        dropped=use.dropped,
        until={u.source: u.until for u in use.untils},
        classes={label.name: _counts(label.classes) for label in use.labels if label.classes},
        split=_counts(use.split),
    )


def _immature(use: TrainingUse) -> dict[str, int]:
    return {u.name: u.immature for u in use.labels if u.immature is not None}


def _counts(values: Sequence[ValueCount]) -> dict[str | None, int]:
    return {v.value: v.rows for v in values}
