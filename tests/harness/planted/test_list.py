"""What is planted is of many kinds, is there, and has all mistakes that are known."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.harness.planted.bugs import BUGS
from tests.harness.planted.drawn import ROOT
from tests.harness.planted.hunt import known_seeds
from tests.harness.planted.mistakes import KNOWN, SORTS
from tests.harness.planted.plant import planted

MOST_OF_A_KIND = 3
FUNCTIONS = 20
PACKAGES = ("semantics", "planning", "lowering", "aggregates")
NAMES = {b.name for b in BUGS}


def functions_changed() -> set[str]:
    found: set[str] = set()
    for bug in BUGS:
        if bug.module.partition(".")[0] in PACKAGES:
            with planted(bug) as functions:
                found.update(f"{bug.module}.{f}" for f in functions)
    return found


def mistakes_told() -> list[str]:
    """The sentences of the list of others' mistakes."""
    text = (ROOT / "docs" / "language" / "semantics.md").read_text(encoding="utf-8")
    listed = text.partition("## Mistakes of others that tests guard against\n")[2]
    items = [line.removeprefix("- ") for line in listed.partition("\n## ")[0].splitlines()]
    return [s for i in items if i for s in re.split(r"(?<=[.)]) (?=[A-Z`])", i)]


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.name)
def test_it_changes_a_function(bug):
    """Its text is there, and what it makes of it is other code."""
    with planted(bug) as functions:
        assert functions


def test_names_and_changes_are_different():
    assert len(NAMES) == len(BUGS)
    assert len({(b.module, b.old, b.new) for b in BUGS}) == len(BUGS)


def test_few_are_of_a_kind():
    kinds = Counter(b.kind for b in BUGS)
    assert {k: n for k, n in kinds.items() if n > MOST_OF_A_KIND} == {}


def test_many_functions_are_changed():
    changed = functions_changed()
    assert len(changed) >= FUNCTIONS
    assert {f.partition(".")[0] for f in changed} == set(PACKAGES)


def test_every_known_mistake_is_planted():
    told = mistakes_told()
    assert len(told) >= 15
    assert [s for s in told if not any(words in s for words in KNOWN)] == []
    assert [words for words in KNOWN if not any(words in s for s in told)] == []
    assert {b for bugs in (*KNOWN.values(), *SORTS.values()) for b in bugs} - NAMES == set()
    assert all((*KNOWN.values(), *SORTS.values()))


def test_seeds_are_of_bugs():
    assert set(known_seeds()) - NAMES == set()
