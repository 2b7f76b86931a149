"""Random projects on Postgres: the values that DuckDB gives, or refused, or stopped by a range."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random
from time import monotonic

import duckdb
import psycopg
import pytest

from featdsl.compiler.embed import render_statement
from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import Program
from tests.dialects.two_engines import DIGITS_OF_FLOATS, same, store
from tests.harness.case import Case, Refused, Table, compiled
from tests.harness.compare import different
from tests.harness.engine import Engine
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.project import make_project
from tests.harness.generate.rows import cleaned
from tests.harness.generate.windows import LENGTHS
from tests.harness.values import make_stored
from tests.support.seeds import first_seed

pytestmark = pytest.mark.engine

SECONDS = 20
LEAST_CELLS = 50
MOST_STOPS = 0.7


def asked(postgres, program: Program, group: str, case: Case, counts: Counter[str]) -> Table:
    """Values in Postgres of the features that it does not lack: all at once, else one by one."""
    found: Table = {}
    features = [f.short for f in program.groups[group].features.values()]
    if not answered(postgres, program, group, case, features, found, Counter()):
        for feature in features:
            answered(postgres, program, group, case, [feature], found, counts)
    return found


def answered(
    postgres,
    program: Program,
    group: str,
    case: Case,
    features: list[str],
    found: Table,
    counts: Counter[str],
) -> bool:
    keys = len(program.entities[program.groups[group].entity].keys)
    ordered = sorted(features, key=lambda f: program.feature(f"{group}.{f}").index)
    try:
        text = render_statement(
            program,
            group,
            as_of=case.as_of,
            features=features,
            dialect="postgres",
            source_schema="random",
        )
        rows = postgres.execute(text).fetchall()
    except Failure as failure:
        assert {d.code.id for d in failure.diagnostics} == {"FD0501"}
        assert all(d.notes for d in failure.diagnostics), f"{features}: no reason for {failure}"
        counts["refused"] += 1
        return False
    except psycopg.errors.NumericValueOutOfRange as error:
        counts[str(error).splitlines()[0][:60]] += 1
        return False
    except psycopg.Error as error:
        raise AssertionError(f"{features}\n{error}\n{text}") from error
    for row in rows:
        found.setdefault(row[:keys], {}).update(zip(ordered, row[keys:], strict=True))
    return True


def differences(postgres, program: Program, engine: Engine, case: Case, counts: Counter[str]):
    """What differs between the engines, in all groups."""
    engine.load(program, case.stored)
    for name, source in program.sources.items():
        rows = [tuple(row[c] for c in source.columns) for row in case.stored[name]]
        store(postgres, program, name, rows, "random")
    found: list[str] = []
    for name in program.groups:
        try:
            here = engine.group(program, name, case.as_of)
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            counts["stopped"] += 1
            continue
        there = asked(postgres, program, name, case, counts)
        common = {f for values in there.values() for f in values}
        cut = {
            key: {f: v for f, v in values.items() if f in common} for key, values in here.items()
        }
        counts["cells"] += sum(len(v) for v in cut.values())
        counts["asked"] += sum(len(v) for v in here.values())
        found += shared(program, name, cut, there, common)
    return found


def shared(program: Program, name: str, here: Table, there: Table, features: set[str]) -> list[str]:
    """Differences among the features that both engines computed."""
    if not features:
        return []
    everything = program.groups[name].features.values()
    blank = {f.short: None for f in everything}
    for key, values in here.items():
        for feature, value in values.items():
            other = there.get(key, {}).get(feature)
            if isinstance(other, Decimal) and same(value, other, DIGITS_OF_FLOATS):
                there[key][feature] = value
    return list(
        different(
            program,
            name,
            {key: blank | values for key, values in here.items()},
            {key: blank | values for key, values in there.items()},
        )
    )


def trial(postgres, engine: Engine, seed: int, counts: Counter[str]) -> str | None:
    r = Random(seed)
    project = make_project(r)
    try:
        program = compiled(project.text, project.zone)
    except Refused:
        return None
    base = r.choice(BASES)
    made = make_stored(r, project, Moments(r, base, LENGTHS))
    stored = {name: cleaned(rows) for name, rows in made.items()}
    for as_of in (base, base + MICRO + timedelta(days=r.choice((0, 1, 30)))):
        case = Case("values", project.text, project.zone, stored, as_of)
        found = differences(postgres, program, engine, case, counts)
        if found:
            head = f"seed {seed}, as of {as_of!r}, zone {project.zone}"
            return "\n".join([head, *found[:10], project.text])
    return None


def test_random_projects_have_the_same_values(postgres) -> None:
    seed = first_seed()
    print(f"seed {seed}")
    counts: Counter[str] = Counter()
    engine = Engine()
    until = monotonic() + SECONDS
    while monotonic() < until:
        found = trial(postgres, engine, seed, counts)
        assert found is None, found
        seed += 1

    print(counts)
    assert counts["cells"] >= LEAST_CELLS
    assert counts["cells"] >= (1 - MOST_STOPS) * counts["asked"]
