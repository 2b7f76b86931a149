"""Every example of every scalar function, executed on DuckDB: as literals, and as columns."""

from __future__ import annotations

import math
import random
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb
import pytest
from sqlglot import exp

from featdsl.functions.registry import functions
from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.sql.zone import UNITS, start_of
from featdsl.types.dtype import DURATION, FLOAT, INT, NULL, TEXT, TIMESTAMP, Kind, decimal
from featdsl.types.duration import Duration

AS_OF = datetime(2024, 3, 1, 12)
CASES = [
    pytest.param(f, e, id=f"{f.name}-{i}")
    for f in functions().values()
    for i, e in enumerate(f.examples)
]
ALL = [pytest.param(f, id=name) for name, f in functions().items()]


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection


def constant(function: Function, i: int) -> bool:
    return function.parameters[min(i, len(function.parameters) - 1)].constant


def literal(value, dtype) -> exp.Expr:
    return build.literal(value, dtype)


def items(value, dtype) -> exp.Expr:
    """A constant list, of which a function looks at each literal."""
    return exp.Array(expressions=[build.literal(v, dtype.items[0]) for v in value])


def inputs(function: Function, example: Example, *, columns: bool) -> Inputs:
    args = [
        build.col(f"a{i}")
        if columns and not constant(function, i)
        else (items if constant(function, i) and isinstance(value, tuple) else literal)(
            value, dtype
        )
        for i, (value, dtype) in enumerate(zip(example.args, example.dtypes, strict=True))
    ]
    return Inputs(
        args=tuple(args),
        dtypes=example.dtypes,
        as_of=build.timestamp(AS_OF),
        timezone=example.timezone,
    )


def rows(function: Function, example: Example) -> exp.Expr:
    """One row that holds the arguments in their types."""
    held = [
        exp.Alias(
            this=build.literal(value, dtype)
            if dtype.kind is Kind.NULL
            else build.cast(build.literal(value, dtype), dtype),
            alias=build.ident(f"a{i}"),
        )
        for i, (value, dtype) in enumerate(zip(example.args, example.dtypes, strict=True))
        if not constant(function, i)
    ]
    return exp.Subquery(
        this=exp.select(*held, build.number(1)), alias=exp.TableAlias(this=build.ident("rows"))
    )


def ask(engine, value: exp.Expr, source: exp.Expr | None = None):
    query = exp.select(value, build.func("typeof", value.copy()))
    if source is not None:
        query = query.from_(source)
    return engine.execute(query.sql("duckdb")).fetchall()[0]


def plain(value):
    match value:
        case Duration():
            return value.micros
        case tuple():
            return [plain(v) for v in value]
        case _:
            return value


def same(actual, expected) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=1e-12, abs_tol=0)
    return type(actual) is type(expected) and actual == expected


@pytest.mark.parametrize(("function", "example"), CASES)
def test_an_example_gives_its_result_for_literals(engine, function, example):
    value, _ = ask(engine, function.lower(inputs(function, example, columns=False)))

    assert same(value, plain(example.result)), (value, example.result)


@pytest.mark.parametrize(("function", "example"), CASES)
def test_an_example_gives_its_result_in_its_type_for_columns(engine, function, example):
    lowered = function.lower(inputs(function, example, columns=True))

    value, engine_type = ask(engine, lowered, rows(function, example))

    declared = build.sql_type(function.returns(example.dtypes)).sql("duckdb")
    assert same(value, plain(example.result)), (value, example.result)
    assert engine_type.replace("HUGEINT", "INT128").replace(", ", ",") == declared.replace(
        ", ", ","
    ).replace("TEXT", "VARCHAR")


@pytest.mark.parametrize("function", ALL)
def test_nulls_and_domain_errors_give_null_only_where_it_is_said(function: Function):
    for example in function.examples:
        given = [v is None for v in example.args]
        if any(given):
            assert function.null_safe or example.result is None
        elif example.result is None:
            assert function.nullable


@pytest.mark.parametrize("function", ALL)
def test_every_example_has_constants_that_are_valid(function: Function):
    for example in function.examples:
        for i, value in enumerate(example.args):
            parameter = function.parameters[min(i, len(function.parameters) - 1)]
            assert parameter.takes(example.dtypes[i])
            assert parameter.valid is None or parameter.valid(value) is None


@pytest.mark.parametrize("function", ALL)
def test_a_function_shows_what_null_gives_for_each_argument(function: Function):
    shown = {i for e in function.examples for i, v in enumerate(e.args) if v is None}
    varying = {i for i, p in enumerate(function.parameters) if not p.constant}

    assert varying <= shown


@pytest.mark.parametrize("function", ALL)
def test_a_bare_null_is_taken_for_every_argument(engine, function: Function):
    example = function.examples[0]
    for i in range(len(example.args)):
        if constant(function, i):
            continue
        args, dtypes = list(example.args), list(example.dtypes)
        args[i], dtypes[i] = None, NULL
        bare = replace(example, args=tuple(args), dtypes=tuple(dtypes))

        value, _ = ask(engine, function.lower(inputs(function, bare, columns=False)))

        assert function.null_safe or value is None


