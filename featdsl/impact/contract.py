"""The contract of a data set: its columns, and how they changed over what was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from featdsl.compiler.compilation import Compilation
from featdsl.impact.compare import Kind, compare
from featdsl.impact.declared import Declared, declared
from featdsl.ir.manifest import DatasetColumnEntry, DatasetEntry, Manifest
from featdsl.runs.published import type_of
from featdsl.store.ledger import oldest_first
from featdsl.store.manifests import LostManifest, read_manifest
from featdsl.store.record import RunRecord
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True)
class ContractColumn:
    """``dtype`` is None where the spine has a type that the language has not."""

    name: str
    role: str
    dtype: DType | None
    nullable: bool
    unit: str | None
    said: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A version, and what made it one; ``run`` published it first, None where none did."""

    version: str
    at: datetime | None
    run: str | None
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """``steps`` are the versions, oldest first; the last is that of the texts."""

    dataset: DatasetEntry
    columns: tuple[ContractColumn, ...]
    steps: tuple[Step, ...]

    @property
    def version(self) -> str:
        """That of the texts."""
        return self.steps[-1].version


def contract_of(target: Path, compilation: Compilation, name: str) -> Contract:
    """The contract of a data set by its full name.

    Args:
        target: Its ledger has the manifests of runs: versions count from the first one.
        compilation: The project, without errors.
        name: The data set.

    Raises:
        FileError: the catalog cannot be read.
    """
    manifest = compilation.manifest()
    dataset = next(d for d in manifest.datasets if d.name == name)
    columns = tuple(_column(compilation, manifest, dataset, c) for c in dataset.columns)
    return Contract(dataset, columns, tuple(_steps(target, manifest, name)))


def _column(
    compilation: Compilation, manifest: Manifest, dataset: DatasetEntry, column: DatasetColumnEntry
) -> ContractColumn:
    if column.feature is None:
        required = column.role in ("key", "time") and _always_there(manifest, dataset, column.name)
        return ContractColumn(
            column.name, column.role, type_of(column.dtype), not required, None, None
        )
    every = (*manifest.features, *manifest.labels)
    entry = next(f for f in every if f.name == column.feature)
    doc = " ".join((entry.note.doc or "").split())
    said = " ".join(filter(None, (doc and f"{doc.rstrip('.')}.", entry.sentence)))
    # Rows of unknown keys have nulls; a grid has keys that exist.
    known = dataset.spine is not None and dataset.spine.every is not None
    nullable = entry.nullable or column.role == "label" or not known
    dtype = compilation.program.feature(column.feature).dtype
    return ContractColumn(column.name, column.role, dtype, nullable, entry.unit, said)


def _always_there(manifest: Manifest, dataset: DatasetEntry, name: str) -> bool:
    """Whether a key or time is in each row: of a grid, or of a source that requires it."""
    spine = dataset.spine
    if spine is None or spine.source is None:
        return spine is not None
    return any(
        c.required
        for s in manifest.sources
        if s.name == spine.source
        for c in s.columns
        if c.name == name
    )


def _steps(target: Path, now: Manifest, name: str) -> Iterator[Step]:
    """Versions: a break makes a major one, other values or a new column a minor one."""
    before: Declared | None = None
    version = (0, 0, 0)
    for record, manifest in (*_manifests(target), (None, now)):
        entry = next((d for d in manifest.datasets if d.name == name), None)
        if entry is None:
            continue
        after = declared(manifest)
        at, run = (None, None) if record is None else (record.started, record.run)
        if before is None:
            version = (1, 0, 0)
            yield Step("1.0.0", at, run, ("first published" if record else "not published yet",))
        else:
            found = _bumped(version, before, after, name)
            if found is not None:
                version, changes = found
                yield Step(".".join(map(str, version)), at, run, changes)
        before = after


def _bumped(
    version: tuple[int, int, int], before: Declared, after: Declared, name: str
) -> tuple[tuple[int, int, int], tuple[str, ...]] | None:
    """The next version with what made it, by the rules of `featc plan`; None of the same."""
    major, minor, patch = version
    impact = compare(before, after)
    change = next((d for d in impact.datasets if d.name == name), None)
    was = {c.name for c in before.datasets[name].columns} if name in before.datasets else set()
    new = [f"`{c.name}` is new" for c in after.datasets[name].columns if c.name not in was]
    if change is None and not new:
        return None
    breaks = () if change is None else change.breaks
    columns = () if change is None else change.columns
    others = [f"`{c}` has other values" for c in columns if not any(f"`{c}`" in b for b in breaks)]
    if breaks:
        return (major + 1, 0, 0), (*breaks, *new, *others)
    if new or others:
        return (major, minor + 1, 0), (*new, *others)
    if change is not None and change.kind is Kind.CHANGED:
        return (major, minor + 1, 0), ("its rows are others",)
    return (major, minor, patch + 1), ("what is said of it",)


def _manifests(target: Path) -> Iterator[tuple[RunRecord, Manifest]]:
    """What was declared when runs published, each that is another than the one before."""
    last: str | None = None
    for record in oldest_first(target):
        if isinstance(record, RunRecord) and record.manifest not in (None, last):
            last = record.manifest
            try:
                yield record, read_manifest(target, record.manifest or "")
            except LostManifest:
                continue
