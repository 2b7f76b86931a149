"""Values at other times, and of peers: steps with a row for each key that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive, Lookup, Pass, PercentRank
from featdsl.ir.program import Entity, Group, Program
from featdsl.ir.refs import declared_group, features_named
from featdsl.planning.ask import Asked, holders, peers, points_of_rows
from featdsl.planning.passes import Computed
from featdsl.planning.steps import Steps, free_name
from featdsl.text.span import Span
from featdsl.types.dtype import DURATION, TIMESTAMP


class Found(Protocol):
    """A table of values: see `featdsl.planning.values.Table`."""

    @property
    def step(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def extra(self) -> Mapping[ir.Expr, str]: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and how values of the same entity are found for other keys and times."""

    steps: Steps
    asked: Asked
    span: Span
    table: Callable[[Steps, Asked, Sequence[str], Sequence[ir.Expr], Span], Found]


def ago_values(asking: Asking, agos: Sequence[ir.Ago]) -> dict[ir.Ago, Computed]:
    """Where each earlier value is: the keys that are asked are asked again, at earlier times."""
    steps, asked, span = asking.steps, asking.asked, asking.span
    found: dict[ir.Ago, Computed] = {}
    for length in dict.fromkeys(a.length for a in agos):
        members = [a for a in agos if a.length == length]
        time = free_name("earlier", {c.lower() for c in asked.columns})
        at = ir.AsOf(dtype=TIMESTAMP, span=span)
        by = ir.Literal(dtype=DURATION, span=span, value=length)
        moved = ir.Arithmetic(
            dtype=TIMESTAMP, span=span, op=ir.ArithmeticOp.SUBTRACT, left=at, right=by
        )
        derive = Derive(
            input=asked.step, columns=asked.columns, values=((time, moved),), as_of=asked.as_of
        )
        entity = asked.entity
        before = steps.add(f"{entity.short}_earlier", derive, f"{length} ago", span)
        earlier = points_of_rows(steps, entity, before, asked.keys, time, span)
        values = asking.table(steps, earlier, [a.feature for a in members], (), span)
        assert earlier.as_of is not None
        taken = {c.lower() for c in (*asked.columns, time)}
        names = {a: free_name(a.feature.rpartition(".")[2], taken) for a in members}
        lookup = Lookup(
            input=before,
            columns=asked.row,
            found=values.step,
            on=(*zip(asked.keys, earlier.keys, strict=True), (time, earlier.as_of)),
            values=tuple((names[a], values.columns[a.feature]) for a in members),
        )
        name = f"{entity.short}_{length}_ago"
        step = steps.add(name, lookup, f"what was known {length} ago", span)
        found.update({a: Computed(step, names[a]) for a in members})
    return found


def among_values(asking: Asking, amongs: Sequence[ir.Among]) -> dict[ir.Among, Computed]:
    """Where each value over peers is: all peers are asked, then each key looks for its own."""
    steps, entity = asking.steps, asking.asked.entity
    alike: dict[tuple[str, ...], list[ir.Among]] = {}
    for a in amongs:
        # Where no population lists them, the peers are those with rows of what is compared.
        named = () if steps.listed(entity) else features_named(a)
        groups = _with_rows(steps.program, entity, named)
        alike.setdefault(tuple(g.name for g in groups), []).append(a)
    found: dict[ir.Among, Computed] = {}
    for names, members in alike.items():
        groups = [declared_group(steps.program, name) for name in names]
        found.update(_of_peers(asking, groups, members))
    return found


def _with_rows(program: Program, entity: Entity, features: Iterable[str]) -> list[Group]:
    """The groups of features, and those behind the ones that have no rows themselves."""
    named = {name.rpartition(".")[0] for name in features}
    found = {g.name for n in named for g in holders(program, declared_group(program, n))}
    groups = (*program.groups.values(), *program.labels.values())
    return [g for g in groups if g.name in found and g.entity == entity.name]


