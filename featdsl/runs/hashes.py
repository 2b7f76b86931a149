"""Hashes of the files that a run reads; whether they stayed the same meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path

from featdsl.files.atomic import write_text_atomic
from featdsl.files.digest import Identity, sha256

_FILE = "hashes.json"
_MAX_KNOWN = 20_000
_SETTLED_SECONDS = 2.0


@dataclass(slots=True)
class Hashes:
    """SHA-256 by file.

    What an earlier run hashed is believed while size, times and inode of the file are the same.
    """

    cache: Path
    known: dict[str, tuple[Identity, str]] = field(default_factory=dict)
    seen: dict[Path, tuple[Identity, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, cache: Path) -> Hashes:
        """Hashes kept in a cache folder; a file that is no good counts as empty."""
        try:
            stored = json.loads((cache / _FILE).read_text(encoding="utf-8"))
            known = {path: (Identity(*identity), str(h)) for path, (identity, h) in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            known = {}
        return cls(cache, known)

    def of(self, path: Path) -> str:
        """SHA-256 of a file, in hex.

        Raises:
            OSError: it cannot be read.
        """
        identity = Identity.of(path)
        kept = self.seen.get(path) or self.known.get(str(path))
        digest = kept[1] if kept is not None and kept[0] == identity else sha256(path)
        self.seen[path] = (identity, digest)
        return digest

    def changed(self) -> list[Path]:
        """Files that are not what they were when they were hashed, or are gone."""
        return [path for path, found in self.seen.items() if _differs(path, *found)]

    def save(self) -> None:
        """Keep what was hashed for the next run.

        Raises:
            FileError: the cache cannot be written.
        """
        # A file changed within the clock's tick of its hash would keep its times.
        settled = (time.time() - _SETTLED_SECONDS) * 1e9
        fresh = {
            str(path): found
            for path, found in self.seen.items()
            if max(found[0].modified_ns, found[0].changed_ns) < settled
        }
        merged: Mapping[str, tuple[Identity, str]] = {**self.known, **fresh}
        kept = dict(list(merged.items())[-_MAX_KNOWN:])
        if kept != self.known:
            stored = {path: (astuple(identity), h) for path, (identity, h) in kept.items()}
            write_text_atomic(self.cache / _FILE, json.dumps(stored))


def _differs(path: Path, identity: Identity, digest: str) -> bool:
    try:
        return Identity.of(path) != identity and sha256(path) != digest
    except OSError:
        return True
