"""Expectations of runs and training sets: verdicts and failing rows against the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from tests.harness import values
from tests.harness.asking.expecting import expecting
from tests.harness.asking.maker import DATASET, make_asking
from tests.harness.asking.records import Compared
from tests.harness.asking.sets import EARLIER, SHARE, Sets, turns
from tests.harness.case import PROJECT, Case, Refused, compiled
from tests.harness.folder import folder, stopped
from tests.harness.generate.moments import BASES, MICRO, Moments
from tests.harness.generate.project import make_project
from tests.harness.generate.sizes import SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.tally import Tally

CHECK = "expectations"
RUN, TRAIN = "run", "train"


def differences(case: Case, tally: Tally) -> list[str]:
    """What differs in the records of a case's runs, or of its training sets."""
    program = compiled(case.text, case.zone)
    dataset = f"{PROJECT}.{DATASET}" if case.how == TRAIN else None
    if dataset is not None and dataset not in program.datasets:
        return []
    before: Sets | None = None
    with folder(case.text, case.zone) as place:
        for at, stored in turns(case):
            place.load(stored)
            outcome = place.run(at) if dataset is None else place.train(dataset, case.until).outcome
            ended = stopped(outcome.diagnostics, tally)
            if ended is not None:
                return ended
            # Of a training set, sources and views are looked at as of now.
            sets = Sets.over(program, case, stored, outcome.record.as_of, dataset)
            found = Compared(sets, before, outcome.record, place, tally).differences()
            wrong = [f"as of {at}: {d}" for d in found]
            if wrong:
                return wrong
            before = sets if outcome.ok else before
    return []


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return differences(case, Tally())


def trial(seed: int, tally: Tally) -> Case | None:
    """One project with expectations of all that it declares, run or trained once or twice."""
    r = Random(seed)
    how = r.choice((RUN, RUN, TRAIN))
    size = r.choice((TINY, SMALL, SMALL))
    base = r.choice(BASES)
    project = make_project(r, size) if how == RUN else make_asking(r, TINY, base, personal=False)
    tally.programs += 1
    try:
        program = compiled(project.text, project.zone)
    except Refused as refused:
        tally.refused[refused.args[0]] += 1
        return None
    stored = values.make_stored(r, project, Moments(r, base, LENGTHS))
    as_of = base + r.choice((-1, 0, 0, 1)) * MICRO + timedelta(days=r.choice((0, 0, 1)))
    more: dict[str, Any] = {}
    if r.random() < 0.6:
        more = {EARLIER: as_of - timedelta(days=r.choice((1, 7, 30))), SHARE: r.choice((0.5, 0.8))}
    case = Case(CHECK, project.text, project.zone, stored, as_of, how, more=more)
    dataset = f"{PROJECT}.{DATASET}" if how == TRAIN else None
    case = replace(case, text=expecting(r, program, case, dataset, tally))
    return case if differences(case, tally) else None
