"""Print the tables of README.md from what `featc run` and `featc train` have published."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

PUBLISHED = Path(__file__).parent / "target"
SETS = (
    *("trips", "stores", "tastes", "savings", "responded", "membership"),
    *("churn", "response"),
)

TIERS = """
select loyalty_tier as tier, count(*) as households, median(trips_28d)::int as "baskets, 28 d",
  median(spend_28d) as "USD, 28 d", round(avg(gap_mean), 1) as "days between baskets",
  percent(avg(home_share_90d)) as "in home store", percent(avg(private_share_90d)) as "own labels",
  percent(avg(discount_share_90d)) as discount,
  percent(avg((redeemed_lifetime > 0)::int)) as "used a coupon"
from membership join trips using (household_id) join stores using (household_id)
  join tastes using (household_id) join savings using (household_id)
  join responded using (household_id)
group by tier, tier_rank order by tier_rank desc, households
"""

# In units of the household's own average wait.
OVERDUE = """
select case when overdue is null then 'no wait known' when overdue < 1 then 'below 1'
    when overdue < 2 then '1 to 2' when overdue < 4 then '2 to 4' else '4 and more' end as overdue,
  format('{:,}', count(*)) as rows, percent(avg(churned::int)) as churned,
  format('{:.2f}', avg(spend_next_30d)) as "USD, next 30 d"
from churn where churned is not null group by all order by avg(churned::int)
"""

RESPONSE = """
select case when redeemed_lifetime < 5 then redeemed_lifetime::text else '5 and more' end
    as "coupons redeemed before",
  format('{:,}', count(*) filter (campaign_type = 'Type A')) as "mailings A",
  percent(avg(redeems::int) filter (campaign_type = 'Type A')) as "redeem A",
  format('{:,}', count(*) filter (campaign_type = 'Type B')) as "mailings B",
  percent(avg(redeems::int) filter (campaign_type = 'Type B')) as "redeem B",
  count(*) filter (campaign_type = 'Type C') as "mailings C",
  percent(avg(redeems::int) filter (campaign_type = 'Type C')) as "redeem C"
from response where redeems is not null and redeemed_lifetime is not null group by 1 order by 1
"""


def findings(published: Path) -> Iterator[str]:
    """Lines of Markdown: a table for each query."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("create macro percent(x) as format('{:.1f}%', 100 * x)")
        for name in SETS:
            connection.read_parquet(str(_current(published, name))).create_view(name)
        for query in (TIERS, OVERDUE, RESPONSE):
            yield from _table(connection, query)


def _current(published: Path, name: str) -> Path:
    pointers = json.loads((published / "current" / "dev.json").read_text(encoding="utf-8"))
    current = pointers["sets"][f"retail.{name}"]
    return published / "data" / current["folder"] / current["files"][0]["path"]


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    yield _line(names)
    yield "|---" + "|---:" * (len(names) - 1) + "|"
    yield from (_line(row) for row in result.fetchall())
    yield ""


def _line(cells: Any) -> str:
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in findings(PUBLISHED))
