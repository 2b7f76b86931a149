"""Runs from text and files to published rows and a record."""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from interrupts import ctrl_c
from shop import AS_OF, ORDERS, TEXT, codes, compiled, published, run, shop, told

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.files import faults
from featdsl.files.errors import FileError
from featdsl.project.as_of import AsOf
from featdsl.runs import publishing
from featdsl.runs.execute import run_project
from featdsl.runs.preview import preview_project
from featdsl.runs.progress import Progress
from featdsl.store.catalog import writing
from featdsl.store.leases import running
from featdsl.store.ledger import append, load_records, record_path
from featdsl.store.record import CheckStatus, RunRecord, Status
from featdsl.store.verify import verify

SCHEMA = Path(__file__).parents[1] / "docs" / "schemas" / "run-record.schema.json"
ROWS = [(1, Decimal("30.50"), 2), (2, Decimal("5.25"), 1)]


def test_a_run_publishes_rows_ordered_by_key_and_records_it(tmp_path: Path) -> None:
    project = shop(tmp_path)

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == ROWS
    assert published(project).run == outcome.record.run
    assert load_records(project.target_dir) == [outcome.record]


def test_nothing_but_the_result_is_left_in_the_target(tmp_path: Path) -> None:
    project = shop(tmp_path)

    run(project)

    assert sorted(p.name for p in project.target_dir.iterdir()) == [
        ".staging",
        "cache",
        "catalog.sqlite",
        "current",
        "data",
        "manifests",
        "runs",
    ]
    assert [p.name for p in (project.target_dir / ".staging").iterdir()] == ["create.lock"]


def test_the_record_names_inputs_parameters_stages_and_versions(tmp_path: Path) -> None:
    declared = 'param most: decimal(12, 2) = 20.00\nsecret param pin: text = "1234"\n'
    more = '  drop when amount > $most because "test orders"\n  expect amount >= 0'
    text = TEXT.format(
        location='csv "orders.csv"', amount="decimal(12, 2)", more=more, features=""
    ).replace("entity", f"{declared}\nentity", 1)
    project = shop(tmp_path, text=text)

    record = run(project).record

    (source,) = record.inputs
    assert (source.source, source.rows) == ("shop.orders", 3)
    assert [(f.path, f.bytes) for f in source.files] == [("orders.csv", len(ORDERS))]
    assert [(d.because, d.rows) for d in source.dropped] == [("test orders", 1)]
    assert source.newest == datetime(2026, 1, 25, 10)
    assert [(p.name, p.value, p.origin) for p in record.parameters] == [
        ("shop.most", "20.00", "default"),
        ("shop.pin", None, "default"),
    ]
    assert "1234" not in record.to_json()
    assert [s.name for s in record.stages] == [
        "find",
        "stage",
        "check data",
        "compute",
        "check results",
        "profile",
        "trends",
        "write",
    ]
    assert record.versions.engine == "duckdb"
    assert (record.as_of, record.as_of_origin) == (AS_OF.instant, "test")


