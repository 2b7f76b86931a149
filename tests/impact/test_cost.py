"""What a plan says of the cost of a run: worked out by hand, and against real runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from shop import shop

from featdsl.cli.main import run
from featdsl.impact.cost import estimate, past_runs
from featdsl.impact.report import Plan
from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data
from featdsl.store.record import (
    FeatureProfile,
    InputFile,
    InputUse,
    OutputUse,
    RunRecord,
    StageUse,
    Status,
    Versions,
)

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "schemas" / "plan.schema.json"
BEGUN = datetime(2026, 1, 1)


def record(seconds: float, stages: dict[str, float], *, size: int, groups: dict[str, int]):
    """A run that read so many bytes; groups with so many features have 10 rows each."""
    profile = {"dtype": "int", "rows": 10, "nulls": 0, "distinct": 1}
    return RunRecord(
        run="r",
        project="p",
        status=Status.SUCCEEDED,
        started=BEGUN,
        as_of=BEGUN,
        as_of_origin="here",
        seconds=seconds,
        stages=tuple(StageUse(name=n, seconds=s) for n, s in stages.items()),
        inputs=(
            InputUse(
                source="p.s",
                kind="csv",
                location="s.csv",
                rows=100,
                files=(InputFile(path="s.csv", bytes=size, sha256=""),),
            ),
        ),
        outputs=tuple(
            OutputUse(
                group=g,
                entity="p.e",
                version=1,
                format="parquet",
                rows=10,
                columns=(),
                fingerprint="",
                profile=tuple(FeatureProfile(feature=f"{g}.{i}", **profile) for i in range(n)),
            )
            for g, n in groups.items()
        ),
        versions=Versions(featc="", engine="", engine_version="", sqlglot="", python=""),
    )


STAGES = {"find": 4.0, "compute": 40.0, "profile": 16.0}


def test_the_same_run_takes_as_long_as_the_last_ones():
    past = [record(s, {"find": s}, size=100, groups={"g": 4}) for s in (9.0, 30.0, 10.0)]

    assert estimate(past, {"g": 4}, 100) == pytest.approx(10.0)
    assert estimate([], {"g": 4}, 100) is None


def test_a_part_of_it_takes_less_but_for_what_is_always_there():
    """100 bytes then, 50 now; one of two groups, with 1 feature of 4.

    62 s, of which 60 are stages, and of those 2 / 60 are there whatever is computed. The rest of
    each stage: find 1/2 of 4 s, compute 1/2 * 1/4 of 40 s, profile 10 cells of 40, of 16 s.
    """
    past = [record(62.0, STAGES, size=100, groups={"g": 1, "h": 3})]

    rest = 58 / 60 * (4 / 2 + 40 / 8 + 16 / 4)
    assert estimate(past, {"g": 1}, 50) == pytest.approx(2 + 2 + rest)


def test_more_data_take_longer_in_proportion():
    past = [record(62.0, STAGES, size=100, groups={"g": 1, "h": 3})]

    assert estimate(past, {"g": 1, "h": 3}, 300) == pytest.approx(2 + 3 * 4 + 3 * 40 + 16)


def test_the_published_schema_is_that_of_a_plan():
    schema = Plan.model_json_schema(mode="serialization")
    text = json.dumps(schema, indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == text


@dataclass
class Planner:
    folder: Path
    capfd: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> str:
        self.capfd.readouterr()
        run(["--project", str(self.folder), *arguments], clock=lambda: datetime.now(UTC))
        return self.capfd.readouterr().out


MORE = "features counts for customer from orders {\n  n = count()\n}\n"


def test_a_plan_says_what_a_run_reads_and_costs(tmp_path: Path, capfd):
    shop(tmp_path)
    project = Planner(tmp_path, capfd)
    settings = "[targets.dev]\ncost_per_tb = 5000000\ncost_per_hour = 36\n"
    (tmp_path / "featc.toml").write_text('[project]\nname = "shop"\n' + settings)
    first = Plan.model_validate_json(project("plan", "--json")).cost
    project("run", "--as-of", "2026-02-01")
    nothing = Plan.model_validate_json(project("plan", "--json")).cost
    text = tmp_path / "shop.feat"
    text.write_text(text.read_text() + MORE)
    cost = Plan.model_validate_json(project("plan", "--json")).cost
    newest = past_runs(tmp_path / "target", "dev")[0]

    size = sum(f.stat().st_size for f in tmp_path.glob("**/orders*.csv") if "target" not in f.parts)
    assert nothing is None
    assert first is not None and (first.seconds, first.runs, first.money) == (None, 0, None)
    assert cost is not None and newest.seconds is not None
    assert (cost.groups, cost.features) == (("shop.counts",), 1)
    assert [(s.source, s.files, s.bytes, s.rows) for s in cost.sources] == [
        ("shop.orders", 1, size, newest.inputs[0].rows)
    ]
    assert cost.seconds is not None and 0 < cost.seconds <= newest.seconds + 0.001
    assert cost.money is not None
    assert float(cost.money) == pytest.approx(
        5e6 * size / 1e12 + 36 * cost.seconds / 3600, abs=1e-4
    )
    shown = project("plan")
    assert "1 group with 1 feature to compute; 1 file of " in shown
    assert " by 1 earlier run; costs 0." in shown
    assert "by 1 earlier run" in project("plan", "--markdown")


@pytest.mark.study
def test_what_is_foretold_is_within_twice_of_what_it_takes(tmp_path: Path, capfd):
    """On `features/quickstart`, after three runs: of all, and of its larger group."""
    folder = tmp_path / "quickstart"
    copytree(ROOT / "features" / "quickstart", folder)
    prepare_data(load_project(folder))
    project = Planner(folder, capfd)
    text = folder / "features.feat"
    for _ in range(3):
        project("run")
    text.write_text(text.read_text().replace("over 90d {", "over 91d {", 1))
    cost = Plan.model_validate_json(project("plan", "--json")).cost
    assert cost is not None and cost.seconds is not None
    project("run", *cost.groups)
    took = past_runs(folder / "target", "dev")[0].seconds
    assert took is not None
    with capfd.disabled():
        print(f"\n{', '.join(cost.groups)}: {cost.seconds:.2f} s foretold, {took:.2f} s taken")
    assert 0.5 <= cost.seconds / took <= 2
