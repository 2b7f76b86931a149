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
    for group in subject.known.labels.values():
        fine: set[str] = set()
        for label in group.features.values():
            if _looks_forward(label, group):
                fine |= {label.name, *_reads(label, group)}
        for label in group.features.values():
            if label.name not in fine and _windows(label, group):
                _report(label, group, subject)


def _windows(label: Feature, group: Group) -> list[ir.AnyWindow]:
    """The windows that a label's value rests on."""
    nodes = (at for e in with_references(label, group) for at in walk(e))
    return [at.window for at in nodes if isinstance(at, ir.Aggregate) and at.window is not None]


def _looks_forward(label: Feature, group: Group) -> bool:
    return any(isinstance(w, ir.NextWindow) for w in _windows(label, group))


def _reads(label: Feature, group: Group) -> set[str]:
    """The labels that a label rests on, by full name."""
    nodes = (at for e in with_references(label, group) for at in walk(e))
    return {at.feature for at in nodes if isinstance(at, ir.FeatureRef)}


def _report(label: Feature, group: Group, subject: Subject) -> None:
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
    while relation in subject.known.views:
        relation = subject.known.views[relation].left
    return subject.known.sources[relation].available is not None
