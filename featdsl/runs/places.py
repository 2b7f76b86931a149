"""Where a run reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from featdsl.runs.secrets import hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders, absolute.

    ``data`` is where relative source paths start, ``roots`` are the folders that data may lie
    in, ``target`` takes records and caches, ``out`` what is published. ``secrets`` are texts
    that are hidden where a path is shown. ``database`` is the DuckDB file, from the data folder
    on, that has the tables of sources from `table`; ``environment`` says how servers are reached.
    """

    root: Path
    data: Path
    roots: tuple[Path, ...]
    target: Path
    out: Path
    secrets: tuple[str, ...] = ()
    database: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def cache(self) -> Path:
        """Typed copies of parsed files, and hashes of files: may be removed at any time."""
        return self.target / "cache"

    @property
    def rejects(self) -> Path:
        """Reports of rows that could not be read."""
        return self.target / "rejects"

    def shown(self, path: Path) -> str:
        """A data file's path as it is recorded: relative to the data folder where it can be."""
        for root in (self.data, *self.roots):
            if path.is_relative_to(root.resolve()):
                return hidden(path.relative_to(root.resolve()).as_posix(), self.secrets)
        return hidden(path.name, self.secrets)
