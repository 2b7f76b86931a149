"""Arguments and options that several commands share, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Selectors: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SELECTOR",
        help="Which features: spend_7d, spend, retail.spend.*, tag:x, owner:x, changed: (against "
        "what is published), +x (with what it is computed from), x+ (with what is computed from "
        "it; x may be a source). Several give the union, none all.",
    ),
]
AsOfOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="The moment to compute for: 2024-01-03, 2024-01-03T10:00:00Z, now, today. Without "
        "it, as_of of featc.toml, else today 00:00 UTC.",
    ),
]
Params: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="NAME=VALUE",
        help="Set a parameter for this command; may be repeated.",
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
OutFolder: TypeAlias = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where to write.")
]
Restate: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--restate",
        help="Repair what is published for --as-of, or from --from to --to; --because says why.",
    ),
]
Because: TypeAlias = Annotated[
    str | None, typer.Option("--because", metavar="TEXT", help="Why; the ledger keeps it.")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
]
Timeout: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        metavar="LENGTH",
        help="Stop the run, and publish nothing, when it takes longer: 90s, 30min, 2h.",
    ),
]
Resume: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on from what a run computed that failed or was stopped before."
    ),
]
From: TypeAlias = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="The first of several as-of times."),
]
To: TypeAlias = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="None of the as-of times is later."),
]
Every: TypeAlias = Annotated[
    str | None,
    typer.Option("--every", metavar="LENGTH", help="Between as-of times: 1d, 6h, 1month."),
]
