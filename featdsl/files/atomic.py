"""Whole files or nothing: temporary name, fsync, rename, fsync of the folder.

A reader sees the old content or the new, also after a crash or a loss of power.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from featdsl.files import faults
from featdsl.files.errors import FileError, Reason, explained
from featdsl.files.paths import followed, inside

_SUFFIX = ".featc-tmp"
_CHUNK = 1 << 20
_LEFTOVER_SECONDS = 3600.0
"""Age at which another process's temporary file of the same name counts as left behind."""


def write_text_atomic(
    path: Path, text: str, *, within: Path | None = None, durable: bool = True
) -> None:
    """Replace a file's content by `text` in UTF-8, at once; folders on the way are created.

    A symbolic link is followed: what it points to is replaced, the link stays. An existing
    file's permissions are kept.

    Args:
        path: What to write.
        text: The whole content; line ends are written as they are.
        within: A folder that the file, links followed, must lie in.
        durable: Whether to wait until the disk has it. Without, a loss of power may bring the
            old content back; right for many files that can be made again, such as a site.

    Raises:
        FileError: the file cannot be written; the old content is untouched.
    """
    write_bytes_atomic(path, text.encode("utf-8"), within=within, durable=durable)


def write_bytes_atomic(
    path: Path, content: bytes, *, within: Path | None = None, durable: bool = True
) -> None:
    """As `write_text_atomic`, for bytes."""
    _replace(
        path,
        lambda file: file.write(content),
        within=within,
        durable=durable,
    )


def copy_atomic(source: Path, path: Path) -> None:
    """Replace a file's content by that of another, at once, as `write_text_atomic`.

    Raises:
        FileError: the file cannot be written; the old content is untouched.
    """
    with source.open("rb") as content:
        _replace(path, lambda file: shutil.copyfileobj(content, file, _CHUNK))


def _replace(
    path: Path,
    fill: Callable[[BinaryIO], object],
    *,
    within: Path | None = None,
    durable: bool = True,
) -> None:
    real = followed(path) if within is None else inside(within, path)
    with explained(path):
        if real.is_dir():
            raise FileError(path, Reason.IS_A_FOLDER)
        make_folder(real.parent)
        if durable:
            _remove_leftovers(real)
        temporary = real.with_name(f".{real.name}.{os.getpid()}{_SUFFIX}")
        try:
            _write(temporary, fill, mode=_mode(real), durable=durable)
            faults.point("rename")
            temporary.replace(real)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            sync_folder(real.parent)


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o666


def _write(path: Path, fill: Callable[[BinaryIO], object], *, mode: int, durable: bool) -> None:
    faults.point("create")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        faults.point("write")
        fill(file)
        if durable:
            file.flush()
            faults.point("fsync")
            os.fsync(file.fileno())


def _remove_leftovers(path: Path) -> None:
    """Remove what earlier processes, killed on the way, left beside `path`."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9]+{re.escape(_SUFFIX)}")
    now = time.time()
    for sibling in os.scandir(path.parent):
        if ours.fullmatch(sibling.name) is None:
            continue
        with suppress(OSError):
            if now - sibling.stat(follow_symlinks=False).st_mtime > _LEFTOVER_SECONDS:
                Path(sibling.path).unlink()


def make_folder(path: Path) -> None:
    """Create a folder and those above it, durably; one that exists is left as it is.

    Raises:
        OSError: it cannot be created.
    """
    if path.is_dir():
        return
    if path.exists():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    if not path.parent.is_dir():
        make_folder(path.parent)
    faults.point("mkdir")
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    faults.point("fsync")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Bring a folder's entries to the disk; where folders cannot be opened, nothing."""
    faults.point("fsync folder")
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring a folder and all that is in it to the disk."""
    for below in sorted(folder.rglob("*")):
        sync_folder(below) if below.is_dir() else sync_file(below)
    sync_folder(folder)
