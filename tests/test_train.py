"""Training sets: the spine's rows in order, what is counted of them, what is told and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from asked import DATASET, ORDERS, project_of, trained
from shop import compiled
from sqlglot import exp

from featdsl.diagnostics.render.text import render_text
from featdsl.engines.duckdb import Session
from featdsl.files.digest import sha256
from featdsl.project.load import Project
from featdsl.runs.given import Given
from featdsl.runs.train import TrainOutcome, train
from featdsl.store.ledger import load_records
from featdsl.store.record import ColumnNulls, Status, TrainingUse, UntilUse, ValueCount

GRID = (
    "spine every 1w from @2026-01-08 to @2026-02-12\n  label ahead.orders_next\n  include spend.*"
)
FEB = datetime(2026, 2, 1)


def spine_file(folder: Path, text: str, name: str = "spine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def parquet(folder: Path, query: str, name: str = "spine.parquet", **options: Any) -> Path:
    path = folder / name
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        extra = "".join(f", {k} {v}" for k, v in options.items())
        quoted = exp.Literal.string(str(path)).sql("duckdb")
        connection.execute(f"COPY ({query}) TO {quoted} (FORMAT parquet{extra})")
    return path


def codes(outcome: TrainOutcome) -> list[str]:
    return [d.code.id for d in outcome.diagnostics]


def told(outcome: TrainOutcome, project: Project) -> str:
    return render_text(outcome.diagnostics, project.readable)


def use(outcome: TrainOutcome) -> TrainingUse:
    assert outcome.training is not None
    return outcome.training


# --- Rows ---------------------------------------------------------------------------------------


def test_each_row_of_the_source_comes_out_once_in_its_place(tmp_path: Path) -> None:
    found = trained(project_of(tmp_path))

    assert found.columns == [
        *("customer_id", "asked_at", "churned", "channel"),
        *("spend_30d", "orders_30d", "orders_next"),
    ]
    assert found.rows == [
        (1, FEB, False, "web", Decimal("30.50"), 2, 1),
        (2, FEB, True, "shop", Decimal("5.25"), 1, 0),
        (1, datetime(2026, 1, 15), False, "web", Decimal("10.00"), 1, 1),
        (1, FEB, False, "web", Decimal("30.50"), 2, 1),
        (9, FEB, True, "shop", None, None, None),
        (None, FEB, True, "shop", None, None, None),
        (2, None, True, "shop", None, None, None),
        (2, datetime(2026, 2, 15), True, "shop", Decimal("5.25"), 1, None),
    ]


def test_rows_are_counted_by_what_is_known_of_them(tmp_path: Path) -> None:
    found = use(trained(project_of(tmp_path)).outcome)

    assert found.spine.model_dump(exclude={"file"}) == {
        "kind": "source",
        "name": "shop.asked",
        "rows": 8,
        "points": 5,
        "without_key": 1,
        "without_time": 1,
        "unknown": 1,
        "first": datetime(2026, 1, 15),
        "last": datetime(2026, 2, 15),
    }
    assert (found.rows, found.dropped) == (8, 0)
    assert found.untils == (
        UntilUse(source="shop.orders", until=datetime(2026, 2, 20, 10), given=False),
    )
    churned, ahead = found.labels
    assert (churned.immature, churned.until) == (None, None)
    assert churned.classes == (ValueCount(value="true", rows=5), ValueCount(value="false", rows=3))
    assert (ahead.immature, ahead.until) == (1, datetime(2026, 2, 20, 10))
    assert ahead.classes == (
        ValueCount(value="1", rows=3),
        ValueCount(value="0", rows=1),
        ValueCount(value=None, rows=4),
    )
    assert ColumnNulls(column="spend_30d", nulls=3) in found.nulls
    assert [(c.name, c.dtype) for c in found.columns] == [
        ("customer_id", "int"),
        ("asked_at", "timestamp"),
        ("churned", "bool"),
        ("channel", "text"),
        ("spend_30d", "decimal(14, 2)"),
        ("orders_30d", "int"),
        ("orders_next", "int"),
    ]


def test_a_row_that_is_dropped_from_the_source_is_not_asked_about(tmp_path: Path) -> None:
    asked = 'drop when channel = "shop" because "the till asks everybody"'

    found = trained(project_of(tmp_path, asked=asked))

    assert found.column("channel") == ["web", "web", "web"]
    assert use(found.outcome).spine.rows == 3


def test_personal_data_of_the_spine_do_not_come_along_but_keys_do(tmp_path: Path) -> None:
    project_of(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace("channel:     text", "channel:     text pii")
    text = text.replace("customer_id: int\n    asked", "customer_id: int pii\n    asked")
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    found = trained(_again(tmp_path))

    assert found.columns[:3] == ["customer_id", "asked_at", "churned"]


def _again(folder: Path) -> Project:
    from featdsl.project.load import load_project

    return load_project(folder)


def test_a_grid_has_each_key_that_exists_at_each_time(tmp_path: Path) -> None:
    found = trained(project_of(tmp_path, dataset=GRID))

    assert found.columns[:2] == ["customer_id", "as_of"]
    times = [datetime(2026, 1, 8), *(datetime(2026, 1, d) for d in (15, 22, 29))]
    times += [datetime(2026, 2, 5), datetime(2026, 2, 12)]
    assert sorted(r[:2] for r in found.rows) == [(k, t) for k in (1, 2) for t in times]
    assert (use(found.outcome).spine.kind, use(found.outcome).spine.points) == ("grid", 12)


def test_a_spine_of_days_asks_about_their_midnights(tmp_path: Path) -> None:
    project_of(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace("asked_at:    timestamp", "asked_at:    date")
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    found = trained(_again(tmp_path))

    assert found.rows[0] == (1, date(2026, 2, 1), False, "web", Decimal("30.50"), 2, 1)
    assert use(found.outcome).labels[1].immature == 1


@pytest.mark.parametrize("dataset", [GRID, "label ahead.orders_next\n  include spend.*"])
def test_the_population_counts_for_rows_that_are_handed_in(tmp_path: Path, dataset: str) -> None:
    """A grid's own rows are all in the population; those of a file need not be."""
    spine = spine_file(tmp_path, "customer_id,as_of\n9,2026-02-01\n1,2026-02-01\n2,2026-01-02\n")

    found = trained(project_of(tmp_path, dataset=dataset), spine=spine)

    assert found.column("orders_30d") == [None, 2, None]
    assert use(found.outcome).spine.unknown == 2


