"""The value of every feature of features/retail, by plain loops over the raw files.

Written from the definitions of the language alone; see retail_world.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent import formulas as f
from tests.independent.retail_world import DELAY, Basket, World, version_at
from tests.independent.seen import DAY, Seen, micros, moment

SEASON = 90 * DAY
RHYTHM = 180 * DAY
BIG_BASKET = 5000  # cents
DEPARTMENTS = ("grocery", "produce", "meat", "deli", "pastry", "nutrition")
BABY = {"BABY FOODS", "DIAPERS & DISPOSABLES", "INFANT FORMULA", "INFANT CARE PRODUCTS"}
PETS = {"CAT FOOD", "CAT LITTER", "DOG FOODS", "PET CARE SUPPLIES"}
RICH = {"75-99K", "100-124K", "125-149K", "150-174K", "175-199K", "200-249K", "250K+"}

Row = dict[str, Any]


def usd(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def months_before(t: int, months: int) -> int:
    """The length from that many months before t until t; a month's last day where it is shorter."""
    now = moment(t)
    assert now is not None
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, now.day - 4, -1):
        try:
            return t - micros(now.replace(year=year, month=month + 1, day=day))
        except ValueError:
            continue
    raise AssertionError(t)


def scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def cents(rows: Iterable[Basket]) -> int | None:
    return f.total(row.total for row in rows)


def fading(points: Iterable[tuple[int, float]], t: int, half_life: int) -> float | None:
    """Values, each halved for every half-life of its age."""
    parts = [value * 0.5 ** ((t - time) / half_life) for time, value in points]
    return math.fsum(parts) if parts else None


def trips(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).baskets, t)
    ever = seen.window()
    windows = {days: seen.window(days * DAY) for days in (7, 28, 90)}
    season, rhythm, year = windows[90], seen.window(RHYTHM), seen.window(months_before(t, 12))
    values: Row = {"trips_lifetime": len(ever)}
    for days, rows in windows.items():
        values[f"trips_{days}d"] = len(rows)
        values[f"spend_{days}d"] = usd(cents(rows) or 0)
    for days in (28, 90):
        rows = windows[days]
        values[f"basket_mean_{days}d"] = scaled(f.divide(cents(rows) or 0, len(rows)), 100)
        values[f"big_share_{days}d"] = f.ratio(row.total >= BIG_BASKET for row in rows)
    last = f.last(row.time for row in ever)
    values["recency_days"] = f.whole_units(t, last, DAY)
    values["tenure_days"] = f.whole_units(t, f.first(row.time for row in ever), DAY)
    totals = [row.total for row in season]
    values["basket_median"] = scaled(f.median(totals), 100)
    values["basket_p90"] = scaled(f.quantile(totals, Fraction(9, 10)), 100)
    values["basket_p25"] = scaled(f.quantile(totals, Fraction(1, 4)), 100)
    values["weeks_in_a_row"] = f.streak({_week(row.time) for row in ever}, _week(t))
    values["most_weeks"] = f.longest_streak({_week(row.time) for row in rhythm})
    values["big_in_a_row"] = f.last_in_a_row(row.total >= BIG_BASKET for row in season)
    values["basket_sd"] = scaled(f.stddev(totals), 100)
    values["basket_skewness"] = f.skewness(row.total for row in rhythm)
    values["basket_kurtosis"] = f.kurtosis(row.total for row in rhythm)
    values["largest_basket"] = usd(f.greatest(row.total for row in year))
    values["largest_basket_store"] = f.max_by((row.store_id, row.total) for row in year)
    values["basket_lines"] = f.mean(row.lines for row in season)
    values["lines_spend_corr"] = f.correlation((row.lines, row.total) for row in season)
    values["trips_today"] = len(seen.window(DAY, last=True))
    values["weekly_ratio"] = f.divide(cents(windows[7]), cents(seen.window(14 * DAY, 7 * DAY)))
    month = months_before(t, 1)
    before = seen.window(months_before(t, 2), month)
    values["monthly_change"] = usd((cents(seen.window(month)) or 0) - (cents(before) or 0))
    values["spend_trend"] = f.divide(
        float(values["spend_28d"]) / 28, float(values["spend_90d"]) / 90
    )
    values["basket_slope"] = scaled(f.slope((row.time, row.total) for row in season), 100)
    values["spend_fading"] = fading(((row.time, row.total / 100) for row in ever), t, 14 * DAY)
    values["spend_before"] = usd(cents(seen.window(None, 28 * DAY)) or 0)
    values["trips_quarter_before"] = len(seen.window(months_before(t, 4), month))
    gaps = f.known(row.gap_days for row in rhythm)
    gap = values["gap_mean"] = f.mean(gaps)
    values["gap_irregularity"] = f.divide(f.stddev(gaps, sample=False), gap)
    values["gap_p90"] = f.quantile(gaps, Fraction(9, 10))
    values["longest_gap"] = f.greatest(row.gap_days for row in ever)
    values["overdue"] = f.divide(None if last is None else (t - last) / DAY, gap)
    values["weekend_share"] = f.ratio(row.weekend for row in season)
    values["evening_share"] = f.ratio(row.hour >= 17 for row in season)
    values["usual_daypart"] = f.mode(_daypart(row.hour) for row in season)
    saved = f.total(row.saved for row in season)
    values["saved_share"] = f.divide(saved, None if saved is None else saved + sum(totals))
    return values


