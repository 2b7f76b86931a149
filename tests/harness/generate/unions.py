"""Views of several sources of one shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.harness.generate.columns import BATCHED, Column
from tests.harness.generate.sources import History, Source, histories
from tests.harness.generate.views import Relation, block
from tests.harness.generate.writer import Writer

_WIDER = {"decimal(12, 2)": ("decimal(12, 2)", "decimal(14, 4)", "decimal(20, 2)")}
_UNTIMED = ("static", "valid", "keep", "snapshot")


def beside(r: Random, first: Source, name: str, among: list[History] | None = None) -> Source:
    """A source with the columns of another, and a history of its own."""
    histories_ = among or histories()
    fits = [
        h
        for h in histories_
        if (h.name not in _UNTIMED) == (first.time is not None) and not (first.batched and h.whole)
    ]
    history = r.choices(fits, [h.weight for h in fits])[0]
    columns = [
        c if c is BATCHED else replace(c, type=_type(r, c), required=r.random() < 0.3)
        for c in first.plain_columns
    ]
    second = Source(name, history, columns, list(first.plain_items), first.roles, first.entities)
    history.declare(r, second)
    r.shuffle(second.columns)
    return second


def _in_shape(parts: list[Source]) -> None:
    """Every part gets the columns of all."""
    columns = {c.name: c for s in parts for c in s.columns}
    fixed = {name for s in parts for name in s.fixed}
    for part in parts:
        known = {c.name for c in part.columns}
        part.columns += [replace(c, required=False) for n, c in columns.items() if n not in known]
        part.fixed |= fixed


def _type(r: Random, column: Column) -> str:
    return r.choice(_WIDER.get(column.type, (column.type,)))


def unite(
    r: Random, name: str, parts: list[Source], writer: Callable[..., Writer]
) -> tuple[Relation, list[str]]:
    """A view of sources, some of them through views of their own, and the texts."""
    first = parts[0]
    _in_shape(parts)
    alike = all((s.ties, s.per) == (first.ties, first.per) for s in parts)
    root = replace(first, name=name, single=None, ordered=first.ordered and alike)
    texts, names = [], []
    for source in parts:
        names.append(source.name)
        if r.random() < 0.25:
            names[-1] = f"{source.name}_some"
            where = writer(source.readable).of("bool", 1)
            texts.append(block(f"view {names[-1]} from {source.name}", [f"where {where}"]))
            if r.random() < 0.2:
                names.append(source.name)
    by_kind = {k: list(v) for k, v in first.readable.items()}
    by_kind.setdefault("text", []).append("source_name")
    exact = {c.written for c in first.columns if c.kind == "float"}
    items = [f"where {writer(by_kind).of('bool', 2)}"] if r.random() < 0.3 else []
    if r.random() < 0.3:
        items.append('let of_first = source_name = "' + names[0] + '"')
        by_kind.setdefault("bool", []).append("of_first")
    texts.append(block(f"view {name} from {', '.join(names)}", items))
    return Relation(name, root, by_kind, exact), texts
