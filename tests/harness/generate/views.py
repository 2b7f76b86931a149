"""Views on sources, and on each other: joins, lets, conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.harness.generate.columns import BATCH
from tests.harness.generate.kinds import DECIMALS, KINDS, MANY
from tests.harness.generate.sources import Source
from tests.harness.generate.writer import Writer

WriterOf = Callable[..., Writer]


@dataclass
class Relation:
    """A source or view: what may be named in its rows, by kind.

    ``many``: whether joins make several rows of one. ``joined`` has the columns of its own joins,
    which views on it do not see.
    """

    name: str
    root: Source
    by_kind: dict[str, list[str]]
    exact: set[str]
    joined: dict[str, list[str]] = field(default_factory=dict)
    many: bool = False

    @staticmethod
    def of(source: Source) -> Relation:
        exact = {c.written for c in source.columns if c.kind == "float"}
        return Relation(source.name, source, source.readable, exact)

    @property
    def in_sight(self) -> dict[str, list[str]]:
        joined = self.joined
        return {
            k: [*self.by_kind.get(k, []), *joined.get(k, []), *joined.get(k, [])]
            for k in (*KINDS, *MANY)
        }


def make_view(
    r: Random, name: str, below: Relation, rights: list[Source], writer: WriterOf
) -> tuple[Relation, str]:
    """A view on a relation, and its text."""
    by_kind = {k: list(v) for k, v in below.by_kind.items()}
    relation = Relation(name, below.root, by_kind, set(below.exact), many=below.many)
    items: list[str] = []
    for i, right in enumerate(r.choices(rights, k=r.choice((1, 1, 1, 2))) if rights else []):
        if right.history.name != "static" and below.root.time is None:
            continue
        alias = r.choice(("p", "q", right.name)) + name[-1] + str(i)
        items.append(_join(r, right, alias, below.by_kind, writer))
        relation.many |= items[-1].startswith("join many")
        for kind, columns in right.readable.items():
            relation.joined.setdefault(kind, []).extend(f"{alias}.{c}" for c in columns)
        relation.exact |= {c for c in relation.joined.get("float", []) if c.startswith(alias)}
    for i in range(r.choice((0, 1, 1, 2, 3))):
        kind = r.choice(KINDS) if r.random() < 0.9 else "texts"
        dtype = f": {r.choice(DECIMALS)}" if kind == "dec" and r.random() < 0.3 else ""
        let = f"{name}_l{i}"
        items.append(f"let {let}{dtype} = {writer(relation.in_sight).of(kind, 3)}")
        relation.by_kind.setdefault(kind, []).append(let)
    if r.random() < 0.5:
        items.append(f"where {writer(relation.in_sight).of('bool', 2)}")
    r.shuffle(items)
    return relation, block(f"view {name} from {below.name}", items)


def _join(
    r: Random, right: Source, alias: str, by_kind: dict[str, list[str]], writer: WriterOf
) -> str:
    (roles,) = right.roles.values()
    conditions = []
    for name in roles[0]:
        column = right.column(name)
        left = BATCH if name == BATCH else writer(by_kind).of(column.kind, r.choice((0, 0, 1)))
        sides = [left, f"{alias}.{column.written}"]
        r.shuffle(sides)
        conditions.append(" = ".join(sides))
    if r.random() < 0.25:
        conditions.append(f"{alias}.{right.readable['bool'][0]}")
    many = "many " if right.history.several or r.random() < 0.3 else ""
    return f"join {many}{right.name} as {alias} on {' and '.join(conditions)}"


def block(head: str, items: list[str]) -> str:
    inner = "".join(f"  {item}\n" for item in items)
    return f"{head} {{\n{inner}}}"
