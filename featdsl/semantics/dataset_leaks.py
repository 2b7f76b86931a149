"""Features of a data set that read its label: where a spine's row is seen at its own time."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import DatasetColumn, Feature, Group, Source, SpineRows
from featdsl.ir.refs import row_aggregates
from featdsl.semantics.environment import Env
from featdsl.semantics.made_of import made_of, made_of_rows, renamed
from featdsl.semantics.needs import Needs, with_references
from featdsl.semantics.project import Known
from featdsl.semantics.spines import SpineInfo


def check_leaks(
    spine: SpineInfo,
    features: Iterable[DatasetColumn],
    labels: Iterable[DatasetColumn],
    env: Env,
    known: Known,
) -> None:
    """Report features that read a column of the spine which is the label, in its own row.

    What was known of earlier rows is a feature like others: only the row that is asked about,
    or all rows where the source has no history, show the answer.
    """
    own = [label for label in labels if label.feature is None]
    if not own or not isinstance(spine.spine, SpineRows):
        return
    if spine.spine.source in known.views:
        _check_made(spine.spine, own, features, env, known)
        return
    source = known.sources.get(spine.spine.source)
    if source is None:
        return
    for column in features:
        name = str(column.feature)
        group = known.groups[name.rpartition(".")[0]]
        needs = Needs(known, frozenset())
        needs.of_features([name])
        read = needs.columns.get(source.name, set())
        if read and _shows_own_row(source, spine.spine.at, group.members[name], known):
            for label in own:
                if label.name in read:
                    _report(column, label, source, label.name, env)


def _check_made(
    spine: SpineRows,
    labels: Iterable[DatasetColumn],
    features: Iterable[DatasetColumn],
    env: Env,
    known: Known,
) -> None:
    """Report features that read, in the very row, all that a label of a view is made of."""
    of_labels = [(label, made_of(spine.source, label.name, known)) for label in labels]
    times = renamed(spine.source, spine.at, known)
    below = made_of_rows(spine.source, known)
    for column in features:
        name = str(column.feature)
        group = known.groups[name.rpartition(".")[0]]
        needs = Needs(known, frozenset())
        needs.of_features([name])
        for label, ways in of_labels:
            for way, at, root in zip(ways, times, below, strict=True):
                if not way or not all(c in needs.columns.get(s, ()) for s, c in way):
                    continue
                feature = group.members[name]
                shown = (_shows(s, root, at, feature, known) for s in {s for s, _ in way})
                if all(shown):
                    source, read = min(way)
                    _report(column, label, known.sources[source], read, env)
                    break


def _shows(name: str, root: str, at: str | None, feature: Feature, known: Known) -> bool:
    """Whether a feature shows what a row of a spine, as of ``at`` of the root, has of a source."""
    source = known.sources[name]
    if name == root or not source.has_history:
        return _shows_own_row(source, at or "", feature, known)
    # A joined row was seen by the time of the row that it is joined with.
    read = [e for _, e in with_references(feature, known)]
    return at is not None and at == known.sources[root].time and _sees_present(read)


def _shows_own_row(source: Source, at: str, feature: Feature, known: Known) -> bool:
    """Whether a feature may read the very row that is asked about."""
    if not source.has_history:
        return True
    read = [e for g, e in with_references(feature, known) if _reads(g, source, known)]
    if source.available is not None or not read:
        return False
    if source.time is not None:
        return source.time == at and _sees_present(read)
    if source.keep is not None:
        return source.keep.by[0] == at
    if source.snapshot is not None:
        return source.snapshot.column == at
    return source.valid is not None and source.valid.start == at


def _reads(group: Group, source: Source, known: Known) -> bool:
    return group.relation is not None and source.name in _roots(group.relation, known)


def _sees_present(expressions: Iterable[ir.Expr]) -> bool:
    """Whether rows at exactly the as-of time are in a window, or there is none."""
    return any(_holds_present(a.window) for e in expressions for a in row_aggregates(e))


def _holds_present(window: ir.AnyWindow | None) -> bool:
    if not isinstance(window, ir.Window):
        return True
    return window.end_closed and (window.end is None or window.end.amount == 0)


def _roots(relation: str, known: Known) -> set[str]:
    if relation not in known.views:
        return {relation}
    return {root for left in known.views[relation].lefts for root in _roots(left, known)}


def _report(
    column: DatasetColumn, label: DatasetColumn, source: Source, read: str, env: Env
) -> None:
    static = not source.has_history
    why = (
        "without history, so that it is always seen" if static else "so that a row is seen at once"
    )
    told = "the label of this data set"
    if read != label.name:
        told = f"which the label `{label.name}` of this data set is made of"
    env.report(
        catalog.LABEL_LEAK.at(
            column.span,
            f"`{column.feature}` reads `{source.short}.{read}`, {told}: this is leakage",
        )
        .because(label.span, "it is the label here")
        .because(source.name_span, f"declared here {why}")
        .help("say when its rows are known: `time t available after d`")
        .help("or leave the feature out")
    )
