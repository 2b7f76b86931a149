"""Views: rows made of rows, joined with what was known of other things at their time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Let, View
from featdsl.ir.relations import SOURCE_NAME
from featdsl.ir.text import canonical
from featdsl.semantics import references
from featdsl.semantics.across import refuse_via
from featdsl.semantics.attributes import meta
from featdsl.semantics.branches import cast
from featdsl.semantics.conditions import both, condition
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.feature_names import GroupNames
from featdsl.semantics.fns import NODES
from featdsl.semantics.heights import HEIGHT, level_of, too_high
from featdsl.semantics.joins import resolve_joins
from featdsl.semantics.names import AS_OF, RowNames, reserved
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.pii import reads_pii
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.remedies import retyped
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find
from featdsl.semantics.unions import source_name, united
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind as TypeKind
from featdsl.types.dtype import assignable

DEPTH = 64
"""Views that may stand on each other in a row: what later passes recurse into."""


def resolve_views(envs: Sequence[Env], known: Known) -> dict[str, LateView]:
    """Views of all namespaces, each after the view that it stands on.

    Returns, by full name and in that order, those that wait for features: they read some
    (``via``), or stand on a view that does.
    """
    declared = {
        symbol.full: (symbol, env)
        for env in envs
        for symbol in env.scope.of(Kind.VIEW)
        if isinstance(symbol.decl, nodes.ViewDecl)
    }
    graph: dict[str, dict[str, Span]] = {}
    for name, (symbol, env) in declared.items():
        needs = ((env.scopes.seek(n.parts, env.scope), n.span) for n in _relations(symbol))
        graph[name] = {s.full: at for s, at in needs if s is not None and s.full in declared}
    found = order(graph)
    for path in found.cycles:
        declared[path[0]][1].report(cycle_diagnostic(graph, path, "views"))
    for name in found.cut:
        declared[name][0].poisoned = True
    late: dict[str, LateView] = {}
    levels: dict[str, int] = {}
    for name in found.names:
        symbol, env = declared[name]
        levels[name] = 1 + max((levels.get(n, 0) for n in graph[name]), default=0)
        if levels[name] > DEPTH:
            if levels[name] == DEPTH + 1:
                _report_depth(symbol, env)
            symbol.poisoned = True
            continue
        assert isinstance(symbol.decl, nodes.ViewDecl)
        looked_up = [n for n in references.walk(symbol.decl) if isinstance(n, nodes.Via)]
        below = {full: span for full, span in graph[name].items() if full in late}
        if looked_up or below:
            late[name] = LateView(symbol, symbol.decl, env, tuple(looked_up), below)
        else:
            _view(symbol.decl, symbol, env, known)
    return late


def _report_depth(symbol: Symbol, env: Env) -> None:
    env.report(
        catalog.EXPANSION.at(
            symbol.span, f"`{symbol.name}` stands on more than {DEPTH} views, one on the other"
        ).help("write several of them as one: a view may hold many joins and lets")
    )


@dataclass(frozen=True, slots=True)
class LateView:
    """A view that is resolved after the features that it reads.

    ``looked_up`` is what it reads of features itself, ``below`` the views of this kind that it
    stands on, by full name, and where it names them.
    """

    symbol: Symbol
    decl: nodes.ViewDecl
    env: Env
    looked_up: tuple[nodes.Via, ...]
    below: Mapping[str, Span]

    def resolve(self, groups: Mapping[str, GroupNames], known: Known) -> None:
        """Resolve it among the features of these groups."""
        _view(self.decl, self.symbol, self.env.moved(groups=groups), known)

    def outline(self, known: Known, late: Mapping[str, LateView]) -> RelationInfo | None:
        """The names of its columns; types of those that it makes are not known yet."""
        left = self.env.scopes.seek(self.decl.sources[0].parts, self.env.scope)
        base = None if left is None else known.relations.get(left.full)
        if left is not None and left.full in late:
            base = late[left.full].outline(known, late)
        if base is None:
            return None
        relation = _relation(self.decl, self.symbol, base)
        for item in self.decl.joins:
            alias = item.target.parts[-1] if item.alias is None else item.alias
            relation.joined[alias.text] = {}
        for let in self.decl.lets:
            _add_poisoned(let, relation)
        if len(self.decl.sources) > 1:
            relation.columns[SOURCE_NAME] = source_name(self.decl)
        relation.open = relation.open or bool(self.decl.broken)
        return relation


def _relations(symbol: Symbol) -> Iterator[nodes.Name]:
    assert isinstance(symbol.decl, nodes.ViewDecl)
    yield from symbol.decl.sources
    for join in symbol.decl.joins:
        yield join.target


def _view(decl: nodes.ViewDecl, symbol: Symbol, env: Env, known: Known) -> None:
    about = meta(decl, "view", env)
    lefts = [find(n, RELATIONS, env.scope, env.scopes, env.report) for n in decl.sources]
    bases = [known.relations[s.full] for s in lefts if s is not None and s.full in known.relations]
    if len(bases) < len(lefts):
        symbol.poisoned = True
        return
    relation = _relation(decl, symbol, bases[0])
    if len(bases) > 1:
        united(relation, decl, bases, env)
    at = env.moved(place=Place.VIEW, names=RowNames(relation), as_of=False, budget=Budget(NODES))
    joins = resolve_joins(decl, relation, at, known)
    _multiply(relation, joins, known)
    below = [*bases, *(known.relations[j.source] for j in joins)]
    relation.height = max(r.height for r in below)
    lets = _lets(decl, relation, at)
    wheres = [condition(w.condition, at, "`where`") for w in decl.wheres]
    checks = expectations(decl.expects, Output("view", relation), at)
    for check in checks:
        if check.condition is not None:
            refuse_via(check.condition, "an expectation", "make it a `let`, and check that", at)
    known.relations[symbol.full] = relation
    known.views[symbol.full] = View(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        lefts=tuple(base.name for base in bases),
        joins=joins,
        lets=lets,
        where=both(*(w for w in wheres if not w.dtype.is_error)),
        expectations=checks,
    )


def _relation(decl: nodes.ViewDecl, symbol: Symbol, base: RelationInfo) -> RelationInfo:
    return RelationInfo(
        name=symbol.full,
        what="view",
        span=decl.name.span,
        columns=dict(base.columns),
        open=base.open,
        time=base.time,
        order=base.order,
        delay=base.delay,
        delay_span=base.delay_span,
        identity=base.identity,
        unique_by=base.unique_by,
        changes=base.changes,
        history=base.history,
        roles=base.roles,
        role_spans=base.role_spans,
        broken_roles=base.broken_roles,
    )


def _multiply(relation: RelationInfo, joins: tuple[Join, ...], known: Known) -> None:
    """Of each row `join many` makes several: what tells the joined ones apart orders them."""
    for join in joins:
        if join.many:
            right = known.relations[join.source].identity
            more = tuple(f"{join.alias}.{c}" for c in right)
            relation.order = (*relation.order, *more) if relation.order and more else ()
            relation.identity = (*relation.identity, *more) if relation.identity and more else ()
            relation.unique_by = None


def _lets(decl: nodes.ViewDecl, relation: RelationInfo, env: Env) -> tuple[Let, ...]:
    """Lets in dependency order; each is a column for those after it, and for groups."""
    items = _declared(decl, relation, env)
    graph: dict[str, dict[str, Span]] = {}
    for name, item in items.items():
        graph[name] = {
            n.parts[0].text: n.span
            for n in references.walk(item.value)
            if isinstance(n, nodes.Name) and len(n.parts) == 1 and n.parts[0].text in items
        }
    found = order(graph)
    for path in found.cycles:
        env.report(cycle_diagnostic(graph, path, "lets"))
    for broken in decl.broken:
        relation.open = relation.open or (broken.kind in ("let", "item"))
    for name in found.cut:
        _add_poisoned(items[name], relation)
    made: list[Let | None] = []
    levels: dict[str, int] = {}
    below = relation.height
    for name in found.names:
        levels[name] = level = level_of(graph[name], levels, below)
        if level > HEIGHT:
            _add_poisoned(items[name], relation)
            if level == HEIGHT + 1:
                env.report(too_high(name, "lets", items[name].span))
            continue
        made.append(_let(items[name], relation, env))
        relation.height = max(relation.height, level + 1)
    return tuple(m for m in made if m is not None)


def _declared(decl: nodes.ViewDecl, relation: RelationInfo, env: Env) -> dict[str, nodes.LetItem]:
    items: dict[str, nodes.LetItem] = {}
    # Engines take `X` and `x` for one name.
    columns = {c.lower(): info for c, info in relation.columns.items()}
    for item in decl.lets:
        name = item.name.text
        first = columns[name].span if name in columns else None
        if name in items:
            first = items[name].name.span
        if name == AS_OF:
            env.report(
                catalog.RESERVED_NAME.at(item.name.span, reserved(name, "no column's name")).help(
                    "give the let a name of its own"
                )
            )
        elif first is not None:
            what = "a let" if name in items else f"a column of `{relation.short}`"
            env.report(
                catalog.DUPLICATE_COLUMN.at(item.name.span, f"`{name}` is {what} already")
                .because(first, "first declared here")
                .help("give the let a name of its own")
            )
            if name not in items and name not in relation.columns:
                _add_poisoned(item, relation)
        else:
            items[name] = item
    return items


def _add_poisoned(item: nodes.LetItem, relation: RelationInfo) -> None:
    from featdsl.types.dtype import ERROR

    relation.columns[item.name.text] = ColumnInfo(
        name=item.name.text,
        dtype=ERROR,
        nullable=True,
        span=item.name.span,
        owner=relation.name,
    )


def _let(item: nodes.LetItem, relation: RelationInfo, env: Env) -> Let | None:
    value = env.moved(budget=Budget(NODES)).resolve(item.value)
    if item.type is not None:
        value = _typed(item, value, env)
    if value.dtype.kind is TypeKind.NULL:
        env.report(
            catalog.NO_TYPE.at(
                item.value.span, f"`{item.name.text}` is always null, and has no type"
            ).help(f"give it one: `let {item.name.text}: int = null`")
        )
    name = item.name.text
    if value.dtype.is_error or value.dtype.kind is TypeKind.NULL:
        _add_poisoned(item, relation)
        return None
    relation.columns[name] = ColumnInfo(
        name=name,
        dtype=value.dtype,
        nullable=value.nullable,
        span=item.name.span,
        owner=relation.name,
        pii=reads_pii(value, relation),
    )
    return Let(name=name, dtype=value.dtype, value=value, span=item.span)


def _typed(item: nodes.LetItem, value: ir.Expr, env: Env) -> ir.Expr:
    assert item.type is not None
    dtype = written_type(item.type, env.report)
    if value.dtype.is_error or dtype.is_error:
        return ir.Literal(dtype=dtype, nullable=True, span=value.span, value=None)
    if not assignable(value.dtype, dtype):
        env.report(
            catalog.DECLARED_TYPE.at(
                item.value.span,
                f"`{item.name.text}` is declared {dtype}, and its value is {value.dtype}",
            )
            .because(item.type.span, "declared here")
            .help(retyped(dtype, value.dtype))
            .note(f"the value is `{canonical(value)}`" if len(canonical(value)) < 60 else None)
        )
    return cast(value, dtype)
