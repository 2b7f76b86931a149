"""Random projects as FEAT text, with what it takes to make rows for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tests.property.sources import TYPES, Column, Entity, Source, make_entity, make_source
from tests.property.writing import DECIMALS, KINDS, NUMBERS, STORED, Names, Writer

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
)
LENGTHS = [timedelta(days=d) for d in (0, 1, 7, 14, 30, 31, 90)] + [timedelta(minutes=90)]
ZONES = ("UTC", "UTC", "UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")
RIGHT = ("static", "valid", "keep", "events", "delay")
ONE = ("min", "max", "mode")
IN_ORDER = ("first", "last")


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
    text: str
    zone: str
    entities: list[Entity]
    sources: list[tuple[Source, list[Entity]]]


@dataclass
class Maker:
    r: Random
    parts: list[str] = field(default_factory=list)
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
        r.shuffle(self.parts)
        return Project("\n\n".join(self.parts), r.choice(ZONES), self.entities, self.sources)

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
        self.parts.append(
            f"const some_windows = [{', '.join(r.sample(('7d', '30d', '1month'), 2))}]"
        )
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
        for i in range(r.choice((0, 1, 2))):
            kind = r.choice(("int", "text"))
            pool: list[tuple[Any, ...]] = [(v,) for v in ((0, 1, 2, 5) if kind == "int" else "xyB")]
            entity = Entity(f"code{i}", [Column("c", kind, TYPES[kind])], pool)
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
        inner = "".join(f"  {i}\n" for i in items)
        self.parts.append(f"view {name} from {below.name} {{\n{inner}}}")
        return relation

    def join(self, right: Source, alias: str, by_kind: dict[str, list[str]]) -> str:
        r = self.r
        (roles,) = right.roles.values()
        column = right.column(roles[0][0])
        left = self.writer(by_kind).of(column.kind, r.choice((0, 0, 1)))
        sides = [left, f"{alias}.{column.written}"]
        r.shuffle(sides)
        more = ""
        if right.history in ("static", "valid") and r.random() < 0.3:
            more = f" and {alias}.{_by_kind(right.columns)['bool'][0]}"
        return f"join {right.name} as {alias} on {sides[0]} = {sides[1]}{more}"

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
        where = f" where {rows.of('bool', 2)}" if r.random() < 0.35 else ""
        bare = relation.root.single is not None and set(relation.root.single) <= set(role)
        features = Features(self, relation, rows, bare).all()
        inner = "\n".join(f"  {f}" for f in features)
        self.parts.append(
            f"features {name} for {entity.name}{shown} from {relation.name}{where} {{\n{inner}\n}}"
        )


def _by_kind(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Columns that may be read, by kind."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.name != "vt":  # the end of validity is not known at its time
            found.setdefault(column.kind, []).append(column.written)
    return found


@dataclass
class Features:
    """Writes the features of a group."""

    maker: Maker
    relation: Relation
    rows: Writer
    bare: bool
    known: dict[str, list[str]] = field(default_factory=dict)
    families: dict[str, list[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    @property
    def r(self) -> Random:
        return self.maker.r

    def all(self) -> list[str]:
        r = self.r
        found: list[str] = []
        if self.relation.root.time is not None and r.random() < 0.6:
            found += self.family()
        for i in range(r.randint(3, 9)):
            found.append(self.one(self.name(i)))
        if r.random() < 0.4:
            found.append(self.over_items())
        r.shuffle(found)
        return found

    def name(self, i: int) -> str:
        """Of the feature; some are called as a column, which is another thing in aggregates."""
        r = self.r
        if self.bare or r.random() > 0.15:
            return f"f{i}"
        name = r.choice(
            ("int_1", "dec_1", "float_1", "text_1", "ts_1", "at", "id", "count", "last")
        )
        taken = self.named | {k.name for e in self.maker.entities for k in e.keys}
        self.named.add(name)
        return f"f{i}" if name in taken else name

    def writer(self, **more: Any) -> Writer:
        by_kind = {k: list(v) for k, v in self.known.items()}
        if self.bare:
            # A column and a feature of one name cannot be told apart: none here.
            for kind, columns in self.relation.in_sight.items():
                by_kind.setdefault(kind, []).extend(columns)
        return self.maker.writer(by_kind, as_of=True, aggregate=self.aggregate, **more)

    def one(self, name: str) -> str:
        r = self.r
        kind = r.choice((*STORED, *NUMBERS, "rough"))
        self.taken = set()
        value = self.writer().of(kind, r.choice((0, 1, 1, 2, 3)))
        dtype, clauses = "", ""
        if kind == "dec" and r.random() < 0.3:
            dtype = f": {r.choice((*DECIMALS, 'float', 'int'))}"
        elif kind == "int" and r.random() < 0.3:
            dtype = f": {r.choice(('int', 'decimal(20, 1)', 'float'))}"
        elif kind == "float" and r.random() < 0.2:
            dtype = f": {r.choice(('decimal(20, 2)', 'int'))}"
        clauses += self.clauses()
        if r.random() < 0.25:
            clauses += f" default {self.writer().of(kind, 0)}"
        if not dtype or dtype == ": float":
            self.known.setdefault("float" if dtype else kind, []).append(name)
        return f"{name}{dtype} = {value}{clauses}"

    def clauses(self) -> str:
        """Clauses of the feature, where some aggregate takes them up."""
        r = self.r
        found = ""
        if "over" in self.taken and r.random() < 0.4:
            found += f" over {r.choice(self.maker.windows)}"
        if "where" in self.taken and r.random() < 0.3:
            found += f" where {self.rows.of('bool', 1)}"
        return found

    def family(self) -> list[str]:
        """Families, and families of these."""
        r = self.r
        windows = r.sample(self.maker.windows, min(len(self.maker.windows), r.randint(1, 3)))
        listed = "$some_windows" if r.random() < 0.2 else ", ".join(windows)
        found, names = [], []
        for i in range(r.choice((1, 2))):
            call = self.call("count", [], windowed=False)
            calls = [self.plain(k) for k in r.sample(("int", "dec", "float"), 1)]
            value = " + ".join([call, *calls]) if r.random() < 0.3 else (calls[0] if i else call)
            found.append(f"fam{i}[{listed}] = {value}")
            names.append(f"fam{i}")
        found.append(f"both[{listed}] = {names[0]} / {names[-1]}")
        if r.random() < 0.5:
            found.append(f"again[{listed}] = (both ?? {names[0]}) * 2 default 1")
        return found

    def plain(self, kind: str) -> str:
        """A call without a window of its own."""
        return f"{self.r.choice(('min', 'max', 'sum'))}({self.rows.leaf(kind, 0)})"

    def over_items(self) -> str:
        r = self.r
        if r.random() < 0.5:
            column = self.rows.leaf("text", 0)
            return (
                'for c in ["x", "y"] { '
                f"n_{{c}} = count(where {column} = $c)  m_{{c}} = n_{{c}} * 2 }}"
            )
        if self.relation.root.time is not None and r.random() < 0.5:
            value = self.rows.leaf("int", 0)
            return f"for w in [7d, 30d] {{ sum_{{w}} = sum({value} over $w default 0) }}"
        column = self.rows.leaf("int", 0)
        return f"for n in [1, 7] {{ above_{{n}} = count(where {column} > $n) / count() }}"

    # --- Aggregates ----------------------------------------------------------------------------

    def aggregate(self, kind: str, depth: int) -> str | None:
        """A call that gives a value of a kind."""
        choice = {
            "int": self.of_int,
            "dec": self.of_dec,
            "float": self.of_float,
            "bool": self.of_bool,
            "dur": self.of_dur,
            "rough": self.of_rough,
        }.get(kind, lambda depth: self.stored(kind, depth))
        return choice(max(depth, self.r.choice((0, 1, 2))))

    def call(
        self, name: str, args: list[str], default: str | None = None, *, windowed: bool = True
    ) -> str:
        r = self.r
        text = ", ".join(args)
        if r.random() < 0.3:
            text += f" where {self.rows.of('bool', r.choice((0, 1, 2)))}"
        timed = self.relation.root.time is not None
        self.taken.add("where")
        if timed and windowed and r.random() < 0.4:
            text += f" over {r.choice(self.maker.windows)}"
        elif timed:
            self.taken.add("over")
        if default is not None and r.random() < 0.2:
            text += f" default {default}"
        return f"{name}({text.strip()})"

    def stored(self, kind: str, depth: int) -> str:
        """A value of the column itself."""
        r = self.r
        ordered = self.relation.root.ordered
        x = self.rows.of(kind, depth)
        if ordered and r.random() < 0.35:
            other = self.rows.of(r.choice(KINDS), r.choice((0, 1)))
            return self.call(r.choice(("min_by", "max_by")), [x, other])
        names = (*ONE, *IN_ORDER) if ordered else ONE
        return self.call(r.choice(names), [x])

    def of_int(self, depth: int) -> str:
        r = self.r
        name = r.choice(("count", "count", "count_distinct", "sum", "sum", "stored"))
        if name == "stored":
            return self.stored("int", depth)
        if name == "count_distinct" or (name == "count" and r.random() < 0.4):
            return self.call(name, [self.rows.of(r.choice(STORED), depth)])
        args = [self.rows.of("int", depth)] if name == "sum" else []
        return self.call(name, args, "0" if name == "sum" else None)

    def of_dec(self, depth: int) -> str:
        if self.r.random() < 0.5:
            return self.stored("dec", depth)
        return self.call("sum", [self.rows.of(self.r.choice(("dec", "dec", "int")), depth)], "0.5")

    def of_float(self, depth: int) -> str:
        r = self.r
        exact = [c for c in self.relation.in_sight["float"] if c in self.relation.exact]
        name = r.choice(("avg", "ratio", "stored", "sum"))
        if name == "ratio":
            return self.call("ratio", [self.rows.of("bool", depth)])
        if name == "stored" or (name == "sum" and not exact):
            return self.stored("float", depth)
        if name == "sum" or (exact and r.random() < 0.3):
            return self.call(name, [r.choice(exact)])
        return self.call("avg", [self.rows.of(r.choice(("int", "dec")), depth)])

    def of_bool(self, depth: int) -> str:
        r = self.r
        name = r.choice(("any", "all", "exists", "stored"))
        if name == "stored":
            return self.stored("bool", depth)
        return self.call(name, [] if name == "exists" else [self.rows.of("bool", depth)])

    def of_dur(self, depth: int) -> str:
        name = self.r.choice(("sum", "avg", "median", "min", "max"))
        return self.call(name, [self.rows.of("dur", depth)])

    def of_rough(self, depth: int) -> str:
        r = self.r
        x = self.rows.of(r.choice(NUMBERS), min(depth, 1))
        timed = self.relation.root.time is not None
        one = ["stddev", "stddev_pop", "variance", "variance_pop", "skewness", "kurtosis"]
        one += ["median", "sum", "avg"]
        name = r.choice(
            [*one, "quantile", "corr", "covar", "entropy"] + ["slope", "ewm_sum"] * timed
        )
        match name:
            case "quantile":
                return self.call(name, [x, r.choice(("0.9", "0.25", "0", "1", "50%"))])
            case "corr" | "covar":
                return self.call(name, [x, self.rows.of(r.choice(NUMBERS), 1)])
            case "entropy":
                return self.call(name, [self.rows.of(r.choice(STORED), depth)])
            case "ewm_sum":
                return self.call(name, [x, f"half_life: {r.choice(('1d', '36h'))}"])
            case _:
                return self.call(name, [x])
