"""Training sets over spines of every kind: compiled SQL on DuckDB against the oracle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import duckdb

from featdsl.ir import expr as ir
from featdsl.ir.program import Dataset, DatasetColumn, Group, Meta, Program, SpineRows
from featdsl.ir.refs import features_named
from featdsl.ir.visit import map_children
from featdsl.types.duration import Duration
from tests.harness import oracle, values
from tests.harness.case import Asked, Case, Refused, Spine, Stored, compiled, is_batched
from tests.harness.compare import same, same_or_null
from tests.harness.condition import Condition
from tests.harness.engine import STOPS, Engine
from tests.harness.generate.columns import Entity
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.project import Project, make_project
from tests.harness.generate.sizes import LARGE, SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.oracle import own_rows, spine_values
from tests.harness.tally import Tally

DATASET = "p.d"
AHEAD = ("1d", "7d", "30d", "90min", "1month")


def make_spine(r: Random, entity: Entity, batches: Sequence[int | None], base: datetime) -> Spine:
    """Rows of every kind: twice, without key or time, of nobody."""
    moments = Moments(r, base, LENGTHS)
    times = [base, base + MICRO, base + timedelta(days=1), moments.some(), moments.some()]
    rows: list[Asked] = []
    for batch in batches:
        own: list[Asked] = []
        for _ in range(r.choice((1, 4, 6)) if batch is not None else r.choice((1, 6, 20))):
            key = list(r.choice(entity.pool))
            if key and r.random() < 0.1:
                key[r.randrange(len(key))] = None
            first = () if batch is None else (batch,)
            at = None if r.random() < 0.05 else r.choice(times)
            own.append((r.choice("abc"), *first, *key, at))
        own += [r.choice(own) for _ in range(r.choice((0, 1, 3)))]
        rows += own
    r.shuffle(rows)
    return Spine(f"p.{entity.name}", rows)


def dataset_of(group: Group, program: Program) -> Program:
    """The program with a data set of a group's features, or labels."""
    span = group.name_span
    columns = tuple(
        DatasetColumn(name=f"out_{f.short}", feature=f.name, span=span)
        for f in sorted(group.features.values(), key=lambda f: f.index)
    )
    labels = group.name in program.labels
    dataset = Dataset(
        name=DATASET,
        meta=Meta(),
        span=span,
        name_span=span,
        entity=group.entity,
        spine=None,
        columns=() if labels else columns,
        labels=columns if labels else (),
    )
    return replace(program, datasets={DATASET: dataset})


def with_labels(program: Program, name: str, ahead: Sequence[str]) -> Program:
    """The program with a group turned into labels: its windows look forward, by turns."""
    lengths = [Duration.parse(a) for a in ahead]
    count = 0

    def forward(e: ir.Expr) -> ir.Expr:
        nonlocal count
        e = map_children(e, forward)
        if isinstance(e, ir.Aggregate) and e.window is not None:
            count += 1
            return replace(e, window=ir.NextWindow(length=lengths[count % len(lengths)]))
        return e

    group = program.groups[name]
    features = {n: replace(f, expr=forward(f.expr)) for n, f in group.features.items()}
    others = {n: g for n, g in program.groups.items() if n != name}
    return replace(program, groups=others, labels={name: replace(group, features=features)})


def _apart(program: Program) -> bool:
    """Whether no group rests on another: a label is no feature of theirs."""
    return not any(
        name not in group.features
        for group in program.groups.values()
        for feature in group.features.values()
        for name in features_named(feature.expr)
    )


def differences(program: Program, engine: Engine, case: Case, tally: Tally) -> list[str]:
    """What differs in the rows of a group's training set."""
    if case.spine is None:
        return own_differences(program, engine, case, tally)
    assert case.spine is not None and case.group is not None
    if case.ahead is not None:
        program = with_labels(program, case.group, case.ahead.split())
    group = (program.labels if case.ahead else program.groups)[case.group]
    program = dataset_of(group, program)
    tally.groups += 1
    # The rest of a set of rows says what is not known yet, so that each is asked by itself.
    expected: dict[int | None, list[Sequence[object]]] = {}
    parts = list(case.split(batched=is_batched(program)))
    stops = set()
    for number, part in parts:
        try:
            expected[number] = spine_values(program, DATASET, group, part)
        except oracle.STOPS:
            stops.add(number)
    tally.stopped["oracle"] += len(stops)
    if len(stops) == len(parts):
        return []
    if stops:
        case = case.only({n for n, _ in parts if n is not None} - stops)
    engine.load(program, case.stored)
    assert case.spine is not None
    try:
        rows = engine.training(
            program,
            DATASET,
            case.spine,
            population=case.population,
            until=case.until,
            audit=case.how == "audit",
        )
    except STOPS as error:
        tally.stopped[str(error)[:60]] += len(expected)
        return []
    except duckdb.Error as error:
        return [f"{group.name}: the engine fails: {error}"]
    width = len(case.spine.rows[0]) if case.spine.rows else 0
    if [row[:width] for row in rows] != list(case.spine.rows):
        return [f"{group.name}: the spine's rows are not the same, in order"]
    found = []
    features = sorted(group.features.values(), key=lambda f: f.index)
    turns = {number: iter(enumerate(values)) for number, values in expected.items()}

    def again() -> dict[Any, Any]:
        found = {}
        for number, part in parts:
            if number in expected:
                found |= _cells(number, spine_values(program, DATASET, group, part))
        return found

    exact = {k: v for number, values in expected.items() for k, v in _cells(number, values).items()}
    condition = Condition(again, exact)
    for row in rows:
        asked = row[:width]
        number = None if None in turns else asked[1]
        i, want = next(turns[number])
        for j, (feature, a, b) in enumerate(zip(features, want, row[width:], strict=False)):
            tally.cells += 1
            tally.filled += a is not None
            if not same(a, b, feature, partial(condition.slack, (number, i, j))):
                found.append(f"{feature.name} of {asked}: expected {a!r}, is {b!r}")
    tally.agreed += len(expected)
    return found


