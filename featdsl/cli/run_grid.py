"""``featc run`` for several as-of times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featdsl.cli.errors import UsageMistake
from featdsl.cli.screen import Screen, printable

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from featdsl.cli.work import Work
    from featdsl.diagnostics.model import Diagnostic
    from featdsl.project.as_of import AsOf
    from featdsl.runs.grid import Asked, Done
    from featdsl.runs.outputs import Format
    from featdsl.store.restated import FeatureChange
    from featdsl.types.duration import Duration

MOST = 10_000
"""As-of times of one run."""


@dataclass(frozen=True, slots=True)
class When:
    """What the command line says of as-of times."""

    as_of: str | None
    begin: str | None
    end: str | None
    every: str | None
    restate: bool
    because: str | None

    @property
    def many(self) -> bool:
        """Whether there may be several."""
        return self.restate or any(
            o is not None for o in (self.begin, self.end, self.every, self.because)
        )

    def times(self, work: Work, asked: Asked) -> list[AsOf]:
        """The as-of times, in order.

        Raises:
            UsageMistake: the options do not go together.
            Failure: one of them is no time, or nothing is published that could be repaired.
        """
        if self.restate or self.because is not None:
            return self._published(work, asked)
        if self.as_of is not None:
            wrong = "`--as-of` is one time, `--from` and `--to` are several"
            raise UsageMistake(wrong, "leave one of the two out")
        if self.begin is None or self.end is None or self.every is None:
            wrong = "a grid of as-of times has a begin, an end and a step"
            raise UsageMistake(wrong, "write `--from 2026-01-01 --to 2026-01-31 --every 1d`")
        return times_of(work, self.begin, self.end, self.every)

    def _published(self, work: Work, asked: Asked) -> list[AsOf]:
        """The times to repair: those of which something is published."""
        from featdsl.project.as_of import parse_as_of
        from featdsl.runs.grid import times_published

        if not (self.restate and self.because and self.because.strip()):
            wrong = "what is published is repaired by `--restate`, and `--because` says why"
            raise UsageMistake(wrong, 'write `--restate --because "amounts were in cents"`')
        one = self.as_of is not None and self.begin is None and self.end is None
        several = self.as_of is None and self.begin is not None and self.end is not None
        if not (one or several) or self.every is not None:
            wrong = "`--restate` repairs as-of times that are published"
            raise UsageMistake(wrong, "say which: `--as-of TIME`, or `--from TIME --to TIME`")
        now = work.settings.clock()
        first = parse_as_of(self.as_of or self.begin or "", now=now)
        last = parse_as_of(self.as_of or self.end or "", now=now)
        return times_published(asked, first, last)


def asked_of(
    work: Work,
    selectors: list[str] | None,
    out: Path | None,
    file_format: Format,
    *,
    timeout: timedelta | None,
    resume: bool,
    because: str | None,
) -> Asked:
    """What is computed at each of the times."""
    from featdsl.cli.changed import expanded
    from featdsl.project.selectors import select
    from featdsl.runs.grid import Asked

    selectors = expanded(work, selectors, whole=True)
    return Asked(
        work.project,
        work.compilation,
        selection=select(work.compilation.program, selectors) if selectors else (),
        out=out,
        format=file_format,
        timeout=timeout,
        resume=resume,
        because=because,
        now=work.now,
    )


def times_of(work: Work, begin: str, end: str, every: str) -> list[AsOf]:
    """``--from``, ``--from`` + ``--every``, …, none later than ``--to``.

    Raises:
        UsageMistake: the three do not make a grid.
        Failure: one of them is no time.
    """
    from featdsl.project.as_of import COMMAND, AsOf, parse_as_of
    from featdsl.types.duration import Duration

    now = work.settings.clock()
    start, stop = parse_as_of(begin, now=now), parse_as_of(end, now=now)
    try:
        step = Duration.parse(every.strip())
    except ValueError:
        wrong = f"`--every`: `{every}` is no length of time"
        raise UsageMistake(wrong, "write `--every 1d`") from None
    if step.amount <= 0:
        raise UsageMistake(f"`--every {every}` is no time at all", "write `--every 1d`")
    if start > stop:
        raise UsageMistake("`--from` is later than `--to`", "write the earlier one as `--from`")
    found = [start]
    while (later := _later(step, start, len(found))) is not None and later <= stop:
        found.append(later)
        if len(found) > MOST:
            wrong = f"these are more than {MOST:,} as-of times"
            raise UsageMistake(wrong, "run for a part of them, or `--every` less often")
    return [AsOf(at, COMMAND) for at in found]


def _later(step: Duration, start: datetime, times: int) -> datetime | None:
    try:
        return step.later(start, times)
    except OverflowError:
        return None


def execute_times(work: Work, asked: Asked, times: list[AsOf], *, as_json: bool) -> bool:
    """Run for each of them, tell what came of each, and whether all went well."""
    from featdsl.cli.run_watch import watching
    from featdsl.cli.work import rendered
    from featdsl.project.as_of import show_instant
    from featdsl.project.load import with_remedies
    from featdsl.runs.grid import run_times

    screen = work.screen
    done: list[Done] = []
    found: dict[tuple[str, str], Diagnostic] = {}
    with watching(work, as_json=as_json) as watch:
        watch.begins(f"{show_instant(times[0].instant)} (1 of {len(times)})")
        for one in run_times(asked, times, watch.observe):
            done.append(one)
            if one.outcome is not None:
                watch.ended(one.outcome)
                found |= {(d.code.id, d.message): d for d in one.outcome.diagnostics}
            for line in (_line(screen, one), *_changes(screen, one)):
                watch.say(line)
            if len(done) < len(times):
                at = show_instant(times[len(done)].instant)
                watch.begins(f"{at} ({len(done) + 1} of {len(times)})")
    if found:
        screen.tell("", rendered(work, with_remedies(work.project, found.values()), err=True))
    ok = all(one.ok for one in done)
    if not as_json:
        published = sum(one.ok for one in done)
        said = f"{published:,} of {len(times):,} as-of times are published"
        more = "" if ok else "; `--resume` goes on from there"
        screen.say("", f"{screen.mark(ok)} {said}{more}")
    return ok


def _line(screen: Screen, one: Done) -> str:
    from featdsl.project.as_of import show_instant
    from featdsl.text.amounts import count, show_seconds

    at = show_instant(one.as_of.instant)
    if one.outcome is None:
        return f"{screen.mark(True)} {at}  published already by {printable(one.before or '')}"
    record = one.outcome.record
    if not one.ok:
        codes = dict.fromkeys(p.code for p in record.problems if p.severity == "error")
        return f"{screen.mark(False)} {at}  {record.status.value}: {', '.join(codes)}"
    rows = count(sum(o.rows for o in record.outputs), "row")
    sets, seconds = count(len(record.outputs), "set"), show_seconds(record.seconds or 0)
    return f"{screen.mark(True)} {at}  {sets}, {rows}, {seconds}  {printable(record.run)}"


def _changes(screen: Screen, one: Done) -> Iterator[str]:
    """What a run changed that repaired what was published, and who reads it."""
    from featdsl.text.amounts import count

    found = None if one.outcome is None or not one.ok else one.outcome.record.restates
    for restated in () if found is None else found.sets:
        yield f"    {printable(restated.set)}, {printable(restated.before)} before:"
        if restated.unread is not None:
            yield f"      not compared, since {printable(restated.unread)}"
        else:
            rows = restated.changed_rows + restated.same_rows
            yield (
                f"      {restated.changed_rows:,} of {count(rows, 'row')} changed, "
                f"{restated.added_rows:,} added, {restated.removed_rows:,} removed"
            )
        for change in restated.features:
            if change.cells:
                yield f"      {printable(change.feature)}  {_change(change)}"
        for what, names in (("added", restated.added), ("removed", restated.removed)):
            if names:
                yield f"      {what}: {', '.join(map(printable, names))}"
    for hit in () if found is None else found.consumers:
        read = ", ".join(map(printable, hit.features))
        yield f"    {screen.style('hit', 'yellow')} {printable(hit.consumer)} reads {read}"


def _change(change: FeatureChange) -> str:
    from featdsl.text.amounts import count

    said = [f"{count(change.cells, 'value')} changed"]
    if change.nulls_before != change.nulls_after:
        said.append(f"nulls {change.nulls_before} → {change.nulls_after}")
    if change.mean_before != change.mean_after:
        before, after = (
            "none" if mean is None else f"{mean:.6g}"
            for mean in (change.mean_before, change.mean_after)
        )
        said.append(f"mean {before} → {after}")
    return ", ".join(said)
