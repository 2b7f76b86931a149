"""Every failure of the past, first."""

from __future__ import annotations

import pytest

from tests.harness.checks import check
from tests.harness.corpus_files import corpus, read, written

CASES = dict(corpus())


@pytest.mark.parametrize("name", CASES)
def test_it_does_not_come_back(name):
    assert check(CASES[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_as_it_was_written(name):
    assert read(written(CASES[name])) == CASES[name]
