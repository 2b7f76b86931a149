"""Every planted bug is caught: so would be one that nobody planted."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.harness.lanes import LANE
from tests.harness.planted.bugs import BUGS
from tests.harness.planted.drawn import ROOT, table
from tests.harness.planted.drawn import read as drawn_mutants
from tests.harness.planted.hunt import hunt, known_seeds
from tests.harness.planted.plant import Gone, planted

LEAST = 60
"""That are there and caught; a change of the compiler may take the place of some away."""
SECONDS = 60
"""For a bug whose seed does not catch it any more, of the processor."""
MOST_MISSED = 0.25
"""Of the bugs that show seldom, whose seeds a change of the generator makes others of."""

KNOWN = known_seeds()
CAUGHT = [b for b in BUGS if b.name in KNOWN]
OFTEN = [b for b in CAUGHT if max(KNOWN[b.name].values()) <= 13]
SELDOM = [b for b in CAUGHT if b not in OFTEN]
PLANTED = {"plain": OFTEN[::8], "ci": OFTEN}[LANE]
"""Plain pytest plants a few."""


def is_there(bug) -> bool:
    try:
        with planted(bug):
            return True
    except Gone:
        return False


def test_enough_bugs_are_there():
    there = [b for b in BUGS if is_there(b)]
    print("gone:", [b.name for b in BUGS if b not in there])
    assert len({b.name for b in BUGS}) == len(BUGS)
    assert sum(b in CAUGHT for b in there) >= LEAST


def test_bugs_are_of_many_kinds():
    assert len(Counter(b.module for b in CAUGHT)) >= 12


@pytest.mark.parametrize("bug", PLANTED, ids=lambda b: b.name)
def test_it_is_caught(bug):
    if is_there(bug):
        assert hunt(bug, SECONDS) is not None, f"{bug} is not caught"


@pytest.mark.skipif(LANE == "plain", reason="takes minutes: the lane of .ci/run plants them")
def test_most_of_those_that_show_seldom_are_caught():
    there = [b for b in SELDOM if is_there(b)]
    missed = [b.name for b in there if hunt(b, SECONDS) is None]
    print(f"missed: {missed}")
    assert len(missed) <= MOST_MISSED * len(there)


def test_every_drawn_mutant_is_accounted_for():
    drawn = drawn_mutants()
    assert len(drawn) == 40
    changing = [d for d in drawn if not d.equal]
    assert sum(d.caught for d in changing) >= 0.9 * len(changing)
    assert table(drawn) in (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
