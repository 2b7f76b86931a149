"""Random rows for any program: what its sources declare is all that they keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.program import Program, Source
from featdsl.ir.visit import walk
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration
from tests.harness.generate.moments import BASES, Moments

Stored = dict[str, list[dict[str, Any]]]


def expressions(program: Program) -> Iterator[ir.Expr]:
    for source in program.sources.values():
        yield from (d.condition for d in source.drops)
    for view in program.views.values():
        yield from (let.value for let in view.lets)
        yield from (e for e in (view.where,) if e is not None)
    for group in (*program.groups.values(), *program.labels.values()):
        yield from (f.expr for f in group.features.values())


class Maker:
    """Makes rows round one time, out of the constants and lengths that a program names."""

    def __init__(self, r: Random, program: Program) -> None:
        self.r = r
        self.program = program
        self.base = r.choice(BASES)
        nodes = [n for e in expressions(program) for n in walk(e)]
        literals = [n.value for n in nodes if isinstance(n, ir.Literal)]
        literals += [
            i for p in nodes if isinstance(p, ir.ListOf) for i in (x.value for x in p.items)
        ]
        self.texts = ["a", "b", "é", "", *(v for v in literals if isinstance(v, str))]
        self.numbers = [v for v in literals if isinstance(v, int | Decimal) and v is not True]
        lengths = [timedelta(0), timedelta(days=1), timedelta(days=7), timedelta(hours=2)]
        lengths += [timedelta(days=r.choice((1, 30, 31, 90))) for _ in range(2)]
        for node in nodes:
            lengths += [length for length in _lengths(node) if length < timedelta(days=4000)]
        self.moments = Moments(r, self.base, lengths)

    def stored(self, most: int) -> Stored:
        return {
            name: self._rows(source, self.r.randint(most // 2, most))
            for name, source in self.program.sources.items()
        }

    def key(self, entity: str) -> tuple[Any, ...]:
        return tuple(self.value(k.dtype, few=True) for k in self.program.entities[entity].keys)

    def value(self, dtype: DType, *, few: bool = False) -> Any:
        r = self.r
        match dtype.kind:
            case Kind.BOOL:
                return r.random() < 0.5
            case Kind.INT:
                near = [int(n) for n in self.numbers if abs(n) < 10**6]
                return r.choice((1, 1, 1, 2, 2, 3)) if few else r.choice([0, 1, 2, 3, 7, -1, *near])
            case Kind.FLOAT:
                return r.choice([0.0, 1.5, -2.25, 1e3, 0.1, *map(float, self.numbers)])
            case Kind.DECIMAL:
                unit = Decimal(1).scaleb(-dtype.scale)
                near = [Decimal(n).quantize(unit) for n in self.numbers if abs(n) < 10**6]
                found = r.choice([Decimal(r.randint(-300, 900)) * unit, Decimal(7) * unit, *near])
                fits = abs(found) < Decimal(10) ** (dtype.precision - dtype.scale)
                return found.quantize(unit) if fits else unit * 0
            case Kind.TEXT:
                return r.choice(self.texts[:1] * 2 + ["b"]) if few else r.choice(self.texts)
            case Kind.DATE:
                return self.moments.some().date()
            case Kind.TIMESTAMP:
                return self.moments.some()
            case Kind.LIST:
                items = (self._or_null(dtype.items[0]) for _ in range(r.choice((0, 1, 2, 2, 4))))
                return tuple(items)
            case Kind.MAP:
                keys = {self.value(dtype.items[0], few=True) for _ in range(r.choice((0, 1, 2)))}
                # As sources are read: in the order of the keys.
                return {key: self._or_null(dtype.items[1]) for key in sorted(keys)}
            case _:
                raise NotImplementedError(f"values of {dtype}")

    def _or_null(self, dtype: DType) -> Any:
        return None if self.r.random() < 0.1 else self.value(dtype)

    def _rows(self, source: Source, count: int) -> list[dict[str, Any]]:
        rows = [self._row(source) for _ in range(count)]
        if source.valid is not None:
            self._one_valid(source, rows)
        return [*_distinct(rows, self._apart(source)).values()]

    def _row(self, source: Source) -> dict[str, Any]:
        keys = {c for role in source.roles for c in role.columns} | self._joined(source)
        keys |= set(source.key) | set(source.keep.per if source.keep else ())
        row = {}
        for name, column in source.columns.items():
            few = name in keys and self.r.random() < 0.9
            missing = not column.required and self.r.random() < 0.12
            row[name] = None if missing else self.value(column.dtype, few=few)
        return row

    def _joined(self, source: Source, *, many: bool = True) -> set[str]:
        """Columns by which rows of it are looked for."""
        joins = (j for view in self.program.views.values() for j in view.joins)
        found = [j for j in joins if self.program.root(j.source).name == source.name]
        columns = {column for j in found if many or not j.many for _, column in j.on}
        return columns & source.columns.keys()

    def _identity(self, source: Source) -> list[str]:
        """Columns that say whose row it is."""
        found = sorted(self._joined(source, many=False))
        return found or [*(source.roles[0].columns if source.roles else source.key)]

    def _apart(self, source: Source) -> list[str]:
        """Columns of which no two rows have the same values."""
        if source.keep is not None:
            return [*source.keep.per, *source.keep.by]
        if source.valid is not None:
            return [*self._identity(source), source.valid.start]
        if source.time is not None:
            ordered = [source.time, *source.tie_break] if source.tie_break else [*source.columns]
            return [*source.key] or ordered
        return self._identity(source) or [*source.columns]

    def _one_valid(self, source: Source, rows: Sequence[dict[str, Any]]) -> None:
        """Rows of one key follow each other, with gaps, the last one often for ever."""
        assert source.valid is not None
        of_key: dict[Any, list[dict[str, Any]]] = {}
        for row in rows:
            of_key.setdefault(tuple(row[c] for c in self._identity(source)), []).append(row)
        for members in of_key.values():
            times = sorted({self.moments.some() for _ in range(3 * len(members))})
            for i, row in enumerate(members):
                # As many times as rows are enough; two rows of one start are one row later.
                start = times[min(2 * i, len(times) - 1)]
                end = times[min(2 * i + self.r.choice((1, 2)), len(times) - 1)]
                last = i == len(members) - 1 and self.r.random() < 0.6
                row[source.valid.start] = self._as(source, source.valid.start, start)
                late = None if last else self._as(source, source.valid.end, end)
                row[source.valid.end] = late

    def _as(self, source: Source, column: str, at: datetime) -> date:
        return at.date() if source.columns[column].dtype.kind is Kind.DATE else at


def _lengths(node: ir.Expr) -> Iterator[timedelta]:
    window = getattr(node, "window", None)
    ends = [getattr(window, n, None) for n in ("start", "end", "length")]
    ends += [getattr(node, n, None) for n in ("gap", "length")]
    for end in ends:
        if isinstance(end, Duration):
            yield timedelta(days=30 * end.months) if end.is_calendar else _fixed(end)


def _fixed(length: Duration) -> timedelta:
    return timedelta(microseconds=min(length.micros, 10**16))


def _distinct(
    rows: Sequence[dict[str, Any]], columns: Sequence[str]
) -> Mapping[Any, dict[str, Any]]:
    return {tuple(row[c] for c in columns): row for row in rows}