@pytest.mark.parametrize("function", ALL)
def test_words_fill_the_parameters_there_are(function: Function):
    if any(p.repeated for p in function.parameters):
        assert function.words is None  # their number is not known
        return
    assert function.words is not None

    fields = {int(f) for _, f, _, _ in string.Formatter().parse(function.words) if f is not None}

    assert fields == set(range(len(function.parameters)))


@pytest.mark.parametrize(
    ("name", "i", "value", "wrong"),
    [
        ("bucket", 1, (), "at least one edge is needed"),
        ("bucket", 1, (0, 10, 10), "edges must rise, and 10 stands after 10"),
        ("bucket", 1, (0, "a"), "each edge must be a number"),
        ("round", 1, 39, "39 is not between -38 and 38"),
        ("substring", 1, 0, "0 is no position, the first is 1"),
        ("substring", 2, -1, "-1 is no length"),
        (
            "start_of",
            0,
            "days",
            "`days` is not one of minute, hour, day, week, month, quarter, year",
        ),
        ("matches", 1, "a(", "`(` at character 2 is not closed"),
    ],
)
def test_a_wrong_constant_is_described(name, i, value, wrong):
    valid = functions()[name].parameters[i].valid

    assert valid is not None and valid(value) == wrong


def lowered(name: str, *args: str, dtypes, timezone: str = "UTC") -> str:
    return (
        functions()[name]
        .lower(
            Inputs(
                args=tuple(map(build.col, args)),
                dtypes=tuple(dtypes),
                as_of=build.timestamp(AS_OF),
                timezone=timezone,
            )
        )
        .sql("duckdb")
    )


def floored(a, b):
    """Quotient and remainder of exact numbers; nulls by 0."""
    if b == 0:
        return None, None
    quotient = math.floor(Fraction(a) / Fraction(b))
    return quotient, Fraction(a) - quotient * Fraction(b)


@pytest.mark.parametrize("dtype", [INT, decimal(12, 2), decimal(20, 6)], ids=str)
def test_floor_division_of_exact_numbers_is_exact(engine, dtype):
    r, unit = random.Random(5), Decimal(1).scaleb(-dtype.scale)
    edge = 2**63 if dtype == INT else 10**dtype.precision
    near = [-edge if dtype == INT else 1 - edge, -7, -2, -1, 0, 1, 2, 3, edge - 1]
    pairs = [(a, b) for a in near for b in near if (a, b) != (-(2**63), -1)]
    pairs += [(r.randint(-edge + 1, edge - 1), r.randint(-(10**6), 10**6)) for _ in range(300)]
    pairs = [(a, b) if dtype == INT else (a * unit, b * unit) for a, b in pairs]
    divide = build.floor_divide(build.col("a"), build.col("b"), dtype).sql("duckdb")
    mod = build.floor_mod(build.col("a"), build.col("b"), dtype).sql("duckdb")
    column = build.sql_type(dtype).sql("duckdb")
    engine.execute(f"create or replace table pairs (a {column}, b {column})")
    engine.executemany("insert into pairs values (?, ?)", pairs)

    values = engine.execute(f"select a, b, {divide}, {mod} from pairs").fetchall()

    assert [(q, m) for _, _, q, m in values] == [floored(a, b) for a, b, _, _ in values]


