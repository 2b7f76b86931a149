"""As-of joins of a view: what was known of another thing at the row's time."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Join
from featdsl.ir.visit import walk
from featdsl.semantics.across import refuse_via
from featdsl.semantics.conditions import both, condition
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.scope import RELATIONS, find
from featdsl.syntax import nodes
from featdsl.types.dtype import fit_together


def resolve_joins(
    decl: nodes.ViewDecl, relation: RelationInfo, env: Env, known: Known
) -> tuple[Join, ...]:
    """Joins in order; each adds its right side's columns to the relation, under its alias."""
    joins: list[Join] = []
    spans: dict[str, nodes.JoinItem] = {}
    for item in decl.joins:
        alias = item.target.parts[-1].text if item.alias is None else item.alias.text
        place = item.target.span if item.alias is None else item.alias.span
        if alias.lower() in spans:
            env.report(
                catalog.DUPLICATE_COLUMN.at(place, f"two joins are called `{alias}`")
                .because(spans[alias.lower()].span, "the other is here")
                .help(f"name one apart: `join {item.target.text} as other on …`")
            )
            continue
        spans[alias.lower()] = item
        join = _join(item, alias, relation, env, known)
        if join is not None:
            joins.append(join)
    return tuple(joins)


def _join(
    item: nodes.JoinItem, alias: str, relation: RelationInfo, env: Env, known: Known
) -> Join | None:
    symbol = find(item.target, RELATIONS, env.scope, env.scopes, env.report)
    right = None if symbol is None else known.relations.get(symbol.full)
    if right is None:
        relation.joined[alias] = {}
        relation.open_aliases.add(alias)
        env.resolve(item.on)
        return None
    relation.joined[alias] = {n: _joined(c) for n, c in right.columns.items()}
    _check_dots(item, alias, relation, env)
    _check_below(item, alias, relation, env)
    if right.open:
        relation.open_aliases.add(alias)
    _check_time(item, relation, right, env)
    _check_latest(item, right, env)
    on = condition(item.on, env, "`on`")
    instead = "make it a `let` of a view, and join in a view of that one"
    if on.dtype.is_error or refuse_via(on, "the condition of a join", instead, env):
        return None
    pairs, rest = _split(on, alias)
    if not pairs:
        env.report(
            catalog.JOIN_WITHOUT_EQUALITY.at(
                item.on.span, f"the join of `{alias}` compares no column of it with `=`"
            ).help(f"`on column = {alias}.column` says whose row is joined")
        )
        return None
    if not _keys_fit(pairs, right, env):
        return None
    return Join(
        source=right.name,
        alias=alias,
        on=tuple(pairs),
        residual=both(*rest),
        many=item.many,
        span=item.span,
    )


def _joined(column: ColumnInfo) -> ColumnInfo:
    """Of a row without a match all columns are null."""
    return ColumnInfo(
        name=column.name,
        dtype=column.dtype,
        nullable=True,
        span=column.span,
        owner=column.owner,
        pii=column.pii,
        unreadable=column.unreadable,
    )


def _check_dots(item: nodes.JoinItem, alias: str, relation: RelationInfo, env: Env) -> None:
    """In a row, a joined column is called as it is written: no other column may be."""
    written = {f"{alias}.{column}".lower() for column in relation.joined[alias]}
    for other, columns in relation.joined.items():
        taken = {} if other == alias else {f"{other}.{n}": c for n, c in columns.items()}
        for name, info in (relation.columns | taken).items():
            if name.lower() in written:
                message = f"there is a column `{name}` already beside the join `{alias}`"
                env.report(
                    catalog.DUPLICATE_COLUMN.at(item.span, message)
                    .because(info.span, "declared here")
                    .help(f"name the join apart: `join {item.target.text} as other on …`")
                )
                return


def _check_below(item: nodes.JoinItem, alias: str, relation: RelationInfo, env: Env) -> None:
    """Columns of a `join many` below order the rows: they stay under their names."""
    if any(c.lower().startswith(f"{alias.lower()}.") for c in relation.order):
        env.report(
            catalog.DUPLICATE_COLUMN.at(
                item.span, f"a `join many` below is called `{alias}`, and orders these rows"
            )
            .because(relation.span, "in what this view stands on")
            .help(f"name the join apart: `join {item.target.text} as other on …`")
        )


def _check_time(
    item: nodes.JoinItem, relation: RelationInfo, right: RelationInfo, env: Env
) -> None:
    if relation.time is None and right.history and not relation.open:
        env.report(
            catalog.JOIN_WITHOUT_TIME.at(
                item.target.span,
                f"`{right.short}` has a history, and rows of `{relation.short}` have no time "
                "at which to look it up",
            )
            .because(right.span, "declared here")
            .help("a join reads what was known at the row's time: the left side needs `time`")
        )


def _check_latest(item: nodes.JoinItem, right: RelationInfo, env: Env) -> None:
    """Of events the latest is joined: those of one moment need an order."""
    if item.many or right.time is None or right.changes or right.order or right.open:
        return
    env.report(
        catalog.NO_TOTAL_ORDER.at(
            item.target.span,
            f"the latest row of `{right.short}` is joined, and rows of one time have no order",
        )
        .because(right.span, "declared here, without `key` and `then`")
        .help("name what tells rows apart, `key …`, or what orders them, `time t then column`")
    )


def _split(on: ir.Expr, alias: str) -> tuple[list[tuple[ir.Expr, str]], list[ir.Expr]]:
    """Equalities of a left value with a right column, and everything else."""
    pairs: list[tuple[ir.Expr, str]] = []
    rest: list[ir.Expr] = []
    for part in _conjuncts(on):
        pair = _pair(part, alias)
        if pair is None:
            rest.append(part)
        else:
            pairs.append(pair)
    return pairs, rest


def _keys_fit(pairs: list[tuple[ir.Expr, str]], right: RelationInfo, env: Env) -> bool:
    """Whether both sides of each equality have a type that holds all digits of both."""
    wrong = [
        (left, right.columns[name].dtype)
        for left, name in pairs
        if not fit_together(left.dtype, right.columns[name].dtype)
    ]
    for left, dtype in wrong:
        env.report(
            catalog.TOO_MANY_DIGITS.at(
                left.span, f"rows are joined by {left.dtype} and {dtype}, which no one type holds"
            ).help("cast one side to fewer digits in a `let`")
        )
    return not wrong


def _conjuncts(e: ir.Expr) -> Iterator[ir.Expr]:
    if isinstance(e, ir.Logical) and e.op is ir.LogicalOp.AND:
        yield from _conjuncts(e.left)
        yield from _conjuncts(e.right)
    else:
        yield e


def _pair(e: ir.Expr, alias: str) -> tuple[ir.Expr, str] | None:
    if not isinstance(e, ir.Compare) or e.op is not ir.CompareOp.EQ:
        return None
    for left, right in ((e.left, e.right), (e.right, e.left)):
        if isinstance(right, ir.Column) and right.qualifier == alias and not _reads(left, alias):
            return left, right.name
    return None


def _reads(e: ir.Expr, alias: str) -> bool:
    return any(isinstance(at, ir.Column) and at.qualifier == alias for at in walk(e))