def test_a_data_set_without_a_spine_asks_for_one(tmp_path: Path) -> None:
    project = project_of(tmp_path, dataset="label ahead.orders_next\n  include spend.*")

    outcome = trained(project).outcome

    assert (outcome.ok, codes(outcome)) == (False, ["FD0720"])
    assert "`shop.churn` has no spine of its own" in told(outcome, project)


# --- Order --------------------------------------------------------------------------------------

MANY = 300_000
"""More than two row groups of Parquet, and than a chunk of CSV."""


@pytest.mark.parametrize("kind", ["parquet", "csv", "frame"])
def test_rows_keep_their_order_whatever_number_of_threads_reads_them(
    tmp_path: Path, kind: str
) -> None:
    project = project_of(tmp_path, dataset="include spend.orders_30d")
    project = replace(project, config=_with_threads(project, 2))
    query = (
        "SELECT (hash(i) % 12)::BIGINT AS customer_id, i AS n, "
        f"TIMESTAMP '2026-02-01' - to_hours((hash(i) % 200)::INT) AS as_of FROM range({MANY}) r(i)"
    )
    path = parquet(tmp_path, query, ROW_GROUP_SIZE=20_480)
    spine: Path | Given = path
    if kind == "csv":
        spine = tmp_path / "spine.csv"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM '{path}') TO '{spine}'")
    elif kind == "frame":
        with duckdb.connect() as connection:
            frame = connection.execute(f"FROM '{path}'").df()
        spine = Given(words="the frame", load=lambda s, name: s.register(name, frame))
    numbers: list[int] = []

    def receive(session: Session, rows: exp.Select) -> None:
        numbers.extend(int(n) for n in session.arrays(rows)["n"])

    outcome = trained(project, spine=spine, receive=receive).outcome

    assert use(outcome).spine.rows == MANY
    assert numbers == list(range(MANY))


def _with_threads(project: Project, threads: int) -> Any:
    target = project.config.targets.get("dev") or project.target
    targets = {**project.config.targets, "dev": target.model_copy(update={"threads": threads})}
    return project.config.model_copy(update={"targets": targets})


