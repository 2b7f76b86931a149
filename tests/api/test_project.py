"""What a notebook asks of a project: diagnostics, declarations, SQL, values."""

from __future__ import annotations

import pickle
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from interrupts import ctrl_c
from typed_events import ROWS, arrow, nullable

import featdsl
from featdsl.cli.main import run

WRONG = """\
namespace shop

entity customer { key customer_id: int }

features spend for customer from <b>orders {
  total = sum(amount)
}
"""


def test_diagnostics_are_data_and_say_what_the_command_line_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "shop.feat").read_text(encoding="utf-8")
    (folder / "shop.feat").write_text(text.replace("sum(amount)", "sum(amuont)"), encoding="utf-8")
    project = featdsl.load(folder)

    (found,) = project.diagnostics

    assert not project.ok
    assert (found.code, found.slug, found.severity) == ("FD0202", "unknown-column", "error")
    assert (found.file, found.line, found.column) == ("shop.feat", 33, 31)
    assert found.message == "`events` has no column `amuont`"
    assert found.help == "did you mean `amount`?"
    run(["--project", str(folder), "check"])
    assert str(found) in capsys.readouterr().out


def test_check_raises_all_mistakes_at_once(folder: Path) -> None:
    text = (folder / "shop.feat").read_text(encoding="utf-8")
    broken = text.replace("sum(amount)", "sum(amuont)").replace("last(name)", "last(nmae)")
    (folder / "shop.feat").write_text(broken, encoding="utf-8")
    project = featdsl.load(folder)

    with pytest.raises(featdsl.CompileError) as failed:
        project.check()

    assert [d.code for d in failed.value.diagnostics] == ["FD0202", "FD0202"]
    assert str(failed.value).count("error[FD0202 unknown-column]") == 2
    for call in (project.sql, lambda: project.snapshot("newest"), lambda: project.preview("x")):
        with pytest.raises(featdsl.CompileError):
            call()
    assert "number" in project.features


def test_a_text_compiles_by_itself() -> None:
    compilation = featdsl.compile_text(WRONG.replace("<b>orders", "orders"), name="a.feat")

    assert not compilation.ok
    assert [d.file for d in compilation.diagnostics.errors] == ["a.feat"]
    assert list(compilation.program.entities) == ["shop.customer"]
    with pytest.raises(featdsl.CompileError, match="orders"):
        compilation.check()


def test_declarations_have_docs_types_and_sentences(quickstart: featdsl.Project) -> None:
    trend = quickstart.features["trend"]

    assert trend is quickstart.features["retail.spend.trend"]
    assert (trend.type, trend.entity) == ("float", "retail.customer")
    assert trend.doc == "Spend of this week against the rest of the month."
    assert trend.sentence.startswith("`spend_7d` divided by")
    assert "retail.transactions.amount" in trend.columns
    assert trend.owner == "growth@example.com"
    assert quickstart.groups["spend"].keys == ("customer_id",)
    assert quickstart.groups["spend"].features[0].short == "spend_7d"
    assert [f.short for f in quickstart.features[:2]] == ["spend_7d", "spend_30d"]
    assert "trend" in quickstart.features
    assert "tend" not in quickstart.features


def test_a_data_set_says_what_it_holds(shop: featdsl.Project) -> None:
    coming = shop.datasets["coming"]

    assert coming.columns == ("spent", "events")
    assert coming.labels == ("comes", "spends")
    assert coming.keys == ("customer_id",)
    assert (coming.time, coming.split_at) == ("seen_at", ("2026-01-10",))
    assert coming.sentence.startswith("A row for each row of `events`, as of its `seen_at`.")
    assert coming.types["spends"] == shop.labels["spends"].type == "decimal(12, 2)"
    assert shop.labels["comes"].sentence.startswith("Whether there is a row")


@pytest.mark.parametrize("name", ["tredn", "spend.tredn"])
def test_a_name_that_is_not_there_is_told_with_the_nearest(
    quickstart: featdsl.Project, name: str
) -> None:
    with pytest.raises(ValueError, match="did you mean") as failed:
        quickstart.features[name]

    assert isinstance(failed.value, featdsl.FeatcError)