def own_differences(program: Program, engine: Engine, case: Case, tally: Tally) -> list[str]:
    """What differs in the rows of a data set over a spine of its own, whatever their order."""
    tally.groups += 1
    dataset = program.datasets[DATASET]
    assert isinstance(dataset.spine, SpineRows)
    types = {c.name: c.dtype for c in dataset.spine.shown}
    known = list(types)
    types |= {c.name: program.feature(c.feature).dtype for c in dataset.columns if c.feature}
    parts = dict(case.split(batched=is_batched(program)))
    expected: list[dict[str, Any]] = []
    stops = set()
    for number, part in parts.items():
        try:
            expected += own_rows(program, DATASET, part)
        except oracle.STOPS:
            stops.add(number)
    tally.stopped["oracle"] += len(stops)
    if len(stops) == len(parts):
        return []
    if stops:
        case = case.only({n for n in parts if n is not None} - stops)
    engine.load(program, case.stored)
    try:
        actual = engine.own_training(program, DATASET, population=case.population)
    except STOPS as error:
        tally.stopped[str(error)[:60]] += len(parts) - len(stops)
        return []
    except duckdb.Error as error:
        return [f"{DATASET}: the engine fails: {error}"]
    tally.agreed += len(parts) - len(stops)
    if len(actual) != len(expected):
        return [f"{DATASET}: {len(expected)} rows expected, {len(actual)} are there"]

    def placed(rows: list[dict[str, Any]]) -> dict[Any, Any]:
        rows.sort(key=lambda row: repr([_told_apart(row[n]) for n in known]))
        return {(i, n): row[n] for i, row in enumerate(rows) for n in types}

    def again() -> dict[Any, Any]:
        asked = [part for number, part in parts.items() if number not in stops]
        return placed([row for part in asked for row in own_rows(program, DATASET, part)])

    found, wanted = [], placed(expected)
    condition = Condition(again, wanted)
    for place, got in placed(actual).items():
        want, dtype = wanted[place], types[place[1]]
        tally.cells += 1
        tally.filled += want is not None
        if same_or_null(want, got, dtype) or (
            isinstance(want, float)
            and isinstance(got, float)
            and abs(want - got) <= condition.slack(place)
        ):
            continue
        asked = {n: expected[place[0]][n] for n in known}
        found.append(f"{place[1]} of {asked}: expected {want!r}, is {got!r}")
    return found


def _told_apart(value: Any) -> Any:
    """A value as it is told apart from others, however it is written."""
    match value:
        case bool() | str():
            return value
        case float() | int() | Decimal():
            return f"{float(value) + 0.0:.9g}"
        case dict():
            return sorted((k, _told_apart(v)) for k, v in value.items())
        case list() | tuple():
            return [_told_apart(v) for v in value]
    return value


def _cells(number: int | None, rows: Sequence[Sequence[Any]]) -> dict[Any, Any]:
    return {(number, i, j): v for i, row in enumerate(rows) for j, v in enumerate(row)}


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return differences(compiled(case.text, case.zone), Engine(), case, Tally())


def own_spine(project: Project, stored: Stored, base: datetime, *, population: bool) -> Case:
    """The case of a project's data set over its own spine."""
    first, *others = project.text.partition("#: ")
    dataset = project.dataset
    for name in re.findall(r"^view (\w+) ", "".join(others), re.MULTILINE):
        dataset = re.sub(rf"spine {name}\b", f"spine q.{name}", dataset)
    there = f"\n\n#: {others[1]}" if len(others) > 1 else ""
    text = f"{first.rstrip()}\n\n{dataset}{there}"
    return Case("training", text, project.zone, stored, base, population=population)


def trial(seed: int, tally: Tally, engine: Engine) -> Case | None:
    """One project with a few sets of rows and spines; the first case that differs."""
    r = Random(seed)
    batched = r.random() < 0.75
    size = r.choice((TINY, SMALL, SMALL) if batched else (TINY, SMALL, LARGE))
    project = make_project(r, size, batched=batched, files=True)
    tally.programs += 1
    try:
        program = compiled(project.text, project.zone)
    except Refused as refused:
        tally.refused[refused.args[0]] += 1
        return None
    base = r.choice(BASES)
    moments = Moments(r, base, LENGTHS)
    stored = values.make_stored(r, project, moments)
    if project.dataset and r.random() < 0.4:
        case = own_spine(project, stored, base, population=r.random() < 0.85)
        try:
            program = compiled(case.text, project.zone)
        except Refused as refused:
            tally.refused[refused.args[0]] += 1
            return None
        return case if own_differences(program, engine, case, tally) else None
    batches = list(range(values.BATCHES)) if batched else [None]
    for name, group in program.groups.items():
        entity = next(e for e in project.entities if f"p.{e.name}" == group.entity)
        spine = make_spine(r, entity, batches, base)
        ahead, until = None, None
        if r.random() < 0.4 and _apart(program):
            ahead = " ".join(r.sample(AHEAD, 2))
            until = base + timedelta(days=r.choice((0, 2, 40, 40))) - r.choice((0, 1)) * MICRO
            if not batched and r.random() < 0.5:
                until = None
        case = Case(
            "training",
            project.text,
            project.zone,
            stored,
            base,
            r.choice(("plain", "audit")),
            population=r.random() < 0.85,
            spine=spine,
            group=name,
            until=until,
            ahead=ahead,
        )
        if differences(program, engine, case, tally):
            return case
    return None
