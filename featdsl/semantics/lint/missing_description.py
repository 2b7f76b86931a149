"""A declaration that readers look up has no `##` above it."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.semantics.lint.subject import Subject
from featdsl.semantics.members import GroupDecl
from featdsl.semantics.references import walk
from featdsl.semantics.scope import Kind
from featdsl.syntax import nodes
from featdsl.text.span import Span

_KINDS = (
    Kind.ENTITY,
    Kind.SOURCE,
    Kind.VIEW,
    Kind.FEATURES,
    Kind.LABELS,
    Kind.CONSUMER,
    Kind.DATASET,
    Kind.TEMPLATE,
)


def missing_description(subject: Subject) -> None:
    """What is declared for readers says in a sentence what it is; so do features and labels."""
    for _, symbol in subject.scopes.of(*_KINDS):
        if symbol.decl is None:
            continue
        if not symbol.decl.doc:
            _report(f"the {symbol.kind} `{symbol.name}`", symbol.span, subject)
        if isinstance(symbol.decl, nodes.FeaturesDecl | nodes.LabelsDecl | nodes.TemplateDecl):
            word = "label" if symbol.kind is Kind.LABELS else "feature"
            for feature in _features(symbol.decl):
                if not feature.doc:
                    _report(f"the {word} `{feature.name.text}`", feature.name.span, subject)


def _features(decl: GroupDecl | nodes.TemplateDecl) -> Iterator[nodes.FeatureDecl]:
    for item in decl.items:
        for at in [item] if isinstance(item, nodes.FeatureDecl) else walk(item):
            if isinstance(at, nodes.FeatureDecl):
                yield at


def _report(what: str, span: Span, subject: Subject) -> None:
    subject.report(
        catalog.MISSING_DESCRIPTION.at(span, f"{what} has no description").help(
            "write a line above it: `## What it is, in a sentence.`"
        )
    )