def test_many_files_of_a_source_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    data = {f"asked/{n}.csv": f"customer_id,asked_at,churned,channel\n1,,,{n}\n" for n in "cab"}
    project_of(tmp_path, data=data)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace('csv "asked.csv"', 'csv "asked/*.csv"')
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    assert trained(_again(tmp_path)).column("channel") == ["a", "b", "c"]


# --- Labels -------------------------------------------------------------------------------------


def test_labels_until_hides_what_comes_later(tmp_path: Path) -> None:
    found = trained(project_of(tmp_path), labels_until=datetime(2026, 2, 8))

    assert found.column("orders_next") == [1, 0, 1, 1, None, None, None, None]
    assert use(found.outcome).untils[0].given
    assert trained(project_of(tmp_path), labels_until=datetime(2026, 2, 7)).column(
        "orders_next"
    ) == [None, None, 1, None, None, None, None, None]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (datetime(2026, 2, 20, 10), []),
        (datetime(2026, 2, 21), []),  # the midnight after the last day
        (datetime(2026, 2, 21, 10, 0, 1), ["FD0724"]),
    ],
)
def test_an_end_of_labels_after_the_data_is_told(
    tmp_path: Path, until: datetime, expected: list[str]
) -> None:
    assert codes(trained(project_of(tmp_path), labels_until=until).outcome) == expected


def test_an_end_of_labels_without_any_row_is_told(tmp_path: Path) -> None:
    project = project_of(tmp_path, data={"orders.csv": ORDERS.splitlines()[0] + "\n"})

    outcome = trained(project, labels_until=datetime(2026, 3, 1)).outcome

    assert "but no row of `orders` can be seen" in told(outcome, project)


@pytest.mark.parametrize(
    ("spine", "until", "remedy"),
    [
        ("1,2026-02-18,true", None, "ask about earlier times"),
        ("1,2026-02-01,true\n9,2026-01-01,true", datetime(2026, 2, 7), "give a later time"),
        ("1,2026-02-01,", None, "check what the spine holds in this column"),
    ],
)
def test_a_label_that_no_known_row_has_is_told(
    tmp_path: Path, spine: str, until: datetime | None, remedy: str
) -> None:
    project = project_of(tmp_path)
    path = spine_file(tmp_path, f"customer_id,as_of,churned\n{spine}\n")

    outcome = trained(project, spine=path, labels_until=until).outcome

    assert codes(outcome) == ["FD0725"]
    assert remedy in told(outcome, project)


