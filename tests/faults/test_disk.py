"""A target on a disk that is too small, or that cannot be written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import ORDERS, codes, run, shop

HEADER = ORDERS.splitlines()[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_told_and_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    lines = [f"{i},{i},2026-01-10 10:00:00,{i}.{i % 90 + 10},s{i * 7919}" for i in range(60_000)]
    project = shop(
        tmp_path / "project",
        data={"orders.csv": "\n".join([HEADER, *lines]) + "\n"},
        features="  status = last(status)",
    )

    outcome = run(project, out=small_disk)

    assert codes(outcome) == ["FD0802"]
    assert not (small_disk / "data").exists()
    assert [p.name for p in (small_disk / ".staging").iterdir()] == ["create.lock"]


def test_a_disk_that_is_read_only_is_told(small_disk: Path, tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    outcome = run(project, out=small_disk / "values")

    assert codes(outcome) == ["FD0802"]
    assert "read-only" in outcome.diagnostics[0].message
