"""What a dialect cannot say is told at the text's place, before any SQL is written.

Texts of messages are in ``problems/``, rewritten with ``FEATC_UPDATE_GOLDEN=1``.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from featdsl.compiler.embed import Shape, render_statement
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.render.text import render_text
from featdsl.text.sources import SourceSet

GOLDEN = Path(__file__).parent / "problems"
OPTIONS = Options(project="shop", lint={"missing-description": "off", "missing-owner": "off"})
LONG = "x" * 64

HEAD = """\
namespace shop
entity customer { key customer_id: int }
source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id: int
    customer_id: int
    ordered_at: timestamp
    note: text
    weight: float
  }
}
"""


def group(*lines: str, relation: str = "orders") -> str:
    return "\n".join([f"features spend for customer from {relation} {{", *lines, "}\n"])


CASES = {
    "FD0501": HEAD
    + "view noted from orders {\n"
    + '  let gift = extract(note, "gift ([a-z]+)")\n}\n'
    + group(
        '  gifts = count(where note matches "gift") over 7d',
        "  rest = mod(max(weight), 0.5)",
        "  notes = collect(note, last: 3)",
        "  weights = sum(weight by note)",
        "  best = mode(gift)",
        '  letters = last(sql("lower({n})", n: note): text)',
        relation="noted",
    ),
    "FD0502": HEAD + group(f"  {LONG[:60]}[90d] = count()"),
}


def refused(texts: dict[str, str], group: str = "shop.spend", **settings) -> str:
    compilation = compile_project(SourceSet.of(texts), OPTIONS)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    with pytest.raises(Failure) as caught:
        render_statement(
            compilation.program,
            group,
            as_of=datetime(2026, 10, 1),
            **{"dialect": "postgres", **settings},
        )
    return render_text(caught.value.diagnostics, compilation.texts)


@pytest.mark.parametrize("code", CASES)
def test_a_refusal_says_what_and_why_and_where(code: str) -> None:
    found = refused({"shop.feat": CASES[code]}).rstrip() + "\n"

    path = GOLDEN / f"{code}.txt"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_a_schema_that_is_too_long_is_refused() -> None:
    text = HEAD + group("  n = count() over 7d")

    found = refused({"shop.feat": text}, shape=Shape.VIEW, schema=LONG)

    assert f"`{LONG}` has 64 bytes" in found


def test_duckdb_computes_what_postgres_lacks() -> None:
    compilation = compile_project(SourceSet.of({"shop.feat": CASES["FD0501"]}), OPTIONS)

    text = render_statement(compilation.program, "shop.spend", as_of="param")

    assert "REGEXP_MATCHES" in text.upper()
