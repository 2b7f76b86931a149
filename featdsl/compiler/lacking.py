"""Why a statement cannot be written in a dialect, at the place of the texts that asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.dialects.spec import Dialect, Lacking, Made, Shape, StoredTable
from featdsl.ir import expr as ir
from featdsl.ir.program import (
    Dataset,
    Declared,
    Feature,
    Group,
    Program,
    Source,
    Spine,
    SpineRows,
)
from featdsl.ir.refs import (
    declared_group,
    features_named,
    groups_behind,
    looked_in,
    relation_expressions,
)
from featdsl.ir.visit import walk
from featdsl.sources.registry import sources
from featdsl.sources.spec import SourceKind
from featdsl.text.span import Span


def explain_lacking(
    program: Program,
    dialect: Dialect,
    lacking: Lacking,
    features: Sequence[Feature],
    groups: Sequence[str],
    name: str,
) -> Failure:
    """What of some features, or of the rows that they read, the dialect has no equal of."""
    found: list[Diagnostic] = []
    spine = program.datasets[name].spine if name in program.datasets else None
    for wanted, expression in _expressions(program, features, groups, spine):
        for node in walk(expression):
            for lack in dialect.lacks:
                if lack.used(node):
                    message = (
                        f"`{wanted}` cannot be computed by {dialect.title}: it lacks {lack.shown}"
                    )
                    found.append(
                        catalog.DIALECT_LACKS.at(node.span, message)
                        .note(lack.reason)
                        .help(lack.remedy)
                    )
    if not found:
        message = f"`{name}` cannot be computed by {dialect.title}: it has no {lacking.what}"
        found.append(catalog.DIALECT_LACKS.at(_declared(program, name).name_span, message))
    return Failure(*dict.fromkeys(found))


def _expressions(
    program: Program, features: Sequence[Feature], groups: Sequence[str], spine: Spine | None
) -> Iterator[tuple[str, ir.Expr]]:
    """Expressions of features, of those they are made of, and of what their groups read."""
    waiting, seen = list(features), set[str]()
    while waiting:
        feature = waiting.pop(0)
        if feature.name in seen:
            continue
        seen.add(feature.name)
        yield feature.short, feature.expr
        waiting += [program.feature(name) for name in features_named(feature.expr)]
    for group in groups_behind(program, groups):
        read = [*looked_in(group), *(() if group.relation is None else (group.relation,))]
        for relation in read:
            for expression in relation_expressions(program, relation):
                yield group.short, expression
    if isinstance(spine, SpineRows):
        for expression in relation_expressions(program, spine.source):
            yield spine.source.rpartition(".")[2], expression


def _declared(program: Program, name: str) -> Dataset | Group:
    return program.datasets[name] if name in program.datasets else declared_group(program, name)


def _sources(program: Program, name: str) -> Iterator[Source]:
    """Sources that a group's values rest on, populations of entities among them."""
    waiting: list[str] = []
    for group in groups_behind(program, [name]):
        population = program.entities[group.entity].population
        waiting += [r for r in (group.relation, population) if r is not None]
        waiting += looked_in(group)
    for relation in waiting:
        yield from _behind(program, relation)


def _behind(program: Program, name: str) -> Iterator[Source]:
    """The sources that a relation's rows are made of."""
    waiting = [name]
    while waiting:
        relation = program.relation(waiting.pop())
        if isinstance(relation, Source):
            yield relation
        else:
            waiting += [*relation.lefts, *(join.source for join in relation.joins)]


def check_names(
    program: Program,
    dialect: Dialect,
    made: Made,
    read: Mapping[str, StoredTable],
    name: str,
) -> None:
    """Stop at names that the dialect would cut short; steps within a statement are no names.

    Raises:
        Failure: a name is too long.
    """
    if dialect.longest_name is None:
        return
    whole = _declared(program, name)
    wanted: list[tuple[str, Declared]] = [(column, whole) for column in made.columns]
    if made.shape is not Shape.SELECT:
        wanted += [(n, whole) for n in (made.name, made.schema) if n is not None]
    for full, table in read.items():
        source = program.sources[full]
        names = (table.name, table.schema, *table.columns)
        wanted += [(n, source) for n in names if n is not None]
    found = [
        catalog.NAME_TOO_LONG.at(
            _place(program, declared, text),
            f"`{text}` has {len(text.encode())} bytes, and names of {dialect.title} "
            f"have {dialect.longest_name} at most",
        ).help("give it a shorter name")
        for text, declared in wanted
        if len(text.encode()) > dialect.longest_name
    ]
    if found:
        raise Failure(*dict.fromkeys(found))


def _place(program: Program, declared: Declared, name: str) -> Span:
    """Where a column, or the declaration itself, is named."""
    if isinstance(declared, Group):
        for feature in declared.members.values():
            if feature.short == name:
                return feature.name_span
    if isinstance(declared, Dataset):
        for column in (*declared.columns, *declared.labels):
            if column.name == name:
                return column.span
    for source in program.sources.values():
        if source is declared and name in source.columns:
            return source.columns[name].span
    return declared.name_span


def refuse_same(program: Program, read: Mapping[str, StoredTable]) -> None:
    """Stop where two sources would be read from one table: they are called alike.

    Raises:
        Failure: there are such sources.
    """
    first: dict[tuple[str | None, str], str] = {}
    found = []
    for full, table in read.items():
        other = first.setdefault((table.schema, table.name.casefold()), full)
        sources_of = [program.sources[name] for name in (other, full)]
        if other == full or sources_of[0].location == sources_of[1].location:
            continue
        message = f"`{other}` and `{full}` would both be read from the table `{table.name}`"
        found.append(
            catalog.SAME_TABLE.at(program.sources[full].name_span, message)
            .because(program.sources[other].name_span, "the other one")
            .help('name the tables of the engine: `from table "shop.sales"`; or rename one')
        )
    if found:
        raise Failure(*found)


def refuse_called(program: Program, groups: Sequence[str], name: str) -> None:
    """Stop where a statement would have to read what Python code or a source's SQL returns.

    Raises:
        Failure: a source is of such a kind.
    """
    found = [
        catalog.DIALECT_LACKS.at(
            source.location.span, f"no SQL of `{name}` can read the rows of `{source.short}`"
        )
        .note(
            "its own SQL makes them, in a session of featc: in UTC, and of files that are hashed"
            if sources()[source.location.kind].query
            else "featc fetches them from a server"
            if sources()[source.location.kind].connected
            else f"a Python function returns them: `{source.location.argument}`"
        )
        .help("`featc run` computes it; with `--source-schema` the SQL reads tables of the sources")
        for source in sources_behind(program, groups, name)
        if _is_made(sources()[source.location.kind])
    ]
    if found:
        raise Failure(*dict.fromkeys(found))


def _is_made(kind: SourceKind) -> bool:
    """Whether rows are there in a session of featc only."""
    return kind.called or kind.query or kind.connected


def sources_behind(program: Program, groups: Sequence[str], name: str) -> Iterator[Source]:
    """Sources that groups rest on, and the one that a data set's spine is."""
    for group in groups:
        yield from _sources(program, group)
    spine = program.datasets[name].spine if name in program.datasets else None
    if isinstance(spine, SpineRows):
        yield from _behind(program, spine.source)
