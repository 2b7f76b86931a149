"""Templates: what they make is what would be written by hand, read where they are declared."""

from __future__ import annotations

from till import BASE, analysed, beside, group

from featdsl.compiler.fingerprint import fingerprint_features

LIBRARY = """\
namespace library
## A factor.
const factor = 2
## Scaled.
fn scaled(x: decimal): decimal = x * $factor
## Totals.
template totals(x: column, w: window) {
  ## The sum.
  total[$w] = sum($x)
  ## Scaled.
  large = max(scaled($x)) over $w
  ## Both.
  both = total_30d + large
}
"""
APPLIED = """\
namespace shop
use library.totals
## A factor.
const factor = 100
## Money.
features money for customer from lines {{
  owner "a@example.com"
  {body}
}}
"""
WRITTEN = """\
  ## The sum.
  a_total[30d] = sum(amount)
  ## Scaled.
  a_large = max(amount * 2) over 30d
  ## Both.
  a_both = a_total_30d + a_large
"""


def _meaning(body: str) -> dict[str, str]:
    files = {"shop.feat": BASE, "library.feat": LIBRARY, "t.feat": APPLIED.format(body=body)}
    program, found, _ = analysed(files)
    assert [d.message for d in found if d.severity.value == "error"] == []
    names = program.groups["shop.money"].features
    return {n: p.data for n, p in fingerprint_features(program).items() if n in names}


def test_a_template_means_what_is_written_out() -> None:
    applied = _meaning("apply totals(amount, 30d) as a")

    assert applied == _meaning(WRITTEN)
    assert len(applied) == 3


def test_a_column_that_is_called_as_a_feature_of_the_template_stays_the_column() -> None:
    text = """\
template sums(x: column) {
  ## The sum.
  amount_sum = sum($x)
  ## The last one.
  amount = last($x)
  ## A share.
  share = amount / amount_sum
}
"""
    more = group("apply sums(amount) as a")
    _, found = beside(f"## Sums.\n{text}{more}".replace("  ## A value.\n  apply", "  apply"))

    assert [(d.code.slug, d.message) for d in found] == []


def test_a_chain_of_templates_has_an_end() -> None:
    chain = "".join(f"template t{i}() {{ apply t{i - 1}() }}\n" for i in range(1, 3000))
    first = "template t0() { a = sum(amount) }\n"
    _, found = beside(f"{first}{chain}features g for customer from lines {{ apply t2999() }}")

    assert "expansion" in {d.code.slug for d in found}
