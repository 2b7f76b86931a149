"""Features of other groups, entities, times and peers, beside plain loops over random rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.compiler.training import training_query
from featdsl.diagnostics.render.text import render_text
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.sql import statements
from featdsl.text.sources import SourceSet
from featdsl.types.dtype import INT, TEXT, TIMESTAMP

TEXTS = """
entity customer { key customer_id: int POPULATION }
entity store { key store_id: int STORES }
entity everyone { }

source cards {
  from parquet "cards.parquet"
  valid from_ts to to_ts
  entity customer
  columns {
    customer_id: int required  city: text  store: int  from_ts: timestamp  to_ts: timestamp
  }
}
source stores {
  from parquet "stores.parquet"
  valid from_ts to to_ts
  entity store
  columns { store_id: int required  from_ts: timestamp  to_ts: timestamp }
}
source sales {
  from parquet "sales.parquet"
  key  sale_id
  time sold_at available SEEN
  entity customer
  entity store
  columns {
    sale_id: int required  customer_id: int  store_id: int  sold_at: timestamp required
    loaded_at: timestamp  amount: int
  }
}
source asked {
  from parquet "asked.parquet"
  columns { customer_id: int  asked_at: timestamp }
}

view beside from sales {
  let sold = load.sold via store_id
  let made = load.made via store_id
  where made is null or made > 3
}

