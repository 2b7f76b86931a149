"""`featc history`, and rows of an earlier run in Python: what a feature was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import ORDERS, TEXT, shop

import featdsl

PLAIN = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
FIRST = [(1, Decimal("30.50"), 2), (2, Decimal("5.25"), 1)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    return tmp_path


def ran(featc, project: Path, *more: str) -> str:
    result = featc("run", "--as-of", "2026-02-01", "--json", *more, cwd=project)
    assert result.status == 0, result.err
    return str(result.events[-1]["run"])


def write(project: Path, *changes: tuple[str, str]) -> None:
    text = PLAIN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (project / "shop.feat").write_text(text, encoding="utf-8")


def versions(featc, project: Path, name: str, *more: str) -> list[dict[str, Any]]:
    result = featc("history", name, "--json", *more, cwd=project)
    assert result.status == 0, result.err
    return list(result.json)


def runs_of(version: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p["how"], p["run"]) for p in version["published"]]


def test_each_meaning_is_a_version_with_what_changed(featc, project: Path) -> None:
    first, second = ran(featc, project), ran(featc, project)
    write(project, ("over 30d", "over 60d"))
    third = ran(featc, project)

    new, old = versions(featc, project, "spend.spend_30d")

    assert runs_of(old) == [("run", first), ("run", second)]
    assert runs_of(new) == [("run", third)]
    assert (old["current"], new["current"]) == (False, True)
    assert (old["because"], old["difference"]) == ([], [])
    assert new["because"] == ["its definition"]
    assert new["difference"] == [
        "- spend_30d = sum(amount) over 30d",
        "+ spend_30d = sum(amount) over 60d",
    ]
    (other,) = versions(featc, project, "orders_30d")
    assert len(other["published"]) == 3
    shown = featc("history", "spend_30d", cwd=project).out
    assert shown.startswith("shop.spend.spend_30d: 2 versions, published 3 times\n")
    assert "  because its definition\n  - spend_30d = sum(amount) over 30d\n" in shown


def test_comments_and_docs_make_no_version(featc, project: Path) -> None:
    ran(featc, project)
    write(project, ("  spend_30d", "  ## What is paid\n  spend_30d"))
    ran(featc, project)

    (only,) = versions(featc, project, "spend_30d")

    assert len(only["published"]) == 2


def test_a_name_that_it_had_before_is_followed(featc, project: Path) -> None:
    first = ran(featc, project)
    write(project, ("  spend_30d = sum(amount) over 30d", "  paid = sum(amount) over 30d"))
    second = ran(featc, project)
    changed = "  paid = sum(amount) over 60d was spend_30d"
    write(project, ("  spend_30d = sum(amount) over 30d", changed.replace(" was spend_30d", "")))
    ran(featc, project)

    newest, renamed, oldest = versions(featc, project, "paid")

    assert newest["because"] == ["its definition"]
    assert renamed["because"] == ["its name: shop.spend.spend_30d before"]
    assert renamed["fingerprint"] == oldest["fingerprint"]
    assert (runs_of(oldest), runs_of(renamed)) == ([("run", first)], [("run", second)])
    assert oldest["name"] == "shop.spend.spend_30d"


def test_a_value_of_a_parameter_makes_a_version_and_is_its_cause(featc, project: Path) -> None:
    write(
        project,
        ("entity customer {", "param floor: decimal(4, 2) = 6.00\n\nentity customer {"),
        ("sum(amount) over 30d", "sum(amount where amount > $floor) over 30d"),
    )
    ran(featc, project)
    ran(featc, project, "--param", "floor=1.00")

    new, _ = versions(featc, project, "spend_30d")

    assert new["because"] == ["$shop.floor: 6.00 before, 1.00 now"]
    assert new["difference"] == []


def test_rollbacks_and_promotions_are_told(featc, project: Path) -> None:
    (project / "featc.toml").write_text('[project]\nname = "shop"\n[targets.prod]\n')
    first = ran(featc, project)
    write(project, ("over 30d", "over 60d"))
    second = ran(featc, project)
    assert featc("rollback", cwd=project).status == 0
    assert featc("promote", "dev", "prod", cwd=project).status == 0

    found = versions(featc, project, "spend_30d")

    assert [runs_of(v) for v in found] == [
        [("rollback", first)],
        [("run", second)],
        [("run", first)],
    ]
    assert [v["current"] for v in found] == [True, False, False]
    (promoted,) = versions(featc, project, "spend_30d", "--target", "prod")
    assert runs_of(promoted) == [("promote", first)]


def test_what_is_not_kept_is_told(featc, project: Path) -> None:
    ran(featc, project)
    write(project, ("over 30d", "over 60d"))
    for manifest in (project / "target" / "manifests").iterdir():
        manifest.unlink()
    ran(featc, project)

    new, old = versions(featc, project, "spend_30d")

    assert old["definition"] is None
    assert new["because"] == ["what was declared is not kept"]


def test_a_name_of_nothing_or_of_several_is_told(featc, project: Path) -> None:
    write(project, ("features spend", "features more for customer from orders {\n"
                    "  spend_30d = max(amount) over 30d\n}\n\nfeatures spend"))  # fmt: skip
    ran(featc, project)

    (none,) = featc("history", "spent_30d", cwd=project).errors
    several = featc("history", "spend_30d", cwd=project)

    assert none.startswith("error[FD0740 not-published]: no feature `spent_30d` was published")
    assert several.status == 1
    assert "shop.more.spend_30d" in several.err
    assert featc("history", "customer_id", cwd=project).status == 1  # a key is no feature


def test_rows_of_an_earlier_run_are_read_in_python(featc, project: Path) -> None:
    first = ran(featc, project)
    path = project / "data" / "orders.csv"
    path.write_text(ORDERS.replace("20.50", "99.50"), encoding="utf-8")
    second = ran(featc, project)
    loaded = featdsl.load(project)

    before = loaded.published("spend", run=first[-6:])

    assert before.rows() == FIRST
    assert before.keys == ("customer_id",)
    assert before.types == loaded.snapshot("spend", as_of="2026-02-01").types
    assert str(before.report.as_of) == "2026-02-01 00:00:00"
    now = loaded.published(loaded.groups["spend"])
    assert now.rows()[0][1] == Decimal("109.50")
    assert second in repr(now)


def test_rows_that_are_not_there_as_they_were_are_refused(featc, project: Path) -> None:
    first = ran(featc, project)
    (file,) = (project / "target" / "data").rglob("values.parquet")
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)
    loaded = featdsl.load(project)

    with pytest.raises(featdsl.RunError, match="is not as the run"):
        loaded.published("spend", run=first)
    file.unlink()
    with pytest.raises(featdsl.RunError, match="cannot be read"):
        loaded.published("spend")
    with pytest.raises(featdsl.RunError, match="no set is called `spent`"):
        loaded.published("spent")
    with pytest.raises(featdsl.RunError, match="no run is `zzz`"):
        loaded.published("spend", run="zzz")


def test_a_column_of_a_training_set_has_a_history_and_its_rows_are_read(
    featc, project: Path
) -> None:
    dataset = "dataset visits for customer {\n  spine orders at ordered_at\n  include spend.*\n}\n"
    write(project, ("features spend", f"{dataset}\nfeatures spend"))
    assert featc("train", "visits", cwd=project).status == 0
    write(
        project, ("features spend", f"{dataset}\nfeatures spend"), ("count() over 30d", "count()")
    )
    assert featc("train", "visits", cwd=project).status == 0

    new, old = versions(featc, project, "visits.orders_30d")
    assert (old["published"][0]["as_of"], new["because"]) == (None, ["its definition"])
    found = featdsl.load(project).published("visits")
    assert found.report.as_of is None
    assert found.keys == ()
    assert found.types["spend_30d"] == "decimal(38, 2)"
    assert [row[-1] for row in found.rows()] == [0, 1, 0]


@pytest.mark.parametrize(
    "text",
    ["int", "decimal(12, 2)", "list(text)", "map(text, decimal(3, 1))", "duration",
     "map(decimal(3, 1), list(float))", "list(map(date, bool))"],
)  # fmt: skip
def test_types_are_read_as_they_are_written(text: str) -> None:
    from featdsl.runs.published import type_of

    assert str(type_of(text)) == text
    assert type_of(text.replace("decimal(3, 1)", "decimal(3,1)")) == type_of(text)
    assert type_of(f"list(struct({text}))") is None