def test_a_label_that_is_null_though_its_window_is_over_is_told(tmp_path: Path) -> None:
    project_of(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace("orders_next: int = count()", "orders_next = max(amount where amount > 99)")
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")
    project = _again(tmp_path)

    outcome = trained(project).outcome

    assert codes(outcome) == ["FD0725"]
    assert "windows and conditions against the rows of `orders`" in told(outcome, project)


def test_of_rows_that_are_all_unknown_no_label_is_missed(tmp_path: Path) -> None:
    spine = spine_file(tmp_path, "customer_id,as_of,churned\n9,2026-02-01,\n")

    assert codes(trained(project_of(tmp_path), spine=spine).outcome) == []


def test_rows_with_an_unknown_label_are_left_out_and_counted(tmp_path: Path) -> None:
    found = trained(project_of(tmp_path), mature=True)

    assert found.column("asked_at") == [FEB, FEB, datetime(2026, 1, 15), FEB, FEB, FEB]
    counted = use(found.outcome)
    assert (counted.spine.rows, counted.dropped, counted.rows) == (8, 2, 6)
    assert ColumnNulls(column="orders_next", nulls=2) in counted.nulls


def test_without_any_row_of_their_source_no_label_is_known(tmp_path: Path) -> None:
    data = {"orders.csv": ORDERS.splitlines()[0] + "\n"}

    found = trained(project_of(tmp_path, data=data))

    assert found.column("orders_next") == [None] * 8
    counted = use(found.outcome)
    assert (counted.untils[0].until, counted.labels[1].immature) == (None, 7)


def test_a_delay_of_the_source_delays_its_labels(tmp_path: Path) -> None:
    project_of(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace("time ordered_at", "time ordered_at available after 1d")
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    known = trained(_again(tmp_path), labels_until=datetime(2026, 2, 9))
    open_ = trained(_again(tmp_path), labels_until=datetime(2026, 2, 8, 23, 59, 59))

    assert known.column("orders_next")[:2] == [1, 0]
    assert open_.column("orders_next")[:2] == [None, None]
    assert use(open_.outcome).labels[1].immature == 6


def test_a_split_is_counted_in_its_order(tmp_path: Path) -> None:
    dataset = (
        "spine asked at asked_at\n  split by time at @2026-02-01, @2026-02-10\n  label churned\n"
        "  include spend.*"
    )

    found = trained(project_of(tmp_path, dataset=dataset))

    assert found.columns[-1] == "split"
    assert use(found.outcome).split == (
        ValueCount(value="train", rows=1),
        ValueCount(value="validation", rows=5),
        ValueCount(value="test", rows=1),
        ValueCount(value=None, rows=1),
    )


# --- Spines from files and frames ----------------------------------------------------------------


def test_columns_that_nobody_knows_come_along_as_they_are(tmp_path: Path) -> None:
    query = (
        "SELECT 1::INT AS customer_id, TIMESTAMP '2026-02-01' AS as_of, true AS churned, "
        "[1, 2] AS numbers, TIMESTAMPTZ '2026-01-01 12:00:00+02' AS seen, "
        "{'a': 1} AS pair, 1.25::DECIMAL(5, 2) AS price"
    )

    found = trained(project_of(tmp_path), spine=parquet(tmp_path, query))

    assert found.rows[0][3:7] == (
        [1, 2],
        datetime(2026, 1, 1, 10, tzinfo=UTC),
        {"a": 1},
        Decimal("1.25"),
    )
    assert use(found.outcome).spine.kind == "file"
    assert use(found.outcome).spine.name == "spine.parquet"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("TIMESTAMPTZ '2026-02-01 05:30:00+05:30'", FEB),
        ("TIMESTAMP_NS '2026-02-01 00:00:00.000000999'", FEB),
        ("TIMESTAMP_S '2026-02-01 00:00:00'", FEB),
        ("DATE '2026-02-01'", FEB),
    ],
)
def test_times_become_utc_without_a_zone(tmp_path: Path, time: str, expected: datetime) -> None:
    spine = parquet(tmp_path, f"SELECT 1 AS customer_id, {time} AS as_of, true AS churned")

    found = trained(project_of(tmp_path), spine=spine)

    assert found.column("as_of") == [expected]
    assert found.column("orders_30d") == [2]


def test_nanoseconds_with_a_zone_become_utc(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    times = pa.array([1769904000_000000999, None], pa.timestamp("ns", tz="UTC"))
    table = pa.table({"customer_id": [1, 2], "as_of": times, "churned": [True, None], "t": times})
    pq.write_table(table, tmp_path / "spine.parquet")

    found = trained(project_of(tmp_path), spine=tmp_path / "spine.parquet", publish=True)

    assert found.column("as_of") == [FEB, None]
    assert found.outcome.ok


def test_keys_may_be_called_as_the_entity_or_the_source_calls_them(tmp_path: Path) -> None:
    project_of(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    head, source, rest = text.partition("source asked")
    rest = rest.replace("entity customer", "entity customer (who)", 1)
    rest = rest.replace("customer_id: int\n", "who: int\n", 1)
    (tmp_path / "shop.feat").write_text(head + source + rest, encoding="utf-8")
    rows = "2026-02-01,true\n"

    by_source = trained(
        _again(tmp_path), spine=spine_file(tmp_path, f"who,asked_at,churned\n1,{rows}")
    )
    by_entity = trained(
        _again(tmp_path), spine=spine_file(tmp_path, f"customer_id,as_of,churned\n1,{rows}")
    )

    assert by_source.column("orders_30d") == by_entity.column("orders_30d") == [2]


def test_a_csv_is_read_by_the_rules_of_sources(tmp_path: Path) -> None:
    spine = spine_file(
        tmp_path, "as_of,customer_id,churned,code\n2026-02-01T05:30:00+05:30, 1 ,yes,007\n"
    )

    found = trained(project_of(tmp_path), spine=spine)

    assert found.rows == [(FEB, 1, True, "007", Decimal("30.50"), 2, 1)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1.5,2026-02-01,true", "`customer_id` is `1.5`: it is no int"),
        ("1,01.02.2026,true", "`asked_at` is `01.02.2026`: it is no timestamp"),
        ("1,2026-02-01,maybe", "`churned` is `maybe`: it is no bool"),
    ],
)
def test_csv_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, rows: str, expected: str
) -> None:
    spine = spine_file(tmp_path, f"customer_id,asked_at,churned\n1,2026-02-01,true\n{rows}\n")
    project = project_of(tmp_path)

    outcome = trained(project, spine=spine).outcome

    assert codes(outcome) == ["FD0709"]
    assert expected.partition(":")[0].split()[-1].strip("`") in told(outcome, project)
    assert "line 3" in told(outcome, project)
    assert outcome.diagnostics[0].helps == ("correct the file",)


