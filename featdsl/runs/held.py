"""Which published files hold what a data set's answers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from featdsl.compiler.fingerprint import fingerprint_entity
from featdsl.compiler.parts import Parts, request_parts
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, explained
from featdsl.ir import expr as ir
from featdsl.ir.program import Dataset, Feature, Program
from featdsl.ir.refs import in_order, inputs_behind, inputs_named, of_same_key
from featdsl.ir.visit import walk
from featdsl.planning.answers import read_of
from featdsl.store.current import Current, Space, current_sets, data_path
from featdsl.store.ledger import Unreadable, record_of_run
from featdsl.store.record import FileUse, RunRecord
from featdsl.text.names import short_name

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A published file: the names of its columns by full names of features."""

    name: str
    group: str
    path: Path
    columns: dict[str, str]
    file: FileUse


@dataclass(frozen=True, slots=True)
class Held:
    """``sources`` have the features that are ``read`` for a data set, and what they rest on."""

    dataset: str
    parts: Parts
    read: tuple[str, ...]
    sources: tuple[Source, ...]
    record: RunRecord

    def feature(self, name: str) -> Feature:
        """A feature of the program, or what is read for requests."""
        return self.parts.program.feature(name)


def held(target: Path, space: Space, program: Program, dataset: str) -> Held:
    """Find what a data set of a full name is answered from.

    Raises:
        Failure: something was not published, by several runs, or with another meaning; or it is
            not as it was written.
    """
    declared = program.datasets[dataset]
    _check_answerable(program, declared)
    names = [str(c.feature) for c in declared.columns]
    parts = request_parts(program, names)
    read = read_of(program, parts.requests, declared)
    hidden = [n for n in read if n in parts.personal]
    if hidden:
        feature = parts.program.feature(hidden[0])
        message = f"`{declared.short}` cannot be answered from published values"
        told = catalog.UNANSWERABLE.at(declared.name_span, message)
        why = "it reads personal data of the key, which no run publishes"
        raise Failure(
            told.because(feature.name_span, why)
            .help("hide them in a feature of its own: `h = hash(concat($key, last(x)))`")
            .help("a training set has it: `featc train`")
        )
    groups = dict.fromkeys(short_group(n) for n in (*read, *names))
    finder = _Finder(target, space, parts, declared)
    current = finder.current(list(groups), needed={short_group(n) for n in read})
    sources = finder.sources(read, current)
    try:
        record = record_of_run(target, next(iter(current.values())).run)
    except (FileError, Unreadable) as error:
        raise Failure(_unreadable(declared, error)) from error
    for source in sources:
        _check_unchanged(declared, source)
    return Held(dataset, parts, tuple(read), tuple(sources), record)


def short_group(feature: str) -> str:
    """The full name of a feature's group."""
    return feature.rpartition(".")[0]


def _check_answerable(program: Program, dataset: Dataset) -> None:
    """Report what published values cannot answer.

    Raises:
        Failure: a feature reads rows by what is sent, or rests on a secret.
    """
    found: list[Diagnostic] = []
    for column in dataset.columns:
        name = str(column.feature)
        if not inputs_behind(program, name):
            continue
        for n in in_order([name], lambda n: of_same_key(program.feature(n).expr)):
            feature = program.feature(n)
            if n not in program.groups[feature.group].requests:
                continue
            why = _why_not(program, feature)
            if why is not None:
                message = f"`{column.name}` cannot be answered from published values"
                found.append(
                    catalog.UNANSWERABLE.at(column.span, message)
                    .because(feature.name_span, why)
                    .help("a training set has it: `featc train`")
                    .help(f"or leave it out here: `except {_written(name)}`")
                )
                break
    if found:
        raise Failure(*found)


def _written(feature: str) -> str:
    """A feature's name as a data set names it."""
    group, _, short = feature.rpartition(".")
    return f"{short_name(group)}.{short}"


def _why_not(program: Program, feature: Feature) -> str | None:
    for node in walk(feature.expr):
        if isinstance(node, ir.Aggregate) and any(inputs_named(node)):
            return "it reads rows by what is sent, and a run publishes no rows"
        if isinstance(node, ir.Param) and program.params[node.name].secret:
            return "it rests on a secret, whose value no record holds"
    return None