@pytest.mark.parametrize("orders", [ORDERS, ORDERS + "4,1,2026-01-28,x,paid\n", ""])
def test_secrets_are_in_nothing_that_is_told_or_kept(tmp_path: Path, orders: str) -> None:
    secret = "S3CR3T-4711"
    text = TEXT.format(
        location='csv "{$pin}.csv"',
        amount="decimal(12, 2)",
        more="  expect status = $pin",
        features="",
    ).replace("entity", f'secret param pin: text = "{secret}"\nentity', 1)
    project = shop(tmp_path, text=text, data={f"{secret}.csv": orders})

    outcome = run(project)

    assert not outcome.ok
    assert [
        s for d in outcome.diagnostics for s in (d.message, *d.notes, *d.helps) if secret in s
    ] == []
    kept = [p for f in ("runs", "rejects") for p in (project.target_dir / f).glob("*")]
    assert kept
    assert [p.name for p in kept if secret in p.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [("csv", ORDERS + "4,1,2026-01-28,x,paid\n"), ("csv", ""), ("parquet", "PAR1")],
)
def test_secrets_are_in_nothing_that_a_preview_tells(tmp_path: Path, kind: str, data: str) -> None:
    secret = "S3CR3T-4711"
    text = TEXT.format(
        location=f'{kind} "{{$pin}}.{kind}"', amount="decimal(12, 2)", more="", features=""
    ).replace("entity", f'secret param pin: text = "{secret}"\nentity', 1)
    project = shop(tmp_path, text=text, data={f"{secret}.{kind}": data})
    compilation = compiled(project)
    features = [f.name for f in compilation.program.features()]

    with pytest.raises(Failure) as failed:
        preview_project(project, compilation, features, as_of=AS_OF.instant)

    told_of = [s for d in failed.value.diagnostics for s in (d.message, *d.notes, *d.helps)]
    assert any("***" in s for s in told_of)
    assert [s for s in told_of if secret in s] == []


def test_the_published_schema_is_that_of_the_record() -> None:
    text = json.dumps(RunRecord.model_json_schema(), indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == text


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    record = run(shop(tmp_path)).record

    assert RunRecord.model_validate_json(record.to_json()) == record


def test_the_profile_counts_and_ranges_each_feature(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  top_status = mode(status)")

    (output,) = run(project).record.outputs

    spend, orders, status = output.profile
    assert (spend.rows, spend.nulls, spend.minimum, spend.maximum) == (2, 0, 5.25, 30.5)
    assert spend.mean == pytest.approx(17.875)
    assert spend.quantiles["0.5"] == pytest.approx(17.875)
    assert sum(b.rows for b in spend.histogram) == 2
    assert (orders.minimum, orders.maximum) == (1, 2)
    assert [(t.value, t.rows) for t in status.top] == [("open", 1), ("paid", 1)]


def test_values_of_features_that_rest_on_personal_data_are_not_profiled(tmp_path: Path) -> None:
    data = {"orders.csv": ORDERS.replace("status", "phone")}
    text = TEXT.format(
        location='csv "orders.csv"',
        amount="decimal(12, 2)",
        more="",
        features="  phones = count_distinct(phone) over 30d",
    ).replace("status:      text", "phone: text pii")
    project = shop(tmp_path, text=text, data=data)

    outcome = run(project)

    phones = outcome.record.outputs[0].profile[2]
    assert (phones.rows, phones.nulls, phones.minimum, phones.histogram) == (2, 0, None, ())


def test_sources_without_a_change_give_the_same_bytes_again(tmp_path: Path) -> None:
    project = shop(tmp_path)

    first, second = run(project).record, run(project).record

    assert first.outputs[0].files == second.outputs[0].files
    assert first.run < second.run


def test_csv_is_published_with_formulas_defused(tmp_path: Path) -> None:
    orders = ORDERS.replace("paid", "=1+1").replace("open", "@x")
    project = shop(tmp_path, data={"orders.csv": orders}, features="  status = last(status)")

    (output,) = run(project, format="csv").record.outputs

    path = project.target_dir / "data" / str(output.folder) / output.files[0].path
    assert path.read_text(encoding="utf-8").splitlines() == [
        "customer_id,spend_30d,orders_30d,status",
        "1,30.50,2,'=1+1",
        "2,5.25,1,'@x",
    ]


def test_jsonl_is_published_a_row_a_line(tmp_path: Path) -> None:
    project = shop(tmp_path)

    (output,) = run(project, format="jsonl").record.outputs

    path = project.target_dir / "data" / str(output.folder) / output.files[0].path
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"customer_id": 1, "spend_30d": 30.5, "orders_30d": 2},
        {"customer_id": 2, "spend_30d": 5.25, "orders_30d": 1},
    ]


