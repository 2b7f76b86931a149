"""Values of a group, of features or of labels, as a test asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlglot import exp

from featdsl.compiler.statements import group_query, relation_query
from featdsl.compiler.training import AUDIT, SpineTable, training_query
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Dataset, DatasetColumn, Entity, Expected, Group, Program, Test
from featdsl.ir.refs import groups_behind
from featdsl.ir.relations import roles_of
from featdsl.planning.ask import holders
from featdsl.planning.steps import free_name
from featdsl.planning.training import AS_OF
from featdsl.sql import build, statements
from featdsl.testing.compare import same
from featdsl.testing.known import (
    decides_keys,
    given_relation,
    known_until,
    unlisted_entities,
    view_untils,
)
from featdsl.testing.result import Difference, What
from featdsl.text.span import Span
from featdsl.types.dtype import INT, TIMESTAMP

Key = tuple[Any, ...]
Values = Mapping[Key, tuple[Any, ...]]
"""By key, values of the features that a test names, in its order."""

_DATASET = "asked"
_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class GroupTest:
    """One ``then group`` of a test, over the tables of what is given."""

    session: Session
    program: Program
    test: Test
    expected: Expected
    scans: Mapping[str, exp.Table]

    @property
    def group(self) -> Group:
        name = self.expected.group
        return self.program.groups.get(name) or self.program.labels[name]

    @property
    def entity(self) -> Entity:
        return self.program.entities[self.group.entity]

    @property
    def keys(self) -> list[str]:
        return [k.name for k in self.entity.keys]

    def differences(self) -> Iterator[Difference]:
        """What differs from the table, at one time after the other."""
        for instant in instants_of(self.expected):
            yield from self._compared(instant, self.values(instant))

    def values(self, instant: datetime) -> Values:
        """What is computed at a time, of all keys that there are."""
        is_label = self.expected.group in self.program.labels
        return self._labels(instant) if is_label else self._features(instant)

    def _compared(self, instant: datetime, actual: Values) -> Iterator[Difference]:
        expected, group = self.expected, self.group

        def difference(what: What, key: Key, span: Span, **more: Any) -> Difference:
            return Difference(
                what=what,
                asked=expected.group,
                key=tuple(zip(self.keys, key, strict=True)),
                as_of=instant,
                span=span,
                **more,
            )

        seen = set()
        for key, at, cells, span in zip(
            expected.keys, expected.instants, expected.cells, expected.spans, strict=True
        ):
            if at != instant:
                continue
            seen.add(key)
            if key not in actual:
                yield difference(What.MISSING, key, span)
                continue
            for name, want, got in zip(expected.features, cells, actual[key], strict=True):
                dtype = group.features[f"{group.name}.{name}"].dtype
                if not same(want, got, dtype):
                    values = {"feature": name, "dtype": dtype, "expected": want, "actual": got}
                    yield difference(What.VALUE, key, span, **values)
        if expected.at is not None:
            for key in actual:
                if key not in seen:
                    yield difference(What.UNEXPECTED, key, self.test.span)

    # --- features

    def _features(self, instant: datetime) -> Values:
        query = group_query(
            self.program,
            self.expected.group,
            as_of=instant,
            features=self.expected.features or None,
            scans=self.scans,
            unlisted=unlisted_entities(self.program, self.test),
        )
        keys = len(self.keys)
        names, rows = self.session.rows(query)
        places = [names.index(name, keys) for name in self.expected.features]
        return {r[:keys]: tuple(r[i] for i in places) for r in rows}

    # --- labels

    def _labels(self, instant: datetime) -> Values:
        """Labels of the keys that are asked, known up to the end of what is given."""
        population = decides_keys(self.program, self.test, self.entity)
        row = free_name("row", {k.lower() for k in (*self.keys, AS_OF)})
        table = self.session.create_table("asked keys", self._asked(instant, population, row))
        try:
            keys = tuple(self.keys)
            spine = SpineTable(table=table, columns=keys, keys=keys, time=AS_OF, row=row)
            query = training_query(
                self._with_dataset(),
                _DATASET,
                spine=spine,
                until=view_untils(
                    self.program, self.test, groups_behind(self.program, [self.group.name])
                ),
                scans=self.scans,
                unlisted=unlisted_entities(self.program, self.test),
                audit=True,
            )
            found = self.session.execute(query)
        finally:
            self.session.execute(statements.drop("TABLE", table.name))
        n, end = len(self.keys), len(self.keys) + len(self.expected.features)
        status = AUDIT.index(".status") - len(AUDIT)
        return {r[:n]: r[n:end] for r in found if r[status] == _KNOWN}

    def _with_dataset(self) -> Program:
        """The program with a data set that has the labels, and no more."""
        group = self.group
        labels = tuple(
            DatasetColumn(name=name, feature=f"{group.name}.{name}", span=group.name_span)
            for name in self.expected.features
        )
        dataset = Dataset(
            name=_DATASET,
            meta=group.meta,
            span=group.span,
            name_span=group.name_span,
            entity=group.entity,
            spine=None,
            columns=(),
            labels=labels,
        )
        return replace(self.program, datasets={_DATASET: dataset})

    def _asked(self, instant: datetime, population: bool, row: str) -> exp.Expr:
        """Keys, the instant, and a number each: those that are listed, else all there are."""
        if self.expected.at is None:
            types = {k.name: k.dtype for k in self.entity.keys}
            listed = zip(self.expected.keys, self.expected.instants, strict=True)
            asked = [key for key, at in listed if at == instant]
            cells = [[*key, instant, i] for i, key in enumerate(asked)]
            return statements.rows({**types, AS_OF: TIMESTAMP, row: INT}, cells)
        if not self.entity.keys:
            return statements.rows({AS_OF: TIMESTAMP, row: INT}, [[instant, 0]])
        rows, columns = self._existing(instant, population)
        known = build.all_of(build.is_null(build.col(c), negated=True) for c in columns)
        distinct = exp.Select(
            expressions=[
                statements.named(build.col(column), key)
                for key, column in zip(self.keys, columns, strict=True)
            ]
        )
        distinct = distinct.from_(statements.subquery(rows, "rows")).where(known).distinct()
        return exp.Select(
            expressions=[
                exp.Star(),
                statements.named(build.timestamp(instant), AS_OF),
                statements.named(exp.Window(this=build.func("row_number")), row),
            ]
        ).from_(statements.subquery(distinct, "keys"))

    def _existing(self, instant: datetime, population: bool) -> tuple[exp.Select, Sequence[str]]:
        """Rows with the keys that exist: the population then, else all that labels can read."""
        if population and self.entity.population is not None:
            return self._listed(self.entity.population, instant)
        held = holders(self.program, self.group)[0]
        assert held.relation is not None and held.role is not None
        given = given_relation(self.program, self.test, held.relation)
        at = known_until(self.program, self.test, given) or instant
        query = relation_query(self.program, held.relation, as_of=at, scans=self.scans)
        return query, held.role.columns

    def _listed(self, relation: str, instant: datetime) -> tuple[exp.Select, Sequence[str]]:
        """The rows of a population, once for each role in which they name a key."""
        query = relation_query(self.program, relation, as_of=instant, scans=self.scans)
        roles = [
            r.columns for r in roles_of(self.program, relation) if r.entity == self.entity.name
        ]
        if len(roles) == 1:
            return query, roles[0]
        each: list[exp.Expr] = [
            exp.Select(
                expressions=[
                    statements.named(build.col(c), k)
                    for k, c in zip(self.keys, columns, strict=True)
                ]
            ).from_(statements.subquery(query.copy(), "listed"))
            for columns in roles
        ]
        return statements.star_from(
            statements.subquery(statements.union_all(each), "roles")
        ), self.keys


def instants_of(expected: Expected) -> list[datetime]:
    """The as-of times that are asked."""
    return sorted({*expected.instants, *([] if expected.at is None else [expected.at])})
