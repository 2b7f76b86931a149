"""``featc reproduce``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.impact.reproduce import Reproduced, SetCompared


def reproduce(
    context: typer.Context,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="By its name, its beginning or end, or `last`."),
    ],
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Compute again what a run published: the same bytes, or what differs and why.

    By the texts and data of now, as of the same time, with the same parameters; secret ones are
    those of now. Where bytes differ it tells columns and rows, and what may be the cause: versions,
    commit, parameters, files, definitions. Publishes nothing: what it writes lies in the target's
    `.staging` until it ends.

    Examples:
        featc reproduce last
        featc reproduce 20261001T063000 --json | jq '.because'

    Exit status: 0 when all bytes are the same, else 1.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.run import show_progress
    from featdsl.cli.work import begin, rendered
    from featdsl.impact.reproduce import reproduce as again
    from featdsl.project.load import with_remedies
    from featdsl.runs.named import run_named

    work = begin(context, param)
    record = run_named(work.project.target_dir, run)
    with Waiting(work.screen, f"run {record.run}") as progress:
        found = again(
            work.project,
            record,
            observe=lambda p: show_progress(progress, p),
            now=work.now,
        )
    if as_json:
        work.screen.say(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        work.screen.say(*_as_text(work.screen, found))
    if found.diagnostics and not found.same:
        told = with_remedies(work.project, found.diagnostics)
        work.screen.tell("", rendered(work, told, err=True))
    raise typer.Exit(0 if found.same else 1)


def _as_json(found: Reproduced) -> dict[str, Any]:
    return {
        "run": found.record.run,
        "same": found.same,
        "sets": [_set(s) for s in found.sets],
        "because": [{"what": d.what, "before": d.before, "after": d.after} for d in found.because],
    }


def _set(compared: SetCompared) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "set": compared.set,
        "same": compared.same,
        "only_floats": compared.only_floats,
        "before": {f.path: f.sha256 for f in compared.before},
        "after": {f.path: f.sha256 for f in compared.after},
        "rows": None if compared.rows is None else asdict(compared.rows),
        "why_not": compared.why_not,
    }


def _as_text(screen: Screen, found: Reproduced) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.cli.table import table

    for compared in found.sets:
        said = "the same bytes" if compared.same else "; ".join(_differs(compared))
        yield f"{screen.mark(compared.same)} {printable(compared.set)}: {printable(said)}"
    if found.because:
        rows = [
            (printable(d.what), printable(d.before or "-"), printable(d.after or "-"))
            for d in found.because
        ]
        yield ""
        yield from table(screen, ["what may be why", "then", "now"], rows)
    elif not found.same and not found.diagnostics:
        yield ""
        yield "versions, parameters, data and definitions are those of the run"
    if any(s.only_floats for s in found.sets):
        yield ""
        yield (
            "only floats differ, in their last digits: their sums depend on an order; "
            "`reproducible = true` in featc.toml makes them the same"
        )


def _differs(compared: SetCompared) -> Iterator[str]:
    """What of a set is otherwise, in words."""
    from featdsl.text.amounts import count

    rows = compared.rows
    if rows is None:
        yield compared.why_not or "other bytes"
        return
    if rows.missing:
        yield f"{count(rows.missing, 'row')} of {rows.before:,} not there any more"
    if rows.added:
        yield f"{count(rows.added, 'new row')}"
    for column in rows.gone:
        yield f"`{column}` is gone"
    for column in rows.new:
        yield f"`{column}` is new"
    for found in rows.columns:
        apart = "" if found.largest is None else f", by {found.largest:.1e} of the value at most"
        yield f"`{found.column}` differs in {count(found.rows, 'row')}{apart}"
    if not (rows.missing or rows.added or rows.gone or rows.new or rows.columns):
        yield "other bytes of the same values"
