"""What the language means but no plan exists for yet: said at the place, never guessed."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.expr import Aggregate
from featdsl.ir.program import Group, Join, Program, Source, View
from featdsl.ir.refs import groups_behind
from featdsl.ir.visit import walk


def check_supported(program: Program, problems: Problems) -> None:
    """Report joins, and features of data sets, that cannot be planned."""
    for view in program.views.values():
        for join in view.joins:
            source = program.sources.get(join.source)
            if source is not None:
                why = _unplanned(program, view, join, source)
                if why is not None:
                    problems.report(
                        catalog.NOT_SUPPORTED.at(join.span, f"{why}: not yet supported")
                    )
    for dataset in program.datasets.values():
        for column in dataset.columns:
            if column.feature is not None and _looks_at_t(program, column.feature):
                problems.report(
                    catalog.NOT_SUPPORTED.at(
                        column.span,
                        f"`{column.feature}` in a data set, whose rows are joined before their "
                        "time and read whenever that is: not yet supported",
                    )
                )


def _looks_at_t(program: Program, feature: str) -> bool:
    """Whether a joined row depends on the as-of time beside the left row's own.

    A row that may be seen ahead of its time is joined as of t until then; features with windows
    read it later only.
    """
    groups = groups_behind(program, [feature.rpartition(".")[0]])
    return any(_reads_at_t(program, group) for group in groups)


def _reads_at_t(program: Program, group: Group) -> bool:
    if group.relation is None:
        return False
    root = program.root(group.relation)
    if root.time is None or root.available is None or root.available.column is None:
        return False
    if not _joins_history(program, group.relation):
        return False
    return any(
        isinstance(n, Aggregate) and n.window is None
        for f in group.features.values()
        for n in walk(f.expr)
    )


def _joins_history(program: Program, relation: str) -> bool:
    found = program.relation(relation)
    if isinstance(found, Source):
        return False
    sources = (program.sources.get(j.source) for j in found.joins)
    return any(s is not None and s.has_history for s in sources) or _joins_history(
        program, found.left
    )


def _unplanned(program: Program, view: View, join: Join, source: Source) -> str | None:
    """Why there is no plan for a join, or None."""
    if not source.has_history:
        return None
    if source.snapshot is not None:
        return f"an as-of join to `{source.short}`, which has snapshots"
    if source.keep is not None and (source.keep.first or source.keep.removed_when is not None):
        return f"an as-of join to `{source.short}`, whose rows are kept `first` or removed"
    newest = source.valid is None
    if newest and source.available is not None and source.available.column is not None:
        return f"an as-of join to `{source.short}`, whose rows have a column of availability"
    after = None if source.available is None else source.available.after
    if newest and after is not None and after.is_calendar:
        return f"an as-of join to `{source.short}`, whose delay is counted in months"
    if newest and join.residual is not None:
        return f"a condition beside equal keys in an as-of join to `{source.short}`"
    if source.keep is not None and source.time is not None:
        return f"an as-of join to `{source.short}`, which has versions and an event time"
    if source.keep is not None and {c for _, c in join.on} != set(source.keep.per):
        return f"an as-of join to versions of `{source.short}` by other columns than `keep … per`"
    if source.valid is not None and source.time is not None:
        return f"an as-of join to `{source.short}`, which has validity and an event time"
    return None
