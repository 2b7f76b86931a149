"""Values of other keys and times: ``via``, ``ago`` and ``among``."""

from __future__ import annotations

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Aggregate
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity
from featdsl.ir.visit import walk
from featdsl.semantics.arguments import bind
from featdsl.semantics.conditions import condition
from featdsl.semantics.defaults import default_of
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import WORDS, Env, Place, error
from featdsl.semantics.feature_names import FeatureNames, GroupNames, Value, member_of
from featdsl.semantics.input_names import report_elsewhere
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import RowNames
from featdsl.semantics.scope import Kind
from featdsl.syntax import nodes
from featdsl.types.dtype import FLOAT, common, fit_together

_READS = (Place.VIEW, Place.ROWS, Place.GROUPS, Place.FEATURE, Place.PEERS)


def via(node: nodes.Via, env: Env) -> ir.Expr:
    """``g.f via key``: the feature of the thing that the key names."""
    if env.place not in _READS:
        return _misplaced("`via`", node, env)
    name = written_name(node.value, env)
    if name is None:
        return error(node.span)
    found = _named(name, env)
    keys = [env.resolve(k) for k in node.keys]
    if found is None or any(k.dtype.is_error for k in keys):
        return error(node.span)
    group, value = found
    if group.entity is None or not _has_keys(node, keys, group.entity, name.text, env):
        return error(node.span)
    if isinstance(env.names, RowNames) and env.names.relation.time is None:
        relation = env.names.relation
        if not relation.open:
            env.report(
                catalog.VIA_WITHOUT_TIME.at(
                    node.span,
                    f"`{name.text}` is looked up at the time of a row, and rows of "
                    f"`{relation.short}` have none",
                )
                .because(relation.span, "declared here, without `time`")
                .help("look it up in a feature, where it is read at the as-of time")
            )
        return error(node.span)
    return ir.Via(
        dtype=value.dtype, nullable=True, span=node.span, feature=value.full, keys=tuple(keys)
    )


def written_name(value: nodes.Name | nodes.Pattern, env: Env) -> nodes.Name | None:
    """The name that is written, the holes of a pattern filled; None where one was reported."""
    if isinstance(value, nodes.Name):
        return value
    assert isinstance(env.dollars, DollarNames)
    text = pattern_text(value, env.dollars.loops, env)
    if text is None:
        return None
    last = nodes.Ident(span=value.span, text=text)
    return nodes.Name(span=value.span, parts=(*value.prefix, last))


def _named(name: nodes.Name, env: Env) -> tuple[GroupNames, Value] | None:
    """The feature before `via`, with its group; None where it was reported."""
    if len(name.parts) == 1 and isinstance(env.names, FeatureNames):
        value = env.names.resolve(name, env)
        if isinstance(value, ir.FeatureRef):
            found = Value(value.feature, value.dtype, value.nullable)
            return env.groups[value.feature.rpartition(".")[0]], found
        if not value.dtype.is_error:
            _report_no_feature("via", name, env)
        return None
    symbol = env.scopes.seek(name.parts[:-1], env.scope) if len(name.parts) > 1 else None
    if symbol is not None:
        symbol.used = True
        if symbol.kind in (Kind.FEATURES, Kind.LABELS):
            member = member_of(name, symbol, env)
            if member is not None and member[1].request:
                report_elsewhere(name.span, env)
                return None
            return member
        if symbol.poisoned:
            return None
    _report_no_feature("via", name, env)
    return None


def _report_no_feature(word: str, at: nodes.Node, env: Env) -> None:
    written = env.texts.slice(at.span)
    env.report(
        catalog.NOT_A_FEATURE.at(
            at.span, f"`{word}` takes a feature, and `{written}` is none"
        ).help(
            "name a feature with its group: `group.feature`"
            if word == "via"
            else "make it a feature of its own, and name that"
        )
    )


def _has_keys(node: nodes.Via, keys: list[ir.Expr], entity: Entity, written: str, env: Env) -> bool:
    """Whether keys are as many as the entity has, and of their types."""
    names = ", ".join(k.name for k in entity.keys)
    if not entity.keys:
        env.report(
            catalog.VIA_KEYS.at(node.span, f"`{entity.short}` has no key that could be given")
            .because(entity.name_span, "declared here")
            .help(f"there is one value of `{written}` for all")
        )
        return False
    if len(keys) != len(entity.keys):
        n = len(entity.keys)
        place = keys[0].span.to(keys[-1].span)
        env.report(
            catalog.VIA_KEYS.at(
                place,
                f"`{entity.short}` has {n} key{'s' * (n != 1)} ({names}), "
                f"and {len(keys)} {'is' if len(keys) == 1 else 'are'} given",
            )
            .because(entity.name_span, "declared here")
            .help(
                f"write `via ({names})`, with what holds each"
                if n > 1
                else "name the one column or feature that holds the key"
            )
        )
        return False
    for key, own in zip(keys, entity.keys, strict=True):
        both = common(key.dtype, own.dtype)
        alike = both is not None and fit_together(key.dtype, own.dtype)
        if not alike or key.dtype.kind is not own.dtype.kind:
            env.report(
                catalog.VIA_KEYS.at(
                    key.span,
                    f"the key `{own.name}` of `{entity.short}` is {own.dtype}, "
                    f"and this is {key.dtype}",
                )
                .because(entity.name_span, "declared here")
                .help(
                    f"cast it: `via cast(x as {own.dtype})` in parentheses"
                    if both
                    else f"name what holds the {own.name} of a {entity.short}, of type {own.dtype}"
                )
            )
            return False
    return True