NEW_YORK = ZoneInfo("America/New_York")


def _week(time: int) -> int:
    """Weeks that begin on Monday in New York, counted."""
    instant = moment(time)
    assert instant is not None
    return (instant.replace(tzinfo=UTC).astimezone(NEW_YORK).toordinal() - 1) // 7


def _daypart(hour: int) -> str:
    return "morning" if hour < 11 else "afternoon" if hour < 17 else "evening"


def stores(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).baskets, t)
    month, season, rhythm, ever = (
        seen.window(28 * DAY),
        seen.window(SEASON),
        seen.window(RHYTHM),
        seen.window(),
    )
    away = [row for row in rhythm if row.at_home is False]
    home = [row for row in rhythm if row.at_home]
    return {
        "stores_28d": f.count_distinct(row.store_id for row in month),
        "stores_90d": f.count_distinct(row.store_id for row in season),
        "stores_lifetime": f.count_distinct(row.store_id for row in ever),
        "main_store": f.mode(row.store_id for row in season),
        "last_store": f.last(row.store_id for row in ever),
        "home_share_28d": f.ratio(row.at_home for row in month),
        "home_share_90d": f.ratio(row.at_home for row in season),
        "home_spend_share": f.divide(
            sum(row.total for row in season if row.at_home), cents(season)
        ),
        "only_home": f.all_of(row.at_home for row in month),
        "store_entropy": f.entropy(row.store_id for row in season),
        "days_since_elsewhere": f.whole_units(
            t, f.last(row.time for row in ever if row.at_home is False), DAY
        ),
        "home_lift": f.divide(f.mean(row.total for row in home), f.mean(row.total for row in away)),
    }


def tastes(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).groceries, t)
    season, rhythm = seen.window(SEASON), seen.window(RHYTHM)
    month, ever = seen.window(28 * DAY), seen.window()
    values: Row = {}
    for days, rows in ((28, month), (90, season)):
        values[f"pieces_{days}d"] = sum(row.quantity for row in rows)
        values[f"products_{days}d"] = f.count_distinct(row.product_id for row in rows)
        values[f"private_share_{days}d"] = f.divide(
            sum(row.sales for row in rows if row.product.private),
            f.total(row.sales for row in rows),
        )
    values["private_change"] = f.subtract(
        f.ratio(row.product.private for row in season),
        f.ratio(row.product.private for row in seen.window(RHYTHM, SEASON)),
    )
    values["private_this_week"] = f.any_of(row.product.private for row in seen.window(7 * DAY))
    spent = f.total(row.sales for row in season)
    fresh = sum(row.sales for row in season if row.product.fresh)
    values["fresh_share"] = f.divide(fresh, spent)
    for name in DEPARTMENTS:
        there = sum(row.sales for row in season if row.product.department == name.upper())
        values[f"share_{name}"] = f.divide(there, spent)
    values["top_category"] = f.mode(row.product.category for row in season)
    values["dearest_category"] = f.max_by((row.product.category, row.unit_price) for row in season)
    values["cheapest_product"] = f.min_by(
        (row.product_id, row.unit_price) for row in season if row.unit_price > 0
    )
    values["first_category"] = f.first(row.product.category for row in ever)
    values["last_products"] = f.collect((row.product_id for row in ever), 5)
    values["last_categories"] = f.collect_distinct((row.product.category for row in season), 5)
    values["top_departments"] = f.top((row.product.department for row in season), 3)
    values["department_lines"] = f.counts(row.product.department for row in season)
    values["department_entropy"] = f.entropy(row.product.department for row in season)
    values["makers"] = f.count_distinct(row.product.manufacturer_id for row in season)
    values["has_baby"] = any(row.product.category in BABY for row in rhythm)
    values["has_pet"] = any(row.product.category in PETS for row in rhythm)
    values["days_since_milk"] = f.whole_units(
        t,
        f.last(row.time for row in ever if row.product.category == "FLUID MILK PRODUCTS"),
        DAY,
    )
    values["lowest_price"] = f.least(row.unit_price for row in month)
    prices = [row.unit_price for row in season]
    values["median_price"] = f.median(prices)
    values["price_variance"] = f.variance(prices)
    return values


