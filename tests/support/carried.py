"""Every aggregate over rows of primes, and texts over personal data and amounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.reference.aggregates.registry import aggregates as aggregate_twins
from featdsl.reference.calls import called
from featdsl.reference.values import given
from featdsl.types.dtype import INT, Kind

AS_OF = datetime(2024, 3, 1, 12)
SIZES = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL})


def has_size(dtype) -> bool:
    return dtype.kind in SIZES if not dtype.items else has_size(dtype.items[-1])


HALF = Decimal("0.5")
VALUES = (1_000_003, 1_000_033, 1_000_183, 1_000_541, 1_000_969)
"""Primes: nothing that is computed of several of them is one of them, but by choice."""


def rows_of(aggregate):
    """Rows with numbers, the constants and the types that an example has."""
    for example in aggregate.examples:
        n = sum(not p.constant for p in aggregate.parameters[: len(example.dtypes)])
        if n and has_size(example.dtypes[0]) and not any(d.items for d in example.dtypes[1:n]):
            rows = [tuple(v + 7 * i for i in range(n)) for v in VALUES]
            if example.dtypes[0].kind is Kind.LIST:
                rows = [((v, v + 6),) for v in VALUES]
            numbers = tuple(INT if d.kind in SIZES else d for d in example.dtypes[:n])
            # The middle one of several is a stored one; others lie between two.
            constants = tuple(HALF if isinstance(c, Decimal) else c for c in example.constants)
            if all(d == INT or d.items for d in numbers):
                return rows, constants, (*numbers, *example.dtypes[n:])
    return None


def aggregate_value(aggregate, rows, constants, dtypes):
    moments = [AS_OF - (len(rows) - i) * timedelta(hours=1) for i in range(len(rows))]
    n = len(dtypes) - len(constants)
    known = [given(v, d) for v, d in zip(constants, dtypes[n:], strict=True)]
    twin = aggregate_twins()[aggregate.name]
    return called(twin, rows, moments, known, dtypes, AS_OF)


SHOP = """
entity customer {{ key customer_id: int }}
source customers {{
  from parquet "customers.parquet"
  entity customer
  columns {{
    customer_id: int required  n: int pii  d: decimal(12, 2) pii  f: float pii  t: text pii
    b: bool pii  day: date pii  w: timestamp pii  l: list(int) pii
    m: map(text, int) pii  plain: int
  }}
}}
source sales {{
  from parquet "sales.parquet"
  time at
  key customer_id, at
  entity customer
  columns {{
    customer_id: int required  at: timestamp required  n: int pii  t: text pii  b: bool pii
    plain: int  e: decimal(12, 2)  r: decimal(12, 2)
  }}
}}
features seen for customer from {} {{
{}
}}
"""
QUIET = Options(project="project", lint={"missing-description": "off", "missing-owner": "off"})


def codes(lines: str, rows: str = "customers") -> list[str]:
    found = compile_text(SHOP.format(rows, lines), options=QUIET).diagnostics
    return [d.code.id for d in found if d.severity == "error"]
