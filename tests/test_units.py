"""Units: of every operator, function and aggregate, compared with how its values grow."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from carried import AS_OF, QUIET, SHOP, aggregate_value, has_size, rows_of

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.pipeline import compile_text
from featdsl.functions.registry import functions
from featdsl.reference.functions.registry import functions as function_twins
from featdsl.reference.functions.spec import Given
from featdsl.reference.values import given
from featdsl.semantics.check_units import Units

TIMES = 1000
ROUNDS = {"round", "floor", "ceil"}
"""They keep a unit, though what they cut off depends on it."""
PER_TIME = {"slope"}
"""In so much a day, which is a unit of its own."""


def times(value, n=TIMES):
    """The same amounts in a unit that is a thousandth."""
    if isinstance(value, tuple):
        return tuple(times(v, n) for v in value)
    if isinstance(value, dict):
        return {k: times(v, n) for k, v in value.items()}
    return value if value is None else value * n


def near(a, b) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(near, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-9)


def tells(value) -> bool:
    """Whether a value says how it grows: it is a number that is not 0, or holds some."""
    if isinstance(value, tuple | dict):
        return any(tells(v) for v in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value != 0


def function_value(function, example, args):
    twin = function_twins()[function.name]
    if any(a is None for a in args) and not twin.null_safe:
        return None
    return twin.compute(Given(args=args, dtypes=example.dtypes, as_of=AS_OF, timezone="UTC"))


def amounts(function, count: int) -> list[bool]:
    """Which arguments are amounts of one unit."""
    first, *others = function.parameters
    last = [*others, *[p for p in function.parameters if p.repeated] * count]
    found = [first, *last][:count]
    return [
        p is first or (not p.constant and (p.same_as == first.name or p.accepts == first.accepts))
        for p in found
    ]


@pytest.mark.parametrize("function", functions().values(), ids=lambda f: f.name)
def test_a_function_keeps_a_unit_where_its_value_grows_with_it(function):
    grows = []
    for example in function.examples:
        args = tuple(given(v, d) for v, d in zip(example.args, example.dtypes, strict=True))
        if not args or args[0] is None or not has_size(example.dtypes[0]):
            continue
        value = function_value(function, example, args)
        scaled = tuple(
            times(a) if amount and has_size(d) else a
            for a, d, amount in zip(args, example.dtypes, amounts(function, len(args)), strict=True)
        )
        if tells(value):
            grows.append(near(function_value(function, example, scaled), times(value)))

    if function.name in ROUNDS:
        assert function.keeps_unit
    else:
        assert function.keeps_unit == (bool(grows) and all(grows))


@pytest.mark.parametrize("aggregate", aggregates().values(), ids=lambda a: a.name)
def test_an_aggregate_keeps_a_unit_where_its_value_grows_with_it(aggregate):
    found = rows_of(aggregate)
    if found is None or aggregate.name in PER_TIME:
        assert not aggregate.keeps_unit
        return
    rows, constants, dtypes = found
    value = aggregate_value(aggregate, rows, constants, dtypes)
    scaled = aggregate_value(aggregate, [times(row) for row in rows], constants, dtypes)

    assert aggregate.keeps_unit == (tells(value) and near(scaled, times(value)))


def unit_of(text: str) -> str | None:
    """The unit of a feature over euros, rupees and what has none."""
    lines = f"""
  eur = sum(e) {{ unit "EUR" }}
  inr = sum(r) {{ unit "INR" }}
  eurs = collect(e, last: 5) {{ unit "EUR" }}
  by_kind = sum(e by plain) {{ unit "EUR" }}
  bare = sum(plain)
  x = {text}
"""
    compilation = compile_text(SHOP.format("sales", lines), options=QUIET)
    errors = [d.code.id for d in compilation.diagnostics if d.severity == "error"]
    if errors:
        assert errors == ["FD0313"], (text, errors)
        return "refused"
    features = {f.name: f for f in compilation.program.features()}
    (name,) = [n for n in features if n.endswith(".x")]
    return Units(features).of(name)


EUR, NONE, REFUSED = "EUR", None, "refused"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("eur + eur", EUR),
        ("eur - bare", EUR),
        ("1 + eur", EUR),
        ("eur + inr", REFUSED),
        ("inr - eur", REFUSED),
        ("eur * 2", NONE),
        ("eur * inr", NONE),
        ("eur / eur", NONE),
        ("eur / inr", NONE),
        ("eur // 2", NONE),
        ("-eur", EUR),
        ("eur = inr", REFUSED),
        ("eur != inr", REFUSED),
        ("eur < inr", REFUSED),
        ("eur <= inr", REFUSED),
        ("eur > inr", REFUSED),
        ("eur >= inr", REFUSED),
        ("eur < 5", NONE),
        ("eur in [inr, 1]", REFUSED),
        ("eur between 1 and inr", REFUSED),
        ("bare between eur and inr", REFUSED),
        ("eur is null", NONE),
        ("not (eur > 1)", NONE),
        ("eur > 1 and inr > 1", NONE),
        ("eur ?? inr", REFUSED),
        ("eur ?? 0", EUR),
        ("bare ?? eur", EUR),
        ("if inr > 1 then eur else 0", EUR),
        ("if inr > 1 then eur else inr", REFUSED),
        ("case when bare > 1 then eur when bare > 2 then inr end", REFUSED),
        ("cast(eur as float)", EUR),
        ("eur 7d ago", EUR),
        ("eur - inr 7d ago", REFUSED),
        ("clip(eur, 0, inr)", REFUSED),
        ("clip(bare, 0, eur)", EUR),
        ("nullif(eur, inr)", REFUSED),
        ("mod(eur, inr)", REFUSED),
        ("mod(eur, 5)", EUR),
        ("round(eur, 1) + inr", REFUSED),
        ("floor(eur)", EUR),
        ("abs(eur)", EUR),
        ("ln(eur)", NONE),
        ("sqrt(eur) + inr", "INR"),
        ("coalesce(eur, inr)", REFUSED),
        ("sign(eur) + inr", "INR"),
        ("bucket(eur, [1]) + inr", "INR"),
        ("element(eurs, 1)", EUR),
        ("element(eurs, 1) + inr", REFUSED),
        ("reverse(eurs)", EUR),
        ("length(eurs)", NONE),
        ("contains(eurs, inr)", REFUSED),
        ("get(by_kind, 1)", EUR),
        ("values(by_kind)", EUR),
        ("keys(by_kind)", NONE),
        ("avg(eur among all)", EUR),
        ("avg(eur among all) - inr", REFUSED),
        ("variance(eur among all)", NONE),
        ("count(eur among all)", NONE),
        ("percent_rank(eur among all)", NONE),
        ("mode(eur among all)", EUR),
        ("sum(eur where inr > 1 among all)", EUR),
        ("max(sum(e) per plain) + eur", EUR),
    ],
)
def test_the_unit_that_comes_out(text, unit):
    assert unit_of(text) == unit
