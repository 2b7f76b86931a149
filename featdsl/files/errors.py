"""What can go wrong with files and folders, in words that name a remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    FULL = "the disk is full"
    QUOTA = "the disk quota is used up"
    TOO_LARGE = "files of this size are not allowed"
    READ_ONLY = "the file system is read-only"
    DENIED = "permission is denied"
    MISSING = "it does not exist"
    NOT_A_FOLDER = "a part of the path is a file, not a folder"
    IS_A_FOLDER = "it is a folder"
    OUTSIDE = "it lies outside the folder that may be written to"
    LONG_NAME = "the name is too long for the file system"
    EXISTS = "it exists already"
    LOCKED = "another run is writing to it"
    DAMAGED = "it is damaged"
    NEWER = "a newer version of featc wrote it"
    FAILED = "the system reported an error"


_REASONS = {
    errno.ENOSPC: Reason.FULL,
    errno.EDQUOT: Reason.QUOTA,
    errno.EFBIG: Reason.TOO_LARGE,
    errno.EROFS: Reason.READ_ONLY,
    errno.EACCES: Reason.DENIED,
    errno.EPERM: Reason.DENIED,
    errno.ENOENT: Reason.MISSING,
    errno.ENOTDIR: Reason.NOT_A_FOLDER,
    errno.EISDIR: Reason.IS_A_FOLDER,
    errno.ENAMETOOLONG: Reason.LONG_NAME,
    errno.EEXIST: Reason.EXISTS,
    errno.ENOTEMPTY: Reason.EXISTS,
}
_REMEDIES = {
    Reason.FULL: "free some space, or write to another disk",
    Reason.QUOTA: "free some space, or ask for a larger quota",
    Reason.TOO_LARGE: "allow larger ones: `ulimit -f unlimited`, or the limit of the service",
    Reason.READ_ONLY: "write to a file system that is not read-only",
    Reason.DENIED: "give the current user the right to write there, or choose another folder",
    Reason.MISSING: "create the folder, or choose another",
    Reason.NOT_A_FOLDER: "remove the file that is in the way, or choose another folder",
    Reason.IS_A_FOLDER: "choose the name of a file",
    Reason.OUTSIDE: "choose a place inside that folder",
    Reason.LONG_NAME: "choose a shorter name",
    Reason.EXISTS: "remove it, or choose another name",
    Reason.LOCKED: "wait for that run to end, or write to another folder",
    Reason.DAMAGED: "put back a copy of it, or make it anew: `featc doctor --repair`",
    Reason.NEWER: "use that version, or another target folder",
    Reason.FAILED: None,
}


class FileError(Exception):
    """A file or folder could not be written, locked or read.

    The message is one line that names the path and the reason; ``remedy`` says what to do.
    """

    def __init__(
        self, path: Path, reason: Reason, *, doing: str = "write", detail: str = ""
    ) -> None:
        self.path = path
        self.reason = reason
        self.remedy = _REMEDIES[reason]
        said = f"{reason.value} ({detail})" if detail else reason.value
        super().__init__(f"cannot {doing} `{path}`: {said}")


def reason_of(error: OSError) -> Reason:
    """The reason behind an error of the operating system."""
    return _REASONS.get(error.errno or 0, Reason.FAILED)


@contextmanager
def explained(path: Path, *, doing: str = "write") -> Iterator[None]:
    """Turn errors of the operating system into `FileError`s about `path`."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        detail = (error.strerror or str(error)) if reason is Reason.FAILED else ""
        raise FileError(path, reason, doing=doing, detail=detail) from error
