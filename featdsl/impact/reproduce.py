"""A run of the past, computed again: the same bytes, or what differs and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.files.digest import sha256
from featdsl.files.staging import staging
from featdsl.impact.compare import Kind
from featdsl.impact.compare import compare as compare_texts
from featdsl.impact.declared import declared
from featdsl.ir.program import Origin
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.compare import Difference, causes
from featdsl.runs.describe import parameter_use
from featdsl.runs.execute import run_project
from featdsl.runs.failures import told
from featdsl.runs.outputs import wanted_groups
from featdsl.runs.progress import Observe, nobody
from featdsl.runs.published import type_of
from featdsl.runs.same_rows import ColumnDifference, RowsCompared, compare_rows
from featdsl.runs.state import utc_now
from featdsl.runs.train import train
from featdsl.store.current import Current, Space, data_folder
from featdsl.store.history import published, space_of
from featdsl.store.ledger import new_run_id
from featdsl.store.manifests import LostManifest, read_manifest
from featdsl.store.record import FileUse, ParameterUse, RunRecord, Status
from featdsl.syntax.literals import string_value
from featdsl.text.span import Span
from featdsl.types.dtype import Kind as TypeKind

ORIGIN = "reproduced"
CLOSE = 1e-9
"""Of floats: what may differ relatively when only the order of their sum did."""


@dataclass(frozen=True, slots=True)
class SetCompared:
    """A set: hashes of its files, before and now. ``rows`` where they were compared."""

    set: str
    before: tuple[FileUse, ...]
    after: tuple[FileUse, ...]
    rows: RowsCompared | None = None
    why_not: str | None = None
    """Why rows could not be compared."""

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return bool(self.before) and _hashes(self.before) == _hashes(self.after)

    @property
    def only_floats(self) -> bool:
        """Whether floats differ in their last digits, and nothing else."""
        rows = self.rows
        if rows is None or rows.gone or rows.new or rows.missing or rows.added:
            return False
        return bool(rows.columns) and all(_is_close(c) for c in rows.columns)


def _hashes(files: tuple[FileUse, ...]) -> list[tuple[str, str]]:
    return sorted((f.path, f.sha256) for f in files)


def _is_close(column: ColumnDifference) -> bool:
    return column.largest is not None and column.largest <= CLOSE


@dataclass(frozen=True, slots=True)
class Reproduced:
    """What came of it. ``diagnostics`` are errors where it could not be computed again."""

    record: RunRecord
    sets: tuple[SetCompared, ...]
    because: tuple[Difference, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def same(self) -> bool:
        """Whether all bytes are the same."""
        failed = any(d.severity is Severity.ERROR for d in self.diagnostics)
        return not failed and bool(self.sets) and all(s.same for s in self.sets)


def reproduce(
    project: Project,
    record: RunRecord,
    *,
    observe: Observe = nobody,
    now: Callable[[], datetime] = utc_now,
) -> Reproduced:
    """Compute what a run published again, by the texts and data of now; nothing is published.

    Args:
        project: As it is now. Parameters get the values that they had, but for those that are
            given on the command line, and for secret ones.
        record: The run.
        observe: Is told of the progress.
        now: The clock.

    Raises:
        Failure: the run published nothing, its rows were handed in, or the texts have mistakes.
    """
    before = dict(published(record))
    _check_possible(record, before)
    compilation = _with_values(project, record)
    target, space = project.target_dir, space_of(record)
    with told(), staging(target, f"again-{new_run_id(now())}") as folder:
        # A target of its own: catalog, cache and pointers of the real one are not touched, and
        # nobody is told.
        here = folder.relative_to(project.root).as_posix()
        settings = project.target.model_copy(update={"location": here, "notify": {}})
        apart = replace(project, target=settings)
        again, diagnostics = _again(apart, compilation, record, observe, now)
        after = dict(published(again))
        sets = tuple(
            _compared(name, old, data_folder(target, space, old), after.get(name), folder, record)
            for name, old in before.items()
        )
    because = (
        () if all(s.same for s in sets) else tuple(_because(project, record, again, compilation))
    )
    return Reproduced(record, sets, because, diagnostics)


def _check_possible(record: RunRecord, before: Mapping[str, Current]) -> None:
    remedy = "`featc runs` lists them: choose one that succeeded"
    if record.status is not Status.SUCCEEDED or not before:
        message = f"the run {record.run} published nothing"
        raise Failure(catalog.NOT_REPRODUCIBLE.general(message).help(remedy))
    training = record.training
    if training is not None and training.spine.kind in ("file", "frame"):
        message = f"the rows of {training.dataset} in the run {record.run} were handed in"
        made = catalog.NOT_REPRODUCIBLE.general(message)
        raise Failure(made.help("make the training set again with the same rows, and compare"))


def _again(
    project: Project,
    compilation: Compilation,
    record: RunRecord,
    observe: Observe,
    now: Callable[[], datetime],
) -> tuple[RunRecord, tuple[Diagnostic, ...]]:
    program = compilation.program
    training = record.training
    if training is not None:
        if training.dataset not in program.datasets:
            raise Failure(_gone(training.dataset))
        given = [u.until for u in training.untils if u.given]
        made = train(
            project,
            compilation,
            training.dataset,
            labels_until=given[0] if given else None,
            mature=training.dropped > 0,
            observe=observe,
            now=now,
        )
        return made.record, made.diagnostics
    known = [n for n in record.selection if program_has(compilation, n)]
    if not known:
        raise Failure(_gone(", ".join(o.group for o in record.outputs)))
    # A run without a selection also keeps what requests read of a key.
    whole = {f.name for w in wanted_groups(program, ()) for f in w.features}
    asked_all = set(record.selection) == whole and any(o.parts for o in record.outputs)
    outcome = run_project(
        project,
        compilation,
        as_of=AsOf(record.as_of, ORIGIN),
        selection=() if asked_all else known,
        format=record.outputs[0].format,  # type: ignore[arg-type]
        observe=observe,
        now=now,
    )
    return outcome.record, outcome.diagnostics


def program_has(compilation: Compilation, name: str) -> bool:
    """Whether a feature of a full name is declared, and no input is behind it."""
    group = compilation.program.groups.get(name.rpartition(".")[0])
    return group is not None and any(f.name == name for f in group.features.values())


def _gone(what: str) -> Diagnostic:
    message = f"nothing of what the run published is declared any more: {what}"
    return catalog.NOT_REPRODUCIBLE.general(message).help("check out the commit of the run")


def _with_values(project: Project, record: RunRecord) -> Compilation:
    """The project, with parameters as the run had them.

    Raises:
        Failure: the texts have mistakes.
    """
    compilation = compile_project(project.texts, project.options)
    if not compilation.ok:
        raise Failure(*compilation.diagnostics)
    values = dict(project.options.params)
    had = {p.name: p for p in record.parameters}
    for parameter in compilation.program.params.values():
        was, use = had.get(parameter.name), parameter_use(parameter)
        if was is None or was.value is None or was.value == use.value:
            continue
        if parameter.origin is not Origin.COMMAND and (text := _typed(was)) is not None:
            values[parameter.short] = (text, Origin.COMMAND)
    again = compile_project(project.texts, replace(project.options, params=values))
    if not again.ok:  # a value that does not fit its type any more
        return compilation
    return again


def _typed(use: ParameterUse) -> str | None:
    """A value as it is typed on a command line; None where it cannot be."""
    dtype = type_of(use.dtype)
    if use.value is None or use.value == "null" or dtype is None or dtype.items:
        return None
    if dtype.kind is TypeKind.TEXT:
        return string_value(use.value, Span("", 0, 0), lambda told: None)
    return use.value


def _compared(
    name: str,
    old: Current,
    kept: Path,
    new: Current | None,
    folder: Path,
    record: RunRecord,
) -> SetCompared:
    before = (*old.files, *(() if old.parts is None else (old.parts.file,)))
    if new is None:
        return SetCompared(name, before, (), why_not="it was not computed again")
    after = (*new.files, *(() if new.parts is None else (new.parts.file,)))
    found = SetCompared(name, before, after)
    if found.same:
        return found
    if old.format != "parquet":
        return replace(found, why_not=f"rows of {old.format} are not compared")
    path = kept / old.files[0].path
    try:
        unchanged = sha256(path) == old.files[0].sha256
    except OSError:
        return replace(found, why_not="the rows of the run are not there any more")
    if not unchanged:
        return replace(found, why_not="the rows of the run are not as it wrote them")
    made = data_folder(folder, Space(target=record.target), new) / new.files[0].path
    training = record.training is not None
    computed = frozenset(record.selection)
    keys = [] if training else [
        c.name for c in old.columns if f"{name}.{c.name}" not in computed
    ]  # fmt: skip
    with Session(Profile(files=(path, made))) as session:
        return replace(found, rows=compare_rows(session, path, made, None if training else keys))


def _because(
    project: Project, record: RunRecord, again: RunRecord, compilation: Compilation
) -> Iterator[Difference]:
    """What may explain it: parameters, versions, commit, data, meanings with their causes."""
    now = {p.name: p for p in map(parameter_use, compilation.program.params.values())}
    for use in record.parameters:
        found = now.get(use.name)
        if use.secret:
            yield Difference(f"parameter {use.name}", "(secret)", "(secret): not compared")
        elif found is None or found.value != use.value:
            yield Difference(f"parameter {use.name}", use.value, found.value if found else None)
    texts = dict(_texts(project, record, compilation))
    for difference in causes(record, again):
        name = difference.what.removeprefix("meaning of ")
        if name != difference.what and name in texts:
            yield Difference(difference.what, difference.before, texts[name])
        else:
            yield difference


def _texts(
    project: Project, record: RunRecord, compilation: Compilation
) -> Iterator[tuple[str, str]]:
    """Of features that mean something else, why."""
    if record.manifest is None:
        return
    try:
        manifest = read_manifest(project.target_dir, record.manifest)
    except LostManifest:
        return
    for change in compare_texts(declared(manifest), declared(compilation.manifest())).features:
        if change.kind is Kind.CHANGED:
            yield change.name, "; ".join(change.because)
