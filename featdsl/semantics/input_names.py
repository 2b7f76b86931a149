"""What arrives with a request, where it is named, and which features rest on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.refs import outer
from featdsl.ir.visit import children, walk
from featdsl.semantics.environment import WORDS, Env, Place, error
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.scope import Kind, Symbol, may_see
from featdsl.syntax import nodes
from featdsl.text.span import Span

PARTS = 2_000
DEPTH = 80
"""Nodes of a feature, and how deep they nest, where those that it reads, and that rest on inputs,
are written out."""


def request_size(e: ir.Expr, env: Env) -> tuple[int, int] | None:
    """Nodes of an expression that rests on an input, with those of such features, and their depth.

    None where it rests on none.
    """
    if all(_size(n, env) is None for n in walk(e)):
        return None
    return _measured(e, env)


def _measured(e: ir.Expr, env: Env) -> tuple[int, int]:
    behind = _size(e, env) or (0, 0)
    below = [_measured(c, env) for c in children(e)]
    count = 1 + behind[0] + sum(n for n, _ in below)
    return count, 1 + max((depth for _, depth in (behind, *below)), default=0)


def check_reach(e: ir.Expr, env: Env) -> bool:
    """Report what of a request would be read of rows, or of other keys and times."""
    count, depth = request_size(e, env) or (0, 0)
    if count > PARTS or depth > DEPTH:
        env.report(
            catalog.EXPANSION.at(
                e.span,
                "with what rests on inputs written out, this has "
                f"{f'more than {PARTS:,} parts' if count > PARTS else f'more than {DEPTH} levels'}",
            ).help("read fewer features that rest on an input, one by the other")
        )
        return False
    inside = [n for n in outer(e) if isinstance(n, ir.Aggregate | ir.Among | ir.Via | ir.Ago)]
    for node in inside:
        if isinstance(node, ir.Aggregate) and not _check_rows(node, env):
            return False
        taken = _without_conditions(node) if isinstance(node, ir.Aggregate) else node
        found = next((n for n in walk(taken) if _size(n, env) is not None), None)
        if found is not None:
            report_elsewhere(found.span, env)
            return False
    return True


def _check_rows(aggregate: ir.Aggregate, env: Env) -> bool:
    """Report an input that an aggregate reads anywhere but in the condition on its rows."""
    parts = [*children(_without_conditions(aggregate))]
    conditions = [c for c in (aggregate.where, aggregate.after) if c is not None]
    looked_up = (n for c in conditions for n in walk(c) if isinstance(n, ir.Via))
    parts += [key for via in looked_up for key in via.keys]
    found = next((n for p in parts for n in walk(p) if isinstance(n, ir.InputRef)), None)
    if found is None:
        return True
    env.report(
        catalog.INPUT_PLACE.at(
            found.span,
            f"`{env.texts.slice(found.span)}` arrives with a request: of the rows that an "
            "aggregate reads it may decide which count, and nothing else",
        )
        .help("name it in the `where` of the call: `count(where item = r.item)`")
        .help("or outside of the call: `r.amount * sum(x)`")
    )
    return False


def _without_conditions(aggregate: ir.Aggregate) -> ir.Aggregate:
    """What is read of rows but for which of them count."""
    return replace(aggregate, where=None, after=None)


def report_elsewhere(span: Span, env: Env) -> None:
    """A feature that rests on an input is read where there is no request."""
    env.report(
        catalog.REQUEST_ELSEWHERE.at(
            span,
            f"`{env.texts.slice(span)}` rests on an input, "
            "and is known for the key and time of a request only",
        ).help("read it, without `via`, `ago` and aggregates, in another feature of its entity")
    )


def _size(node: ir.Expr, env: Env) -> tuple[int, int] | None:
    """Nodes behind an input's column, or a feature that rests on one, and their depth."""
    if isinstance(node, ir.InputRef):
        return 0, 0
    if not isinstance(node, ir.FeatureRef | ir.Via | ir.Ago):
        return None
    group, _, name = node.feature.rpartition(".")
    known = env.groups.get(group)
    value = None if known is None else known.values.get(name)
    return None if value is None else value.request


def input_value(name: nodes.Name, env: Env) -> ir.Expr | None:
    """The column of an input that a name means; None where it means something else."""
    if len(name.parts) < 2 or name.parts[0].text in _joins(env):
        return None
    symbol = env.scopes.seek(name.parts[:-1], env.scope)
    if symbol is None or symbol.kind is not Kind.INPUT:
        return None
    return _column(symbol, name, env)


def _joins(env: Env) -> Collection[str]:
    """What stands before a column's name here already."""
    relation = getattr(env.names, "relation", None) or getattr(
        getattr(env.names, "names", None), "relation", None
    )
    return relation.joined if isinstance(relation, RelationInfo) else ()


def _column(symbol: Symbol, name: nodes.Name, env: Env) -> ir.Expr:
    """``r.column`` in a feature; anywhere else it is reported."""
    symbol.used = True
    declared = env.inputs.get(symbol.full)
    if declared is None or symbol.poisoned:
        return error(name.span)
    if not may_see(symbol, name.span, env.scope, env.report):
        return error(name.span)
    if env.place not in (Place.FEATURE, Place.ROWS, Place.GROUPS) or env.labels:
        place = "a label" if env.labels else WORDS[env.place]
        env.report(
            catalog.INPUT_PLACE.at(
                name.span, f"`{name.text}` arrives with a request, and {place} knows of none"
            )
            .because(symbol.span, "the input is declared here")
            .help("name it in a feature: `r.amount / total`, `count(where item = r.item)`")
        )
        return error(name.span)
    text = name.parts[-1].text
    column = declared.columns.get(text)
    if column is None:
        if not getattr(symbol.decl, "broken", ()):
            env.report(
                catalog.UNKNOWN_COLUMN.at(name.span, f"`{symbol.name}` has no column `{text}`")
                .because(symbol.span, "the input is declared here")
                .help(did_you_mean(text, declared.columns, what="columns"))
            )
        return error(name.span)
    if column.dtype.is_error:
        return error(name.span)
    return ir.InputRef(
        dtype=column.dtype,
        nullable=not column.required,
        span=name.span,
        input=symbol.full,
        column=text,
        pii=column.pii,
    )
