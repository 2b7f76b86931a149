"""A project of 1,000 features, and which of them rest on each of its columns."""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = 20

_HEAD = """\
namespace big

## Who buys.
entity customer {{ key customer_id: int }}

## What was sold.
source sales {{
  from parquet "sales.parquet"
  key  sale_id
  time sold_at available after 2h
  entity customer
  columns {{
    sale_id:     int       required
    customer_id: int       required
    sold_at:     timestamp required
    kind:        text
{columns}
  }}
}}

## Sales that are kept.
view kept from sales {{
{lets}
  where kind != "test"
}}
"""


@dataclass(frozen=True)
class Thousand:
    """``uses`` has, by full name, the numbers of the columns that a feature rests on."""

    text: str
    uses: dict[str, frozenset[int]]

    def of(self, column: int) -> set[str]:
        """Features that rest on a column."""
        return {name for name, used in self.uses.items() if column in used}


def thousand(groups: int = 50) -> Thousand:
    """Groups of 20: of a column, of a `let`, of both, and of features of the same and other groups.

    Column n is read by itself as `cn`, and by `ln` in the view.
    """
    columns = "\n".join(f"    c{n}: int" for n in range(COLUMNS))
    lets = "\n".join(f"  let l{n} = c{n} + 1" for n in range(COLUMNS))
    text = [_HEAD.format(columns=columns, lets=lets)]
    uses: dict[str, frozenset[int]] = {}
    for g in range(groups):
        lines = []
        for i in range(4):
            n, m = (g + i) % COLUMNS, (g + 3 * i + 1) % COLUMNS
            lines += [
                f"  ## Of a column.\n  own_{i} = sum(c{n}) over {i + 1}d",
                f"  ## Of a let.\n  let_{i} = max(l{m} where c{n} > {g}) over {i + 7}d",
                f"  ## Of no column.\n  none_{i} = count() over {g + i + 1}d",
                f"  ## Of features.\n  mean_{i} = own_{i} / none_{i}",
            ]
            uses[f"big.g{g}.own_{i}"] = frozenset({n})
            uses[f"big.g{g}.let_{i}"] = frozenset({n, m})
            uses[f"big.g{g}.none_{i}"] = frozenset()
            uses[f"big.g{g}.mean_{i}"] = frozenset({n})
            above = f"big.g{g - 1}.let_{i}"
            other = f"g{g - 1}.let_{i}" if g else f"let_{i}"
            uses[f"big.g{g}.far_{i}"] = uses.get(above, frozenset()) | uses[f"big.g{g}.let_{i}"]
            lines.append(f"  ## Of another group.\n  far_{i} = let_{i} - {other}")
        body = "\n".join(lines)
        text.append(f"## Group {g}.\nfeatures g{g} for customer from kept {{\n{body}\n}}\n")
    text.append("## One of them.\ndataset quiet for customer { include g0.none_0, g1.none_1 }\n")
    text.append("## Another.\ndataset loud for customer { include g0.own_3, g0.none_0 }\n")
    return Thousand("\n".join(text), uses)
