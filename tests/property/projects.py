"""Random projects as FEAT text, with what it takes to make rows for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

from tests.property.groups import RECENT, Features
from tests.property.sources import TYPES, Column, Entity, Source, make_entity, make_source
from tests.property.writing import DECIMALS, KINDS, Names, Writer

WINDOWS = (
    "7d",
    "1d",
    "30d",
    "90min",
    "1month",
    "1quarter",
    "1year",
    "2month",
    "14d..7d",
    "7d..=0d",
    "7d<..0d",
    "7d<..=0d",
    "1month..=1d",
    "3month..1month",
    "lifetime",
    "lifetime..7d",
    "lifetime..=1month",
    "lifetime..=0d",
    "1w",
    "500ms",
    "7d aligned 1d",
    "lifetime aligned 1w",
    "30d..7d aligned 1month",
    "1month..=0d aligned 15min",
    "1quarter aligned 1year",
    "lifetime..=0d aligned 1quarter",
    "since start of month",
    "since start of day",
    "since start of year",
    "since start of week aligned 1d",
    "since start of quarter aligned 6h",
)
CAPPED = (
    "last 3 events",
    "last 1 events in 7d",
    "last 2 events in 30d..7d",
    "last 5 events in 1month aligned 1d",
    "last 2 events aligned 1w",
    "last 1000 events in lifetime..=1d",
)
"""Windows for rows that have a total order."""
LENGTHS = [timedelta(days=d) for d in (0, 1, 7, 14, 30, 31, 90)] + [timedelta(minutes=90)]
ZONES = ("UTC", "UTC", "UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")
RIGHT = ("static", "valid", "keep", "events", "delay")


@dataclass
class Relation:
    """A source or view: what may be named in its rows, by kind.

    ``joined`` has the columns of its own joins, which views on it do not see.
    """

    name: str
    root: Source
    by_kind: dict[str, list[str]]
    exact: set[str]
    joined: dict[str, list[str]] = field(default_factory=dict)

    @property
    def in_sight(self) -> dict[str, list[str]]:
        return {k: [*self.by_kind.get(k, []), *self.joined.get(k, [])] for k in KINDS}


@dataclass
class Project:
    """``text`` as people write; in ``flat``, clauses stand in every call that they hold for."""

    text: str
    flat: str
    zone: str
    entities: list[Entity]
    sources: list[tuple[Source, list[Entity]]]


@dataclass
class Maker:
    r: Random
    parts: list[str] = field(default_factory=list)
    sugared: list[str] = field(default_factory=list)
    flat: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    sources: list[tuple[Source, list[Entity]]] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    dollars: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, list[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    windows: list[str] = field(default_factory=list)

    def project(self) -> Project:
        r = self.r
        self.windows = r.sample(WINDOWS, r.randint(2, 6))
        self.values()
        self.entities = [make_entity(r, f"e{i}") for i in range(r.choice((1, 1, 2)))]
        rights = self.rights()
        for i in range(r.choice((1, 1, 2))):
            source = make_source(r, f"s{i}", self.entities)
            self.add_source(source, self.entities)
            if r.random() < 0.7:
                self.views(source, rights)
        if r.random() < 0.35:
            self.population()
        for i in range(r.randint(1, 3)):
            self.group(f"g{i}")
        self.parts += [e.text() for e in self.entities]
        texts = []
        for groups in (self.sugared, self.flat):
            parts = [*self.parts, *groups]
            r.shuffle(parts)
            texts.append("\n\n".join(parts))
        return Project(*texts, r.choice(ZONES), self.entities, self.sources)

    # --- Values, functions ---------------------------------------------------------------------

    def values(self) -> None:
        """Parameters, constants, lists and functions."""
        r = self.r
        made = {
            "int": ("int", "3"),
            "dec": ("decimal(8, 2)", "1.50"),
            "float": ("float", "0.5"),
            "text": ("text", '"x"'),
            "bool": ("bool", "true"),
            "ts": ("timestamp", "@2024-03-01T10:00:00"),
            "date": ("date", "@2024-03-01"),
            "dur": ("duration", "36h"),
        }
        for kind, (dtype, text) in made.items():
            if r.random() < 0.35:
                self.parts.append(f"param p_{kind}: {dtype} = {text}")
                self.dollars.setdefault(kind, []).append(f"$p_{kind}")
            if r.random() < 0.25 and kind != "float":
                self.parts.append(f"const c_{kind} = {text}")
                self.dollars.setdefault(kind, []).append(f"$c_{kind}")
        if r.random() < 0.4:
            self.parts.append('const some_texts = ["x", "é", "12"]')
            self.lists["text"] = ["$some_texts"]
        if r.random() < 0.4:
            self.parts.append("const some_ints = [1, -3, 7]")
            self.lists["int"] = ["$some_ints"]
        self.parts.append(f"const recent = [{', '.join(RECENT)}]")
        for i in range(r.choice((0, 1, 2))):
            self.function(f"fn_{i}")

    def function(self, name: str) -> None:
        r = self.r
        kinds = [r.choice(("int", "dec", "float", "text", "ts")) for _ in range(r.randint(1, 2))]
        kind = r.choice(("int", "dec", "bool", "text", "float"))
        by_kind: dict[str, list[str]] = {}
        for i, k in enumerate(kinds):
            by_kind.setdefault(k, []).append(f"x{i}")
        body = self.writer(by_kind).of(kind, 2)
        types = {**TYPES, "dec": "decimal(14, 4)"}
        parameters = ", ".join(f"x{i}: {types[k]}" for i, k in enumerate(kinds))
        returns = f": {types[kind]}" if r.random() < 0.6 else ""
        self.parts.append(f"fn {name}({parameters}){returns} = {body}")
        self.functions.setdefault(kind, []).append((name, kinds))

    def writer(self, by_kind: dict[str, list[str]], **more: Any) -> Writer:
        names = Names(by_kind, dollars=self.dollars, lists=self.lists, **more)
        names.functions = self.functions
        return Writer(self.r, names)

    # --- Sources, views ------------------------------------------------------------------------

    def add_source(self, source: Source, entities: list[Entity]) -> None:
        self.sources.append((source, entities))
        by_kind = _by_kind(source.columns)
        exact = {c.written for c in source.columns if c.kind == "float"}
        if self.r.random() < 0.3:
            source.drops.append(self.writer(by_kind).of("bool", 1))
        self.parts.append(source.text())
        self.relations.append(Relation(source.name, source, by_kind, exact))

    def rights(self) -> list[Source]:
        """Sources that are joined, by a code of few values."""
        r = self.r
        found = []
        for i in range(r.choice((0, 1, 1, 2))):
            kinds = r.choice((["int"], ["text"], ["int", "text"]))
            pools: dict[str, Sequence[Any]] = {"int": (0, 1, 2, 5), "text": "xyB"}
            keys = [Column(f"c{n}", kind, TYPES[kind]) for n, kind in enumerate(kinds)]
            entity = Entity(f"code{i}", keys, list(product(*(pools[k] for k in kinds))))
            self.parts.append(entity.text())
            source = make_source(r, f"r{i}", [entity], RIGHT)
            source.items = [item.replace("1month", "1d") for item in source.items]
            self.sources.append((source, [entity]))
            if r.random() < 0.2:
                source.drops.append(self.writer(_by_kind(source.columns)).of("bool", 1))
            self.parts.append(source.text())
            found.append(source)
        return found

    def population(self) -> None:
        """A source that lists an entity's keys."""
        entity = self.entities[0]
        source = make_source(self.r, "pop", [entity], ("static", "valid", "keep", "events"))
        role = source.roles[entity.name][0]
        source.roles[entity.name] = [role]
        roles = [i for i in source.items if i.startswith("entity")]
        for item in roles[1:]:
            source.items.remove(item)
        self.sources.append((source, [entity]))
        self.parts.append(source.text())
        entity.population = source.name
        if self.r.random() < 0.5:
            by_kind = _by_kind(source.columns)
            exact = {c.written for c in source.columns if c.kind == "float"}
            self.relations.append(Relation(source.name, source, by_kind, exact))

    def views(self, root: Source, rights: list[Source]) -> None:
        """Views on a source, one on the other."""
        below = self.relations[-1]
        for i in range(self.r.choice((1, 1, 2))):
            below = self.view(f"v_{root.name}_{i}", below, rights)
            self.relations.append(below)

    def view(self, name: str, below: Relation, rights: list[Source]) -> Relation:
        r = self.r
        relation = Relation(
            name, below.root, {k: list(v) for k, v in below.by_kind.items()}, set(below.exact)
        )
        items: list[str] = []
        for i, right in enumerate(r.choices(rights, k=r.choice((0, 1, 2))) if rights else []):
            if right.history != "static" and below.root.time is None:
                continue
            alias = r.choice(("p", "q", right.name)) + str(i)
            items.append(self.join(right, alias, below.by_kind))
            for kind, columns in _by_kind(right.columns).items():
                relation.joined.setdefault(kind, []).extend(f"{alias}.{c}" for c in columns)
            relation.exact |= {c for c in relation.joined.get("float", []) if c.startswith(alias)}
        for i in range(r.choice((0, 1, 2, 3))):
            kind = r.choice(KINDS)
            dtype = f": {r.choice(DECIMALS)}" if kind == "dec" and r.random() < 0.3 else ""
            let = f"{name}_l{i}"
            items.append(f"let {let}{dtype} = {self.writer(relation.in_sight).of(kind, 3)}")
            relation.by_kind.setdefault(kind, []).append(let)
        if r.random() < 0.5:
            items.append(f"where {self.writer(relation.in_sight).of('bool', 2)}")
        r.shuffle(items)
        self.parts.append(_block(f"view {name} from {below.name}", items))
        return relation

    def join(self, right: Source, alias: str, by_kind: dict[str, list[str]]) -> str:
        r = self.r
        (roles,) = right.roles.values()
        conditions = []
        for name in roles[0]:
            column = right.column(name)
            left = self.writer(by_kind).of(column.kind, r.choice((0, 0, 1)))
            sides = [left, f"{alias}.{column.written}"]
            r.shuffle(sides)
            conditions.append(" = ".join(sides))
        if right.history in ("static", "valid") and r.random() < 0.3:
            conditions.append(f"{alias}.{_by_kind(right.columns)['bool'][0]}")
        return f"join {right.name} as {alias} on {' and '.join(conditions)}"

    # --- Groups --------------------------------------------------------------------------------

    def group(self, name: str) -> None:
        r = self.r
        relation = r.choice(self.relations)
        entity = r.choice([e for e in self.entities if e.name in relation.root.roles])
        roles = relation.root.roles[entity.name]
        role = r.choice(roles)
        shown = ""
        if len(roles) > 1 or r.random() < 0.2:
            shown = f"({', '.join(relation.root.column(c).written for c in role)})"
        rows = self.writer(relation.in_sight, as_of=True)
        where = rows.of("bool", 2) if r.random() < 0.35 else None
        bare = relation.root.single is not None and set(relation.root.single) <= set(role)
        features = Features(
            r,
            rows,
            relation.in_sight,
            relation.exact,
            self.writer,
            [*self.windows, *r.sample(CAPPED, 2)] if relation.root.ordered else self.windows,
            [k.name for k in entity.keys],
            timed=relation.root.time is not None,
            ordered=relation.root.ordered,
            bare=bare,
            where=where,
        )
        features.write()
        head = f"features {name} for {entity.name}{shown} from {relation.name}"
        clause = "" if where is None else f" where {where}"
        self.sugared.append(_block(head + clause, features.sugar))
        self.flat.append(_block(head, features.flat))


def _block(head: str, items: Sequence[str]) -> str:
    inner = "".join(f"  {item}\n" for item in items)
    return f"{head} {{\n{inner}}}"


def _by_kind(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Columns that may be read, by kind."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.name != "vt":  # the end of validity is not known at its time
            found.setdefault(column.kind, []).append(column.written)
    return found
