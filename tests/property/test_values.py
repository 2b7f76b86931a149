"""Compiled SQL on DuckDB against the plain evaluator: random projects, rows and as-of times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from time import monotonic
from typing import Any

import duckdb

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Feature, Program
from featdsl.sql import build
from featdsl.text.sources import SourceSet
from featdsl.types.dtype import Kind
from tests.property.evaluate import Key, World
from tests.property.projects import LENGTHS, Maker, Project
from tests.property.scalars import Stops
from tests.property.sources import BASES, MICRO, Moments, make_rows
from tests.support.seeds import first_seed

SECONDS = 20
LEAST_CELLS = 1_000
MOST_STOPS = 0.2
"""Share of groups that hold a value which a run stops at."""

QUIET = ("missing-description", "missing-owner", "untested-feature")
WAYS = ("plain", "plain", "pretty", "param", "subset")
Stored = Mapping[str, Sequence[Mapping[str, Any]]]
Table = dict[Key, dict[str, Any]]


@dataclass
class Tally:
    """How much was compared; ``filled`` cells are not null."""

    projects: int = 0
    groups: int = 0
    cells: int = 0
    filled: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Case:
    """Rows, an as-of time, and the way to ask for values."""

    stored: Stored
    as_of: datetime
    how: str
    population: bool


class Refused(Exception):
    """A project that the compiler does not take; its slug."""


@dataclass
class Trial:
    """A project, compiled, and an engine."""

    project: Project
    tally: Tally
    program: Program = field(init=False)
    flat: Program = field(init=False)
    connection: duckdb.DuckDBPyConnection = field(init=False)

    def __post_init__(self) -> None:
        self.program = self.compiled(self.project.text)
        self.flat = self.compiled(self.project.flat)
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")

    def compiled(self, text: str) -> Program:
        options = Options(project="p", timezone=self.project.zone, lint=dict.fromkeys(QUIET, "off"))
        compilation = compile_project(SourceSet.of({"t.feat": text}), options)
        if not compilation.ok:
            errors = [d for d in compilation.diagnostics if d.severity.name == "ERROR"]
            raise Refused(errors[0].code.slug, render_text(errors, compilation.texts))
        return compilation.program

    def load(self, stored: Stored) -> None:
        for i, (name, source) in enumerate(self.program.sources.items()):
            columns = ", ".join(
                f"{build.ident(c).sql('duckdb')} {build.sql_type(t.dtype).sql('duckdb')}"
                for c, t in source.columns.items()
            )
            self.connection.execute(f"create or replace table stored_{i} ({columns})")
            rows = [[row[c] for c in source.columns] for row in stored[name]]
            if rows:
                marks = ", ".join("?" * len(source.columns))
                self.connection.executemany(f"insert into stored_{i} values ({marks})", rows)

    def computed(self, name: str, case: Case) -> Table:
        """A group's values by key, in one of the ways to ask for them."""
        group = self.program.groups[name]
        keys = len(self.program.entities[group.entity].keys)
        shorts = [f.short for f in sorted(group.features.values(), key=lambda f: f.index)]
        found: Table = {}
        for features in [[f] for f in shorts] if case.how == "subset" else [shorts]:
            query = group_query(
                self.program,
                name,
                as_of="param" if case.how == "param" else case.as_of,
                features=features,
                scans={n: build.table(f"stored_{i}") for i, n in enumerate(self.program.sources)},
                population=case.population,
            )
            text = query.sql("duckdb", pretty=case.how == "pretty")
            # Where nothing depends on time there is no parameter.
            given = {"as_of": case.as_of} if "$as_of" in text else None
            for row in self.connection.execute(text, given).fetchall():
                values = found.setdefault(row[:keys], {})
                values |= dict(zip(features, row[keys:], strict=True))
        return found

    def differences(self, case: Case) -> list[str]:
        """What differs in all groups."""
        self.load(case.stored)
        found: list[str] = []
        for name in self.program.groups:
            self.tally.groups += 1
            try:
                expected = self.evaluated(self.program, name, case)
                flat = self.evaluated(self.flat, name, case)
            except Stops:
                self.tally.stopped["evaluator"] += 1
                continue
            try:
                actual = self.computed(name, case)
            except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
                # It computes values that nothing asks for, and stops where they do not fit.
                self.tally.stopped[str(error)[:60]] += 1
                continue
            except duckdb.Error as error:
                found.append(f"{name}: the engine fails: {error}")
                continue
            found += different(self.program, name, expected, actual)
            found += [f"flat: {d}" for d in different(self.program, name, expected, flat)]
            cells = [v for values in expected.values() for v in values.values()]
            self.tally.cells += len(cells)
            self.tally.filled += sum(v is not None for v in cells)
        return found

    def evaluated(self, program: Program, name: str, case: Case) -> Table:
        return World(program, case.stored, case.as_of, case.population).group(name)

    def smaller(self, case: Case) -> Case:
        """Fewer rows that differ too."""
        rest = {name: list(rows) for name, rows in case.stored.items()}
        few = Case(rest, case.as_of, case.how, case.population)
        for rows in rest.values():
            for row in list(rows):
                rows.remove(row)
                if not self.differences(few):
                    rows.append(row)
        return few

    def report(self, seed: int, case: Case) -> str:
        """A difference with all that it takes to see it again."""
        few = self.smaller(case)
        found = self.differences(few)
        rows = [f"{name}: {dict(row)!r}" for name, rows in few.stored.items() for row in rows]
        head = (
            f"seed {seed}, as of {few.as_of!r}, {few.how}, population {few.population}, "
            f"zone {self.project.zone}"
        )
        return "\n".join([head, *found[:10], self.project.text, *rows])


