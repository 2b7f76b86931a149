"""What is said, hashed and traced of features of other groups, entities, times and peers."""

from __future__ import annotations

import pytest

from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.compiler.lineage import trace_lineage
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Program
from featdsl.ir.text import canonical

TEXT = """\
namespace shop
entity customer { key customer_id: int  from cards }
entity store { key store_id: int }
entity place { key country: text  key city: text }
source cards {
  from csv "cards.csv"
  valid from_ts to to_ts
  entity customer
  columns { customer_id: int required  town: text  land: text  from_ts: timestamp  to_ts: timestamp }
}
source sales {
  from csv "sales.csv"
  key  sale_id
  time sold_at
  entity customer
  entity store
  columns { sale_id: int required  customer_id: int  store_id: int  sold_at: timestamp required  amount: int }
}
source rain {
  from csv "rain.csv"
  time at
  entity place
  columns { country: text required  city: text required  at: timestamp required  mm: int }
}
view beside from sales { let sold = load.sold via store_id }
features load for store from sales { sold = count() over 7d }
features weather for place from rain { wet = sum(mm) }
features profile for customer from cards { town = town  land = land }
features spend for customer from sales { spend = sum(amount) over 30d  home = last(store_id) }
features crowd for customer from beside { most = max(sold) }
features x for customer from sales {
  x = EXPRESSION
}
"""  # noqa: E501

SAID = {
    "spend.spend + 1": (
        "spend.spend + 1",
        "`spend.spend` plus 1. All are of the same `customer` and as-of time.",
    ),
    "load.sold via spend.home": (
        "load.sold via spend.home",
        "`load.sold` of what `spend.home` names. "
        "`spend.home` is of the same `customer` and as-of time. "
        "What a key names is read as of the same time; null for a key that is not known.",
    ),
    "weather.wet via (profile.land, profile.town)": (
        "weather.wet via (profile.land, profile.town)",
        "`weather.wet` of what `profile.land` and `profile.town` name. "
        "`profile.land` and `profile.town` are of the same `customer` and as-of time. "
        "What a key names is read as of the same time; null for a key that is not known.",
    ),
    "spend.spend 7d ago": (
        "spend.spend 7d ago",
        "`spend.spend` as it was 7 days before the as-of time.",
    ),
    "avg(spend.spend among profile.town)": (
        "avg(spend.spend among profile.town)",
        "Average of `spend.spend` among those of the same `profile.town`. "
        "Peers are each `customer` that `cards` lists at the as-of time.",
    ),
    "count(where spend.spend > 3 among all)": (
        "count(where spend.spend > 3 among all)",
        "Number of peers where `spend.spend` is more than 3 among all that exist then. "
        "Peers are each `customer` that `cards` lists at the as-of time.",
    ),
    "percent_rank(spend.spend among all) default 0": (
        "percent_rank(spend.spend among all) ?? 0",
        None,
    ),
    "max(load.sold via store_id) over 7d": (
        "max(load.sold via store_id over 7d)",
        "Largest of (`load.sold` of what `store_id` names) over the 7 days before the as-of time. "
        "It reads rows of `sales` with `sold_at` from 7 days before the as-of time "
        "up to, but not including, it. "
        "What a key of a row names is read as of the row's `sold_at`. "
        "Rows are visible as soon as they happen.",
    ),
}


def program(expression: str, text: str = TEXT) -> Program:
    compiled = compile_text(text.replace("EXPRESSION", expression), options=Options(project="shop"))
    assert compiled.ok, render_text(compiled.diagnostics, compiled.texts)
    return compiled.program


@pytest.mark.parametrize("written", SAID)
def test_it_has_one_spelling_that_means_what_it_was_made_from(written: str) -> None:
    expr = program(written).feature("shop.x.x").expr

    assert canonical(expr) == SAID[written][0]
    assert program(canonical(expr)).feature("shop.x.x").expr == expr


@pytest.mark.parametrize("written", SAID)
def test_it_is_said_in_words(written: str) -> None:
    text = TEXT.replace("EXPRESSION", written)
    manifest = compile_text(text, options=Options(project="shop")).manifest()
    said = next(f.sentence for f in manifest.features if f.short == "x")

    assert SAID[written][1] in (None, said)


CHANGES = {
    "the length of time": ("spend.spend 7d ago", "spend.spend 8d ago"),
    "the key": ("load.sold via spend.home", "load.sold via (spend.home + 1)"),
    "who the peers are": ("avg(spend.spend among profile.town)", "avg(spend.spend among all)"),
    "what is asked of them": ("avg(spend.spend among all)", "max(spend.spend among all)"),
    "whom it counts": ("count(among all)", "count(where spend.spend > 1 among all)"),
    "of what it is": ("spend.spend + 1", "(spend.spend 1d ago) + 1"),
}


@pytest.mark.parametrize(("one", "other"), CHANGES.values(), ids=CHANGES)
def test_a_change_of_meaning_is_another_fingerprint(one: str, other: str) -> None:
    prints = [fingerprint_features(program(e))["shop.x.x"].data for e in (one, other)]

    assert prints[0] != prints[1]


@pytest.mark.parametrize(
    "written",
    ["spend.spend", "spend.spend 7d ago", "max(spend.spend among all)", "load.sold via spend.home"],
)
def test_it_changes_with_what_it_rests_on(written: str) -> None:
    changed = TEXT.replace("over 30d", "over 31d").replace("count() over 7d", "count() over 8d")
    before = fingerprint_features(program(written))
    after = fingerprint_features(program(written, changed))

    assert before["shop.x.x"] != after["shop.x.x"]
    assert before["shop.crowd.most"] != after["shop.crowd.most"], "through the view"
    assert before["shop.profile.town"] == after["shop.profile.town"]


def test_the_groups_of_what_is_read_are_no_part_of_the_meaning() -> None:
    renamed = TEXT.replace("spend.", "money.").replace("features spend", "features money")
    before = fingerprint_features(program("spend.spend 7d ago"))
    after = fingerprint_features(program("money.spend 7d ago", renamed))

    assert before["shop.x.x"].data == after["shop.x.x"].data


def test_lineage_goes_on_through_features_of_other_groups_and_views() -> None:
    traced = trace_lineage(program("load.sold via spend.home"))

    assert traced["shop.x.x"].features == ("shop.load.sold", "shop.spend.home")
    assert {r.column for r in traced["shop.x.x"].columns} >= {"store_id", "sold_at", "customer_id"}
    assert traced["shop.crowd.most"].features == ("shop.load.sold",)


@pytest.mark.parametrize("clause", ["", " default min(b.last_one via k)", " where b.n via k > 0"])
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_the_order_of_groups_means_nothing_wherever_a_look_up_stands(
    clause: str, first: bool
) -> None:
    groups = [
        f"features a for e from s {{\n  x = max(n){clause}\n}}\n",
        "features b for e from s {\n  n = count() over 7d\n  last_one = last(n)\n}\n",
    ]
    source = (
        "entity e { key k: int }\n"
        'source s {\n  from parquet "x.parquet"\n  key id\n  time at\n  entity e (k)\n'
        "  columns { id: int required  k: int  at: timestamp required  n: int }\n}\n"
    )

    compiled = compile_text(source + "".join(groups if first else reversed(groups)))

    assert compiled.ok, render_text(compiled.diagnostics, compiled.texts)
    assert {f.short for f in compiled.program.features()} == {"x", "n", "last_one"}
