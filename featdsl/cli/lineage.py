"""``featc lineage``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params


def lineage(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A feature, label, dataset, consumer, source or view, or SOURCE.COLUMN.",
        ),
    ],
    up: Annotated[bool, typer.Option("--up", help="Only what it rests on.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what rests on it.")] = False,
    param: Params = None,
    as_json: AsJson = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flow chart.")] = False,
) -> None:
    """Show what a feature rests on, and what rests on it.

    Down to the columns of sources, through the views on the way. Reads the texts only and writes
    nothing. Without --up or --down both ways are shown.

    Examples:
        featc lineage spend.premium_txn_share
        featc lineage transactions.amount --down
        featc lineage trend --mermaid > trend.mmd

    Exit status: 0, or 1 when the project has mistakes or nothing is called NAME.
    """
    from featdsl.cli.lineage_view import as_flowchart, as_json_value, as_tree
    from featdsl.cli.lineage_walk import trace
    from featdsl.cli.work import begin

    if as_json and mermaid:
        raise UsageMistake("`--json` and `--mermaid` exclude each other")
    work = begin(context, param)
    traced = trace(work.compilation.manifest(), name, up=up or not down, down=down or not up)
    if as_json:
        work.screen.say(json.dumps(as_json_value(traced), indent=2, ensure_ascii=False))
    elif mermaid:
        work.screen.say(*as_flowchart(traced))
    else:
        work.screen.say(*as_tree(work.screen, traced))
