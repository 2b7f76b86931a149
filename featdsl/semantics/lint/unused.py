"""Something is declared and nothing uses it."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation, Join, SpineRows, View
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject
from featdsl.semantics.scope import Kind
from featdsl.text.span import Span

_KINDS = (Kind.CONST, Kind.PARAM, Kind.FN, Kind.TEMPLATE, Kind.SOURCE, Kind.VIEW, Kind.INPUT)


def unused(subject: Subject) -> None:
    """Parameters, constants, functions, templates, sources, views, lets, imports: read by nothing.

    Silent while something has an error: what is misspelt is also unused.
    """
    if not subject.whole:
        return
    for _, symbol in subject.scopes.of(*_KINDS):
        if not symbol.used and symbol.decl is not None:
            mark = "$" if symbol.kind in (Kind.CONST, Kind.PARAM) else ""
            _report(f"the {symbol.kind} `{mark}{symbol.name}`", symbol.span, subject)
    for scope in subject.scopes:
        dollars = {key: item.used for key, item in scope.imported_dollars.items()}
        for key, item in scope.imports.items():
            # A constant and something else of one name came in together.
            if not (item.used or dollars.pop(key, False)):
                _report(f"`{item.symbol.full}`, which is brought in,", item.span, subject)
        for key, used in dollars.items():
            if not used:
                item = scope.imported_dollars[key]
                _report(f"`${item.symbol.name}`, which is brought in,", item.span, subject)
    for view in subject.known.views.values():
        read = _columns_read(view, subject)
        for let in view.lets:
            if let.name not in read:
                _report(f"the let `{let.name}`", let.span, subject)


def _report(what: str, span: Span, subject: Subject) -> None:
    subject.report(catalog.UNUSED.at(span, f"{what} is not used").help("remove it"))


def _columns_read(view: View, subject: Subject) -> set[str]:
    """Names of columns that are read from a view, inside it and by what stands on it."""
    found = _names(view.where) | _checked(view.expectations)
    for let in view.lets:
        found |= _names(let.value)
    for join in view.joins:
        found |= _names(join.residual)
        for left, _ in join.on:
            found |= _names(left)
    for other in subject.known.views.values():
        if view.name in other.lefts:
            found |= _columns_read(other, subject)
            found |= {let.name for let in view.lets} if other.is_union else set()
        for join in other.joins:
            if join.source == view.name:
                found |= _joined_names(other, join, subject)
    for entity in subject.known.entities.values():
        if entity.population == view.name:
            found |= {c for r in subject.known.relations[view.name].roles for c in r.columns}
    for dataset in subject.known.datasets.values():
        spine = dataset.spine
        if isinstance(spine, SpineRows) and spine.source == view.name:
            found |= {let.name for let in view.lets}  # all of its columns come out
    for group in (*subject.known.groups.values(), *subject.known.labels.values()):
        if group.relation == view.name:
            found |= set(() if group.role is None else group.role.columns)
            for feature in group.members.values():
                found |= _names(feature.expr)
    return found


def _joined_names(view: View, join: Join, subject: Subject) -> set[str]:
    """Columns of a join's right side that a view, or a group over it, reads."""
    read: list[ir.Expr | None] = [view.where, *(let.value for let in view.lets)]
    read += [e for other in view.joins for e, _ in other.on]
    read += [other.residual for other in view.joins]
    for group in (*subject.known.groups.values(), *subject.known.labels.values()):
        if group.relation == view.name:
            read += [feature.expr for feature in group.members.values()]
    nodes = (n for e in read if e is not None for n in walk(e))
    found = {n.name for n in nodes if isinstance(n, ir.Column) and n.qualifier == join.alias}
    return found | {c for _, c in join.on}


def _checked(expectations: tuple[Expectation, ...]) -> set[str]:
    found: set[str] = set()
    for e in expectations:
        found |= {*e.columns, *_names(e.condition)}
    return found


def _names(e: ir.Expr | None) -> set[str]:
    if e is None:
        return set()
    return {at.name for at in walk(e) if isinstance(at, ir.Column) and at.qualifier is None}
