"""Looks beside values: what reaches the disk and when, how texts are spelled, what is hashed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest import mock

import duckdb
from sqlglot import exp

from featdsl.files.publish import staged_folder
from featdsl.sql import build
from featdsl.store.current import Current, Space
from featdsl.store.leases import Running
from featdsl.store.publish import publish
from featdsl.store.record import RunRecord, Status, Versions
from tests.test_fingerprint import MEANS_NOTHING, MEANS_SOMETHING, ONE_CALL, TEXT, changed, data

TEXTS = ("it's", 'a "b"', "a\\'b", "' || 'x", "--", "a\nb", "")
PUBLISHED = """\
sync .staging/r1/data/s
sync .staging/r1/data/s/rows
sync .staging/r1/data
sync .
sync data
sync data/s
rename data/s/v1/r1
sync data/s/v1
sync .
sync runs/r1.json
rename runs/r1.json
sync runs
catalog commit
sync .
"""
"""Content before its name, names before what points to them, all of it before it counts."""


RUN = Running(
    id="r1",
    space=Space(target="dev"),
    owner={},
    sets={"s": 1},
    record=RunRecord(
        run="r1",
        project="p",
        status=Status.SUCCEEDED,
        started=datetime(2026, 1, 1),
        as_of=datetime(2026, 1, 1),
        as_of_origin="test",
        versions=Versions(featc="", engine="", engine_version="", sqlglot="", python=""),
    ),
)
POINTER = Current(
    run="r1", folder="s/v1/r1", format="parquet", rows=0, columns=(), files=(), fingerprint=""
)


def on_disk() -> bool:
    """Whether a set is published in another order, or without waiting for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder).resolve()
        staging = target / ".staging" / "r1"
        staged = staged_folder(staging, "s")
        staged.mkdir(parents=True)
        (staged / "rows").write_text("rows")
        with _watched(target) as log:
            publish(target, staging, RUN, RUN.record, {"s": POINTER})
        return log != PUBLISHED.splitlines()


@contextmanager
def _watched(root: Path) -> Iterator[list[str]]:
    """What is brought to the disk, named and removed, in that order."""
    log: list[str] = []
    opened: dict[int, Path] = {}
    own = os.open, os.fsync, Path.replace, Path.rename, Path.unlink

    def said(what: str, path: Path) -> None:
        name = path.name
        if name.endswith(".featc-tmp"):
            name = name.removeprefix(".").rsplit(".", 2)[0]
        log.append(f"{what} {(path.parent / name).relative_to(root) if path != root else '.'}")

    def open_(path: Path, *more: int) -> int:
        descriptor = own[0](path, *more)
        opened[descriptor] = Path(path)
        return descriptor

    def fsync(descriptor: int) -> None:
        own[1](descriptor)
        said("sync", opened[descriptor])

    def naming(do: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def named(path: Path, other: Path) -> Path:
            said("rename", other)
            return do(path, other)

        return named

    def unlink(path: Path, missing_ok: bool = False) -> None:
        said("unlink", path)
        own[4](path, missing_ok)

    def point(name: str) -> None:
        if name == "catalog commit":
            log.append(name)

    with (
        mock.patch("featdsl.files.faults.point", point),
        mock.patch("os.open", open_),
        mock.patch("os.fsync", fsync),
        mock.patch.object(Path, "replace", naming(own[2])),
        mock.patch.object(Path, "rename", naming(own[3])),
        mock.patch.object(Path, "unlink", unlink),
    ):
        yield log


def spelled() -> bool:
    """Whether a text or a name does not come back from the engine as it is."""
    names = [f"{i} {t}" for i, t in enumerate(TEXTS)]
    columns = [build.aliased(build.text(t), n) for t, n in zip(TEXTS, names, strict=True)]
    inner = exp.select(*columns).subquery("rows")
    query = exp.select(*(build.col(n) for n in names)).from_(inner)
    found = duckdb.sql(query.sql("duckdb"))
    return found.columns != names or found.fetchall() != [TEXTS]


def hashed() -> bool:
    """Whether a fingerprint stays where the meaning changes, or moves where it does not."""
    if any(changed(old, new) != names for old, new, names in MEANS_SOMETHING.values()):
        return True
    one, other = (data(TEXT.replace("count(where premium)", call)) for call in ONE_CALL)
    return one != other or any(changed(old, new) for old, new in MEANS_NOTHING.values())


ASIDE: Mapping[str, Callable[[], bool]] = {"disk": on_disk, "spelled": spelled, "hashed": hashed}
"""Lanes by their names; each looks at one thing, whatever the seed."""
