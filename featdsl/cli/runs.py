"""``featc runs``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Because

if TYPE_CHECKING:
    from pathlib import Path

    from featdsl.cli.screen import Screen
    from featdsl.store.record import ChangeRecord

_WAYS = {"show": (1, 1), "diff": (2, 2), "pin": (1, 100), "unpin": (0, 100)}
"""What is done, and how many names it takes."""


def runs(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[show|diff|pin|unpin RUN SET…]",
            help="`show RUN`, `diff RUN RUN`, `pin RUN [SET…]`, `unpin [SET…]`; nothing to list "
            "them. A run by its name, its beginning or end, or `last`.",
        ),
    ] = None,
    because: Because = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="The most to list; 20 without it.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """List what was run in the target, show one run, what differs between two, or pin one.

    `pin` makes a run the baseline that `drift` and `ks` compare its sets with, in place of the last
    published run, until `unpin`; both write an entry of the ledger. Reads
    records alone otherwise.

    Examples:
        featc runs
        featc runs show last
        featc runs diff 20261001T063000 last
        featc runs pin 20261001T063000 spend --because "what the model was trained on"
        featc runs --json | jq '.[].status'

    Exit status: 0, or 1 when a run is not found, its record cannot be read or it cannot be pinned;
    of `diff` 1 also when the two differ.
    """
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.project.as_of import to_utc
    from featdsl.runs.pinning import pin

    way, *names = words or [""]
    least, most = _WAYS.get(way, (1, 0))
    if way and not least <= len(names) <= most:
        said = " ".join(words or ())
        raise UsageMistake(
            f"`featc runs {said}` is not understood", "`featc runs --help` has examples"
        )
    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    target = project.target_dir
    if way == "show":
        _show(screen, target, names[0], as_json=as_json)
    elif way == "diff":
        raise typer.Exit(1 if _diff(screen, target, names[0], names[1], as_json=as_json) else 0)
    elif way in ("pin", "unpin"):
        run, sets = (names[0], names[1:]) if way == "pin" else (None, names)
        now = to_utc(settings.clock())
        record = pin(project, run, sets, because=because, now=lambda: now)
        _pinned(screen, record, as_json=as_json)
    else:
        _list(screen, target, limit, as_json=as_json)


def _list(screen: Screen, target: Path, limit: int, *, as_json: bool) -> None:
    from featdsl.cli.runs_view import as_row, listing
    from featdsl.runs.failures import told
    from featdsl.store.leases import running
    from featdsl.store.ledger import entries

    with told():
        known, under_way = entries(target), running(target)
    if as_json:
        rows = [as_row(target, e) for e in known[:limit]]
        screen.say(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        screen.say(*listing(screen, target, known, under_way, limit))


def _pinned(screen: Screen, record: ChangeRecord | None, *, as_json: bool) -> None:
    from featdsl.cli.screen import printable
    from featdsl.text.amounts import count

    changes = () if record is None else record.changes
    if as_json:
        rows = [{"set": c.set, "before": c.before, "after": c.after} for c in changes]
        said = {"run": None if record is None else record.run, "changes": rows}
        screen.say(json.dumps(said, indent=2, ensure_ascii=False))
        return
    for change in changes:
        of = "the last published run" if change.after is None else f"the baseline {change.after}"
        screen.say(f"{printable(change.set)}: drift is compared with {of}")
    if record is None:
        screen.say(f"{screen.mark(True)} nothing changes")
    else:
        screen.say(f"{screen.mark(True)} {count(len(changes), 'set')}, entry {record.run}")


def _show(screen: Screen, target: Path, name: str, *, as_json: bool) -> None:
    from featdsl.cli.runs_view import shown, told_of
    from featdsl.runs.named import record_named
    from featdsl.store.notices import load_notices

    record = record_named(target, name)
    if as_json:
        screen.say(record.to_json().rstrip("\n"))
        return
    screen.say(*shown(screen, record))
    notices = load_notices(target, record.run)
    if notices is not None:
        screen.say("", *told_of(screen, notices))


def _diff(screen: Screen, target: Path, one: str, other: str, *, as_json: bool) -> bool:
    from featdsl.cli.runs_view import differences
    from featdsl.runs.compare import compare
    from featdsl.runs.named import run_named

    found = compare(run_named(target, one), run_named(target, other))
    if as_json:
        rows = [{"what": d.what, "before": d.before, "after": d.after} for d in found]
        screen.say(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        screen.say(*differences(screen, found))
    return bool(found)
