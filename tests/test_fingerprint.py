"""Fingerprints see what can change a value, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.ir.expr import Param
from featdsl.ir.manifest import Fingerprint, Manifest
from featdsl.ir.program import Origin
from featdsl.ir.visit import walk

TEXT = """\
namespace shop
## Price from which a product counts as premium.
param floor: decimal(12, 2) = 500.00
param unused: int = 1
const month = 30d
fn net(x: decimal(12, 2)): decimal(12, 2) = x - 1.00

entity customer { key customer_id: int  from customers }

## Sales.
source sales {
  from csv "sales.csv" (delimiter = ",")
  key txn_id
  time sold_at then line_no available after 2h
  entity customer
  columns {
    txn_id: int required  line_no: int required  customer_id: int required  sku: int
    sold_at: timestamp required  updated_at: timestamp required  status: text
    amount: decimal(12, 2) "Line total"  phone: text pii  extra: int
  }
  drop when amount < 0 because "till corrections"
  keep last per txn_id by updated_at
  expect unique(txn_id, updated_at)
}
source products {
  from csv "products.csv"
  valid from_ts to to_ts
  columns {
    sku: int required  price: decimal(12, 2)  kind: text  from_ts: timestamp  to_ts: timestamp
  }
}
source customers {
  from csv "customers.csv"
  valid since to until
  entity customer
  columns { customer_id: int required  city: text  since: timestamp  until: timestamp }
}
view lines from sales {
  join products as p on sku = p.sku
  let premium: bool = p.price >= $floor
  let kind = p.kind
  let idle = amount + 1.00
  where status = "paid" and amount is not null
}
## What a customer spends.
features spend for customer from lines {
  owner "a@example.com"
  ## Money spent.
  spend: decimal(14, 2) = sum(amount default 0) over 30d { unit "INR" }
  share = count(where premium) / count() over 30d
  newest = last(kind)
  netted = sum(net(amount)) over $month
  hour = max(hour_of_day(sold_at)) over 7d
  trend = spend / share
  other = count() over 1d
}
features profile for customer from customers {
  city = city
}
"""


def manifest(text: str = TEXT, **options: object) -> Manifest:
    compiled = compile_text(text, options=Options(project="shop", **options))  # type: ignore[arg-type]
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.manifest()


def prints(text: str = TEXT, **options: object) -> dict[str, Fingerprint]:
    return {f.short: f.fingerprint for f in manifest(text, **options).features}


def data(text: str = TEXT, **options: object) -> dict[str, str]:
    return {name: p.data for name, p in prints(text, **options).items()}


def changed(old: str, new: str) -> set[str]:
    """Names of the features whose meaning an edit changes."""
    assert TEXT.count(old) == 1, old
    before, after = data(), data(TEXT.replace(old, new))
    return {name for name in before if before[name] != after[name]}


ALL = {"spend", "share", "newest", "netted", "hour", "trend", "other", "city"}
OVER_LINES = ALL - {"city"}

MEANS_SOMETHING = {
    "the window's length": ("count() over 1d", "count() over 2d", {"other"}),
    "an end of the window": ("count() over 1d", "count() over 1d..=0d", {"other"}),
    "the aggregate": ("max(hour_of_day", "min(hour_of_day", {"hour"}),
    "an operator": ("= spend / share", "= spend * share", {"trend"}),
    "a filter of a call": ("count(where premium)", "count(where not premium)", {"share", "trend"}),
    "the default of a call": ("sum(amount default 0)", "sum(amount)", {"spend", "trend"}),
    "the type": ("spend: decimal(14, 2)", "spend: decimal(14, 4)", {"spend", "trend"}),
    "a constant": ("const month = 30d", "const month = 31d", {"netted"}),
    "a function": ("= x - 1.00", "= x - 2.00", {"netted"}),
    "a parameter's default": ("= 500.00", "= 501.00", {"share", "trend"}),
    "a definition in a view": ("p.price >= $floor", "p.price > $floor", {"share", "trend"}),
    "the view's filter": ('status = "paid"', 'status = "open"', OVER_LINES),
    "what a join is on": ("on sku = p.sku", "on line_no = p.sku", {"share", "trend", "newest"}),
    "what is dropped": ("drop when amount < 0", "drop when amount <= 0", OVER_LINES),
    "the delay": ("available after 2h", "available after 3h", OVER_LINES),
    "which version wins": ("by updated_at\n", "by updated_at, line_no\n", OVER_LINES),
    "the joined source's validity": (
        "valid from_ts to to_ts",
        "valid to_ts to from_ts",
        {"share", "trend", "newest"},
    ),
    "the type of a column that is used": (
        'amount: decimal(12, 2) "',
        'amount: decimal(12, 1) "',
        OVER_LINES,
    ),
    "the type of a column that decides": (
        "price: decimal(12, 2)",
        "price: decimal(14, 2)",
        {"share", "trend"},
    ),
    "how ties are broken": ("then line_no", "then sku", {"newest"}),
    "where the data lie": ('"products.csv"', '"other.csv"', {"share", "trend", "newest"}),
    "how the data are read": ('(delimiter = ",")', '(delimiter = ";")', OVER_LINES),
    "the population": ("  from customers }", "}", ALL),
    "the population's history": ("valid since to until", "", ALL),
}
MEANS_SOMETHING |= {
    "a step": ("count() over 1d", "count() over 1d aligned 1d", {"other"}),
    "a step of the group": ("from lines {", "from lines aligned 1d {", OVER_LINES),
    "a unit": ("count() over 1d", "count() over since start of day", {"other"}),
    "a cap": ("count() over 1d", "count() over last 9 events in 1d", {"other"}),
    "groups of rows": ("count() over 1d", "count(per sku) over 1d", {"other"}),
    "a text of SQL": ("count() over 1d", 'max(sql("{x} + 1", x: sku): int) over 1d', {"other"}),
    "a row before": ("count() over 1d", "count(where previous(sku) = 1) over 1d", {"other"}),
}
MEANS_NOTHING = {
    "a comment": ("namespace shop", "# hello\nnamespace shop"),
    "line ends and spaces": ("  let kind = p.kind", "let\n  kind    =\n p.kind"),
    "a description": ("## Sales.", "## All that was sold."),
    "a column's description": ('"Line total"', '"What was paid"'),
    "a reason": ('"till corrections"', '"nothing"'),
    "an owner": ("a@example.com", "b@example.com"),
    "a unit": ('{ unit "INR" }', '{ unit "EUR" tags ["x"] }'),
    "an expectation": ("  expect unique(txn_id, updated_at)\n", ""),
    "a column that nothing uses": ("  extra: int", "  extra: int  more: text"),
    "the type of one": ("extra: int", "extra: text"),
    "a mark of one": ("phone: text pii", "phone: text"),
    "a definition that nothing uses": ("let idle = amount + 1.00", "let idle = amount + 2.00"),
    "a parameter that nothing uses": ("unused: int = 1", "unrelated: int = 2"),
    "the order of what a filter asks": (
        'status = "paid" and amount is not null',
        'amount is not null and status = "paid"',
    ),
    "a length in another unit": ("const month = 30d", "const month = 720h"),
    "the window's place": ("sum(amount default 0) over 30d", "sum(amount over 30d default 0)"),
    "a join's alias": ("x - 1.00", "(x - 1.00)"),
    "the order of features": ("  share = count", "  zero = count() over 9d\n  share = count"),
    "quotes": ('"sales.csv"', "'sales.csv'"),
}


ONE_CALL = (
    "count(where premium and amount > 1.00)",
    "count(where amount > 1.00 and premium)",
)


@pytest.mark.parametrize(("old", "new", "features"), MEANS_SOMETHING.values(), ids=MEANS_SOMETHING)
def test_a_change_of_meaning_changes_exactly_what_rests_on_it(
    old: str, new: str, features: set[str]
):
    assert changed(old, new) == features


@pytest.mark.parametrize(("old", "new"), MEANS_NOTHING.values(), ids=MEANS_NOTHING)
def test_what_means_nothing_changes_nothing(old: str, new: str):
    assert changed(old, new) == set()


def test_the_order_of_what_a_call_asks_means_nothing():
    one, other = (data(TEXT.replace("count(where premium)", call)) for call in ONE_CALL)
    assert one == other != data()


@pytest.mark.parametrize("name", ["lines", "products", "sales", "premium", "net", "month"])
def test_the_name_of_a_declaration_means_nothing(name: str):
    # Not in texts between quotes: those are places, not names.
    renamed = re.sub(rf'(?<!["\w]){name}(?![\w.]*")\b', f"{name}_2", TEXT)
    renamed = renamed.replace(f"p.{name}_2", f"p.{name}")

    assert data(renamed) == data()


def test_the_alias_of_a_join_means_nothing():
    renamed = TEXT.replace(" as p ", " as q ").replace("p.", "q.")

    assert data(renamed) == data()


def test_the_order_of_declarations_means_nothing():
    head, *declared = re.split(r"(?m)^(?=source |view |entity |## What|features profile)", TEXT)
    shuffled = head + "\n".join(reversed([d if d.endswith("\n") else d + "\n" for d in declared]))

    assert data(shuffled) == data()


def test_renaming_a_feature_changes_neither_it_nor_what_is_made_of_it():
    renamed = data(TEXT.replace("share", "portion"))

    assert (renamed["portion"], renamed["trend"]) == (data()["share"], data()["trend"])


def test_features_that_mean_the_same_have_the_same_fingerprint():
    twice = TEXT.replace(
        "  other = count() over 1d", "  other = count() over 1d\n  twin = count(over 24h)"
    )

    assert data(twice)["twin"] == data(twice)["other"]


def test_the_value_of_a_parameter_means_nothing_its_default_does():
    given = data(params={"floor": ("750.00", Origin.COMMAND)})

    assert given == data()


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("quantile(sku, $part / 100)", "part"),
        ("max(bucket(sku, [0, $part * 2]))", "part"),
        ("sum(sku) over $back", "back"),
        ("sum(sku) over $back aligned 1d", "back"),
        ("sum(sku - previous(sku, $part))", "part"),
        ("count_distinct(session(sold_at, gap: $back))", "back"),
        ("max(sum(sku) per session(sold_at, gap: $back * 2))", "back"),
    ],
)
def test_calculations_and_windows_of_parameters_are_known_by_defaults(call: str, names: str):
    text = TEXT.replace("count() over 1d", call)
    text += "param part: int = 25\nparam back: duration = 2d\n"
    other = {"part": ("50", Origin.COMMAND), "back": ("3d", Origin.COMMAND)}

    assert data(text, params=other) == data(text)
    changed = text.replace("int = 25", "int = 26").replace("= 2d", "= 4d")
    assert data(changed)["other"] != data(text)["other"]
    constant = text.replace("$part / 100", "0.25").replace("$part * 2", "50")
    constant = constant.replace("$back * 2", "4d").replace("$part", "25")
    assert data(constant.replace("$back", "2d"))["other"] != data(text)["other"]
    program = compile_text(text, options=Options(project="shop")).program
    assert program is not None
    reads = {n.name for n in walk(program.feature("shop.spend.other").expr) if isinstance(n, Param)}
    assert {name.rpartition(".")[2] for name in reads} == {names}


PLACED = TEXT.replace('"sales.csv" (delimiter = ",")', '"{$folder}/sales.csv" (delimiter = $mark)')
PLACED += 'param folder: text = "a"\nparam mark: text = ","\n'


@pytest.mark.parametrize(("param", "value"), [("folder", "b"), ("mark", ";")])
def test_where_data_lie_is_known_by_defaults_of_parameters(param: str, value: str):
    given = data(PLACED, params={param: (value, Origin.COMMAND)})
    default = {"folder": '"a"', "mark": '","'}[param]
    other = data(PLACED.replace(f"{param}: text = {default}", f'{param}: text = "{value}"'))

    assert {name for name in given if given[name] != data(PLACED)[name]} == set()
    assert {name for name in other if other[name] != data(PLACED)[name]} == OVER_LINES


def test_the_timezone_enters_only_where_days_or_hours_are_read():
    there = data(timezone="America/New_York")

    assert {name for name in there if there[name] != data()[name]} == {"hour"}


@pytest.mark.parametrize(
    ("window", "zoned"),
    [
        ("7d aligned 1d", True),
        ("7d aligned 1month", True),
        ("7d aligned 6h", False),
        ("since start of week", True),
        ("since start of hour", False),
        ("since start of hour aligned 1w", True),
    ],
)
def test_the_timezone_enters_where_a_window_begins_at_midnight(window: str, zoned: bool):
    text = TEXT.replace("count() over 1d", f"count() over {window}")
    here, there = data(text), data(text, timezone="America/New_York")

    assert (here["other"] != there["other"]) == zoned


@pytest.mark.parametrize(
    ("call", "zoned"),
    [
        ("streak(sold_at, step: 1d)", True),
        ("longest_streak(sold_at, step: 1w)", True),
        ("streak(sold_at, step: 6h)", False),
        ("streak(sku > 1)", False),
    ],
)
def test_the_timezone_enters_where_steps_begin_at_midnight(call: str, zoned: bool):
    text = TEXT.replace("count() over 1d", f"{call} over 1d")
    here, there = data(text), data(text, timezone="America/New_York")

    assert (here["other"] != there["other"]) == zoned


def test_the_spelling_of_sql_and_its_holes_mean_nothing_its_arguments_and_type_do():
    def fingerprint(call: str) -> Fingerprint:
        return data(TEXT.replace("count() over 1d", f"max({call}) over 1d"))["other"]

    one = fingerprint('sql("{a}-{b}", a: sku, b: line_no): int')

    assert fingerprint('sql("{x}  -  {y}", y: line_no, x: sku): int') == one
    assert fingerprint('sql("{a}-{b}", b: sku, a: line_no): int') != one
    assert fingerprint('sql("{b}-{a}", a: sku, b: line_no): int') != one
    assert fingerprint('sql("{a}+{b}", a: sku, b: line_no): int') != one
    assert fingerprint('sql("{a}-{b}", a: sku, b: line_no): float') != one


def test_what_is_next_is_known_by_its_rows_its_column_and_its_conditions():
    text = TEXT.replace("count() over 1d", "next_in(days, day, country = $at, kind = 1)")
    text += """param at: text = "IN"
