"""Every planted bug is caught: so would be one that nobody planted."""

from __future__ import annotations

from time import process_time

import pytest

from tests.harness.lanes import LANE, SHARDS
from tests.harness.planted.bugs import BUGS
from tests.harness.planted.drawn import ROOT, table
from tests.harness.planted.drawn import read as drawn_mutants
from tests.harness.planted.hunt import hunt, known_seeds

LEAST = 60
"""That the lane of `.ci/run` catches, whatever the box leaves time for."""
BOX = 120
"""Of all shards each, of the processor; their seeds take a tenth of it."""
SECONDS = 20
"""For a bug whose seed does not catch it any more, as a change of the generator makes others."""
MOST_MISSED = 0.1
"""Of those that were looked for."""

KNOWN = known_seeds()
CAUGHT = [b for b in BUGS if b.name in KNOWN]
FEW = CAUGHT[::10]
"""Plain pytest plants these."""


def test_enough_bugs_have_been_caught():
    print("not caught:", [b.name for b in BUGS if b not in CAUGHT])
    assert len(CAUGHT) >= LEAST


@pytest.mark.skipif(LANE == "ci", reason="the lane of .ci/run plants all")
@pytest.mark.parametrize("bug", FEW, ids=lambda b: b.name)
def test_it_is_caught(bug):
    assert hunt(bug, SECONDS) is not None, f"{bug} is not caught"


@pytest.mark.skipif(LANE == "plain", reason="takes a minute: the lane of .ci/run plants all")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_planted_bugs_are_caught(shard):
    begun = process_time()
    caught, missed = [], []
    for bug in CAUGHT[shard::SHARDS]:
        left = BOX - (process_time() - begun)
        if left <= 0:
            break
        (missed if hunt(bug, min(SECONDS, left)) is None else caught).append(bug.name)
    print(f"caught {len(caught)} in {process_time() - begun:.0f} s, missed: {missed}")
    assert len(caught) >= LEAST / SHARDS
    assert len(missed) <= MOST_MISSED * (len(caught) + len(missed))


def test_every_drawn_mutant_is_accounted_for():
    drawn = drawn_mutants()
    assert len(drawn) == 40
    changing = [d for d in drawn if not d.equal]
    assert sum(d.caught for d in changing) >= 0.9 * len(changing)
    assert table(drawn) in (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
