"""A failure is made small, and is read again as it was written."""

from __future__ import annotations

from tests.harness import values
from tests.harness.corpus_files import read, written
from tests.harness.engine import Engine
from tests.harness.planted.bugs import BUGS
from tests.harness.planted.plant import planted
from tests.harness.reduce import reduced
from tests.harness.tally import Tally

SECONDS = 15


def rows(case) -> int:
    return sum(map(len, case.stored.values()))


def test_a_failure_becomes_a_few_rows_and_lines():
    bug = next(b for b in BUGS if b.name == "a null key is somebody")
    with planted(bug):
        found = (values.trial(seed, Tally(), Engine()) for seed in range(1, 60))
        case = next(c for c in found if c is not None)
        small = reduced(case, values.check, SECONDS)

        assert values.check(small)
        assert rows(small) < rows(case) / 4
        assert len(small.text) < len(case.text)
    assert values.check(small) == []
    assert read(written(small)) == small
