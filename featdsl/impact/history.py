"""What a feature was, version by version, over what was published of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import ndiff
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.impact.compare import Change, Kind, compare
from featdsl.impact.declared import declared
from featdsl.ir.manifest import FeatureEntry, Manifest
from featdsl.store.current import Space, current_sets
from featdsl.store.history import published, space_of
from featdsl.store.ledger import oldest_first
from featdsl.store.manifests import LostManifest, read_manifest
from featdsl.store.record import RunRecord

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """A set became current: by a run of its own, or by a promotion or a rollback."""

    at: datetime
    how: str
    record: RunRecord
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Version:
    """Times of one meaning, one after the other, oldest first.

    ``entry`` is what was declared, None where that is lost; ``because`` why values are others than
    those of the version before, nearest cause first.
    """

    name: str
    fingerprint: str
    moments: tuple[Moment, ...]
    entry: FeatureEntry | None
    parameters: Mapping[str, str | None]
    """Values of those that it reads: a fingerprint has none."""
    because: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    """Lines of the definition: with ``- `` those that are gone, with ``+ `` new ones."""
    current: bool = False

    @property
    def means(self) -> object:
        """What makes values: another one makes another version."""
        return self.name, self.fingerprint, self.parameters


def history_of(target: Path, space: Space, name: str) -> list[Version]:
    """Versions of a feature, or of a column of a training set, newest first.

    A name that it had before is followed.

    Args:
        target: Where the catalog lies.
        space: Whose sets.
        name: ``group.feature``; the last part, or the full name, where that is needed.

    Raises:
        FileError: the catalog cannot be read.
        Failure: nothing, or more than one thing, of that name was published.
    """
    known, manifests = _moments(target, space), _Manifests(target)
    full = _full_name(known, name)
    current = current_sets(target, space).get(full.rpartition(".")[0])
    chain = [(full, m) for m in known[full]]
    while older := _called_before(*chain[0], known, manifests):
        before = [(older, m) for m in known[older] if m.at < chain[0][1].at]
        if not before:
            break
        chain[:0] = before
    versions: list[Version] = []
    for name_then, moment in chain:
        last = versions[-1] if versions else None
        entry = manifests.entry(name_then, moment)
        new = Version(name_then, moment.fingerprint, (moment,), entry, _parameters(entry, moment))
        if last is not None and last.means == new.means:
            versions[-1] = replace(last, moments=(*last.moments, moment))
            continue
        versions.append(new if last is None else _compared(last, new, manifests))
    if current is not None and current.run == versions[-1].moments[-1].record.run:
        versions[-1] = replace(versions[-1], current=True)
    return versions[::-1]


def _moments(target: Path, space: Space) -> dict[str, list[Moment]]:
    """By the full name of each column, when it became current, oldest first."""
    found: dict[str, list[Moment]] = {}
    runs: dict[str, RunRecord] = {}
    for record in oldest_first(target):
        if isinstance(record, RunRecord):
            runs[record.run] = record
            if space_of(record) == space:
                sets = [name for name, _ in published(record)]
                _add(found, record.started, "run", record, sets)
        elif record.target == space.target and not space.location:
            for change in record.changes:
                run = runs.get(change.after or "")
                if run is not None:
                    _add(found, record.started, record.kind, run, [change.set])
    return found


def _add(
    found: dict[str, list[Moment]],
    at: datetime,
    how: str,
    record: RunRecord,
    sets: Sequence[str],
) -> None:
    computed = frozenset(record.selection)
    for name, current in published(record):
        for column in current.columns if name in sets else ():
            full = f"{name}.{column.name}"
            if column.fingerprint and (record.training is not None or full in computed):
                moment = Moment(at, how, record, column.fingerprint)
                found.setdefault(full, []).append(moment)


def _full_name(known: Mapping[str, object], name: str) -> str:
    fitting = [n for n in known if n == name or n.endswith(f".{name}")]
    if len(fitting) == 1 or name in fitting:
        return name if name in fitting else fitting[0]
    if fitting:
        told = catalog.NOT_PUBLISHED.general(f"several features are called `{name}`")
        for one in fitting[:_SHOWN]:
            told = told.note(one)
        raise Failure(told.help("write `group.feature`"))
    message = f"no feature `{name}` was published in this target"
    remedy = did_you_mean(name, [*known], what="features")
    raise Failure(catalog.NOT_PUBLISHED.general(message).help(remedy))


@dataclass(slots=True)
class _Manifests:
    """Manifests of runs, read once."""

    target: Path
    read: dict[str, Manifest | None] = field(default_factory=dict)

    def of(self, record: RunRecord) -> Manifest | None:
        """What was declared when a run published; None where that is not kept."""
        digest = record.manifest
        if digest is None:
            return None
        if digest not in self.read:
            try:
                self.read[digest] = read_manifest(self.target, digest)
            except LostManifest:
                self.read[digest] = None
        return self.read[digest]

    def entry(self, name: str, moment: Moment) -> FeatureEntry | None:
        """What was declared of a feature, or of the one that a column of a data set holds."""
        manifest = self.of(moment.record)
        if manifest is None:
            return None
        columns = {f"{d.name}.{c.name}": c.feature for d in manifest.datasets for c in d.columns}
        wanted = columns.get(name) or name
        every = (*manifest.features, *manifest.labels)
        return next((f for f in every if f.name == wanted), None)

    def change(self, before: Moment, after: Moment, name: str) -> Change | None:
        """What became of a feature between two moments; None where nothing, or nobody knows."""
        was, now = self.of(before.record), self.of(after.record)
        if was is None or now is None:
            return None
        changes = compare(declared(was), declared(now)).features
        return next((c for c in changes if c.after is not None and c.name == name), None)


def _called_before(
    name: str, first: Moment, known: Mapping[str, Sequence[Moment]], manifests: _Manifests
) -> str | None:
    """The name that a feature had before, if it is in the history by another."""
    group = name.rpartition(".")[0]
    earlier = [
        m
        for n, found in known.items()
        if n.startswith(f"{group}.")
        for m in found
        if m.at < first.at
    ]
    if not earlier:
        return None
    change = manifests.change(max(earlier, key=lambda m: m.at), first, name)
    old = None if change is None or change.before is None else change.before.name
    return old if old != name and old in known else None


def _compared(before: Version, after: Version, manifests: _Manifests) -> Version:
    """A version with what makes it another than the one before."""
    was, now = before.entry, after.entry
    if was is None or now is None:
        return replace(after, because=("what was declared is not kept",))
    change = manifests.change(before.moments[-1], after.moments[0], now.name)
    because = [] if change is None or change.kind is not Kind.CHANGED else [*change.because]
    if before.name != after.name:
        because.insert(0, f"its name: {before.name} before")
    because += _values(before, after)
    lines = ndiff(was.definition.splitlines(), now.definition.splitlines())
    difference = tuple(line for line in lines if line.startswith(("- ", "+ ")))
    return replace(after, because=tuple(because), difference=difference)


def _parameters(entry: FeatureEntry | None, moment: Moment) -> Mapping[str, str | None]:
    """Values of the parameters that a feature reads; None of secret ones."""
    read = () if entry is None else entry.parameters
    return {p.name: p.value for p in moment.record.parameters if p.name in read}


def _values(before: Version, after: Version) -> Iterator[str]:
    """Parameters that had another value."""
    for name, now in after.parameters.items():
        was = before.parameters.get(name, now)
        if was != now:
            yield f"${name}: {was or 'null'} before, {now or 'null'} now"
