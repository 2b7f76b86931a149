"""Edits of generated projects: a plan has what changed, and nothing else.

What a plan leaves out is computed before and after an edit by the reference evaluator, which knows
no fingerprint: it has to have the same values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random
from time import process_time

import pytest

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.impact.compare import Impact, Kind, compare
from featdsl.impact.declared import Declared, declared
from featdsl.semantics.surroundings import Surroundings
from featdsl.syntax.scan import scan
from featdsl.text.sources import SourceSet
from tests.harness.case import PROJECT, TODAY, Case
from tests.harness.compare import same
from tests.harness.generate.moments import BASES, Moments
from tests.harness.generate.project import Project, make_project
from tests.harness.generate.sizes import SMALL
from tests.harness.generate.windows import LENGTHS
from tests.harness.oracle import STOPS, group_values
from tests.harness.values import make_stored
from tests.support.seeds import first_seed

SECONDS = 4
LEAST = 8
_OTHER = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "=", "and": "or", "or": "and",
    "min": "max", "max": "min", "first": "last", "last": "first", "true": "false",
    "false": "true", "+": "-", "-": "+", "any": "all", "all": "any", "stddev": "variance",
}  # fmt: skip


def compiled(text: str, zone: str) -> Compilation | None:
    options = Options(PROJECT, timezone=zone, lint={}, surroundings=Surroundings(TODAY))
    found = compile_project(SourceSet.of({"t.feat": text}), options)
    return found if found.ok else None


def with_datasets(text: str) -> str:
    """Each group of an entity with a key in a data set of its own."""
    keyless = set(re.findall(r"^entity (\w+) \{ +\}", text, re.MULTILINE))
    groups = re.findall(r"^features (\w+) for (\w+)", text, re.MULTILINE)
    sets = (f"dataset d_{g} for {e} {{ include {g}.* }}" for g, e in groups if e not in keyless)
    return "\n\n".join([text, *sets])


def edited(text: str, r: Random) -> str:
    """The text with one lexeme exchanged, outside of declarations of columns."""
    taken = [
        m.span() for m in re.finditer(r"^  columns \{.*?^  \}", text, re.MULTILINE | re.DOTALL)
    ]
    found = [
        (at.start, at.end, other)
        for at in scan(text).lexemes
        if not any(start <= at.start < end for start, end in taken)
        for other in _others(at.text)
    ]
    start, end, other = r.choice(found)
    return text[:start] + other + text[end:]


def _others(lexeme: str) -> Iterator[str]:
    if lexeme in _OTHER:
        yield _OTHER[lexeme]
    if re.fullmatch(r"\d+[a-z]*", lexeme):
        number = re.match(r"\d+", lexeme)
        assert number is not None
        yield f"{int(number[0]) + 1}{lexeme[number.end() :]}"


def plan(before: Compilation, after: Compilation) -> tuple[Impact, Declared, Declared]:
    was, now = (declared(c.manifest(sentences=False)) for c in (before, after))
    return compare(was, now), was, now


def changed(impact: Impact) -> set[str]:
    return {c.name for c in impact.features if c.kind is Kind.CHANGED}


def projects() -> Iterator[tuple[int, Random, Project, str, Compilation]]:
    seed, until = first_seed(), process_time() + SECONDS
    while process_time() < until:
        r = Random(seed)
        project = make_project(r, SMALL)
        text = with_datasets(project.text)
        compilation = compiled(text, project.zone)
        if compilation is not None:
            yield seed, r, project, text, compilation
        seed += 1


def test_what_a_plan_leaves_out_has_the_same_values():
    counts = Counter[str]()
    for seed, r, project, text, before in projects():
        other = edited(text, r)
        after = compiled(other, project.zone)
        if after is None:
            continue
        impact, was, now = plan(before, after)
        kept = {*was.features} & {*now.features} - changed(impact)
        counts["edits"] += 1
        counts["changed"] += len(changed(impact))
        counts["kept"] += len(kept)
        # A data set has the columns that changed, and no other.
        other_values = {c.name for c in impact.features if c.values}
        for name, dataset in now.datasets.items():
            every = (*was.datasets[name].columns, *dataset.columns)
            hit = {c.name for c in every if c.feature in other_values}
            told = {d.name: d.columns for d in impact.datasets}.get(name, ())
            assert {*told} == hit, f"seed {seed}: {name}: {told}, and not {hit}\n{other}"
        moments = Moments(r, r.choice(BASES), LENGTHS)
        stored = make_stored(r, project, moments)
        case = Case("plan", text, project.zone, stored, moments.base)
        for name, group in after.program.groups.items():
            if name not in before.program.groups:
                continue
            try:
                first = group_values(before.program, name, case)
                then = group_values(after.program, name, case)
            except STOPS:
                counts["stopped"] += 1
                continue
            if not kept.intersection(group.features):
                continue
            counts["compared"] += 1
            for key in {*first} & {*then}:
                for feature in group.features.values():
                    if feature.name in kept and feature.short in then[key]:
                        values = first[key][feature.short], then[key][feature.short]
                        assert same(*values, feature), f"seed {seed}: {feature.name}\n{other}"

    print(counts)
    assert min(counts["edits"], counts["changed"], counts["compared"]) >= LEAST


def test_a_column_changes_what_rests_on_it_and_nothing_else():
    counts = Counter[str]()
    column = re.compile(r"^    (\w+): (int|decimal\(12, 2\))( required)?$", re.MULTILINE)
    for seed, r, project, text, before in projects():
        found = [*column.finditer(text)]
        if not found:
            continue
        at = r.choice(found)
        other = f"{text[: at.start(2)]}decimal(15, 3){text[at.end(2) :]}"
        after = compiled(other, project.zone)
        if after is None:
            continue
        source = re.findall(r"^source (\w+)", text[: at.start()], re.MULTILINE)[-1]
        impact, _, now = plan(before, after)
        rest = {
            name
            for name, feature in now.features.items()
            if any((c.source, c.column) == (f"p.{source}", at[1]) for c in feature.columns)
        }
        counts["edits"] += 1
        counts["changed"] += len(rest)
        counts["kept"] += len(now.features) - len(rest)
        assert changed(impact) == rest, f"seed {seed}: {source}.{at[1]}\n{other}"

    print(counts)
    assert min(counts["edits"], counts["changed"], counts["kept"]) >= LEAST


@pytest.mark.parametrize("how", ["layout", "order", "names"])
def test_what_means_nothing_changes_nothing(how):
    tried = 0
    for seed, r, project, text, before in projects():
        parts = text.split("\n\n")
        other = "# Why.\n" + text.replace("\n  ", "\n\n     ")
        if how == "order":
            r.shuffle(parts)
            other = "\n\n".join(parts)
        if how == "names":
            other = re.sub(r"\b(f\d+)\b", r"a_\1", text)
        after = compiled(other, project.zone)
        assert after is not None, f"seed {seed}: {other}"
        impact, *_ = plan(before, after)
        tried += 1
        kinds = {c.kind for c in impact.features}
        assert kinds <= ({Kind.RENAMED} if how == "names" else set()), f"seed {seed}: {other}"
        if tried >= LEAST:
            break
    assert tried >= LEAST
