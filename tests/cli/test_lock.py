"""``featc lock`` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Featc

TEXT = """\
entity customer { key customer_id: int }
source orders {
  from csv "orders.csv"
  time ordered_at
  entity customer
}
features spend for customer from orders { spend = sum(amount) over 30d }
"""
DATA = "customer_id,ordered_at,amount\n1,2026-01-10,10.5\n"
LOCK = """\
# Columns of sources that declare none, as they were read from the data. `featc lock` writes this.
version = 1

[sources."shop.orders"]
"customer_id" = "int"
"ordered_at" = "date"
"amount" = "float"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text(DATA.replace("01-10,", "01-10 08:00:00,"))
    (tmp_path / "featc.toml").write_text('[project]\nname = "shop"\n')
    (tmp_path / "shop.feat").write_text(TEXT)
    return tmp_path


def test_the_columns_are_written_and_the_project_can_be_checked(
    featc: Featc, project: Path
) -> None:
    before = featc("check", cwd=project)
    done = featc("lock", cwd=project)

    assert before.errors == [
        "error[FD0370 unknown-columns]: nothing says which columns `orders` has"
    ]
    assert done.status == 0
    assert done.out.splitlines() == [
        "+ shop.orders.customer_id: int",
        "+ shop.orders.ordered_at: timestamp",
        "+ shop.orders.amount: float",
        "✓ wrote featc.lock: 3 columns of 1 source",
    ]
    assert (project / "featc.lock").read_text() == LOCK.replace('"date"', '"timestamp"')
    (project / "data" / "orders.csv").unlink()
    assert featc("check", cwd=project).status == 0


def test_a_second_look_changes_nothing(featc: Featc, project: Path) -> None:
    featc("lock", cwd=project)
    written = (project / "featc.lock").stat().st_mtime_ns

    done = featc("lock", cwd=project)

    assert done.out == "✓ featc.lock has them as the data do: 3 columns of 1 source\n"
    assert (project / "featc.lock").stat().st_mtime_ns == written


def test_a_check_tells_and_writes_nothing(featc: Featc, project: Path) -> None:
    featc("lock", cwd=project)
    before = (project / "featc.lock").read_text()
    (project / "data" / "orders.csv").write_text(DATA.replace("amount", "total"))

    done = featc("lock", "--check", cwd=project)

    assert done.status == 1
    assert done.out.splitlines() == [
        "~ shop.orders.ordered_at: timestamp -> date",
        "- shop.orders.amount: float",
        "+ shop.orders.total: float",
        "✗ featc.lock would change: 3 columns of 1 source",
    ]
    assert (project / "featc.lock").read_text() == before


def test_json_has_columns_and_changes(featc: Featc, project: Path) -> None:
    (project / "featc.lock").write_text(LOCK)

    found = featc("lock", "--json", cwd=project).json

    assert found == {
        "changed": True,
        "sources": {
            "shop.orders": {"customer_id": "int", "ordered_at": "timestamp", "amount": "float"}
        },
        "changes": [
            {"source": "shop.orders", "column": "ordered_at", "was": "date", "now": "timestamp"}
        ],
    }


def test_a_broken_lock_is_written_anew(featc: Featc, project: Path) -> None:
    (project / "featc.lock").write_text("<<<<<<< ours\n")

    told = featc("check", cwd=project)
    done = featc("lock", cwd=project)

    assert "error[FD0736 lock-file]: featc.lock is no TOML: invalid statement" in told.errors
    assert done.status == 0
    assert featc("check", cwd=project).status == 0


def test_a_source_that_lists_its_columns_leaves_the_lock(featc: Featc, project: Path) -> None:
    featc("lock", cwd=project)
    listed = "columns { customer_id: int  ordered_at: timestamp  amount: float }\n}\nfeatures"
    (project / "shop.feat").write_text(TEXT.replace("}\nfeatures", listed))

    done = featc("lock", cwd=project)

    assert done.out.splitlines() == [
        "- shop.orders",
        "✓ every source declares its columns: there is nothing to lock",
    ]
    assert not (project / "featc.lock").exists()


def test_data_that_are_not_there_are_told_and_the_lock_stays(featc: Featc, project: Path) -> None:
    (project / "featc.lock").write_text(LOCK)
    (project / "data" / "orders.csv").unlink()

    done = featc("lock", cwd=project)

    assert done.status == 1
    assert [e[:12] for e in done.errors] == ["error[FD0701"]
    assert (project / "featc.lock").read_text() == LOCK


def test_mistakes_in_the_text_are_told_first(featc: Featc, project: Path) -> None:
    (project / "shop.feat").write_text(TEXT.replace("csv", "cvs"))

    done = featc("lock", cwd=project)

    assert done.status == 1
    assert [e[:12] for e in done.errors] == ["error[FD0209"]
    assert not (project / "featc.lock").exists()


def test_show_says_where_columns_come_from(featc: Featc, project: Path) -> None:
    featc("lock", cwd=project)

    assert "read from the data, in featc.lock" in featc("show", "orders", cwd=project).out
