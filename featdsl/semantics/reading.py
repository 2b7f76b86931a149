"""What a call of an aggregate reads: rows, or groups of rows (`per`)."""

from __future__ import annotations

from dataclasses import dataclass

from featdsl.aggregates.spec import Aggregate
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.refs import row_aggregates
from featdsl.ir.visit import children, map_children, reads_beside, walk
from featdsl.semantics.arguments import bind
from featdsl.semantics.by import by_value
from featdsl.semantics.conditions import condition
from featdsl.semantics.environment import Aggregates, Env, Place
from featdsl.semantics.names import called
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind


@dataclass(frozen=True, slots=True)
class Read:
    """Arguments and the conditions of the call itself."""

    args: tuple[ir.Expr, ...]
    where: ir.Expr | None = None
    after: ir.Expr | None = None
    groups: ir.Groups | None = None
    by: ir.Expr | None = None


def read_rows(spec: Aggregate, node: nodes.Call, env: Env, at: Aggregates) -> Read | None:
    """What a call reads of rows; None where it was reported."""
    rows = _rows(at)
    args = bind(spec.name, spec.parameters, node, rows)
    where = None if node.where is None else condition(node.where, rows, "`where`")
    by = None if node.by is None else by_value(node.by, rows)
    if args is None or any(e is not None and e.dtype.is_error for e in (where, by)):
        return None
    if reads_beside(where):
        return Read(args, after=where, by=by)
    return Read(args, where, by=by)


def _rows(at: Aggregates) -> Env:
    """Where `previous` and `session` may stand too."""
    return at.rows.moved(beside=at.relation)


def check_inner(node: nodes.Call, env: Env) -> bool:
    """Whether an aggregate of the rows of a group has no clause that chooses rows in time."""
    if node.per:
        env.report(
            catalog.PER_WITHIN_PER.at(
                node.per[0].span, "groups of groups: `per` stands inside an aggregate with `per`"
            ).help("two levels are all there are: give the outer `per` both keys")
        )
        return False
    if node.by is not None:
        env.report(
            catalog.BY_WITHIN_PER.at(
                node.by.span,
                f"`{node.func.text}` reads the rows of a group: it gives no map of them",
            ).help("`by` stands in the outer aggregate, for one entry of each value of the groups")
        )
        return False
    if node.over is not None:
        env.report(
            catalog.WINDOW_WITHIN_PER.at(
                node.over.span, f"`{node.func.text}` reads the rows of a group: it has no window"
            ).help("rows are chosen first, then grouped: write `over` in the outer aggregate")
        )
        return False
    return True


def read_groups(spec: Aggregate, node: nodes.Call, env: Env, at: Aggregates) -> Read | None:
    """What a call reads of groups; None where it was reported."""
    if at.inner:
        check_inner(node, env)
        return None
    rows = _rows(at)
    keys = tuple(rows.resolve(k) for k in node.per)
    groups = rows.moved(
        place=Place.GROUPS,
        aggregates=Aggregates(
            relation=at.relation, rows=at.rows, where=None, window=None, inner=True
        ),
    )
    args = bind(spec.name, spec.parameters, node, groups)
    where = None if node.where is None else condition(node.where, groups, "`where`")
    by = None if node.by is None else by_value(node.by, groups)
    if args is None or any(e.dtype.is_error for e in (*keys, where, by) if e is not None):
        return None
    if not all(_is_key(k, env) for k in keys):
        return None
    of_groups = where is not None and any(row_aggregates(where))
    by = None if by is None else _keyed(by, keys)
    if by is not None and not _of_groups(by, env):
        return None
    keyed = [_keyed(e, keys) for e in (*args, where) if e is not None]
    checked = [_of_groups(e, env) for e in keyed[: len(args) + of_groups]]
    if not all(checked):
        return None
    groups_where = keyed[-1] if of_groups else None
    made = ir.Groups(keys=keys, where=groups_where)
    args = tuple(keyed[: len(args)])
    if of_groups or where is None:
        return Read(args, groups=made, by=by)
    if reads_beside(where):
        return Read(args, after=where, groups=made, by=by)
    return Read(args, where, groups=made, by=by)


def _is_key(key: ir.Expr, env: Env) -> bool:
    if not any(isinstance(n, ir.Column) for n in walk(key)):
        why = "it is the same for all rows"
    elif key.dtype.kind in (Kind.LIST, Kind.MAP, Kind.NULL):
        why = f"it is {key.dtype}"
    else:
        return True
    env.report(
        catalog.GROUP_KEY.at(key.span, f"rows cannot be grouped by {called(key)}: {why}").help(
            'name a column, or what is computed of one: `per date_trunc("day", sold_at)`'
        )
    )
    return False


def _keyed(e: ir.Expr, keys: tuple[ir.Expr, ...]) -> ir.Expr:
    """The expression with references to the keys in place of what equals one."""
    if e in keys:
        index = keys.index(e)
        return ir.GroupKey(dtype=e.dtype, nullable=False, span=e.span, index=index)
    return e if isinstance(e, ir.Aggregate) else map_children(e, lambda c: _keyed(c, keys))


def _of_groups(e: ir.Expr, env: Env) -> bool:
    """Whether a value is one for each group."""
    if isinstance(e, ir.Aggregate):
        return True
    if isinstance(e, ir.Column | ir.Previous | ir.Session | ir.Via):
        what = called(e) if isinstance(e, ir.Column) else "this"
        env.report(
            catalog.NOT_OF_GROUP.at(e.span, f"{what} differs from row to row of a group")
            .help(f"make one value of them: `{_example(e)}`")
            .help("or name it behind `per`, if it is what rows are grouped by")
        )
        return False
    parts = [_of_groups(c, env) for c in children(e)]
    return all(parts)


def _example(e: ir.Expr) -> str:
    name = e.name if isinstance(e, ir.Column) else "x"
    return f"sum({name})" if e.dtype.is_numeric else f"max({name})"