features load for store from sales {
  sold = count()
  made = sum(amount) over 3d
}
features profile for customer from cards {
  city  = city
  store = store
}
features spend for customer from sales {
  spend[2d, 5d] = sum(amount)
  n             = count() over 5d
  near          = spend_2d / profile.store
  home          = last(store_id)
}
features standing for customer {
  sold   = load.sold via profile.store
  made   = load.made via spend.home
  was    = spend.spend_5d 2d ago
  were   = spend.n 1d ago
  usual  = avg(spend.spend_5d among profile.city)
  peers  = count(among profile.city)
  big    = count(where spend.n > 1 among spend.home)
  rank   = percent_rank(spend.spend_5d among profile.city)
  most   = max(spend.n among all)
  moved  = standing.usual - was
}
features crowd for customer from beside {
  sold   = sum(sold)
  newest = last(made)
  deep   = sum(amount where (load.sold via store_id) > 1) over 5d
}
features recent for customer from sales {
  deep = sum(amount where (load.sold via store_id) > 1) over 5d
  near = sum(load.made via store_id) over 4d..=1d
}
features total for everyone from sales {
  n     = count() over 5d
  spend = sum(amount)
  was   = n 2d ago
}
dataset learn for customer {
  spine   asked at asked_at
  include spend.spend_2d, spend.near, standing.*, crowd.* as crowd
}
"""
DAY = datetime(2024, 3, 1)


@dataclass(frozen=True)
class World:
    """Rows of the sources, and whether populations say which keys exist."""

    cards: list[tuple[Any, ...]]
    stores: list[tuple[Any, ...]]
    sales: list[tuple[Any, ...]]
    asked: list[tuple[Any, ...]]
    listed: bool
    stores_listed: bool
    column: bool

    @staticmethod
    def of(seed: int) -> World:
        r = random.Random(seed)

        def at() -> datetime:
            return DAY + timedelta(hours=6 * r.randrange(48))

        cards: list[tuple[Any, ...]] = []
        for customer in range(1, 7):
            start = DAY - timedelta(days=1)
            while r.random() < 0.75:
                end = start + timedelta(hours=6 * r.randrange(1, 40))
                last = r.random() < 0.3
                cards.append(
                    (
                        customer,
                        r.choice(["Pune", "Goa", None]),
                        r.choice([1, 2, 3, 4, None]),
                        start,
                        None if last else end,
                    )
                )
                if last:
                    break
                start = end + timedelta(hours=6 * r.randrange(3))
        stores = [
            (s, DAY, None if r.random() < 0.5 else at()) for s in (1, 2, 3) if r.random() < 0.9
        ]
        sales = []
        for i in range(r.randrange(40)):
            sold = at()
            loaded = sold + timedelta(hours=6 * r.randrange(-3, 6)) if r.random() < 0.9 else None
            keys = r.choice([1, 2, 3, 4, 5, 8, None]), r.choice([1, 2, 3, 5, None])
            sales.append((i, *keys, sold, loaded, r.choice([1, 2, 3, 5, None])))
        asked = [(r.choice([1, 2, 3, 4, 9, None]), at()) for _ in range(10)]
        flags = [r.random() < 0.6 for _ in range(2)]
        return World(cards, stores, sales, asked, flags[0], flags[1], r.random() < 0.3)

    # --- What is seen ------------------------------------------------------------------------

    def seen_at(self, sale: tuple[Any, ...]) -> datetime | None:
        return sale[4] if self.column else sale[3] + timedelta(hours=12)

    def visible(self, t: datetime) -> list[tuple[Any, ...]]:
        found = [s for s in self.sales if (at := self.seen_at(s)) is not None and at <= t]
        return sorted(found, key=lambda s: (s[3], s[0]))

    def card(self, customer: int, t: datetime) -> tuple[Any, ...] | None:
        for c in self.cards:
            if c[0] == customer and c[3] <= t and (c[4] is None or t < c[4]):
                return c
        return None

    def has_store(self, store: int | None, t: datetime) -> bool:
        if store is None:
            return False
        found = (s for s in self.stores if s[0] == store)
        return not self.stores_listed or any(
            s[1] <= t and (s[2] is None or t < s[2]) for s in found
        )

    def customers(self, t: datetime, of: str) -> list[int]:
        carded = {c[0] for c in self.cards if self.card(c[0], t)}
        if self.listed:
            return sorted(carded)
        bought = {s[1] for s in self.visible(t) if s[1] is not None}
        return sorted({"cards": carded, "sales": bought, "both": carded | bought}[of])

    def crowd_keys(self, t: datetime) -> list[int]:
        """Customers with a row of the view: one that is seen ahead looks at what is seen now."""
        if self.listed:
            return self.customers(t, "cards")
        made = ((s[1], self.made(s[2], min(s[3], t))) for s in self.visible(t))
        return sorted({c for c, m in made if c is not None and (m is None or m > 3)})

    # --- Features ----------------------------------------------------------------------------

    def window(
        self, place: int, key: int | None, t: datetime, days: int | None
    ) -> list[tuple[Any, ...]]:
        start = datetime.min if days is None else t - timedelta(days=days)
        rows = self.visible(t)
        return [s for s in rows if (place == 0 or s[place] == key) and start <= s[3] < t]

    @staticmethod
    def total(rows: list[tuple[Any, ...]], place: int = 5) -> int | None:
        known = [s[place] for s in rows if s[place] is not None]
        return sum(known) if known else None

    def sold(self, store: int | None, t: datetime) -> int | None:
        return len(self.window(2, store, t, None)) if self.has_store(store, t) else None

    def made(self, store: int | None, t: datetime) -> int | None:
        return self.total(self.window(2, store, t, 3)) if self.has_store(store, t) else None

    def spend(self, customer: int, t: datetime, days: int) -> int | None:
        return self.total(self.window(1, customer, t, days))

    def n(self, customer: int, t: datetime) -> int:
        return len(self.window(1, customer, t, 5))

    def home(self, customer: int, t: datetime) -> int | None:
        known = [s[2] for s in self.window(1, customer, t, None) if s[2] is not None]
        return known[-1] if known else None

    def city(self, customer: int, t: datetime) -> str | None:
        card = self.card(customer, t)
        return None if card is None else card[1]

    def near(self, customer: int, t: datetime) -> float | None:
        card, spent = self.card(customer, t), self.spend(customer, t, 2)
        if card is None or card[2] is None or spent is None:
            return None
        return spent / card[2]

    def standing(self, customer: int, t: datetime) -> tuple[Any, ...]:
        card = self.card(customer, t)
        before, day = t - timedelta(days=2), t - timedelta(days=1)
        was = self.spend(customer, before, 5) if self.exists(customer, before) else None
        were = self.n(customer, day) if self.exists(customer, day) else None

        def peers(of: str, key: Any) -> list[int]:
            everyone = self.customers(t, of)
            own = key(customer)
            if customer not in everyone or own is None:
                return []
            return [c for c in everyone if key(c) == own]

        compared = peers("both", lambda c: self.city(c, t))
        values = {c: self.spend(c, t, 5) for c in compared}
        known = {c: v for c, v in values.items() if v is not None}
        usual = sum(known.values()) / len(known) if known else None
        rank = None
        if customer in known:
            below = sum(v < known[customer] for v in known.values())
            rank = below / (len(known) - 1) if len(known) > 1 else 0.0
        sellers = peers("sales", lambda c: self.home(c, t))
        everyone = self.customers(t, "sales")
        most = max((self.n(c, t) for c in everyone), default=None)
        return (
            self.sold(None if card is None else card[2], t),
            self.made(self.home(customer, t), t),
            was,
            were,
            usual,
            len(peers("cards", lambda c: self.city(c, t))),
            sum(self.n(c, t) > 1 for c in sellers),
            rank,
            most if customer in everyone else None,
            None if usual is None or was is None else usual - was,
        )

    def crowd(self, customer: int, t: datetime) -> tuple[Any, ...]:
        kept = []
        for s in self.window(1, customer, t, None):
            sold, made = self.sold(s[2], s[3]), self.made(s[2], s[3])
            if made is None or made > 3:
                kept.append((*s, sold, made))
        deep = [s for s in kept if s[6] is not None and s[6] > 1]
        newest = [s[7] for s in kept if s[7] is not None]
        return (
            self.total(kept, 6),
            newest[-1] if newest else None,
            self.total([s for s in deep if s[3] >= t - timedelta(days=5)]),
        )

    def recent(self, customer: int, t: datetime) -> tuple[Any, ...]:
        deep = [s for s in self.window(1, customer, t, 5) if (self.sold(s[2], s[3]) or 0) > 1]
        day = timedelta(days=1)
        near = [
            self.made(s[2], s[3])
            for s in self.visible(t)
            if s[1] == customer and t - 4 * day <= s[3] <= t - day
        ]
        known = [m for m in near if m is not None]
        return self.total(deep), sum(known) if known else None

    def exists(self, customer: int | None, t: datetime) -> bool:
        if customer is None:
            return False
        return not self.listed or self.card(customer, t) is not None

    @cached_property
    def compiled(self) -> Compilation:
        text = TEXTS.replace("POPULATION", "from cards" if self.listed else "")
        text = text.replace("STORES", "from stores" if self.stores_listed else "")
        text = text.replace("SEEN", "loaded_at" if self.column else "after 12h")
        found = compile_project(SourceSet.of({"p.feat": text}), Options(project="p"))
        assert found.ok, render_text(found.diagnostics, found.texts)
        return found


TYPES = {
    "p.cards": {
        "customer_id": INT, "city": TEXT, "store": INT, "from_ts": TIMESTAMP, "to_ts": TIMESTAMP,
    },
    "p.stores": {"store_id": INT, "from_ts": TIMESTAMP, "to_ts": TIMESTAMP},
    "p.sales": {
        "sale_id": INT, "customer_id": INT, "store_id": INT, "sold_at": TIMESTAMP,
        "loaded_at": TIMESTAMP, "amount": INT,
    },
    "p.asked": {"customer_id": INT, "asked_at": TIMESTAMP},
}  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Profile(threads=1)) as running:
        yield running


def scans_of(session: Session, world: World) -> dict[str, exp.Table]:
    rows = [world.cards, world.stores, world.sales, world.asked]
    return {
        name: session.create_table(name, statements.rows(types, [list(r) for r in given]))
        for (name, types), given in zip(TYPES.items(), rows, strict=True)
    }


def drop(session: Session, scans: dict[str, exp.Table]) -> None:
    for table in scans.values():
        session.execute(statements.drop("TABLE", table.name))


def alike(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with all numbers as floats of nine places."""

    def value(v: Any) -> Any:
        if v is None or isinstance(v, str | datetime):
            return v
        return round(float(v), 9)

    return [tuple(map(value, row)) for row in rows]


