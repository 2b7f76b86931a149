"""Training sets over the rows of views, made by chance: SQL and the oracle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.training import training_query
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.reference.stop import Stopped
from featdsl.text.sources import SourceSet
from tests.harness.engine import Engine
from tests.reference.made import Maker
from tests.support.seeds import first_seed

PROGRAMS = Path(__file__).parent / "programs"
LINT = dict.fromkeys(("missing-description", "missing-owner", "untested-feature"), "off")


@pytest.mark.parametrize("name", ["own_spines", "asked_ahead"])
def test_sql_and_the_oracle_agree_on_rows_of_views(name: str) -> None:
    text = (PROGRAMS / f"{name}.feat").read_text("utf-8")
    compiled = compile_project(SourceSet.of({"t.feat": text}), Options(project="p", lint=LINT))
    assert compiled.ok, compiled.diagnostics
    program = compiled.program
    engine, seed = Engine(), first_seed()
    known: Counter[str] = Counter()
    print(f"seed {seed}")
    for n in range(seed, seed + 12):
        stored = Maker(Random(n), program).stored(10)
        engine.load(program, stored)
        for dataset in program.datasets:
            try:
                wanted = training_rows(Oracle(program, stored), dataset)
            except Stopped:
                continue
            query = training_query(program, dataset, scans=engine.scans)
            names = query.named_selects
            found = sorted(
                (dict(zip(names, row, strict=True)) for row in engine.rows(query)), key=_place
            )
            expected = sorted((row.values for row in wanted), key=_place)
            assert len(found) == len(expected), (n, dataset)
            for want, got in zip(expected, found, strict=True):
                assert _plain(want) == _plain(got), (n, dataset, stored)
                known[dataset] += sum(v is not None for v in want.values())
    assert all(known[d] > 50 for d in program.datasets), known


def _plain(row):
    return {n: round(float(v), 6) if isinstance(v, float) else v for n, v in row.items()}


def _place(row):
    return [(v is not None, str(v)) for _, v in sorted(row.items())]