source days {
  from csv "days.csv"
  columns { day: date  other: date  country: text  kind: int  gone: bool  more: int }
  drop when gone because "not in the calendar"
}
"""
    own = data(text)["other"]

    same = [("$at, kind = 1", "$at, kind = 1, country = $at"), ("more: int", "more: text")]
    same += [("country = $at, kind = 1", "kind = 1, country = $at")]
    for old, new in same:
        assert data(text.replace(old, new))["other"] == own
    assert data(text, params={"at": ("AT", Origin.COMMAND)})["other"] == own
    changes = [("(days, day", "(days, other"), ("$at, kind = 1", "$at"), ('"IN"', '"AT"')]
    changes += [("drop when gone", "drop when not gone"), ('"days.csv"', '"d.csv"')]
    for old, new in changes:
        assert data(text.replace(old, new))["other"] != own
    reads = next(f for f in manifest(text).features if f.short == "other")
    assert {(c.source.rpartition(".")[2], c.column) for c in reads.columns} >= {
        ("days", "day"),
        ("days", "country"),
        ("days", "gone"),
    }


def test_the_order_of_the_keys_of_groups_means_nothing():
    one = data(TEXT.replace("count() over 1d", "max(sku per sku, line_no) over 1d"))
    other = data(TEXT.replace("count() over 1d", "max(sku per line_no, sku) over 1d"))
    key = data(TEXT.replace("count() over 1d", "max(line_no per line_no, sku) over 1d"))

    assert one["other"] == other["other"] != key["other"]


def test_a_secret_is_not_even_hashed():
    secret = TEXT.replace("param floor", "secret param floor")
    other = secret.replace("= 500.00", "= 501.00")

    assert data(secret) == data(other)


def test_what_is_said_of_a_feature_is_fingerprinted_apart():
    said = prints(TEXT.replace('{ unit "INR" }', '{ unit "EUR" }'))

    assert {n for n in said if said[n].metadata != prints()[n].metadata} == {"spend"}
    assert {n for n in said if said[n].data != prints()[n].data} == set()


def test_an_owner_of_a_group_is_said_of_its_features():
    said = prints(TEXT.replace("a@example.com", "b@example.com"))

    assert {n for n in said if said[n].metadata != prints()[n].metadata} == OVER_LINES


def test_the_project_s_fingerprint_follows_its_features():
    assert manifest(TEXT).fingerprint == manifest("# note\n" + TEXT).fingerprint
    assert (
        manifest(TEXT.replace("over 1d", "over 2d")).fingerprint.data
        != manifest(TEXT).fingerprint.data
    )


def test_definitions_that_double_at_each_step_are_hashed_at_once():
    doubled = ["  let d0 = amount + 1.00"]
    doubled += [f"  let d{i} = cast(d{i - 1} + d{i - 1} as decimal(12, 2))" for i in range(1, 60)]
    text = TEXT.replace("  let kind = p.kind", "\n".join(["  let kind = p.kind", *doubled]))
    text = text.replace("  other = count() over 1d", "  other = max(d59) over 1d")

    assert len(data(text)["other"]) == 64


def test_a_fingerprint_does_not_depend_on_the_hash_seed():
    code = (
        "import sys; from featdsl.compiler.pipeline import compile_text;"
        "print([f.fingerprint.data for f in compile_text(sys.stdin.read()).manifest().features])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=TEXT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("0", "1", "424242")
    }

    assert found == {str(list(data().values())) + "\n"}
