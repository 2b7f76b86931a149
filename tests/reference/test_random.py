"""Compiled SQL on DuckDB against the oracle: random projects, rows and as-of times."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Any

from featdsl.ir.program import Program
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.reference.stop import Stopped, Unanswered
from tests.property import test_training, test_values
from tests.property.scalars import Stops
from tests.support.seeds import first_seed

SECONDS = 20
LEAST_CELLS = 500
MOST_STOPS = 0.25


class OracleTrial(test_values.Trial):
    """A project whose values the oracle says."""

    def evaluated(self, program: Program, name: str, case: test_values.Case) -> test_values.Table:
        if not case.population:
            entities = {n: replace(e, population=None) for n, e in program.entities.items()}
            program = replace(program, entities=entities)
        try:
            return Oracle(program, case.stored).values(name, case.as_of)
        except (Stopped, Unanswered) as stopped:
            raise Stops(str(stopped)) from stopped


def test_compiled_sql_gives_what_the_oracle_gives(monkeypatch):
    monkeypatch.setattr(test_values, "Trial", OracleTrial)
    seed = first_seed()
    print(f"seed {seed}")
    tally, until = test_values.Tally(), monotonic() + SECONDS
    while monotonic() < until:
        found = test_values.trial(seed, tally)
        assert found is None, found
        seed += 1

    print(tally)
    assert tally.cells >= LEAST_CELLS
    assert tally.stopped.total() <= MOST_STOPS * tally.groups


class OracleExpected(test_training.Expected):
    """What the oracle says at each time that is asked."""

    def __post_init__(self) -> None:
        program = self.program
        if not self.population:
            entities = {n: replace(e, population=None) for n, e in program.entities.items()}
            program = replace(program, entities=entities)
        self.oracle = Oracle(program, self.stored, until=self.until)
        self.keys = [k.name for k in program.entities[self.group.entity].keys]

    def of(self, asked: test_training.Asked) -> list[Any]:
        extra, *key, time = asked
        row = {"extra": extra, "as_of": time, **dict(zip(self.keys, key, strict=True))}
        try:
            (found,) = training_rows(self.oracle, "p.d", [row])
        except (Stopped, Unanswered) as stopped:
            raise Stops(str(stopped)) from stopped
        features = sorted(self.group.features.values(), key=lambda f: f.index)
        return [found.values[f"out_{f.short}"] for f in features]


def test_training_sets_hold_what_the_oracle_gives(monkeypatch):
    monkeypatch.setattr(test_training, "Expected", OracleExpected)
    seed = first_seed()
    print(f"seed {seed}")
    tally, until = test_values.Tally(), monotonic() + SECONDS
    while monotonic() < until:
        found = test_training.trial(seed, tally)
        assert found is None, found
        seed += 1

    print(tally)
    assert tally.cells >= LEAST_CELLS
    assert tally.stopped.total() <= MOST_STOPS * tally.groups