@pytest.mark.parametrize("seed", range(40))
def test_values_at_one_time_are_those_of_plain_loops(session: Session, seed: int) -> None:
    world = World.of(seed)
    program, scans = world.compiled.program, scans_of(session, world)
    try:
        for hours in (60, 150, 260):
            t = DAY + timedelta(hours=hours)

            def asked(group: str, t: datetime = t) -> list[tuple[Any, ...]]:
                query = group_query(program, group, as_of=t, scans=scans)
                return alike(session.execute(query))

            keys = world.customers(t, "both")
            assert asked("p.standing") == alike([(c, *world.standing(c, t)) for c in keys])
            keys = world.crowd_keys(t)
            assert asked("p.crowd") == alike([(c, *world.crowd(c, t)) for c in keys])
            keys = world.customers(t, "sales")
            assert asked("p.recent") == alike([(c, *world.recent(c, t)) for c in keys])
            everything = world.window(0, None, t, None)
            recent = world.window(0, None, t, 5)
            before = world.window(0, None, t - timedelta(days=2), 5)
            total = (len(recent), world.total(everything), len(before))
            assert asked("p.total") == alike([total])
    finally:
        drop(session, scans)


@pytest.mark.parametrize("seed", range(40))
def test_a_training_set_has_the_values_of_plain_loops(session: Session, seed: int) -> None:
    world = World.of(seed)
    if world.column:
        pytest.skip("rows that are seen ahead of their time are not read by data sets yet")
    program, scans = world.compiled.program, scans_of(session, world)
    try:
        found = session.execute(training_query(program, "p.learn", scans=scans))
    finally:
        drop(session, scans)
    expected = []
    for customer, t in sorted(world.asked, key=lambda a: (a[1], a[0] is None, a[0] or 0)):
        values: tuple[Any, ...] = (None,) * 15
        if world.exists(customer, t):
            own = (world.spend(customer, t, 2), world.near(customer, t))
            values = (*own, *world.standing(customer, t), *world.crowd(customer, t))
        expected.append((customer, t, *values))

    assert sorted(alike(found), key=repr) == sorted(alike(expected), key=repr)
