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

    ``many``: whether joins make several rows of one; ``looks``: whether a row is what it is at
    a time. ``joined`` has the columns of its own joins, which views on it do not see.
    """

    name: str
    root: Source
    by_kind: dict[str, list[str]]
    exact: set[str]
    joined: dict[str, list[str]] = field(default_factory=dict)
    many: bool = False
    looks: bool = False

    @staticmethod
    def of(source: Source) -> Relation:
        exact = {c.written for c in source.columns if c.kind == "float"}
        looks = source.history.name != "static"
        return Relation(source.name, source, source.readable, exact, looks=looks)

    @property
    def in_sight(self) -> dict[str, list[str]]:
        joined = self.joined
        return {
            k: [*self.by_kind.get(k, []), *joined.get(k, []), *joined.get(k, [])]
            for k in (*KINDS, *MANY)
        }


def make_view(
    r: Random,
    name: str,
    below: Relation,
    rights: list[Relation],
    writer_of: WriterOf,
    more: dict[str, list[str]] | None = None,
) -> tuple[Relation, str]:
    """A view on a relation, and its text; ``more`` may stand in its lets and conditions."""

    def writer(by_kind: dict[str, list[str]]) -> Writer:
        return writer_of({k: [*v, *(more or {}).get(k, [])] for k, v in by_kind.items()})

    by_kind = {k: list(v) for k, v in below.by_kind.items()}
    relation = Relation(name, below.root, by_kind, set(below.exact))
    relation.many, relation.looks = below.many, below.looks
    items: list[str] = []
    for i, right in enumerate(r.choices(rights, k=r.choice((1, 1, 1, 2))) if rights else []):
        if right.looks and below.root.time is None:
            continue
        alias = r.choice(("p", "q", right.name)) + name[-1] + str(i)
        items.append(_join(r, right, alias, below.by_kind, writer_of))
        relation.many |= items[-1].startswith("join many")
        relation.looks |= right.looks
        right.root.joined = True
        for kind, columns in right.by_kind.items():
            relation.joined.setdefault(kind, []).extend(f"{alias}.{c}" for c in columns)
        relation.exact |= {c for c in relation.joined.get("float", []) if c.startswith(alias)}
    for i in range(r.choice((0, 1, 1, 2, 3)) or bool(more)):
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
    r: Random, right: Relation, alias: str, by_kind: dict[str, list[str]], writer: WriterOf
) -> str:
    (roles,) = right.root.roles.values()
    conditions = []
    for name in roles[0]:
        column = right.root.column(name)
        left = BATCH if name == BATCH else _left(r, column.kind, writer(by_kind))
        sides = [left, f"{alias}.{column.written}"]
        r.shuffle(sides)
        conditions.append(" = ".join(sides))
    if r.random() < 0.3:
        conditions.append(f"{alias}.{right.by_kind['bool'][0]}")
    if r.random() < 0.15:
        least = writer(by_kind).of("int", 0)
        conditions.append(f"{alias}.{r.choice(right.by_kind['int'])} {r.choice('<>')} {least}")
    several = right.root.history.several or right.many
    many = "many " if several or r.random() < 0.3 else ""
    return f"join {many}{right.name} as {alias} on {' and '.join(conditions)}"


def _left(r: Random, kind: str, writer: Writer) -> str:
    """What is looked for; often one of few values, so that it is found."""
    if r.random() < 0.5:
        return writer.of(kind, r.choice((0, 0, 1)))
    if kind == "int":
        return f"clip({writer.of('int', 0)}, 0, {r.choice('12')})"
    return f'(if {writer.of("bool", r.choice((0, 1)))} then "x" else {writer.of("text", 0)})'


def block(head: str, items: list[str]) -> str:
    inner = "".join(f"  {item}\n" for item in items)
    return f"{head} {{\n{inner}}}"
