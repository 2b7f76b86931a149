"""Targets of ``featc.toml``: what they may say, and that all of it is heeded."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from shop import TEXT, compiled, run, shop

from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.ir.program import Origin
from featdsl.project.config import Config
from featdsl.project.load import Project, load_project
from featdsl.project.read_config import read_config
from featdsl.runs.execute import places_of, profile_of
from featdsl.text.sources import SourceSet

SCHEMA = Path(__file__).parents[1] / "docs" / "schemas" / "featc-toml.schema.json"
SETTINGS = '[project]\nname = "shop"\n'


def mistakes(text: str) -> list[tuple[str, str, str]]:
    """Code, place and message of what is wrong in a target."""
    problems = Problems()
    read_config(SETTINGS + text, "fallback", problems)
    texts = SourceSet.of({"featc.toml": SETTINGS + text})
    return [
        (d.code.id, texts.where(d.primary.span) if d.primary else "", d.message)
        for d in problems.sorted()
    ]


def told(loaded: Project) -> list[tuple[str, str]]:
    return [(d.code.id, d.message) for d in loaded.problems.items]


def test_the_published_schema_is_that_of_the_settings() -> None:
    text = json.dumps(Config.model_json_schema(), indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('engine = "spark"', 'must be "duckdb"'),
        ("memory_limit = 4", 'must be text in quotes (`"…"`)'),
        ('temp_limit = "much"', 'must be an amount such as "4GB"'),
        ('query_timeout = "0s"', 'must be a time such as "90s", "15m" or "2h"'),
        ("query_timeout = 90", 'must be a time such as "90s", "15m" or "2h"'),
        ("cost_per_tb = -1", "must be a number from 0 on"),
        ("cost_per_tb = nan", "must be a number from 0 on"),
        ("cost_per_hour = inf", "must be a number from 0 on"),
        ("cost_per_hour = true", "must be a number, such as 5.00"),
        ('schema = "x; DROP"', "must be the name of a schema: lower-case letters, digits and `_`"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(line: str, what: str) -> None:
    key, _, value = line.partition(" = ")
    column = len(key) + 4

    assert mistakes(f"[targets.prod]\n{line}\n") == [
        ("FD0604", f"featc.toml:4:{column}", f"`targets.prod.{key}` in featc.toml {what}")
    ]
    assert value


def test_a_misspelt_key_of_a_target_has_the_nearest_one() -> None:
    problems = Problems()
    read_config(SETTINGS + '[targets.prod]\nshema = "x"\n', "fallback", problems)

    (found,) = problems.items
    assert (found.code.id, found.helps) == ("FD0603", ("did you mean `schema`?",))


@pytest.mark.parametrize(
    "value",
    ["/srv/prod", "../prod", "a/../../prod", ".", "", "~/prod", ".git/x", "a/.hidden", "a\\b",
     "s3://bucket/prod", "file:///srv", "a\nb"],
)  # fmt: skip
def test_a_location_elsewhere_is_refused(value: str) -> None:
    (found,) = mistakes(f"[targets.prod]\nlocation = {json.dumps(value)}\n")

    assert found[:2] == ("FD0860", "featc.toml:4:12")


def test_a_location_in_a_store_of_objects_is_said_to_be_not_yet_supported() -> None:
    (found,) = mistakes('[targets.prod]\nlocation = "s3://bucket/prod"\n')

    assert "not yet supported" in found[2]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ('[targets.prod]\nlocation = "data/prod"\n', "overlaps with `data_dir` (`data`)"),
        ('[targets.prod]\nlocation = "target"\n', "overlaps with `target_dir` (`target`)"),
        ('[targets.prod]\nlocation = "target/prod"\n', "overlaps with `target_dir` (`target`)"),
        ('[targets.prod]\nlocation = "files"\n', "has files that featc did not write"),
        ('[targets.prod]\nlocation = "notes.md"\n', "is a file"),
        ('[targets.prod]\nlocation = "link"\n', "leads out of the project"),
        ('[targets.prod]\nlocation = "to_data"\n', "overlaps with `data_dir` (`data`)"),
        ('[targets.prod]\nlocation = "link/inner"\n', "leads out of the project"),
        (
            '[targets.prod]\nlocation = "out/a"\n[targets.dev]\nlocation = "out"\n',
            "lies in that of the target `dev`",
        ),
    ],
)
def test_a_location_that_somebody_else_has_is_refused_and_no_other_is_taken(
    tmp_path: Path, settings: str, why: str
) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    shop(root, settings=settings)
    (root / "data").mkdir(exist_ok=True)
    (root / "files").mkdir()
    (root / "files" / "thesis.txt").write_text("mine")
    (root / "notes.md").write_text("mine")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "to_data").symlink_to(root / "data")

    loaded = load_project(root, target="prod")

    assert told(loaded) == [("FD0860", f"`targets.prod.location` in featc.toml {why}")]
    # Commands that compile nothing look at no problems: they must not work elsewhere either.
    with pytest.raises(Failure, match="location"):
        _ = loaded.target_dir


def test_a_location_of_a_wrong_type_is_not_taken_for_none(tmp_path: Path) -> None:
    loaded = shop(tmp_path, settings="[targets.dev]\nlocation = 3\n")

    with pytest.raises(Failure, match="location"):
        _ = loaded.target_dir


def test_a_run_writes_into_the_location_and_nowhere_else(tmp_path: Path) -> None:
    shop(tmp_path, settings='[targets.prod]\nlocation = "published/prod"\n')
    prod = load_project(tmp_path, target="prod")

    assert run(prod).ok

    assert (tmp_path / "published" / "prod" / "catalog.sqlite").is_file()
    assert not (tmp_path / "target").exists()
    # The folder is featc's from then on.
    assert told(load_project(tmp_path, target="prod")) == []


def test_targets_may_share_a_location(tmp_path: Path) -> None:
    settings = '[targets.a]\nlocation = "out"\n[targets.b]\nlocation = "out"\n'

    assert told(shop(tmp_path, settings=settings)) == []


def test_limits_are_those_of_the_session(tmp_path: Path) -> None:
    settings = (
        '[targets.dev]\nthreads = 2\nmemory_limit = "1GB"\ntemp_limit = "5GB"\n'
        'query_timeout = "15m"\n'
    )
    project = shop(tmp_path, settings=settings)

    profile = profile_of(project, places_of(project, compiled(project).program), None)

    assert (profile.threads, profile.memory_bytes) == (2, 10**9)
    assert (profile.max_spill_bytes, profile.timeout_seconds) == (5 * 10**9, 900.0)


def test_costs_keep_their_digits() -> None:
    text = SETTINGS + "[targets.dev]\ncost_per_tb = 5\ncost_per_hour = 0.10\n"

    target = read_config(text, "fallback", Problems()).targets["dev"]

    assert (target.cost_per_tb, target.cost_per_hour) == (Decimal(5), Decimal("0.10"))


def test_a_parameter_is_read_from_the_environment_in_its_own_type(tmp_path: Path) -> None:
    text = TEXT.format(
        location='csv "orders.csv"', amount="decimal(12, 2)", more="", features=""
    ).replace("entity", "param most: decimal(12, 2)\n\nentity", 1)
    shop(tmp_path, text=text, settings="[targets.dev.params]\nmost = 'env(\"MOST\")'\n")

    loaded = load_project(tmp_path, environment={"MOST": "20.50"})

    parameter = compiled(loaded).program.params["shop.most"]
    assert (parameter.value, parameter.origin) == (Decimal("20.50"), Origin.ENVIRONMENT)


def test_a_variable_that_is_not_there_is_an_error_but_where_the_value_is_given(
    tmp_path: Path,
) -> None:
    shop(tmp_path, settings="[targets.dev.params]\nmost = 'env(\"MOST\")'\n")

    assert told(load_project(tmp_path, environment={})) == [
        ("FD0862", "the environment has no variable `MOST`, which `most` is set to")
    ]
    assert told(load_project(tmp_path, environment={}, params=["most=1"])) == []


@pytest.mark.parametrize("value", ["'env(MOST)'", "'env(\"MO ST\")'", "['env(\"MOST\")']"])
def test_what_only_looks_like_a_reference_is_refused(value: str) -> None:
    (found,) = mistakes(f"[targets.dev.params]\nmost = {value}\n")

    assert found[:2] == ("FD0604", "featc.toml:4:8")
    assert "env" in found[2]


def test_the_value_of_a_secret_may_not_be_written(tmp_path: Path) -> None:
    text = TEXT.format(
        location='csv "orders.csv"', amount="decimal(12, 2)", more="", features=""
    ).replace("entity", "secret param pin: text\n\nentity", 1)
    shop(tmp_path, text=text, settings='[targets.dev.params]\npin = "1234567"\n')

    project = load_project(tmp_path)
    diagnostics = compile_project(project.texts, project.options).diagnostics
    found = [d for d in diagnostics if d.code.id == "FD0861"]

    assert [d.message for d in found] == ["the value of the secret `pin` stands in featc.toml"]
    assert "1234567" not in str(found)
