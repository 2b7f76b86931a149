"""The beginning and the end of a run, as its target sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.errors import EngineError
from featdsl.files.errors import FileError
from featdsl.runs.describe import record_of
from featdsl.runs.failures import file_diagnostic
from featdsl.runs.kept import forget
from featdsl.runs.limit import TimeIsOver
from featdsl.runs.notified import notify
from featdsl.runs.secrets import hidden_values
from featdsl.runs.sql_views import show_current
from featdsl.runs.state import Run
from featdsl.store.current import Current
from featdsl.store.failing import FailingFile, write_failing
from featdsl.store.leases import Running, running
from featdsl.store.manifests import keep_manifest
from featdsl.store.publish import begin, finish, publish
from featdsl.store.record import RunRecord, Status
from featdsl.text.amounts import count, show_seconds


def take_over(run: Run) -> None:
    """Say that this run writes its sets; what dead runs left is removed."""
    target = run.settings.places.target
    run.listed = Running(
        id=run.id,
        space=run.settings.space,
        owner={"run": run.id, "since": f"{run.started:%Y-%m-%d %H:%M:%S} UTC"},
        sets=run.written,
        record=record_of(run, None, Status.RUNNING),
    )
    try:
        begin(target, run.listed)
        run.owns = True
    except BaseException:
        # It may have been listed before it was interrupted: the catalog knows.
        with suppress(FileError):
            run.owns = any(other.id == run.id for other in running(target))
        raise


def publish_sets(run: Run) -> str:
    """Let readers find what was computed: all sets and the record at once."""
    places = run.settings.places
    run.outputs = [o.model_copy(update={"beside": o.group in run.beside}) for o in run.outputs]
    record = with_manifest(run, record_of(run, run.now(), Status.SUCCEEDED))
    sets = {o.group: Current.of(o, run.id) for o in run.outputs}
    run.record = publish(places.target, run.staging, run.listed, record, sets, run.beside)
    forget(places.out, sets)
    show_pointers(run)
    return count(len(sets), "set")


def with_manifest(run: Run, record: RunRecord) -> RunRecord:
    """A record that says what was declared; that is written first.

    Raises:
        FileError: it cannot be written.
    """
    digest = keep_manifest(run.settings.places.target, run.compilation.manifest())
    return record.model_copy(update={"manifest": digest})


def show_pointers(run: Run) -> None:
    """Tell readers that know no SQLite what is current; where that fails, it is told."""
    places = run.settings.places
    again = "then run again, or `featc doctor --repair`: it writes the file anew"
    left: list[str] = []
    remedy: str | None = "look whether the file that it names is there"
    try:
        left = show_current(places.target, places.out, run.settings.space)
    except FileError as error:
        left, remedy = [str(error)], error.remedy
    except EngineError as error:
        left, remedy = [f"its DuckDB file cannot be written: {error.detail}"], "make room for it"
    for why in left:
        told = catalog.OLD_POINTERS.general(f"everything is published, but {why}")
        run.problems.report(told.help(remedy).help(again))


@contextmanager
def telling(run: Run) -> Iterator[None]:
    """Report what stops a run; leave a record of one that is interrupted."""
    try:
        yield
    except Failure as failure:
        run.problems.extend(failure.diagnostics)
    except FileError as error:
        run.problems.report(file_diagnostic(error))
    except TimeIsOver:
        run.problems.report(_timed_out(run))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and run.record is not None:
            # It is published: a late Ctrl-C changes nothing of that.
            run.stopped = True
            run.problems.report(_told_late())
            return
        stopped = isinstance(error, KeyboardInterrupt)
        record = record_of(run, run.now(), Status.INTERRUPTED if stopped else Status.FAILED)
        notify(run, keep_record(run, record))
        raise


def _told_late() -> Diagnostic:
    message = "everything is published, but the run was interrupted as it told readers of it"
    found = catalog.OLD_POINTERS.general(message)
    return found.help("run `featc doctor --repair`: it writes anew what tells readers")


def _timed_out(run: Run) -> Diagnostic:
    limit = run.settings.timeout
    assert limit is not None, "only a limit ends"
    said = show_seconds(limit.total_seconds())
    found = catalog.RUN_TIMED_OUT.general(f"the run was stopped after {said}")
    doing = f"it was at: {run.doing}" if run.doing else "it had not begun"
    return found.note(doing).help("allow more time, or select fewer features")


def keep_failing(run: Run) -> None:
    """Write the rows that failed expectations; that they cannot be written stops nothing."""
    if run.owns and run.failing:
        places = run.settings.places
        found = FailingFile(run=run.id, checks=tuple(run.failing))
        hidden = hidden_values(found.model_dump(mode="json"), places.secrets)
        with suppress(FileError):
            write_failing(places.target, FailingFile.model_validate(hidden))


def keep_record(run: Run, record: RunRecord) -> RunRecord:
    """Write the record of a run that did not succeed; that it cannot be written adds nothing."""
    if run.owns:
        with suppress(FileError):
            return finish(run.settings.places.target, record)
    return record
