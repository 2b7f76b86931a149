"""For which keys, and at which times, values are asked: steps with a row each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import AnyOf, Derive, Keys, Paired, Peers, Points, Population
from featdsl.ir.program import Entity, Group, Program
from featdsl.ir.refs import declared_group, features_named
from featdsl.ir.relations import roles_of, row_columns
from featdsl.planning.rows import relation_rows
from featdsl.planning.steps import Rows, Sight, Steps, Times, free_name
from featdsl.text.span import Span
from featdsl.types.dtype import TIMESTAMP


@dataclass(frozen=True, slots=True)
class Asked:
    """A step with a row for each key that is asked; ``keys`` are its columns, as the entity's.

    At one as-of time ``points`` is None and keys are distinct; else each row is a point, with a
    number and an as-of time of its own.
    """

    step: str
    entity: Entity
    keys: tuple[str, ...]
    points: Paired | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """Columns that tell rows apart."""
        return self.keys if self.points is None else (self.points.point,)

    @property
    def columns(self) -> tuple[str, ...]:
        if self.points is None:
            return self.keys
        return (self.points.point, *self.keys, self.points.as_of)

    @property
    def as_of(self) -> str | None:
        return None if self.points is None else self.points.as_of


def key_names(entity: Entity) -> tuple[str, ...]:
    return tuple(k.name for k in entity.keys)


def existing_keys(steps: Steps, entity: Entity, groups: Iterable[Group]) -> Asked:
    """The keys that exist at the as-of time: the population's, else those with rows of groups."""
    keys = key_names(entity)
    if not keys:
        step = _once(steps, entity, Keys(input=None, keys=()), "one row: the whole population")
        return Asked(step, entity, keys)
    note = f"every {entity.short} that exists at the as-of time"
    if entity.population is not None and steps.listed(entity):
        listed = _listed(steps, entity, Sight.AS_OF)
        operation = Keys(input=listed.step, keys=listed.keys)
        return Asked(_once(steps, entity, operation, note), entity, keys)
    note = f"every {entity.short} that has a row at the as-of time"
    found = [
        _once(steps, entity, Keys(input=relation_rows(steps, relation).step, keys=pairs), note)
        for relation, pairs in _holders(entity, groups)
    ]
    if not found:
        types = tuple(k.dtype for k in entity.keys)
        nobody = Keys(input=None, keys=tuple((k, k) for k in keys), types=types)
        return Asked(_once(steps, entity, nobody, "no rows say who exists"), entity, keys)
    return Asked(_any_of(steps, entity, found, note), entity, keys)


def keys_of_rows(
    steps: Steps, entity: Entity, input: str, keys: Sequence[str], span: Span
) -> Asked:
    """The keys that a step's columns name, at the one as-of time."""
    if steps.listed(entity) or not entity.keys:
        return existing_keys(steps, entity, ())
    pairs = tuple(zip(key_names(entity), keys, strict=True))
    note = f"every {entity.short} that is asked about"
    step = steps.add(f"{entity.short}_asked", Keys(input=input, keys=pairs), note, span)
    return Asked(step, entity, key_names(entity))


def points_of_rows(
    steps: Steps, entity: Entity, input: str, keys: Sequence[str], time: str, span: Span
) -> Asked:
    """The keys and times that a step's columns name, each pair once."""
    names = key_names(entity)
    taken = {k.lower() for k in names}
    point, as_of = free_name("point", taken), free_name("as_of", taken)
    operation = Points(
        input=input,
        keys=tuple(zip(names, keys, strict=True)),
        time=time,
        population=population_at_times(steps, entity),
        point=point,
        as_of=as_of,
    )
    note = f"each {entity.short} and time once, numbered"
    step = steps.add(f"{entity.short}_points", operation, note, span)
    return _asked_points(step, entity, point, as_of)


def peers(steps: Steps, asked: Asked, groups: Sequence[Group], span: Span) -> Asked:
    """All keys of the entity that exist, at every time at which a key is asked."""
    entity = asked.entity
    if asked.points is None:
        return existing_keys(steps, entity, groups)
    times = Times(asked.step, asked.points.as_of)
    names = key_names(entity)
    taken = {k.lower() for k in names}
    point, as_of = free_name("point", taken), free_name("as_of", taken)
    if entity.population is not None and steps.listed(entity):
        holders = [listed_at_times(steps, entity)]
    else:
        holders = [_seen_population(steps, *held, times) for held in _holders(entity, groups)]
    note = f"every {entity.short} that exists at a time that is asked"
    found = [
        steps.add(
            f"{entity.short}_peers",
            Peers(
                points=asked.step,
                time=asked.points.as_of,
                of=of,
                as_of=as_of,
            ),
            note,
            span,
        )
        for of in holders
    ]
    listed = _any_of(steps, entity, found, note)
    operation = Points(
        input=listed,
        keys=tuple((n, n) for n in names),
        time=as_of,
        population=None,
        point=point,
        as_of=as_of,
    )
    step = steps.add(f"{entity.short}_peer_points", operation, "numbered", span)
    return _asked_points(step, entity, point, as_of)