def test_selected_features_only_are_computed(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  expect orders_30d > 0\n  expect spend_30d > 0")

    record = run(project, selection=["shop.spend.orders_30d"]).record

    assert [c.name for c in record.outputs[0].columns] == ["customer_id", "orders_30d"]
    assert [(c.text, c.status) for c in record.checks] == [
        ("orders_30d > 0", CheckStatus.PASSED),
        ("spend_30d > 0", CheckStatus.SKIPPED),
    ]


def test_private_features_are_computed_when_they_are_selected(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  private hidden = count()")

    plain = run(project).record
    asked = run(project, selection=["shop.spend.hidden"]).record

    assert [c.name for c in plain.outputs[0].columns] == ["customer_id", "spend_30d", "orders_30d"]
    assert [c.name for c in asked.outputs[0].columns] == ["customer_id", "hidden"]


def test_another_folder_takes_what_is_published(tmp_path: Path) -> None:
    project = shop(tmp_path)

    outcome = run(project, out=tmp_path / "values")

    assert published(project, out=tmp_path / "values").rows == ROWS
    assert load_records(project.target_dir) == [outcome.record]
    assert not (project.target_dir / "data").exists()


def test_a_trial_publishes_and_records_nothing(tmp_path: Path) -> None:
    project = shop(tmp_path)

    outcome = run(project, publish=False, sample=0.01)

    assert outcome.ok
    assert outcome.record.trial
    assert outcome.record.outputs[0].rows == 2
    assert load_records(project.target_dir) == []
    assert not (project.target_dir / "data").exists()


def test_a_trial_of_many_keys_has_all_rows_of_some(tmp_path: Path) -> None:
    lines = [f"{i},{i % 2000},2026-01-10 10:00:00,1.00,paid" for i in range(6000)]
    orders = "\n".join([ORDERS.splitlines()[0], *lines]) + "\n"
    project = shop(tmp_path, data={"orders.csv": orders}, features="  expect orders_30d = 3")

    outcome = run(project, publish=False, sample=0.05)

    assert outcome.ok, told(outcome, project)
    assert 50 < outcome.record.outputs[0].rows < 200


RETURNS = """
source returns {
  from csv "returns.csv"
  key return_id
  time sent_at
  entity customer
  columns { return_id: int required  customer_id: int required  sent_at: timestamp required }
}
features sent for customer from returns { returns_30d = count() over 30d }
features both for customer {
  kept = spend.orders_30d - sent.returns_30d
  before = spend.orders_30d 30d ago
  expect kept = 2
  expect before = 0
}
"""


@pytest.mark.parametrize(
    ("more", "sampled"),
    [
        ("", True),
        # Peers are of other keys: all rows are there then.
        ("features peers for customer { most = max(spend.orders_30d among all) }", False),
    ],
)
def test_a_trial_of_groups_that_rest_on_others_has_all_rows_of_some_keys(
    tmp_path: Path, more: str, sampled: bool
) -> None:
    orders = [f"{i},{i % 2000},2026-01-10 10:00:00,1.00,paid" for i in range(6000)]
    returns = [f"{i},{i},2026-01-11 10:00:00" for i in range(2000)]
    project = shop(
        tmp_path,
        text=TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
        + RETURNS
        + more,
        data={
            "orders.csv": "\n".join([ORDERS.splitlines()[0], *orders]) + "\n",
            "returns.csv": "\n".join(["return_id,customer_id,sent_at", *returns]) + "\n",
        },
    )

    outcome = run(project, publish=False, sample=0.05)

    assert outcome.ok, told(outcome, project)
    rows = {o.group: o.rows for o in outcome.record.outputs}
    assert 50 < rows["shop.both"] < 200
    assert (rows.get("shop.peers", 0) == 2000) is not sampled


def test_a_trial_sees_the_versions_that_moved_to_another_key(tmp_path: Path) -> None:
    versions = [
        f"{i},{(i + n) % 2000},2026-01-1{n} 10:00:00,1.00,paid" for i in range(2000) for n in (0, 1)
    ]
    project = shop(
        tmp_path,
        data={"orders.csv": "\n".join([ORDERS.splitlines()[0], *versions]) + "\n"},
        more="  keep last per order_id by ordered_at",
        features="  expect orders_30d = 1",
    )

    outcome = run(project, publish=False, sample=0.05)

    assert outcome.ok, told(outcome, project)


def test_sums_of_large_ints_are_published_exactly(tmp_path: Path) -> None:
    big = 9_000_000_000_000_000_000
    orders = ORDERS.replace("10.00", str(big)).replace("20.50", str(big)).replace("5.25", "1")
    project = shop(tmp_path, amount="int", data={"orders.csv": orders})

    run(project)

    assert published(project).rows[0] == (1, Decimal(2 * big), 2)


def test_a_failed_expectation_keeps_the_last_good_version(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  expect spend_30d < 100")
    good = run(project).record
    (tmp_path / "data" / "orders.csv").write_text(
        ORDERS.replace("20.50", "200.50"), encoding="utf-8"
    )

    outcome = run(project)

    assert codes(outcome) == ["FD0715"]
    assert outcome.record.status is Status.FAILED
    assert published(project).run == good.run
    assert "customer_id = 1, spend_30d = 210.50" in told(outcome, project)
    assert [r.status for r in load_records(project.target_dir)] == [
        Status.FAILED,
        Status.SUCCEEDED,
    ]


def test_a_failed_warning_is_told_and_lets_the_run_go_on(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  expect spend_30d < 10 warn")

    outcome = run(project)

    assert codes(outcome) == ["FD0715"]
    assert outcome.ok
    assert [c.status for c in outcome.record.checks] == [CheckStatus.WARNED]


def test_a_group_without_rows_is_told(tmp_path: Path) -> None:
    project = shop(tmp_path)

    outcome = run(project, as_of=AsOf(datetime(2000, 1, 1), "test"))

    assert codes(outcome) == ["FD0717"]
    assert outcome.ok


def test_a_project_without_features_is_not_run(tmp_path: Path) -> None:
    project = shop(tmp_path, text="namespace shop\nentity customer { key customer_id: int }\n")

    outcome = run(project)

    assert codes(outcome) == ["FD0810"]


def test_a_number_with_too_many_digits_names_its_feature(tmp_path: Path) -> None:
    project = shop(tmp_path, features="  tight: decimal(3, 2) = sum(amount) over 30d")

    outcome = run(project)

    assert codes(outcome) == ["FD0805"]
    assert "`shop.spend.tight`" in outcome.diagnostics[0].message
    assert published_nothing(project.target_dir)


def published_nothing(target: Path) -> bool:
    return not (target / "data").exists()


def test_a_source_that_changes_while_it_is_read_stops_the_run(tmp_path: Path) -> None:
    project = shop(tmp_path)

    def change(progress: Progress) -> None:
        if progress.stage.name == "compute" and progress.state == "started":
            (tmp_path / "data" / "orders.csv").write_text(ORDERS + "\n", encoding="utf-8")

    outcome = run(project, observe=change)

    assert codes(outcome) == ["FD0714"]
    assert published_nothing(project.target_dir)


def test_a_source_that_is_only_touched_does_no_harm(tmp_path: Path) -> None:
    project = shop(tmp_path)

    def touch(progress: Progress) -> None:
        if progress.stage.name == "compute":
            (tmp_path / "data" / "orders.csv").touch()

    assert run(project, observe=touch).ok


def test_a_second_run_on_a_target_is_turned_away(tmp_path: Path) -> None:
    project = shop(tmp_path)
    found = []

    def meanwhile(progress: Progress) -> None:
        if progress.stage.name == "compute" and progress.state == "started":
            found.append(run(project))

    outcome = run(project, observe=meanwhile)

    assert outcome.ok
    assert codes(found[0]) == ["FD0803"]
    assert outcome.record.run in found[0].diagnostics[0].message


def test_ctrl_c_leaves_no_file_behind_and_a_record_that_says_so(tmp_path: Path) -> None:
    project = shop(tmp_path)
    compilation = compiled(project)

    def interrupt(progress: Progress) -> None:
        if progress.stage.name == "compute" and progress.state == "started":
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run_project(project, compilation, as_of=AS_OF, observe=interrupt)

    assert published_nothing(project.target_dir)
    assert [p.name for p in (project.target_dir / ".staging").iterdir()] == ["create.lock"]
    assert [r.status for r in load_records(project.target_dir)] == [Status.INTERRUPTED]


def test_a_run_that_is_stopped_as_it_is_listed_has_a_record_too(tmp_path: Path) -> None:
    project = shop(tmp_path)
    with faults.armed("count") as counted:
        run(project)
    listed = counted.reached.index("catalog committed") + 1

    with pytest.raises(faults.InjectedFault), faults.armed("raise", listed):
        run(project)

    assert running(project.target_dir) == []
    assert [r.status for r in load_records(project.target_dir)] == [
        Status.FAILED,
        Status.SUCCEEDED,
    ]


def test_ctrl_c_after_the_transaction_leaves_what_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shop(tmp_path)

    def interrupt(*places: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "show_current", interrupt)

    outcome = run(project)

    assert (outcome.ok, codes(outcome)) == (True, ["FD0830"])
    (record,) = load_records(project.target_dir)  # it is as it was written
    assert record.status is Status.SUCCEEDED
    with writing(project.target_dir) as connection, pytest.raises(FileError):
        append(connection, project.target_dir, record)
    assert verify(project.target_dir).wrong == ()


def test_ctrl_c_stops_a_long_query_and_leaves_the_session_usable() -> None:
    with Session() as session:
        with ctrl_c():
            session.execute(  # would take hours
                "SELECT count(*) FROM range(10000000) a, range(100000) b "
                "WHERE hash(a.range) < hash(b.range)"
            )

        assert session.execute("SELECT 1") == [(1,)]


def test_a_broken_record_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    project = shop(tmp_path)
    record = run(project).record
    broken = record_path(project.target_dir, run(project).record.run)
    broken.write_bytes(broken.read_bytes().replace(b"succeeded", b"SUCCEEDED"))
    problems = Problems()

    records = load_records(project.target_dir, problems)

    assert records == [record]
    assert [d.code.id for d in problems.items] == ["FD0808"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_target_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    project = shop(tmp_path)
    project.target_dir.mkdir()
    project.target_dir.chmod(0o500)

    outcome = run(project)

    assert codes(outcome) == ["FD0802"]


def test_a_target_that_is_a_file_is_told(tmp_path: Path) -> None:
    project = shop(tmp_path)
    project.target_dir.write_text("", encoding="utf-8")

    outcome = run(project)

    assert codes(outcome) == ["FD0802"]
    assert "target" in outcome.diagnostics[0].message


def test_the_observer_sees_each_stage_start_and_finish(tmp_path: Path) -> None:
    seen: list[tuple[str, str]] = []

    run(shop(tmp_path), observe=lambda p: seen.append((p.stage.name, p.state)))

    assert [s for s in seen if s[0] == "publish"] == [
        ("publish", "started"),
        ("publish", "finished"),
    ]


def test_the_commit_of_the_project_is_recorded(tmp_path: Path) -> None:
    import subprocess

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)

    project = shop(tmp_path)
    (tmp_path / ".gitignore").write_text("target\n", encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")

    clean = run(project).record.code
    (tmp_path / "more.txt").write_text("", encoding="utf-8")
    dirty = run(project).record.code

    assert clean is not None
    assert dirty is not None
    assert (clean.dirty, dirty.dirty) == (False, True)
    assert clean.commit == dirty.commit
