"""How diagnostics are printed: for people, for editors, for machines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from featdsl.cli.errors import UsageMistake

if TYPE_CHECKING:
    from featdsl.diagnostics.found import Found
    from featdsl.diagnostics.model import Code, Diagnostic
    from featdsl.text.sources import SourceSet


class Output(StrEnum):
    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"


MACHINES = frozenset({Output.JSON, Output.SARIF})


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said of a project; ``root`` is absolute."""

    root: Path
    sources: SourceSet
    diagnostics: Sequence[Diagnostic]


OutputOption: TypeAlias = Annotated[
    Output | None,
    typer.Option(
        "--output",
        metavar="FORM",
        help="How to print what is found: text, concise (a line each), json or sarif.",
    ),
]


def chosen(output: Output | None, *, as_json: bool) -> Output:
    """The form that is asked for; ``--json`` is short for ``--output json``."""
    if as_json and output not in (None, Output.JSON):
        raise UsageMistake(f"`--json` and `--output {output}` differ", "give one of them")
    return output or (Output.JSON if as_json else Output.TEXT)


def documents(output: Output, told: Sequence[Told], *, indent: int | None = 2) -> Iterator[str]:
    """What is printed in a form for machines; concise lines are one text each.

    Paths lead from the current folder, in SARIF from the repository's.
    """
    match output:
        case Output.CONCISE:
            from featdsl.diagnostics.render.concise import render_concise

            for one in _found(told, Path.cwd()):
                yield from render_concise(one)
        case Output.JSON:
            from featdsl.diagnostics.render.json import report

            data = report(_found(told, Path.cwd())).model_dump(mode="json")
            yield json.dumps(data, indent=indent, ensure_ascii=False)
        case Output.SARIF:
            from featdsl import __version__
            from featdsl.diagnostics.render.sarif import render_sarif

            base = repository([one.root for one in told])
            document = render_sarif(_found(told, base), page=_page, version=__version__)
            yield json.dumps(document, indent=indent, ensure_ascii=False)


def repository(roots: Sequence[Path]) -> Path:
    """The folder that paths in SARIF start from.

    The nearest one above the first project that is under version control; without one, the
    current folder where the projects lie below it, else the first project's.
    """
    for folder in (roots[0], *roots[0].parents):
        if (folder / ".git").exists():
            return folder
    here = Path.cwd()
    return here if all(root.is_relative_to(here) for root in roots) else roots[0]


def _found(told: Sequence[Told], base: Path) -> list[Found]:
    from featdsl.diagnostics.found import Found

    return [Found(one.diagnostics, one.sources, way(base, one.root)) for one in told]


def way(base: Path, root: Path) -> str:
    """The way from a folder to another, with forward slashes."""
    return Path(os.path.relpath(root, base.resolve())).as_posix()


def _page(code: Code) -> str:
    from featdsl.cli.assets import error_page

    return error_page(code)
