"""Reference projects on Postgres: every cell as in DuckDB."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from featdsl.compiler.pipeline import compile_project
from featdsl.project.load import load_project
from tests.dialects.two_engines import Engines, differing, engines
from tests.independent.adapter import copy_project

pytestmark = pytest.mark.engine

TIMES = [datetime(2026, 10, 1), datetime(2026, 8, 15, 13, 30), datetime(2026, 6, 1)]


@pytest.fixture(scope="module")
def quickstart(postgres, tmp_path_factory):
    folder = copy_project("quickstart", tmp_path_factory.mktemp("quickstart"))
    with engines(folder, postgres, "shop") as found:
        yield found


def declared(project: str):
    """The program of a reference project."""
    loaded = load_project(Path(__file__).parents[2] / "features" / project)
    return compile_project(loaded.texts, loaded.options).program


QUICKSTART = declared("quickstart")


@pytest.mark.parametrize("as_of", TIMES, ids=str)
@pytest.mark.parametrize("group", QUICKSTART.groups)
def test_a_group_of_the_quickstart_is_the_same(quickstart: Engines, group: str, as_of: datetime):
    here, there = quickstart.group(group, as_of)

    assert here or as_of == TIMES[-1]
    assert differing(here, there) == []


@pytest.mark.parametrize("dataset", QUICKSTART.datasets)
def test_a_training_set_of_the_quickstart_is_the_same(quickstart: Engines, dataset: str):
    here, there = quickstart.dataset(dataset)

    assert len(here) > 100
    assert differing(here, there) == []
