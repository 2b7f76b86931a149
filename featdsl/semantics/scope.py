"""What is declared: the names of each namespace, and how a written name finds its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
class Import:
    """A name that a file takes from another namespace; ``symbol`` is poisoned if it is none."""

    symbol: Symbol
    span: Span
    used: bool = False


@dataclass(slots=True)
class Scope:
    """The names of one namespace: ``$`` names apart from the others."""

    namespace: str
    symbols: dict[str, Symbol] = field(default_factory=dict)
    dollars: dict[str, Symbol] = field(default_factory=dict)
    modules: list[nodes.Module] = field(default_factory=list)
    labels: dict[str, Span] = field(default_factory=dict)
    """Where labels are declared, by short name and by ``group.label``, once they are known."""
    imports: dict[tuple[str, str], Import] = field(default_factory=dict)
    """What `use` brings in, by file and name: it holds for the file it stands in."""
    imported_dollars: dict[tuple[str, str], Import] = field(default_factory=dict)
    files: dict[str, Scope] = field(default_factory=dict, repr=False)
    """The scope of each file of the project: what a template holds is read in its own."""

    def of(self, *kinds: Kind) -> Iterator[Symbol]:
        """Symbols of some kinds, in the order of declaration."""
        for symbol in (*self.symbols.values(), *self.dollars.values()):
            if symbol.kind in kinds:
                yield symbol

    def visible(self, source: str, *kinds: Kind) -> Iterator[Symbol]:
        """Symbols of some kinds that a file may name in short: its namespace's, then imports."""
        here = self.files.get(source, self)
        yield from here.of(*kinds)
        for imports in (here.imports, here.imported_dollars):
            for (file, _), item in imports.items():
                if file == source and item.symbol.kind in kinds:
                    yield item.symbol

    def at(self, place: Span) -> Scope:
        """The scope that names in a place are read in: that of the place's file."""
        return self.files.get(place.source, self)

    def symbol(self, name: str, place: Span) -> Symbol | None:
        """What a short name means where it stands: a declaration, or an import of the file."""
        here = self.at(place)
        return here.symbols.get(name) or _taken(here.imports.get((place.source, name)))

    def dollar(self, name: str, place: Span) -> Symbol | None:
        """What ``$name`` means where it stands."""
        here = self.at(place)
        return here.dollars.get(name) or _taken(here.imported_dollars.get((place.source, name)))

    def dollar_names(self, place: Span) -> list[str]:
        """The ``$`` names that a file may use."""
        here, source = self.at(place), place.source
        return [*here.dollars, *(n for file, n in here.imported_dollars if file == source)]


def _taken(item: Import | None) -> Symbol | None:
    if item is None:
        return None
    item.used = True
    return item.symbol


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

    def seek(self, parts: Sequence[nodes.Ident], scope: Scope) -> Symbol | None:
        """What a short or full name means, in silence; whatever its kind, private or not."""
        *namespace, last = parts
        scope = scope.at(last.span)
        prefix = ".".join(p.text for p in namespace)
        if prefix in ("", scope.namespace):
            return scope.symbol(last.text, last.span)
        there = self.by_namespace.get(prefix)
        return None if there is None else there.symbols.get(last.text)

    def label_place(self, group: Symbol, label: str) -> Span:
        """Where a label of a group is declared; the group's place where that is not known."""
        return self.by_namespace[group.namespace].labels.get(f"{group.name}.{label}", group.span)


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

    Reports a name that is unknown, of another kind, or private to another namespace; returns
    None for these and, in silence, for a name that was reported where it is declared.
    """
    *namespace, last = name.parts
    scope = scope.at(last.span)
    prefix = ".".join(p.text for p in namespace)
    if prefix in ("", scope.namespace):
        symbol, there = scope.symbol(last.text, last.span), scope
    elif prefix in scopes.by_namespace:
        there = scopes.by_namespace[prefix]
        symbol = there.symbols.get(last.text)
    else:
        report(
            catalog.UNKNOWN_DECLARED.at(name.span, f"there is no namespace `{prefix}`").help(
                did_you_mean(prefix, scopes.by_namespace)
            )
        )
        return None
    if symbol is None:
        _report_unknown(name, kinds, there, scope, scopes, report)
        return None
    symbol.used = True
    if symbol.poisoned or not may_see(symbol, name.span, scope, report):
        return None
    if symbol.kind not in kinds:
        words = listed(k.value for k in Kind if k in kinds)
        report(
            catalog.WRONG_KIND.at(
                name.span, f"`{name.text}` is {a(symbol.kind.value)}, not {a(words)}"
            )
            .because(symbol.span, "declared here")
            .help(did_you_mean(last.text, [s.name for s in there.of(*kinds)]))
        )
        return None
    return symbol


def may_see(symbol: Symbol, place: Span, scope: Scope, report: Report) -> bool:
    """Whether a declaration is seen from a namespace; reports one that is private to its own."""
    own = scope.at(place).namespace == symbol.namespace
    if own or symbol.decl is None or not symbol.decl.private:
        return True
    report_private(f"`{symbol.full}`", symbol.namespace, symbol.span, place, report)
    return False


def report_private(what: str, namespace: str, declared: Span, place: Span, report: Report) -> None:
    report(
        catalog.PRIVATE_NAME.at(place, f"{what} is private to the namespace `{namespace}`")
        .because(declared, "declared `private` here")
        .help("name it inside its namespace only, or leave out `private`")
    )


def _report_unknown(
    name: nodes.Name,
    kinds: frozenset[Kind],
    there: Scope,
    scope: Scope,
    scopes: Scopes,
    report: Report,
) -> None:
    short = name.parts[-1].text
    words = listed(k.value for k in Kind if k in kinds)
    found = catalog.UNKNOWN_DECLARED.at(
        name.span, f"there is no {words} `{short}` in namespace `{there.namespace}`"
    )
    elsewhere = _elsewhere(short, kinds, there, scopes)
    if elsewhere is None:
        known = [s.name for s in there.visible(name.span.source, *kinds)]
        report(found.help(did_you_mean(short, known) or _declare(short, kinds)))
        return
    other = elsewhere.namespace
    help_ = (
        f"leave out `{there.namespace}.`"
        if other == scope.namespace
        else f"bring it in, `use {elsewhere.full}`, or write `{elsewhere.full}`"
    )
    report(found.because(elsewhere.span, f"`{other}` has one").help(help_))


def _elsewhere(short: str, kinds: frozenset[Kind], but: Scope, scopes: Scopes) -> Symbol | None:
    """A symbol of that very name in another namespace."""
    for other in scopes:
        symbol = other.symbols.get(short)
        if other is not but and symbol is not None and symbol.kind in kinds:
            return symbol
    return None


_DECLARED = {
    Kind.ENTITY: "entity {} {{ key … }}",
    Kind.SOURCE: "source {} {{ … }}",
    Kind.VIEW: "view {} from … {{ … }}",
    Kind.FEATURES: "features {} for … from … {{ … }}",
    Kind.LABELS: "labels {} for … from … {{ … }}",
    Kind.CONSUMER: "consumer {} {{ … }}",
    Kind.DATASET: "dataset {} for … {{ … }}",
    Kind.TEMPLATE: "template {}(x: column) {{ … }}",
}
"""How what a name may mean is declared."""


def _declare(short: str, kinds: frozenset[Kind]) -> str | None:
    """A help line for a name that no declared one is near to."""
    form = next((form for kind, form in _DECLARED.items() if kind in kinds), None)
    return None if form is None else f"declare `{form.format(short)}`"
