"""Features that rest on an input, in training sets over rows made by chance: SQL and the oracle."""

from __future__ import annotations

from pathlib import Path
from random import Random

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.training import training_query
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.reference.stop import Stopped
from featdsl.text.sources import SourceSet
from tests.harness.compare import same
from tests.harness.engine import Engine
from tests.reference.made import Maker
from tests.support.seeds import first_seed

TEXT = (Path(__file__).parent / "programs" / "inputs.feat").read_text("utf-8")
OPTIONS = Options(
    project="project",
    lint=dict.fromkeys(("missing-description", "missing-owner", "untested-feature"), "off"),
)
DATASET = "project.d"


def test_sql_and_the_oracle_agree_on_what_rests_on_an_input():
    program = compile_project(SourceSet.of({"t.feat": TEXT}), OPTIONS).program
    columns = program.datasets[DATASET].columns
    engine, seed, known = Engine(), first_seed(), 0
    print(f"seed {seed}")
    for n in range(seed, seed + 12):
        stored = Maker(Random(n), program).stored(12)
        for i, row in enumerate(stored["project.asked"]):
            row["row"] = i
        try:
            wanted = training_rows(Oracle(program, stored), DATASET)
        except Stopped:
            continue
        engine.load(program, stored)
        query = training_query(program, DATASET, scans=engine.scans)
        names = query.named_selects
        found = {row[0]: dict(zip(names, row, strict=True)) for row in engine.rows(query)}
        assert len(found) == len(wanted)
        for row in wanted:
            for column in columns:
                expected = row.values[column.name]
                actual = found[row.values["row"]][column.name]
                feature = program.feature(column.feature)
                assert same(expected, actual, feature), (n, row, column.name, expected, actual)
                known += expected is not None and column.name != "n"
    assert known > 50
