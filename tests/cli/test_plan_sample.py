"""`featc plan --sample`: values before and after, worked out by hand and against whole runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from shop import shop

from featdsl.impact.report import Plan

TEXT = """\
namespace shop

entity customer { key customer_id: int }

entity whole { }

source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      decimal(12, 2)
    status:      text PII
  }
}

features spend for customer from orders {
  total = sum(amount) over 30d
  mean: float = avg(amount) over 30d
  orders = count() over 30d
  status = last(status) over 30d
}

features all for whole from orders { orders = count() over 30d }
"""
HEAD = "order_id,customer_id,ordered_at,amount,status\n"
AS_OF = "2026-02-01"


@pytest.fixture
def project(featc, tmp_path: Path):
    """A published project; gives the plan on a sample after its text was changed."""

    class Project:
        folder = tmp_path

        def begin(self, rows: str, text: str = TEXT) -> None:
            shop(tmp_path, text=text.replace("PII", ""))
            (tmp_path / "data" / "orders.csv").write_text(HEAD + rows)
            found = featc("run", "--as-of", AS_OF, cwd=tmp_path)
            assert found.status == 0, found.err

        def change(self, *changes: tuple[str, str]) -> None:
            text = (tmp_path / "shop.feat").read_text()
            for old, new in changes:
                assert old in text
                text = text.replace(old, new)
            (tmp_path / "shop.feat").write_text(text)

        def plan(self, share: str = "100%") -> Plan:
            found = featc("plan", "--sample", share, "--json", cwd=tmp_path)
            assert found.status == 0, found.err
            return Plan.model_validate_json(found.out)

        def featc(self, *arguments: str):
            return featc(*arguments, cwd=tmp_path)

    return Project()


ROWS = """\
1,1,2026-01-10 10:00:00,10.00,paid
2,1,2026-01-20 10:00:00,20.50,paid
3,2,2026-01-25 10:00:00,5.25,open
4,3,2026-01-26 10:00:00,,open
5,4,2026-01-27 10:00:00,8.00,open
"""


def test_values_before_and_after_are_those_worked_out_by_hand(project):
    """With a floor of 6, customer 1 keeps 30.50, 2 loses 5.25, 3 has none, 4 keeps 8.00."""
    project.begin(ROWS)
    project.change(("total = sum(amount)", "total = sum(amount where amount > 6)"))
    (group,) = project.plan().sample or ()
    (feature,) = group.features

    assert (group.group, group.every, group.keys, group.gone, group.new) == (
        "shop.spend", 1, 4, 0, 0,
    )  # fmt: skip
    assert (feature.name, feature.differ, feature.share) == ("shop.spend.total", 1, 0.25)
    before, after = feature.before, feature.after
    assert (before.rows, before.nulls, after.rows, after.nulls) == (4, 1, 4, 2)
    assert (before.minimum, before.maximum) == (5.25, 30.5)
    assert (after.minimum, after.maximum) == (8.0, 30.5)
    assert before.mean == pytest.approx((30.5 + 5.25 + 8) / 3)
    assert after.mean == pytest.approx((30.5 + 8) / 2)
    assert (before.quantiles["0.5"], after.quantiles["0.5"]) == (8.0, 19.25)
    assert group.others == ()


def test_people_read_it_in_tables(project):
    project.begin(ROWS)
    project.change(("total = sum(amount)", "total = sum(amount where amount > 6)"))
    text = project.featc("plan", "--sample", "100%").out
    markdown = project.featc("plan", "--sample", "1", "--markdown").out

    assert "shop.spend, all keys (4 keys) as of 2026-02-01 00:00:00, against the run " in text
    (line,) = [w for w in text.splitlines() if w.startswith("shop.spend.total ")]
    assert line.split()[1] == "25.0%"
    assert "null 25.0%, mean 14.5833" in line and "null 50.0%, mean 19.25" in line
    assert r"| shop.spend.total | 25.0% | null 25.0%, mean 14.5833" in markdown


def test_keys_that_come_and_go_are_counted_apart(project):
    """Of a condition on the source, customer 3 and 4 have no row any more."""
    project.begin(ROWS)
    project.change(("key order_id", 'key order_id\n  drop when order_id >= 4 because "tests"'))
    (group, whole) = project.plan().sample or ()

    assert (group.keys, group.gone, group.new) == (2, 2, 0)
    assert {f.name: f.differ for f in group.features} == {
        f"shop.spend.{n}": 0 for n in ("total", "mean", "orders", "status")
    }
    # An entity without a key has its one row before and after: 5 orders, then 3.
    assert (whole.group, whole.keys, whole.features[0].differ) == ("shop.all", 1, 1)
    assert (whole.features[0].before.maximum, whole.features[0].after.maximum) == (5, 3)


def test_another_type_and_another_name_are_compared_as_they_are_now(project):
    """1 and 1.0 are the same number."""
    project.begin(ROWS)
    project.change(
        (
            "  orders = count() over 30d\n  status",
            "  n: float = count() over 30d { was orders }\n  status",
        )
    )
    (group,) = project.plan().sample or ()

    assert [(f.name, f.differ) for f in group.features] == [("shop.spend.n", 0)]
    assert group.features[0].before.maximum == group.features[0].after.maximum == 2


def many(customers: int = 1000) -> str:
    lines = []
    for c in range(1, customers + 1):
        for i in range(3):
            amount = (c * 7 + i * 13) % 100
            lines.append(f"{c * 3 + i},{c},2026-01-{10 + i} 10:00:00,{amount}.00,paid\n")
    return "".join(lines)


def test_a_sample_has_all_rows_of_some_keys(project):
    """What a tenth of the keys says is what whole runs say of the same keys."""
    project.begin(many())
    project.change(("total = sum(amount)", "total = sum(amount where amount > 50)"))
    (group,) = project.plan("10%").sample or ()
    files = list(project.folder.glob("target/data/shop.spend/*/*/values.parquet"))
    assert project.featc("run", "--as-of", AS_OF).status == 0
    (old,) = files
    (new,) = {*project.folder.glob("target/data/shop.spend/*/*/values.parquet")} - {old}
    ((keys, differ, mean),) = duckdb.sql(
        "select count(*), count(*) filter (a.total is distinct from b.total), avg(b.total)"
        f" from '{old}' a join '{new}' b using (customer_id)"
        f" where hash(customer_id) % {group.every} = 0"
    ).fetchall()

    (feature,) = group.features
    assert (group.keys, group.gone, group.new) == (keys, 0, 0)
    assert 8 <= group.every <= 10 and 50 < keys < 200
    assert (feature.differ, feature.after.mean) == (differ, pytest.approx(float(mean)))
    assert differ > 0


def test_other_data_are_told_by_what_means_the_same(project):
    project.begin(ROWS)
    project.change(("total = sum(amount)", "total = sum(amount where amount > 6)"))
    more = "6,2,2026-01-28 10:00:00,1.00,open\n"
    (project.folder / "data" / "orders.csv").write_text(HEAD + ROWS + more)
    (group,) = project.plan().sample or ()

    assert group.others == ("shop.spend.mean", "shop.spend.orders")
    assert "the data, or parameters, are others" in project.featc("plan", "--sample", "1").out


def test_of_personal_data_there_are_counts_only(project):
    text = TEXT.replace("PII", "pii").replace("last(status)", "count_distinct(status)")
    project.begin(ROWS, text)
    project.change(("count_distinct(status) over 30d", "count_distinct(status) over 10d"))
    (group,) = project.plan().sample or ()

    (feature,) = group.features
    # Customer 1 ordered on 10 and 20 January, more than 10 days before; all others later.
    assert (feature.name, feature.differ) == ("shop.spend.status", 1)
    for profile in (feature.before, feature.after):
        assert (profile.minimum, profile.maximum, profile.mean, profile.top) == (None,) * 3 + ({},)
        assert profile.rows == 4


def test_a_published_file_that_was_changed_is_not_compared(project):
    project.begin(ROWS)
    project.change(("total = sum(amount)", "total = sum(amount where amount > 6)"))
    (file,) = project.folder.glob("target/data/shop.spend/*/*/values.parquet")
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    found = project.featc("plan", "--sample", "1")

    assert found.status == 1
    assert "FD0750" in found.err


def test_nothing_to_compare_and_wrong_shares_are_told(project):
    project.begin(ROWS)
    shown = project.featc("plan", "--sample", "1%").out
    wrong = [project.featc("plan", "--sample", s) for s in ("0", "101%", "much", "-1%")]
    manifest = project.featc("plan", "--sample", "1%", "--against", "x.json")

    assert "there is nothing to compare" in shown
    assert {w.status for w in (*wrong, manifest)} == {2}
    assert "is no share of the keys" in wrong[0].err
