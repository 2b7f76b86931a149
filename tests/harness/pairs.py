"""Relations between values: what may change nothing, and what must change in a known way.

They need no oracle, and hold for real data too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import duckdb

from featdsl.ir.program import Program
from tests.harness import values
from tests.harness.case import Case, Refused, compiled
from tests.harness.engine import STOPS, Engine
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.project import Project, make_project
from tests.harness.generate.sizes import SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.registry import modules
from tests.harness.relations.ground import Ground, Relation

RELATIONS: dict[str, Relation] = {
    module.RELATION.name: module.RELATION
    for module in modules("tests.harness.relations")
    if hasattr(module, "RELATION")
}


TURNS = 3
"""Sets of rows for each project."""


@dataclass
class Pairs:
    """How many pairs were compared, by relation."""

    programs: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    stopped: int = 0

    @property
    def total(self) -> int:
        return self.compared.total()


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return _differences(case, RELATIONS[case.check], Engine()) or []


def _differences(case: Case, relation: Relation, engine: Engine) -> list[str] | None:
    assert case.group is not None
    r = Random(f"{case.check} {case.more['seed']}")
    ground = Ground(r, compiled(case.text, case.zone), case, engine, case.group)
    return relation.differences(ground)


def trial(seed: int, pairs: Pairs, engine: Engine, only: str | None = None) -> Case | None:
    """One project with rows, and every relation, or one; the first case that differs."""
    r = Random(seed)
    project = make_project(r, r.choice((TINY, TINY, SMALL)), batched=r.random() < 0.1)
    pairs.programs += 1
    try:
        program = compiled(project.text, project.zone)
    except Refused:
        return None
    for _ in range(TURNS):
        found = _turn(seed, r, project, program, pairs, engine, only)
        if found is not None:
            return found
    return None


def _turn(
    seed: int,
    r: Random,
    project: Project,
    program: Program,
    pairs: Pairs,
    engine: Engine,
    only: str | None,
) -> Case | None:
    """Rows, and the relations of them; what they ask of programs is known from the turn before."""
    base = r.choice(BASES)
    stored = values.make_stored(r, project, Moments(r, base, LENGTHS))
    as_of = base + r.choice((-1, 0, 0, 1)) * MICRO + timedelta(days=r.choice((0, 0, 1)))
    # A group without rows of its own is compared with the oracle.
    name = r.choice([n for n, g in program.groups.items() if g.relation is not None])
    more = {"seed": seed} if project.flat is None else {"seed": seed, "flat": project.flat}
    case = Case("values", project.text, project.zone, stored, as_of, "param", group=name, more=more)
    try:
        ground = Ground(Random(seed), program, case, engine, name)
    except STOPS:
        pairs.stopped += 1
        return None
    for relation in RELATIONS.values() if only is None else [RELATIONS[only]]:
        ground.r = Random(f"{relation.name} {seed}")
        try:
            found = relation.differences(ground)
        except (*STOPS, OverflowError):
            pairs.stopped += 1
            continue
        except (duckdb.Error, Refused) as error:
            found = [f"fails: {error}"]
        if found is not None:
            pairs.compared[relation.name] += 1
        if found:
            return replace(case, check=relation.name)
    return None
