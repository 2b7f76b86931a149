"""Make the sample data: four months at the till of a small shop, the same every time.

The rows are made up, and awkward on purpose: corrections arrive days later as new versions of a
row, tills that were offline send their rows late, some rows are negative, some lack a value, some
name a product that is not in the price list, and the lines of a basket share one second.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

SEED = 20261001
START = datetime(2026, 6, 1)
AS_OF = datetime(2026, 10, 1)  # as in featc.toml; rows go on for two days after it
END = AS_OF + timedelta(days=2)
CUSTOMERS = 300
TRANSACTIONS = 5_000
REVIEWS = 600
CHANNELS = ("letter", "phone", "app")
CITIES = ("Bengaluru", "Chennai", "Delhi", "Kolkata", "Mumbai", "Pune")
UNKNOWN_SKU = 999

READ_LINES = """
select * from read_csv(?, header = true, columns = {
  'txn_id': 'bigint', 'customer_id': 'bigint', 'sku': 'int', 'quantity': 'int',
  'sold_at': 'timestamp', 'updated_at': 'timestamp', 'status': 'varchar',
  'amount': 'decimal(12, 2)', 'phone': 'varchar'})
"""


class Customer(NamedTuple):
    """One row of customers.csv: where a customer lived from when to when."""

    customer_id: int
    city: str | None
    joined_at: datetime
    from_ts: datetime
    to_ts: datetime | None


class Review(NamedTuple):
    """One row of reviews.csv: whom the shop looked at, and when."""

    customer_id: int | None
    reviewed_at: datetime | None
    channel: str | None


class Line(NamedTuple):
    """One stored version of a till line."""

    txn_id: int
    customer_id: int
    sku: int | None
    quantity: int
    sold_at: datetime
    updated_at: datetime
    status: str | None
    amount: Decimal | None
    phone: str | None


PRODUCTS = """\
sku,category,imported,price,cost,from_date,to_date
101,food,false,60.00,41.50,2025-01-01 00:00:00,
102,food,false,250.00,180.00,2025-01-01 00:00:00,2026-07-01 00:00:00
102,food,false,265.00,185.00,2026-07-01 00:00:00,
103,food,true,400.00,310.00,2025-01-01 00:00:00,
104,food,true,900.00,700.00,2025-01-01 00:00:00,2026-07-20 00:00:00
104,food,true,950.00,700.00,2026-07-20 00:00:00,
105,food,false,125.00,90.00,2025-01-01 00:00:00,
201,wine,false,650.00,420.00,2025-01-01 00:00:00,
202,wine,false,480.00,300.00,2025-01-01 00:00:00,2026-08-15 00:00:00
202,wine,false,520.00,310.00,2026-08-15 00:00:00,
203,wine,true,1200.00,850.00,2025-01-01 00:00:00,2026-06-15 00:00:00
203,wine,true,1150.00,850.00,2026-06-15 00:00:00,
204,wine,true,499.99,380.00,2025-01-01 00:00:00,2026-08-01 00:00:00
204,wine,true,500.00,380.00,2026-08-01 00:00:00,
301,home,false,180.00,110.00,2025-01-01 00:00:00,
302,home,false,2200.00,1500.00,2025-01-01 00:00:00,
303,home,true,300.00,210.00,2025-01-01 00:00:00,
304,home,false,75.00,40.00,2025-01-01 00:00:00,2026-05-01 00:00:00
304,home,false,80.00,40.00,2026-05-01 00:00:00,
"""
PRICES = list(csv.DictReader(io.StringIO(PRODUCTS)))
SKUS = sorted({int(row["sku"]) for row in PRICES})

# Customer 17826162 in the 90 days before AS_OF: 20 paid lines of 20,000.00 INR, of which three
# were premium (15% of lines) and two imported, for 1,000.00 INR (5% of spend).
HERO = 17826162
HERO_LINES: tuple[tuple[int, int, datetime], ...] = (  # sku, quantity, sold at
    (102, 4, AS_OF - timedelta(days=90)),  # the window's first instant is in it
    (101, 14, datetime(2026, 7, 9, 9, 12)),
    (105, 6, datetime(2026, 7, 9, 9, 12)),
    (304, 11, datetime(2026, 7, 14, 18, 3)),
    (103, 1, datetime(2026, 7, 20, 11, 45)),  # imported
    (202, 3, datetime(2026, 8, 1, 19, 30)),  # at 480.00 a bottle: not yet premium
    (301, 5, datetime(2026, 8, 8, 10, 0)),
    (102, 3, datetime(2026, 8, 12, 17, 21)),
    (304, 8, datetime(2026, 8, 12, 17, 21)),
    (202, 3, datetime(2026, 8, 15, 0, 0)),  # at 520.00 from this midnight on: premium
    (101, 16, datetime(2026, 8, 22, 12, 40)),
    (303, 2, datetime(2026, 8, 29, 16, 5)),  # imported
    (201, 2, datetime(2026, 9, 2, 20, 15)),  # premium
    (304, 13, datetime(2026, 9, 5, 9, 50)),
    (102, 4, datetime(2026, 9, 10, 18, 33)),
    (301, 6, datetime(2026, 9, 16, 13, 8)),
    (302, 1, datetime(2026, 9, 19, 15, 27)),  # premium
    (105, 7, datetime(2026, 9, 24, 10, 11)),
    (101, 12, datetime(2026, 9, 28, 19, 2)),
    (301, 5, AS_OF - timedelta(hours=2)),  # seen from AS_OF on
)
# What else the till stored, and why it does not count at AS_OF.
HERO_ASIDES: tuple[tuple[int, int, datetime, datetime, str, str], ...] = (
    # sku, quantity, sold at, written at, status, amount
    (203, 1, AS_OF - timedelta(days=90, seconds=1), AS_OF - timedelta(days=90), "paid", "1150.00"),
    (203, 2, AS_OF - timedelta(hours=1), AS_OF - timedelta(hours=1), "paid", "2300.00"),  # not seen
    (104, 1, AS_OF, AS_OF, "paid", "950.00"),  # at the as-of time: not before it
    (201, 1, datetime(2026, 8, 20, 9), datetime(2026, 8, 20, 9), "paid", "-650.00"),  # dropped
    (103, 3, datetime(2026, 9, 3, 12), datetime(2026, 9, 3, 12), "refunded", "1200.00"),
    (203, 1, datetime(2026, 9, 25, 18), AS_OF + timedelta(hours=12), "paid", "1150.00"),  # late
)


def prepare(target: Path) -> list[Path]:
    """Write the sample data into ``target`` and return the files' paths.

    Nothing is left half written.
    """
    rng = random.Random(SEED)
    target.mkdir(parents=True, exist_ok=True)
    (target / "transactions").mkdir(exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".prepare-", dir=target))
    try:
        customers = _customers(rng)
        transactions = _hero_rows() + _till_rows(rng, customers)
        transactions.sort(key=lambda row: (row.updated_at, row.txn_id))
        _write_csv(staging / "customers.csv", Customer._fields, customers)
        _write_csv(staging / "reviews.csv", Review._fields, _reviews(customers))
        (staging / "products.csv").write_text(PRODUCTS, encoding="utf-8", newline="")
        written = [
            (staging / name).replace(target / name)
            for name in ("customers.csv", "products.csv", "reviews.csv")
        ]
        for month in range(START.month, END.month + 1):
            rows = [row for row in transactions if row.sold_at.month == month]
            staged = _write_parquet(staging, rows)
            written.append(staged.replace(target / "transactions" / f"2026-{month:02}.parquet"))
        return written
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _customers(rng: random.Random) -> list[Customer]:
    ids = {HERO}
    while len(ids) < CUSTOMERS:
        ids.add(_between(rng, 10_000_000, 19_999_999))
    rows = []
    for customer_id in sorted(ids):
        joined = START + timedelta(minutes=_between(rng, -900 * 1440, 90 * 1440))
        if customer_id == HERO:
            joined = datetime(2024, 2, 29, 18, 30)
        moved = joined + timedelta(days=_between(rng, 1, 900))
        ends: list[datetime | None] = [None]
        if customer_id != HERO and rng.random() < 0.05 and moved < AS_OF:
            ends = [moved]  # gave the card back
        elif rng.random() < 0.25 and moved < AS_OF:
            ends = [moved, None]  # lives somewhere else now
        start = joined
        for end in ends:
            city = None if rng.random() < 0.03 else _pick(rng, CITIES)
            rows.append(Customer(customer_id, city, joined, start, end))
            start = moved
    return rows


def _hero_rows() -> list[Line]:
    phone = "+91 98450 17826"
    rows = [
        Line(n, HERO, sku, quantity, at, at, "paid", _price(sku, at) * quantity, phone)
        for n, (sku, quantity, at) in enumerate(HERO_LINES, 1)
    ]
    rows += [
        Line(n, HERO, sku, quantity, at, written, status, Decimal(amount), phone)
        for n, (sku, quantity, at, written, status, amount) in enumerate(HERO_ASIDES, 51)
    ]
    # Typed ten times too high and put right the next day; a quantity corrected after AS_OF; a
    # premium line that was refunded on the following Monday.
    wrong, later = rows[13], rows[16]
    rows[13] = wrong._replace(updated_at=wrong.sold_at + timedelta(days=1))
    rows.append(wrong._replace(amount=(wrong.amount or Decimal(0)) * 10))
    rows.append(
        later._replace(
            quantity=3, amount=Decimal("6600.00"), updated_at=AS_OF + timedelta(days=1, hours=9)
        )
    )
    sold = datetime(2026, 9, 4, 17, 30)
    refunded = Line(61, HERO, 203, 1, sold, sold, "paid", Decimal("1150.00"), phone)
    rows.append(refunded)
    rows.append(refunded._replace(status="refunded", updated_at=sold + timedelta(days=3)))
    return rows


def _till_rows(rng: random.Random, customers: Sequence[Customer]) -> list[Line]:
    others = sorted({row.customer_id for row in customers} - {HERO})
    phones = {
        customer: f"+91 {_between(rng, 70_000, 99_999)} {_between(rng, 10_000, 99_999)}"
        for customer in others
    }
    rows: list[Line] = []
    txn_id = 100
    while len(rows) < TRANSACTIONS:
        # Squared, so that some customers come often and some hardly ever.
        customer = others[int(rng.random() ** 2 * len(others))]
        sold_at = START + timedelta(
            seconds=_between(rng, 0, int((END - START).total_seconds()) - 1)
        )
        if rng.random() < 0.1:
            sold_at = sold_at.replace(hour=0, minute=0, second=0)
        for _ in range(_between(rng, 1, 3)):  # a basket: its lines share one second
            txn_id += 1
            rows += _versions(rng, txn_id, customer, sold_at, phones[customer])
    return rows


def _versions(
    rng: random.Random, txn_id: int, customer: int, sold_at: datetime, phone: str
) -> Iterator[Line]:
    sku = _pick(rng, SKUS)
    quantity = _between(rng, 1, 5)
    amount = _price(sku, sold_at) * quantity
    if rng.random() < 0.2:
        amount = (amount * Decimal("0.9")).quantize(Decimal("0.01"))  # card holder's discount
    written = sold_at
    if rng.random() < 0.03:
        written += timedelta(minutes=_between(rng, 60, 6 * 1440))  # the till was offline
    line = Line(
        txn_id,
        customer,
        _sometimes(rng, 0.02, None, _sometimes(rng, 0.01, UNKNOWN_SKU, sku)),
        quantity,
        sold_at,
        written,
        _sometimes(rng, 0.01, None, _sometimes(rng, 0.05, "open", "paid")),
        _sometimes(rng, 0.005, None, -amount if rng.random() < 0.015 else amount),
        _sometimes(rng, 0.3, None, phone),
    )
    yield line
    while rng.random() < 0.06:
        line = line._replace(
            updated_at=line.updated_at + timedelta(minutes=_between(rng, 1, 14_400))
        )
        if rng.random() < 0.3:
            line = line._replace(status="refunded")
        elif line.amount is not None:
            line = line._replace(amount=line.amount + _between(rng, -20, 20))
        yield line


def _reviews(customers: Sequence[Customer]) -> list[Review]:
    """A list that grew by hand: in no order, with gaps, doubles and numbers that nobody has."""
    rng = random.Random(SEED + 1)
    ids = sorted({row.customer_id for row in customers})
    first, last = START + timedelta(days=14), AS_OF - timedelta(days=7)
    rows: list[Review] = []
    for _ in range(REVIEWS):
        days = _between(rng, 0, (last - first).days)
        at = first + timedelta(days=days, minutes=_sometimes(rng, 0.5, 0, _between(rng, 0, 1439)))
        customer = _sometimes(rng, 0.02, _between(rng, 20_000_000, 20_000_009), _pick(rng, ids))
        row = Review(
            _sometimes(rng, 0.02, None, customer),
            _sometimes(rng, 0.01, None, at),
            _sometimes(rng, 0.1, None, _pick(rng, CHANNELS)),
        )
        rows += [row, row] if rng.random() < 0.03 else [row]
    return rows


def _price(sku: int, at: datetime) -> Decimal:
    prices = [
        Decimal(row["price"])
        for row in PRICES
        if int(row["sku"]) == sku and datetime.fromisoformat(row["from_date"]) <= at
    ]
    return prices[-1]


def _between(rng: random.Random, low: int, high: int) -> int:
    # Only random() is promised to give the same numbers in every version of Python.
    return low + int(rng.random() * (high - low + 1))


def _pick(rng: random.Random, options: Sequence[T]) -> T:
    return options[_between(rng, 0, len(options) - 1)]


def _sometimes(rng: random.Random, share: float, rare: T, usual: T) -> T:
    return rare if rng.random() < share else usual


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_parquet(staging: Path, rows: Iterable[Line]) -> Path:
    import duckdb

    _write_csv(staging / "lines.csv", Line._fields, rows)
    with duckdb.connect(config={"threads": 1}) as connection:
        lines = connection.sql(READ_LINES, params=[str(staging / "lines.csv")])
        lines.write_parquet(str(staging / "lines.parquet"))
    return staging / "lines.parquet"
