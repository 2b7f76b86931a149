"""Unions: a view of several sources or views of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean, nearest
from featdsl.ir.relations import POSITION, SOURCE_NAME
from featdsl.semantics.environment import Env
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.syntax import nodes
from featdsl.types.dtype import TEXT, DType, common, fit_together


def united(
    relation: RelationInfo, decl: nodes.ViewDecl, bases: Sequence[RelationInfo], env: Env
) -> None:
    """Make a relation over the first of several that over all of them; report what differs."""
    _check_twice(decl, env)
    for name, base in zip(decl.sources[1:], bases[1:], strict=True):
        _check_columns(name, bases[0], base, env)
        _check_columns(decl.sources[0], base, bases[0], env, other=name)
        _check_time(name, bases[0], base, env)
    relation.columns = {
        n: _column(c, [b.columns[n] for b in bases if n in b.columns])
        for n, c in bases[0].columns.items()
    }
    _name_column(relation, decl, bases, env)
    relation.open = any(b.open for b in bases)
    relation.history = any(b.history for b in bases)
    relation.changes = any(b.changes for b in bases)
    relation.unique_by = None
    relation.delay = bases[0].delay if len({b.delay for b in bases}) == 1 else None
    relation.roles = tuple(r for r in bases[0].roles if all(r in b.roles for b in bases))
    relation.broken_roles = {e for b in bases for e in b.broken_roles}
    relation.order = _ordered([b.order for b in bases])
    relation.identity = _ordered([b.identity for b in bases])


def _ordered(orders: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What orders rows of one time: the same in all, then the position."""
    return (*orders[0], POSITION) if orders[0] and len(set(orders)) == 1 else ()


def _check_twice(decl: nodes.ViewDecl, env: Env) -> None:
    first: dict[str, nodes.Name] = {}
    for name in decl.sources:
        before = first.setdefault(name.text, name)
        if before is not name:
            env.report(
                catalog.UNION_SHAPE.at(name.span, f"`{name.text}` is named twice")
                .because(before.span, "first here")
                .help("each of its rows would count twice; name it once")
            )


def _check_columns(
    name: nodes.Name,
    first: RelationInfo,
    base: RelationInfo,
    env: Env,
    *,
    other: nodes.Name | None = None,
) -> None:
    """Report columns of the first that another lacks, or has in a type that is not comparable."""
    missing = []
    for column, info in first.columns.items():
        if column == SOURCE_NAME and info.owner == SOURCE_NAME:
            continue
        found = base.columns.get(column)
        if found is None:
            if not base.open:
                missing.append(info)
        elif other is None and not _have_one_type(info.dtype, found.dtype):
            if info.dtype.is_error or found.dtype.is_error:
                continue
            env.report(
                catalog.UNION_SHAPE.at(
                    name.span,
                    f"`{column}` of `{base.short}` is {found.dtype}, "
                    f"of `{first.short}` {info.dtype}",
                )
                .because(found.span, "declared here")
                .because(info.span, "and here")
                .help("declare one type, or cast it by a view")
            )
    if missing:
        _report_missing(missing, name if other is None else other, first, base, env)


def _report_missing(
    missing: Sequence[ColumnInfo],
    at: nodes.Name,
    first: RelationInfo,
    base: RelationInfo,
    env: Env,
) -> None:
    """Report the columns of the first that the other lacks: all of them at once."""
    listed = ", ".join(f"`{c.name}`" for c in missing)
    found = catalog.UNION_SHAPE.at(
        at.span,
        f"`{base.short}` has no column{'s' if len(missing) > 1 else ''} {listed}, "
        f"and `{first.short}` has",
    ).because(missing[0].span, "declared here")
    own = base.columns.keys() - first.columns.keys()
    for column in missing:
        if nearest(column.name, own) is not None:
            found = found.help(did_you_mean(column.name, own))
    lets = "  ".join(
        f"let {c.name}: {'…' if c.dtype.is_error else c.dtype} = null" for c in missing
    )
    env.report(
        found.help(
            f"give it {'them' if len(missing) > 1 else 'one'} by a view, and name that: "
            f"`view v from {base.short} {{ {lets} }}`"
        )
    )


def _check_time(name: nodes.Name, first: RelationInfo, base: RelationInfo, env: Env) -> None:
    if first.time == base.time or first.open or base.open:
        return
    times = [
        f"`{b.short}` has {'no time' if b.time is None else f'the time `{b.time}`'}"
        for b in (first, base)
    ]
    env.report(
        catalog.UNION_TIME.at(name.span, f"{times[0]}, {times[1]}")
        .because(base.span, "declared here")
        .help("rows of a union have one time, in one column: declare it alike in all of them")
    )


def _have_one_type(a: DType, b: DType) -> bool:
    return common(a, b) is not None and fit_together(a, b)


def _column(first: ColumnInfo, found: Sequence[ColumnInfo]) -> ColumnInfo:
    dtype = first.dtype
    for other in found:
        dtype = common(dtype, other.dtype) or dtype
    return replace(
        first,
        dtype=dtype,
        nullable=any(c.nullable for c in found),
        pii=any(c.pii for c in found),
        unreadable=next((c.unreadable for c in found if c.unreadable is not None), None),
    )


def _name_column(
    relation: RelationInfo, decl: nodes.ViewDecl, bases: Sequence[RelationInfo], env: Env
) -> None:
    """The column that says where a row comes from; of a union within it stays."""
    for base in bases:
        info = base.columns.get(SOURCE_NAME)
        if info is not None and info.owner != SOURCE_NAME:
            env.report(
                catalog.DUPLICATE_COLUMN.at(
                    decl.name.span,
                    f"a union has a column `{SOURCE_NAME}`, and so has `{base.short}`",
                )
                .because(info.span, "declared here")
                .help("give the column another name in the data")
            )
    relation.columns[SOURCE_NAME] = source_name(decl)


def source_name(decl: nodes.ViewDecl) -> ColumnInfo:
    """The column of a union that says which of its relations a row comes from."""
    return ColumnInfo(
        name=SOURCE_NAME, dtype=TEXT, nullable=False, span=decl.name.span, owner=SOURCE_NAME
    )
