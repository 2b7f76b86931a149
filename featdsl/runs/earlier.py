"""What earlier runs published for the as-of times of a run that has many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.files.digest import sha256
from featdsl.runs.describe import group_fingerprints, parameter_use, versions
from featdsl.runs.execute import profile_of
from featdsl.runs.failures import told
from featdsl.runs.hashes import Hashes
from featdsl.runs.needed import needed_sources
from featdsl.runs.stage import open_sources
from featdsl.runs.state import Run
from featdsl.sources.registry import sources
from featdsl.store.current import current_sets, data_path
from featdsl.store.dated import Dated, dated
from featdsl.store.history import published
from featdsl.store.record import FileUse, RunRecord


@dataclass(slots=True)
class Earlier:
    """What counts for each as-of time; ``files`` are those of sources as they are now.

    ``files`` is None before it was looked.
    """

    known: Dated
    files: Mapping[str, tuple[FileUse, ...]] | None = None

    @classmethod
    def of(cls, run: Run) -> Earlier:
        """What the ledger knows of the sets of a run's space.

        Raises:
            Failure: the catalog cannot be read.
        """
        with told():
            return cls(dated(run.settings.places.target, run.settings.space))

    def later_sets(self, run: Run) -> frozenset[str]:
        """Sets of which what is current is of a later as-of time than the run's."""
        at = run.settings.as_of.instant
        times = {
            (name, record.run): as_of
            for (name, as_of), found in self.known.versions.items()
            for record in found
        }
        with told():
            current = current_sets(run.settings.places.target, run.settings.space)
        return frozenset(n for n, c in current.items() if times.get((n, c.run), at) > at)

    def repair(self, run: Run) -> None:
        """Of a run that repairs: take only sets that are published for its time."""
        if run.because is None:
            return
        at = run.settings.as_of.instant
        before = {w.group.name: self.known.last(w.group.name, at) for w in run.wanted}
        # What is read once is for all times, also for those of which more is published.
        read = needed_sources(run.program, run.groups)
        run.more_sources = frozenset(s.name for s in read)
        run.repairs = {name: record for name, record in before.items() if record is not None}
        run.wanted = [w for w in run.wanted if w.group.name in run.repairs]
        run.written = {n: v for n, v in run.written.items() if n in run.repairs}

    def whole(self, run: Run) -> str | None:
        """The run that published all of it for its time, with the values that it would have."""
        at = run.settings.as_of.instant
        records = {
            r.run: r for w in run.wanted if (r := self.known.last(w.group.name, at)) is not None
        }
        if len(records) != 1:
            return None
        (record,) = records.values()
        done = record.restates
        if run.because is not None and (done is None or done.because != run.because):
            return None
        same = _meant_the_same(run, record) and self._read_the_same(run, record)
        return record.run if same and _is_there(run, record) else None

    def _read_the_same(self, run: Run, record: RunRecord) -> bool:
        if self.files is None:
            self.files = _files_now(run)
        read = {use.source: _hashes(use.files) for use in record.inputs}
        needed = needed_sources(run.program, run.groups, run.more_sources)
        now = {s.name: _hashes(self.files.get(s.name, ())) for s in needed}
        return all(files and files == read.get(name) for name, files in now.items())


def _hashes(files: Iterable[FileUse]) -> list[tuple[str, int, str]]:
    return [(f.path, f.bytes, f.sha256) for f in files]


def _meant_the_same(run: Run, record: RunRecord) -> bool:
    """Whether features, parameters, format and versions are the same; secrets cannot be known."""
    prints = group_fingerprints(run.program, run.wanted)
    parameters = tuple(parameter_use(p) for p in run.program.params.values())
    before = {p.name: p.value for p in record.parameters}
    return (
        {o.group: o.fingerprint for o in record.outputs} == dict(prints)
        and not any(p.secret for p in parameters)
        and {p.name: p.value for p in parameters} == before
        and all(o.format == run.settings.format for o in record.outputs)
        and record.versions == versions()
    )


def _files_now(run: Run) -> Mapping[str, tuple[FileUse, ...]]:
    """The files of sources with their hashes; none of those that have none, or cannot be read."""
    places = run.settings.places
    needed = needed_sources(run.program, run.groups, run.more_sources)
    kinds = {s.name: sources()[s.location.kind] for s in needed}
    with Session(profile_of(run.settings.project, places, None)) as session:
        opened = open_sources(
            session,
            run.program,
            [name for name, kind in kinds.items() if not (kind.called or kind.connected)],
            places=places,
            hashes=Hashes.load(places.cache),
            problems=Problems(),  # the run itself tells of them
        )
    return {name: found.uses for name, found in opened.items()}


def _is_there(run: Run, record: RunRecord) -> bool:
    """Whether the files that were published are as they were written."""
    settings = run.settings
    for _, pointer in published(record):
        parts = pointer.parts
        for file in (*pointer.files, *(() if parts is None else (parts.file,))):
            try:
                path = data_path(settings.places.target, settings.space, pointer, file)
                if sha256(path) != file.sha256:
                    return False
            except OSError:
                return False
    return True