@pytest.mark.parametrize(
    ("selection", "as_of", "form", "arguments"),
    [
        ("spend", "2026-10-01", "select", ["spend", "--as-of", "2026-10-01"]),
        (["spend.trend", "profile"], "param", "select",
         ["spend.trend", "profile", "--as-of", "param"]),
        (None, datetime(2026, 10, 1, 5, tzinfo=timezone(timedelta(hours=5))), "table",
         ["--as", "table", "--as-of", "2026-10-01"]),
        ("profile", "now", "view", ["profile", "--as", "view", "--as-of", "now"]),
        ("profile", None, "macro", ["profile", "--as", "macro"]),
        (["churn"], None, "select", ["churn", "--as", "dataset"]),
        (["churn", "profile"], None, "table", ["churn", "profile", "--as", "table"]),
    ],
)  # fmt: skip
def test_sql_is_what_compile_prints(
    quickstart: featdsl.Project,
    selection: object,
    as_of: object,
    form: str,
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    sql = quickstart.sql(selection, as_of=as_of, form=form)  # type: ignore[arg-type]

    run(["--project", str(quickstart.root), "compile", *arguments])
    assert sql == capsys.readouterr().out


def test_sql_is_written_for_another_engine(
    quickstart: featdsl.Project, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = quickstart.sql("profile", as_of="now", dialect="postgres", source_schema="raw")

    run(["--project", str(quickstart.root), "compile", "profile", "--as-of", "now",
         "--dialect", "postgres", "--source-schema", "raw"])  # fmt: skip
    assert sql == capsys.readouterr().out


def test_sql_that_cannot_be_is_refused(quickstart: featdsl.Project) -> None:
    with pytest.raises(ValueError, match="did you mean `postgres`"):
        quickstart.sql("spend", dialect="postgresql")
    with pytest.raises(ValueError, match="did you mean `view`"):
        quickstart.sql("spend", form="views")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot have a parameter"):
        quickstart.sql("spend", form="view", as_of="param")
    with pytest.raises(ValueError, match="times of its own spine"):
        quickstart.sql("churn", as_of="now")
    with pytest.raises(ValueError, match="times of its own spine"):
        quickstart.sql(form="dataset", as_of="now")
    with pytest.raises(ValueError, match="no data set is called `spend`"):
        quickstart.sql("spend", form="dataset")
    with pytest.raises(ValueError, match="none is selected"):
        quickstart.sql([], form="dataset")


@pytest.mark.parametrize("selection", ["churn", None])
def test_sql_of_a_data_set_is_what_compile_prints(
    quickstart: featdsl.Project, selection: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = quickstart.sql(selection, form="dataset")

    run(["--project", str(quickstart.root), "compile", *filter(None, [selection]),
         "--as", "dataset"])  # fmt: skip
    assert sql == capsys.readouterr().out
    assert sql == quickstart.sql("churn")


def test_a_snapshot_holds_what_a_run_publishes(quickstart: featdsl.Project) -> None:
    result = quickstart.snapshot("spend", as_of="2026-10-01")

    run(["--project", str(quickstart.root), "run", "spend", "--as-of", "2026-10-01"])
    (path,) = quickstart.root.glob("target/data/*spend/v1/*/values.parquet")
    published = pd.read_parquet(path, dtype_backend="pyarrow")
    assert len(result) == len(published) == 289
    assert result.columns == tuple(published.columns)
    expected = [tuple(None if pd.isna(v) else v for v in row) for row in published.to_numpy()]
    assert result.rows() == expected
    assert result.report.checks == 11
    assert result.report.as_of == datetime(2026, 10, 1)


def test_nothing_is_published_or_left_behind(quickstart: featdsl.Project) -> None:
    target = quickstart.root / "target"
    before = {p for p in target.rglob("*") if "cache" not in p.parts}
    threads = threading.active_count()

    quickstart.snapshot("spend", as_of="2026-09-01")
    quickstart.preview("spend", as_of="2026-09-01")

    after = {p for p in target.rglob("*") if "cache" not in p.parts and p.name != "create.lock"}
    assert after - before <= {target / ".staging"}
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    "as_of",
    [
        "2026-10-01",
        date(2026, 10, 1),
        datetime(2026, 10, 1),
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        pd.Timestamp("2026-10-01", tz="UTC"),
        pd.Timestamp("2026-09-30T20:00", tz="America/New_York"),
    ],
)
def test_moments_are_written_in_many_ways(quickstart: featdsl.Project, as_of: str | date) -> None:
    found = quickstart.preview("profile", as_of=as_of, limit=1)

    assert found.report.as_of == datetime(2026, 10, 1)


def test_moments_that_are_none_are_refused(quickstart: featdsl.Project) -> None:
    with pytest.raises(ValueError, match="no instant"):
        quickstart.snapshot("spend", as_of="soon")
    with pytest.raises(TypeError, match="not int"):
        quickstart.snapshot("spend", as_of=20261001)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing"):
        quickstart.snapshot("spend", as_of=pd.NaT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nanoseconds"):
        quickstart.snapshot("spend", as_of=pd.Timestamp("2026-10-01T00:00:00.000000001"))


def test_without_a_moment_it_is_the_projects(quickstart: featdsl.Project) -> None:
    assert quickstart.preview("profile").report.as_of == datetime(2026, 10, 1)


@pytest.mark.parametrize("key", [17826162, np.int64(17826162), (17826162,), [17826162],
                                 {"customer_id": 17826162}])  # fmt: skip
def test_a_preview_is_of_the_keys_that_are_asked_for(
    quickstart: featdsl.Project, key: object
) -> None:
    result = quickstart.preview("premium_txn_share", key=key, as_of="2026-10-01")

    ((found, share),) = result.rows()
    assert (found, round(share, 2)) == (17826162, 0.15)


def test_keys_of_another_type_are_refused(quickstart: featdsl.Project) -> None:
    for key in ("x", 1.5, {"customer": 1}, (1, 2)):
        with pytest.raises(ValueError, match="customer"):
            quickstart.preview("spend", key=key)


def test_features_narrow_a_group(quickstart: featdsl.Project) -> None:
    result = quickstart.snapshot("spend", as_of="2026-10-01", features=["trend", "spend"])

    assert result.columns == ("customer_id", "spend_7d", "spend_30d", "spend_90d", "trend")
    with pytest.raises(ValueError, match="did you mean `trend`"):
        quickstart.snapshot("spend", features="trnd")
    with pytest.raises(ValueError, match=r"name one of `retail.spend`, `retail.profile`"):
        quickstart.snapshot(["spend", "profile"])
    with pytest.raises(ValueError, match="no feature is selected"):
        quickstart.snapshot("spend", features=[])


def test_groups_and_features_select_themselves(quickstart: featdsl.Project) -> None:
    group = quickstart.groups["profile"]

    result = quickstart.snapshot(group, features=list(group.features[:1]))

    assert result.columns == ("customer_id", group.features[0].short)


def test_parameters_are_typed_values(quickstart: featdsl.Project) -> None:
    root = quickstart.root
    for value in (650, 650.0, Decimal("650"), "650.00"):
        project = featdsl.load(root, params={"premium_floor": value})
        project.check()
        (parameter,) = [p for p in project.program.params.values() if p.short == "premium_floor"]
        assert parameter.value == Decimal("650.00")
    with pytest.raises(ValueError, match="did you mean `premium_floor`"):
        featdsl.load(root, params={"premium_flor": 1})
    assert [d.code for d in featdsl.load(root, params={"premium_floor": "x"}).diagnostics] == [
        "FD0631"
    ]
    with pytest.raises(TypeError, match="premium_floor"):
        featdsl.load(root, params={"premium_floor": object()})


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(featdsl.ProjectError, match="FD0601"):
        featdsl.load(tmp_path)
    with pytest.raises(featdsl.ProjectError):
        featdsl.load(tmp_path / "nowhere")


def test_remedies_name_what_python_has(tmp_path: Path, folder: Path) -> None:
    text = (folder / "shop.feat").read_text(encoding="utf-8")
    for line in ("  spine events at seen_at\n", "  split by time at @2026-01-10\n",
                 "  label later.comes, later.spends\n"):  # fmt: skip
        text = text.replace(line, "")
    project = tmp_path / "shop"
    project.mkdir()
    (project / "shop.feat").write_text(text, encoding="utf-8")
    (folder / "featc.toml").rename(project / "featc.toml")

    with pytest.raises(featdsl.ProjectError, match=r'`featdsl.load\("shop"\)`'):
        featdsl.load(tmp_path)
    with pytest.raises(featdsl.RunError, match="`spine="):
        featdsl.load(project).training_set("coming")


def test_missing_data_are_told_with_the_remedy(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(featdsl.RunError) as failed:
        featdsl.load(folder).snapshot("newest")

    (found,) = failed.value.diagnostics
    assert found.code == "FD0701"
    assert failed.value.__cause__ is None


def test_failing_expectations_stop_a_snapshot(quickstart: featdsl.Project) -> None:
    folder = quickstart.root / "data"
    customers = pd.read_csv(folder / "customers.csv")

    with pytest.raises(featdsl.RunError) as failed:
        quickstart.snapshot("profile", sources={"customers": pd.concat([customers] * 2)})

    assert {d.severity for d in failed.value.diagnostics} == {"error"}


def test_two_projects_compute_at_once(tmp_path: Path, quickstart: featdsl.Project) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    text = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
    shop_text = text.partition('SHOP = """\\\n')[2].partition('"""')[0]
    found: dict[str, object] = {}

    def compute(folder: Path, rows: slice) -> None:
        folder.mkdir()
        (folder / "featc.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
        (folder / "shop.feat").write_text(shop_text, encoding="utf-8")
        project = featdsl.load(folder)
        given = {"events": nullable(rows)}
        for _ in range(3):
            found[folder.name] = project.snapshot(
                "number", as_of="2026-02-01", sources=given
            ).rows()

    def preview() -> None:
        found["c"] = quickstart.preview("spend", key=17826162, as_of="2026-10-01").rows()[0][0]

    cuts = (slice(2), slice(2, 3))
    threads = [threading.Thread(target=compute, args=a) for a in zip(folders, cuts, strict=True)]
    threads += [threading.Thread(target=preview) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {"a": [(1, ROWS[0][1])], "b": [(2, 3)], "c": 17826162}


def test_an_interrupt_stops_the_query_and_leaves_nothing(quickstart: featdsl.Project) -> None:
    threads = threading.active_count()

    with ctrl_c():
        while True:
            quickstart.snapshot("spend", as_of="2026-10-01")

    staged = [p for p in (quickstart.root / "target" / ".staging").iterdir() if p.is_dir()]
    assert (staged, threading.active_count()) == ([], threads)
    assert len(quickstart.snapshot("spend", as_of="2026-10-01")) == 289


def test_errors_keep_their_facts_between_processes(quickstart: featdsl.Project) -> None:
    with pytest.raises(featdsl.FeatcError) as failed:
        quickstart.snapshot("spned")

    again = pickle.loads(pickle.dumps(failed.value))

    assert (str(again), again.diagnostics) == (str(failed.value), failed.value.diagnostics)
    assert type(again) is featdsl.ArgumentError


def test_results_are_written_whole(shop: featdsl.Project, tmp_path: Path, held: str) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})
    folder = tmp_path / "new folder"

    written = result.write(folder / "a.parquet")

    assert shop.preview("number", sources={"events": arrow(slice(0))}).rows() == []
    assert pd.read_parquet(written, dtype_backend="pyarrow")["amount"].tolist()[0] == ROWS[0][2]
    csv = result.write(folder / "a.csv").read_text(encoding="utf-8").splitlines()
    assert csv[1].startswith("1,9007199254740993,1234567890.12,0.30000000000000004,")
    assert len(result.write(folder / "a.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    assert sorted(p.name for p in folder.iterdir()) == ["a.csv", "a.jsonl", "a.parquet"]
    with pytest.raises(ValueError, match="must end in"):
        result.write(folder / "a.xlsx")


def test_formulas_in_csv_are_defused(shop: featdsl.Project, tmp_path: Path) -> None:
    events = nullable(slice(None)).assign(name="=1+1")
    result = shop.snapshot("name", sources={"events": events})

    guarded = result.write(tmp_path / "a.csv").read_text(encoding="utf-8")

    assert guarded == "customer_id,name\n1,'=1+1\n2,'=1+1\n"
    plain = result.write(tmp_path / "b.csv", guard_formulas=False).read_text(encoding="utf-8")
    assert plain == "customer_id,name\n1,=1+1\n2,=1+1\n"


def test_a_file_that_cannot_be_written_is_told(shop: featdsl.Project, tmp_path: Path) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(featdsl.RunError) as failed:
        result.write(tmp_path / "file" / "a.parquet")

    assert [d.code for d in failed.value.diagnostics] == ["FD0802"]
