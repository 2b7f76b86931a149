"""Calls of aggregates: where they may stand, over which rows, with which default."""

from __future__ import annotations

from featdsl.aggregates.spec import Aggregate
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.across import among
from featdsl.semantics.conditions import both
from featdsl.semantics.defaults import default_of
from featdsl.semantics.environment import WORDS, Aggregates, Env, Place, error
from featdsl.semantics.reading import check_inner, read_groups, read_rows
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.windows import check_visible, in_group, window_of
from featdsl.syntax import nodes
from featdsl.types.dtype import map_of


def aggregate_call(spec: Aggregate, node: nodes.Call, env: Env) -> ir.Expr:
    """An aggregate over the rows of the key, or over peers."""
    if node.among is not None:
        return among(spec, node, env)
    if env.aggregates is None:
        return _misplaced(spec, node, env)
    if env.aggregates.rowless:
        env.report(
            catalog.ROWLESS.at(node.span, f"`{spec.name}` reads rows, and this group has none")
            .because(env.aggregates.relation.span, "declared here, without `from`")
            .help("name the rows in the head, `features g for e from s`, or use features of others")
        )
        return error(node.span)
    return _resolved(spec, node, env, env.aggregates)


def _misplaced(spec: Aggregate, node: nodes.Call, env: Env) -> ir.Expr:
    if env.place in (Place.ROWS, Place.PEERS):
        env.report(
            catalog.NESTED_AGGREGATE.at(node.span, f"`{spec.name}` stands inside another aggregate")
            .note("an aggregate reads rows, and the inner one gives one value for all of them")
            .help("make the inner one a feature of its own, and calculate with the two")
            .help("or say what it is computed for: `avg(sum(amount) per basket_id)`")
        )
    elif env.place is Place.OUTPUT:
        env.report.unsupported(node.span, f"`{spec.name}` in an expectation")
    else:
        env.report(
            catalog.AGGREGATE_OUTSIDE_FEATURE.at(
                node.span, f"`{spec.name}` is an aggregate, and stands in {WORDS[env.place]}"
            ).help("aggregates stand in features: rows are made here")
        )
    return error(node.span)


def _resolved(spec: Aggregate, node: nodes.Call, env: Env, at: Aggregates) -> ir.Expr:
    call = node
    if node.distinct:
        if spec.name != "count":
            env.report(
                catalog.DISTINCT.at(
                    node.span, f"`distinct` stands in `count`, not in `{spec.name}`"
                ).help(
                    f"leave `distinct` out: `{spec.name}(x)`; different values are counted by "
                    "`count(distinct x)`"
                )
            )
            return error(node.span)
        word = nodes.Ident(span=node.func.span, text="count_distinct")
        name = nodes.Name(span=node.func.span, parts=(word,))
        return env.resolve(_without_distinct(node, name))
    if node.star and spec.name != "count":
        env.report(
            catalog.DISTINCT.at(node.span, f"`*` stands in `count`, not in `{spec.name}`").help(
                f"name what it reads, `{spec.name}(x)`; rows are counted by `count()`"
            )
        )
        return error(node.span)
    read = read_groups(spec, call, env, at) if node.per else read_rows(spec, call, env, at)
    args = None if read is None else _together(spec, read.args, node, env)
    window, ok = _window(node, env, at)
    ok = _ordered(spec, node, env, at.relation) and ok
    ok = ok and _capped(window, node, env, at.relation)
    if read is None or args is None or not ok:
        return error(node.span)
    by = read.by
    if at.where is not None:
        at.used.add("where")
    dtype = spec.returns([a.dtype for a in args])
    default, dtype = default_of(node, dtype, spec, env)
    if by is not None and not dtype.is_error:
        dtype = map_of(by.dtype, dtype)
    return ir.Aggregate(
        dtype=dtype,
        nullable=by is not None or (spec.nullable and (default is None or default.nullable)),
        span=node.span,
        aggregate=spec.name,
        args=args,
        where=both(at.where, read.where),
        window=window,
        default=default,
        after=read.after,
        groups=read.groups,
        by=by,
    )


def _together(
    spec: Aggregate, args: tuple[ir.Expr, ...], node: nodes.Call, env: Env
) -> tuple[ir.Expr, ...] | None:
    """The arguments, where they go together."""
    if spec.wrong is None:
        return args
    wrong = spec.wrong([a.dtype for a in args])
    if wrong is None:
        return args
    env.report(catalog.ARGUMENT_TYPE.at(node.span, f"`{spec.name}`: {wrong}"))
    return None


def _without_distinct(node: nodes.Call, name: nodes.Name) -> nodes.Call:
    return nodes.Call(
        span=node.span,
        func=name,
        args=node.args,
        where=node.where,
        over=node.over,
        per=node.per,
        by=node.by,
        default=node.default,
    )


def _window(node: nodes.Call, env: Env, at: Aggregates) -> tuple[ir.AnyWindow | None, bool]:
    """The window that a call reads, and whether it is right."""
    relation = at.relation
    if at.inner:
        return None, check_inner(node, env)
    if node.over is not None:
        window = window_of(node.over, env)
        if window is None:
            return None, False
        if relation.time is None:
            report_no_time(node.over, f"`over {window}`", relation, env)
            return None, False
        check_visible(window, node.over.span, relation, env)
        return window, True
    if relation.time is None:
        return None, True
    if at.window is not None:
        at.used.add("window")
        return at.window, True
    if env.labels:
        env.report(
            catalog.LABEL_WINDOW.at(
                node.span, f"`{node.func.text}` has no window, and a label says how far it looks"
            ).help("write `over next 30d`, or `over lifetime` for all that was before")
        )
        return None, False
    return in_group(ir.LIFETIME, env), True


def report_no_time(node: nodes.Node, what: str, relation: RelationInfo, env: Env) -> None:
    if relation.open:
        return  # what is broken in it may be its time
    env.report(
        catalog.WINDOW_WITHOUT_TIME.at(
            node.span, f"{what} needs rows with a time, and `{relation.short}` has none"
        )
        .because(relation.span, "declared here, without `time`")
        .help("leave the window out: all rows that hold at the as-of time are read")
    )


def _ordered(spec: Aggregate, node: nodes.Call, env: Env, relation: RelationInfo) -> bool:
    """Rows must have a total order where an aggregate depends on it."""
    if not spec.ordered and not spec.timed:
        return True
    if relation.time is None:
        if not relation.open:
            env.report(
                catalog.TIME_NEEDED.at(
                    node.span, f"`{spec.name}` needs rows in time, `{relation.short}` has no time"
                )
                .because(relation.span, "declared here, without `time`")
                .help("say which column is the time of a row, in the source: `time sold_at`")
            )
        return False
    if spec.ordered and not relation.order:
        _report_no_order(f"`{spec.name}`", node, env, relation)
        return False
    return True


def _report_no_order(what: str, node: nodes.Call, env: Env, relation: RelationInfo) -> None:
    env.report(
        catalog.NO_TOTAL_ORDER.at(
            node.span,
            f"{what} needs an order among rows of one time, and `{relation.short}` gives none",
        )
        .because(relation.span, "declared here, without `key` and `then`")
        .help("name what tells rows apart, `key …`, or what orders them, `time t then column`")
    )


def _capped(
    window: ir.AnyWindow | None, node: nodes.Call, env: Env, relation: RelationInfo
) -> bool:
    """The newest n rows need a total order too."""
    if not isinstance(window, ir.Window) or window.last is None or relation.order:
        return True
    if not relation.open:
        _report_no_order(f"`last {window.last} events`", node, env, relation)
    return False
