"""What a relation's rows are made of: the sources behind it, its columns, their order."""

from __future__ import annotations

from featdsl.ir.program import Join, Program, Role, Source, View
from featdsl.types.dtype import INT, TEXT, DType, common

SOURCE_NAME = "source_name"
"""The column of a union that says which of its relations a row comes from."""
POSITION = ".position"
"""The column of a union's rows with the position of the relation that a row comes from."""


def roots(program: Program, name: str) -> tuple[Source, ...]:
    """The sources whose rows a relation's rows are, each once, in the order of the text."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return (relation,)
    found = {s.name: s for left in relation.lefts for s in roots(program, left)}
    return tuple(found.values())


def ahead_root(program: Program, name: str) -> Source:
    """A source of a relation whose rows may be seen ahead of their time, if there is one.

    They are what a limit of the time at which rows look is for.
    """
    found = roots(program, name)
    ahead = (s for s in found if s.available is not None and s.available.column is not None)
    return next(ahead, found[0])


def roles_of(program: Program, name: str) -> tuple[Role, ...]:
    """The roles of a relation's rows: of a union those that all of its relations have."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return relation.roles
    first, *others = (roles_of(program, left) for left in relation.lefts)
    return tuple(r for r in first if all(r in other for other in others))


def columns_of(program: Program, name: str) -> dict[str, DType]:
    """The columns that a relation's readers name bare, with their types."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return {n: c.dtype for n, c in relation.columns.items()}
    found = columns_of(program, relation.left)
    for left in relation.lefts[1:]:
        for column, dtype in columns_of(program, left).items():
            found[column] = common(found[column], dtype) or dtype
    if relation.is_union:
        found[SOURCE_NAME] = TEXT
    return found | {let.name: let.dtype for let in relation.lets}


def row_columns(program: Program, name: str) -> dict[str, DType]:
    """All columns of a relation's rows as steps have them: joined ones, and what orders rows.

    A joined one is called ``alias.column``. A test's table of a view may hold those of a view.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return columns_of(program, name)
    found = dict(row_columns(program, relation.left))
    if relation.is_union:
        found = united_columns(program, relation)
    for join in relation.joins:
        types = row_columns(program, join.source)
        found |= {f"{join.alias}.{n}": types[n] for n in joined_columns(program, join)}
    return found | {let.name: let.dtype for let in relation.lets}


def united_columns(program: Program, union: View) -> dict[str, DType]:
    """Columns of a union before its joins and lets, what orders its rows among them."""
    lets = {let.name for let in union.lets}
    found = {n: t for n, t in columns_of(program, union.name).items() if n not in lets}
    below = row_columns(program, union.left)
    for names_of in (order_of, identity_of):
        first, *others = (names_of(program, left) for left in union.lefts)
        if all(other == first for other in others):
            found |= {n: below[n] for n in first if n not in found}
    return found | {position_of(program, union): INT}


def joined_columns(program: Program, join: Join) -> tuple[str, ...]:
    """Columns of the right side that rows have: with `join many` what tells them apart too."""
    more = identity_of(program, join.source) if join.many else ()
    return tuple(dict.fromkeys((*columns_of(program, join.source), *more)))


def has_history(program: Program, name: str) -> bool:
    """Whether what is seen of a relation's rows depends on the as-of time."""
    return any(s.has_history for s in roots(program, name))


def is_ahead(program: Program, name: str) -> bool:
    """Whether rows of a relation may be seen before their time."""
    return any(
        s.time is not None and s.available is not None and s.available.column is not None
        for s in roots(program, name)
    )


def joins_at_t(program: Program, name: str) -> bool:
    """Whether what a row is joined with depends on the as-of time beside the row's own.

    A row that may be seen ahead of its time is joined as of t until then.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return False
    if is_ahead(program, name) and any(has_history(program, j.source) for j in relation.joins):
        return True
    return any(joins_at_t(program, left) for left in relation.lefts)


def is_events(program: Program, name: str) -> bool:
    """Whether rows are events: things that happen, and never change.

    Of those that were seen at a time the latest is joined; of all others, the one that existed.
    """
    found = roots(program, name)
    return found[0].time is not None and not any(s.changes for s in found)


def order_of(program: Program, name: str) -> tuple[str, ...]:
    """Columns that order rows of one time; none where nothing does.

    Of each row that a `join many` makes of a row, what tells the joined ones apart.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return relation.tie_break
    return _through(program, relation, [order_of(program, left) for left in relation.lefts])


def identity_of(program: Program, name: str) -> tuple[str, ...]:
    """Columns that tell the rows of a relation apart that are seen at one time, if any do."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return _identity(relation)
    return _through(program, relation, [identity_of(program, left) for left in relation.lefts])


def _identity(source: Source) -> tuple[str, ...]:
    if source.keep is not None:
        return source.keep.per
    moments: tuple[str, ...] = ()
    if source.snapshot is not None:
        moments = (source.snapshot.column,)
    if source.valid is not None:
        moments = (source.valid.start, source.valid.end)
    if source.key:
        return tuple(c for c in source.key if c not in moments)
    if source.time is not None and source.ties:
        return (source.time, *source.ties)
    return ()


def _through(program: Program, view: View, below: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What orders a view's rows, of what orders the rows that it stands on."""
    found = below[0]
    if view.is_union:
        found = (*found, position_of(program, view)) if len(set(below)) == 1 and found else ()
    for join in view.joins:
        if join.many and found:
            right = identity_of(program, join.source)
            found = (*found, *(f"{join.alias}.{c}" for c in right)) if right else ()
    return found


def position_of(program: Program, view: View) -> str:
    """The column of a union's rows with the position of the relation that a row comes from."""
    below = sum(_unions(program, left) for left in view.lefts)
    return POSITION if below == 0 else f"{POSITION}_{below + 1}"


def _unions(program: Program, name: str) -> int:
    relation = program.relation(name)
    if isinstance(relation, Source):
        return 0
    return relation.is_union + sum(_unions(program, left) for left in relation.lefts)
