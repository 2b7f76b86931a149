"""Selectors: which features a command is about.

``spend_7d``, ``spend.spend_7d``, ``retail.spend.spend_7d`` a feature; ``spend`` a family or a
group; ``spend.*`` a pattern; ``tag:x`` and ``owner:x``; ``dataset:x`` the features of a data
set, ``consumer:x`` all that a consumer reads; ``+x`` with what it is computed from; ``x+`` with
what is computed from it, where x may be a source or view. Several give the union. Commands know
``changed:`` besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean, nearest
from featdsl.ir.program import Feature, Group, Program, View
from featdsl.ir.refs import features_behind


def select(program: Program, selectors: Iterable[str]) -> tuple[str, ...]:
    """Return full names of the selected features, in the program's order; no selector takes all.

    Raises:
        Failure: a selector matches nothing; every such selector is reported.
    """
    selectors = tuple(selectors)
    names = tuple(n for group in program.groups.values() for n in group.features)
    if not selectors:
        return names
    scope = _Scope.of(program)
    chosen: set[str] = set()
    unmatched: list[Diagnostic] = []
    for text in selectors:
        # What rests on an input has no value here, whatever leads to it.
        matched = scope.match(_Selector.read(text)).intersection(names)
        chosen |= matched
        if not matched:
            unmatched.append(scope.describe_unmatched(text))
    if unmatched:
        raise Failure(*unmatched)
    return tuple(name for name in names if name in chosen)


@dataclass(frozen=True, slots=True)
class _Selector:
    text: str
    upstream: bool
    downstream: bool

    @classmethod
    def read(cls, text: str) -> _Selector:
        name = text.strip()
        bare = name.removeprefix("+").removesuffix("+")
        return cls(bare, name.startswith("+"), len(name) > 1 and name.endswith("+"))


@dataclass(frozen=True, slots=True)
class _Scope:
    program: Program
    aliases: Mapping[str, frozenset[str]]
    """Every name that a feature goes by, by its full name."""
    inputs: Mapping[str, frozenset[str]]
    """Features that a feature is computed from, directly."""

    @classmethod
    def of(cls, program: Program) -> _Scope:
        members = [(g, f) for g in program.groups.values() for f in g.features.values()]
        return cls(
            program,
            {f.name: frozenset(_aliases(g, f)) for g, f in members},
            {name: frozenset(behind) for name, behind in features_behind(program).items()},
        )

    def match(self, selector: _Selector) -> set[str]:
        found = self._named(selector.text)
        if not found and selector.downstream:
            found = self._reading(selector.text)
        result = set(found)
        if selector.upstream:
            result |= _closure(found, self.inputs)
        if selector.downstream:
            result |= _closure(found, _reversed(self.inputs))
        return result

    def _named(self, text: str) -> set[str]:
        kind, colon, pattern = text.partition(":")
        if colon and kind == "tag":
            return {f.name for g, f in self._members() if _any_like(_tags(g, f), pattern)}
        if colon and kind == "owner":
            return {f.name for g, f in self._members() if _any_like(_owners(g, f), pattern)}
        if colon and kind == "dataset":
            return self._included(self._datasets(pattern))
        if colon and kind == "consumer":
            return self._read_by(pattern)
        return {name for name, known in self.aliases.items() if _any_like(known, text)}

    def _datasets(self, pattern: str) -> set[str]:
        sets = self.program.datasets.values()
        return {d.name for d in sets if _any_like((d.short, d.name), pattern)}

    def _included(self, datasets: Iterable[str]) -> set[str]:
        columns = (c for name in datasets for c in self.program.datasets[name].columns)
        return {c.feature for c in columns if c.feature is not None}

    def _read_by(self, pattern: str) -> set[str]:
        found: set[str] = set()
        for consumer in self.program.consumers.values():
            if _any_like((consumer.short, consumer.name), pattern):
                sets = self.program.datasets
                found |= self._included(d for d in sets if consumer.name in self.program.readers(d))
                found |= set(consumer.features)
        return found

    def _members(self) -> Iterator[tuple[Group, Feature]]:
        for group in self.program.groups.values():
            for feature in group.features.values():
                yield group, feature

    def _reading(self, text: str) -> set[str]:
        """Features of the groups that read a source or view, however indirectly."""
        relations = {
            r.name
            for r in (*self.program.sources.values(), *self.program.views.values())
            if text in (r.name, r.short)
        }
        return {
            feature.name
            for group, feature in self._members()
            if relations & self._read_by_group(group)
        }

    def _read_by_group(self, group: Group) -> set[str]:
        """Sources and views that a group's values rest on, but for those of features."""
        return set() if group.relation is None else _relations(self.program, group.relation)

    def describe_unmatched(self, text: str) -> Diagnostic:
        diagnostic = catalog.NO_MATCH.general(f"selector `{text}` matches no feature")
        name = _Selector.read(text).text
        kind, colon, value = name.partition(":")
        members = tuple(self._members())
        if colon and kind == "tag":
            tags = {tag for g, f in members for tag in _tags(g, f)}
            return diagnostic.help(did_you_mean(value, tags, what="tags"))
        if colon and kind == "owner":
            owners = {owner for g, f in members for owner in _owners(g, f)}
            return diagnostic.help(did_you_mean(value, owners, what="owners"))
        if colon and kind == "dataset":
            sets = [d.short for d in self.program.datasets.values()]
            return diagnostic.help(did_you_mean(value, sets, what="data sets"))
        if colon and kind == "consumer":
            readers = [c.short for c in self.program.consumers.values()]
            return diagnostic.help(did_you_mean(value, readers, what="consumers"))
        requests = [n for g in self.program.groups.values() for n in g.requests]
        asked = [n for n in requests if f".{n}".endswith(f".{name}")]
        if asked:
            what = f"`{asked[0]}` rests on an input, and has no value before a request"
            return diagnostic.note(what).help("a data set gives it: `featc train`")
        if colon and kind == "changed":
            return diagnostic.help("only commands know what is published: `featc run changed:`")
        if colon:
            kinds = "`tag:`, `owner:`, `dataset:` and `consumer:` are the kinds of selectors"
            return diagnostic.help(kinds)
        return diagnostic.help(self._relation_hint(name) or self._nearest(name))

    def _relation_hint(self, name: str) -> str | None:
        for kind, declared in (
            ("dataset", self.program.datasets),
            ("consumer", self.program.consumers),
        ):
            if any(name in (d.name, d.short) for d in declared.values()):
                return f"`{kind}:{name}` selects the features of the {kind} `{name}`"
        for kind, relations in (("source", self.program.sources), ("view", self.program.views)):
            if any(name in (r.name, r.short) for r in relations.values()):
                return f"`{name}` is a {kind}; `{name}+` selects the features that read it"
        return None

    def _nearest(self, name: str) -> str | None:
        known = {alias for names in self.aliases.values() for alias in names}
        match = nearest(name, known)
        if match is not None:
            return f"did you mean `{match}`?"
        return did_you_mean(name, (g.short for g in self.program.groups.values()), what="groups")


