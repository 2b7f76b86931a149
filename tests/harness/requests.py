"""Data sets over their own spines, and answers to requests, against the oracle.

A training set has a row for each row of its spine, with inputs as columns of it, labels and parts
of a split. A request is answered from what a run published: as the training set has it at the
time of that run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import Dataset, Feature, Program, SpineRows
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import TrainingRow, training_rows
from featdsl.runs.asked import input_columns
from tests.harness import oracle, values
from tests.harness.asking.maker import ANSWERS, ASKED, DATASET, make_asking
from tests.harness.case import Case, Refused, compiled
from tests.harness.compare import same
from tests.harness.condition import Condition
from tests.harness.folder import Folder, folder, stopped
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.sizes import SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.oracle import oracle_of
from tests.harness.tally import Tally

CHECK = "requests"
TRAIN, ANSWER, MATURE = "training set", "answers", "mature rows"
UNANSWERED = "FD0742"
MOST = 8
"""Requests of a project."""


def differences(case: Case, tally: Tally) -> list[str]:
    """What differs in the rows of a project's training set, and in its answers."""
    program = compiled(case.text, case.zone)
    with folder(case.text, case.zone) as place:
        place.load(case.stored)
        if f"p.{DATASET}" in program.datasets and case.how != ANSWER:
            return _trained(program, place, case, tally)
        if f"p.{ANSWERS}" in program.datasets:
            return _answered(program, place, case, tally)
    return []


def _trained(program: Program, place: Folder, case: Case, tally: Tally) -> list[str]:
    name = f"p.{DATASET}"
    dataset = program.datasets[name]
    mature = case.how == MATURE

    def rows() -> list[TrainingRow]:
        return training_rows(oracle_of(program, case), name, mature=mature)

    try:
        expected = rows()
    except oracle.STOPS as stop:
        tally.stopped[f"oracle: {type(stop).__name__}"] += 1
        return []
    trained = place.train(name, case.until, mature=mature)
    ended = stopped(trained.outcome.diagnostics, tally)
    if ended is not None:
        return ended
    names = columns_of(program, dataset)
    if trained.columns != names:
        return [f"columns are {trained.columns}, and not {names}"]
    if len(trained.rows) != len(expected):
        return [f"there are {len(trained.rows)} rows, and not {len(expected)}"]
    of = {c.name: program.feature(c.feature) for c in _computed(dataset)}
    found = _different(
        of,
        [row.values for row in expected],
        [dict(zip(names, row, strict=True)) for row in trained.rows],
        lambda: [row.values for row in rows()],
        tally,
    )
    return [f"{DATASET}: {d}" for d in found]


def columns_of(program: Program, dataset: Dataset) -> list[str]:
    """The columns of a training set, in their order."""
    entity = program.entities[dataset.entity]
    own = [*(k.name for k in entity.keys), "as_of"]
    if isinstance(dataset.spine, SpineRows):
        own = [c.name for c in dataset.spine.shown]
    split = ["split"] if dataset.parts else []
    return [*own, *(c.name for c in _computed(dataset)), *split]


def _computed(dataset: Dataset) -> list[Any]:
    return [c for c in (*dataset.columns, *dataset.labels) if c.feature is not None]


def _different(
    of: Mapping[str, Feature],
    expected: Sequence[Mapping[str, Any]],
    actual: Sequence[Mapping[str, Any]],
    again: Any,
    tally: Tally,
) -> list[str]:
    """What differs between rows, of a column that is a feature or another."""

    def cells(rows: Sequence[Mapping[str, Any]]) -> dict[Any, Any]:
        return {(i, name): v for i, row in enumerate(rows) for name, v in row.items()}

    condition = Condition(lambda: cells(again()), cells(expected))
    found = []
    for i, (want, got) in enumerate(zip(expected, actual, strict=True)):
        for name, b in got.items():
            a = want[name]
            tally.cells += 1
            tally.filled += a is not None
            alike = (
                same(a, b, of[name], partial(condition.slack, (i, name)))
                if name in of
                else _plain(a) == _plain(b)
            )
            if not alike:
                found.append(f"{name} of row {i}: expected {a!r}, is {b!r}")
        tally.agreed += 1
    return found


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


