"""Makes the data, the same every time: a till with late lines, corrections and voids."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

CUSTOMERS, PRODUCTS, STORES, LINES = 40, 25, 6, 900
START, END = datetime(2023, 11, 1), datetime(2024, 3, 20)
SECONDS = int((END - START).total_seconds())
CATEGORIES = ("food", "wine", "home", "cheese", None)
REGIONS = ("north", "south", "west", None)


def prepare(target: Path) -> list[Path]:
    """Write a file for each source."""
    target.mkdir(parents=True, exist_ok=True)
    r = random.Random(40)
    tables = {
        "txns.parquet": txns(r),
        "customers.parquet": customers(r),
        "prices.csv": prices(r),
        "stores.parquet": stores(r),
        "products.parquet": products(r),
        "holidays.csv": holidays(),
        "vectors.parquet": vectors(r),
        "chargebacks.parquet": chargebacks(r),
        "transfers.parquet": transfers(r),
        "households.parquet": households(r),
        "churn_labels.parquet": labels(r),
        "carts.parquet": carts(r),
    }
    return [write(target / name, columns, rows) for name, (columns, rows) in tables.items()]


Table = tuple[dict[str, str], list[tuple[Any, ...]]]


def some_time(r: random.Random) -> datetime:
    """A time of the data, to the second; now and then the same minute as others."""
    at = START + timedelta(seconds=int(r.random() * SECONDS))
    return at.replace(second=0, minute=at.minute // 15 * 15) if r.random() < 0.3 else at


def txns(r: random.Random) -> Table:
    rows = []
    for n in range(LINES):
        sold = some_time(r)
        buyer = 1 + int(r.random() * (CUSTOMERS + 2))
        basket = f"{buyer}-{int(r.random() * 5)}" if r.random() < 0.9 else None
        line = [
            f"t{n}",
            1 + n % 4,
            basket,
            buyer,
            sold,
            sold,
            pick(r, ("paid", "paid", "paid", "noted", "open", None)),
            maybe(r, 1 + int(r.random() * (PRODUCTS + 2))),
            maybe(r, 1 + int(r.random() * STORES)),
            pick(r, CATEGORIES),
            pick(r, ("web", "till", None)),
            maybe(r, f"c{int(r.random() * 30)}"),
            maybe(r, f"d{int(r.random() * 12)}"),
            maybe(r, 1 + int(r.random() * 9)),
            pick(r, REGIONS),
            maybe(r, Decimal(int(r.random() * 90_000) - 2_000) / 100),
            maybe(r, f"p{n % 50}@example.com"),
            False,
        ]
        rows.append(tuple(line))
        if r.random() < 0.15:  # a correction, or a void
            later = [*line]
            later[5] = sold + timedelta(seconds=int(r.random() * 5 * 86_400) + 1)
            later[6] = pick(r, ("paid", "open"))
            later[17] = r.random() < 0.4
            rows.append(tuple(later))
    return {
        "txn_id": "text",
        "line_no": "bigint",
        "basket_id": "text",
        "customer_id": "bigint",
        "sold_at": "timestamp",
        "updated_at": "timestamp",
        "status": "text",
        "sku": "bigint",
        "store_id": "bigint",
        "category": "text",
        "channel": "text",
        "card_id": "text",
        "device_id": "text",
        "merchant_id": "bigint",
        "region": "text",
        "amount": "decimal(12, 2)",
        "email": "text",
        "voided": "boolean",
    }, rows


def customers(r: random.Random) -> Table:
    rows = []
    for n in range(1, CUSTOMERS + 1):
        joined = START + timedelta(days=int(r.random() * 60))
        born = date(1940, 1, 1) + timedelta(days=int(r.random() * 25_000))
        moved = joined + timedelta(days=10 + int(r.random() * 60))
        ends = (moved, moved + timedelta(days=40) if r.random() < 0.2 else None)
        for start, end in zip((joined, moved), ends, strict=True):
            loaded = start + timedelta(hours=int(r.random() * 30))
            rows.append(
                (
                    n,
                    pick(r, REGIONS),
                    maybe(r, 1 + int(r.random() * STORES)),
                    maybe(r, 1 + int(r.random() * 15)),
                    joined,
                    maybe(r, born),
                    maybe(r, 8 + r.random() * 20),
                    maybe(r, 70 + r.random() * 20),
                    start,
                    end,
                    loaded,
                )
            )
    return {
        "customer_id": "bigint",
        "region": "text",
        "home_store_id": "bigint",
        "household_id": "bigint",
        "joined_at": "timestamp",
        "birth_date": "date",
        "lat": "double",
        "lon": "double",
        "from_ts": "timestamp",
        "to_ts": "timestamp",
        "loaded_at": "timestamp",
    }, rows


def prices(r: random.Random) -> Table:
    rows = []
    for sku in range(1, PRODUCTS + 1):
        turn = START + timedelta(days=20 + int(r.random() * 90))
        rows.append((sku, Decimal(int(r.random() * 100_000)) / 100, START, turn))
        rows.append((sku, maybe(r, Decimal(int(r.random() * 100_000)) / 100), turn, None))
    return {
        "sku": "bigint",
        "price": "decimal(12, 2)",
        "from_ts": "timestamp",
        "to_ts": "timestamp",
    }, rows


def stores(r: random.Random) -> Table:
    rows = [
        (store, pick(r, REGIONS), START + timedelta(days=day))
        for day in range(0, 140, 20)
        for store in range(1, STORES + 1)
        if r.random() < 0.9
    ]
    return {"store_id": "bigint", "region": "text", "taken_at": "timestamp"}, rows


def products(r: random.Random) -> Table:
    rows = [(n, maybe(r, r.random() < 0.4), pick(r, CATEGORIES)) for n in range(1, PRODUCTS + 1)]
    return {"sku": "bigint", "imported": "boolean", "category": "text"}, rows


def holidays() -> Table:
    days = [date(2023, 11, 12), date(2023, 12, 25), date(2024, 1, 26), date(2024, 3, 25)]
    rows = [(day, "IN") for day in days] + [(date(2024, 7, 4), "US")]
    return {"day": "date", "country": "text"}, rows


def vectors(r: random.Random) -> Table:
    rows = [
        (sku, maybe(r, [round(r.uniform(-1, 1), 3) for _ in range(3)]), START + timedelta(days=day))
        for day in (0, 45, 90)
        for sku in range(1, PRODUCTS + 1)
    ]
    return {"sku": "bigint", "embedding": "double[]", "trained_at": "timestamp"}, rows


def chargebacks(r: random.Random) -> Table:
    rows = []
    for n in range(60):
        bought = some_time(r)
        reported = bought + timedelta(days=1 + int(r.random() * 40))
        rows.append((f"t{n * 7}", maybe(r, 1 + int(r.random() * 9)), bought, maybe(r, reported)))
    return {
        "txn_id": "text",
        "merchant_id": "bigint",
        "bought_at": "timestamp",
        "reported_at": "timestamp",
    }, rows


def transfers(r: random.Random) -> Table:
    rows = [
        (
            n,
            maybe(r, 1 + int(r.random() * 8)),
            maybe(r, 1 + int(r.random() * 8)),
            some_time(r),
            maybe(r, Decimal(int(r.random() * 50_000)) / 100),
        )
        for n in range(150)
    ]
    return {
        "transfer_id": "bigint",
        "from_account": "bigint",
        "to_account": "bigint",
        "at": "timestamp",
        "amount": "decimal(12, 2)",
    }, rows


def households(r: random.Random) -> Table:
    rows = [
        (n, maybe(r, 20_000 + int(r.random() * 80_000)), maybe(r, 1 + int(r.random() * STORES)))
        for n in range(1, 14)
    ]
    return {"household_id": "bigint", "income": "bigint", "nearest_store_id": "bigint"}, rows


def labels(r: random.Random) -> Table:
    rows = [(1 + int(r.random() * (CUSTOMERS + 3)), some_time(r)) for _ in range(40)]
    rows += [rows[0], (None, START), (3, None)]
    return {"customer_id": "bigint", "label_time": "timestamp"}, rows


def carts(r: random.Random) -> Table:
    rows = [
        (
            1 + int(r.random() * (CUSTOMERS + 3)),
            some_time(r),
            maybe(r, 8 + r.random() * 20),
            maybe(r, 70 + r.random() * 20),
            maybe(r, Decimal(int(r.random() * 90_000)) / 100),
        )
        for _ in range(60)
    ]
    return {
        "customer_id": "bigint",
        "asked_at": "timestamp",
        "lat": "double",
        "lon": "double",
        "amount": "decimal(12, 2)",
    }, rows


def pick(r: random.Random, options: Sequence[Any]) -> Any:
    return options[int(r.random() * len(options))]


def maybe(r: random.Random, value: Any) -> Any:
    """The value, or null in a tenth of the rows."""
    return None if r.random() < 0.1 else value


def write(path: Path, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> Path:
    with duckdb.connect() as session:
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        session.execute(f"create table t ({declared})")
        marks = ", ".join("?" * len(columns))
        session.executemany(f"insert into t values ({marks})", list(rows))
        form = "parquet" if path.suffix == ".parquet" else "csv, header, delimiter ';'"
        if path.name == "holidays.csv":
            form = "csv, header"
        session.execute(f"copy t to '{path}' (format {form})")
    return path
