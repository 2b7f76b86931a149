"""What `use` brings in: names of other namespaces, for the file that it stands in."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.semantics.report import Report
from featdsl.semantics.scope import DOLLAR, Import, Kind, Scope, Scopes, Symbol, a, may_see
from featdsl.syntax import nodes
from featdsl.text.span import Span


def bring_in(uses: Iterable[nodes.UseDecl], scope: Scope, scopes: Scopes, report: Report) -> None:
    """Add what the `use` of a file of `scope` names; what cannot be is reported, and stays known.

    A constant or parameter and something else may have one name: both are brought in.
    """
    for use in uses:
        names = use.names or use.path.parts[-1:]
        there = _namespace(use, scope, scopes, report)
        for ident in names:
            found = [] if there is None else _named(ident, use, there, scope, report)
            for symbol in found or _unknown(ident, scope):
                _add(symbol, ident, scope, report)


def _namespace(use: nodes.UseDecl, scope: Scope, scopes: Scopes, report: Report) -> Scope | None:
    """The namespace that names are taken from; None where it was reported."""
    parts = use.path.parts if use.names else use.path.parts[:-1]
    name = ".".join(p.text for p in parts)
    if name == scope.namespace:
        report(
            catalog.CLAUSE_WITHOUT_EFFECT.at(
                use.span, f"`use` has no effect: this file is of the namespace `{name}` itself"
            ).help("names of its own namespace need no `use`")
        )
        return None
    if name in scopes.by_namespace:
        return scopes.by_namespace[name]
    whole = use.path.text
    if not use.names and whole in scopes.by_namespace:
        report(
            catalog.WRONG_KIND.at(
                use.path.span, f"`{whole}` is a namespace, and `use` takes names of one"
            ).help(f"say which: `use {whole}.x`, `use {whole}.{{x, y}}`")
        )
        return None
    headline = f"there is no namespace `{name}`"
    if not name:
        headline = f"`use {whole}` does not say of which namespace"
    report(
        catalog.UNKNOWN_DECLARED.at(use.path.span, headline).help(
            did_you_mean(name, scopes.by_namespace, what="namespaces")
            if name
            else f"name it too: `use a.b.{whole}`"
        )
    )
    return None


def _named(
    ident: nodes.Ident, use: nodes.UseDecl, there: Scope, scope: Scope, report: Report
) -> list[Symbol]:
    found = [s for s in (there.symbols.get(ident.text), there.dollars.get(ident.text)) if s]
    if not found:
        report(
            catalog.UNKNOWN_DECLARED.at(
                ident.span, f"there is nothing called `{ident.text}` in `{there.namespace}`"
            ).help(did_you_mean(ident.text, [*there.symbols, *there.dollars]))
        )
        return []
    seen = [s for s in found if s.decl is None or not s.decl.private]
    if not seen:
        may_see(found[0], ident.span, scope, report)
    return seen


def _unknown(ident: nodes.Ident, scope: Scope) -> list[Symbol]:
    """Stands for a name that was reported: whatever refers to it is left out in silence."""
    return [
        Symbol(kind, ident.text, scope.namespace, ident.span, poisoned=True)
        for kind in (Kind.IMPORTED, Kind.CONST)
    ]


def _add(symbol: Symbol, ident: nodes.Ident, scope: Scope, report: Report) -> None:
    dollar = symbol.kind in DOLLAR
    imports = scope.imported_dollars if dollar else scope.imports
    own = (scope.dollars if dollar else scope.symbols).get(symbol.name)
    key = (ident.span.source, symbol.name)
    first: Span | None = None
    if own is not None:
        first, said = own.span, f"declared here, as {a(own.kind.value)}"
    elif key in imports:
        first, said = imports[key].span, "first brought in here"
    if first is None:
        imports[key] = Import(symbol, ident.span)
        return
    if symbol.poisoned:
        return
    shown = f"${symbol.name}" if dollar else symbol.name
    report(
        catalog.DUPLICATE_NAME.at(ident.span, f"`{shown}` stands for two things in this file")
        .because(first, said)
        .help(f"leave one out, and write it in full: `{symbol.full}`")
    )