def test_an_int_that_pandas_wrote_as_a_float_is_told_with_how_that_comes(tmp_path: Path) -> None:
    spine = spine_file(tmp_path, "customer_id,as_of,churned\n1.0,2026-02-01,true\n,,\n")
    orders = ORDERS.replace("3,2,", "3.0,2,")

    of_spine = trained(project_of(tmp_path), spine=spine).outcome
    of_source = trained(project_of(tmp_path, data={"orders.csv": orders})).outcome

    assert codes(of_spine) == codes(of_source) == ["FD0709"]
    assert [len(o.diagnostics[0].helps) for o in (of_spine, of_source)] == [2, 2]
    assert 'astype("Int64")` before `to_csv`' in of_spine.diagnostics[0].helps[1]
    assert "try_cast" in of_source.diagnostics[0].helps[0]


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("'1'", "FD0706", "holds text"),
        ("1.5::DOUBLE", "FD0707", "1 of 2 rows of `spine` holds no int in `customer_id`"),
        ("99999999999999999999::HUGEINT", "FD0707", "row 2 of spine.parquet"),
    ],
)
def test_a_key_that_would_lose_something_is_told(
    tmp_path: Path, key: str, code: str, words: str
) -> None:
    zero = "'0'" if code == "FD0706" else "0"
    query = (
        f"SELECT * FROM (VALUES ({zero}), ({key})) t(customer_id), "
        "(VALUES (TIMESTAMP '2026-02-01', true)) u(as_of, churned)"
    )
    project = project_of(tmp_path)

    outcome = trained(project, spine=parquet(tmp_path, query)).outcome

    assert codes(outcome) == [code]
    assert words in told(outcome, project)
    cast = "cast the column where the file is written"
    assert outcome.diagnostics[0].helps == ((cast if code == "FD0706" else "correct the file"),)


def test_a_time_that_is_text_is_told(tmp_path: Path) -> None:
    query = "SELECT 1 AS customer_id, '2026-02-01' AS as_of, true AS churned"
    project = project_of(tmp_path)

    outcome = trained(project, spine=parquet(tmp_path, query)).outcome

    assert codes(outcome) == ["FD0706"]
    assert "`as_of` of `spine` is declared timestamp, but it holds text" in told(outcome, project)


@pytest.mark.parametrize("time", ["'infinity'", "'12000-01-01'", "'4000-01-01 (BC)'"])
def test_a_time_outside_the_calendar_is_told(tmp_path: Path, time: str) -> None:
    query = f"SELECT 1 AS customer_id, {time}::TIMESTAMP AS as_of, true AS churned"
    project = project_of(tmp_path)

    outcome = trained(project, spine=parquet(tmp_path, query), publish=True).outcome

    assert codes(outcome) == ["FD0707"]
    assert "1 row has no time of the years 1 to 9999 in `as_of`" in told(outcome, project)


