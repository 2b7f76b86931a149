"""Answers to requests: what a run published of some keys, and what rests on inputs over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.answers import answers_query
from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Entity, Feature, Origin, Program
from featdsl.ir.refs import of_same_key
from featdsl.ir.text import value_text
from featdsl.planning.answers import FOUND, PublishedSet, without_rows
from featdsl.planning.training import AUDIT
from featdsl.project.load import Project
from featdsl.runs.asked import Request, asked_table, key_column
from featdsl.runs.columns import Columns, fetch, without_column
from featdsl.runs.execute import places_of, profile_of
from featdsl.runs.failures import told
from featdsl.runs.held import Held, Source, held
from featdsl.runs.secrets import failing_without
from featdsl.sql import build, statements
from featdsl.store.current import Space
from featdsl.store.record import RunRecord
from featdsl.text.names import short_name
from featdsl.types.dtype import TEXT

STATUS = AUDIT[1]
KNOWN = "known"
_BY_NOW = (Origin.COMMAND, Origin.ASKED, Origin.CALLER)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Rows in the order of the keys that were asked about: the keys, then the features.

    ``known`` says of each whether its key exists; where not, its features are null.
    ``record`` is that of the run which published the values.
    """

    dataset: str
    keys: tuple[str, ...]
    columns: Columns
    known: tuple[bool, ...]
    record: RunRecord

    @property
    def as_of(self) -> datetime:
        return self.record.as_of


def with_values_of_run(
    project: Project, compilation: Compilation, record: RunRecord
) -> Compilation:
    """The compilation with the values that parameters had in a run.

    Raises:
        Failure: a value that is given now differs, or that of the run cannot be taken again.
    """
    differing = {
        use.name: use.value
        for use in record.parameters
        if not use.secret and _value(compilation.program, use.name) not in (use.value, None)
    }
    if not differing:
        return compilation
    for name, value in differing.items():
        parameter = compilation.program.params[name]
        if parameter.origin in _BY_NOW or value is None:
            message = (
                f"`${parameter.short}` is {value_text(parameter.value)} "
                f"({parameter.origin.value}), and was {value or 'without a value'} in the run "
                f"{record.run}"
            )
            remedy = "leave the parameter out, or publish with it: `featc run --param …`"
            raise Failure(catalog.STALE_VALUES.general(message).help(remedy))
    options = project.options
    again = {
        compilation.program.params[n].name: (str(v), Origin.COMMAND) for n, v in differing.items()
    }
    found = compile_project(project.texts, replace(options, params={**options.params, **again}))
    left = [n for n, v in differing.items() if not found.ok or _value(found.program, n) != v]
    if left:
        message = f"`${left[0].rpartition('.')[2]}` cannot be {differing[left[0]]} again"
        note = f"which it was in the run {record.run}, and is not now"
        remedy = "publish again: `featc run`"
        raise Failure(catalog.STALE_VALUES.general(message).note(note).help(remedy))
    return found


def _value(program: Program, name: str) -> str | None:
    found = program.params.get(name)
    return None if found is None or found.value is None else value_text(found.value)


def evaluate(
    project: Project,
    compilation: Compilation,
    dataset: str,
    request: Request,
) -> Evaluated:
    """Answer for a data set of a full name, from what was published in the project's target.

    Values are those that a training set would have at the run's as-of time, with the same
    inputs. Nothing is computed from sources.

    Raises:
        Failure: nothing was published that answers, or the engine fails.
    """
    places = places_of(project, compilation.program)
    with failing_without(places.secrets), told():
        space = Space(target=project.target_name)
        found = held(places.target, space, compilation.program, dataset)
        again = with_values_of_run(project, compilation, found.record)
        if again is not compilation:
            found = held(places.target, space, again.program, dataset)
        with Session(profile_of(project, places, None)) as session:
            return _answer(session, again.program, found, request)


