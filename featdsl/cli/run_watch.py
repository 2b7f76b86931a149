"""A run while it is under way: for people a line that changes, or a log; for machines events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from featdsl.cli.progress import Waiting
from featdsl.cli.screen import Screen, is_terminal
from featdsl.runs.progress import Progress
from featdsl.runs.timeleft import TimeLeft
from featdsl.text.amounts import count, show_seconds

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.runs.events import Event
    from featdsl.runs.execute import Outcome

_GROUPS = "compute"
"""The stage whose parts a log has lines of their own for."""


class Watch(Protocol):
    """Somebody who is told of a run."""

    def observe(self, happened: Progress) -> None:
        """Something happened."""

    def ended(self, outcome: Outcome) -> None:
        """The run is over."""

    def begins(self, which: str) -> None:
        """One of several runs begins."""

    def say(self, line: str) -> None:
        """A result of one of several runs."""


def watching(work: Work, *, as_json: bool) -> AbstractContextManager[Watch]:
    """What the command line shows of a run, until the block ends."""
    if as_json:
        return EventLog(work.screen, work.now)
    return LiveLine(work)


class LiveLine:
    """One line that says what is done, how far and how long still; where no terminal is, a log."""

    def __init__(self, work: Work) -> None:
        self._waiting = Waiting(work.screen, f"running {work.project.config.project.name}")
        self._left = TimeLeft(_before(work) if is_terminal(work.screen.err) else {})
        self._rows = 0
        self._which = ""

    def __enter__(self) -> LiveLine:
        self._waiting.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._waiting.__exit__(kind, error, traceback)

    def observe(self, happened: Progress) -> None:
        """Show it."""
        self._left.take(happened, perf_counter())
        title, detail, part = happened.stage.title, happened.detail, happened.part
        if happened.state == "started":
            self._rows = 0
        if part is not None and part.rows is not None:
            self._rows += part.rows
            if happened.stage.name == _GROUPS and part.of > 1:
                how = f"({part.number} of {part.of}), {count(part.rows, 'row')}"
                self._waiting.done(f"  {part.name} {how}")
        said = f"{self._which}{title}: {detail}" if detail else f"{self._which}{title}"
        if happened.state == "finished":
            self._waiting.done(said)
            return
        if part is not None and part.of > 1:
            said += f" ({part.number} of {part.of})"
        if self._rows:
            said += f", {count(self._rows, 'row')} so far"
        self._waiting.step(said, self._time_left)

    def _time_left(self) -> str:
        seconds = self._left.seconds(perf_counter())
        return "" if seconds is None else f", about {show_seconds(max(1.0, round(seconds)))} left"

    def ended(self, outcome: Outcome) -> None:
        """What came of it is told elsewhere."""

    def begins(self, which: str) -> None:
        """Show it before what is being done."""
        self._which = f"{which}: "

    def say(self, line: str) -> None:
        """Print it above the line."""
        self._waiting.say(line)


class EventLog:
    """A line of JSON for everything that happens, at once."""

    def __init__(self, screen: Screen, now: Callable[[], datetime]) -> None:
        self._screen = screen
        self._now = now
        self._run = ""
        self._told: set[str] = set()
        self._open = True
        self._under_way = False

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, KeyboardInterrupt) and self._under_way:
            from featdsl.runs.events import Failed
            from featdsl.store.record import Status

            status = Status.INTERRUPTED
            self._say(Failed(at=self._now(), run=self._run, status=status, record=None))

    def observe(self, happened: Progress) -> None:
        """Print it."""
        from featdsl.runs.events import Begun, Problem, event_of

        at, run = self._now(), happened.run
        if run != self._run:
            self._run, self._told, self._under_way = run, set(), True
            self._say(Begun(at=at, run=run, as_of=happened.as_of))
        for problem in happened.problems:
            self._told.add(problem.model_dump_json())
            self._say(Problem(at=at, run=run, problem=problem))
        self._say(event_of(happened, at))

    def ended(self, outcome: Outcome) -> None:
        """Print what was not told yet, then how it ended."""
        from featdsl.runs.events import Begun, Failed, Problem, Published

        at, record, self._under_way = self._now(), outcome.record, False
        if record.run != self._run:  # it was over before its first stage
            self._run = record.run
            self._say(Begun(at=at, run=record.run, as_of=record.as_of))
        for problem in record.problems:
            if problem.model_dump_json() not in self._told:
                self._say(Problem(at=at, run=record.run, problem=problem))
        if outcome.ok:
            self._say(Published(at=at, run=record.run, record=record))
        else:
            self._say(Failed(at=at, run=record.run, status=record.status, record=record))

    def begins(self, which: str) -> None:
        """The events of a run say which it is."""

    def say(self, line: str) -> None:
        """Machines have the events."""

    def _say(self, event: Event) -> None:
        """Print a line; that nobody reads any more is no reason to stop a run."""
        if not self._open:
            return
        try:
            self._screen.say(json.dumps(event.model_dump(mode="json"), ensure_ascii=False))
            self._screen.out.flush()
        except OSError:
            self._open = False


def _before(work: Work) -> Mapping[str, float]:
    """Seconds of the stages of the last run that published what this one may."""
    from featdsl.files.errors import FileError
    from featdsl.store.ledger import Unreadable, entries, read_record
    from featdsl.store.record import RunRecord, Status

    target, name = work.project.target_dir, work.project.target_name
    try:
        for entry in entries(target):
            if (entry.kind, entry.target, entry.status) == ("run", name, Status.SUCCEEDED):
                record = read_record(target, entry)
                assert isinstance(record, RunRecord), "its line says that it is of a run"
                return {s.name: s.seconds for s in record.stages}
    except (FileError, Unreadable):  # the run itself tells of what is broken
        pass
    return {}
