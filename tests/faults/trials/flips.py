"""A bit that turned over, or an end that is gone, in any file of a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from random import Random

from featdsl.diagnostics.failure import Failure
from featdsl.files.errors import FileError
from featdsl.store.catalog import catalog_path
from featdsl.store.current import Space, current_sets
from featdsl.store.leases import running
from featdsl.store.ledger import entries
from featdsl.store.verify import verify
from tests.faults.trials.ground import Ground, answer, called, published

ANSWER = "5.0"
CUTS = 0.25
"""Of all breaks; the others turn one bit."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file of a target, and what finds that it is broken."""

    path: str
    finds: Callable[[Ground, object], str | None]


def broken(r: Random, content: bytes) -> bytes:
    if r.random() < CUTS:
        return content[: r.randrange(len(content))]
    at = r.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << r.randrange(8)]) + content[at + 1 :]


def said(ground: Ground) -> object:
    """All that the catalog says."""
    spaces = (Space(target="dev"), Space(target="prod"))
    return (
        [current_sets(ground.target, space) for space in spaces],
        entries(ground.target),
        running(ground.target),
    )


def _told_by_catalog(ground: Ground, before: object) -> str | None:
    """A broken catalog says what it said, or nothing."""
    try:
        after = said(ground)
    except FileError:
        return None
    return None if after == before else "the catalog says something else"


def _told_by_reading(ground: Ground, before: object) -> str | None:
    """No value comes from a broken file, and whoever verifies is told."""
    try:
        # Files that a request does not need are not read.
        if answer(ground.folder) != ANSWER:
            return "a request was answered by another value"
    except Failure as failure:
        code = failure.diagnostics[0].code.id
        if code != "FD0750":
            return f"a request was answered by {code}"
    return _told_by_verifying(ground, before)


def _told_by_verifying(ground: Ground, before: object) -> str | None:
    return None if verify(ground.target).wrong else "the ledger is said to be whole"


def _told_plainly(ground: Ground, before: object) -> str | None:
    """Readers without SQLite have hashes to compare; the doctor compares all that is said."""
    if called(ground.folder, "doctor") == 0:
        return "the doctor finds nothing"
    return None


def _places(ground: Ground) -> Iterable[Place]:
    target = ground.target
    current = current_sets(target, Space(target="dev"))
    read = {f"data/{c.folder}" for c in current.values()}
    for path in sorted(p for p in target.rglob("*") if p.is_file()):
        name = path.relative_to(target).as_posix()
        if path.parent.relative_to(target).as_posix() in read:
            yield Place(name, _told_by_reading)
        elif path == catalog_path(target):
            yield Place(name, _told_by_catalog)
        elif name.startswith(("runs/", "manifests/")):
            yield Place(name, _told_by_verifying)
        elif name.startswith("current/") and path.suffix == ".json":
            yield Place(name, _told_plainly)


@cache
def prepared() -> tuple[Ground, list[Place], object]:
    ground = published()
    return ground, [*_places(ground)], said(ground)


def trial(seed: int) -> str | None:
    ground, places, before = prepared()
    r = Random(seed)
    # Half of the breaks are of the catalog.
    place = r.choice(
        [p for p in places if p.finds is _told_by_catalog] if r.random() < 0.5 else places
    )
    path = ground.target / place.path
    whole = path.read_bytes()
    content = broken(r, whole)
    try:
        path.write_bytes(content)
        found = place.finds(ground, before)
    finally:
        path.write_bytes(whole)
    return found and f"{place.path}, {len(whole)} bytes, {len(content)} left: {found}"
