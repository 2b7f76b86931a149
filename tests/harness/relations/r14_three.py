"""Rows for which a condition is true, false and null are all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature
from featdsl.ir.refs import row_aggregates
from featdsl.ir.visit import reads_beside, walk
from featdsl.types.dtype import BOOL, Kind
from tests.harness.relations.ground import Ground, Relation

_PARTED = {"count", "sum", "min", "max", "exists"}


_OF_SEVERAL = ir.Aggregate | ir.Previous | ir.Session | ir.GroupKey
"""What is no value of a row by itself."""


def conditions(g: Ground) -> Iterator[ir.Expr]:
    """Conditions on rows, anywhere in the group."""
    for feature in g.group.features.values():
        for node in walk(feature.expr):
            if isinstance(node, ir.Aggregate):
                for e in (*node.args, *(() if node.where is None else (node.where,))):
                    if not any(isinstance(n, _OF_SEVERAL) for n in walk(e)):
                        yield from (n for n in walk(e) if n.dtype.kind is Kind.BOOL)


def parted(g: Ground) -> Iterator[ir.Aggregate]:
    for feature in g.group.features.values():
        for node in row_aggregates(feature.expr):
            if node.aggregate not in _PARTED or any(map(reads_beside, node.args)):
                continue
            if any(getattr(node, a, None) is not None for a in ("groups", "after", "by")):
                continue
            last = isinstance(node.window, ir.Window) and node.window.last is not None
            if not last and not (node.args and node.args[0].dtype.kind is Kind.FLOAT):
                yield replace(node, default=None)


def differences(g: Ground) -> list[str] | None:
    wheres, calls = list(conditions(g)), list(parted(g))
    if not wheres or not calls or not g.alone():
        return None
    p, call = g.r.choice(wheres), g.r.choice(calls)
    parts = {
        "all": None,
        "true": p,
        "false": ir.Not(operand=p, dtype=BOOL, span=p.span),
        "null": ir.IsNull(operand=p, dtype=BOOL, span=p.span),
    }
    template = next(iter(g.group.features.values()))
    features: dict[str, Feature] = {}
    for i, (name, where) in enumerate(parts.items()):
        held = where if call.where is None else call.where
        if where is not None and call.where is not None:
            held = ir.Logical(
                op=ir.LogicalOp.AND, left=call.where, right=where, dtype=BOOL, span=p.span
            )
        full = f"{g.name}.{name}"
        features[full] = replace(
            template,
            name=full,
            dtype=call.dtype,
            expr=replace(call, where=held),
            index=i,
            family=None,
            window=None,
        )
    groups = {**g.program.groups, g.name: replace(g.group, features=features)}
    found = []
    for key, values in g.ask(program=replace(g.program, groups=groups)).items():
        some = [values[n] for n in ("true", "false", "null") if values[n] is not None]
        if values["all"] != _together(call.aggregate, some):
            found.append(f"{call.aggregate} of {key}: {values}")
    return found


def _together(name: str, parts: list[Any]) -> Any:
    if not parts:
        return None
    return {"min": min, "max": max, "exists": any}.get(name, sum)(parts)


RELATION = Relation("R14", "true, false and null are all rows", differences)
