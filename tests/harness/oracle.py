"""What values must be: the reference evaluator, as the harness asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from featdsl.ir.program import Group, Program
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import AS_OF, training_rows
from featdsl.reference.stop import Stopped, Unanswered
from tests.harness.case import Case, Table
from tests.harness.generate.rows import cleaned

STOPS = (Stopped, Unanswered)


def oracle_of(program: Program, case: Case) -> Oracle:
    """An oracle that has a case's rows."""
    if not case.population:
        entities = {n: replace(e, population=None) for n, e in program.entities.items()}
        program = replace(program, entities=entities)
    stored = {n: cleaned([dict(r) for r in rows]) for n, rows in case.stored.items()}
    return Oracle(program, stored, until=case.until)


def group_values(program: Program, name: str, case: Case) -> Table:
    """A group's values by key, at the case's time.

    Raises:
        Stopped: a value that a run stops at.
        Unanswered: it cannot say.
    """
    return oracle_of(program, case).values(name, case.as_of)


def own_rows(program: Program, dataset: str, case: Case) -> list[dict[str, Any]]:
    """Rows of a data set over its own spine, by column.

    Raises:
        Stopped: a value that a run stops at.
        Unanswered: it cannot say.
    """
    return [dict(row.values) for row in training_rows(oracle_of(program, case), dataset)]


def spine_values(program: Program, dataset: str, group: Group, case: Case) -> list[Sequence[Any]]:
    """What each of a spine's rows gets of a group, in the order of the text.

    Raises:
        Stopped: a value that a run stops at.
        Unanswered: it cannot say.
    """
    assert case.spine is not None
    keys = [k.name for k in program.entities[group.entity].keys]
    asked = [{**dict(zip(keys, row[1:-1], strict=True)), AS_OF: row[-1]} for row in case.spine.rows]
    features = sorted(group.features.values(), key=lambda f: f.index)
    rows = training_rows(oracle_of(program, case), dataset, asked)
    return [[row.values[f"out_{f.short}"] for f in features] for row in rows]