def _of_peers(
    asking: Asking, groups: Sequence[Group], amongs: Sequence[ir.Among]
) -> dict[ir.Among, Computed]:
    """Where each value over the same peers is."""
    steps, asked, span = asking.steps, asking.asked, asking.span
    everyone = peers(steps, asked, groups, span)
    extra = tuple(dict.fromkeys(e for a in amongs for e in _parts(a)))
    values = asking.table(steps, everyone, (), extra, span)
    found: dict[ir.Among, Computed] = {}
    step = values.step
    for key in dict.fromkeys(a.key for a in amongs):
        members = [a for a in amongs if a.key == key]
        ranked = [a for a in members if a.aggregate == ir.PERCENT_RANK]
        step, columns = _among_key(
            asking, everyone, values, step, key, [a for a in members if a not in ranked]
        )
        for a in ranked:
            step, columns[a] = _rank(asking, everyone, values, step, a)
        found.update({a: Computed("", column) for a, column in columns.items()})
    if asked.points is None:  # the peers have a row for each key
        return {a: Computed(step, c.column) for a, c in found.items()}
    assert everyone.as_of is not None and asked.as_of is not None
    lookup = Lookup(
        input=asked.step,
        columns=asked.row,
        found=step,
        on=(
            *zip(asked.keys, everyone.keys, strict=True),
            (asked.as_of, everyone.as_of),
        ),
        values=tuple((c.column, c.column) for c in found.values()),
    )
    name = f"{asked.entity.short}_among"
    own = steps.add(name, lookup, "of each key that is asked", span)
    return {a: Computed(own, c.column) for a, c in found.items()}


def _parts(among: ir.Among) -> list[ir.Expr]:
    """What is read of each peer; constants stay where they are."""
    parts = [*among.args, among.where, among.key]
    return [p for p in parts if p is not None and not _constant(p)]


def _constant(e: ir.Expr) -> bool:
    return isinstance(e, ir.Literal | ir.Param | ir.ListOf)


def _among_key(
    asking: Asking,
    everyone: Asked,
    values: Found,
    table: str,
    key: ir.Expr | None,
    members: Sequence[ir.Among],
) -> tuple[str, dict[ir.Among, str]]:
    """Aggregates over the peers of each value of a key, beside each peer."""
    if not members:
        return table, {}
    steps, short = asking.steps, everyone.entity.short

    def column(e: ir.Expr) -> ir.Expr:
        if _constant(e):
            return e
        return ir.Column(dtype=e.dtype, span=e.span, name=values.extra[e])

    own = () if key is None else (values.extra[key],)
    within = own if everyone.as_of is None else (*own, everyone.as_of)
    taken = {c.lower() for c in steps.columns(table)}
    names = {a: free_name(f"{a.aggregate}_among", taken) for a in members}
    aggregates = tuple(
        (
            names[a],
            ir.Aggregate(
                dtype=a.dtype,
                span=a.span,
                aggregate=a.aggregate,
                args=tuple(map(column, a.args)),
                where=None if a.where is None else column(a.where),
            ),
        )
        for a in members
    )
    over = Pass(
        input=values.step, keys=within, window=None, time=None, order=(), aggregates=aggregates
    )
    note = "over all peers" if key is None else "over the peers of each value"
    found = steps.add(f"{short}_peer_groups", over, note, asking.span)
    lookup = Lookup(
        input=table,
        columns=steps.columns(table),
        found=found,
        on=tuple((c, c) for c in within),
        values=tuple((n, n) for n in names.values()),
    )
    step = steps.add(f"{short}_peers_of", lookup, "beside each peer", asking.span)
    return step, names


def _rank(
    asking: Asking, everyone: Asked, values: Found, table: str, among: ir.Among
) -> tuple[str, str]:
    steps = asking.steps
    own = () if among.key is None else (values.extra[among.key],)
    name = free_name("percent_rank", {c.lower() for c in steps.columns(table)})
    rank = PercentRank(
        input=table,
        columns=steps.columns(table),
        value=values.extra[among.args[0]],
        within=own if everyone.as_of is None else (*own, everyone.as_of),
        known=own,
        where=None if among.where is None else values.extra[among.where],
        name=name,
    )
    note = "the share of the other peers that have less"
    return steps.add(f"{everyone.entity.short}_ranked", rank, note, asking.span), name