# --- Requests ----------------------------------------------------------------------------------


def _answered(program: Program, place: Folder, case: Case, tally: Tally) -> list[str]:
    name = f"p.{ANSWERS}"
    dataset = program.datasets[name]
    keys, sent = asked(program, dataset, case)
    if not keys:
        return []

    def rows() -> list[dict[str, Any]]:
        known = oracle_of(program, case)
        return [
            _answer(known, dataset, key, case, {c: sent[c][i] for c in sent})
            for i, key in enumerate(keys)
        ]

    try:
        expected = rows()
    except oracle.STOPS as stop:
        tally.stopped[f"oracle: {type(stop).__name__}"] += 1
        return []
    ended = stopped(place.run(case.as_of).diagnostics, tally)
    if ended is not None:
        return ended
    try:
        found = place.answer(name, keys, sent)
    except Failure as failure:
        if {d.code.id for d in failure.diagnostics} == {UNANSWERED}:
            tally.stopped[UNANSWERED] += 1
            return []
        return stopped(failure.diagnostics, tally) or []
    of = {c.name: program.feature(str(c.feature)) for c in dataset.columns}
    table = found.columns.arrow.to_pylist(maps_as_pydicts="strict")
    names = [k.name for k in program.entities[dataset.entity].keys]
    wanted = [
        {**dict(zip(names, key, strict=True)), **row}
        for key, row in zip(keys, expected, strict=True)
    ]
    known = tuple(oracle_of(program, case).exists(dataset.entity, k, case.as_of) for k in keys)
    told = [] if found.known == known else [f"known are {found.known}, and not {known}"]
    return [f"{ANSWERS}: {d}" for d in (*told, *_different(of, wanted, table, rows, tally))]


def _answer(
    known: Oracle, dataset: Dataset, key: tuple[Any, ...], case: Case, sent: Mapping[str, Any]
) -> dict[str, Any]:
    exists = known.exists(dataset.entity, key, case.as_of)
    return {
        c.name: known.requested(str(c.feature), key, case.as_of, sent) if exists else None
        for c in dataset.columns
    }


def asked(
    program: Program, dataset: Dataset, case: Case
) -> tuple[list[tuple[Any, ...]], dict[str, list[Any]]]:
    """Keys and inputs: those of the first rows of the source that asks."""
    rows = oracle.cleaned([dict(row) for row in case.stored.get(f"p.{ASKED}", ())])
    names = [f"who{i}" for i in range(len(program.entities[dataset.entity].keys))]
    known = [row for row in rows if all(row[n] is not None for n in names)]
    known = known[: MOST if names else 1]
    inputs = input_columns(program, dataset)
    return (
        [tuple(row[n] for n in names) for row in known],
        {c: [row[c] for row in known] for c in inputs},
    )


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return differences(case, Tally())


def trial(seed: int, tally: Tally) -> Case | None:
    """One project with a training set and requests; the first case that differs."""
    r = Random(seed)
    base = r.choice(BASES)
    project = make_asking(r, r.choice((TINY, TINY, SMALL)), base)
    tally.programs += 1
    try:
        compiled(project.text, project.zone)
    except Refused as refused:
        tally.refused[refused.args[0]] += 1
        return None
    stored = values.make_stored(r, project, Moments(r, base, LENGTHS))
    rows = stored[f"p.{ASKED}"]
    rows += [dict(r.choice(rows)) for _ in range(r.choice((0, 1, 3)) if rows else 0)]
    as_of = base + r.choice((-1, 0, 0, 1)) * MICRO + timedelta(days=r.choice((0, 0, 1)))
    until = None
    if r.random() < 0.5:
        until = base + timedelta(days=r.choice((0, 2, 40))) - r.choice((0, 1)) * MICRO
    how = r.choice((TRAIN, TRAIN, MATURE))
    case = Case(CHECK, project.text, project.zone, stored, as_of, how, until=until)
    for one in (case, replace(case, how=ANSWER)):
        if differences(one, tally):
            return one
    return None
