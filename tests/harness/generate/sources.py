"""Random sources, of the histories of `histories/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.harness.generate.columns import BATCH, BATCHED, Column, Entity, Role
from tests.harness.generate.kinds import MANY, STORED, TYPES
from tests.harness.generate.moments import Moments
from tests.harness.registry import modules

_ODD = ("Odd Col", "a.b", "sélect", "select", "from", "time", 'q"t', "{z}", "100%", "count", "last")

Row = dict[str, Any]


@dataclass
class Source:
    """``roles`` are columns that hold an entity's key; ``single`` is what has one row at a time.

    ``fixed`` columns are declared even where nothing names them. ``per`` and ``by`` are those of
    `keep`, ``ties`` breaks those of rows of one time. ``plain`` is what no history declares.
    ``joined`` says that others look at its rows.
    """

    name: str
    history: History
    columns: list[Column]
    items: list[str]
    roles: dict[str, list[Role]]
    entities: list[Entity]
    time: str | None = None
    ordered: bool = False
    single: Role | None = None
    per: Role = ()
    by: Role = ()
    drops: list[str] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    ties: str | None = None
    plain_columns: list[Column] = field(default_factory=list)
    plain_items: list[str] = field(default_factory=list)
    joined: bool = False

    @property
    def batched(self) -> bool:
        return any(c.name == BATCH for c in self.columns)

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

    def written(self, names: Sequence[str]) -> str:
        return ", ".join(self.column(n).written for n in names)

    @property
    def readable(self) -> dict[str, list[str]]:
        """Columns that features and views may read, by kind."""
        found: dict[str, list[str]] = {}
        for column in self.columns:
            # The end of validity is not known at its time.
            if column.name not in ("vt", BATCH):
                found.setdefault(column.kind, []).append(column.written)
        return found

    def prune(self, texts: str) -> None:
        """Leave out columns that nothing names."""
        named = set(re.findall(r"`[^`]*`|\w+", texts))
        kept = {*self.fixed, *(c for roles in self.roles.values() for role in roles for c in role)}
        self.columns = [c for c in self.columns if c.name in kept or c.written in named]


@dataclass(frozen=True)
class History:
    """Which rows there are at a time, and how that is declared.

    ``declare`` adds columns and items; ``rows`` makes given rows keep what is declared.
    ``joined``: whether views may join it; ``several``: of which several rows may hold for what it
    is joined by; ``lists``: whether it may list an entity's keys;
    ``whole``: whether rows of all keys belong together, so that sets of rows cannot be one.
    """

    name: str
    weight: int
    declare: Callable[[Random, Source], None]
    rows: Callable[[Random, list[Row], Source, Moments], list[Row]] = lambda r, rows, s, m: rows
    joined: bool = False
    several: bool = False
    lists: bool = False
    whole: bool = False


_HISTORIES: list[History] = []


def histories() -> list[History]:
    if not _HISTORIES:
        for module in modules("tests.harness.generate.histories"):
            _HISTORIES.extend(module.HISTORIES)
    return _HISTORIES


def make_source(
    r: Random, name: str, entities: Sequence[Entity], among: Sequence[History] | None = None
) -> Source:
    """A source of some history, with columns of every kind."""
    batched = any(k.name == BATCH for e in entities for k in e.keys)
    among = [h for h in among or histories() if not (batched and h.whole)]
    history = r.choices(among, [h.weight for h in among])[0]
    source = Source(name, history, [], [], {}, list(entities))
    if batched:
        source.columns.append(BATCHED)
    same = r.random() < 0.3  # columns called as the keys, where nothing else is
    for n, entity in enumerate(entities):
        for role in range(2 if n == 0 and r.random() < 0.2 else 1):
            named = [
                Column(f"e{n}{role}{i}", k.kind, k.type, r.random() < 0.3)
                for i, k in enumerate(entity.own)
            ]
            if same and n == role == 0 and not {k.name for k in entity.keys} & {"id", "at"}:
                named = [replace(k, required=False) for k in entity.own]
            source.columns += named
            columns = (*((BATCH,) if batched else ()), *(c.name for c in named))
            source.roles.setdefault(entity.name, []).append(columns)
            source.items.append(f"entity {entity.name} ({source.written(columns)})")
    payload = [
        Column(f"{kind}_{i}", kind, TYPES[kind], r.random() < 0.3)
        for kind in STORED
        for i in range(1, 2 if kind in ("bool", "ts", "date") else r.choice((2, 3)))
    ]
    payload += [
        Column(f"{kind}_1", kind, TYPES[kind], r.random() < 0.3)
        for kind in MANY
        if r.random() < 0.25
    ]
    if r.random() < 0.3:
        odd, at = r.choice(_ODD), r.randrange(len(payload))
        payload[at] = replace(payload[at], name=odd)
    source.columns += payload
    source.plain_columns, source.plain_items = list(source.columns), list(source.items)
    history.declare(r, source)
    r.shuffle(source.columns)
    return source
