"""Merging what is kept of parts of the rows gives the value of all of them, whatever the parts."""

from __future__ import annotations

import pytest
from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Partials
from featdsl.sql import build
from tests.test_aggregates import CASES as EXAMPLES
from tests.test_aggregates import at_hours, inputs, load, plain, row_types, same
from tests.test_aggregates import engine as one_engine
from tests.test_aggregates_random import CASES, PLAIN, ROWS
from tests.test_aggregates_random import engine as many_engine
from tests.test_aggregates_random import given as given_to
from tests.test_aggregates_random import same as alike

alone = one_engine
many = many_engine
MERGED = [p for p in CASES if isinstance(p.values[0].partials, Partials)]
SHOWN = [p for p in EXAMPLES if isinstance(p.values[0].partials, Partials)]
PARTS = ("tie * 0", "hash(tie) % 2", "hash(tie) % 7", "tie")


def named(states) -> list[exp.Expr]:
    return [exp.Alias(this=value, alias=build.ident(name)) for name, value in states.items()]


def columns(states) -> dict[str, exp.Expr]:
    return {name: build.col(name) for name in states}


def merged(partials: Partials, of, part: str, by: str | None = None) -> str:
    """The value of rows by way of their parts."""
    states = partials.states(of)
    keys = [] if by is None else [exp.column(by)]
    parts = exp.select(*(k.copy() for k in keys), *named(states)).from_("rows")
    parts = parts.group_by(*(k.copy() for k in keys), part, dialect="duckdb")
    together = exp.select(*(k.copy() for k in keys), *named(partials.merge(columns(states))))
    together = together.from_(parts.subquery("parts"))
    if keys:
        together = together.group_by(*(k.copy() for k in keys))
    value = partials.finish(columns(states), of)
    return exp.select(*keys, value).from_(together.subquery("merged")).sql("duckdb")


def test_every_aggregate_says_how_parts_are_merged_or_why_not():
    silent = [n for n, a in aggregates().items() if a.partials == "it does not say"]

    assert silent == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("aggregate", "example"), SHOWN)
def test_parts_of_an_example_give_its_result(alone, aggregate, example, part):
    load(alone, row_types(aggregate, example.dtypes), at_hours(example))
    of = inputs(aggregate, example.dtypes, example.constants)

    ((value,),) = alone.execute(merged(aggregate.partials, of, part)).fetchall()

    assert same(value, plain(example.result)), (value, example.result)


@pytest.mark.parametrize("part", PARTS[1:3])
@pytest.mark.parametrize(("aggregate", "call", "condition"), MERGED)
def test_parts_of_groups_give_what_a_plain_loop_gives(many, aggregate, call, condition, part):
    of = given_to(aggregate, call, condition=condition)

    values = dict(many.execute(merged(aggregate.partials, of, part, "k")).fetchall())

    for k, value in values.items():
        rows = [r for r in ROWS if r["k"] == k and (not condition or r["counts"] is True)]
        assert alike(value, PLAIN[aggregate.name][0](rows, *call)), (k, value)


@pytest.mark.parametrize(
    ("aggregate", "call", "condition"), [p for p in MERGED if p.values[0].partials.invertible]
)
def test_a_part_taken_away_leaves_the_value_of_the_others(many, aggregate, call, condition):
    if "f" in call and not aggregate.partials.exact:
        return  # of floats, differences cancel
    of = given_to(aggregate, call, condition=condition)
    partials = aggregate.partials
    states = partials.states(of)
    all_states = exp.select("k", *named(states)).from_("rows").group_by("k").sql("duckdb")
    gone = (
        exp.select("k", *named(states)).from_("rows").where("hash(tie) % 3 = 0", dialect="duckdb")
    )
    away = gone.group_by("k").sql("duckdb")
    less = ", ".join(f'whole."{n}" - coalesce(gone."{n}", 0) as "{n}"' for n in states)
    rest = f"select whole.k, {less} from ({all_states}) whole left join ({away}) gone using (k)"
    value = partials.finish(columns(states), of).sql("duckdb")

    values = dict(many.execute(f"select k, {value} from ({rest})").fetchall())

    left = {r[0] for r in many.execute("select tie from rows where hash(tie) % 3 <> 0").fetchall()}
    for k, value in values.items():
        rows = [r for r in ROWS if r["k"] == k and r["tie"] in left]
        rows = [r for r in rows if not condition or r["counts"] is True]
        assert alike(value, PLAIN[aggregate.name][0](rows, *call)), (k, value)
