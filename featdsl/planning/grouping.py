"""Steps from the rows that some aggregates read to their values: rows before, groups, a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from featdsl.aggregates.order import is_ordered
from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.plan import Grouped, Operation, Ordered, Pass
from featdsl.ir.program import Group
from featdsl.ir.refs import row_aggregates
from featdsl.ir.row_values import Before, Begins, LargestSoFar, Position, RowValue
from featdsl.ir.visit import replace_leaves, walk
from featdsl.planning.narrow import Namer, both
from featdsl.planning.steps import Steps, free_name

Twins: TypeAlias = Mapping[ir.Aggregate, ir.Aggregate]
"""Aggregates, and what they are over columns of the narrow rows."""

Place: TypeAlias = tuple[tuple[ir.Expr, ...], ir.Expr | None]
"""Where a row looks back: values that the rows share, and the condition that they pass."""

Beside: TypeAlias = ir.Previous | ir.Session

_ANYWHERE: Place = ((), None)
_PLACE = ".place"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows on their way: ``window`` and ``where`` are still to be asked of them."""

    step: str
    name: str
    columns: tuple[str, ...]
    window: ir.Window | None
    where: ir.Expr | None


@dataclass(frozen=True, slots=True)
class Chain:
    """Adds the steps for aggregates that read the same rows."""

    steps: Steps
    group: Group
    blank: Pass
    as_of: str | None

    def add(self, rows: Rows, members: Twins) -> dict[ir.Aggregate, tuple[str, str]]:
        """The step and column of each aggregate."""
        found: dict[ir.Aggregate, tuple[str, str]] = {}
        plain = {a: n for a, n in members.items() if n.groups is None}
        if plain:
            looked, columns = self._beside(rows, [(n, _ANYWHERE) for n in _parts(plain.values())])
            written = {a: _written(n, columns, _ANYWHERE) for a, n in plain.items()}
            asked = {a: replace(n, where=n.after, after=None) for a, n in written.items()}
            found |= self._passes(looked, rows.name, asked, plain, self.blank.order)
        grouped = {a: n for a, n in members.items() if n.groups is not None}
        for after, keys in dict.fromkeys((n.after, _keys(n)) for n in grouped.values()):
            same = {a: n for a, n in grouped.items() if (n.after, _keys(n)) == (after, keys)}
            found |= self._grouped(rows, after, keys, same)
        return found

    # --- Groups ----------------------------------------------------------------------------

    def _grouped(
        self, rows: Rows, after: ir.Expr | None, keys: tuple[ir.Expr, ...], members: Twins
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        """Aggregates of the same groups of rows."""
        parts = [(e, _ANYWHERE) for e in (after, *keys) if e is not None]
        place = None
        if any(map(_goes_in_order, members.values())):
            place = free_name(_PLACE, {c.lower() for c in rows.columns})
        rows, columns = self._beside(rows, parts, numbered=place)
        told = tuple(_replaced(k, columns, _ANYWHERE) for k in keys)
        if after is not None:
            rows = _asked(rows, _replaced(after, columns, _ANYWHERE))
        inner = dict.fromkeys(a for n in members.values() for a in _inner(n))
        looks = [(e, (told, a.where)) for a in inner for e in _parts([a])]
        rows, columns = self._beside(rows, looks)
        values = {a: _written(_bare(a), columns, (told, a.where)) for a in inner}
        values = {
            a: replace(v, where=both(v.where, v.after), after=None) for a, v in values.items()
        }
        names = Namer({c.lower() for c in (*self.blank.keys, *rows.columns)})
        named = {a: names.name_of(_bare(a)) for a in inner}
        taken = {n.lower() for n in (*names.taken, *named.values())}
        key_names = tuple(free_name("key", taken) for _ in told)
        time = self.blank.time
        grouped = Grouped(
            input=rows.step,
            keys=self.blank.keys,
            groups=tuple(zip(key_names, told, strict=True)),
            # Those that differ in their defaults only are one column.
            aggregates=tuple({named[a]: values[a] for a in inner}.items()),
            order=self.blank.order,
            time=time,
            position=place,
            window=rows.window,
            where=rows.where,
            as_of=self.as_of,
        )
        step = self._add(f"{rows.name}_groups", grouped, "rows made one for each group")
        outer = {a: _over_groups(n, named, key_names) for a, n in members.items()}
        return self._passes(
            replace(rows, step=step),
            f"{rows.name}_per",
            outer,
            members,
            () if place is None else (place,),
        )

    def _passes(
        self, rows: Rows, name: str, computed: Twins, members: Twins, order: tuple[str, ...]
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        """A pass for each value that rows are parted by."""
        found: dict[ir.Aggregate, tuple[str, str]] = {}
        for by in dict.fromkeys(n.by for n in computed.values()):
            same = {a: n for a, n in computed.items() if n.by == by}
            shown = name if by is None else f"{name}_by"
            found |= self._pass(rows, shown, same, members, order, by)
        return found

    def _pass(
        self,
        rows: Rows,
        name: str,
        computed: Twins,
        members: Twins,
        order: tuple[str, ...],
        by: ir.Expr | None,
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        names = Namer({k.lower() for k in self.blank.keys})
        named = {a: names.name_of(members[a]) for a in computed}
        operation = replace(
            self.blank,
            input=rows.step,
            window=None,
            order=order,
            aggregates=tuple((named[a], computed[a]) for a in computed),
            paired=None,
            as_of=self.as_of,
            by=by,
        )
        step = self._add(
            name, operation, "one row a key" if self.as_of is None else "one row a point"
        )
        return {a: (step, column) for a, column in named.items()}

    # --- Rows before -----------------------------------------------------------------------

    def _beside(
        self,
        rows: Rows,
        parts: Iterable[tuple[ir.Expr, Place]],
        *,
        numbered: str | None = None,
    ) -> tuple[Rows, dict[tuple[Beside, Place], str]]:
        """Rows with what they look back at as columns; where each is found.

        ``numbered`` is the name of a column with the row's number, where one is asked for.
        """
        wanted = dict.fromkeys(
            (n, place)
            for e, place in parts
            for n in walk(e)
            if isinstance(n, ir.Previous | ir.Session)
        )
        taken = {c.lower() for c in (*rows.columns, *_some(numbered))}
        found: dict[tuple[Beside, Place], str] = {}
        values: list[tuple[str, RowValue]] = []
        sums: list[tuple[str, RowValue]] = []
        for node, place in wanted:
            within, where = place
            if isinstance(node, ir.Previous):
                name = free_name("previous", taken)
                values.append(
                    (name, Before(operand=node.operand, n=node.n, within=within, where=where))
                )
            else:
                begins = free_name("begins", taken)
                before = Before(operand=node.time, n=1, within=within, where=where)
                values.append((begins, Begins(before=before, gap=node.gap)))
                name = free_name("session", taken)
                sums.append((name, LargestSoFar(column=begins, within=within, where=where)))
            found[node, place] = name
        if numbered is not None:
            values.append((numbered, Position()))
        for more in (values, sums):
            if more:
                rows = self._ordered(rows, more)
        return rows, found

    def _ordered(self, rows: Rows, values: list[tuple[str, RowValue]]) -> Rows:
        operation = Ordered(
            input=rows.step,
            columns=rows.columns,
            keys=self.blank.keys,
            order=self.blank.order,
            values=tuple(values),
            time=self.blank.time,
            window=rows.window,
            where=rows.where,
            as_of=self.as_of,
        )
        step = self._add(f"{rows.name}_before", operation, "rows with what rows before them decide")
        columns = (*rows.columns, *(name for name, _ in values))
        return Rows(step, rows.name, columns, None, None)

    def _add(self, name: str, operation: Operation, note: str) -> str:
        return self.steps.add(f"{self.group.short}_{name}", operation, note, self.group.name_span)


def _some(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _parts(read: Iterable[ir.Aggregate]) -> list[ir.Expr]:
    """What aggregates read of rows and may look back in."""
    return [e for a in read for e in (*a.args, a.after, a.by) if e is not None]


def _keys(a: ir.Aggregate) -> tuple[ir.Expr, ...]:
    assert a.groups is not None
    return a.groups.keys


def _inner(a: ir.Aggregate) -> Iterable[ir.Aggregate]:
    """The aggregates over the rows of a group."""
    assert a.groups is not None
    where = () if a.groups.where is None else (a.groups.where,)
    by = () if a.by is None else (a.by,)
    return (n for e in (*a.args, *where, *by) for n in row_aggregates(e))


def _bare(a: ir.Aggregate) -> ir.Aggregate:
    """Without the default, in its own type."""
    dtype = aggregates()[a.aggregate].returns([x.dtype for x in a.args])
    return replace(a, dtype=dtype, default=None)


def _goes_in_order(a: ir.Aggregate) -> bool:
    return is_ordered(replace(a, args=(), after=None, groups=None, window=None))


def _replaced(e: ir.Expr, columns: Mapping[tuple[Beside, Place], str], place: Place) -> ir.Expr:
    """The expression over columns that hold what rows look back at."""

    def column(n: ir.Expr) -> ir.Expr | None:
        if not isinstance(n, ir.Previous | ir.Session):
            return None
        name = columns[n, place]
        return ir.Column(dtype=n.dtype, nullable=n.nullable, span=n.span, name=name)

    return replace_leaves(e, column)


def _written(
    a: ir.Aggregate, columns: Mapping[tuple[Beside, Place], str], place: Place
) -> ir.Aggregate:
    return replace(
        a,
        args=tuple(_replaced(x, columns, place) for x in a.args),
        after=None if a.after is None else _replaced(a.after, columns, place),
        by=None if a.by is None else _replaced(a.by, columns, place),
    )


def _over_groups(
    a: ir.Aggregate, named: Mapping[ir.Aggregate, str], keys: tuple[str, ...]
) -> ir.Aggregate:
    """The aggregate over the columns of groups."""
    assert a.groups is not None

    def column(e: ir.Expr) -> ir.Expr | None:
        if isinstance(e, ir.GroupKey):
            return ir.Column(dtype=e.dtype, nullable=False, span=e.span, name=keys[e.index])
        return _value(e, named[e]) if isinstance(e, ir.Aggregate) else None

    where = None if a.groups.where is None else replace_leaves(a.groups.where, column)
    args = tuple(replace_leaves(x, column) for x in a.args)
    by = None if a.by is None else replace_leaves(a.by, column)
    return replace(a, args=args, where=where, after=None, groups=None, by=by)


def _value(a: ir.Aggregate, name: str) -> ir.Expr:
    """An inner aggregate, with its default: a group has rows, so that counts are never null."""
    bare = _bare(a)
    column = ir.Column(dtype=bare.dtype, nullable=a.nullable, span=a.span, name=name)
    if a.default is not None and aggregates()[a.aggregate].empty is None:
        return ir.Coalesce(dtype=a.dtype, span=a.span, operands=(column, a.default))
    if bare.dtype != a.dtype:
        return ir.Cast(dtype=a.dtype, nullable=a.nullable, span=a.span, operand=column)
    return column


def _asked(rows: Rows, condition: ir.Expr) -> Rows:
    return replace(rows, where=both(rows.where, condition))
