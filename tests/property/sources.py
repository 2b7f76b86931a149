"""Random sources with rows that keep their declarations, and every edge of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]

MICRO = timedelta(microseconds=1)
BASES = (
    datetime(2024, 3, 31),
    datetime(2024, 5, 31, 12, 30),
    datetime(2024, 2, 29, 23, 59, 59, 999999),
    datetime(2023, 12, 31, 10),
    datetime(1970, 1, 15, 6, 0, 0, 1),
    datetime(1969, 7, 20, 20, 17),
    datetime(2000, 3, 1),
    datetime(2024, 10, 27, 1, 30),
)
TYPES = {
    "int": "int",
    "dec": "decimal(12, 2)",
    "float": "float",
    "text": "text",
    "bool": "bool",
    "ts": "timestamp",
    "date": "date",
}
HISTORIES = (
    "events",
    "events",
    "events",
    "delay",
    "available",
    "keep",
    "keep_time",
    "keep_time",
    "keep_seen",
    "valid",
    "valid_time",
    "static",
    "snap",
    "snap_time",
)
TEXTS = ("x", "y", "xy", "", "X", "é", "x_y", "B", "12", " x ", "🦆", "it's", "x%")
ODD = ("Odd Col", "a.b", "sélect", "select", "from", "time", 'q"t', "{z}", "100%", "count", "last")


@dataclass(frozen=True)
class Column:
    """A column as it is named, its kind, and the type that is declared."""

    name: str
    kind: str
    type: str
    required: bool = False

    @property
    def written(self) -> str:
        plain = self.name.replace("_", "").isalnum() and self.name.isascii()
        return self.name if plain and self.name[0].isalpha() else f"`{self.name}`"

    def text(self) -> str:
        return f"{self.written}: {self.type}{' required' if self.required else ''}"


@dataclass
class Entity:
    name: str
    keys: list[Column]
    pool: list[tuple[Any, ...]]
    population: str | None = None

    def text(self) -> str:
        keys = "  ".join(f"key {k.written}: {k.type}" for k in self.keys)
        listed = f"  from {self.population}" if self.population else ""
        return f"entity {self.name} {{ {keys}{listed} }}"


@dataclass
class Source:
    """``roles`` are columns that hold an entity's key; ``single`` is what has one row at a time."""

    name: str
    history: str
    columns: list[Column]
    items: list[str]
    roles: dict[str, list[tuple[str, ...]]]
    time: str | None = None
    ordered: bool = False
    single: tuple[str, ...] | None = None
    special: dict[str, str] = field(default_factory=dict)
    drops: list[str] = field(default_factory=list)

    def text(self) -> str:
        drops = "".join(f"  drop when {d}\n" for d in self.drops)
        columns = "\n    ".join(c.text() for c in self.columns)
        items = "".join(f"  {i}\n" for i in self.items)
        return (
            f'source {self.name} {{\n  from parquet "x.parquet"\n{items}{drops}'
            f"  columns {{\n    {columns}\n  }}\n}}"
        )

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


@dataclass
class Moments:
    """Times round an as-of time, many of them exactly at the ends of windows."""

    r: Random
    base: datetime
    lengths: Sequence[timedelta]

    def some(self) -> datetime:
        r = self.r
        at = self.base
        if r.random() < 0.45:
            at -= r.choice(self.lengths)
            at += r.choice((0, 0, 0, -1, 1)) * MICRO
        elif r.random() < 0.3:
            at += r.choice((0, 0, 1, 3600_000_000, 86_400_000_000, -1)) * MICRO
        else:
            at -= timedelta(seconds=r.randint(0, 86_400 * r.choice((2, 10, 40, 400))))
        return at


def value(r: Random, kind: str, moments: Moments) -> Any:
    """A value of a kind; few different ones, so that there are ties."""
    rare = r.random() < 0.04
    match kind:
        case "int":
            return r.choice((2**31, -(2**53) - 1, 10**15)) if rare else r.randint(-4, 12)
        case "dec":
            if rare:
                return Decimal("-9999999999.99")
            return Decimal(r.choice((-250, -1, 0, 5, 10, 15, 100, 999, 1250))) / 100
        case "float":
            if rare:
                return r.choice((1e200, 1e-200, 2.0**40))
            return r.choice((-1.5, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 3.75, 100.125))
        case "text":
            return r.choice(TEXTS)
        case "bool":
            return r.random() < 0.5
        case "ts":
            return moments.some()
        case _:
            day = moments.some().date()
            return r.choice((day, day, date(2024, 2, 29), date(1969, 12, 31)))


def nullable(r: Random, column: Column, moments: Moments) -> Any:
    if not column.required and r.random() < 0.15:
        return None
    return value(r, column.kind, moments)


