"""A run for several as-of times: each is published under its own, sources are read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.project.as_of import COMMAND, AsOf, show_instant
from featdsl.project.load import Project
from featdsl.runs.earlier import Earlier
from featdsl.runs.execute import (
    SPILL,
    Outcome,
    check_any,
    ended,
    make_folders,
    new_run,
    profile_of,
)
from featdsl.runs.limit import limited
from featdsl.runs.outputs import Format
from featdsl.runs.progress import Observe, nobody
from featdsl.runs.publishing import keep_failing, take_over, telling
from featdsl.runs.stages import STAGES, perform_all
from featdsl.runs.state import Run, utc_now
from featdsl.store.ledger import new_run_id

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is computed at each time, as `featdsl.runs.execute.run_project` explains."""

    project: Project
    compilation: Compilation
    selection: Sequence[str] = ()
    out: Path | None = None
    format: Format = "parquet"
    timeout: timedelta | None = None
    resume: bool = False
    because: str | None = None
    """Why what was published is repaired: None where it is not."""
    now: Callable[[], datetime] = utc_now

    def run(self, as_of: AsOf) -> Run:
        """A run that has not begun."""
        run = new_run(
            self.project,
            self.compilation,
            as_of=as_of,
            selection=self.selection,
            out=self.out,
            format=self.format,
            timeout=self.timeout,
            resume=self.resume,
            now=self.now,
        )
        run.because = self.because
        return run


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one of the times.

    ``before`` is the run that published it already, with the same values: then nothing was run.
    """

    as_of: AsOf
    outcome: Outcome | None
    before: str | None = None

    @property
    def ok(self) -> bool:
        return self.outcome is None or self.outcome.ok


def run_times(asked: Asked, times: Sequence[AsOf], observe: Observe = nobody) -> Iterator[Done]:
    """Run for one as-of time after another; the first one that fails is the last.

    What is published stays. What is current of a set stays too where it is of a later time. The
    limit of time is one for all.

    Raises:
        KeyboardInterrupt: after what was staged is gone.
    """
    begun = monotonic()
    with ExitStack() as stack:
        first: Run | None = None
        earlier: Earlier | None = None
        for at in times:
            run = asked.run(at)
            earlier = earlier or Earlier.of(run)
            earlier.repair(run)
            before = earlier.whole(run) if asked.resume else None
            if before is not None:
                yield Done(at, None, before)
                continue
            run.beside = earlier.later_sets(run)
            with telling(run):
                check_any(run)
                make_folders(run.settings.places)
                if first is None:
                    _open(run, stack)
                else:
                    _share(run, first)
                _perform(run, observe, begun)
            first = run
            outcome = ended(run)
            earlier.known.add(outcome.record)
            yield Done(at, outcome)
            if run.stopped:
                raise KeyboardInterrupt
            if not outcome.ok:
                return


def times_published(asked: Asked, first: datetime, last: datetime) -> list[AsOf]:
    """The as-of times, from one to another, of which something that is asked for is published.

    Raises:
        Failure: the catalog cannot be read, or there is none.
    """
    run = asked.run(AsOf(first, COMMAND))
    known = Earlier.of(run).known
    found = {at for w in run.wanted for at in known.times(w.group.name) if first <= at <= last}
    if not found:
        shown = ", ".join(f"`{w.group.name}`" for w in run.wanted[:_SHOWN]) or "the project"
        when = f"from {show_instant(first)} to {show_instant(last)}"
        if first == last:
            when = f"as of {show_instant(first)}"
        told = catalog.NOT_PUBLISHED_THEN.general(f"nothing of {shown} is published {when}")
        raise Failure(told.help("publish it: the same command without `--restate`"))
    return [AsOf(at, COMMAND) for at in sorted(found)]


def _open(run: Run, stack: ExitStack) -> None:
    """A session for all of the times, with a folder to spill into."""
    places = run.settings.places
    folder = stack.enter_context(staging(places.out, new_run_id(run.now())))
    profile = profile_of(run.settings.project, places, folder / SPILL)
    run.session = stack.enter_context(Session(profile))


def _share(run: Run, first: Run) -> None:
    """Read what was read for another time."""
    run.session, run.hashes = first.session, first.hashes
    run.opened, run.staged, run.shares = first.opened, first.staged, True


def _perform(run: Run, observe: Observe, begun: float) -> None:
    limit = run.settings.timeout
    if limit is not None:
        passed = timedelta(seconds=monotonic() - begun)
        limit = max(limit - passed, timedelta(microseconds=1))
    with ExitStack() as stack:
        run.staging = stack.enter_context(staging(run.settings.places.out, run.id))
        take_over(run)
        stack.callback(keep_failing, run)
        with limited(limit) as run.lift:
            perform_all(run, STAGES, observe)
