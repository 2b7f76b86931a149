"""Values of groups at one time: compiled SQL on DuckDB against the oracle."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import duckdb

from featdsl.ir.program import Program
from tests.harness import oracle
from tests.harness.case import PROJECT, Case, Refused, Table, compiled, is_batched
from tests.harness.compare import different
from tests.harness.condition import Condition, cells
from tests.harness.engine import STOPS, WAYS, Engine
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.project import Project, make_project
from tests.harness.generate.rows import Row, make_rows, marks
from tests.harness.generate.sizes import LARGE, SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.oracle import group_values
from tests.harness.tally import Tally

BATCHES = 10


def differences(program: Program, engine: Engine, case: Case, tally: Tally) -> list[str]:
    """What differs in the groups of a program; sets of rows that stop are left out."""
    batched = is_batched(program)
    found: list[str] = []
    for name in program.groups if case.group is None else [case.group]:
        tally.groups += 1
        expected: Table = {}
        stops: set[int | None] = set()
        parts = list(case.split(batched=batched))
        for number, part in parts:
            try:
                expected |= group_values(program, name, part)
            except oracle.STOPS:
                stops.add(number)
        tally.stopped["oracle"] += len(stops)
        if len(stops) == len(parts):
            continue
        asked = case
        if stops:
            asked = case.only({n for n, _ in parts if n is not None} - {*stops})
        try:
            found += _compared(program, engine, name, asked, expected)
        except STOPS as error:
            # It computes values that nothing asks for, and stops where they do not fit.
            tally.stopped[str(error)[:60]] += len(parts) - len(stops)
            continue
        tally.agreed += len(parts) - len(stops)
        cells = [v for values in expected.values() for v in values.values()]
        tally.cells += len(cells)
        tally.filled += sum(v is not None for v in cells)
    return found


def _compared(
    program: Program, engine: Engine, name: str, case: Case, expected: Table
) -> list[str]:
    engine.load(program, case.stored)
    try:
        actual = engine.group(program, name, case.as_of, case.how, population=case.population)
    except STOPS:
        raise
    except duckdb.Error as error:
        return [f"{name}: the engine fails: {error}"]
    asked = list(case.split(batched=is_batched(program)))

    def again() -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _, part in asked:
            found |= cells(group_values(program, name, part))
        return found

    condition = Condition(again, cells(expected))
    return list(different(program, name, expected, actual, condition.slack))


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return differences(compiled(case.text, case.zone), Engine(), case, Tally())


def make_stored(r: Random, project: Project, moments: Moments) -> dict[str, list[Row]]:
    """Rows of every source; of a batched project, of several sets."""
    stored: dict[str, list[Row]] = {f"{PROJECT}.{s.name}": [] for s in project.sources}
    # What is joined comes first, so that the rows that look at it do so at its edges.
    sources = sorted(project.sources, key=lambda s: not s.joined)
    for batch in range(BATCHES) if project.batched else [None]:
        moments.marks = []
        for source in sources:
            most = r.choice((3, 6, 12) if project.batched else (3, 12, 25))
            rows = make_rows(r, source, moments, most, batch)
            stored[f"{PROJECT}.{source.name}"] += rows
            if source.joined:
                moments.marks += marks(source, rows)
    return stored


def trial(seed: int, tally: Tally, engine: Engine) -> Case | None:
    """One project with several sets of rows and times; the first case that differs."""
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
    for _ in range(1 if batched else 2):
        stored = make_stored(r, project, Moments(r, base, LENGTHS))
        later = r.choice((-1, 0, 1)) * MICRO + timedelta(days=r.choice((0, 1, 30)))
        for as_of in dict.fromkeys((base, base + later)):
            how, population = r.choice(WAYS), r.random() < 0.85
            case = Case("values", project.text, project.zone, stored, as_of, how, population)
            if differences(program, engine, case, tally):
                return case
    return None


def shown(case: Case) -> str:
    """A case with what differs, as text."""
    found = check(case)
    rows = [f"{name}: {dict(row)!r}" for name, rows in case.stored.items() for row in rows]
    head = f"as of {case.as_of!r}, {case.how}, population {case.population}, zone {case.zone}"
    return "\n".join([head, *found[:10], case.text, *rows])