def make_entity(r: Random, name: str) -> Entity:
    """One or two keys of any type."""
    kinds = [r.choice(("int", "int", "text", "text", "date", "bool", "ts"))]
    if r.random() < 0.35:
        kinds.append(r.choice(("int", "text")))
    names = ["k", "k2"] if r.random() < 0.7 else ["id", "at"]
    if r.random() < 0.15:
        names[0] = "Key One"
    keys = [Column(n, k, TYPES[k]) for n, k in zip(names, kinds, strict=False)]
    moments = Moments(r, BASES[0], [timedelta(days=1)])
    values: dict[str, Sequence[Any]] = {
        "int": (1, 2, 3, 23, 12, -1, 2**40),
        "text": ("a", "b", "", "A", "é", "1"),
        "date": (date(2024, 1, 1), date(1969, 12, 31), date(2024, 2, 29)),
        "bool": (True, False),
        "ts": (datetime(2024, 1, 1), datetime(1969, 12, 31, 23, 59), moments.some()),
    }
    pool = [tuple(r.choice(values[k]) for k in kinds) for _ in range(r.randint(2, 4))]
    return Entity(name, keys, pool)


def make_source(
    r: Random, name: str, entities: Sequence[Entity], histories: Sequence[str] = HISTORIES
) -> Source:
    """A source of some history, with columns of every kind."""
    history = r.choice(histories)
    keys: list[Column] = []
    roles: dict[str, list[tuple[str, ...]]] = {}
    items: list[str] = []
    same = r.random() < 0.3  # columns called as the keys, where nothing else is
    for n, entity in enumerate(entities):
        for role in range(2 if n == 0 and r.random() < 0.2 else 1):
            named = [
                Column(f"e{n}{role}{i}", k.kind, k.type, r.random() < 0.3)
                for i, k in enumerate(entity.keys)
            ]
            if same and n == role == 0 and not {k.name for k in entity.keys} & {"id", "at"}:
                named = [Column(k.name, k.kind, k.type, False) for k in entity.keys]
            keys += named
            roles.setdefault(entity.name, []).append(tuple(c.name for c in named))
            items.append(f"entity {entity.name} ({', '.join(c.written for c in named)})")
    payload = [
        Column(f"{kind}_{i}", kind, TYPES[kind], r.random() < 0.3)
        for kind in TYPES
        for i in range(1, 2 if kind in ("bool", "ts", "date") else r.choice((2, 3)))
    ]
    if r.random() < 0.3:
        odd, at = r.choice(ODD), r.randrange(len(payload))
        payload[at] = replace(payload[at], name=odd)
    source = Source(name, history, [], items, roles)
    _place(r, source, keys, payload, entities)
    r.shuffle(source.columns)
    return source


def _place(
    r: Random,
    source: Source,
    keys: list[Column],
    payload: list[Column],
    entities: Sequence[Entity],
) -> None:
    """Columns and items that say which rows there are, and when."""
    history, items = source.history, source.items
    identity = Column("id", "int", "int", True)
    at = Column("at", "ts", "timestamp", history in ("events", "delay"))
    columns = [*keys, *payload]
    first = source.roles[entities[0].name][0]
    ties = ""
    if history not in ("keep", "valid", "static", "snap"):
        columns.append(at)
        source.time, source.ordered = "at", True
        if r.random() < 0.3:
            ties = f" then {next(c.written for c in payload if c.kind == 'int')}"
    if history in ("valid", "static", "snap"):
        # One row for each key of the first role.
        items.append(f"key {', '.join(source_column(keys, c) for c in first)}")
        source.single = first
    else:
        columns.append(identity)
        items.append("key id")
    if history == "delay":
        items.append(f"time at{ties} available after {r.choice(('2h', '1d', '1month', '90min'))}")
    elif history in ("available", "keep_seen"):
        columns.append(Column("seen", "ts", "timestamp"))
        items.append(f"time at{ties} available seen")
    elif source.time is not None:
        more = ""
        if history in ("keep_time", "valid_time", "snap_time") and r.random() < 0.4:
            more = f" available after {r.choice(('2h', '1month'))}"
        items.append(f"time at{ties}{more}")
    if history.startswith("keep"):
        _versions(r, source, columns, first)
    if history.startswith("snap"):
        columns.append(Column("taken", "ts", "timestamp"))
        if not any("available" in i for i in items) and r.random() < 0.4:
            columns.append(Column("seen", "ts", "timestamp"))
            items.append("snapshot taken available seen")
        else:
            later = "" if any("available" in i for i in items) else r.choice(("", "6h", "1month"))
            items.append(f"snapshot taken{' available after ' * bool(later)}{later}")
    if history.startswith("valid"):
        columns += [Column("vf", "ts", "timestamp"), Column("vt", "ts", "timestamp")]
        later = " available after 1d" if history == "valid" and r.random() < 0.3 else ""
        items.append(f"valid vf to vt{later}")
    source.columns = columns


def source_column(columns: Sequence[Column], name: str) -> str:
    return next(c.written for c in columns if c.name == name)


