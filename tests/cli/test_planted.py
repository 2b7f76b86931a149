"""Reference projects with a planted leak, and with a planted tie: `featc test` and `featc selftest`
find each and name it. As they stand both find nothing.

Planted is what no compiler can refuse, since the text is right: the SQL of a source that looks
ahead, an order that is none, a delay that is not true, rows that are rewritten.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data
from tests.cli.conftest import FEATURES, Featc, Result

pytestmark = pytest.mark.study

Project = Callable[..., Path]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"": tmp_path_factory.mktemp("originals")}


@pytest.fixture
def project(originals: dict[str, Path], tmp_path: Path) -> Project:
    """A copy of a reference project with its data, to plant something in."""

    def copied(name: str, into: str = "here", *, data: bool = True) -> Path:
        ignored = shutil.ignore_patterns("data", "target", "__pycache__")
        if not data:
            return Path(shutil.copytree(FEATURES / name, tmp_path / into, ignore=ignored))
        if name not in originals:
            shutil.copytree(FEATURES / name, originals[""] / name, ignore=ignored)
            prepare_data(load_project(originals[""] / name))
            originals[name] = originals[""] / name
        return Path(shutil.copytree(originals[name], tmp_path / into))

    return copied


def plant(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(before) == 1, f"{before!r} stands once in {file.name}"
    file.write_text(text.replace(before, after), "utf-8")


def found(result: Result, relation: str) -> dict[str, dict[str, Any]]:
    """Findings of one relation by feature; all findings are of it."""
    assert result.status == 1, result.out + result.err
    assert {f["relation"] for f in result.json["findings"]} == {relation}
    return {f["feature"]: f for f in result.json["findings"]}


# --- A leak: the SQL of a source looks ahead -----------------------------------------------

STATUS_OF_TODAY = '''\
  from sql """
    select t.txn_id, t.customer_id, t.sku, t.quantity, t.sold_at, t.updated_at, n.status, t.amount,
           t.phone
    from 'transactions/*.parquet' t
    join (select txn_id, max(updated_at) as latest from 'transactions/*.parquet' group by txn_id) l
      on t.txn_id = l.txn_id
    join 'transactions/*.parquet' n on n.txn_id = l.txn_id and n.updated_at = l.latest
  """
'''
"""Each version of a line has the status of its last one: what is refunded later is so at once."""


def with_status_of_today(folder: Path) -> Path:
    plant(folder / "retail.feat", '  from parquet "transactions/*.parquet"\n', STATUS_OF_TODAY)
    return folder


def test_sql_that_writes_the_status_of_today_into_the_past_is_found(
    featc: Featc, project: Project
) -> None:
    folder = with_status_of_today(project("quickstart"))

    leaks = found(featc("selftest", "spend.spend_wine*", "--json", cwd=folder), "cut")

    wine = leaks["retail.spend.spend_wine_30d"]
    (line,) = wine["rows"]
    # Before, by what is known at the end, it is refunded; where the files end it was paid still.
    assert line["status"] == "refunded"
    assert line["customer_id"] == wine["key"]["customer_id"]
    assert line["sold_at"] < wine["as_of"]
    assert float(wine["after"]) - float(wine["before"]) == float(line["amount"])
    assert wine["source"] == "retail.transactions"


NET_PRICE = '''\
  from sql """
    select p.purchase_id, p.user_id, p.product_id, p.ts,
           cast(p.purchase_price - coalesce(r.back, 0) as bigint) as purchase_price
    from 'purchases.parquet' p
    left join (select user_id, sum(refund_amt) as back from 'returns.parquet' group by user_id) r
      on p.user_id = r.user_id
  """
'''
"""Purchases less all that their user has sent back, ever."""


def test_sql_that_counts_later_refunds_is_found(featc: Featc, project: Project) -> None:
    folder = project("chronon_quickstart")
    plant(folder / "sources.feat", '  from parquet "purchases.parquet"\n', NET_PRICE)

    leaks = found(
        featc("selftest", "now_price_sum*", "--as-of", "2023-11-20", "--json", cwd=folder), "cut"
    )

    total = leaks["chronon_quickstart.purchases_now.now_price_sum_30d"]
    assert int(total["before"]) < int(total["after"])
    assert {row["user_id"] for row in total["rows"]} == {total["key"]["user_id"]}


def test_sql_that_looks_at_the_row_alone_is_no_leak(featc: Featc, project: Project) -> None:
    folder = project("chronon_quickstart")
    query = (
        'sql "select purchase_id, user_id, product_id, ts, purchase_price from '
        "'purchases.parquet' where user_id > 0\""
    )
    plant(folder / "sources.feat", 'parquet "purchases.parquet"', query)

    result = featc("selftest", "now_price_sum*", "--json", cwd=folder)

    assert (result.status, result.json["findings"]) == (0, [])
    (cut,) = [t for t in result.json["tried"] if t["relation"] == "cut"]
    assert cut["values"] > 0


# --- A leak: another past than the one that was published ----------------------------------


def add_rows(file: Path, values: str) -> None:
    with duckdb.connect() as session:
        session.execute(f"create table t as from '{file}'")
        session.execute(f"insert into t by name select {values}")
        session.execute(f"copy t to '{file}' (format parquet)")


def add_a_late_sale(folder: Path) -> None:
    """Sold ten days before the run, in the files only after it: `available after 2h` is untrue."""
    add_rows(
        folder / "data" / "transactions" / "2026-09.parquet",
        "999999 as txn_id, 11157970 as customer_id, 101 as sku, 1 as quantity, 111.11 as amount, "
        "timestamp '2026-09-20 10:00:00' as sold_at, sold_at as updated_at, 'paid' as status",
    )


def test_rows_that_come_later_than_is_declared_are_found(featc: Featc, project: Project) -> None:
    folder = project("quickstart")
    assert featc("run", cwd=folder).status == 0
    add_a_late_sale(folder)

    leaks = found(featc("selftest", "spend.spend*d", "--json", cwd=folder), "again")

    spend = leaks["retail.spend.spend_90d"]
    assert spend["key"] == {"customer_id": 11157970}
    assert spend["as_of"] == "2026-10-01T00:00:00Z"
    assert round(float(spend["after"]) - float(spend["before"]), 2) == 111.11
    assert spend["others"] == 0
    assert "retail.spend.spend_7d" not in leaks


def test_rows_that_are_rewritten_are_found(featc: Featc, project: Project) -> None:
    folder = project("quickstart")
    assert featc("run", "profile", cwd=folder).status == 0
    file = folder / "data" / "customers.csv"
    head, *lines = file.read_text("utf-8").splitlines()
    city = head.split(",").index("city")
    last = lines[-1].split(",")
    was, last[city] = last[city], "Atlantis"
    file.write_text("\n".join([head, *lines[:-1], ",".join(last)]) + "\n", "utf-8")

    leaks = found(featc("selftest", "profile", "--json", cwd=folder), "again")

    assert set(leaks) == {"retail.profile.city"}
    assert (leaks["retail.profile.city"]["before"], leaks["retail.profile.city"]["after"]) == (
        was,
        "Atlantis",
    )


def test_published_values_of_another_definition_are_not_compared(
    featc: Featc, project: Project
) -> None:
    folder = project("quickstart")
    assert featc("run", "profile", cwd=folder).status == 0
    plant(folder / "features.feat", "  city = city\n", "  city = upper(city)\n")

    result = featc("selftest", "profile", "--json", cwd=folder)

    assert (result.status, result.json["findings"]) == (0, [])
    (again,) = [t for t in result.json["tried"] if t["relation"] == "again"]
    assert again["trials"] == 0


# --- A tie: an order that is none ----------------------------------------------------------


def without_an_order(folder: Path) -> Path:
    text = folder / "retail.feat"
    plant(text, "  key txn_id  # what tells rows apart, and orders ties\n", "")
    # All lines of a receipt have one customer: that orders nothing.
    plant(text, "time sold_at available", "time sold_at then customer_id available")
    with (folder / "features.feat").open("a", encoding="utf-8") as file:
        file.write(
            "\nfeatures newest for customer from transactions {\n  last_sku = last(sku)\n}\n"
        )
    return folder


def test_an_order_that_is_none_is_found_with_the_rows_it_leaves_open(
    featc: Featc, project: Project
) -> None:
    folder = without_an_order(project("quickstart"))

    ties = found(featc("selftest", "newest", "--json", cwd=folder), "shuffled")

    tie = ties["retail.newest.last_sku"]
    assert tie["before"] != tie["after"]
    assert tie["source"] == "retail.transactions"
    assert {row["customer_id"] for row in tie["rows"]} == {tie["key"]["customer_id"]}
    assert len({row["sold_at"] for row in tie["rows"]}) < len(tie["rows"])


# --- Stated tests --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "before", "after", "title", "cell"),
    [
        pytest.param(
            "quickstart",
            "retail.feat",
            "time sold_at available after 2h",
            "time sold_at",
            "a sale is seen two hours after it was made",
            "spend customer_id 1 2026-01-02 00:00 UTC spend_7d 40.00 100.00",
            id="quickstart",
        ),
        pytest.param(
            "flights",
            "sources.feat",
            "time sched_dep available known_at",
            "time sched_dep",
            "a delay is not known before the plane has left",
            "2013-06-01 12:29:59",
            id="flights",
        ),
        pytest.param(
            "retail",
            "sources.feat",
            "  key basket_id, product_id\n  time sold_at available after 6h",
            "  key basket_id, product_id\n  time sold_at",
            "a line is known six hours after the sale, and a line without quantity is none",
            "tastes household_id 1 2017-06-01 00:00 UTC pieces_28d 2 3",
            id="retail",
        ),
        pytest.param(
            "chronon_quickstart",
            "sources.feat",
            "snapshot ds available after 1d",
            "snapshot ds",
            "the users' table of a day is known on the day after",
            "users_v1",
            id="chronon",
        ),
    ],
)
def test_a_stated_test_finds_rows_that_are_seen_too_early(
    featc: Featc,
    project: Project,
    name: str,
    file: str,
    before: str,
    after: str,
    title: str,
    cell: str,
) -> None:
    folder = project(name, data=False)
    plain = featc("test", cwd=folder)
    assert plain.status == 0, plain.out
    plant(folder / file, before, after)

    result = featc("test", cwd=folder)

    assert result.status == 1
    assert f"✗ {title}" in result.out
    assert cell in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("quickstart", ()),
        ("forty", ("spend",)),
        ("chronon_quickstart", ("purchases_v1", "users_v1")),
    ],
)
def test_as_they_stand_nothing_is_found(
    featc: Featc, project: Project, name: str, selection: tuple[str, ...]
) -> None:
    folder = project(name)
    assert featc("run", *selection, cwd=folder).status == 0

    result = featc("selftest", *selection, "--json", cwd=folder)

    assert (result.status, result.json["findings"]) == (0, [])
    (again,) = [t for t in result.json["tried"] if t["relation"] == "again"]
    assert again["values"] > 0


# --- The guide --------------------------------------------------------------------------------

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "find-a-leak.md"


BLOCK = re.compile(r"```console\n(.*?)\n```", re.DOTALL)


def told(featc: Featc, folder: Path, *arguments: str) -> str:
    """A command and what it says, as the guide shows it."""
    out = featc(*arguments, cwd=folder).out
    return "\n".join([f"$ featc {' '.join(arguments)}", *(li.rstrip() for li in out.splitlines())])


def lasting(text: str) -> str:
    """What is the same each time: of a tie not how many values change, and which is told first."""
    if "share their place" in text:
        text = re.sub(r"[\d,]+", "…", text.partition("share their place")[0])
    return re.sub(r"\d+(\.\d+)? m?s\b|  +", " ", text)


def test_the_guide_shows_what_is_told(featc: Featc, project: Project) -> None:
    ahead = with_status_of_today(project("quickstart", "ahead"))
    late = project("quickstart", "late")
    assert featc("run", cwd=late).status == 0
    add_a_late_sale(late)
    tie = without_an_order(project("quickstart", "tie"))
    early = project("quickstart", "early")
    plant(early / "retail.feat", "time sold_at available after 2h", "time sold_at")
    shown = [
        told(featc, ahead, "selftest", "spend.spend_wine_30d"),
        told(featc, late, "selftest", "spend.spend_90d"),
        told(featc, tie, "selftest", "newest"),
        told(featc, early, "test"),
    ]

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        blocks = iter(shown)
        text = GUIDE.read_text("utf-8")
        GUIDE.write_text(BLOCK.sub(lambda _: f"```console\n{next(blocks)}\n```", text), "utf-8")
    written = BLOCK.findall(GUIDE.read_text("utf-8"))

    assert [lasting(w) for w in written] == [lasting(s) for s in shown]
