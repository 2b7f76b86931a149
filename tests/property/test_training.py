"""Training sets on DuckDB against the plain evaluator: random projects, rows and spines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from time import monotonic
from typing import Any

import duckdb

from featdsl.compiler.training import SpineTable, training_query
from featdsl.ir import expr as ir
from featdsl.ir.program import Dataset, DatasetColumn, Feature, Group, Meta, Program
from featdsl.ir.visit import map_children, walk
from featdsl.sql import build
from featdsl.types.duration import Duration
from tests.property.evaluate import Key, World
from tests.property.projects import LENGTHS, Maker
from tests.property.scalars import Stops, moved
from tests.property.sources import BASES, MICRO, Moments, make_rows
from tests.property.test_values import Refused, Stored, Tally, Trial, same
from tests.support.seeds import first_seed

SECONDS = 15
LEAST_CELLS = 1_000
MOST_STOPS = 0.25
AHEAD = [Duration.parse(d) for d in ("1d", "7d", "30d", "90min", "1month")]

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
    """The program with a data set of a group's features, or labels."""
    span = group.name_span
    columns = tuple(
        DatasetColumn(name=f"out_{f.short}", feature=f.name, span=span)
        for f in sorted(group.features.values(), key=lambda f: f.index)
    )
    labels = group.name in program.labels
    dataset = Dataset(
        name="p.d",
        meta=Meta(),
        span=span,
        name_span=span,
        entity=group.entity,
        spine=None,
        columns=() if labels else columns,
        labels=columns if labels else (),
    )
    return replace(program, datasets={"p.d": dataset})


def with_labels(r: Random, program: Program, name: str) -> Program:
    """The program with a group turned into labels: its windows look forward."""
    lengths = r.sample(AHEAD, 2)

    def forward(e: ir.Expr) -> ir.Expr:
        e = map_children(e, forward)
        if isinstance(e, ir.Aggregate) and e.window is not None:
            return replace(e, window=ir.NextWindow(length=r.choice(lengths)))
        return e

    group = program.groups[name]
    features = {n: replace(f, expr=forward(f.expr)) for n, f in group.features.items()}
    others = {n: g for n, g in program.groups.items() if n != name}
    return replace(program, groups=others, labels={name: replace(group, features=features)})


@dataclass(frozen=True)
class Case:
    """A group of features or labels, rows, and up to when labels are known."""

    program: Program
    stored: Stored
    group: Group
    population: bool
    until: datetime | None


@dataclass
class Expected:
    """What the evaluator says at each time that is asked."""

    program: Program
    stored: Stored
    group: Group
    population: bool
    until: datetime | None
    worlds: dict[datetime, Mapping[Key, Mapping[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = self.program.root(self.group.relation)
        if self.until is None:
            anywhen = World(self.program, self.stored, datetime.max)
            self.until = anywhen.last_seen(root)

    def of(self, asked: Asked) -> list[Any]:
        _, *key, time = asked
        features = sorted(self.group.features.values(), key=lambda f: f.index)
        if None in key or time is None or not self.exists(tuple(key), time):
            return [None] * len(features)
        values = self.at(time).get(tuple(key))
        if values is None:
            world = World(self.program, self.stored, time, self.population)
            values = world.nobody(self.group.name)
        return [values[f.short] if self.is_known(f, time) else None for f in features]

    def exists(self, key: Key, time: datetime) -> bool:
        entity = self.program.entities[self.group.entity]
        if not self.population or entity.population is None:
            return True
        return key in World(self.program, self.stored, time).keys(self.group)

    def is_known(self, label: Feature, time: datetime) -> bool:
        """Whether what a label looks at is over."""
        root = self.program.root(self.group.relation)
        delay = None if root.available is None else root.available.after
        for length in ahead(self.group, label):
            end = moved(time, length, 1)
            end = end if delay is None else moved(end, delay, 1)
            if self.until is None or end > self.until:
                return False
        return True

    def at(self, time: datetime) -> Mapping[Key, Mapping[str, Any]]:
        if time not in self.worlds:
            world = World(self.program, self.stored, time, self.population)
            if self.group.name in self.program.labels:
                known = World(self.program, self.stored, self.until or datetime.min)
                self.worlds[time] = known.labelled(self.group.name, time)
            else:
                self.worlds[time] = world.group(self.group.name)
        return self.worlds[time]


def ahead(group: Group, label: Feature) -> Iterator[Duration]:
    """How far a label, and those that it rests on, look."""
    for node in walk(label.expr):
        if isinstance(node, ir.Aggregate) and isinstance(node.window, ir.NextWindow):
            yield node.window.length
        if isinstance(node, ir.FeatureRef):
            yield from ahead(group, group.features[node.feature])


def computed(
    trial: Trial, program: Program, spine: Spine, population: bool, until: datetime | None
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
        until=None if until is None else dict.fromkeys(program.sources, until),
        audit=True,
    )
    return trial.connection.execute(query.sql("duckdb")).fetchall()


def differences(trial: Trial, case: Case, spine: Spine) -> list[str]:
    group = case.group
    program = dataset_of(group, case.program)
    expected = Expected(program, case.stored, group, case.population, case.until)
    try:
        wanted = [expected.of(asked) for asked in spine.rows]
    except Stops:
        trial.tally.stopped["evaluator"] += 1
        return []
    try:
        rows = computed(trial, program, spine, case.population, case.until)
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


def smaller(trial: Trial, case: Case, spine: Spine) -> str:
    """The rows that it takes to see a difference."""
    kept = {name: list(rows) for name, rows in case.stored.items()}
    asked = list(spine.rows)

    def differs() -> list[str]:
        trial.load(kept)
        return differences(trial, replace(case, stored=kept), replace(spine, rows=asked))

    for rows in (asked, *kept.values()):
        for row in list(rows):
            at = rows.index(row)
            rows.pop(at)
            if not asked or not differs():
                rows.insert(at, row)
    lines = [f"{name}: {dict(row)!r}" for name, rows in kept.items() for row in rows]
    found = [f"{d}" for d in differs()[:10]]
    labels = [
        f"{n} over {[str(w) for w in ahead(case.group, f)]}" for n, f in case.group.features.items()
    ]
    about = f"population {case.population}, until {case.until!r}, labels {labels}"
    return "\n".join([about, *found, trial.project.text, *lines, repr(asked)])


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
        for name, group in compiled.program.groups.items():
            tally.groups += 1
            spine = make_spine(r, compiled.program, group.entity, pools[group.entity], base)
            program, until = compiled.program, None
            if r.random() < 0.4:
                program = with_labels(r, program, name)
                group = program.labels[name]
                until = r.choice((None, None, base, moments.some(), base + timedelta(days=40)))
            case = Case(program, stored, group, r.random() < 0.85, until)
            if differences(compiled, case, spine):
                shown = smaller(compiled, case, spine)
                return f"seed {seed}, zone {project.zone}\n{shown}"
    return None


def test_a_training_set_gives_each_spine_row_what_the_plain_evaluator_gives():
    seed = first_seed()
    print(f"seed {seed}")
    tally, until = Tally(), monotonic() + SECONDS
    while monotonic() < until:
        found = trial(seed, tally)
        assert found is None, found
        seed += 1

    print(tally)
    assert tally.cells >= LEAST_CELLS
    assert tally.stopped.total() <= MOST_STOPS * tally.groups