def ago(node: nodes.Ago, env: Env) -> ir.Expr:
    """``f 30d ago``: the feature as it was then."""
    if env.place is not Place.FEATURE:
        return _misplaced("`ago`", node, env)
    if env.labels:
        return _of_labels("`ago`", node, env)
    name = written_name(node.value, env)
    if name is None:
        return error(node.span)
    value = env.resolve(name)
    if value.dtype.is_error:
        return error(node.span)
    if not isinstance(value, ir.FeatureRef):
        _report_no_feature("ago", name, env)
        return error(node.span)
    return ir.Ago(
        dtype=value.dtype,
        nullable=True,
        span=node.span,
        feature=value.feature,
        length=node.length.value,
        foreign=value.foreign,
    )


def among(spec: Aggregate | None, node: nodes.Call, env: Env) -> ir.Expr:
    """An aggregate, or without one `percent_rank`, over the features of peers."""
    name = node.func.text
    if env.aggregates is None or not isinstance(env.names, FeatureNames):
        return _misplaced("`among`", node, env)
    if env.labels:
        return _of_labels("`among`", node, env)
    if node.among is None or not _fits_peers(spec, node, env, env.names.names):
        return error(node.span)
    at = env.moved(
        place=Place.PEERS,
        names=FeatureNames(env.names.names, env.names.member, env.names.used, peers=True),
        aggregates=None,
    )
    parameters = aggregates()["min"].parameters if spec is None else spec.parameters
    args = bind(name, parameters, node, at)
    where = None if node.where is None else condition(node.where, at, "`where`")
    key = None if node.among.key is None else at.resolve(node.among.key)
    parts = [p for p in (where, key) if p is not None]
    if args is None or any(p.dtype.is_error for p in parts):
        return error(node.span)
    read = [e for e in (*args, where, key) if e is not None]
    entity = env.names.names.entity
    if entity is not None and entity.population is None and not any(map(_names_feature, read)):
        env.report(
            catalog.AMONG_PEERS.at(
                node.span, f"nothing says who the peers are: `{entity.short}` has no population"
            )
            .because(entity.name_span, "declared here")
            .help("name a feature: those that have rows of it are the peers")
            .help(f"or say which there are: `entity {entity.short} {{ … from source }}`")
        )
        return error(node.span)
    dtype = FLOAT if spec is None else spec.returns([a.dtype for a in args])
    default = None
    if spec is not None:
        default, dtype = default_of(node, dtype, spec, env)
    return ir.Among(
        dtype=dtype,
        nullable=spec is None or (spec.nullable and (default is None or default.nullable)),
        span=node.span,
        aggregate=name,
        args=args,
        where=where,
        key=key,
        default=default,
    )


def _names_feature(e: ir.Expr) -> bool:
    return any(isinstance(n, ir.FeatureRef | ir.Via) for n in walk(e))


def _fits_peers(spec: Aggregate | None, node: nodes.Call, env: Env, names: GroupNames) -> bool:
    name = node.func.text
    found = None
    if names.entity is not None and not names.entity.keys:
        found = catalog.AMONG_PEERS.at(
            node.span, f"`{names.entity.short}` has no key: there is one of it, without peers"
        ).because(names.entity.name_span, "declared here")
    elif spec is not None and (spec.ordered or spec.timed):
        found = catalog.AMONG_PEERS.at(
            node.func.span, f"`{name}` needs rows in time, and peers are all read at one time"
        ).help("an aggregate without an order can be asked of them: `avg`, `max`, `median`, …")
    elif node.star or node.distinct:
        found = catalog.AMONG_PEERS.at(
            node.span, "`*` and `distinct` are of rows, not of peers"
        ).help("write `count(among x)`, or `count_distinct(f among x)`")
    else:
        clauses = {"over": node.over, "by": node.by, "per": node.per[0] if node.per else None}
        if spec is None:
            clauses["default"] = node.default
        for word, clause in clauses.items():
            if clause is not None:
                found = catalog.AMONG_PEERS.at(
                    clause.span, f"`{word}` has no meaning among peers, of which each has one value"
                ).help("windows stand in the features that are compared")
                if word == "default":
                    found = catalog.AMONG_PEERS.at(
                        clause.span, f"`default` in a call is of aggregates, not of `{name}`"
                    ).help(f"after the feature, it replaces its null: `f = {name}(…) default 0`")
                break
    if found is not None:
        env.report(found)
    return found is None


def _misplaced(what: str, node: nodes.Node, env: Env) -> ir.Expr:
    found = catalog.MISPLACED_READ.at(node.span, f"{what} stands in {WORDS[env.place]}")
    where = {
        "`via`": "it stands in features, in views, and in what aggregates read of rows",
        "`ago`": "it stands in features, outside of aggregates",
        "`among`": "it stands in features, outside of other aggregates",
    }
    env.report(found.help(where[what]))
    return error(node.span)


def _of_labels(what: str, node: nodes.Node, env: Env) -> ir.Expr:
    env.report(
        catalog.MISPLACED_READ.at(node.span, f"{what} stands in a label").help(
            "a label reads what happens next; features are put beside it by a data set"
        )
    )
    return error(node.span)


def refuse_via(e: ir.Expr, where: str, instead: str, env: Env) -> bool:
    """Report a key that is looked up in a part of a view that reads no features."""
    found = next((n for n in walk(e) if isinstance(n, ir.Via)), None)
    if found is not None:
        message = f"`via` stands in {where} of a view"
        env.report(catalog.MISPLACED_READ.at(found.span, message).help(instead))
    return found is not None
