"""Data sets: what one consumer reads, with its spine, labels and split."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir.program import Dataset
from featdsl.semantics.attributes import meta
from featdsl.semantics.dataset_columns import Columns
from featdsl.semantics.dataset_expectations import dataset_expectations
from featdsl.semantics.dataset_inputs import check_inputs
from featdsl.semantics.dataset_leaks import check_leaks
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, Symbol, find
from featdsl.semantics.spines import resolve_spine
from featdsl.semantics.splits import resolve_split
from featdsl.syntax import nodes

_ENTITY = frozenset({Kind.ENTITY})
_CONSUMER = frozenset({Kind.CONSUMER})


def resolve_datasets(env: Env, known: Known) -> None:
    """Data sets; one with a mistake, or that rests on one, is left out."""
    for symbol in env.scope.of(Kind.DATASET):
        if isinstance(symbol.decl, nodes.DatasetDecl):
            dataset = _dataset(symbol.decl, symbol, env, known)
            if dataset is not None:
                known.datasets[symbol.full] = dataset


def _dataset(decl: nodes.DatasetDecl, symbol: Symbol, env: Env, known: Known) -> Dataset | None:
    about = meta(decl, "dataset", env)
    consumers = _consumers(decl, env)
    found = find(decl.entity, _ENTITY, env.scope, env.scopes, env.report)
    entity = None if found is None else known.entities.get(found.full)
    if entity is None:
        return None
    spine = resolve_spine(decl, entity, env, known)
    _check_includes(decl, env)
    if spine is None:
        return None
    split = resolve_split(decl, entity, spine, env)
    columns = Columns(decl, entity, spine, env, known)
    features, labels = columns.features(), columns.labels()
    if not check_inputs(decl, spine, features, labels, env, known):
        return None
    check_leaks(spine, features, labels, env, known)
    if not columns.whole or decl.broken or consumers is None or split is None:
        return None
    return Dataset(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        entity=entity.name,
        spine=spine.spine,
        columns=features,
        labels=labels,
        split_at=split.at,
        split_key=split.key,
        split_shares=split.shares,
        split_written=split.written,
        consumers=consumers,
        expectations=dataset_expectations(decl, symbol, columns, (*features, *labels), env),
    )


def _check_includes(decl: nodes.DatasetDecl, env: Env) -> None:
    if not decl.includes and not decl.broken:
        env.report(
            catalog.MISSING_ITEM.at(
                decl.name.span, f"the dataset `{decl.name.text}` includes no features"
            ).help("say what it takes: `include g.*`, `include g.f`")
        )


def _consumers(decl: nodes.DatasetDecl, env: Env) -> tuple[str, ...] | None:
    found: dict[str, nodes.Name] = {}
    for name in decl.consumers:
        symbol = find(name, _CONSUMER, env.scope, env.scopes, env.report)
        if symbol is None:
            return None
        first = found.setdefault(symbol.full, name)
        if first is not name:
            env.report(
                catalog.REPEATED.at(name.span, f"the consumer `{symbol.name}` is named twice")
                .because(first.span, "first here")
                .help("name it once")
            )
    return tuple(found)
