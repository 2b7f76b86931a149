"""Consumers: who reads data sets and features."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Consumer, ConsumerKind
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, Symbol, find
from featdsl.semantics.selections import select
from featdsl.syntax import nodes

_DATASET = frozenset({Kind.DATASET})


def resolve_consumers(env: Env, known: Known) -> None:
    """Consumers; one with a mistake, or that reads something with one, is left out."""
    for symbol in env.scope.of(Kind.CONSUMER):
        if isinstance(symbol.decl, nodes.ConsumerDecl):
            consumer = _consumer(symbol.decl, symbol, env, known)
            if consumer is not None:
                known.consumers[symbol.full] = consumer


def _consumer(decl: nodes.ConsumerDecl, symbol: Symbol, env: Env, known: Known) -> Consumer | None:
    about = meta(decl, "consumer", env.report)
    for word, name in (("predictions", decl.predictions), ("target", decl.target)):
        if name is not None:
            env.report.unsupported(name.span, f"`{word}` of a consumer")
    kind, known_kind = _kind(decl, env)
    datasets: dict[str, None] = {}
    features: dict[str, None] = {}
    whole = known_kind and not decl.broken
    for item in decl.reads:
        whole = _read(item, datasets, features, env, known) and whole
    if not whole:
        return None
    return Consumer(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        kind=kind,
        datasets=tuple(datasets),
        features=tuple(features),
    )


def _kind(decl: nodes.ConsumerDecl, env: Env) -> tuple[ConsumerKind | None, bool]:
    """The kind, and whether it is right."""
    if decl.kind is None:
        return None, True
    try:
        return ConsumerKind(decl.kind.text), True
    except ValueError:
        env.report(
            catalog.ATTRIBUTE_VALUE.at(
                decl.kind.span, f"a consumer's kind is not `{decl.kind.text}`"
            ).help(did_you_mean(decl.kind.text, [k.value for k in ConsumerKind], what="kinds"))
        )
        return None, False


def _read(
    item: nodes.Selector,
    datasets: dict[str, None],
    features: dict[str, None],
    env: Env,
    known: Known,
) -> bool:
    """Add what one item of ``reads`` names; False where it was reported."""
    if item.alias is not None:
        env.report(
            catalog.CLAUSE_WITHOUT_EFFECT.at(
                item.alias.span, "`as` has no effect: a consumer's `reads` gives no names"
            ).help("columns are named where a data set includes them")
        )
        return False
    if _names_dataset(item, env):
        symbol = find(item.path, _DATASET, env.scope, env.scopes, env.report)
        if symbol is not None:
            datasets[symbol.full] = None
        return symbol is not None
    selected = select(item, env, known)
    if selected is None:
        return False
    features.update(dict.fromkeys(f.name for f in selected.features))
    return selected.whole


def _names_dataset(item: nodes.Selector, env: Env) -> bool:
    """Whether it is a data set's name; a bare name of nothing is taken for one."""
    if item.star:
        return False
    symbol = env.scopes.seek(item.path.parts, env.scope)
    if symbol is not None:
        return symbol.kind not in (Kind.FEATURES, Kind.LABELS)
    return len(item.path.parts) == 1 and item.path.text not in env.scope.labels
