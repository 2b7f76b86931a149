"""What an engine's session is opened with, and how much memory there is for it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MEMORY_SHARE = 0.6
"""Of the machine's (or container's) memory: the rest is for the system and for Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a session may use and reach.

    ``readable`` are folders; ``writable`` is one, too, and the only one that is written to.
    ``files`` can be read wherever they lie.
    ``one_order``: floats are summed in the order of their values (`featdsl.sql.one_order`).
    Without ``spill``, a folder that does not exist yet, what does not fit into memory fails.
    """

    readable: tuple[Path, ...] = ()
    writable: Path | None = None
    files: tuple[Path, ...] = ()
    spill: Path | None = None
    max_spill_bytes: int | None = None
    memory_bytes: int | None = None
    threads: int | None = None
    timeout_seconds: float | None = None
    one_order: bool = False


_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b", re.IGNORECASE)


def memory_bytes(text: str) -> int:
    """Bytes of an amount such as ``4GB`` or ``1.5 GiB``.

    Raises:
        ValueError: it is no amount of memory.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount of memory: {text!r}")
    power = " kmgt".index(match[2].lower() or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def available_memory() -> int | None:
    """Bytes that this process may use: the container's limit or the machine's memory."""
    found = [_cgroup_limit(), _machine_memory()]
    known = [n for n in found if n is not None]
    return min(known) if known else None


def _cgroup_limit() -> int | None:
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = Path("/sys/fs/cgroup", name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        if text.isdigit():
            return int(text)
    return None


def _machine_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
