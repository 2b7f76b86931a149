"""Whether the spine of a data set has what its features read of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir import expr as ir
from featdsl.ir.program import DatasetColumn, SourceColumn, SpineRows
from featdsl.ir.refs import inputs_named, of_same_key
from featdsl.ir.text import canonical
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo
from featdsl.semantics.spines import SpineInfo
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind


def check_inputs(
    decl: nodes.DatasetDecl,
    spine: SpineInfo,
    features: Iterable[DatasetColumn],
    labels: Iterable[DatasetColumn],
    env: Env,
    known: Known,
) -> bool:
    """Report each column of an input that is a label, or that the own spine cannot give, once."""
    whole = True
    answers = {label.name: label for label in labels if label.feature is None}
    asked: dict[str, tuple[ir.InputRef, DatasetColumn]] = {}
    for feature in features:
        for read in _read(str(feature.feature), known):
            other, first = asked.setdefault(read.column, (read, feature))
            found = (
                _leak(read, answers[read.column], feature)
                if read.column in answers
                else _differs(read, other, feature, known)
                if other.dtype != read.dtype
                else _missing(decl, read, feature, spine, known)
                if first is feature and other is read
                else None
            )
            if found is not None:
                env.report(found)
                whole = False
    return whole


def _read(name: str, known: Known) -> Iterator[ir.InputRef]:
    """What a feature reads of requests, itself and through others."""
    waiting, seen = [name], {name}
    while waiting:
        group = known.group_of(waiting[-1])
        feature = None if group is None else group.requests.get(waiting[-1])
        waiting.pop()
        if feature is not None:
            yield from inputs_named(feature.expr)
            new = {n: None for n in of_same_key(feature.expr) if n not in seen}
            seen |= new.keys()
            waiting += new


def _leak(read: ir.InputRef, label: DatasetColumn, feature: DatasetColumn) -> Diagnostic:
    return (
        catalog.LABEL_LEAK.at(
            feature.span,
            f"`{feature.feature}` rests on `{canonical(read)}`, which in the spine is "
            f"the label `{label.name}` of this data set: this is leakage",
        )
        .because(label.span, "it is the label here")
        .help(f"leave the feature out: `except {_written(feature)}`")
        .help("or rename the column of the input, where it is something else")
    )


def _differs(
    read: ir.InputRef, other: ir.InputRef, feature: DatasetColumn, known: Known
) -> Diagnostic:
    return (
        catalog.SPINE_WITHOUT_INPUT.at(
            feature.span,
            f"the column `{read.column}` of the spine would be {other.dtype} for one input, "
            f"and {read.dtype} for another",
        )
        .because(known.inputs[other.input].columns[other.column].span, f"{other.dtype} here")
        .because(known.inputs[read.input].columns[read.column].span, f"{read.dtype} here")
        .help("rename a column of one of the inputs")
    )


def _missing(
    decl: nodes.DatasetDecl,
    read: ir.InputRef,
    feature: DatasetColumn,
    spine: SpineInfo,
    known: Known,
) -> Diagnostic | None:
    """What is wrong with the spine's column for an input; rows that are handed in come later."""
    declared = known.inputs[read.input].columns[read.column]
    own = spine.columns.get(read.column)
    name = canonical(read)
    if decl.spine is None:
        return None
    relation = spine.relation
    if relation is None or not isinstance(spine.spine, SpineRows):
        why, remedy = "and a grid has keys and times only", "take the rows from a source"
        place = decl.spine.span
    elif own is None and _is_sent(hidden := relation.columns.get(read.column), declared):
        assert hidden is not None
        return _unlike(read, hidden, declared, feature, relation.short)
    elif own is None:
        why = f"and its spine `{relation.short}` " + (
            f"has no column `{read.column}`"
            if hidden is None
            else f"does not show `{read.column}`, which is `pii`"
        )
        place = relation.span if hidden is None else hidden.span
        remedy = (
            _missing_remedy(declared)
            if hidden is None
            else "declare the input's column `pii` too: it is read then, and does not come out"
        )
    else:
        return _unlike(read, own, declared, feature, relation.short)
    return (
        catalog.SPINE_WITHOUT_INPUT.at(
            feature.span,
            f"`{feature.name}` rests on `{name}`, {why}",
        )
        .because(declared.span, "the input's column")
        .because(place, "the spine is this")
        .help(remedy)
        .help(f"or leave the feature out: `except {_written(feature)}`")
    )


def _is_sent(hidden: ColumnInfo | None, declared: SourceColumn) -> bool:
    """Whether a column that does not come out may be read as an input."""
    return hidden is not None and (declared.pii or not hidden.pii)


def _missing_remedy(declared: SourceColumn) -> str:
    if declared.dtype.holds(Kind.DURATION):
        return "make it in a view, and take that as spine: `let waited = came_at - called_at`"
    return "add the column to the source, with what was known at the request"


def _unlike(
    read: ir.InputRef,
    own: ColumnInfo,
    declared: SourceColumn,
    feature: DatasetColumn,
    source: str,
) -> Diagnostic | None:
    """How the spine's column is another than the input's."""
    if own.dtype.is_error:
        return None
    if own.dtype != declared.dtype:
        why = f"and `{source}.{read.column}` is {own.dtype}, not {declared.dtype}"
        remedy = "declare both with one type"
    elif declared.required and own.nullable:
        why = f"which is required, and `{source}.{read.column}` may be null"
        remedy = "declare the source's column `required` too"
    else:
        return None
    return (
        catalog.SPINE_WITHOUT_INPUT.at(
            feature.span, f"`{feature.name}` rests on `{canonical(read)}`, {why}"
        )
        .because(declared.span, "the input's column")
        .because(own.span, "the spine's column")
        .help(remedy)
        .help(f"or leave the feature out: `except {_written(feature)}`")
    )


def _written(feature: DatasetColumn) -> str:
    group, _, short = str(feature.feature).rpartition(".")
    return f"{group.rpartition('.')[2]}.{short}"
