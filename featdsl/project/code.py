"""Python code of a project, as fingerprints and records see it: a file, and what it imports."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path

_LONGEST = 1 << 20
_MOST = 1_000
"""Files that are followed; a project has far fewer."""


def code_digest(root: Path, file: Path) -> str | None:
    """A digest of a file below `root` and of the project's modules that it imports.

    None where the file cannot be read, which a run will tell. The kind of line ends and blanks at
    the end of lines do not count. All else does, comments too: what of the text decides about rows,
    only its language could say, and its trees differ from version to version.
    """
    digests = [(path.as_posix(), _text_digest(root / path)) for path in files_of(root, file)]
    own = digests[0][1]
    if own is None or len(digests) == 1:
        return own
    named = "\n".join(f"{name} {digest}" for name, digest in digests)
    return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()


def files_of(root: Path, file: Path) -> list[Path]:
    """The file, then the project's modules that it imports, and those import, by their names.

    Only what stands in `import` statements is found, wherever these stand.
    """
    found, waiting = {file}, [file]
    while waiting and len(found) < _MOST:
        path = waiting.pop()
        for parts in _imported(root / path, path):
            for module in _module(root, parts):
                if module not in found:
                    found.add(module)
                    waiting.append(module)
    return [file, *sorted(found - {file})]


def _text_digest(path: Path) -> str | None:
    text = _read(path)
    if text is None:
        return None
    lines = [line.rstrip() for line in text.splitlines()]
    return hashlib.sha256(b"\n".join(lines).strip(b"\n")).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST + 1)
    except OSError:
        return None


def _imported(path: Path, place: Path) -> Iterator[tuple[str, ...]]:
    """Names of modules that may be meant, from the project's folder on, in their parts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_read(path) or b"")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # a run will tell
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # The first level is the package that the file is in.
            here = place.parent.parts
            base = here[: len(here) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            yield from ((*base, alias.name) for alias in node.names)


def _module(root: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """The files of a module of the project, and of the packages that it lies in."""
    for end in range(1, len(parts) + 1):
        inside = Path(*parts[:end])
        for path in (inside / "__init__.py", inside.with_name(f"{inside.name}.py")):
            if (root / path).is_file():
                yield path
                break
