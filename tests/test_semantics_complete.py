"""Where nothing is said, nothing is left out: a declaration that gets lost is a loud defect."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from featdsl.cli.main import run
from featdsl.compiler.pipeline import compile_text
from featdsl.ir.program import Program
from featdsl.semantics import groups, passes

TEXT = """\
namespace shop
param least: int = 1
entity customer { key customer_id: int from customers }
source customers {
  from csv "c.csv"
  key customer_id
  entity customer
  columns { customer_id: int }
}
entity till { key till_id: int }
input request { basket: int }
source sales {
  from parquet "s.parquet"
  key n
  time at
  entity customer
  entity till
  columns { n: int  customer_id: int  till_id: int  at: timestamp  amount: int }
  drop when amount < 0
  drop when amount > 1000
  expect amount < 100
}
source tills { from csv "t.csv"  key till_id  columns { till_id: int  place: text } }
view big from sales {
  join tills as t on till_id = t.till_id
  let double = amount * 2
  where amount > 10
  expect double > 0
}
view all_sales from sales, big_sales { }
view big_sales from sales { where amount > $least }
template seen(c: column) { first = min($c) { expect first > 0 }  expect first < 5 }
features spend for customer from big {
  total[7d, 30d] = sum(amount)
  for n in [1, 2] { over_{n} = count(where amount > $n) over 30d  expect over_{n} >= 0 }
  apply seen(amount) as money
  ratio = total_7d / request.basket
  expect total_30d >= 0
}
labels churn for customer from sales { gone = count() over next 30d }
features other for customer from sales { n = count() }
consumer model { kind model  reads training }
wanted variety for customer { by "a" }
dataset training for customer {
  spine every 7d from @2024-01-01 to @2024-02-01
  label churn.gone
  include other.*
  expect n >= 0
}
test "none" {
  given sales
    | n | customer_id | till_id | at         | amount |
    | 1 | 1           | 1       | 2024-01-01 | 5      |
  $least = 2
  at @2024-01-03
  then other
    | customer_id | n |
    | 1           | 1 |
}
"""


def test_a_project_of_every_declaration_lacks_nothing() -> None:
    made = compile_text(TEXT)

    assert [d for d in made.diagnostics if d.severity.value == "error"] == []
    assert len(made.program.groups["shop.spend"].members) == 6


def without(table: str, name: str) -> Callable[[Program], Program]:
    """The program without one of its declarations."""

    def lose(program: Program) -> Program:
        there = dict(getattr(program, table))
        del there[name]
        return replace(program, **{table: there})

    return lose


def losing(table: str, name: str, **parts: Any) -> Callable[[Program], Program]:
    """The program with less in one of its declarations."""

    def lose(program: Program) -> Program:
        there = dict(getattr(program, table))
        there[name] = replace(there[name], **parts)
        return replace(program, **{table: there})

    return lose


def unfeatured(table: str, group: str, short: str) -> Callable[[Program], Program]:
    """The program without a feature."""

    def lose(program: Program) -> Program:
        of = getattr(program, table)[group]
        return losing(
            table,
            group,
            features={n: f for n, f in of.features.items() if f.short != short},
            requests={n: f for n, f in of.requests.items() if f.short != short},
        )(program)

    return lose


def unchecked(program: Program) -> Program:
    group = program.groups["shop.spend"]
    features = {n: replace(f, expectations=()) for n, f in group.features.items()}
    return losing("groups", "shop.spend", features=features)(program)


LOSSES: dict[str, Callable[[Program], Program]] = {
    "the parameter `shop.least`": without("params", "shop.least"),
    "the entity `shop.till`": without("entities", "shop.till"),
    "the input `shop.request`": without("inputs", "shop.request"),
    "the source `shop.tills`": without("sources", "shop.tills"),
    "the view `shop.all_sales`": without("views", "shop.all_sales"),
    "the group `shop.other`": without("groups", "shop.other"),
    "the group `shop.churn`": without("labels", "shop.churn"),
    "the dataset `shop.training`": without("datasets", "shop.training"),
    "the consumer `shop.model`": without("consumers", "shop.model"),
    "the wanted feature `shop.variety`": without("wanted", "shop.variety"),
    'the test "none"': lambda program: replace(program, tests=()),
    "the feature `shop.spend.total`": unfeatured("groups", "shop.spend", "total_7d"),
    "the feature `shop.spend.over_1`": unfeatured("groups", "shop.spend", "over_1"),
    "the feature `shop.spend.money_first`": unfeatured("groups", "shop.spend", "money_first"),
    "the feature `shop.spend.ratio`": unfeatured("groups", "shop.spend", "ratio"),
    "the label `shop.churn.gone`": unfeatured("labels", "shop.churn", "gone"),
    "columns of `shop.tills`": losing("sources", "shop.tills", columns={}),
    "entities of `shop.sales`": losing("sources", "shop.sales", roles=()),
    "`drop when` of `shop.sales`": losing("sources", "shop.sales", drops=()),
    "expectation of `shop.sales`": losing("sources", "shop.sales", expectations=()),
    "sources of `shop.all_sales`": losing("views", "shop.all_sales", lefts=("shop.sales",)),
    "joins of `shop.big`": losing("views", "shop.big", joins=()),
    "`let` of `shop.big`": losing("views", "shop.big", lets=()),
    "`where` of `shop.big`": losing("views", "shop.big", where=None),
    "expectation of `shop.big`": losing("views", "shop.big", expectations=()),
    "expectation of `shop.spend`": losing("groups", "shop.spend", expectations=()),
    "expectation of `shop.spend.money_first`": unchecked,
    "`include` of `shop.training`": losing("datasets", "shop.training", columns=()),
    "labels of `shop.training`": losing("datasets", "shop.training", labels=()),
    "expectation of `shop.training`": losing("datasets", "shop.training", expectations=()),
    "`given` of `none`": lambda p: replace(p, tests=(replace(p.tests[0], given={}),)),
    "`$` settings of `none`": lambda p: replace(p, tests=(replace(p.tests[0], params={}),)),
    "`then` of `none`": lambda p: replace(p, tests=(replace(p.tests[0], expected=()),)),
}


@pytest.mark.parametrize("lost", LOSSES)
def test_what_gets_lost_in_silence_is_named(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lose = LOSSES[lost]
    monkeypatch.setattr(passes, "Program", lambda **parts: lose(Program(**parts)))

    with pytest.raises(AssertionError, match=f"{re.escape(lost)} .*is left out"):
        compile_text(TEXT)


def test_beside_a_mistake_nothing_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    lose = LOSSES["the group `shop.other`"]
    monkeypatch.setattr(passes, "Program", lambda **parts: lose(Program(**parts)))

    made = compile_text(f"{TEXT}\nview wrong from nowhere {{ }}")

    assert [d.code.slug for d in made.diagnostics if d.severity.value == "error"]


def test_a_feature_that_a_pass_forgets_is_an_internal_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = groups.resolve_feature
    monkeypatch.setattr(
        groups, "resolve_feature", lambda m, *rest: None if m.name == "n" else made(m, *rest)
    )
    tmp_path.joinpath("featc.toml").write_text('[project]\nname = "shop"\n', "utf-8")
    tmp_path.joinpath("a.feat").write_text(
        TEXT.partition("consumer model")[0].replace('"s.parquet"', '"s.csv"'), "utf-8"
    )

    assert run(["check", "--project", str(tmp_path)]) == 1
    said = capfd.readouterr().err
    assert said.startswith("error: internal compiler error: AssertionError: the feature")
    assert "`shop.other.n` (a.feat) is left out of the program, and nothing says why" in said
