"""What the features of the marketplace are, in plain loops, from docs/language/semantics.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from tests.independent.formulas import (
    divide,
    first,
    greatest,
    known,
    last,
    max_by,
    mean,
    median,
    mode,
    ratio,
    subtract,
    total,
)
from tests.independent.market_project import Row

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Features = dict[str, Any]


class Market:
    """All stored rows; each method says what is seen, or what a feature is, at a time."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = tables
        self.people = {p["person_id"]: p for p in tables["people"]}
        self.web = cache(self._web)
        self.orders = cache(self._orders)
        self.good = cache(self._good)
        self.bought = cache(self._bought)
        self.sold = cache(self._sold)
        self.demand = cache(self._demand)
        self.groups: dict[str, Callable[[Any, datetime], Features]] = {
            "bought": self.bought,
            "sold": self.sold,
            "choice": self.choice,
            "back": self.back,
            "home": self.home,
            "both": self.both,
        }

    # --- rows

    def _web(self, t: datetime) -> list[Row]:
        """The newest version of each order, of those that are seen."""
        versions = defaultdict(list)
        for row in self.tables["web"]:
            if row["upd"] is not None and max(row["at"], row["upd"]) + HOUR <= t:
                versions[row["order_id"]].append(row)
        return [max(rows, key=lambda r: r["upd"]) for rows in versions.values()]

    def listing(self, shop: str | None, item: int | None, t: datetime) -> Row:
        for row in self.tables["listings"]:
            holds = row["from_ts"] <= t and (row["to_ts"] is None or t < row["to_ts"])
            if holds and (row["shop"], row["item"]) == (shop, item):
                return row
        return {"category": None, "list_price": None}

    def _orders(self, t: datetime) -> list[Row]:
        """Orders of both sources in the order of time, number and source, with their listing."""
        seen = [r | {"source": "web_orders"} for r in self.web(t)]
        seen += [
            r | {"source": "phone_orders"}
            for r in self.tables["phone"]
            if r["seen_at"] is not None and r["seen_at"] <= t
        ]
        rows = []
        for row in seen:
            if row["qty"] is not None and row["qty"] <= 0:
                continue
            when = min(row["at"], t)  # a row that is seen before its time looks at t
            listed = self.listing(row["shop"], row["item"], when)
            parts = (row["price"], row["qty"])
            less = subtract(listed["list_price"], row["price"])
            row = row | {
                "when": when,
                "category": listed["category"],
                "total": None if None in parts else parts[0] * parts[1],
                "off": divide(less, listed["list_price"]),
                "by_phone": row["source"] == "phone_orders",
                "thing": None if None in (row["shop"], row["item"]) else (row["shop"], row["item"]),
            }
            rows.append(row)
        return sorted(rows, key=lambda r: (r["at"], r["order_id"], r["by_phone"]))

    def _good(self, t: datetime) -> list[Row]:
        rows = []
        for row in self.orders(t):
            buyer, seller, thing = row["buyer"], row["seller"], row["thing"]
            if row["category"] not in ("a", "b") or None in (buyer, seller) or buyer == seller:
                continue
            listed = seller in self.people
            rows.append(
                row
                | {
                    "seller_sold": self.sold(seller, row["when"])["n"] if listed else None,
                    "popular": self.demand(thing, row["when"])["n"] if thing else None,
                }
            )
        return rows

    # --- features

    def _bought(self, key: int, t: datetime) -> Features:
        life = [r for r in self.orders(t) if r["buyer"] == key and r["at"] < t]
        rows = within(life, t, 10)
        pairs = [(a["thing"], b["thing"]) for a, b in pairwise(rows)]
        things = Counter(known(r["thing"] for r in rows))
        sources = {r["source"] for r in rows}
        shop, item = last(r["shop"] for r in life), last(r["item"] for r in life)
        known_thing = None not in (shop, item)
        return {
            "n_3d": len(within(life, t, 3)),
            "n_10d": len(rows),
            "spend_3d": money(within(life, t, 3)),
            "spend_10d": money(rows),
            "off": mean(r["off"] for r in rows),
            "phone_share": ratio(r["by_phone"] for r in rows),
            "by_source": {s: total(r["total"] for r in rows if r["source"] == s) for s in sources}
            or None,
            "last_category": last(r["category"] for r in life),
            "first_total": first(r["total"] for r in life),
            "things": len(things),
            "again": sum(n > 1 for n in things.values()),
            "dearest": max_by((r["item"], r["price"]) for r in rows),
            "same": sum(a is not None and a == b for a, b in pairs),
            "last_shop": shop,
            "last_item": item,
            "last_demand": self.demand((shop, item), t)["n"] if known_thing else None,
            "from_r1": sum(
                r["seller"] in self.people and self.people[r["seller"]]["region"] == "r1"
                for r in rows
            ),
            "last_by_phone": total(r["total"] for r in [r for r in life if r["by_phone"]][-2:]),
        }

    def _sold(self, key: int, t: datetime) -> Features:
        life = [r for r in self.orders(t) if r["seller"] == key and r["at"] < t]
        rows = within(life, t, 10)
        return {
            "n": len(rows),
            "income": total(r["total"] for r in rows),
            "own": sum(r["buyer"] == key for r in life),
        }

    def _demand(self, key: tuple[str, int], t: datetime) -> Features:
        life = [r for r in self.orders(t) if r["thing"] == key and r["at"] < t]
        buyer = mode(r["buyer"] for r in life)
        listed = buyer in self.people
        return {
            "n": len(within(life, t, 10)),
            "top_buyer": buyer,
            "top_sold": self.sold(buyer, t)["n"] if listed else None,
        }

    def choice(self, key: int, t: datetime) -> Features:
        life = [r for r in self.good(t) if r["buyer"] == key and r["at"] < t]
        rows = within(life, t, 10)
        return {
            "good": len(rows),
            "seller_sold": greatest(r["seller_sold"] for r in rows),
            "popular": total(r["popular"] for r in life),
        }

    def back(self, key: int, t: datetime) -> Features:
        """Returns with each order that was seen when they came; one row where there was none."""
        pairs: list[tuple[Row, Row | None]] = []
        for r in sorted(self.tables["returns"], key=lambda r: (r["back_at"], r["return_id"])):
            at = r["back_at"]
            if r["who"] != key or at >= t or at + 2 * HOUR > t:
                continue
            found: list[Row | None] = [
                w
                for w in self.web(at)
                if w["order_id"] == r["order_id"] and w["qty"] is not None and w["qty"] > 1
            ]
            pairs += [(r, w) for w in found or [None]]
        matched = [(r, w) for r, w in pairs if w is not None]
        return {
            "pairs": len(pairs),
            "pieces": total(w["qty"] for _, w in matched),
            "own": ratio(None if w["buyer"] is None else w["buyer"] == key for _, w in matched),
            "lag": mean((r["back_at"] - w["at"]) / HOUR for r, w in matched),
            "first_seller": first(w["seller"] for _, w in matched),
        }

    def home(self, key: int, t: datetime) -> Features:
        person = self.people[key]
        friend = person["referred_by"]
        return {
            "place": person["region"],
            "referred": friend,
            "ref_spend": self.bought(friend, t)["spend_10d"] if friend in self.people else None,
        }

    def both(self, key: int, t: datetime) -> Features:
        place = self.people[key]["region"]
        peers = [] if place is None else self.of_region(place)
        sold = self.sold(key, t)["n"]
        below = sum(self.sold(p, t)["n"] < sold for p in peers)
        friend = self.people.get(self.people[key]["referred_by"], {"region": None})["region"]
        return {
            "net": subtract(self.sold(key, t)["income"], self.bought(key, t)["spend_10d"]),
            "middle": median(self.bought(p, t)["spend_10d"] for p in peers),
            "place": None if place is None else below / max(len(peers) - 1, 1),
            "before": self.bought(key, t - 3 * DAY)["n_3d"],
            "ref_size": None if friend is None else len(self.of_region(friend)),
        }

    def of_region(self, place: str) -> list[int]:
        return [k for k, p in self.people.items() if p["region"] == place]


def within(rows: Iterable[Row], t: datetime, days: int) -> list[Row]:
    return [r for r in rows if r["at"] >= t - days * DAY]


def money(rows: Iterable[Row]) -> Decimal:
    return total(r["total"] for r in rows) or Decimal(0)
