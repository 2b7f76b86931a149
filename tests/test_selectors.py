"""Selectors: which features a command is about."""

from __future__ import annotations

import pytest

from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import Program
from featdsl.project.selectors import select

TEXT = """
namespace retail

entity customer { key customer_id: int }

source transactions {
  from parquet "transactions.parquet"
  key txn_id
  time sold_at
  entity customer
  columns { txn_id: int required  customer_id: int required  sold_at: timestamp required  amount: decimal(12, 2) }
}

source visits {
  from parquet "visits.parquet"
  key visit_id
  time seen_at
  entity customer
  columns { visit_id: int required  customer_id: int required  seen_at: timestamp required }
}

view big from transactions { where amount > 100 }

features spend for customer from big {
  owner "growth@example.com"
  tags ["money"]
  spend[7d, 30d] = sum(amount default 0)
  trend = spend_7d / spend_30d { tags ["ratio"] }
  score = trend * 2 { owner "ml@example.com" }
}

features traffic for customer from visits {
  owner "web@example.com"
  visits_7d = count() over 7d
}

labels outcome for customer from visits {
  gone = count() = 0 over next 7d
}

consumer churn_model { kind model }
consumer report { reads churn, traffic.visits_7d }

dataset churn for customer {
  consumer churn_model
  include spend.spend_7d, spend.score
}
"""  # noqa: E501


@pytest.fixture(scope="module")
def program() -> Program:
    compilation = compile_text(TEXT)
    assert compilation.ok, compilation.diagnostics
    return compilation.program


SPEND = ("spend_7d", "spend_30d", "trend", "score")


@pytest.mark.parametrize(
    ("selectors", "selected"),
    [
        ((), (*SPEND, "visits_7d")),
        (("spend_7d",), ("spend_7d",)),
        (("spend.spend_7d",), ("spend_7d",)),
        (("retail.spend.spend_7d",), ("spend_7d",)),
        (("spend.spend",), ("spend_7d", "spend_30d")),
        (("spend",), SPEND),
        (("retail",), (*SPEND, "visits_7d")),
        (("*_7d",), ("spend_7d", "visits_7d")),
        (("spend.*",), SPEND),
        (("retail.*.s*",), ("spend_7d", "spend_30d", "score")),
        (("tag:money",), SPEND),
        (("tag:ratio",), ("trend",)),
        (("owner:web@example.com",), ("visits_7d",)),
        (("owner:*@example.com",), (*SPEND, "visits_7d")),
        (("owner:growth@example.com",), ("spend_7d", "spend_30d", "trend")),
        (("+trend",), ("spend_7d", "spend_30d", "trend")),
        (("+score",), SPEND),
        (("spend_7d+",), ("spend_7d", "trend", "score")),
        (("+trend+",), SPEND),
        (("transactions+",), SPEND),
        (("big+",), SPEND),
        (("retail.visits+",), ("visits_7d",)),
        (("visits_7d", "trend"), ("trend", "visits_7d")),
        (("trend", "trend"), ("trend",)),
        (("dataset:churn",), ("spend_7d", "score")),
        (("dataset:retail.ch*",), ("spend_7d", "score")),
        (("consumer:churn_model",), ("spend_7d", "score")),
        (("consumer:report",), ("spend_7d", "score", "visits_7d")),
        (("+dataset:churn",), SPEND),
    ],
)
def test_a_selector_selects_in_the_order_of_the_program(
    program: Program, selectors: tuple[str, ...], selected: tuple[str, ...]
) -> None:
    assert tuple(name.rpartition(".")[2] for name in select(program, selectors)) == selected


@pytest.mark.parametrize(
    ("selector", "remedy"),
    [
        ("spned", "did you mean `spend`?"),
        ("spend.trnd", "did you mean `spend.trend`?"),
        ("tag:mony", "did you mean `money`?"),
        ("owner:nobody", "known owners: `growth@example.com`"),
        ("team:x", "`tag:`, `owner:`, `dataset:` and `consumer:` are the kinds of selectors"),
        ("dataset:chrun", "did you mean `churn`?"),
        ("consumer:nobody", "known consumers: `churn_model`, `report`"),
        ("churn", "`dataset:churn` selects the features of the dataset `churn`"),
        ("gone", "known groups"),
        ("transactions", "`transactions` is a source; `transactions+` selects the features"),
        ("+big", "`big` is a view; `big+` selects the features that read it"),
        ("zzz", "known groups: `spend`, `traffic`"),
        ("", "known groups: `spend`, `traffic`"),
        ("+", "known groups: `spend`, `traffic`"),
        ("SPEND_7D", "did you mean `spend_7d`?"),
    ],
)
def test_a_selector_that_matches_nothing_is_refused_with_a_remedy(
    program: Program, selector: str, remedy: str
) -> None:
    with pytest.raises(Failure) as caught:
        select(program, [selector])

    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.id == "FD0613"
    assert diagnostic.message == f"selector `{selector}` matches no feature"
    assert any(text.startswith(remedy) for text in diagnostic.helps), diagnostic.helps


def test_every_selector_that_matches_nothing_is_reported(program: Program) -> None:
    with pytest.raises(Failure) as caught:
        select(program, ["zzz", "spend", "yyy"])

    assert len(caught.value.diagnostics) == 2
