"""Every failure of the past, first."""

from __future__ import annotations

import pytest

from tests.harness import values
from tests.harness.case import compiled
from tests.harness.checks import check
from tests.harness.corpus_files import corpus, read, written
from tests.harness.engine import Engine
from tests.harness.tally import Tally

CASES = dict(corpus())
LEAST = 20


@pytest.mark.parametrize("name", CASES)
def test_it_does_not_come_back(name):
    assert check(CASES[name]) == []


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case.check == "values"])
def test_it_is_not_left_out(name):
    case, tally = CASES[name], Tally()
    values.differences(compiled(case.text, case.zone), Engine(), case, tally)
    assert tally.agreed and tally.cells


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_as_it_was_written(name):
    assert read(written(CASES[name])) == CASES[name]


def test_the_past_is_kept():
    assert len(CASES) >= LEAST
