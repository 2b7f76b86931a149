"""The value of every feature of features/quickstart, by plain loops over its data files.

Written from the definitions of the language alone; it shares no code with the compiler.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.independent import formulas as f

DAY = timedelta(days=1)
DELAY = timedelta(hours=2)
PREMIUM_FLOOR = Decimal("500.00")


@dataclass(frozen=True, slots=True)
class Version:
    """One stored row of transactions."""

    txn_id: int
    customer_id: int
    sku: int | None
    quantity: int
    sold_at: datetime
    updated_at: datetime
    status: str | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Product:
    sku: int
    category: str | None
    imported: bool | None
    price: Decimal | None
    cost: Decimal | None
    from_date: datetime
    to_date: datetime | None


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: int
    city: str | None
    joined_at: datetime
    from_ts: datetime
    to_ts: datetime | None


@dataclass(frozen=True, slots=True)
class World:
    versions: dict[int, list[Version]]  # by customer, in stored order
    products: list[Product]
    customers: dict[int, list[Customer]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the view `lines`."""

    txn_id: int
    time: datetime
    amount: Decimal | None
    premium: bool | None
    imported: bool | None
    category: str | None
    margin: Decimal | None


def load(data: Path) -> World:
    import duckdb

    rows: list[tuple[Any, ...]] = []
    with duckdb.connect() as connection:
        for path in sorted((data / "transactions").glob("*.parquet")):
            rows += connection.execute(
                "select txn_id, customer_id, sku, quantity, sold_at, updated_at, status, amount "
                "from read_parquet(?)",
                [str(path)],
            ).fetchall()
    versions = [Version(*row) for row in rows]
    products = [
        Product(
            int(row["sku"]),
            row["category"] or None,
            _or_none(row["imported"], lambda text: text == "true"),
            _or_none(row["price"], Decimal),
            _or_none(row["cost"], Decimal),
            datetime.fromisoformat(row["from_date"]),
            _or_none(row["to_date"], datetime.fromisoformat),
        )
        for row in _csv(data / "products.csv")
    ]
    customers = [
        Customer(
            int(row["customer_id"]),
            row["city"] or None,
            datetime.fromisoformat(row["joined_at"]),
            datetime.fromisoformat(row["from_ts"]),
            _or_none(row["to_ts"], datetime.fromisoformat),
        )
        for row in _csv(data / "customers.csv")
    ]
    return World(_by_customer(versions), products, _by_customer(customers))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _or_none(text: str, kind: Callable[[str], Any]) -> Any:
    return kind(text) if text else None