def different(program: Program, name: str, expected: Table, actual: Table) -> Iterator[str]:
    group = program.groups[name]
    for key in sorted({*expected, *actual}, key=repr):
        if key not in expected or key not in actual:
            yield f"{name} {key}: {'missing' if key in expected else 'unexpected'} row"
            continue
        for feature in group.features.values():
            want, got = expected[key][feature.short], actual[key][feature.short]
            if not same(want, got, feature):
                yield f"{feature.name} {key}: expected {want!r}, is {got!r}"


def same(expected: Any, actual: Any, feature: Feature) -> bool:
    kind = feature.dtype.kind
    if expected is None or actual is None:
        return expected is None and actual is None
    if kind is Kind.FLOAT:
        return math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9)
    if kind in (Kind.INT, Kind.DECIMAL):
        if isinstance(actual, float | bool):
            return False
        if feature.short.startswith("approx"):
            return abs(expected - actual) <= 1 + 0.05 * expected
        return Decimal(expected) == Decimal(actual)
    return type(expected) is type(actual) and expected == actual


def trial(seed: int, tally: Tally, *, worlds: int = 3) -> str | None:
    """One project with several sets of rows and as-of times; what differs, as text."""
    r = Random(seed)
    project = Maker(r).project()
    tally.projects += 1
    try:
        compiled = Trial(project, tally)
    except Refused as refused:
        tally.refused[refused.args[0]] += 1
        return None
    for _ in range(worlds):
        base = r.choice(BASES)
        moments = Moments(r, base, LENGTHS)
        stored = {
            f"p.{source.name}": make_rows(r, source, entities, moments, r.choice((3, 12, 25)))
            for source, entities in project.sources
        }
        later = r.choice((-1, 0, 1)) * MICRO + timedelta(days=r.choice((0, 1, 30)))
        for as_of in (base, base + later):
            case = Case(stored, as_of, r.choice(WAYS), r.random() < 0.85)
            if compiled.differences(case):
                return compiled.report(seed, case)
    return None


def test_compiled_sql_gives_what_the_plain_evaluator_gives():
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
    assert tally.refused.total() <= MOST_STOPS * tally.projects
