"""Spines of rows that look at the time that they are asked about: it has to be there before."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.asked_at import MadeOfOthersError, asked_at, check_time
from featdsl.ir.program import Dataset, Program, SpineRows


def check_asked(program: Program, problems: Problems) -> None:
    """Report data sets of which it cannot be told as of when their rows look at others."""
    for dataset in program.datasets.values():
        if isinstance(dataset.spine, SpineRows):
            _check_spine(program, dataset, dataset.spine, problems)


def _check_spine(program: Program, dataset: Dataset, spine: SpineRows, problems: Problems) -> None:
    """Report a spine of which it cannot be told as of when its rows look at others."""
    at = asked_at(program, spine.source, spine.at)
    try:
        if at is not None:
            check_time(program, spine.source, at)
    except MadeOfOthersError:
        view = program.relation(spine.source)
        problems.report(
            catalog.ASKED_BY_OTHERS.at(
                dataset.name_span,
                f"rows of `{view.short}` are asked about as of `{spine.at}`, which is made of what "
                "they are joined with as of then",
            )
            .because(view.name_span, "the view of rows that may be seen before their time")
            .help("take a time of the rows themselves: `spine … at column`")
        )
