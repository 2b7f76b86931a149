"""Training sets on DuckDB against the plain evaluator: random projects, rows and spines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from time import monotonic
from typing import Any

import duckdb

from featdsl.compiler.training import SpineTable, training_query
from featdsl.ir.program import Dataset, DatasetColumn, Group, Meta, Program
from featdsl.sql import build
from tests.property.evaluate import Key, World
from tests.property.projects import LENGTHS, Maker
from tests.property.scalars import Stops
from tests.property.sources import BASES, MICRO, Moments, make_rows
from tests.property.test_values import Refused, Stored, Tally, Trial, same

SECONDS = 15
LEAST_CELLS = 1_000
MOST_STOPS = 0.25

Asked = tuple[Any, ...]
"""A spine row: a column that is carried along, the key's parts, the time."""


@dataclass(frozen=True)
class Spine:
    """Rows that ask for values, of every kind: twice, without key or time, of nobody."""

    entity: str
    keys: tuple[str, ...]
    rows: Sequence[Asked]


def make_spine(
    r: Random, program: Program, entity: str, pool: Sequence[Key], base: datetime
) -> Spine:
    keys = tuple(k.name for k in program.entities[entity].keys)
    moments = Moments(r, base, LENGTHS)
    times: list[datetime | None] = [base, base + MICRO, base + timedelta(days=1)]
    times += [moments.some() for _ in range(4)]
    rows: list[Asked] = []
    for _ in range(r.choice((1, 6, 20))):
        key = list(r.choice(pool))
        if r.random() < 0.1:
            key[r.randrange(len(key))] = None
        rows.append((r.choice("abc"), *key, None if r.random() < 0.05 else r.choice(times)))
    rows += [r.choice(rows) for _ in range(r.choice((0, 3)))]
    r.shuffle(rows)
    return Spine(entity, keys, rows)


def dataset_of(group: Group, program: Program) -> Program:
    """The program with a data set of a group's features."""
    span = group.name_span
    columns = tuple(
        DatasetColumn(name=f"out_{f.short}", feature=f.name, span=span)
        for f in sorted(group.features.values(), key=lambda f: f.index)
    )
    dataset = Dataset(
        name="p.d",
        meta=Meta(),
        span=span,
        name_span=span,
        entity=group.entity,
        spine=None,
        columns=columns,
    )
    return replace(program, datasets={"p.d": dataset})


@dataclass
class Expected:
    """What the evaluator says at each time that is asked."""

    program: Program
    stored: Stored
    group: Group
    population: bool
    worlds: dict[datetime, Mapping[Key, Mapping[str, Any]]] = field(default_factory=dict)

    def of(self, asked: Asked) -> list[Any]:
        _, *key, time = asked
        shorts = [f.short for f in sorted(self.group.features.values(), key=lambda f: f.index)]
        nothing = dict.fromkeys(shorts)
        if None in key or time is None:
            values: Mapping[str, Any] = nothing
        else:
            values = self.at(time).get(tuple(key), nothing)
            entity = self.program.entities[self.group.entity]
            listed = self.population and entity.population is not None
            if values is nothing and not listed:
                world = World(self.program, self.stored, time, self.population)
                values = world.nobody(self.group.name)
        return [values[s] for s in shorts]

    def at(self, time: datetime) -> Mapping[Key, Mapping[str, Any]]:
        if time not in self.worlds:
            world = World(self.program, self.stored, time, self.population)
            self.worlds[time] = world.group(self.group.name)
        return self.worlds[time]


