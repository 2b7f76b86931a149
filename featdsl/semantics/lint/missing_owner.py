"""Nobody is named who answers for a group or a data set."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.semantics.lint.subject import Subject
from featdsl.semantics.scope import Kind


def missing_owner(subject: Subject) -> None:
    """Every group of features or labels, and every data set, has an owner."""
    for _, symbol in subject.scopes.of(Kind.FEATURES, Kind.LABELS, Kind.DATASET):
        if symbol.decl is not None and symbol.decl.attribute("owner") is None:
            subject.report(
                catalog.MISSING_OWNER.at(
                    symbol.span, f"nobody owns the {symbol.kind} `{symbol.name}`"
                ).help('name who answers for it: `owner "team@example.com"`')
            )