def _answer(session: Session, program: Program, found: Held, request: Request) -> Evaluated:
    dataset = program.datasets[found.dataset]
    entity = program.entities[dataset.entity]
    keys = tuple(k.name for k in entity.keys)
    spine = asked_table(session, program, dataset, request, found.record.as_of)
    tables = {s.name: _taken(session, found, s, spine.table, keys) for s in found.sources}
    lacking: set[str] = set()
    if entity.population is None and keys:
        lacking = {s for s, t in tables.items() if _lacks(session, spine.table, t, keys)}
    kept = _needed(found, lacking, entity)
    sets = [
        PublishedSet(
            name=s.name,
            features=tuple(n for n in s.columns if n in kept),
            lacks=s.name in lacking,
        )
        for s in found.sources
    ]
    query = answers_query(found.parts, found.dataset, sets, tables, spine)
    types = {k.name: k.dtype for k in entity.keys}
    types |= {c.name: program.feature(str(c.feature)).dtype for c in dataset.columns}
    shown = [statements.named(build.col(key_column(k)), k) for k in keys]
    shown += [statements.named(build.col(c.name), c.name) for c in dataset.columns]
    shown.append(statements.named(build.col(STATUS), STATUS))
    answered = session.create_table("answers", query)
    rows = exp.Select(expressions=shown).from_(answered).order_by(build.col(AUDIT[0]))
    columns = fetch(session, rows, {**types, STATUS: TEXT})
    known = tuple(status == KNOWN for status in columns.array(STATUS).values.tolist())
    return Evaluated(found.dataset, keys, without_column(columns, STATUS), known, found.record)


def _taken(
    session: Session, found: Held, source: Source, asked: exp.Table, keys: tuple[str, ...]
) -> exp.Table:
    """The rows of a published file whose keys are asked about, as features by full name."""
    stored, wanted = "stored", "wanted"
    values = [statements.named(build.col(k, stored), k) for k in keys]
    values += [
        statements.named(build.cast(build.col(column, stored), found.feature(name).dtype), name)
        for name, column in source.columns.items()
    ]
    values.append(statements.named(build.boolean(True), FOUND))
    file = statements.table_function("read_parquet", build.text(str(source.path)), {})
    everything = statements.subquery(statements.star_from(file), stored)
    query = exp.Select(expressions=values).from_(everything)
    if keys:
        distinct = exp.select(*(build.col(key_column(k)) for k in keys)).distinct(copy=False)
        distinct = distinct.from_(asked.copy())
        on = build.all_of(
            exp.EQ(this=build.col(k, stored), expression=build.col(key_column(k), wanted))
            for k in keys
        )
        query = query.join(exp.Join(this=statements.subquery(distinct, wanted), on=on), copy=False)
    return session.create_table(f"published {source.name}", query)


def _lacks(session: Session, asked: exp.Table, table: exp.Table, keys: tuple[str, ...]) -> bool:
    """Whether a key is asked about that a set does not have."""
    rows, of = "r", "p"
    same = build.all_of(
        exp.EQ(this=build.col(k, of), expression=build.col(key_column(k), rows)) for k in keys
    )
    known = build.all_of(build.is_null(build.col(key_column(k), rows), negated=True) for k in keys)
    there = exp.select(build.number(1)).from_(build.table(table.name, of))
    lacking = exp.Not(this=exp.Exists(this=there.where(same, copy=False)))
    query = exp.select(build.number(1)).from_(build.table(asked.name, rows))
    query = query.where(build.all_of([known, lacking]), copy=False).limit(1)
    return bool(session.execute(query))


def _needed(found: Held, lacking: set[str], entity: Entity) -> set[str]:
    """Features that are read, and those that decide what they are for keys without rows.

    Raises:
        Failure: what one is without rows, published values do not say.
    """
    places = {n: s.name for s in found.sources for n in s.columns}
    needed: dict[str, None] = dict.fromkeys(found.read)
    waiting = [n for n in found.read if places[n] in lacking]
    while waiting:
        name = waiting.pop()
        feature = found.feature(name)
        rests_on = list(of_same_key(feature.expr))
        if without_rows(feature) is None or any(n not in places for n in rests_on):
            raise Failure(_without_rows(found, feature, entity))
        new = [n for n in rests_on if n not in needed]
        needed.update(dict.fromkeys(new))
        waiting += [n for n in new if places[n] in lacking]
    return set(needed)


def _without_rows(found: Held, feature: Feature, entity: Entity) -> Diagnostic:
    group = short_name(feature.group)
    message = (
        f"a {entity.short} that is asked about has no row in what was published of `{group}`, "
        f"and `{group}.{feature.short}` is not decided by that alone"
    )
    return (
        catalog.UNANSWERABLE.at(feature.name_span, message)
        .note("it is made of values of other keys or times, or of private ones")
        .help(f"say which exist, so that others are null: `entity {entity.short} {{ … from … }}`")
        .help("or ask for keys that the run published, or with `featc train`")
    )
