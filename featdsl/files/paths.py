"""Names that become paths, and folders that paths must not leave."""

from __future__ import annotations

import re
from pathlib import Path

from featdsl.files.errors import FileError, Reason

_SAFE = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
MAX_NAME = 200
"""Bytes of a name: file systems allow 255, and temporary names are a little longer."""


def safe_name(name: str) -> str:
    """Return `name`, which may be used as one part of a path.

    Raises:
        ValueError: it holds anything but letters, digits, ``_``, ``-`` and single dots between
            them, is a device name of Windows, or is longer than `MAX_NAME`.
    """
    if len(name) > MAX_NAME or _SAFE.fullmatch(name) is None or _RESERVED.fullmatch(name):
        raise ValueError(f"not a safe file name: {name!r}")
    return name


def followed(path: Path) -> Path:
    """Return `path` with links followed; what does not exist yet is allowed.

    Raises:
        FileError: its links go in a circle, or it cannot be a path.
    """
    try:
        return path.resolve()
    except (RuntimeError, ValueError) as error:  # a circle of links, a NUL
        raise FileError(path, Reason.FAILED, detail="it leads nowhere") from error


def inside(root: Path, path: Path) -> Path:
    """As `followed`, for a path that must stay in a folder.

    Raises:
        FileError: it leads out of `root`, or nowhere.
    """
    real = followed(path)
    if not real.is_relative_to(followed(root)):
        raise FileError(path, Reason.OUTSIDE, detail=str(root))
    return real
