"""The generator itself: every construct, and every edge of data, is made often enough.

And its own mutation test: a generator without a form, a history or an edge is found to be weak.
"""

from __future__ import annotations

import math

import pytest

from tests.harness import made
from tests.harness.generate import clauses, project, rows, sources, unions, values, writer
from tests.harness.generate.moments import Moments


@pytest.fixture(scope="module")
def projects():
    return made.projects()


def test_every_construct_and_function_is_made(projects):
    assert made.missing_constructs(projects) == []


def test_every_edge_of_data_is_made(projects):
    counts = made.counted(projects)
    print(counts)
    assert made.missing_edges(counts) == []


def test_zones_are_made(projects):
    assert len({p.zone for p in projects}) >= 4


def without_form(name):
    """The generator without the forms and calls that write a text."""

    def weaken(patch):
        of = writer.Writer.of
        patch.setattr(
            writer.Writer, "of", lambda w, k, d: w.leaf(k) if name in (t := of(w, k, d)) else t
        )

    return weaken


def without_histories(*names):
    def weaken(patch):
        left = [h for h in sources.histories() if not h.name.startswith(names)]
        patch.setattr(sources, "histories", lambda: left)
        patch.setattr(project, "histories", lambda: left)
        patch.setattr(unions, "histories", lambda: left)

    return weaken


def without(*names):
    def weaken(patch):
        for name in names:
            patch.setattr(project, name, lambda *a, **k: {})

    return weaken


def without_windows(sign):
    def weaken(patch):
        patch.setattr(project, "WINDOWS", [w for w in project.WINDOWS if sign not in w])
        patch.setattr(project, "SHORT", [w for w in project.SHORT if sign not in w])
        patch.setattr(project, "CAPPED", [w for w in project.CAPPED if sign not in w])

    return weaken


WEAK = {
    "sqrt()": without_form("sqrt("),
    "cosine()": without_form("cosine("),
    "matches()": without_form(" matches "),
    "try_cast": without_form("try_cast("),
    "snapshots": without_histories("snapshot"),
    "validity": without_histories("valid"),
    "steps": without_windows(" aligned "),
    "since": without_windows("since"),
    "unions": lambda patch: patch.setattr(project._Maker, "union", lambda m, name: None),
    "among": without("group", "beside"),
    "via": without("at_home", "through"),
    "via of a feature": lambda patch: patch.setattr(project, "at_home", lambda *a: None),
    "groups without rows": lambda patch: patch.setattr(project, "group", lambda *a, **k: None),
    "spines from views": lambda patch: patch.setattr(project._Maker, "dataset", lambda m, t: ""),
    "calculated parameters": lambda patch: patch.setattr(values, "_calculated", lambda *a: None),
    "numbers far from all": lambda patch: patch.setattr(rows, "_level", lambda r, kind: ""),
    "joins": lambda patch: patch.setattr(project._Maker, "rights", lambda m: []),
    "templates": lambda patch: patch.setattr(project.templates, "write", lambda f: None),
    "everyone": lambda patch: patch.setattr(project, "WHOLE", 0),
    "NaN": lambda patch: patch.setattr(rows, "_UNKNOWN", (math.inf,)),
    "null in a list": lambda patch: patch.setattr(
        rows, "_item", lambda r, kind, moments: rows.value(r, kind, moments)
    ),
    "at an end of a window": lambda patch: patch.setattr(
        made, "Moments", lambda r, base, lengths: Moments(r, base, lengths, edges=0)
    ),
    "beside a change of clocks": lambda patch: patch.setattr(made, "BASES", made.BASES[1:2]),
    "late rows": without_histories("available", "keep_seen", "snapshot"),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weaker_generator_is_noticed(name, monkeypatch):
    WEAK[name](monkeypatch)
    found = made.projects(count=240)
    missed = made.missing_edges(made.counted(found)) if name in EDGES else []
    assert name in missed or name in made.missing_constructs(found)


EDGES = {*made.EDGES, *made.SHARES}


def test_a_condition_that_looks_back_stands_alone():
    written = f"sum(x{clauses.where('previous(x) > 1')})"
    beside = clauses.Clauses(conditions=("paid",))

    assert clauses.UNLIKE in clauses.plain(written, beside)
    assert clauses.plain(written, clauses.Clauses()) == "sum(x where (previous(x) > 1))"
    assert clauses.UNLIKE not in clauses.plain(f"sum(previous(x){clauses.where('x > 1')})", beside)
