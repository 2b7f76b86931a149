"""Publishing without computing: sets that hold a line, made and published by the store alone."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from featdsl.files.staging import staging
from featdsl.store.current import Current, Space
from featdsl.store.leases import Running
from featdsl.store.publish import begin, publish
from featdsl.store.record import FileUse, RunRecord, Status, Versions

DEV = Space(target="dev")
NOBODY = Versions(featc="", engine="", engine_version="", sqlglot="", python="")


def record(run: str, status: Status = Status.SUCCEEDED) -> RunRecord:
    """A record of a run that did nothing."""
    return RunRecord(
        run=run,
        project="p",
        status=status,
        started=datetime(2026, 1, 1),
        as_of=datetime(2026, 1, 1),
        as_of_origin="test",
        versions=NOBODY,
    )


def pointer(run: str, name: str = "s", content: str | None = None) -> Current:
    """What readers shall find: nothing, or a file `rows` with a content."""
    files = ()
    if content is not None:
        digest = hashlib.sha256(content.encode()).hexdigest()
        files = (FileUse(path="rows", bytes=len(content.encode()), sha256=digest),)
    return Current(
        run=run,
        folder=f"{name}/v1/{run}",
        format="parquet",
        rows=1,
        columns=(),
        files=files,
        fingerprint="f" * 64,
    )


def listed(run: str, *names: str, space: Space = DEV) -> Running:
    """A run that is under way and writes sets."""
    sets = dict.fromkeys(names, 1)
    return Running(
        id=run, space=space, owner={"run": run}, sets=sets, record=record(run, Status.RUNNING)
    )


def publish_lines(target: Path, run: str, *names: str) -> None:
    """Publish sets of one line, which names the run, by one transaction."""
    with staging(target, run) as folder:
        begin(target, listed(run, *names))
        for name in names:
            staged = folder / "data" / name
            staged.mkdir(parents=True)
            (staged / "rows").write_text(run)
        pointers = {name: pointer(run, name, run) for name in names}
        publish(target, folder, listed(run, *names), record(run), pointers)
