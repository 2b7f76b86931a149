"""Data sets, inputs and expectations that are made up: every construct of them often enough."""

from __future__ import annotations

import pytest

from tests.harness.asking import datasets, made, maker
from tests.harness.asking.expect import Expecting
from tests.harness.asking.made import DATASETS, EXPECTATIONS, LEAST_EXPECTED


def test_every_construct_of_data_sets_is_made():
    assert made.missing(DATASETS, made.projects()) == []


def test_every_construct_of_expectations_is_made():
    assert made.missing(EXPECTATIONS, made.expected(), LEAST_EXPECTED) == []


_asked = maker.Asking.asked
WEAK = {
    "labels": lambda patch: patch.setattr(maker.Asking, "ahead", lambda m, entity: None),
    "inputs in conditions": lambda patch: patch.setattr(
        maker.AskedCaller, "call", maker.Caller.call
    ),
    "grids": lambda patch: patch.setattr(maker.Asking, "population", lambda m, *_: None),
    "lists and maps as inputs": lambda patch: patch.setattr(maker, "_NESTED", ("int",)),
    "many parts": lambda patch: patch.setattr(datasets.Writing, "split", lambda d: []),
    "views as spines": lambda patch: patch.setattr(
        maker.Asking, "asked", lambda m, e: _asked(m, e).replace("_some", "")
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weaker_generator_of_data_sets_is_noticed(name, monkeypatch):
    WEAK[name](monkeypatch)
    assert name in made.missing(DATASETS, made.projects())


@pytest.mark.parametrize("name", ["drift", "unique", "freshness"])
def test_a_weaker_generator_of_expectations_is_noticed(name, monkeypatch):
    monkeypatch.setattr(Expecting, name, lambda e: None)
    assert name in made.missing(EXPECTATIONS, made.expected(10), LEAST_EXPECTED)