def population_at_times(steps: Steps, entity: Entity) -> Population | None:
    """The rows that say which keys exist when; None where every key does."""
    return listed_at_times(steps, entity) if steps.listed(entity) else None


def listed_at_times(steps: Steps, entity: Entity) -> Population:
    """The rows of an entity's population, with the times between which each is seen."""
    return _listed(steps, entity, Sight.EVER)


def _listed(steps: Steps, entity: Entity, sight: Sight) -> Population:
    """The rows that list an entity's keys: those of its population, of each of its roles there."""
    assert entity.population is not None, "who is asked about is listed"
    relation, names = entity.population, key_names(entity)
    rows = relation_rows(steps, relation, sight)
    start = seen_from(steps.program, relation, rows) if sight is Sight.EVER else None
    roles = [r.columns for r in roles_of(steps.program, relation) if r.entity == entity.name]
    if len(roles) == 1:
        pairs = tuple(zip(names, roles[0], strict=True))
        return Population(step=rows.step, keys=pairs, start=start, end=rows.end)
    place = (f"{entity.name} in {len(roles)} roles", sight)
    if place not in steps.known:
        steps.known[place] = _in_each_role(steps, entity, roles, replace(rows, start=start))
    found = steps.known[place]
    same = tuple((n, n) for n in names)
    return Population(step=found.step, keys=same, start=found.start, end=found.end)


def _in_each_role(steps: Steps, entity: Entity, roles: Sequence[Sequence[str]], rows: Rows) -> Rows:
    """A row for each role in which a row names a key, and when it is seen."""
    assert entity.population is not None
    span = entity.name_span
    names = key_names(entity)
    taken = {n.lower() for n in names}
    start = None if rows.start is None else free_name("seen_from", taken)
    end = None if rows.end is None else free_name("seen_to", taken)
    dtypes = row_columns(steps.program, entity.population)
    inputs: list[str] = []
    for columns in roles:
        values: dict[str, ir.Expr] = {
            n: ir.Column(dtype=dtypes[c], span=span, name=c)
            for n, c in zip(names, columns, strict=True)
        }
        for name, column in ((start, rows.start), (end, rows.end)):
            if name is not None and column is not None:
                values[name] = ir.Column(dtype=TIMESTAMP, span=span, name=column)
        derive = Derive(input=rows.step, columns=(), values=tuple(values.items()))
        note = f"every {entity.short} in {', '.join(columns)}"
        inputs.append(steps.add(f"{entity.short}_role", derive, note, span))
    columns = (*names, *(n for n in (start, end) if n is not None))
    union = AnyOf(inputs=tuple(inputs), columns=columns, every=True)
    step = steps.add(f"{entity.short}_roles", union, f"every {entity.short} in any role", span)
    return Rows(step, start, end)


def _seen_population(
    steps: Steps, relation: str, keys: tuple[tuple[str, str], ...], times: Times
) -> Population:
    rows = relation_rows(steps, relation, Sight.EVER, times=times)
    return Population(
        step=rows.step, keys=keys, start=seen_from(steps.program, relation, rows), end=rows.end
    )


def seen_from(program: Program, relation: str, rows: Rows) -> str | None:
    """When a row is seen: its own column, else its time."""
    return rows.start or program.root(relation).time


def resting_groups(program: Program, entity: Entity, features: Iterable[str]) -> list[Group]:
    """Groups of an entity whose rows features rest on, for whichever key and time of it."""
    found: dict[str, None] = {}
    seen, waiting = set[str](), list(features)
    while waiting:
        name = waiting.pop()
        group = declared_group(program, name.rpartition(".")[0])
        if name in seen or group.entity != entity.name:
            continue
        seen.add(name)
        found[group.name] = None
        waiting += features_named(group.features[name].expr)
    groups = (*program.groups.values(), *program.labels.values())
    return [g for g in groups if g.name in found]


def holders(program: Program, group: Group) -> list[Group]:
    """The groups whose rows say which keys a group is of, where no population does."""
    if group.relation is not None:
        return [group]
    return resting_groups(program, program.entities[group.entity], group.features)


def _holders(
    entity: Entity, groups: Iterable[Group]
) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Relations with rows of an entity's keys, and the columns that hold them."""
    found = {
        (g.relation, tuple(zip(key_names(entity), g.role.columns, strict=True)))
        for g in groups
        if g.relation is not None and g.role is not None
    }
    return sorted(found)


def _any_of(steps: Steps, entity: Entity, found: Sequence[str], note: str) -> str:
    if len(found) == 1:
        return found[0]
    columns = steps.columns(found[0])
    return steps.add(
        f"{entity.short}_keys", AnyOf(inputs=tuple(found), columns=columns), note, entity.name_span
    )


def _once(steps: Steps, entity: Entity, operation: Keys, note: str) -> str:
    """The step with an operation: the one that is there, else a new one."""
    for step in steps.items:
        if step.operation == operation:
            return step.name
    return steps.add(f"{entity.short}_keys", operation, note, entity.name_span)


def _asked_points(step: str, entity: Entity, point: str, as_of: str) -> Asked:
    names = key_names(entity)
    paired = Paired(points=step, keys=names, point=point, as_of=as_of, start=None, end=None)
    return Asked(step, entity, names, paired)
