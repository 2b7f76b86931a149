"""`featc run`, `preview`, `test`, `docs`, `check --run`: on the quickstart's data."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from featdsl.store.record import RunRecord, Status
from tests.cli.conftest import Featc

HERO = "17826162"


def published(folder: Path) -> list[str]:
    """Published files; what runs keep beside them is left out."""
    data = folder / "data"
    return sorted(p.relative_to(data).as_posix() for p in data.rglob("values.*"))


def records(project: Path) -> list[RunRecord]:
    paths = sorted((project / "target" / "runs").glob("*.json"))
    return [RunRecord.model_validate_json(p.read_bytes()) for p in paths]


# run


def test_a_run_says_its_as_of_time_first_and_its_outputs_last(
    featc: Featc, quickstart: Path
) -> None:
    result = featc("run", cwd=quickstart)

    lines = result.out.splitlines()
    assert result.status == 0, result.err
    assert lines[0] == "as of 2026-10-01 00:00 UTC (featc.toml)"
    assert lines[2].split() == ["group", "rows", "columns", "nulls", "size"]
    assert [line.split()[0] for line in lines[4:6]] == ["retail.spend", "retail.profile"]
    assert lines[-2].startswith("  files   target/data/*/v1/")
    assert (quickstart / lines[-1].split()[-1]).is_file()


def test_the_record_keeps_where_the_as_of_time_came_from(featc: Featc, quickstart: Path) -> None:
    featc("run", "profile", cwd=quickstart)
    featc("run", "profile", "--as-of", "2026-09-01T00:00:00+02:00", cwd=quickstart)
    settings = (quickstart / "featc.toml").read_text()
    (quickstart / "featc.toml").write_text(
        "\n".join(line for line in settings.splitlines() if not line.startswith("as_of"))
    )
    featc("run", "profile", cwd=quickstart)

    assert [(f"{r.as_of:%Y-%m-%d %H:%M}", r.as_of_origin) for r in records(quickstart)] == [
        ("2026-10-01 00:00", "featc.toml"),
        ("2026-08-31 22:00", "command line"),
        ("2026-11-22 00:00", "default: today 00:00 UTC"),
    ]


def test_a_parameter_of_the_command_line_changes_values_and_is_recorded(
    featc: Featc, quickstart: Path
) -> None:
    featc("run", "premium_txn_share", "--param", "premium_floor=100000", cwd=quickstart)

    (record,) = records(quickstart)
    assert [(p.name, p.value, p.origin) for p in record.parameters] == [
        ("retail.premium_floor", "100000.00", "command line")
    ]
    assert record.outputs[0].profile[0].maximum == 0


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_run_writes_the_format_that_is_asked_for(
    featc: Featc, quickstart: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "values"
    result = featc("run", "profile", "--out", out, "--format", kind, cwd=quickstart)

    assert result.status == 0, result.err
    assert [Path(name).suffix for name in published(out)] == [f".{kind}"]
    if kind == "csv":
        with (out / "data" / published(out)[0]).open() as file:
            assert next(csv.reader(file)) == ["customer_id", "city", "tenure_days"]


def test_the_record_is_in_the_last_line_of_json(featc: Featc, quickstart: Path) -> None:
    result = featc("run", "profile", "--json", cwd=quickstart)

    assert RunRecord.model_validate(result.events[-1]["record"]) == records(quickstart)[0]


def test_an_unknown_format_is_a_usage_error(featc: Featc, quickstart: Path) -> None:
    assert featc("run", "--format", "xlsx", cwd=quickstart).status == 2


def test_a_failing_check_stops_the_publishing_and_the_last_version_stays(
    featc: Featc, quickstart: Path
) -> None:
    featc("run", cwd=quickstart)
    before = published(quickstart / "target")
    text = (quickstart / "retail.feat").read_text()
    (quickstart / "retail.feat").write_text(text.replace("rows() > 0", "rows() > 1000000"))

    result = featc("run", cwd=quickstart)

    assert result.status == 1
    assert len(result.errors) == 1
    assert "--> retail.feat:" in result.err
    assert published(quickstart / "target") == before
    assert [r.status for r in records(quickstart)] == [Status.SUCCEEDED, Status.FAILED]


@pytest.mark.parametrize("command", ["run", "preview"])
def test_missing_data_are_told_with_how_to_make_them(
    featc: Featc, quickstart: Path, command: str
) -> None:
    shutil.rmtree(quickstart / "data")

    result = featc(command, "profile", cwd=quickstart)

    assert result.status == 1
    assert [e[6:12] for e in result.errors] == ["FD0701"]
    assert "`featc prepare` makes this project's data" in result.err
    assert not (quickstart / "target" / "data").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty", b""),
        ("ragged", b"customer_id,city,joined_at,from_ts,to_ts\n1,a\n2,b,2020-01-01,2020-01-01\n"),
        ("no column", b"customer_id,city,joined_at,to_ts\n1,a,2020-01-01,\n"),
        ("wrong type", b"customer_id,city,joined_at,from_ts,to_ts\nx,a,2020-01-01,2020-01-01,\n"),
        ("null key", b"customer_id,city,joined_at,from_ts,to_ts\n,a,2020-01-01,2020-01-01,\n"),
        (
            "twice",
            b"customer_id,city,joined_at,from_ts,to_ts\n"
            b"1,a,2020-01-01,2020-01-01,\n1,b,2020-01-01,2020-01-01,\n",
        ),
        ("binary", b"\x00\x01\x02PAR1"),
        ("latin", b"customer_id,city,joined_at,from_ts,to_ts\n1,\xe9,2020-01-01,2020-01-01,\n"),
    ],
)
def test_data_that_are_not_as_declared_stop_a_run_before_anything_is_written(
    featc: Featc, quickstart: Path, name: str, content: bytes
) -> None:
    (quickstart / "data" / "customers.csv").write_bytes(content)

    result = featc("run", "profile", cwd=quickstart)

    assert result.status == 1
    assert result.errors, name
    assert "customers" in result.err
    assert not list((quickstart / "target").rglob("values.*"))


def test_an_output_below_a_file_is_one_error(featc: Featc, quickstart: Path) -> None:
    (quickstart / "file").write_text("")

    result = featc("run", "profile", "--out", "file/values", cwd=quickstart)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "help:" in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_output_stream_is_one_error(quickstart: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "featdsl.cli.main", "explain"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("seconds", [0.3, 0.9, 1.5, 2.2])
def test_an_interrupted_run_publishes_nothing_or_everything(
    quickstart: Path, seconds: float
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "featdsl.cli.main", "run"],
        cwd=quickstart,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    time.sleep(seconds)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)

    assert "Traceback" not in err
    assert child.returncode in (0, 130)
    if child.returncode == 130:
        assert err.splitlines()[-1] == "interrupted"
    sets = {name.split("/")[0] for name in published(quickstart / "target")}
    assert len(sets) in (0, 2)
    assert not list((quickstart / "target").rglob("*.featc-tmp"))


# preview


def test_a_preview_shows_values_and_their_range(featc: Featc, quickstart: Path) -> None:
    result = featc("preview", "spend.premium_txn_share", "--limit", "3", cwd=quickstart)

    lines = result.out.splitlines()
    assert (result.status, result.err) == (0, "")
    assert lines[:3] == [
        "retail.spend.premium_txn_share  float, ratio",
        "Share of the customer's lines that are premium.",
        "as of 2026-10-01 00:00 UTC (featc.toml)",
    ]
    assert lines[4].split() == ["customer_id", "premium_txn_share"]
    assert len(lines[6:9]) == 3
    assert lines[10].startswith("3 of 289 rows")
    assert "null" in lines[11]


def test_a_long_value_is_cut_for_people_and_whole_in_json(featc: Featc, shop: Path) -> None:
    long = "very " * 100
    (shop / "data").mkdir()
    (shop / "data" / "cards.csv").write_text(f"customer_id,city\n1,{long}\n")
    (shop / "shop.feat").write_text(
        "namespace shop\n"
        "entity customer { key customer_id: int }\n"
        'source cards { from csv "cards.csv"  key customer_id  entity customer\n'
        "  columns { customer_id: int required  city: text } }\n"
        "features profile for customer from cards { city = city }\n"
    )

    text = featc("preview", "city", cwd=shop)
    data = featc("preview", "city", "--json", cwd=shop)

    assert max(map(len, text.out.splitlines())) < 100
    assert "very very…\n" in text.out
    assert data.json["rows"][0]["values"] == {"city": long}


def test_the_talks_customer_has_the_talks_values(featc: Featc, quickstart: Path) -> None:
    values = {}
    for name in ("premium_txn_share", "imported_spend_share"):
        found = featc("preview", name, "--key", HERO, "--json", cwd=quickstart).json
        values |= found["rows"][0]["values"]

    assert values == {"premium_txn_share": 0.15, "imported_spend_share": 0.05}


def test_a_preview_has_the_values_of_a_run(featc: Featc, quickstart: Path, tmp_path: Path) -> None:
    found = featc("preview", "spend", "--limit", "1000", "--json", cwd=quickstart).json
    featc("run", "spend", "--out", tmp_path / "o", "--format", "jsonl", cwd=quickstart)
    (name,) = published(tmp_path / "o")
    lines = (tmp_path / "o" / "data" / name).read_text().splitlines()
    run = {row.pop("customer_id"): row for row in map(json.loads, lines)}

    def plain(value: object) -> object:
        return float(value) if isinstance(value, str) and value[:1].isdigit() else value

    seen = {
        row["key"]["customer_id"]: {k: plain(v) for k, v in row["values"].items()}
        for row in found["rows"]
    }
    assert seen == run


def test_a_key_that_does_not_exist_is_told(featc: Featc, quickstart: Path) -> None:
    result = featc("preview", "profile.city", "--key", "1", "--key", HERO, cwd=quickstart)

    assert result.status == 0
    assert "there is no customer_id 1 at the as-of time\n" in result.out
    assert HERO in result.out


@pytest.mark.parametrize("key", ["x", "1.5", "a=1", "customer_id=x"])
def test_a_key_of_the_wrong_type_is_a_usage_error(featc: Featc, quickstart: Path, key: str) -> None:
    result = featc("preview", "profile.city", "--key", key, cwd=quickstart)

    assert (result.status, len(result.errors)) == (2, 1)


def test_many_features_are_shown_downwards_on_a_narrow_terminal(
    featc: Featc, quickstart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    featc("version")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = featc("preview", "spend", "--no-color", cwd=quickstart).out

    rows = [line for line in out.splitlines() if line.startswith("spend_7d")]
    assert len(rows) == 1
    assert max(map(len, out.splitlines())) <= 80


def test_a_preview_keeps_nothing(featc: Featc, quickstart: Path) -> None:
    featc("preview", "profile.city", cwd=quickstart)

    assert not (quickstart / "target" / "data").exists()
    assert not (quickstart / "target" / "runs").exists()


def test_an_unknown_feature_is_one_error_with_the_nearest(featc: Featc, quickstart: Path) -> None:
    result = featc("preview", "premium_txn_shar", cwd=quickstart)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "did you mean `premium_txn_share`?" in result.err


# test


def test_tests_that_pass_are_ticked(featc: Featc, quickstart: Path) -> None:
    result = featc("test", cwd=quickstart)

    lines = result.out.splitlines()
    assert result.status == 0
    assert all(line.startswith("✓ ") for line in lines)
    assert lines[-1].startswith("✓ 5 tests passed, 19 values compared")


def test_a_test_that_fails_shows_each_cell_that_differs(featc: Featc, quickstart: Path) -> None:
    text = (quickstart / "tests.feat").read_text()
    (quickstart / "tests.feat").write_text(text.replace("| 910.00   |", "| 911.00   |"))

    result = featc("test", "the share counts", cwd=quickstart)
    found = featc("test", "the share counts", "--json", cwd=quickstart).json

    assert result.status == 1
    assert [line.split()[-3:] for line in result.out.splitlines() if "spend_7d" in line] == [
        ["spend_7d", "911.00", "910.00"]
    ]
    assert found["tests"][0]["differences"] == [
        {
            "what": "value",
            "group": "retail.spend",
            "dataset": None,
            "row": None,
            "key": {"customer_id": "1"},
            "as_of": "2026-01-03T00:00:00Z",
            "feature": "spend_7d",
            "expected": "911.00",
            "actual": "910.00",
        }
    ]


def test_tests_are_chosen_by_title_and_by_feature(featc: Featc, quickstart: Path) -> None:
    by_title = featc("test", "two customers", "--json", cwd=quickstart).json
    by_feature = featc("test", "weekly_ratio", "--json", cwd=quickstart).json

    titles = [[t["title"] for t in found["tests"]] for found in (by_title, by_feature)]
    assert titles == [["two customers do not share rows"]] * 2


@pytest.mark.parametrize("selector", ["no such title", "margin_90d"])
def test_tests_that_are_not_there_are_one_error(
    featc: Featc, quickstart: Path, selector: str
) -> None:
    result = featc("test", selector, cwd=quickstart)

    assert (result.status, len(result.errors)) == (1, 1)


def test_tests_need_no_data_and_write_nothing(featc: Featc, quickstart: Path) -> None:
    shutil.rmtree(quickstart / "data")
    shutil.rmtree(quickstart / "target")

    assert featc("test", cwd=quickstart).status == 0
    assert not (quickstart / "target").exists()


# docs


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [v for k, v in attrs if k in ("href", "src") and v]


def test_the_site_has_a_page_for_each_feature_and_no_dead_link(
    featc: Featc, quickstart: Path
) -> None:
    featc("run", cwd=quickstart)
    result = featc("docs", cwd=quickstart)

    index = quickstart / result.out.splitlines()[-1].strip()
    pages = list(index.parent.rglob("*.html"))
    dead = []
    for page in pages:
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        targets = [link.partition("#")[0].partition("?")[0] for link in links.found]
        dead += [t for t in targets if t and "://" not in t and not (page.parent / t).exists()]
    assert result.status == 0
    assert len(pages) >= 22
    assert dead == []


def test_the_site_goes_where_it_is_asked_for(
    featc: Featc, quickstart: Path, tmp_path: Path
) -> None:
    featc("docs", "--out", tmp_path / "public", cwd=quickstart)

    assert (tmp_path / "public" / "index.html").is_file()


def test_a_record_that_cannot_be_read_is_left_out_of_the_site_and_told(
    featc: Featc, quickstart: Path
) -> None:
    featc("run", cwd=quickstart)
    (path,) = (quickstart / "target" / "runs").glob("*.json")
    path.write_text("{")

    result = featc("docs", cwd=quickstart)

    assert result.status == 0
    told = f"cannot be read: the record `{path.name}` is not as it was written"
    assert f"warning[FD0808 broken-record]: {told}" in result.err


def test_a_site_that_cannot_be_written_is_one_error(featc: Featc, quickstart: Path) -> None:
    (quickstart / "file").write_text("")

    result = featc("docs", "--out", "file/site", cwd=quickstart)

    assert (result.status, len(result.errors)) == (1, 1)


# check --run


def test_a_trial_ticks_every_step_and_publishes_nothing(featc: Featc, quickstart: Path) -> None:
    result = featc("check", "--run", cwd=quickstart)

    ticks = [line for line in result.out.splitlines() if line.startswith("✓ ")]
    assert result.status == 0
    assert [t[2:26].strip() for t in ticks[:-1]] == [
        "Load the texts",
        "Check what they say",
        "Read the settings",
        "Bind the parameters",
        "Read the test data",
        "Run the tests",
        "Find the sources",
        "Stage their rows",
        "Check the data",
        "Compute features",
        "Check the results",
        "Profile the results",
    ]
    assert "nothing was published" in result.out
    assert published(quickstart / "target") == []
    assert not (quickstart / "target" / "runs").exists()


def test_a_trial_stops_at_the_first_step_that_fails(featc: Featc, quickstart: Path) -> None:
    shutil.rmtree(quickstart / "data")

    result = featc("check", "--run", cwd=quickstart)

    lines = result.out.splitlines()
    assert result.status == 1
    assert lines[6].startswith("✗ Find the sources")
    assert "✗ quickstart cannot be run: find the sources failed" in lines


def test_a_trial_as_json_has_its_steps_and_record(featc: Featc, quickstart: Path) -> None:
    found = featc("check", "--run", "--json", cwd=quickstart).json

    assert (found["ok"], len(found["steps"])) == (True, 12)
    assert RunRecord.model_validate(found["record"]).trial


# the whole way


def test_a_new_project_can_be_checked_tested_run_and_documented(
    featc: Featc, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    made = featc("init", project).status
    statuses = [featc(c, cwd=project).status for c in ("check", "test", "run", "docs")]

    assert (made, statuses) == (0, [0, 0, 0, 0])
