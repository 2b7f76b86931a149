"""Consumers: who reads data sets and features."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Consumer, ConsumerKind
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, Symbol, find, listed
from featdsl.semantics.selections import member_of, one_of, select
from featdsl.syntax import nodes

_DATASET = frozenset({Kind.DATASET})
_SOURCE = frozenset({Kind.SOURCE})


def resolve_consumers(env: Env, known: Known) -> None:
    """Consumers; one with a mistake, or that reads something with one, is left out."""
    for symbol in env.scope.of(Kind.CONSUMER):
        if isinstance(symbol.decl, nodes.ConsumerDecl):
            consumer = _consumer(symbol.decl, symbol, env, known)
            if consumer is not None:
                known.consumers[symbol.full] = consumer


def _consumer(decl: nodes.ConsumerDecl, symbol: Symbol, env: Env, known: Known) -> Consumer | None:
    about = meta(decl, "consumer", env)
    kind, known_kind = _kind(decl, env)
    predictions, target = _watched(decl, kind, known_kind, env, known)
    datasets: dict[str, None] = {}
    features: dict[str, None] = {}
    whole = known_kind and not decl.broken
    for item in decl.reads:
        whole = _read(item, datasets, features, env, known) and whole
    if decl.predictions is not None and predictions is None:
        return None
    if not whole or (decl.target is not None and target is None):
        return None
    return Consumer(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        kind=kind,
        datasets=tuple(datasets),
        features=tuple(features),
        predictions=predictions,
        target=target,
    )


def _watched(
    decl: nodes.ConsumerDecl, kind: ConsumerKind | None, known_kind: bool, env: Env, known: Known
) -> tuple[str | None, str | None]:
    """The source of a model's predictions and the label that it predicts, by full name."""
    for word, name in (("predictions", decl.predictions), ("target", decl.target)):
        if name is not None and kind is not ConsumerKind.MODEL and known_kind:
            what = "this consumer" if kind is None else f"a {kind.value}"
            env.report(
                catalog.CLAUSE_WITHOUT_EFFECT.at(
                    name.span, f"`{word}` has no effect: {what} predicts nothing"
                ).help("models do: `kind model`")
            )
            return None, None
    source = None
    if decl.predictions is not None:
        source = find(decl.predictions, _SOURCE, env.scope, env.scopes, env.report)
    label = None if decl.target is None else _target(decl.target, env, known)
    return None if source is None else source.full, label


def _target(path: nodes.Name, env: Env, known: Known) -> str | None:
    """The label that a model predicts: of a group, which need not be named where one has it."""
    selected = None
    if len(path.parts) > 1:
        selected = one_of(path, Kind.LABELS, env, known)
    else:
        groups = [
            symbol
            for symbol in env.scope.visible(path.span.source, Kind.LABELS)
            if symbol.full in known.members and path.text in known.members[symbol.full].members
        ]
        if len(groups) > 1:
            shown = listed([f"`{s.name}.{path.text}`" for s in groups])
            env.report(
                catalog.AMBIGUOUS_NAME.at(
                    path.span, f"{len(groups)} groups have a label `{path.text}`"
                ).help(f"name it with its group: {shown}")
            )
            return None
        selected = (
            member_of(path, groups[0], env, known)
            if groups
            else one_of(path, Kind.LABELS, env, known)
        )
    return None if selected is None else selected.features[0].name


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
