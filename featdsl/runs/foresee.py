"""What each stage of a run would do, told without doing it: nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from featdsl.files.publish import DATA, set_folder
from featdsl.ir.program import Expectation
from featdsl.runs.describe import group_fingerprints
from featdsl.runs.hashes import Hashes
from featdsl.runs.needed import needed_sources, needed_views
from featdsl.runs.parsed import cache_key, is_kept
from featdsl.runs.stage import open_sources
from featdsl.runs.state import Run
from featdsl.sources.registry import sources
from featdsl.store.current import current_sets
from featdsl.store.ledger import record_path
from featdsl.text.amounts import count, show_bytes

Does = Literal["read", "parse", "check", "compute", "publish", "record"]
RUN = "RUN"
"""In paths, where the name of the run would stand."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Something that a run would do, with what; ``detail`` says it for people."""

    does: Does
    what: str
    detail: str
    path: str | None = None


def nothing(run: Run) -> Iterator[Foreseen]:
    """What a stage does beside others need not be told."""
    yield from ()


def sources_read(run: Run) -> Iterator[Foreseen]:
    """Find and look into the files of sources; code is not called, and no server is asked."""
    needed = needed_sources(run.program, run.groups, run.more_sources)
    stored = [s.name for s in needed if not _is_asked(s.location.kind)]
    places = run.settings.places
    run.hashes = Hashes.load(places.cache)
    run.opened = open_sources(
        run.session,
        run.program,
        stored,
        places=places,
        hashes=run.hashes,
        problems=run.problems,
        hash_all=False,
    )
    for source in needed:
        kind, opened = source.location.kind, run.opened.get(source.name)
        if opened is not None:
            size = sum(f.stat().st_size for f in opened.files)
            detail = f"{kind}, {count(len(opened.files), 'file')}, {show_bytes(size)}"
            yield Foreseen("read", source.name, detail)
        elif source.name not in stored:
            yield Foreseen("read", source.name, f"{kind}, asked when it runs")


def _is_asked(kind: str) -> bool:
    found = sources()[kind]
    return found.called or found.connected


def sources_parsed(run: Run) -> Iterator[Foreseen]:
    """Sources that have to be parsed: those of which no typed copy is kept."""
    for name, opened in run.opened.items():
        if opened.kind.parsed:
            files = zip(opened.files, opened.uses, strict=True)
            key = cache_key(opened.source, [(f, u.sha256) for f, u in files])
            if not is_kept(run.settings.places.cache, key):
                yield Foreseen("parse", name, "into the cache of the target")


def data_checked(run: Run) -> Iterator[Foreseen]:
    """Expectations of sources and views; types and keys are checked in any case."""
    for source in needed_sources(run.program, run.groups, run.more_sources):
        yield Foreseen("check", source.name, "types, required columns, keys")
        yield from _expectations(source.name, source.expectations)
    for view in needed_views(run.program, run.groups):
        yield from _expectations(view.name, view.expectations)


def _expectations(subject: str, found: tuple[Expectation, ...]) -> Iterator[Foreseen]:
    for expectation in found:
        yield Foreseen("check", subject, expectation.text)


def groups_computed(run: Run) -> Iterator[Foreseen]:
    """Groups, with how much of each."""
    for wanted in run.wanted:
        detail = count(len(wanted.features), "feature")
        yield Foreseen("compute", wanted.group.name, f"{detail}, per {wanted.group.entity}")


def results_checked(run: Run) -> Iterator[Foreseen]:
    """Expectations of groups and of features."""
    for wanted in run.wanted:
        yield from _expectations(wanted.group.name, wanted.group.expectations)
        for feature in wanted.features:
            yield from _expectations(feature.name, feature.expectations)


def sets_published(run: Run) -> Iterator[Foreseen]:
    """Where the rows of each set would lie, and what they take the place of."""
    places, prints = run.settings.places, group_fingerprints(run.program, run.wanted)
    there = current_sets(places.target, run.settings.space)
    for wanted in run.wanted:
        name = wanted.group.name
        folder = set_folder(places.out, name, run.written[name], RUN)
        path = (folder / f"values.{run.settings.format}").relative_to(places.out / DATA)
        before = there.get(name)
        detail = "the first of this set"
        if before is not None:
            same = before.fingerprint == prints[name]
            detail = f"in place of {before.run}, {'of the same' if same else 'of another'} meaning"
        yield Foreseen("publish", name, detail, path.as_posix())
    record = record_path(places.target, RUN)
    yield Foreseen("record", record.name, "", record.relative_to(places.target).as_posix())
