"""A project whose every name and text tries to leave its place in SQL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.text.sources import SourceSet

TEXT = r"""
namespace shop

## It's a customer; */ DROP TABLE orders; /* $sql$ $$ \ -- "x"
entity customer { key customer_id: int }

source orders {
  from csv "orders.csv"
  key order_id
  time `As Of`
  entity customer
  columns {
    order_id: int required
    customer_id: int required
    `As Of`: timestamp "When; it's */ nearly the name of the parameter"
    `say "hi"; --`: text
    amount: decimal(12, 2)
    weight: float
  }
}

## Like the step that reads the table of this name.
view orders_lets from orders {
  let kind = if `say "hi"; --` = "it's -- \"\\ $sql$ $$ */" then "B" else "a"
  where amount > 0
}

## It's '; DROP TABLE orders; -- */ /* $sql$ $sql_$ $1 :x %s
features spend for customer from orders_lets {
  ## The sum; it's '); DROP TABLE orders; -- */ /*
  total[7d, 90d]: decimal(14, 2) = sum(amount default 0) { unit "it's $sql$" }

  ## Texts compare by code point: "B" < "a".
  kind = mode(kind)
  odd = count(where `say "hi"; --` = "it's -- \"\\ $sql$ $$ */")
  first_said = first(`say "hi"; --`)
  as_of_last = last(`As Of`)
  heavy = max(weight)
}
"""
SAID = "it's -- \"\\ $sql$ $$ */"
ROWS = [
    (1, 1, datetime(2026, 9, 28), SAID, Decimal("10.00"), 1.5),
    (2, 1, datetime(2026, 9, 29), "plain", Decimal("20.50"), float("nan")),
    (3, 2, datetime(2026, 8, 1), None, Decimal("5.25"), float("inf")),
    (4, 2, datetime(2026, 9, 30), "é", Decimal("-1.00"), 2.0),
]
TIMES = (datetime(2026, 10, 1), datetime(2026, 9, 29))
COLUMNS = ("customer_id", "total_7d", "total_90d", "kind", "odd", "first_said", "as_of_last")
EXPECTED = {
    TIMES[0]: [
        (1, Decimal("30.50"), Decimal("30.50"), "B", 1, SAID, datetime(2026, 9, 29), 1.5),
        (2, Decimal("0.00"), Decimal("5.25"), "a", 0, None, datetime(2026, 8, 1), None),
    ],
    TIMES[1]: [
        (1, Decimal("10.00"), Decimal("10.00"), "B", 1, SAID, datetime(2026, 9, 28), 1.5),
        (2, Decimal("0.00"), Decimal("5.25"), "a", 0, None, datetime(2026, 8, 1), None),
    ],
}


def compiled(text: str = TEXT) -> Compilation:
    options = Options(project="shop", lint={"missing-description": "off", "missing-owner": "off"})
    compilation = compile_project(SourceSet.of({"shop.feat": text}), options)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    return compilation
