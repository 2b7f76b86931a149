"""`featc run --dry-run`: what each stage would do, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import shop

SOURCE = 'expect status in ["paid", "open"]'
GROUP = "  expect spend_30d >= 0"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path, more=f"  {SOURCE}", features=GROUP)
    return tmp_path


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that is below a folder: when it was changed, and what it holds."""
    return {
        p.relative_to(folder).as_posix(): (
            p.stat().st_mtime_ns,
            p.read_bytes() if p.is_file() else b"",
        )
        for p in [folder, *folder.rglob("*")]
    }


def does(found: dict) -> list[tuple[str, str, str]]:
    return [(s["stage"], d["does"], d["what"]) for s in found["stages"] for d in s["does"]]


def test_a_dry_run_tells_each_stage_and_writes_nothing(featc, project):
    before = tree(project)

    found = featc("run", "--as-of", "2026-02-01", "--dry-run", "--json", cwd=project)
    text = featc("run", "--as-of", "2026-02-01", "--dry-run", cwd=project)

    assert (found.status, text.status) == (0, 0), found.err + text.err
    assert tree(project) == before
    assert found.json["as_of"] == "2026-02-01T00:00:00Z"
    assert does(found.json) == [
        ("find", "read", "shop.orders"),
        ("stage", "parse", "shop.orders"),
        ("check data", "check", "shop.orders"),
        ("check data", "check", "shop.orders"),
        ("compute", "compute", "shop.spend"),
        ("check results", "check", "shop.spend"),
        ("publish", "publish", "shop.spend"),
        ("publish", "record", "RUN.json"),
    ]
    assert "csv, 1 file, 150 B" in text.out
    assert "shop.spend/v1/RUN/values.parquet" in text.out
    assert "the first of this set" in text.out
    assert text.out.endswith("this is what a run would do; nothing was written\n")


def test_what_a_dry_run_tells_is_what_the_run_does(featc, project):
    told = featc("run", "--dry-run", "--json", "--as-of", "2026-02-01", cwd=project).json
    assert featc("run", "--as-of", "2026-02-01", cwd=project).status == 0
    before = tree(project)
    again = featc("run", "--dry-run", "--json", "--as-of", "2026-02-01", cwd=project).json

    (path,) = [d["path"] for s in told["stages"] for d in s["does"] if d["does"] == "publish"]
    (made,) = (project / "target" / "data").rglob("values.parquet")
    assert tree(project) == before
    assert made.relative_to(project / "target" / "data").as_posix() == path.replace(
        "RUN", made.parent.name
    )
    # What was parsed is kept; what is published would be replaced.
    assert [d for d in does(again) if d[1] == "parse"] == []
    (publish,) = [d for s in again["stages"] for d in s["does"] if d["does"] == "publish"]
    assert publish["detail"] == f"in place of {made.parent.name}, of the same meaning"


def test_what_would_stop_a_run_stops_a_dry_one(featc, project):
    (project / "data" / "orders.csv").unlink()
    before = tree(project)

    result = featc("run", "--dry-run", cwd=project)

    assert result.status == 1
    assert [e.split("]")[0] for e in result.errors] == ["error[FD0701 no-data-files"]
    assert tree(project) == before
    assert "nothing was written" not in result.out
