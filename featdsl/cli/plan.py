"""``featc plan``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params
from featdsl.diagnostics.failure import Failure

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.impact.compare import Impact
    from featdsl.impact.cost import Cost
    from featdsl.impact.declared import Declared
    from featdsl.runs.sampled import GroupSample

CHANGES = 3


def plan(
    context: typer.Context,
    param: Params = None,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A manifest to compare with, of `featc compile`, in place of the target.",
        ),
    ] = None,
    allow_break: Annotated[
        bool, typer.Option("--allow-break", help="A contract that breaks is no failure.")
    ] = False,
    sample: Annotated[
        str | None,
        typer.Option(
            "--sample",
            metavar="SHARE",
            help="Compute changed features for a share of the keys, such as 1%, and show how their "
            "values differ from what is published.",
        ),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 where there are changes.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="For a pull request or a ticket.")
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell the target's channels where there are changes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the texts would change of what is published.

    Features that are added, removed, renamed or changed, and why; what only says something else of
    them; data sets and the columns of them that have other values; consumers that are hit, and
    whether their contract breaks; what a run of the groups that change reads, and how long it takes
    by earlier runs. Reads the texts and records of runs, and publishes nothing. With --sample it
    reads data, too.

    Examples:
        featc plan
        featc plan --target prod --exit-code
        featc plan --against main.json --markdown > comment.md
        featc plan --sample 1%

    Exit status: 0; 1 when the project has mistakes or a contract breaks; 3 with --exit-code when
    there are changes.
    """
    from featdsl.cli.changed import compared_with
    from featdsl.cli.plan_view import as_markdown, as_text
    from featdsl.cli.work import begin
    from featdsl.impact.compare import compare
    from featdsl.impact.declared import declared

    if as_json and markdown:
        raise UsageMistake("`--json` and `--markdown` exclude each other")
    share = None if sample is None else _share(sample)
    if share is not None and against is not None:
        raise UsageMistake("`--sample` needs what is published: a manifest has no values")
    work = begin(context, param)
    before, lost, what = compared_with(work, against)
    impact = compare(before, declared(work.compilation.manifest(sentences=False)))
    cost = None if against is not None else _cost(work, impact)
    found = None if share is None else _sampled(work, impact, before, share)
    if as_json:
        from featdsl.impact.report import plan_of

        work.screen.say(plan_of(impact, lost, cost, found).to_json())
    else:
        lines = as_markdown if markdown else as_text
        work.screen.say(*lines(work.screen, impact, lost, what, cost))
        if found is not None:
            from featdsl.cli.sample_view import sample_markdown, sample_text

            work.screen.say(
                *(sample_markdown(found) if markdown else sample_text(work.screen, found))
            )
    if notify and impact.any:
        _tell(work, impact, lost, what, cost)
    if impact.breaks and not allow_break:
        raise typer.Exit(1)
    raise typer.Exit(CHANGES if exit_code and impact.any else 0)


def _share(text: str) -> float:
    """``1%`` or ``0.01``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text.strip())
    share = float(match[1]) / (100 if match[2] else 1) if match else 0.0
    if not 0 < share <= 1:
        raise UsageMistake(f"`--sample {text}` is no share of the keys: write `1%`, or `0.01`")
    return share


def _sampled(work: Work, impact: Impact, before: Declared, share: float) -> list[GroupSample]:
    from featdsl.cli.progress import Waiting
    from featdsl.impact.sample import sample_of
    from featdsl.project.load import with_remedies
    from featdsl.runs.failures import told

    try:
        with told(), Waiting(work.screen, "computing a sample"):
            return sample_of(work.project, work.compilation, impact, before, share=share)
    except Failure as failure:
        raise Failure(*with_remedies(work.project, failure.diagnostics)) from failure


def _tell(work: Work, impact: Impact, lost: dict[str, str], what: str, cost: Cost | None) -> None:
    from featdsl.cli.plan_view import as_markdown
    from featdsl.cli.work import tell
    from featdsl.impact.report import plan_of
    from featdsl.runs.messages import plan_message
    from featdsl.text.amounts import count

    changes = f"{count(len(impact.features), 'feature')} would change"
    breaks = f", {count(len(impact.breaks), 'contract')} would break" if impact.breaks else ""
    project = work.project
    message = plan_message(
        project.config.project.name,
        project.target_name,
        changes + breaks,
        as_markdown(work.screen, impact, lost, what, cost),
        plan_of(impact, lost, cost).model_dump(mode="json", by_alias=True),
    )
    tell(work, message)


def _cost(work: Work, impact: Impact) -> Cost | None:
    """Of a run of the groups that change; None where none does."""
    from featdsl.impact.cost import cost_of, groups_hit
    from featdsl.runs.failures import told

    groups = groups_hit(impact, work.compilation.program)
    with told():
        return cost_of(work.project, work.compilation.program, groups) if groups else None