def computed(
    trial: Trial, program: Program, spine: Spine, population: bool
) -> list[tuple[Any, ...]]:
    """The rows of the training set, less the last columns of the audit."""
    types = [build.sql_type(k.dtype).sql("duckdb") for k in program.entities[spine.entity].keys]
    names = ["extra", *(f"key_{i}" for i in range(len(types))), "asked"]
    columns = zip(names, ["text", *types, "timestamp"], strict=True)
    listed = ", ".join(f"{n} {t}" for n, t in columns)
    trial.connection.execute(f"create or replace table spine (n int, {listed})")
    marks = ", ".join("?" * (len(names) + 1))
    trial.connection.executemany(
        f"insert into spine values ({marks})", [(i, *row) for i, row in enumerate(spine.rows)]
    )
    query = training_query(
        program,
        "p.d",
        spine=SpineTable(
            table=build.table("spine"),
            columns=tuple(names),
            keys=tuple(names[1:-1]),
            time="asked",
            row="n",
        ),
        scans={n: build.table(f"stored_{i}") for i, n in enumerate(program.sources)},
        population=population,
        audit=True,
    )
    return trial.connection.execute(query.sql("duckdb")).fetchall()


def differences(
    trial: Trial, stored: Stored, spine: Spine, group: Group, population: bool
) -> list[str]:
    program = dataset_of(group, trial.program)
    expected = Expected(program, stored, group, population)
    try:
        wanted = [expected.of(asked) for asked in spine.rows]
    except Stops:
        trial.tally.stopped["evaluator"] += 1
        return []
    try:
        rows = computed(trial, program, spine, population)
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        trial.tally.stopped[str(error)[:60]] += 1
        return []
    except duckdb.Error as error:
        return [f"{group.name}: the engine fails: {error}"]
    if [row[: len(spine.keys) + 2] for row in rows] != list(spine.rows):
        return [f"{group.name}: the spine's rows are not the same, in order"]
    found = []
    features = sorted(group.features.values(), key=lambda f: f.index)
    for asked, want, row in zip(spine.rows, wanted, rows, strict=True):
        got = row[len(asked) : len(asked) + len(features)]
        for feature, a, b in zip(features, want, got, strict=True):
            trial.tally.cells += 1
            trial.tally.filled += a is not None
            if not same(a, b, feature):
                found.append(f"{feature.name} of {asked}: expected {a!r}, is {b!r}")
    return found


def smaller(trial: Trial, stored: Stored, spine: Spine, group: Group, population: bool) -> str:
    """The rows that it takes to see a difference."""
    kept = {name: list(rows) for name, rows in stored.items()}
    asked = list(spine.rows)

    def differs() -> list[str]:
        trial.load(kept)
        return differences(trial, kept, replace(spine, rows=asked), group, population)

    for rows in (asked, *kept.values()):
        for row in list(rows):
            at = rows.index(row)
            rows.pop(at)
            if not asked or not differs():
                rows.insert(at, row)
    lines = [f"{name}: {dict(row)!r}" for name, rows in kept.items() for row in rows]
    return "\n".join([*differs()[:10], trial.project.text, *lines, repr(asked)])


def trial(seed: int, tally: Tally) -> str | None:
    """One project with a few sets of rows and spines; what differs, as text."""
    r = Random(seed)
    project = Maker(r).project()
    tally.projects += 1
    try:
        compiled = Trial(project, tally)
    except Refused as refused:
        tally.refused[refused.args[0]] += 1
        return None
    pools = {f"p.{e.name}": e.pool for e in project.entities}
    for _ in range(2):
        base = r.choice(BASES)
        moments = Moments(r, base, LENGTHS)
        stored = {
            f"p.{source.name}": make_rows(r, source, entities, moments, r.choice((3, 12, 25)))
            for source, entities in project.sources
        }
        compiled.load(stored)
        for group in compiled.program.groups.values():
            tally.groups += 1
            population = r.random() < 0.85
            spine = make_spine(r, compiled.program, group.entity, pools[group.entity], base)
            found = differences(compiled, stored, spine, group, population)
            if found:
                shown = smaller(compiled, stored, spine, group, population)
                return f"seed {seed}, population {population}, zone {project.zone}\n{shown}"
    return None


def test_a_training_set_gives_each_spine_row_what_the_plain_evaluator_gives():
    seed = Random().randrange(10**9)
    print(f"seed {seed}")
    tally, until = Tally(), monotonic() + SECONDS
    while monotonic() < until:
        found = trial(seed, tally)
        assert found is None, found
        seed += 1

    print(tally)
    assert tally.cells >= LEAST_CELLS
    assert tally.stopped.total() <= MOST_STOPS * tally.groups