def savings(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).groceries, t)
    month, season, ever = seen.window(28 * DAY), seen.window(SEASON), seen.window()
    values: Row = {}
    for days, rows in ((28, month), (90, season)):
        card = f.total(row.card for row in rows)
        values[f"card_savings_{days}d"] = usd(card or 0)
        values[f"discount_share_{days}d"] = f.divide(card, f.total(row.shelf for row in rows))
        values[f"discounted_share_{days}d"] = f.ratio(row.card > 0 for row in rows)
    depths = [row.depth for row in season if row.card > 0]
    values["mean_depth"] = scaled(f.mean(depths), 10_000)
    values["depth_variance"] = scaled(f.variance(depths, sample=False), 10_000**2)
    values["stock_up_corr"] = f.correlation((row.card, row.quantity) for row in seen.window(RHYTHM))
    values["price_discount_covar"] = f.covariance(
        (row.unit_price, row.card / 100) for row in season
    )
    values["discounted_private_share"] = f.ratio(
        row.product.private for row in season if row.card > 0
    )
    values["coupon_lines_90d"] = sum(row.coupon > 0 for row in season)
    values["coupon_lines_lifetime"] = sum(row.coupon > 0 for row in ever)
    quarter = seen.window(months_before(t, 3))
    values["coupon_savings"] = usd(sum(row.coupon + row.match for row in quarter))
    values["days_since_coupon"] = f.whole_units(
        t, f.last(row.time for row in ever if row.coupon > 0), DAY
    )
    values["discount_drift"] = f.subtract(
        f.ratio(row.card > 0 for row in month),
        f.ratio(row.card > 0 for row in seen.window(None, 28 * DAY)),
    )
    return values


def fuel(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).fillings, t)
    season = seen.window(SEASON)
    return {
        "fuel_spend_28d": usd(sum(row.sales for row in seen.window(28 * DAY))),
        "fuel_spend_90d": usd(sum(row.sales for row in season)),
        "fillings": len(season),
        "days_since_filling": f.whole_units(t, f.last(row.time for row in seen.window()), DAY),
        "filling_mean": scaled(f.mean(row.sales for row in seen.window(RHYTHM)), 100),
    }


def mailed(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).mailings, t)
    before = seen.window()
    return {
        "campaigns_got_28d_0d": len(seen.window(28 * DAY, last=True)),
        "campaigns_got_90d_0d": len(seen.window(SEASON, last=True)),
        "campaigns_got_open": len(seen.window(28 * DAY, first=False, last=True)),
        "campaigns_between": len(seen.window(28 * DAY, first=False)),
        "campaigns_before": len(before),
        "last_type": f.last(row.type for row in before),
        "personal_share": f.ratio(row.type == "Type A" for row in before),
        "days_since_campaign": f.whole_units(t, f.last(row.time for row in before), DAY),
    }


def offered(world: World, key: int, t: int) -> Row:
    running = [row for row in world.household(key).mailings if row.time <= t < row.ends_at]
    return {
        "running": len(running),
        "running_personal": any(row.type == "Type A" for row in running),
        "running_since_days": f.whole_units(t, f.least(row.time for row in running), DAY),
    }


def responded(world: World, key: int, t: int) -> Row:
    seen = Seen(world.household(key).redemptions, t)
    ever = seen.window()
    return {
        "redeemed_30d": len(seen.window(30 * DAY)),
        "redeemed_90d": len(seen.window(SEASON)),
        "redeemed_lifetime": len(ever),
        "coupons": f.count_distinct(row.coupon_upc for row in ever),
        "campaigns_used": f.count_distinct(row.campaign_id for row in ever),
        "median_wait": f.median(row.days_to_redeem for row in ever),
        "best_type": f.mode(row.type for row in ever),
        "days_since_redeemed": f.whole_units(t, f.last(row.time for row in ever), DAY),
        "used_personal": f.any_of(row.type == "Type A" for row in seen.window(RHYTHM)),
        "redeemed_fading": fading(((row.time, 1) for row in ever), t, 30 * DAY),
    }


def membership(world: World, key: int, t: int) -> Row:
    version = version_at(world.household(key).versions, t)
    assert version is not None
    return {
        "loyalty_tier": version.tier,
        "tier_rank": ("bronze", "silver", "gold").index(version.tier) + 1
        if version.tier in ("bronze", "silver", "gold")
        else 0,
        "home_store": version.home_store,
        "unchanged_days": (t - version.updated_at) // DAY,
    }