def _versions(r: Random, source: Source, columns: list[Column], first: tuple[str, ...]) -> None:
    per: tuple[str, ...] = ("id",)
    if source.history == "keep" or r.random() < 0.25:
        per = first
        source.single = first
    columns += [Column("ver", "ts", "timestamp"), Column("ver2", "int", "int")]
    by = "ver, ver2" if r.random() < 0.5 else "ver"
    if source.history == "keep_seen":
        by = r.choice(("ver2", "ver", "ver2, ver"))
    source.special = {"by": by}
    written = ", ".join(source_column(columns, c) for c in per)
    source.special["per"] = "\n".join(per)
    source.special["which"] = "first" if r.random() < 0.25 else "last"
    gone = next(c.written for c in columns if c.kind == "bool")
    removed = f" removed when {gone}" if r.random() < 0.25 else ""
    source.items.append(f"keep {source.special['which']} per {written} by {by}{removed}")


def make_rows(
    r: Random, source: Source, entities: Sequence[Entity], moments: Moments, most: int
) -> list[Row]:
    """Stored rows; sometimes none."""
    pools = {e.name: e.pool for e in entities}
    n = 0 if r.random() < 0.04 else r.randint(1, most)
    rows: list[Row] = []
    for i in range(n):
        row = {c.name: nullable(r, c, moments) for c in source.columns}
        for name, roles in source.roles.items():
            for role in roles:
                picked = r.choice(pools[name])
                for column, part in zip(role, picked, strict=True):
                    nothing = r.random() < 0.06 and not source.column(column).required
                    row[column] = None if nothing else part
        if "id" in row and any(c.name == "id" for c in source.columns):
            row["id"] = i
        rows.append(row)
    for row in rows:
        if source.history in ("events", "delay") and r.random() < 0.25:
            shared = ["at", *(c for roles in source.roles.values() for role in roles for c in role)]
            other = r.choice(rows)
            row |= {c: other[c] for c in shared}
        known = row.get("at") is not None and row.get("seen") is not None
        if known and r.random() < 0.8:
            row["seen"] = row["at"] + r.choice((0, 1, 3, -2, -10)) * timedelta(hours=5)
    match source.history:
        case "static":
            rows = _single(rows, source)
        case "valid" | "valid_time":
            _intervals(r, rows, source, moments)
        case "snap" | "snap_time":
            rows = _taken(r, rows, source, moments)
        case "keep" | "keep_time" | "keep_seen":
            rows = _with_versions(r, rows, source)
    r.shuffle(rows)
    return rows


def _single(rows: list[Row], source: Source) -> list[Row]:
    """One row for each value of the columns that have one."""
    assert source.single is not None
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[c] for c in source.single)
        if None not in key or key not in found:
            found.setdefault(key, row)
    return list(found.values())


def _intervals(r: Random, rows: list[Row], source: Source, moments: Moments) -> None:
    """Rows of one key hold one after another, touching or with gaps."""
    single = source.single or ("id",)
    by_key: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[c] for c in single), []).append(row)
    for group in by_key.values():
        cuts = sorted(moments.some() for _ in range(len(group) + 1))
        for i, row in enumerate(group):
            row["vf"], row["vt"] = cuts[i], cuts[i + 1]
            if r.random() < 0.2 and row["vf"] < row["vt"]:
                row["vt"] -= (row["vt"] - row["vf"]) / 2
            if r.random() < 0.1:
                row["vt"] = row["vf"]
        if r.random() < 0.5:
            group[-1]["vt"] = None
        if r.random() < 0.05:
            group[0]["vf"] = None


def _taken(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """Rows of a few snapshots; each comes at one time, or with stragglers."""
    times = [moments.some() for _ in range(r.choice((1, 2, 3, 4)))]
    late = {t: t + r.choice((0, 0, 1, 5, -3)) * timedelta(hours=5) for t in times}
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        for taken in r.sample(times, r.randint(1, len(times))):
            one = {**row, "taken": None if r.random() < 0.03 else taken}
            if "seen" in one:
                straggles = r.choice((0, 0, 0, 0, 0, 8)) * timedelta(hours=5)
                one["seen"] = None if r.random() < 0.02 else late[taken] + straggles
            key = source.single or ("id",)
            found.setdefault((*(one[c] for c in key), one["taken"]), one)
    return list(found.values())


def _with_versions(r: Random, rows: list[Row], source: Source) -> list[Row]:
    """Versions of rows; those of one time and one number are the same."""
    per = source.special["per"].split("\n")
    versions = list(rows)
    for row in rows:
        for _ in range(r.choice((0, 0, 1, 2))):
            other = {**r.choice(rows), **{c: row[c] for c in per}}
            other["id"] = row["id"]
            other["ver"] = r.choice((row["ver"], r.choice(rows)["ver"]))
            other["ver2"] = r.choice((row["ver2"], 1, 2, None))
            versions.append(other)
    if per != ["id"]:
        for i, row in enumerate(versions):
            row["id"] = i
    shared = [*per, *source.special["by"].split(", ")]
    found: dict[tuple[Any, ...], Row] = {}
    for row in versions:
        found.setdefault(tuple(row[c] for c in shared), row)
    kept = list(found.values())
    # One and the same version may be stored twice.
    if per == ["id"] and r.random() < 0.2 and kept:
        kept.append(dict(r.choice(kept)))
    return kept
