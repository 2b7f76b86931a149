"""A label that tells nothing of the time after the as-of time."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Group
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject
from featdsl.semantics.needs import with_references
from featdsl.text.names import short_name


def label_looks_back(subject: Subject) -> None:
    """Labels of which every window ends at the as-of time, themselves and in labels they use.

    A label that one which looks forward is made of is a part of it: labels read no features, so
    that it can stand nowhere else. Rows without a time have no windows.
    """
    fine: set[str] = set()
    labels = [(label, g) for g in subject.known.labels.values() for label in g.features.values()]
    for label, _ in labels:
        nodes = _nodes(label, subject)
        if any(isinstance(w, ir.NextWindow) for w in _windows(nodes)):
            fine |= {label.name, *(n.feature for n in nodes if isinstance(n, ir.FeatureRef))}
    for label, group in labels:
        if label.name not in fine and _windows(_nodes(label, subject)):
            _report(label, group, subject)


def _nodes(label: Feature, subject: Subject) -> list[ir.Expr]:
    """Everything in the expressions that a label's value rests on."""
    return [at for _, e in with_references(label, subject.known) for at in walk(e)]


def _windows(nodes: list[ir.Expr]) -> list[ir.AnyWindow]:
    return [n.window for n in nodes if isinstance(n, ir.Aggregate) and n.window is not None]


def _report(label: Feature, group: Group, subject: Subject) -> None:
    if group.relation is None:
        return  # the labels that it is made of are told
    relation = subject.known.relations[group.relation].short
    why = (
        "its rows lie before the as-of time, and some may come later"
        if _comes_late(group.relation, subject)
        else "it is known at the as-of time"
    )
    subject.report(
        catalog.LABEL_LOOKS_BACK.at(
            label.name_span, f"nothing in `{label.short}` looks forward: {why}"
        )
        .help("a label says what happens next: `over next 30d`")
        .help(f"or make it a feature: `features g for {short_name(group.entity)} from {relation}`")
    )


def _comes_late(relation: str, subject: Subject) -> bool:
    """Whether rows can be seen later than their time."""
    if relation in subject.known.views:
        return any(_comes_late(left, subject) for left in subject.known.views[relation].lefts)
    return subject.known.sources[relation].available is not None
