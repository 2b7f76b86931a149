"""Compiled SQL on DuckDB against the plain evaluator: random projects, rows and as-of times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from time import monotonic
from typing import Any

import duckdb

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.ir.program import Program
from featdsl.sql import build
from featdsl.text.sources import SourceSet
from featdsl.types.dtype import Kind
from tests.property.evaluate import World
from tests.property.projects import LENGTHS, Maker, Project
from tests.property.scalars import Stops
from tests.property.sources import BASES, MICRO, Moments, make_rows

SECONDS = 20
LEAST_CELLS = 2_000
QUIET = ("missing-description", "missing-owner", "untested-feature")
Stored = Mapping[str, Sequence[Mapping[str, Any]]]
Table = dict[tuple[Any, ...], dict[str, Any]]


@dataclass
class Tally:
    """How much was compared."""

    cells: int = 0
    filled: int = 0
    projects: int = 0
    refused: int = 0
    stopped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class Engine:
    """DuckDB with the stored rows of a project's sources."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        self.scans: dict[str, Any] = {}

    def load(self, program: Program, stored: Stored) -> None:
        for i, (name, source) in enumerate(program.sources.items()):
            columns = ", ".join(
                f"{build.ident(c).sql('duckdb')} {build.sql_type(t.dtype).sql('duckdb')}"
                for c, t in source.columns.items()
            )
            self.connection.execute(f"create or replace table stored_{i} ({columns})")
            rows = [[row[c] for c in source.columns] for row in stored[name]]
            if rows:
                marks = ", ".join("?" * len(source.columns))
                self.connection.executemany(f"insert into stored_{i} values ({marks})", rows)
            self.scans[name] = build.table(f"stored_{i}")

    def group(
        self, program: Program, name: str, as_of: datetime, how: str, population: bool
    ) -> Table:
        """A group's values by key, in one of the ways to ask for them."""
        group = program.groups[name]
        keys = len(program.entities[group.entity].keys)
        shorts = [f.short for f in sorted(group.features.values(), key=lambda f: f.index)]
        wanted = [shorts] if how != "subset" else [[f] for f in shorts]
        found: Table = {}
        for features in wanted:
            query = group_query(
                program,
                name,
                as_of="param" if how == "param" else as_of,
                features=features,
                scans=self.scans,
                population=population,
            )
            text = query.sql("duckdb", pretty=how == "pretty")
            # Where nothing depends on time there is no parameter.
            given = {"as_of": as_of} if how == "param" and "$as_of" in text else None
            for row in self.connection.execute(text, given).fetchall():
                values = found.setdefault(row[:keys], {})
                values |= dict(zip(features, row[keys:], strict=True))
        return found


def compiled(project: Project) -> Compilation:
    options = Options(project="p", timezone=project.zone, lint=dict.fromkeys(QUIET, "off"))
    return compile_project(SourceSet.of({"t.feat": project.text}), options)


def same(expected: Any, actual: Any, kind: Kind) -> bool:
    if expected is None or actual is None:
        return expected is None and actual is None
    if kind is Kind.FLOAT:
        return math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9)
    if kind in (Kind.INT, Kind.DECIMAL):
        return not isinstance(actual, float | bool) and Decimal(expected) == Decimal(actual)
    return type(expected) is type(actual) and expected == actual


def differences(program: Program, name: str, expected: Table, actual: Table) -> Iterator[str]:
    group = program.groups[name]
    for key in sorted({*expected, *actual}, key=repr):
        if key not in expected or key not in actual:
            yield f"{name} {key}: {'missing' if key in expected else 'unexpected'} row"
            continue
        for feature in group.features.values():
            want, got = expected[key][feature.short], actual[key][feature.short]
            if not same(want, got, feature.dtype.kind):
                yield f"{feature.name} {key}: expected {want!r}, is {got!r}"


def compare(
    engine: Engine,
    program: Program,
    stored: Stored,
    as_of: datetime,
    how: str,
    population: bool,
    tally: Tally,
) -> list[str]:
    """Differences of all groups at one as-of time."""
    engine.load(program, stored)
    found: list[str] = []
    for name in program.groups:
        world = World(program, stored, as_of, population)
        try:
            expected = world.group(name)
        except Stops:
            _count(tally, "stops")
            continue
        try:
            actual = engine.group(program, name, as_of, how, population)
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            # It computes some values that nothing asks for, and stops where they do not fit.
            _count(tally, f"engine: {str(error)[:50]}")
            continue
        except duckdb.Error as error:
            found.append(f"{name}: the engine fails: {error}")
            continue
        found += differences(program, name, expected, actual)
        cells = [v for values in expected.values() for v in values.values()]
        tally.cells += len(cells)
        tally.filled += sum(v is not None for v in cells)
    return found


def _count(tally: Tally, reason: str) -> None:
    tally.stopped += 1
    tally.reasons[reason] = tally.reasons.get(reason, 0) + 1


def smaller(
    engine: Engine, program: Program, stored: Stored, as_of: datetime, how: str, population: bool
) -> Stored:
    """Fewer rows that differ too."""
    rest = {name: list(rows) for name, rows in stored.items()}
    for rows in rest.values():
        for row in list(rows):
            rows.remove(row)
            if not compare(engine, program, rest, as_of, how, population, Tally()):
                rows.append(row)
    return rest


def trial(seed: int, tally: Tally, *, worlds: int = 3) -> str | None:
    """One project with several sets of rows and as-of times; what differs, as text."""
    r = Random(seed)
    project = Maker(r).project()
    compilation = compiled(project)
    tally.projects += 1
    if not compilation.ok:
        tally.refused += 1
        told = next(d for d in compilation.diagnostics if d.severity.name == "ERROR")
        tally.reasons[told.code.slug] = tally.reasons.get(told.code.slug, 0) + 1
        return None
    program = compilation.program
    engine = Engine()
    for _ in range(worlds):
        base = r.choice(BASES)
        moments = Moments(r, base, LENGTHS)
        stored = {
            f"p.{source.name}": make_rows(r, source, entities, moments, r.choice((3, 12, 25)))
            for source, entities in project.sources
        }
        for as_of in (
            base,
            base
            + r.choice((-1, 0, 1)) * MICRO
            + r.choice((0, 1)) * timedelta(days=r.randint(0, 40)),
        ):
            how = r.choice(("plain", "plain", "pretty", "param", "subset"))
            population = r.random() < 0.85
            found = compare(engine, program, stored, as_of, how, population, tally)
            if found:
                few = smaller(engine, program, stored, as_of, how, population)
                left = compare(engine, program, few, as_of, how, population, Tally())
                return _report(seed, project, few, as_of, how, population, left)
    return None


def _report(
    seed: int,
    project: Project,
    stored: Stored,
    as_of: datetime,
    how: str,
    population: bool,
    found: list[str],
) -> str:
    rows = [
        f"{name}:\n" + "\n".join(f"  {dict(row)!r}" for row in rows)
        for name, rows in stored.items()
        if rows
    ]
    return "\n".join(
        [
            f"seed {seed}, as of {as_of!r}, {how}, population={population}, zone {project.zone}",
            *found[:10],
            project.text,
            *rows,
        ]
    )


def test_compiled_sql_gives_what_the_plain_evaluator_gives():
    seed = Random().randrange(10**9)
    print(f"seed {seed}")
    tally, until = Tally(), monotonic() + SECONDS
    while monotonic() < until:
        found = trial(seed, tally)
        assert found is None, found
        seed += 1

    print(tally)
    assert tally.cells >= LEAST_CELLS