def _aliases(group: Group, feature: Feature) -> Iterator[str]:
    namespace = group.name.rpartition(".")[0]
    for short in (feature.short, feature.family):
        if short is not None:
            yield from (short, f"{group.short}.{short}", f"{group.name}.{short}")
    yield from (group.short, group.name, namespace)


def _tags(group: Group, feature: Feature) -> tuple[str, ...]:
    return (*group.meta.tags, *feature.meta.tags)


def _owners(group: Group, feature: Feature) -> tuple[str, ...]:
    owner = feature.meta.owner or group.meta.owner
    return () if owner is None else (owner,)


def _any_like(values: Iterable[str], pattern: str) -> bool:
    return any(value == pattern or fnmatchcase(value, pattern) for value in values)


def _relations(program: Program, name: str) -> set[str]:
    relation = program.relation(name)
    if not isinstance(relation, View):
        return {name}
    below = (*relation.lefts, *(join.source for join in relation.joins))
    return {name}.union(*(_relations(program, r) for r in below))


def _closure(start: Iterable[str], edges: Mapping[str, frozenset[str]]) -> set[str]:
    seen: set[str] = set()
    pending = list(start)
    while pending:
        new = edges.get(pending.pop(), frozenset()) - seen
        seen |= new
        pending += new
    return seen


def _reversed(edges: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    result: dict[str, set[str]] = {}
    for name, inputs in edges.items():
        for source in inputs:
            result.setdefault(source, set()).add(name)
    return {name: frozenset(names) for name, names in result.items()}
