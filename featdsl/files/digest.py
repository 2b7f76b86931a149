"""SHA-256 of files, and whether a file is still the one that was hashed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """What the file system knows of a file; equal identities are taken for equal content."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Identity:
        """Identity of the file at `path` now.

        Raises:
            OSError: it cannot be looked at.
        """
        s = os.stat(path)  # noqa: PTH116  # one call for all four
        return cls(s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino)


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return digest.hexdigest()
