"""A marketplace: people who buy and sell, orders of two kinds, listings that change, returns.

Rows are made by chance, on whole hours: times are often equal, and windows often end at a row.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

TEXT = """
entity person { key person_id: int  from people }
entity listing { key shop: text  key item: int }
entity region { key region: text }

source people {
  from parquet "people.parquet"
  key person_id
  entity person
  entity region
  columns { person_id: int required  region: text  referred_by: int }
}

source web {
  from parquet "web.parquet"
  key  order_id
  time at available after 1h
  entity person (buyer)
  entity person (seller)
  entity listing
  columns {
    order_id: int required  buyer: int  seller: int  shop: text  item: int
    at: timestamp required  upd: timestamp  qty: int  price: decimal(8, 2)
  }
  keep last per order_id by upd
}

source phone {
  from parquet "phone.parquet"
  key  order_id
  time at available seen_at
  entity person (buyer)
  entity person (seller)
  entity listing
  columns {
    order_id: int required  buyer: int  seller: int  shop: text  item: int
    at: timestamp required  seen_at: timestamp  qty: int  price: decimal(10, 3)
  }
}

source returns {
  from parquet "returns.parquet"
  key  return_id
  time back_at available after 2h
  entity person (who)
  columns { return_id: int required  order_id: int  who: int  back_at: timestamp required }
}

source listings {
  from parquet "listings.parquet"
  valid from_ts to to_ts
  entity listing
  columns {
    shop: text required  item: int required  from_ts: timestamp required  to_ts: timestamp
    category: text  list_price: decimal(8, 2)
  }
}

view web_orders from web { let seen_at: timestamp = null }
view phone_orders from phone { let upd: timestamp = null }

view orders from web_orders, phone_orders {
  join listings as l on shop = l.shop and item = l.item
  let category = l.category
  let total    = price * qty
  let off      = (l.list_price - price) / l.list_price
  let by_phone = source_name = "phone_orders"
  where qty is null or qty > 0
}

view good from orders {
  let seller_sold = sold.n via seller
  let popular     = demand.n via (shop, item)
  where category in ["a", "b"] and buyer != seller
}

view returned from returns {
  join many web as w on order_id = w.order_id and w.qty > 1
  let own = w.buyer = who
  let lag = (back_at - w.at) / 1h
}

features bought for person(buyer) from orders {
  n[3d, 10d]     = count()
  spend[3d, 10d] = sum(total default 0)
  off            = avg(off) over 10d
  phone_share    = ratio(by_phone) over 10d
  by_source      = sum(total by source_name) over 10d
  last_category  = last(category)
  first_total    = first(total)
  things         = count(per shop, item) over 10d
  again          = count(where count() > 1 per shop, item) over 10d
  dearest        = max_by(item, price) over 10d
  same           = count(where shop = previous(shop) and item = previous(item)) over 10d
  last_shop      = last(shop)
  last_item      = last(item)
  last_demand    = demand.n via (last_shop, last_item)
  from_r1        = count(where (home.place via seller) = "r1") over 10d
  last_by_phone  = sum(total where by_phone over last 2 events)
}

features sold for person(seller) from orders {
  n      = count() over 10d
  income = sum(total) over 10d
  own    = count(where buyer = seller)
}

features demand for listing from orders {
  n         = count() over 10d
  top_buyer = mode(buyer)
  top_sold  = sold.n via top_buyer
}

features choice for person(buyer) from good {
  good        = count() over 10d
  seller_sold = max(seller_sold) over 10d
  popular     = sum(popular)
}

features back for person(who) from returned {
  pairs        = count()
  pieces       = sum(w.qty)
  own          = ratio(own)
  lag          = avg(lag)
  first_seller = first(w.seller)
}

features home for person from people {
  place      = region
  referred   = referred_by
  ref_spend  = bought.spend_10d via referred
}

features size for region from people { people = count() }

features both for person {
  net       = sold.income - bought.spend_10d
  middle    = median(bought.spend_10d among home.place)
  place     = percent_rank(sold.n among home.place)
  before    = bought.n_3d 3d ago
  ref_size  = size.people via (home.place via home.referred)
}