def household_profile(world: World, key: int, t: int) -> Row:
    row = world.demographics.get(key)
    if row is None:
        return dict.fromkeys(("age", "high_income", "people", "has_kids", "owns_home")) | {
            "answered": False
        }
    home = row["home_ownership"]
    return {
        "age": row["age"],
        "high_income": row["income"] in RICH,
        "people": int(row["household_size"].rstrip("+")),
        "has_kids": row["kids_count"] != "0",
        "owns_home": None if home is None else home.endswith("Homeowner"),
        "answered": row["household_comp"] is not None,
    }


def ahead(rows: list[Any], t: int, length: int, until: int, delay: int = 0) -> list[Any] | None:
    """Rows of the time from t on, as they are known in the end; None while that is not over."""
    if t + length + delay > until:
        return None
    return [row for row in rows if t <= row.time < t + length and row.known_at <= until]


def outlook(world: World, key: int, t: int) -> Row:
    rows, until = world.household(key).baskets, world.until
    month, longer, week = (ahead(rows, t, d * DAY, until, DELAY) for d in (28, 30, 7))
    return {
        "churned": None if month is None else not month,
        "spend_next_30d": None if longer is None else usd(sum(row.total for row in longer)),
        "trips_next_week": None if week is None else len(week),
    }


def uptake(world: World, key: int, t: int) -> Row:
    rows = ahead(world.household(key).redemptions, t, 30 * DAY, world.redeemed_until)
    return {
        "redeems": None if rows is None else bool(rows),
        "redeems_next_30d": None if rows is None else len(rows),
    }


def store_traffic(world: World, key: int, t: int) -> Row | None:
    seen = Seen(world.store(key), t)
    if not seen.rows:
        return None
    week, month, season = (seen.window(days * DAY) for days in (7, 28, 90))
    totals = [row.total for row in season]
    return {
        "baskets_7d": len(week),
        "baskets_28d": len(month),
        "sales_7d": usd(cents(week) or 0),
        "sales_28d": usd(cents(month) or 0),
        "households_seen": f.count_distinct(row.household_id for row in seen.window()),
        "households": f.count_distinct(row.household_id for row in month),
        "home_share": f.ratio(row.at_home for row in month),
        "weekend_share": f.ratio(row.weekend for row in season),
        "busiest_hour": f.mode(row.hour for row in season),
        "basket_mean": scaled(f.mean(row.total for row in month), 100),
        "basket_spread": f.subtract(
            scaled(f.quantile(totals, Fraction(19, 20)), 100),
            scaled(f.quantile(totals, Fraction(1, 20)), 100),
        ),
        "basket_slope": scaled(f.slope((row.time, row.total) for row in season), 100),
        "best_customer": f.max_by((row.household_id, row.total) for row in season),
    }


def product_sales(world: World, key: int, t: int) -> Row | None:
    if key not in world.products:
        return None
    seen = Seen(world.product(key), t)
    season, rhythm = seen.window(SEASON), seen.window(RHYTHM)
    buyers = f.count_distinct(row.household_id for row in season)
    return {
        "sold_28d": len(seen.window(28 * DAY)),
        "sold_90d": len(season),
        "revenue": usd(sum(row.sales for row in season)),
        "buyers": buyers,
        "lines_per_buyer": f.divide(len(season), buyers),
        "discounted_share": f.ratio(row.card > 0 for row in season),
        "discount_lift": f.correlation((row.depth, row.quantity) for row in rhythm),
        "median_price": f.median(row.unit_price for row in season),
        "price_slope": f.slope((row.time, row.unit_price) for row in rhythm),
        "days_unsold": f.whole_units(t, f.last(row.time for row in seen.window()), DAY),
    }


def assortment(world: World, key: str, t: int) -> Row | None:
    products = [row for row in world.products.values() if row.department == key]
    if not products:
        return None
    return {
        "products": len(products),
        "private_share": f.ratio(row.private for row in products),
        "makers": f.count_distinct(row.manufacturer_id for row in products),
        "categories": f.count_distinct(row.category for row in products),
        "main_category": f.mode(row.category for row in products),
        "category_entropy": f.entropy(row.category for row in products),
    }


def of_members(
    values: Callable[[World, int, int], Row],
) -> Callable[[World, Any, int], Row | None]:
    """A household exists from its first basket on."""

    def truth(world: World, key: int, t: int) -> Row | None:
        there = key in world.joined and world.joined[key] <= t
        return values(world, key, t) if there else None

    return truth


Truth = Callable[[World, Any, int], Row | None]
HOUSEHOLD = (
    *(trips, stores, tastes, savings, fuel, mailed, offered, responded, membership),
    household_profile,
)
LABELS = {values.__name__: of_members(values) for values in (outlook, uptake)}
GROUPS: dict[str, dict[str, Truth]] = {
    "household": {values.__name__: of_members(values) for values in HOUSEHOLD},
    "store": {"store_traffic": store_traffic},
    "product": {"product_sales": product_sales},
    "department": {"assortment": assortment},
}
