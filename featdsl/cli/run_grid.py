"""``featc run`` for several as-of times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featdsl.cli.errors import UsageMistake
from featdsl.cli.screen import Screen, printable

if TYPE_CHECKING:
    from datetime import datetime

    from featdsl.cli.work import Work
    from featdsl.diagnostics.model import Diagnostic
    from featdsl.project.as_of import AsOf
    from featdsl.runs.grid import Asked, Done
    from featdsl.types.duration import Duration

MOST = 10_000
"""As-of times of one run."""


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
            watch.say(_line(screen, one))
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