def _by_customer(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found


def _holds(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at < end)


def card_at(world: World, customer_id: int, t: datetime) -> Customer | None:
    for row in world.customers.get(customer_id, []):
        if _holds(row.from_ts, row.to_ts, t):
            return row
    return None


def lines_at(world: World, customer_id: int, t: datetime) -> list[Line]:
    """What is seen of the customer's lines at t, in the order of time, then of number."""
    winners: dict[int, Version] = {}
    for version in world.versions.get(customer_id, []):
        if version.amount is not None and version.amount < 0:
            continue
        if max(version.sold_at, version.updated_at) + DELAY > t:
            continue
        best = winners.get(version.txn_id)
        if best is None or version.updated_at > best.updated_at:
            winners[version.txn_id] = version
    lines = [
        _line(world, winner)
        for winner in winners.values()
        if winner.status is not None and winner.status == "paid"
    ]
    return sorted(lines, key=lambda line: (line.time, line.txn_id))


def _line(world: World, row: Version) -> Line:
    product = None
    for candidate in world.products:
        if (
            row.sku is not None
            and candidate.sku == row.sku
            and _holds(candidate.from_date, candidate.to_date, row.sold_at)
        ):
            product = candidate
    price = None if product is None else product.price
    cost = None if product is None else product.cost
    return Line(
        row.txn_id,
        row.sold_at,
        row.amount,
        None if price is None else price >= PREMIUM_FLOOR,
        None if product is None else product.imported,
        None if product is None else product.category,
        None if row.amount is None or cost is None else row.amount - row.quantity * cost,
    )


def spend(world: World, customer_id: int, t: datetime) -> dict[str, Any] | None:
    """The group `spend`; None for someone who holds no card at t."""
    if card_at(world, customer_id, t) is None:
        return None
    lines = [line for line in lines_at(world, customer_id, t) if line.time < t]

    def window(days: int, until: int = 0) -> list[Line]:
        return [line for line in lines if t - days * DAY <= line.time < t - until * DAY]

    def money(rows: Iterable[Line]) -> Decimal:
        return f.default(f.total(row.amount for row in rows), f.ZERO)

    season = window(90)
    values: dict[str, Any] = {}
    for days in (7, 30, 90):
        values[f"spend_{days}d"] = money(window(days))
        values[f"txns_{days}d"] = len(window(days))
    values["premium_txn_share"] = f.divide(sum(1 for row in season if row.premium), len(season))
    values["imported_spend_share"] = f.divide(
        money(row for row in season if row.imported), f.total(row.amount for row in season)
    )
    values["top_category"] = f.mode(row.category for row in window(180))
    last = f.last(row.time for row in lines)
    values["recency_days"] = None if last is None else (t - last) // DAY
    values["trend"] = f.divide(values["spend_7d"], values["spend_30d"] - values["spend_7d"])
    values["weekly_ratio"] = f.divide(
        f.total(row.amount for row in window(7)), f.total(row.amount for row in window(14, 7))
    )
    for days in (30, 90):
        values[f"margin_{days}d"] = f.total(row.margin for row in window(days))
        for category in ("food", "wine", "home"):
            values[f"spend_{category}_{days}d"] = money(
                row for row in window(days) if row.category == category
            )
    return values


def profile(world: World, customer_id: int, t: datetime) -> dict[str, Any] | None:
    """The group `profile`; None for someone who holds no card at t."""
    card = card_at(world, customer_id, t)
    if card is None:
        return None
    return {"city": card.city, "tenure_days": (t - card.joined_at) // DAY}


def known_until(world: World) -> datetime:
    """When the last version that is not dropped can be seen."""
    return max(
        max(version.sold_at, version.updated_at) + DELAY
        for versions in world.versions.values()
        for version in versions
        if version.amount is None or version.amount >= 0
    )


def next_30d(world: World, customer_id: int, t: datetime, until: datetime) -> dict[str, Any]:
    """The labels, as they are known at `until`."""
    if card_at(world, customer_id, t) is None or t + 30 * DAY + DELAY > until:
        return {"churned": None, "spend_next": None}
    lines = [line for line in lines_at(world, customer_id, until) if t <= line.time < t + 30 * DAY]
    spent = f.default(f.total(line.amount for line in lines), f.ZERO)
    return {"churned": not lines, "spend_next": spent}


def reviews(data: Path) -> list[dict[str, Any]]:
    """The spine of the data set `churn`, in its order."""
    return [
        {
            "customer_id": _or_none(row["customer_id"], int),
            "reviewed_at": _or_none(row["reviewed_at"], datetime.fromisoformat),
            "channel": row["channel"] or None,
        }
        for row in _csv(data / "reviews.csv")
    ]


def churn(
    world: World, asked: dict[str, Any], until: datetime, features: Iterable[str]
) -> dict[str, Any]:
    """A row of the training set; `features` names what is null where nobody is known."""
    key, t = asked["customer_id"], asked["reviewed_at"]
    values: dict[str, Any] = {**asked, **dict.fromkeys(features)}
    values |= {"churned": None, "spend_next": None, "split": None}
    if t is not None:
        values["split"] = "train" if t < datetime(2026, 8, 15) else "test"
    if key is None or t is None:
        return values
    for group in (spend(world, key, t), profile(world, key, t)):
        values |= {n: v for n, v in (group or {}).items() if n != "trend"}
    return values | next_30d(world, key, t, until)


GROUPS: dict[str, Callable[[World, int, datetime], dict[str, Any] | None]] = {
    "spend": spend,
    "profile": profile,
}
