"""``distance(lat1, lon1, lat2, lon2)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT
from featdsl.types.signature import NUMBERS, Parameter

_RADIUS = 6371.0088
"""Mean radius of the earth in km: (2a + b) / 3 of the ellipsoid GRS80, as IUGG gives it."""


def _lower(inputs: Inputs) -> exp.Expr:
    lat1, lon1, lat2, lon2 = (build.func("radians", inputs.as_float(i)) for i in range(4))
    half = _plus(_squared(lat2, lat1), _times(_times(_cos(lat1), _cos(lat2)), _squared(lon2, lon1)))
    # Rounding may take the square of a sine past 1, where points are opposite.
    one = build.cast_float(build.number(1))
    capped = build.case(exp.GT(this=half, expression=one), one.copy(), half.copy())
    sine = build.func("sqrt", capped)
    diameter = build.literal(2 * _RADIUS, FLOAT)
    on_earth = build.all_of(
        exp.LTE(this=build.func("abs", inputs.as_float(i)), expression=build.number(90))
        for i in (0, 2)
    )
    assert on_earth is not None
    return build.case(on_earth, build.finite(_times(diameter, build.func("asin", sine))))


def _squared(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """Square of the sine of half of a difference."""
    difference = exp.Paren(this=exp.Sub(this=a.copy(), expression=b.copy()))
    half = exp.Div(this=difference, expression=build.number(2), typed=False, safe=False)
    return build.func("pow", build.func("sin", half), build.number(2))


def _cos(x: exp.Expr) -> exp.Expr:
    return build.func("cos", x.copy())


def _plus(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    return exp.Add(this=a, expression=b)


def _times(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    return exp.Mul(this=build.paren(a), expression=build.paren(b))


FUNCTION = Function(
    name="distance",
    meaning=(
        "Distance in km of two places on a sphere with the radius 6371.0088 km (the haversine "
        "formula): their latitudes and longitudes are in degrees, north and east positive; in "
        "float64. Null where a latitude is beyond 90 degrees."
    ),
    parameters=(
        Parameter(name="lat1", accepts=NUMBERS),
        Parameter(name="lon1", accepts=NUMBERS),
        Parameter(name="lat2", accepts=NUMBERS),
        Parameter(name="lon2", accepts=NUMBERS),
    ),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="distance in km from ({0}, {1}) to ({2}, {3})",
    examples=(
        Example(args=(52.5, 13.4, 52.5, 13.4), result=0.0, dtypes=(FLOAT,) * 4),
        Example(args=(0, 0, 0, 90), result=10007.557221017962, dtypes=(INT,) * 4),
        Example(args=(0.0, 0.0, 0.0, 180.0), result=20015.114442035923, dtypes=(FLOAT,) * 4),
        Example(args=(0.0, 179.0, 0.0, -179.0), result=222.39016046706582, dtypes=(FLOAT,) * 4),
        Example(args=(91.0, 0.0, 0.0, 0.0), result=None, dtypes=(FLOAT,) * 4),
        Example(args=(None, 0.0, 0.0, 0.0), result=None, dtypes=(FLOAT,) * 4),
        Example(args=(0.0, None, 0.0, 0.0), result=None, dtypes=(FLOAT,) * 4),
        Example(args=(0.0, 0.0, None, 0.0), result=None, dtypes=(FLOAT,) * 4),
        Example(args=(0.0, 0.0, 0.0, None), result=None, dtypes=(FLOAT,) * 4),
    ),
)
