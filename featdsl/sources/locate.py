"""From a location's text to the files that it means; nothing outside the given roots is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import nearest
from featdsl.ir.program import Location

_GLOB = re.compile(r"[*?\[]")
MAX_FILES = 100_000


def find_files(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """Files that match a path or glob, absolute, links followed, sorted by path.

    Hidden files and folders (those that begin with a dot) match no glob.

    Args:
        location: Where a source says its data are; ``*``, ``?``, ``[…]`` and ``**`` are globs.
        base: The folder where relative paths start.
        roots: Folders that files must lie in, `base` among them.

    Raises:
        Failure: nothing is found, or a file lies outside the roots, is a folder or no file.
    """
    written = location.argument
    _check_written(location, base, roots)
    if _GLOB.search(written):
        found = [p for p in _expand(written, base) if p.is_file()]
    else:
        found = [base / written]
        if not found[0].exists():
            raise Failure(_missing(location, base))
    if not found:
        raise Failure(_missing(location, base))
    if len(found) > MAX_FILES:
        message = f"`{written}` matches more than {MAX_FILES:,} files"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message))
    return sorted(_checked(p, location, roots) for p in found)


def _check_written(location: Location, base: Path, roots: Sequence[Path]) -> None:
    """Stop at a path that leaves the roots before the file system is asked about it."""
    written = location.argument
    if not written.strip() or "\0" in written:
        raise Failure(catalog.NO_DATA_FILES.at(location.span, "a source's path is empty"))
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", written)
    if scheme or written.startswith("~") or ".." in PurePosixPath(written).parts:
        raise Failure(_outside(location, written))
    if Path(written).is_absolute():
        fixed = _fixed_part(Path(written))
        if not any(fixed.is_relative_to(root.resolve()) for root in roots):
            raise Failure(_outside(location, written))


def _fixed_part(path: Path) -> Path:
    """The part of a pattern that has no glob in it."""
    parts = []
    for part in path.parts:
        if _GLOB.search(part):
            break
        parts.append(part)
    return Path(*parts)


def _expand(written: str, base: Path) -> list[Path]:
    path = Path(written)
    start = _fixed_part(path) if path.is_absolute() else base
    pattern = path.relative_to(start) if path.is_absolute() else path
    try:
        matches = list(start.glob(str(pattern)))
    except (OSError, ValueError, NotImplementedError):
        return []
    return [m for m in matches if not _is_hidden(m.relative_to(start))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _checked(path: Path, location: Location, roots: Sequence[Path]) -> Path:
    real = path.resolve()
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        raise Failure(_outside(location, location.argument))
    if real.is_dir():
        message = f"`{location.argument}` is a folder, not a file"
        remedy = f"write a pattern for the files in it, such as `{location.argument.rstrip('/')}/*`"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message).help(remedy))
    if not real.is_file():
        message = f"`{location.argument}` is no regular file"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message))
    return real


def _outside(location: Location, written: str) -> Diagnostic:
    message = f"`{written}` leads out of the project's data folder"
    remedy = "move the data there, or set `data_dir` in featc.toml"
    return catalog.OUTSIDE_ROOTS.at(location.span, message).help(remedy)


def _missing(location: Location, base: Path) -> Diagnostic:
    written = location.argument
    glob = _GLOB.search(written) is not None
    message = f"no file matches `{written}`" if glob else f"there is no file `{written}`"
    found = catalog.NO_DATA_FILES.at(location.span, message)
    near = None if glob else _nearest(written, base)
    if near is not None:
        return found.help(f"did you mean `{near}`?")
    return found.help("paths start in the data folder, `data_dir` in featc.toml")


def _nearest(written: str, base: Path) -> str | None:
    folder = PurePosixPath(written).parent
    try:
        names = [p.name for p in (base / folder).iterdir() if not p.name.startswith(".")]
    except OSError:
        return None
    near = nearest(PurePosixPath(written).name, names)
    return None if near is None else str(folder / near)
