"""Expectations of all that a program declares, with bounds where its rows turn them."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from featdsl.ir.program import CheckKind, Expectation, Program, SpineRows
from featdsl.types.dtype import TEXT, TIMESTAMP, DType
from tests.harness import oracle
from tests.harness.asking.columns import Names, of_columns, of_group, of_relation
from tests.harness.asking.expect import Draft, Expecting
from tests.harness.asking.placed import accepted, declared, placed
from tests.harness.asking.sets import Sets, turns
from tests.harness.case import Case, compiled
from tests.harness.tally import Tally

_CHANGES = "changes <= 1%"
"""What stands in a draft of `changes`; a number of a set is measured by another."""


def expecting(r: Random, program: Program, case: Case, dataset: str | None, tally: Tally) -> str:
    """A case's text with expectations: of a training set too where ``dataset`` names one."""
    drafts, refused = accepted(case.text, made(r, program, dataset), case.zone)
    text, where = placed(case.text, drafts)
    asked = compiled(text, case.zone)
    runs = [Sets.over(asked, case, stored, at) for at, stored in turns(case)]
    trained = [Sets.over(asked, case, stored, at, dataset) for at, stored in turns(case)]
    needs = {*asked.labels, *asked.datasets}
    subjects: dict[str, list[Draft]] = {}
    for draft in where.values():
        subjects.setdefault(_subject(asked, draft), []).append(draft)
    finished = []
    for subject, own in subjects.items():
        sets = trained if runs[-1].set_of(subject) in needs else runs
        for draft, e in zip(own, declared(asked)[subject], strict=True):
            finished.append(draft.with_measure(r, _measure(sets, subject, e)))
    left, more = accepted(case.text, finished, case.zone)
    tally.left_out += refused + more
    return placed(case.text, left)[0]


def _subject(program: Program, draft: Draft) -> str:
    """The full name of what an expectation is of: of a family, of its first member."""
    name = f"p.{draft.subject}"
    if draft.feature is None:
        return name
    group = program.groups[name] if name in program.groups else program.labels[name]
    return next(f.name for f in group.members.values() if draft.feature in (f.short, f.family))


def _measure(sets: list[Sets], subject: str, e: Expectation) -> Any:
    """What bounds are put round."""
    compares = e.kind is CheckKind.DRIFT or _CHANGES in e.text
    fresh = e.kind is CheckKind.FRESHNESS
    try:
        if sets[-1].is_skipped(subject, e):
            return None
        found = sets[-1].judge(subject, e, sets[0] if compares and len(sets) > 1 else None)
        size = len(sets[-1].of(subject))
    except oracle.STOPS:
        return (sets[-1].at, None) if fresh else None
    if e.kind is CheckKind.ROWS:
        return Fraction(len(found.failing or ()), max(size, 1))
    return (sets[-1].at, found.measure) if fresh else found.measure


def made(r: Random, program: Program, dataset: str | None) -> list[Draft]:
    """Drafts for sources, views, groups, features, labels and a data set."""
    drafts: list[Draft] = []
    dollars: dict[str, list[str]] = {}
    for param in program.params.values():
        if param.short.startswith("p_"):
            dollars.setdefault(param.short[2:], []).append(f"${param.short}")

    def add(
        subject: str, names: Names, most: int, feature: str | None = None, *, timed: bool = False
    ) -> None:
        if names.all:
            writer = Expecting(r, names, dollars, timed)
            drafts.extend(
                Draft(subject, *writer.some(), feature, warn=r.random() < 0.9)
                for _ in range(r.randint(1, most))
            )

    for name, relation in (*program.sources.items(), *program.views.items()):
        time = program.root(name).time
        names = of_relation(program, name)
        add(relation.short, names, 5, timed=time is not None and time in names.all)
    groups = [*program.groups.values(), *(program.labels.values() if dataset else ())]
    for group in groups:
        names = of_group(program, group)
        add(group.short, names, 4)
        for feature in group.members.values():
            if feature.family is None and not feature.meta.private and r.random() < 0.2:
                add(group.short, names, 1, feature.short)
    if dataset is not None:
        add(program.datasets[dataset].short, of_training(program, dataset), 6)
    return drafts


def of_training(program: Program, name: str) -> Names:
    """Of a training set: columns of the spine, features, labels, the split."""
    dataset = program.datasets[name]
    spine = dataset.spine
    own: dict[str, DType] = {k.name: k.dtype for k in program.entities[dataset.entity].keys}
    own["as_of"] = TIMESTAMP
    if isinstance(spine, SpineRows):
        own = {c.name: c.dtype for c in spine.shown}
    features = {
        c.name: program.feature(c.feature).dtype
        for c in (*dataset.columns, *dataset.labels)
        if c.feature is not None and "approx" not in c.name
    }
    split = {"split": TEXT} if dataset.parts else {}
    return of_columns({**own, **split, **features}, rough=features)
