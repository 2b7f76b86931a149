"""First pass: every declared name of every namespace, also of declarations that are broken."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.diagnostics import catalog
from featdsl.semantics.imports import bring_in
from featdsl.semantics.report import Report
from featdsl.semantics.scope import DOLLAR, Kind, Scope, Scopes, Symbol, a
from featdsl.syntax import nodes

_KINDS: dict[type[nodes.Node], Kind] = {
    nodes.ConstDecl: Kind.CONST,
    nodes.ParamDecl: Kind.PARAM,
    nodes.EntityDecl: Kind.ENTITY,
    nodes.SourceDecl: Kind.SOURCE,
    nodes.ViewDecl: Kind.VIEW,
    nodes.FeaturesDecl: Kind.FEATURES,
    nodes.LabelsDecl: Kind.LABELS,
    nodes.InputDecl: Kind.INPUT,
    nodes.ConsumerDecl: Kind.CONSUMER,
    nodes.DatasetDecl: Kind.DATASET,
    nodes.TemplateDecl: Kind.TEMPLATE,
    nodes.FnDecl: Kind.FN,
}
_BROKEN = {
    "const": Kind.CONST,
    "param": Kind.PARAM,
    "entity": Kind.ENTITY,
    "source": Kind.SOURCE,
    "view": Kind.VIEW,
    "features": Kind.FEATURES,
    "labels": Kind.LABELS,
    "input": Kind.INPUT,
    "consumer": Kind.CONSUMER,
    "dataset": Kind.DATASET,
    "template": Kind.TEMPLATE,
    "fn": Kind.FN,
}


def collect(modules: Sequence[nodes.Module], project: str, report: Report) -> Scopes:
    """Declared names by namespace, and what files take from others.

    A second declaration of a name is reported and left out.
    """
    scopes = Scopes()
    files: dict[str, Scope] = {}
    for module in sorted(modules, key=lambda m: m.span.source):
        namespace = project if module.namespace is None else module.namespace.path.text
        scope = scopes.by_namespace.setdefault(namespace, Scope(namespace, files=files))
        files[module.span.source] = scope
        scope.modules.append(module)
        for decl in module.decls:
            _declare(decl, scope, report)
        for broken in module.broken:
            kind = _BROKEN.get(broken.kind)
            if kind is not None and broken.name is not None:
                name = broken.name
                _add(scope, Symbol(kind, name.text, namespace, name.span, poisoned=True), report)
    for scope in scopes:
        for module in scope.modules:
            bring_in(module.uses, scope, scopes, report)
    return scopes


def _declare(decl: nodes.Decl, scope: Scope, report: Report) -> None:
    kind = _KINDS.get(type(decl))
    if kind is not None:
        _add(scope, Symbol(kind, decl.name.text, scope.namespace, decl.name.span, decl), report)


def _add(scope: Scope, symbol: Symbol, report: Report) -> None:
    names = scope.dollars if symbol.kind in DOLLAR else scope.symbols
    first = names.setdefault(symbol.name, symbol)
    if first is symbol:
        return
    shown = f"${symbol.name}" if symbol.kind in DOLLAR else symbol.name
    report(
        catalog.DUPLICATE_NAME.at(symbol.span, f"`{shown}` is declared twice", "declared again")
        .because(first.span, f"first declared here, as {a(first.kind.value)}")
        .help("rename one of the two")
    )