@dataclass(frozen=True, slots=True)
class _Finder:
    target: Path
    space: Space
    parts: Parts
    dataset: Dataset

    def current(self, groups: Sequence[str], needed: set[str]) -> dict[str, Current]:
        """The pointers of sets, which all are of one run."""
        found = self._pointers(groups)
        missing = [g for g in groups if g not in found]
        if missing and (needed & {*missing} or not found):
            raise Failure(self._never(missing))
        _check_formats(self.dataset, found)
        runs: dict[str, list[str]] = {}
        for group, current in found.items():
            runs.setdefault(current.run, []).append(group)
        if len(runs) > 1:
            message = f"what `{self.dataset.short}` reads was published by {len(runs)} runs"
            told = catalog.STALE_VALUES.at(self.dataset.name_span, message)
            for run, members in sorted(runs.items()):
                told = told.note(f"run {run}: {_listed(members)}")
            raise Failure(told.help("publish all of it at once: `featc run`"))
        return found

    def _pointers(self, groups: Iterable[str]) -> dict[str, Current]:
        try:
            found = current_sets(self.target, self.space)
        except FileError as error:
            raise Failure(_unreadable(self.dataset, error)) from error
        return {g: found[g] for g in groups if g in found}

    def _never(self, missing: Sequence[str]) -> Diagnostic:
        message = f"{_listed(missing)} {'was' if len(missing) == 1 else 'were'} never published"
        return (
            catalog.NOT_PUBLISHED.at(self.dataset.name_span, message)
            .note("answers are made of what the last run published in the target")
            .help("publish first: `featc run`")
        )

    def sources(self, read: Sequence[str], current: dict[str, Current]) -> list[Source]:
        """The files that have the features that are read, and what these rest on if they do."""
        program = self.parts.program
        found: dict[str, Source] = {}
        absent: list[str] = []
        changed: list[str] = []
        behind = in_order(read, lambda n: of_same_key(program.feature(n).expr))
        for name in dict.fromkeys((*read, *behind)):
            pointer = current.get(short_group(name))
            place = None if pointer is None else self._place(name, pointer)
            if place is not None:
                source = found.setdefault(place[0].name, place[0])
                source.columns[name] = place[1]
            elif name in read and pointer is not None:
                known = {c.name for c in pointer.columns}
                (changed if program.feature(name).short in known else absent).append(name)
        if changed or absent:
            raise Failure(*self._stale(changed, absent, current))
        if not found:
            # Whether keys exist is asked of the sets that list them.
            listed = fingerprint_entity(program, self.dataset.entity)
            for group, pointer in current.items():
                if program.entities[self.dataset.entity].keys and all(
                    c.fingerprint != listed for c in pointer.columns
                ):
                    raise Failure(self._other_keys(pointer.run))
                source = self._source(group, pointer, pointer.files[0], "")
                found[source.name] = source
        return list(found.values())

    def _place(self, name: str, pointer: Current) -> tuple[Source, str] | None:
        group, meaning = short_group(name), self.parts.prints[name]
        for column in pointer.columns:
            if column.fingerprint == meaning:
                return self._source(group, pointer, pointer.files[0], ""), column.name
        parts = pointer.parts
        for column in () if parts is None else parts.columns:
            if parts is not None and column.fingerprint == meaning:
                return self._source(group, pointer, parts.file, " parts"), column.name
        return None

    def _source(self, group: str, pointer: Current, file: FileUse, suffix: str) -> Source:
        path = data_path(self.target, self.space, pointer, file)
        return Source(f"{short_name(group)}{suffix}", group, path, {}, file)

    def _stale(
        self, changed: Sequence[str], absent: Sequence[str], current: dict[str, Current]
    ) -> Iterator[Diagnostic]:
        program = self.parts.program
        run = next(iter(current.values())).run
        if changed:
            what = "means" if len(changed) == 1 else "mean"
            message = f"{_listed(changed)} {what} something else than when the run {run} published"
            told = catalog.STALE_VALUES.at(program.feature(changed[0]).name_span, message)
            yield told.help("publish again: `featc run`")
        if absent:
            first = program.feature(absent[0])
            named = [n for n in absent if n in self._declared()]
            message = (
                f"the run {run} published no {_listed(named)}"
                if named
                else f"the run {run} did not publish what `{first.group}` reads for requests"
            )
            told = catalog.NOT_PUBLISHED.at(first.name_span, message)
            yield told.help("publish all that answers are made of: `featc run`")

    def _other_keys(self, run: str) -> Diagnostic:
        entity = self.parts.program.entities[self.dataset.entity]
        message = f"other keys of `{entity.short}` exist than when the run {run} published"
        told = catalog.STALE_VALUES.at(entity.name_span, message)
        return told.help("publish again: `featc run`")

    def _declared(self) -> set[str]:
        return {str(c.feature) for c in self.dataset.columns}


def _check_formats(dataset: Dataset, found: dict[str, Current]) -> None:
    other = [g for g, c in found.items() if c.format != "parquet"]
    if other:
        kind = found[other[0]].format
        message = f"{_listed(other)} was published as {kind}, which keeps no types"
        told = catalog.NOT_PUBLISHED.at(dataset.name_span, message)
        raise Failure(told.help("publish as Parquet: `featc run --format parquet`"))


def _check_unchanged(dataset: Dataset, source: Source) -> None:
    """Compare a file with what its run wrote: a broken bit would be a wrong value.

    Raises:
        Failure: it is not there, or has another content.
    """
    try:
        with explained(source.path, doing="read"):
            same = sha256(source.path) == source.file.sha256
    except FileError as error:
        raise Failure(_unreadable(dataset, error)) from error
    if not same:
        message = f"`{source.path.name}` of `{source.group}` is not as the run wrote it"
        told = catalog.CHANGED_FILE.at(dataset.name_span, message)
        told = told.note("its SHA-256 is another than in the catalog")
        raise Failure(told.help("publish again: `featc run`"))


def _unreadable(dataset: Dataset, error: FileError | Unreadable) -> Diagnostic:
    message = f"what was published cannot be read: {error}"
    told = catalog.NOT_PUBLISHED.at(dataset.name_span, message)
    return told.help("publish again: `featc run`")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{n}`" for n in names[:_SHOWN]) + more