def test_floor_division_of_floats_floors_the_exact_quotient(engine):
    r = random.Random(6)
    pairs = [
        (1.0, 0.1),
        (-1.0, 0.1),
        (0.3, 0.1),
        (-7.5, 2.0),
        (5.0, 0.0),
        (-0.0, 3.0),
        (1e-20, -1.0),
    ]
    pairs += [
        (r.uniform(-1e6, 1e6), r.choice([0.1, -0.1, 3.0, r.uniform(-5, 5)])) for _ in range(300)
    ]
    divide = build.floor_divide(build.col("a"), build.col("b"), FLOAT).sql("duckdb")
    mod = build.floor_mod(build.col("a"), build.col("b"), FLOAT).sql("duckdb")
    engine.execute("create or replace table pairs (a double, b double)")
    engine.executemany("insert into pairs values (?, ?)", pairs)

    values = engine.execute(f"select a, b, {divide}, {mod} from pairs").fetchall()

    for a, b, quotient, rest in values:
        assert quotient == (None if b == 0 else a // b), (a, b)
        assert rest == (None if b == 0 else a % b), (a, b)


def test_floor_division_by_a_literal_reads_as_people_write_it(engine):
    divided = build.floor_divide(build.col("a"), build.number(7))

    assert divided.sql("duckdb") == '"a" // 7 - CASE WHEN "a" % 7 < 0 THEN 1 ELSE 0 END'


ZONES = [
    "UTC", "Asia/Kolkata", "America/New_York", "America/Havana", "Atlantic/Azores",
    "Africa/Cairo", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe",
]  # fmt: skip


def begin(unit: str, t: datetime, zone: str) -> datetime:
    """The first instant of the unit, with the standard library."""
    if unit in ("minute", "hour"):
        return t.replace(minute=0 if unit == "hour" else t.minute, second=0, microsecond=0)
    local = t.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match unit:
        case "week":
            day -= timedelta(days=day.weekday())
        case "month":
            day = day.replace(day=1)
        case "quarter":
            day = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            day = day.replace(month=1, day=1)
    return day.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize("zone", ZONES)
def test_units_begin_where_the_zones_calendar_says(engine, zone):
    r = random.Random(zone)
    near = [datetime(2023, 10, 29), datetime(2023, 11, 5, 4), datetime(2023, 4, 27, 22)]
    near += [datetime(2011, 12, 30, 10), datetime(2018, 11, 4, 3), datetime(2024, 2, 29)]
    times = [n + timedelta(minutes=r.randint(-3000, 3000), seconds=59) for n in near * 40]
    times += [
        datetime(1970, 1, 1) + timedelta(minutes=r.randint(-(10**6), 28 * 10**6))
        for _ in range(200)
    ]
    engine.execute("create or replace table times (t timestamp)")
    engine.executemany("insert into times values (?)", [(t,) for t in times])
    units = [start_of(u, build.col("t"), TIMESTAMP, zone).sql("duckdb") for u in UNITS]

    values = engine.execute(f"select t, {', '.join(units)} from times").fetchall()

    for t, *starts in values:
        assert starts == [begin(u, t, zone) for u in UNITS], t


@pytest.mark.parametrize("zone", ZONES)
def test_parts_of_a_time_are_what_the_zones_clocks_and_calendars_show(engine, zone):
    r = random.Random(zone)
    engine.execute("create or replace table times (a timestamp, b timestamp)")
    engine.executemany(
        "insert into times values (?, ?)",
        [
            # Up to 2023: what a zone's clocks will show is known differently by versions of data.
            [
                datetime(1970, 1, 1) + timedelta(seconds=r.randint(-(10**9), 17 * 10**8))
                for _ in "ab"
            ]
            for _ in range(300)
        ],
    )
    names = ("day_of_week", "is_weekend", "hour_of_day", "month_of_year", "age")
    parts = [lowered(n, "a", dtypes=[TIMESTAMP], timezone=zone) for n in names]
    parts.append(lowered("calendar_days", "a", "b", dtypes=[TIMESTAMP] * 2, timezone=zone))

    values = engine.execute(f"select a, b, {', '.join(parts)} from times").fetchall()

    for a, b, *found in values:
        a, b, now = (x.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for x in (a, b, AS_OF))
        years = now.year - a.year - ((now.month, now.day) < (a.month, a.day))
        days = (b.date() - a.date()).days
        weekday = a.isoweekday()
        assert found == [weekday, weekday > 5, a.hour, a.month, years, days], a


def test_whole_days_and_hours_are_floored_on_both_sides_of_1970_and_of_the_as_of_time(engine):
    r = random.Random(8)
    times = [AS_OF + timedelta(microseconds=r.randint(-(2 * 10**15), 10**14)) for _ in range(300)]
    times += [AS_OF, AS_OF - timedelta(days=1), AS_OF + timedelta(microseconds=1)]
    engine.execute("create or replace table times (t timestamp)")
    engine.executemany("insert into times values (?)", [(t,) for t in times])
    days = lowered("days_since", "t", dtypes=[TIMESTAMP])
    hours = lowered("hours_since", "t", dtypes=[TIMESTAMP])

    values = engine.execute(f"select t, {days}, {hours} from times").fetchall()

    for t, d, h in values:
        assert (d, h) == ((AS_OF - t) // timedelta(days=1), (AS_OF - t) // timedelta(hours=1))


def test_cases_of_letters_are_the_simple_mappings_of_unicode(engine):
    upper = lowered("upper", "c", dtypes=[TEXT])
    lower = lowered("lower", "c", dtypes=[TEXT])
    letters = "aßÅéΩςжщႠაǆǅᵹẞĲŉﬁ𐐀"

    values = engine.execute(
        f"select c, {upper}, {lower} from (select unnest(?::varchar[]) as c)", [list(letters)]
    ).fetchall()

    def simple(c: str, mapped: str) -> str:
        return mapped if len(mapped) == 1 else {"ß": "ẞ"}.get(c, c)

    assert values == [(c, simple(c, c.upper()), simple(c, c.lower())) for c in letters]


def test_a_duration_is_a_number_of_microseconds(engine):
    size = functions()["abs"].lower(
        Inputs(
            args=(build.literal(Duration(2, "h"), DURATION),),
            dtypes=(DURATION,),
            as_of=build.timestamp(AS_OF),
            timezone="UTC",
        )
    )

    assert ask(engine, size)[0] == 7_200_000_000
