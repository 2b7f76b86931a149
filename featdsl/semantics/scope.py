"""What is declared: the names of each namespace, and how a written name finds its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.text.span import Span


class Kind(StrEnum):
    """What a name stands for; the value is the word that messages use."""

    CONST = "constant"
    PARAM = "parameter"
    ENTITY = "entity"
    SOURCE = "source"
    VIEW = "view"
    FEATURES = "group of features"
    LABELS = "group of labels"
    INPUT = "input"
    CONSUMER = "consumer"
    WANTED = "wanted feature"
    DATASET = "dataset"
    TEMPLATE = "template"
    FN = "function"
    IMPORTED = "imported name"


DOLLAR = frozenset({Kind.CONST, Kind.PARAM})
RELATIONS = frozenset({Kind.SOURCE, Kind.VIEW})


@dataclass(slots=True)
class Symbol:
    """A declared name.

    ``decl`` is None for a declaration that did not parse. A ``poisoned`` symbol was reported:
    what refers to it is left out in silence.
    """

    kind: Kind
    name: str
    namespace: str
    span: Span
    decl: nodes.Decl | None = None
    poisoned: bool = False
    used: bool = False

    @property
    def full(self) -> str:
        return f"{self.namespace}.{self.name}"


@dataclass(slots=True)
class Scope:
    """The names of one namespace: ``$`` names apart from the others."""

    namespace: str
    symbols: dict[str, Symbol] = field(default_factory=dict)
    dollars: dict[str, Symbol] = field(default_factory=dict)
    modules: list[nodes.Module] = field(default_factory=list)
    labels: dict[str, Span] = field(default_factory=dict)
    """Where labels are declared, by short name and by ``group.label``, once they are known."""

    def of(self, *kinds: Kind) -> Iterator[Symbol]:
        """Symbols of some kinds, in the order of declaration."""
        for symbol in (*self.symbols.values(), *self.dollars.values()):
            if symbol.kind in kinds:
                yield symbol


@dataclass(slots=True)
class Scopes:
    """All namespaces of a project."""

    by_namespace: dict[str, Scope] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Scope]:
        return iter(self.by_namespace.values())

    def of(self, *kinds: Kind) -> Iterator[tuple[Scope, Symbol]]:
        for scope in self:
            for symbol in scope.of(*kinds):
                yield scope, symbol


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """``a, b or c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def a(words: str) -> str:
    """With its article: ``an entity``."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def find(
    name: nodes.Name, kinds: frozenset[Kind], scope: Scope, scopes: Scopes, report: Report
) -> Symbol | None:
    """The healthy symbol that a name means.

    Reports a name that is unknown, of another kind, or in another namespace; returns None for
    these and, in silence, for a name that was reported where it is declared.
    """
    if len(name.parts) > 1:
        return _qualified(name, kinds, scope, scopes, report)
    return _of_kind(name, name.text, kinds, scope, scopes, report)


def _elsewhere(
    short: str, kinds: frozenset[Kind], scope: Scope, scopes: Scopes
) -> tuple[str, Symbol] | None:
    """Another namespace with a symbol of that very name, and the symbol."""
    for namespace, other in scopes.by_namespace.items():
        symbol = other.symbols.get(short)
        if namespace != scope.namespace and symbol is not None and symbol.kind in kinds:
            return namespace, symbol
    return None


def _of_kind(
    name: nodes.Name,
    short: str,
    kinds: frozenset[Kind],
    scope: Scope,
    scopes: Scopes,
    report: Report,
) -> Symbol | None:
    symbol = scope.symbols.get(short)
    words = listed(k.value for k in Kind if k in kinds)
    if symbol is None:
        known = [s.name for s in scope.of(*kinds)]
        headline = f"there is no {words} `{name.text}` in namespace `{scope.namespace}`"
        found = catalog.UNKNOWN_DECLARED.at(name.span, headline)
        elsewhere = _elsewhere(short, kinds, scope, scopes)
        if elsewhere is None:
            report(found.help(did_you_mean(short, known) or _declare(short, kinds)))
            return None
        theirs, there = elsewhere
        report(
            found.because(there.span, f"`{theirs}` has one").help(
                f"where this file belongs there, begin it with `namespace {theirs}`"
            )
        )
        return None
    symbol.used = True
    if symbol.poisoned or symbol.kind is Kind.IMPORTED:
        return None
    if symbol.kind not in kinds:
        report(
            catalog.WRONG_KIND.at(name.span, f"`{short}` is {a(symbol.kind.value)}, not {a(words)}")
            .because(symbol.span, "declared here")
            .help(did_you_mean(short, [s.name for s in scope.of(*kinds)]))
        )
        return None
    return symbol


_DECLARED = {
    Kind.ENTITY: "entity {} {{ key … }}",
    Kind.SOURCE: "source {} {{ … }}",
    Kind.VIEW: "view {} from … {{ … }}",
    Kind.FEATURES: "features {} for … from … {{ … }}",
    Kind.LABELS: "labels {} for … from … {{ … }}",
    Kind.CONSUMER: "consumer {} {{ … }}",
    Kind.DATASET: "dataset {} for … {{ … }}",
}
"""How what a name may mean is declared."""


def _declare(short: str, kinds: frozenset[Kind]) -> str | None:
    """A help line for a name that no declared one is near to."""
    form = next((form for kind, form in _DECLARED.items() if kind in kinds), None)
    return None if form is None else f"declare `{form.format(short)}`"


def _qualified(
    name: nodes.Name, kinds: frozenset[Kind], scope: Scope, scopes: Scopes, report: Report
) -> Symbol | None:
    prefix = ".".join(p.text for p in name.parts[:-1])
    if prefix == scope.namespace:
        return _of_kind(name, name.parts[-1].text, kinds, scope, scopes, report)
    if prefix in scopes.by_namespace:
        report.unsupported(name.span, f"`{name.text}`: a name of another namespace")
        return None
    report(
        catalog.UNKNOWN_DECLARED.at(name.span, f"there is no namespace `{prefix}`").help(
            did_you_mean(prefix, scopes.by_namespace)
        )
    )
    return None
