"""Random training sets on Postgres: spines that are handed in, features and labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from time import monotonic

import duckdb
import psycopg
import pytest
from sqlglot import exp

from featdsl.compiler.training import SpineTable, training_query
from featdsl.dialects.pg.typed import stored_type
from featdsl.dialects.registry import dialects
from featdsl.dialects.spec import Lacking, StoredTable
from featdsl.ir.program import Program
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT, TIMESTAMP
from tests.dialects.two_engines import DIGITS_OF_FLOATS, differing, store
from tests.harness.case import Refused, Spine, compiled
from tests.harness.engine import Engine
from tests.harness.generate.moments import BASES, Moments
from tests.harness.generate.project import make_project
from tests.harness.generate.rows import cleaned
from tests.harness.generate.windows import LENGTHS
from tests.harness.training import AHEAD, dataset_of, make_spine, with_labels
from tests.harness.values import make_stored
from tests.support.seeds import first_seed

pytestmark = pytest.mark.engine

SECONDS = 15
LEAST_CELLS = 100
POSTGRES = dialects()["postgres"]
SCHEMA = "random_training"


def parts(program: Program) -> Iterator[Program]:
    """The data set whole, then each of its columns alone."""
    yield program
    dataset = program.datasets["p.d"]
    for column in dataset.columns:
        yield replace(program, datasets={"p.d": replace(dataset, columns=(column,))})
    for column in dataset.labels:
        yield replace(program, datasets={"p.d": replace(dataset, labels=(column,))})


def asked(postgres, program: Program, spine: Spine, population: bool) -> list[tuple]:
    """Rows of the training set in Postgres."""
    keys = [k.dtype for k in program.entities[spine.entity].keys]
    names = ["extra", *(f"key_{i}" for i in range(len(keys))), "asked"]
    held = dict(zip(["n", *names], [INT, TEXT, *keys, TIMESTAMP], strict=True))
    _store_spine(postgres, held, spine)
    tables = {
        f"stored: {name}": StoredTable(
            name=source.short,
            schema=SCHEMA,
            columns={c.name: c.dtype for c in source.columns.values()},
        )
        for name, source in program.sources.items()
    }
    tables["stored: spine"] = StoredTable(name="spine", schema=SCHEMA, columns=held)
    query = training_query(
        program,
        "p.d",
        spine=SpineTable(
            table=build.table("stored: spine"),
            columns=tuple(names),
            keys=tuple(names[1:-1]),
            time="asked",
            row="n",
        ),
        scans={name: build.table(f"stored: {name}") for name in program.sources},
        population=population,
        audit=True,
    )
    dataset = program.datasets["p.d"]
    types = {
        c.name: program.feature(c.feature).dtype
        for c in (*dataset.columns, *dataset.labels)
        if c.feature is not None
    }
    finished = POSTGRES.finish(query, tables, types)
    return postgres.execute(finished.sql("postgres")).fetchall()


def _store_spine(postgres, held, spine: Spine) -> None:
    table = exp.Table(this=build.ident("spine"), db=build.ident(SCHEMA))
    columns = [exp.ColumnDef(this=build.ident(n), kind=stored_type(t)) for n, t in held.items()]
    created = exp.Create(this=exp.Schema(this=table, expressions=columns), kind="TABLE")
    postgres.execute(f"DROP TABLE IF EXISTS {SCHEMA}.spine")
    postgres.execute(created.sql("postgres"))
    with postgres.cursor() as cursor, cursor.copy(f"COPY {SCHEMA}.spine FROM STDIN") as copy:
        for i, row in enumerate(spine.rows):
            copy.write_row((i, *row))


def differences(
    postgres, engine: Engine, program: Program, spine: Spine, population: bool, counts: Counter[str]
) -> list[str]:
    """What differs in the whole set; where that cannot be, in each column that can."""
    whole, *columns = parts(program)
    for part in (whole, *columns):
        try:
            there = asked(postgres, part, spine, population)
            here = engine.training(part, "p.d", spine, population=population, audit=True)
        except (Lacking, psycopg.errors.NumericValueOutOfRange) as refused:
            counts[type(refused).__name__] += 1
            continue
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            counts["stopped"] += 1
            continue
        counts["cells"] += sum(map(len, here))
        found = differing(here, there, decimals=DIGITS_OF_FLOATS)
        if found or part is whole:
            return found
    return []


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
    engine.load(program, stored)
    for name, source in program.sources.items():
        rows = [tuple(row[c] for c in source.columns) for row in stored[name]]
        store(postgres, program, name, rows, SCHEMA)
    for name, group in program.groups.items():
        entity = next(e for e in project.entities if f"p.{e.name}" == group.entity)
        spine = make_spine(r, entity, [None], base)
        asking, asked_of = program, group
        if r.random() < 0.4:
            asking = with_labels(program, name, r.sample(AHEAD, 2))
            asked_of = asking.labels[name]
        whole = dataset_of(asked_of, asking)
        found = differences(postgres, engine, whole, spine, r.random() < 0.85, counts)
        if found:
            return "\n".join([f"seed {seed}, zone {project.zone}", *found[:10], project.text])
    return None


def test_random_training_sets_have_the_same_values(postgres) -> None:
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
