"""Where a target's data lie, if not in the project's target folder: a folder of its own.

What featc writes must lie where nothing else is lost by it, so a location is refused that leads
out of the project, by a link too, or that data, another target or somebody's files have already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from featdsl.files.errors import FileError
from featdsl.files.paths import followed

if TYPE_CHECKING:
    from featdsl.project.config import Config

_FEATC_MADE = frozenset({".staging", "cache", "catalog.sqlite", "prepare.json", "site"})
"""One of them is in every folder that featc wrote into."""


def own_folder(value: str) -> str:
    """A location as it can be told from its words alone.

    Raises:
        PydanticCustomError: it is none.
    """
    path = PurePosixPath(value)
    if "://" in value:
        raise _wrong("a folder inside the project: places elsewhere are not yet supported")
    if not value.strip() or not value.isprintable() or "\\" in value:
        raise _wrong('a folder inside the project, such as "published/prod"')
    if path.is_absolute() or value.startswith("~") or ".." in path.parts or not path.parts:
        raise _wrong("a folder inside the project: featc writes there, and nowhere else")
    if any(p.startswith(".") for p in path.parts):
        raise _wrong("no hidden folder: what lies there is of other programs")
    return value


def misplaced(root: Path, config: Config) -> Iterator[tuple[str, str]]:
    """Targets whose location cannot be used as the disk is now, each with the reason in words."""
    found = {
        name: _real(root / target.location)
        for name, target in config.targets.items()
        if target.location is not None
    }
    yield from ((name, "its links go in a circle") for name, at in found.items() if at is None)
    taken = _known(
        {
            f"`data_dir` (`{config.project.data_dir}`)": _real(root / config.project.data_dir),
            f"`target_dir` (`{config.project.target_dir}`)": _real(
                root / config.project.target_dir
            ),
        }
    )
    places = _known(found)
    for name, folder in places.items():
        why = _wrong_now(root, folder, taken) or _nested(name, folder, places)
        if why is not None:
            yield name, why


def _real(path: Path) -> Path | None:
    """A path with links followed; None where they go in a circle, which is told when it is used."""
    try:
        return followed(path)
    except FileError:
        return None


def _known(places: Mapping[str, Path | None]) -> dict[str, Path]:
    return {name: place for name, place in places.items() if place is not None}


def _wrong_now(root: Path, folder: Path, taken: Mapping[str, Path]) -> str | None:
    if not folder.is_relative_to(root) or folder == root:
        return "leads out of the project"
    for what, other in taken.items():
        if folder.is_relative_to(other) or other.is_relative_to(folder):
            return f"overlaps with {what}"
    if folder.exists() and not folder.is_dir():
        return "is a file"
    try:
        names = {p.name for p in folder.iterdir()} if folder.exists() else set()
    except OSError:
        return "cannot be read"
    return "has files that featc did not write" if names and not names & _FEATC_MADE else None


def _nested(name: str, folder: Path, found: Mapping[str, Path]) -> str | None:
    """Two targets may share a location, as they share the target folder."""
    inner = [
        n for n, other in found.items() if folder != other and other in (folder, *folder.parents)
    ]
    return f"lies in that of the target `{inner[0]}`" if inner else None


def _wrong(requirement: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{requirement}", {"requirement": requirement})
