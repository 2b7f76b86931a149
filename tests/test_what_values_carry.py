"""Which values may be null, and which are personal: of every operator, function and aggregate."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from carried import AS_OF, QUIET, aggregate_value, codes, rows_of

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.pipeline import compile_text
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.reference.expressions import evaluate
from featdsl.reference.stop import Stopped
from featdsl.types.dtype import Kind
from featdsl.types.value import MapValue


def flat(value) -> set[object]:
    if isinstance(value, dict):
        return {x for entry in value.items() for x in entry}
    return set(value) if isinstance(value, tuple) else {value}


@pytest.mark.parametrize("aggregate", aggregates().values(), ids=lambda a: a.name)
def test_an_aggregate_that_gives_a_stored_value_out_says_so(aggregate):
    found = rows_of(aggregate)
    if found is None or found[2][0].items:
        assert not aggregate.stored or aggregate.name in {"any", "all"}
        return
    rows, constants, dtypes = found
    value = aggregate_value(aggregate, rows, constants, dtypes)

    assert aggregate.stored == bool(flat(value) & {row[0] for row in rows})


COLUMN = {
    Kind.INT: "n",
    Kind.DECIMAL: "d",
    Kind.FLOAT: "f",
    Kind.TEXT: "t",
    Kind.BOOL: "b",
    Kind.DATE: "day",
    Kind.TIMESTAMP: "w",
    Kind.LIST: "l",
    Kind.MAP: "m",
}


def constant_text(value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return "[" + ", ".join(map(constant_text, value)) + "]"
        case float():
            return f"cast({value} as float)"
        case None:
            return "null"
        case datetime():
            return f"@{value:%Y-%m-%dT%H:%M}"
        case date():
            return f"@{value:%Y-%m-%d}"
        case MapValue():
            raise NotImplementedError
        case timedelta():
            return f"{value // timedelta(hours=1)}h"
    return str(value)


def shown(function) -> str | None:
    """A call with personal data as its first argument, the others as an example has them."""
    for example in function.examples:
        if not example.dtypes or None in example.args or example.dtypes[0].kind not in COLUMN:
            continue
        first = example.dtypes[0]
        constant = function.parameters[0].constant
        try:
            others = [constant_text(a) for a in example.args[1:]]
        except NotImplementedError:
            continue
        if constant and len(example.dtypes) > 1:
            last = COLUMN.get(example.dtypes[1].kind)
            return f"{function.name}({constant_text(example.args[0])}, {last})"
        call = f"{function.name}({', '.join([COLUMN[first.kind], *others])})"
        if function.name == "matches":  # an operator
            call = f"{COLUMN[first.kind]} matches {others[0]}"
        if "FD0301" not in codes(f"  x = {call}"):
            return call
    return None


@pytest.mark.parametrize("function", functions().values(), ids=lambda f: f.name)
def test_what_a_function_makes_of_personal_data_is_personal(function):
    call = shown(function)

    assert call is not None or function.name in {"cosine", "dot", "distance"}
    assert call is None or codes(f"  x = {call}") == ["FD0419"], call


@pytest.mark.parametrize(
    "text",
    [
        "n",
        "n + 1",
        "1 - n",
        "n * 2",
        "n / 2",
        "n // 2",
        "-n",
        "n = 1",
        "1 < n",
        "n in [1, 2]",
        "plain in [n, 1]",
        "n between 1 and 2",
        "plain between n and 2",
        't like "a%"',
        't matches "a"',
        "not b",
        "b and true",
        "true or b",
        "n ?? 1",
        "plain ?? n",
        "if b then 1 else 2",
        "if true then n else 2",
        "case when plain > 1 then n end",
        "cast(n as text)",
        "try_cast(t as int)",
        "w + 1d",
        "(w - day) / 1d",
        'sql("{x} + 1", x: n): int',
    ],
)
def test_operators_let_personal_data_through(text):
    assert codes(f"  x = {text}") == ["FD0419"]


@pytest.mark.parametrize(
    "text",
    [
        "last(n)",
        "sum(plain by n)",
        "min_by(n, plain)",
        "first(n) + 1",
        "count(by t)",
        "max(max(n) per plain)",
        "max(n)",
    ],
)
def test_aggregates_of_stored_values_let_personal_data_through(text):
    assert codes(f"  x = {text}", "sales") == ["FD0419"]


@pytest.mark.parametrize(
    "text",
    [
        "last(n) is null",
        "count(where n > 1)",
        "count(n)",
        "count_distinct(t)",
        "exists(where b)",
        "sum(n)",
        "avg(n)",
        "sum(plain where b)",
        'count(where t like "a%") / count()',
        "min_by(plain, n)",
    ],
)
def test_what_tells_nothing_of_one_value_is_not_personal(text):
    assert codes(f"  x = {text}", "sales") == []


def test_whether_personal_data_are_there_is_not_personal():
    assert codes("  x = n is null\n  y = b is not null") == []


EDGES = {
    "i": (0, 1, -1, 2**31),
    "d": tuple(map(Decimal, ("0.00", "1.00", "-0.01", "99.99"))),
    "f": (0.0, 1.0, -1e-300, 1.7e308, -1.7e308),
    "w": (datetime(1970, 1, 1), datetime(2024, 2, 29, 12)),
    "s": ("", "a", "7"),
    "b": (True, False),
}
OPERATORS = [
    *(f"{a} {op} {b}" for op in ("+", "-", "*", "/", "//") for a, b in product("idf", repeat=2)),
    *(f"{a} {op} {b}" for op in ("=", "<", ">=", "!=") for a, b in product("idf", repeat=2)),
    *(f"{a} / {x}" for a in "idf" for x in ("0", "2", "-2", "0.5", "-0.01")),
    *(f"{a} // {x}" for a in "idf" for x in ("0", "2", "-2", "0.5")),
    *("-i", "-f", "w + 1d", "w - w", "w < w", "s = s", 's like "a%"', "not b", "b and b", "b or b"),
    *(
        "i in [1, i]",
        "f in [f, 1]",
        "d between i and f",
        "if b then f * f else 1.0",
        "case when b then i end",
    ),
    *(
        "case when b then i end",
        "w - 1month",
        "f * f ?? 1",
        "null ?? i",
        "cast(f as text)",
        "try_cast(s as int)",
        "try_cast(s as float)",
    ),
    *(
        "i is null",
        "cast(i as float)",
        "cast(b as int)",
        "f * f - f * f",
        "(f * f) > 1",
        "w - 1month",
    ),
]


class Row:
    timezone = "UTC"
    as_of = AS_OF

    def __init__(self, values):
        self.values = values

    def read(self, node):
        assert isinstance(node, ir.Column)
        return self.values[node.name]


@pytest.mark.parametrize("text", OPERATORS)
def test_what_may_be_null_of_known_values_says_so(text):
    source = f"""
source rows {{
  from parquet "rows.parquet"
  columns {{
    i: int required  d: decimal(12, 2) required  f: float required  w: timestamp required
    s: text required  b: bool required
  }}
}}
view seen from rows {{ let x = {text} }}
"""
    compilation = compile_text(source, options=QUIET)
    assert compilation.ok, compilation.diagnostics
    (view,) = compilation.program.views.values()
    (let,) = view.lets
    null = False
    read = sorted({n for n in EDGES if n in text.replace("if", "").replace("like", "")})
    for values in product(*(EDGES[n] for n in read)):
        try:
            null |= evaluate(let.value, Row(dict(zip(read, values, strict=True)))) is None
        except Stopped:
            continue

    assert let.value.nullable or not null
