"""``featc status``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from featdsl.cli.options import AsJson

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.runs.status import TargetStatus


_SHOWN = 3
"""Early warnings of a set that are told; the record has all."""


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how the target stands: what is current, what failed since, what is under way.

    Of each set the run that published it, its as-of time and its age; a newer run that failed, with
    the code of its first error; early warnings; runs under way, and those whose process died; the
    disk that is used; whether what data sets are read from is as fresh as they promise. Reads the
    catalog, records and texts, and writes nothing.

    Examples:
        featc status
        featc status --target prod
        featc status --json | jq '.sets[] | select(.needs)'

    Exit status: 0, or 1 when something needs a person.
    """
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.project.as_of import to_utc
    from featdsl.runs.status import status_of

    settings = settings_of(context)
    now = to_utc(settings.clock())
    screen, found = Screen.of(settings), status_of(open_project(settings), now)
    if as_json:
        screen.say(json.dumps(_json(found), indent=2, ensure_ascii=False))
    else:
        screen.say(*_text(screen, found, now))
    raise typer.Exit(0 if found.well else 1)


def _text(screen: Screen, found: TargetStatus, now: datetime) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.cli.table import Column, table
    from featdsl.project.as_of import show_instant
    from featdsl.runs.status import age
    from featdsl.text.amounts import count, show_bytes

    if found.sets:
        rows = []
        for s in found.sets:
            finished = None if s.good is None else s.good.finished or s.good.started
            rows.append(
                (
                    printable(s.name),
                    "" if s.current is None else f"{s.current.rows:,}",
                    "" if s.good is None else show_instant(s.good.as_of).removesuffix(" UTC"),
                    "never" if finished is None else age(finished, now),
                    show_bytes(s.bytes) if s.bytes else "",
                )
            )
        heads = [
            Column(h, right=True, fixed=True) for h in ("rows", "as of (UTC)", "published", "size")
        ]
        yield from table(screen, ["set", *heads], rows)
        yield ""
    for run in found.alive:
        since = age(run.record.started, now)
        process = "" if run.record.caller is None else f", process {run.record.caller.process}"
        yield f"under way: {run.id}, began {since}{process}"
    for run in found.dead:
        yield f"{screen.mark(False)} {run.id} died; `featc doctor --repair` removes what it left"
    for s in found.sets:
        if s.needs is not None:
            more = "" if s.failed is None else f" (`featc runs show {s.failed.run}`)"
            yield f"{screen.mark(False)} {printable(s.name)}: {printable(s.needs)}{more}"
        elif s.warned:
            yield f"{printable(s.name)}: {count(s.warned, 'check')} warned"
        for trend in s.trends[:_SHOWN]:
            yield f"{printable(f'{s.name}: {trend.words}')}"
        if s.good is not None and len(s.trends) > _SHOWN:
            more = count(len(s.trends) - _SHOWN, "more early warning")
            yield f"{printable(s.name)}: {more} (`featc runs show {s.good.run}`)"
    if found.promised is None:
        yield f"{screen.mark(False)} how fresh data sets are cannot be told: `featc check`"
    for promise in found.promised or ():
        if promise.needs is not None:
            yield f"{screen.mark(False)} {printable(promise.dataset)}: {printable(promise.needs)}"
        elif promise.as_of is not None:
            old = age(promise.as_of, now).removesuffix(" ago")
            name, most = printable(promise.dataset), promise.most
            yield f"{screen.mark(True)} {name}: {old} old, {most} promised"
    if not found.sets and not found.alive and not found.dead:
        yield f"nothing is published in `{found.target}` yet: `featc run`"
    elif found.well:
        yield f"{screen.mark(True)} nothing needs a person"
    sizes = {name: show_bytes(size) for name, size in found.disk.items()}
    yield f"  disk  {sizes['all']}, of it data {sizes['data']}, cache {sizes['cache']}"


def _json(found: TargetStatus) -> dict[str, Any]:
    return {
        "target": found.target,
        "well": found.well,
        "sets": [
            {
                "set": s.name,
                "run": None if s.current is None else s.current.run,
                "rows": None if s.current is None else s.current.rows,
                "as_of": None if s.good is None else s.good.as_of.isoformat(),
                "published": None
                if s.good is None or s.good.finished is None
                else s.good.finished.isoformat(),
                "bytes": s.bytes,
                "warned": s.warned,
                "trends": [t.model_dump(mode="json") for t in s.trends],
                "failed": None if s.failed is None else s.failed.run,
                "needs": s.needs,
            }
            for s in found.sets
        ],
        "datasets": None
        if found.promised is None
        else [
            {
                "dataset": p.dataset,
                "freshness": str(p.most),
                "oldest": p.of,
                "as_of": None if p.as_of is None else p.as_of.isoformat(),
                "needs": p.needs,
            }
            for p in found.promised
        ],
        "running": [_running(r) for r in found.alive],
        "dead": [_running(r) for r in found.dead],
        "disk": found.disk,
    }


def _running(run: Any) -> dict[str, Any]:
    caller = run.record.caller
    return {
        "run": run.id,
        "since": run.record.started.isoformat(),
        "process": None if caller is None else caller.process,
        "sets": list(run.sets),
    }