dataset learnt for person {
  include bought.*, sold.* as s, choice.*, back.* as b, home.* as h, both.*
}
"""

START = datetime(2024, 5, 1)
PEOPLE = 12
HOURS = 24 * 18
COLUMNS = {
    "people": {"person_id": "int", "region": "text", "referred_by": "int"},
    "web": {
        "order_id": "int", "buyer": "int", "seller": "int", "shop": "text", "item": "int",
        "at": "time", "upd": "time", "qty": "int", "price": "money",
    },
    "phone": {
        "order_id": "int", "buyer": "int", "seller": "int", "shop": "text", "item": "int",
        "at": "time", "seen_at": "time", "qty": "int", "price": "mills",
    },
    "returns": {"return_id": "int", "order_id": "int", "who": "int", "back_at": "time"},
    "listings": {
        "shop": "text", "item": "int", "from_ts": "time", "to_ts": "time",
        "category": "text", "list_price": "money",
    },
}  # fmt: skip


def made(seed: int) -> dict[str, list[Row]]:
    """The stored rows of all sources."""
    rng = random.Random(seed)

    def hour(a: int, b: int) -> datetime:
        return START + timedelta(hours=rng.randint(a, b))

    web = _web(rng, hour)
    tables = {
        "people": [
            {
                "person_id": i,
                "region": rng.choice(["r1", "r2", None]),
                "referred_by": rng.choice([None, i, 0, 3, 5, 8, 99]),
            }
            for i in range(PEOPLE)
        ],
        "web": web,
        "phone": [_order(rng, i, hour(0, HOURS), phone=True) for i in range(150)],
        "returns": [_return(rng, i, rng.choice(web)) for i in range(200)],
        "listings": list(_listings(rng, hour)),
    }
    for rows in tables.values():
        rng.shuffle(rows)
    return tables


def _person(rng: random.Random) -> int | None:
    return rng.choice([*range(PEOPLE), None, 77])


def _order(rng: random.Random, number: int, at: datetime, *, phone: bool) -> Row:
    order: Row = {
        "order_id": number,
        "buyer": _person(rng),
        "seller": _person(rng),
        "shop": rng.choice(["1", "12", "z", None]),
        "item": rng.choice([1, 2, 3, 23, None]),
        "at": at,
        "qty": rng.choice([None, 0, 1, 2, 3]),
    }
    if phone:
        late = at + timedelta(hours=rng.randint(-20, 100))  # some are known before their time
        prices = [None, Decimal("1.505"), Decimal("2.000"), Decimal("10.125")]
        return order | {"seen_at": rng.choice([at, late, None]), "price": rng.choice(prices)}
    prices = [None, Decimal("1.50"), Decimal("2.00"), Decimal("10.00"), Decimal("-1.00")]
    return order | {"price": rng.choice(prices)}


def _web(rng: random.Random, hour: Callable[[int, int], datetime]) -> list[Row]:
    rows: list[Row] = []
    for number in range(300):
        at = hour(0, HOURS)
        versions = rng.sample(range(-3, 60), rng.choice([1, 1, 2, 3]))
        for later in versions:
            known = rng.random() < 0.95
            upd = at + timedelta(hours=later) if known else None
            rows.append(_order(rng, number, at, phone=False) | {"upd": upd})
    return rows


def _return(rng: random.Random, number: int, order: Row) -> Row:
    return {
        "return_id": number,
        "order_id": rng.choice([order["order_id"]] * 8 + [None, 5555]),
        "who": rng.choice([order["buyer"], order["buyer"], _person(rng)]),
        "back_at": order["at"] + timedelta(hours=rng.randint(-2, 100)),
    }


def _listings(rng: random.Random, hour: Callable[[int, int], datetime]) -> list[Row]:
    rows = []
    for shop in ("1", "12", "z"):
        for item in (1, 2, 3, 23):
            begin: datetime | None = hour(-100, 100)
            while begin is not None and len(rows) < 60:
                end = rng.choice([None, begin + timedelta(hours=rng.randint(1, 200))])
                rows.append(
                    {
                        "shop": shop,
                        "item": item,
                        "from_ts": begin,
                        "to_ts": end,
                        "category": rng.choice(["a", "b", "c", None]),
                        "list_price": rng.choice([None, Decimal("0.00"), Decimal("4.00")]),
                    }
                )
                begin = None if end is None else end + timedelta(hours=rng.choice([0, 0, 5]))
    return rows