def test_a_label_of_the_spine_must_be_in_a_file_too(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    outcome = trained(project, spine=spine_file(tmp_path, "customer_id,as_of,churn\n1,,\n")).outcome

    assert codes(outcome) == ["FD0718"]
    assert "`spine.csv` has no column `churned` for the label" in told(outcome, project)
    assert "rename `churn` to `churned`" in told(outcome, project)


def test_columns_that_are_computed_are_shown_where_they_are_included(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    header = "customer_id,as_of,churned,orders_next,spend_30d,orders_30d"
    spine = spine_file(tmp_path, f"{header}\n1,2026-02-01,true,1,2,3\n")

    (clash,) = trained(project, spine=spine).outcome.diagnostics

    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    assert clash.primary is not None
    places = [label.span for label in (clash.primary, *clash.secondary)]
    assert [text[s.start : s.end] for s in places] == ["ahead.orders_next", "spend.*"]


def test_other_delimiters_are_told(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    spine = spine_file(tmp_path, "customer_id;as_of;churned\n1;;\n")
    outcome = trained(project, spine=spine).outcome

    assert codes(outcome) == ["FD0705"]
    assert "separated by `;`" in told(outcome, project)
    assert "separate them by commas" in told(outcome, project)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("none.csv", None, "does not exist"),
        ("folder.csv", Path.mkdir, "is a folder"),
        ("empty.csv", Path.touch, "is empty"),
        ("broken.parquet", lambda p: p.write_bytes(b"PAR1"), "cannot be read as parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, name: str, make: Callable[[Path], Any] | None, words: str
) -> None:
    project = project_of(tmp_path)
    if make is not None:
        make(tmp_path / name)

    outcome = trained(project, spine=tmp_path / name).outcome

    assert not outcome.ok
    assert words in told(outcome, project)


def test_a_spine_may_lie_outside_the_project(tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (tmp_path / "project").mkdir()
    project = project_of(tmp_path / "project")

    spine = spine_file(elsewhere, "customer_id,as_of,churned\n1,2026-02-01,true\n")

    assert trained(project, spine=spine).outcome.ok
    query = "SELECT 1 AS customer_id, TIMESTAMP '2026-02-01' AS as_of, true AS churned"
    assert trained(project, spine=parquet(elsewhere, query, "it's.parquet")).outcome.ok


def test_rows_of_a_frame_are_asked_about(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "customer_id": [2, 1],
            "as_of": pd.to_datetime(["2026-02-01"] * 2),
            "churned": [True, False],
        }
    )
    given = Given(words="the frame", load=lambda session, name: session.register(name, frame))

    found = trained(project_of(tmp_path), spine=given)

    assert [r[0] for r in found.rows] == [2, 1]
    assert found.column("orders_30d") == [1, 2]
    assert (use(found.outcome).spine.kind, use(found.outcome).spine.name) == ("frame", "the frame")


def test_rows_in_place_of_a_sources_files_are_read(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "order_id": [1],
            "customer_id": [2],
            "ordered_at": pd.to_datetime(["2026-01-31"]),
            "amount": [7.5],
        }
    )
    given = Given(words="orders", load=lambda session, name: session.register(name, frame))

    found = trained(project_of(tmp_path), sources={"shop.orders": given})

    assert found.column("spend_30d")[:2] == [None, Decimal("7.50")]


# --- What is told --------------------------------------------------------------------------------


ONE_LABEL = "spine asked at asked_at\n  label churned\n  include spend.*"


def leaking(column: str, *, label: str = "i % 3 = 0", rows: int = 90) -> str:
    return (
        "SELECT (i % 2 + 1)::BIGINT AS customer_id, "
        f"TIMESTAMP '2026-02-01' + to_hours((i % 40)::INT) AS as_of, {label} AS churned, "
        f"{column} AS extra FROM range({rows}) r(i)"
    )


@pytest.mark.parametrize(
    ("column", "label", "words"),
    [
        ("i % 3 = 0", "i % 3 = 0", "equals the label `churned` in all 90 rows"),
        (
            "CASE WHEN i % 3 = 0 THEN 'left' ELSE 'here' END",
            "i % 3 = 0",
            "go one to one in 90 rows",
        ),
        ("CASE WHEN i % 3 = 0 THEN i END", "i % 3 = 0", "null for some values of the label"),
        ("CASE WHEN i % 3 <> 0 THEN i END", "i % 3 = 0", "null for some values of the label"),
        (
            "CASE WHEN i < 60 THEN i % 3 = 0 END",
            "i % 3 = 0",
            "equals the label `churned` in all 60 rows",
        ),
    ],
)
def test_a_column_that_tells_the_label_is_told(
    tmp_path: Path, column: str, label: str, words: str
) -> None:
    project = project_of(tmp_path, dataset=ONE_LABEL)

    outcome = trained(project, spine=parquet(tmp_path, leaking(column, label=label))).outcome

    assert (outcome.ok, codes(outcome)) == (True, ["FD0723"])
    assert words in told(outcome, project)


@pytest.mark.parametrize(
    ("column", "label", "rows"),
    [
        ("i", "i % 3 = 0", 90),  # tells rows apart
        ("i % 3 = 0", "i % 3 = 0", 45),  # too few rows
        ("i = 7", "i = 7", 90),  # one row: chance
        ("true", "true", 90),  # a label of one value
        ("CASE WHEN i % 3 = 0 AND i > 3 THEN i END", "i % 3 = 0", 90),
        ("CASE WHEN i % 3 = 0 AND i > 3 THEN 'a' ELSE 'b' END", "i % 3 = 0", 90),
        ("NULL::INT", "i % 3 = 0", 90),
        ("i % 3 = 0", "i % 3 <> 0 AND NULL", 90),
    ],
)
def test_a_column_that_does_not_tell_the_label_is_not(
    tmp_path: Path, column: str, label: str, rows: int
) -> None:
    outcome = trained(
        project_of(tmp_path, dataset=ONE_LABEL),
        spine=parquet(tmp_path, leaking(column, label=label, rows=rows)),
    ).outcome

    assert codes(outcome) == []


def test_a_leak_is_found_in_many_rows_by_a_look_at_some(tmp_path: Path) -> None:
    spine = parquet(
        tmp_path, leaking("CASE WHEN i % 50 = 7 THEN 1 END", label="i % 50 = 7", rows=60_000)
    )
    project = project_of(tmp_path, dataset=ONE_LABEL)

    outcome = trained(project, spine=spine).outcome

    assert codes(outcome) == ["FD0723"]
    assert "60,000 rows" in told(outcome, project)


def test_a_rare_value_of_the_label_is_not_overlooked(tmp_path: Path) -> None:
    label = "CASE WHEN i % 7501 = 1 THEN 'gone' WHEN i % 2 = 0 THEN 'a' ELSE 'b' END"
    query = leaking("CASE WHEN i % 7501 = 1 THEN i END", label=label, rows=60_000)
    project = project_of(tmp_path, dataset=ONE_LABEL)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace("churned:     bool", "churned:     text")
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    outcome = trained(_again(tmp_path), spine=parquet(tmp_path, query)).outcome

    assert "`extra` tells the label `churned`: it is null" in told(outcome, project)


def test_one_row_more_among_many_is_no_leak(tmp_path: Path) -> None:
    spine = parquet(
        tmp_path,
        leaking("CASE WHEN i % 50 = 7 AND i <> 7 THEN 1 END", label="i % 50 = 7", rows=60_000),
    )

    assert codes(trained(project_of(tmp_path, dataset=ONE_LABEL), spine=spine).outcome) == []


def test_a_feature_that_tells_the_label_is_told_with_its_name(tmp_path: Path) -> None:
    project = project_of(tmp_path, dataset=ONE_LABEL)
    rows = [(i % 2 + 1, i % 2 == 0) for i in range(80)]
    text = "".join(f"{k},2026-02-01,{str(c).lower()}\n" for k, c in rows)

    outcome = trained(
        project, spine=spine_file(tmp_path, "customer_id,as_of,churned\n" + text)
    ).outcome

    assert set(codes(outcome)) == {"FD0723"}
    assert "`spend_30d` tells the label `churned`" in told(outcome, project)
    assert "except shop.spend.spend_30d" in told(outcome, project)


def test_sources_are_checked_before_anything_is_computed(tmp_path: Path) -> None:
    project = project_of(tmp_path, orders="expect amount > 6")

    found = trained(project, publish=True)

    assert (found.outcome.ok, found.rows) == (False, [])
    assert codes(found.outcome) == ["FD0715"]
    assert not (project.target_dir / "data").exists()
    (record,) = load_records(project.target_dir)
    assert (record.status, record.training) == (Status.FAILED, None)


def test_a_join_that_doubles_rows_of_labels_alone_is_found(tmp_path: Path) -> None:
    """The joined source has two rows for a value that appears after the spine's last time."""
    project_of(tmp_path, data={"colours.csv": "order_id,colour\n4,red\n4,blue\n"})
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text = text.replace(
        "labels ahead for customer from orders",
        'source colours {\n  from csv "colours.csv"\n'
        "  columns { order_id: int required  colour: text }\n}\n\n"
        "view coloured from orders {\n  join colours as c on order_id = c.order_id\n"
        "  let colour = c.colour\n}\n\nlabels ahead for customer from coloured",
    )
    (tmp_path / "shop.feat").write_text(text, encoding="utf-8")

    outcome = trained(_again(tmp_path), spine=None).outcome
    early = spine_file(tmp_path, "customer_id,as_of,churned\n1,2026-02-01,true\n")
    late = trained(_again(tmp_path), spine=early).outcome

    assert codes(outcome) == codes(late) == ["FD0713"]


# --- What is written -----------------------------------------------------------------------------


def read(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute("FROM read_parquet($path)", {"path": str(path)}).fetchall()


def test_a_training_set_is_published_below_the_target_with_its_record(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    found = trained(project, publish=True)

    written = use(found.outcome)
    pointers = (project.target_dir / "current" / "dev.json").read_text(encoding="utf-8")
    pointer = json.loads(pointers)["sets"]["shop.churn"]
    path = project.target_dir / "data" / pointer["folder"] / "training.parquet"
    run = found.outcome.record.run
    assert pointer["run"] == run
    assert pointer["folder"] == written.folder == f"shop.churn/v1/{run}"
    assert (pointer["rows"], pointer["fingerprint"]) == (8, written.fingerprint)
    assert pointer["files"] == [written.files[0].model_dump()]
    assert sha256(path) == written.files[0].sha256
    assert read(path) == found.rows
    assert load_records(project.target_dir) == [found.outcome.record]
    assert found.outcome.record.outputs == ()


def test_the_file_says_which_run_and_data_set_it_is_of(tmp_path: Path) -> None:
    found = trained(project_of(tmp_path), publish=True, out=tmp_path / "set.parquet")

    with duckdb.connect() as connection:
        pairs = connection.execute(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata($path)",
            {"path": str(tmp_path / "set.parquet")},
        ).fetchall()
    assert dict(pairs) == {
        "featc_run": found.outcome.record.run,
        "featc_dataset": "shop.churn",
        "featc_fingerprint": use(found.outcome).fingerprint,
    }


def test_a_file_of_ones_own_takes_the_place_of_publishing(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    out = tmp_path / "new" / "set.csv"

    found = trained(project, publish=True, out=out)

    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(found.columns)
    assert lines[1] == "1,2026-02-01 00:00:00,false,web,30.50,2,1"
    assert lines[6] == ",2026-02-01 00:00:00,true,shop,,,"
    assert not (project.target_dir / "data").exists()
    assert [f.path for f in use(found.outcome).files] == ["set.csv"]
    assert sha256(out) == use(found.outcome).files[0].sha256
    assert load_records(project.target_dir) == [found.outcome.record]


def test_a_training_set_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "set.parquet"
    out.write_text("what was there")

    outcome = trained(
        project_of(tmp_path, orders="expect amount > 6"), publish=True, out=out
    ).outcome

    assert (outcome.ok, out.read_text()) == (False, "what was there")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    project = project_of(tmp_path)

    outcome = trained(project, publish=True, out=tmp_path / "taken" / "set.parquet").outcome

    assert (outcome.ok, codes(outcome)) == (False, ["FD0802"])
    assert load_records(project.target_dir)[0].status is Status.FAILED


def test_without_publishing_nothing_is_written(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    found = trained(project)

    assert found.outcome.ok
    assert load_records(project.target_dir) == []
    assert not (project.target_dir / "data").exists()
    assert list((project.target_dir / ".staging").glob("*/")) == []


def test_an_interrupted_training_set_leaves_a_record_and_nothing_else(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    def receive(session: Session, query: exp.Select) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(project, compiled(project), "shop.churn", receive=receive)

    (record,) = load_records(project.target_dir)
    assert record.status is Status.INTERRUPTED
    assert not (project.target_dir / "data").exists()
    assert list((project.target_dir / ".staging").glob("*/")) == []


def test_the_fingerprint_is_of_the_meaning(tmp_path: Path) -> None:
    def fingerprint(**changes: Any) -> str:
        return use(trained(project_of(tmp_path, **changes)).outcome).fingerprint

    same = fingerprint()

    assert fingerprint(dataset="## Said.\n" and 'owner "x"\n  ' + DATASET) == same
    assert fingerprint(dataset=DATASET.replace("spend.*", "spend.spend_30d")) != same
    assert fingerprint(dataset=DATASET + "\n  split by time at @2026-02-01") != same


def test_a_record_of_a_training_set_survives_its_file(tmp_path: Path) -> None:
    record = trained(project_of(tmp_path), publish=True).outcome.record

    assert type(record).model_validate_json(record.to_json()) == record


def test_an_unknown_name_is_an_error_of_the_caller(tmp_path: Path) -> None:
    project = project_of(tmp_path)

    with pytest.raises(KeyError):
        train(project, compiled(project), "shop.nothing")
