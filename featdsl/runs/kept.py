"""Groups that a run has computed, kept until it has published: what ``--resume`` goes on from.

``<out>/.resume/<set>/<key>/`` has a group's files. The key is a hash of all that its values depend
on, its SQL and the hashes of its sources' files among it; ``kept.json``, written last, has those of
the kept files. What has the key and is as it was written has the values that would be computed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlglot import exp

from featdsl.engines.duckdb import NAME
from featdsl.files import faults
from featdsl.files.atomic import make_folder, write_text_atomic
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, explained
from featdsl.files.paths import safe_name
from featdsl.files.staging import remove
from featdsl.ir.program import Group
from featdsl.ir.text import value_text
from featdsl.runs.describe import versions
from featdsl.runs.needed import needed_sources
from featdsl.runs.outputs import Computed, Wanted
from featdsl.runs.parts import PARTS
from featdsl.runs.state import Run
from featdsl.sources.registry import sources
from featdsl.store.record import FileUse, Model, PartsUse

FOLDER = ".resume"
_WHOLE = "kept.json"
LAYOUT = 1
"""Of the folder; another one is not known."""


class Entry(Model):
    """What is kept of a group: its values, and what lies beside them."""

    rows: int
    values: FileUse
    parts: PartsUse | None


@dataclass(slots=True)
class Kept:
    """What is kept of one group of a run. ``file`` is where its values are staged.

    ``found`` is what was kept before, where that was put into place.
    """

    run: Run
    wanted: Wanted
    file: Path
    key: str | None = None
    found: Entry | None = None

    def reuse(self, query: exp.Select) -> int | None:
        """Put into place what is kept of the group; how many rows that is, None where nothing is.

        `query` is the one that would compute it.
        """
        self.key = _key(self.run, self.wanted, query)
        if self.key is None or not self.run.settings.resume:
            return None
        entry = self._entry()
        if entry is None:
            return None
        self._link(self._folder / entry.values.path, self.file)
        if entry.parts is not None:
            self._link(self._folder / entry.parts.file.path, self.file.with_name(PARTS))
        # What lies there now is what counts: it is hashed in its own place.
        if not self._same(self.file.parent, entry):
            self.file.unlink()
            self.file.with_name(PARTS).unlink(missing_ok=True)
            return None
        self.found = entry
        self.run.resumed.append(self.wanted.group.name)
        return entry.rows

    def keep(self, computed: Computed) -> None:
        """Keep what was computed; that it cannot be kept stops nothing."""
        # A file that changed meanwhile has other rows than those of its hash.
        if self.key is None or self.run.hashes.changed():
            return
        with suppress(FileError), explained(self._folder):
            make_folder(self._folder)
            beside = self.file.with_name(PARTS)
            for path in (self.file, *((beside,) if computed.parts is not None else ())):
                self._link(path, self._folder / path.name)
            size, digest = self.file.stat().st_size, sha256(self.file)
            values = FileUse(path=self.file.name, bytes=size, sha256=digest)
            entry = Entry(rows=computed.rows, values=values, parts=computed.parts)
            write_text_atomic(self._folder / _WHOLE, entry.model_dump_json(), durable=False)

    @property
    def _folder(self) -> Path:
        assert self.key is not None, "without a key nothing is kept"
        out = self.run.settings.places.out
        return out / FOLDER / safe_name(self.wanted.group.name) / self.key

    def _entry(self) -> Entry | None:
        try:
            return Entry.model_validate_json((self._folder / _WHOLE).read_bytes())
        except (OSError, ValidationError):
            return None

    def _same(self, folder: Path, entry: Entry) -> bool:
        found = [entry.values, *([] if entry.parts is None else [entry.parts.file])]
        try:
            return all(sha256(folder / f.path) == f.sha256 for f in found)
        except OSError:
            return False

    def _link(self, source: Path, path: Path) -> None:
        """Let a file stand in two places; where the disk cannot, it is copied."""
        faults.point("link")
        path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            try:
                os.link(source, path)
            except FileNotFoundError:
                raise
            except OSError:
                shutil.copyfile(source, path)


def _key(run: Run, wanted: Wanted, query: exp.Select) -> str | None:
    """The hash of what a group's values depend on; None where that cannot be known.

    Rows that code returns or a server sends have no hash before they are there.
    """
    inputs = {}
    # What requests read lies beside the values, and may rest on sources of other groups.
    asked = any(g.requests for g in run.program.groups.values())
    for source in needed_sources(run.program, run.groups if asked else [wanted.group.name]):
        opened = run.opened.get(source.name)
        kind = sources()[source.location.kind]
        if opened is None or kind.called or kind.connected or not opened.uses:
            return None
        rows = run.staged.rows[source.name].plain.sql(dialect=NAME)
        inputs[source.name] = [rows, *[(str(u.path), u.bytes, u.sha256) for u in opened.uses]]
    prints = run.prints
    params = {p.name: value_text(p.value) for p in run.program.params.values()}
    content = [
        LAYOUT,
        wanted.group.name,
        run.settings.as_of.instant.isoformat(),
        query.sql(dialect=NAME),
        {n: prints[n].data for n in _members(wanted.group)},
        [f.name for f in wanted.features],
        {name: params[name] for name in sorted(params)},
        inputs,
        versions().model_dump(),
    ]
    text = json.dumps(content, sort_keys=True).encode("utf-8")
    digest = hashlib.sha256(text).digest()
    if any(p.secret for p in run.program.params.values()):
        # A name that anybody can see must not tell a secret to who tries all of them.
        digest = hashlib.scrypt(digest, salt=b"featc resume", n=1 << 14, r=8, p=1, dklen=32)
    return digest.hex()


def _members(group: Group) -> Iterable[str]:
    return sorted(f.name for f in group.members.values())


def forget(out: Path, sets: Iterable[str]) -> None:
    """Remove what is kept of sets; that it cannot be removed stops nothing."""
    for name in sets:
        folder = out / FOLDER / safe_name(name)
        with suppress(FileError):
            if folder.is_dir():
                remove(folder)
    with suppress(OSError):
        (out / FOLDER).rmdir()


def kept_sets(out: Path, before: datetime) -> list[tuple[str, int]]:
    """Sets of which something is kept since a time (UTC without a zone), with its bytes."""
    found = []
    for folder in sorted((out / FOLDER).iterdir()) if (out / FOLDER).is_dir() else ():
        files = [f.stat() for f in folder.rglob("*") if f.is_file()]
        newest = max((f.st_mtime for f in files), default=0.0)
        if newest < before.replace(tzinfo=UTC).timestamp():
            found.append((folder.name, sum(f.st_size for f in files)))
    return found
