"""``featc audit``."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from featdsl.cli.options import AsJson


class Action(StrEnum):
    VERIFY = "verify"


def audit(
    context: typer.Context,
    action: Annotated[
        Action, typer.Argument(metavar="verify", help="What to do: look for what was changed.")
    ],
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HASH", help="The hash that was printed last: the record must still be there."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether anything in the target was changed after it was written.

    Each record has the hash of the one before it, and the catalog the hash of each, of each
    published file and of its own rows: whoever edits, removes, adds or reorders one is seen. Print
    the hash of the newest record somewhere else, and a ledger that was made anew is seen too.
    Reads all of them and writes nothing.

    Examples:
        featc audit verify
        featc audit verify --head 2f1c0d9b4e7a
        featc audit verify --json | jq '.wrong[]'

    Exit status: 0, or 1 when something is not as it was written.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.runs.failures import told
    from featdsl.store.ledger import entries
    from featdsl.store.verify import verify
    from featdsl.text.amounts import count

    settings = settings_of(context)
    screen, target = Screen.of(settings), open_project(settings).target_dir
    with told(), Waiting(screen, "reading records and files") as progress:
        found = verify(target, progress.step)
        wrong = list(found.wrong)
        if head is not None and not any(e.hash.startswith(head.lower()) for e in entries(target)):
            wrong.append(f"no record has the hash `{head}`: the ledger was cut off or made anew")
    if as_json:
        report = {
            "records": found.records,
            "files": found.files,
            "head": found.head,
            "wrong": wrong,
        }
        screen.say(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        looked = f"{count(found.records, 'record')}, {count(found.files, 'published file')}"
        screen.say(*(f"{screen.mark(False)} {printable(w)}" for w in wrong))
        all_well = (
            f"{looked}: all as written" if not wrong else f"{looked}: {len(wrong)} not as written"
        )
        screen.say(f"{screen.mark(not wrong)} {all_well}", f"  newest  {found.head or 'none'}")
    raise typer.Exit(1 if wrong else 0)
