"""Point-in-time tables that other feature stores publish, said in FEAT.

Each gives their values with their window written out; where the default window of the language
gives others, that is stated beside them, with the reason. Only facts are taken: rows and results.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.support.training import Rows, training_set

# --- Features as of the time of a label ----------------------------------------------------------

FEATHR = """
entity user { key user_id: int }

source observed {
  from parquet "observed.parquet"
  columns { tracking_id: int required  user_id: int  label: int  date: date }
}

source features_table {
  from parquet "features.parquet"
  key user_id, date
  time date
  entity user
  columns { user_id: int required  x: float  date: timestamp required }
}

features xs for user from features_table {
  x        = last(x) over 7d..=0d
  left_out = last(x) over 7d<..=0d
  before   = last(x) over 7d
}

dataset training for user {
  spine   observed at date
  include xs.*
}
"""
FEATHR_OBSERVED: Rows = [
    (1, 1, 0, "2022-05-01"),
    (2, 2, 1, "2022-05-01"),
    (3, 3, 1, "2022-05-02"),
    (4, 1, 1, "2022-05-03"),
    (5, 3, 0, "2022-05-03"),
]
FEATHR_FEATURES: Rows = [
    (1, 0.5, "2022-05-01"),
    (2, 0.3, "2022-05-01"),
    (3, 0.1, "2022-05-01"),
    (1, 0.4, "2022-05-02"),
    (2, 0.2, "2022-05-02"),
    (3, 0.1, "2022-05-02"),
    (1, 0.3, "2022-05-03"),
    (2, 0.2, "2022-05-03"),
    (3, 0.15, "2022-05-03"),
]


def test_feathr_joins_the_latest_value_of_seven_days_that_day_included() -> None:
    """feathr-ai/feathr, docs/concepts/point-in-time-join.md (Apache-2.0).

    Feathr takes the row of the label's own day. `7d`, the default here, does not: what carries
    the label's time may have come about together with it. So the first label of each user, which
    has nothing before it, gets null, and the others the value of the day before.
    """
    rows = {"observed": FEATHR_OBSERVED, "features_table": FEATHR_FEATURES}
    names, found = training_set(FEATHR, rows, "training")
    values = [dict(zip(names, row, strict=True)) for row in found]
    values.sort(key=lambda row: row["tracking_id"])

    assert [row["x"] for row in values] == [0.5, 0.3, 0.1, 0.3, 0.15]
    assert [row["left_out"] for row in values] == [0.5, 0.3, 0.1, 0.3, 0.15]
    assert [row["before"] for row in values] == [None, None, 0.1, 0.4, 0.1]


FEATUREFORM = """
entity account { key user: text }

source frauds {
  from parquet "frauds.parquet"
  columns { user: text  fraud: bool  ts: timestamp }
}

source prices {
  from parquet "prices.parquet"
  key user, ts
  time ts
  entity account
  columns { user: text required  avg_price: int  ts: timestamp required }
}

features price for account from prices {
  at_or_before = last(avg_price) over lifetime..=0d
  avg_price    = last(avg_price)
}

dataset training for account {
  spine   frauds at ts
  label   fraud
  include price.*
}
"""


def test_featureform_joins_the_last_value_before_the_label() -> None:
    """featureform/featureform, docs/concepts/point-in-time-correctness-….mdx (MPL-2.0).

    Featureform takes the last value at or before the label's time. The default takes the last one
    before it, and gives the same here: no value has exactly a label's time.
    """
    rows: dict[str, Rows] = {
        "frauds": [("A", False, "2022-01-03"), ("A", True, "2022-01-05")],
        "prices": [("A", 5, "2022-01-02"), ("A", 10, "2022-01-04")],
    }
    names, found = training_set(FEATUREFORM, rows, "training")

    assert names == ["user", "fraud", "ts", "at_or_before", "avg_price"]
    assert [(row[3], row[4], row[1]) for row in found] == [(5, 5, False), (10, 10, True)]


# --- What is in a window -------------------------------------------------------------------------

VIEWS = """
entity listing { key listing_id: int }

source asked {
  from parquet "asked.parquet"
  columns { listing_id: int  ts: timestamp }
}

source views {
  from parquet "views.parquet"
  time viewed_at
  entity listing
  columns { listing_id: int required  viewed_at: timestamp required }
}

features views_of for listing from views {
  oldest = min(viewed_at) over 10d
  newest = max(viewed_at) over 10d
  n      = count() over 10d
}

dataset training for listing {
  spine   asked at ts
  include views_of.*
}
"""


@pytest.mark.parametrize(
    ("asked", "oldest", "newest"),
    [
        # Events joined with events: up to the millisecond of the left row, not including it.
        ("2023-12-20 12:01:01.923", "2023-12-10 12:01:01.923", "2023-12-20 12:01:01.922"),
        # Snapshot accuracy: whole days up to the last midnight; here, by asking as of midnight.
        ("2023-12-20 00:00:00.000", "2023-12-10 00:00:00.000", "2023-12-19 23:59:59.999"),
    ],
)
def test_chronon_documents_the_ends_of_a_window_of_ten_days(
    asked: str, oldest: str, newest: str
) -> None:
    """airbnb/chronon, docs/source/authoring_features/Join.md (Apache-2.0).

    The documented ends are those of `10d`, which is [t - 10d, t). Chronon's code rounds the start
    of such a window down to the hour; here it is exact, as its documentation says.
    """
    first, last = datetime.fromisoformat(oldest), datetime.fromisoformat(newest)
    before, after = "2023-12-09 23:59:59.999", "2023-12-20 12:01:01.923"
    rows: dict[str, Rows] = {
        "asked": [(1, asked)],
        "views": [(1, at) for at in (before, oldest, newest, asked, after)],
    }
    _, found = training_set(VIEWS, rows, "training")

    assert found == [(1, datetime.fromisoformat(asked), first, last, 2)]


# --- Values over all rows, however they are stored -----------------------------------------------

TILES = """
entity listing { key listing_id: int }

source asked {
  from parquet "asked.parquet"
  columns { listing_id: int  ts: timestamp }
}

source events {
  from parquet "events.parquet"
  key n
  time at
  entity listing
  columns {
    listing_id: int required
    n: int required
    at: timestamp required
    value: text
    amount: int
  }
}

features of for listing from events {
  n    = count() over 3h
  last = last(value) over 3h
  mean = avg(amount) over 3h
}

dataset training for listing {
  spine   asked at ts
  include of.*
}
"""


def test_chronon_merges_tiles_to_the_count_and_last_of_all_rows() -> None:
    """airbnb/chronon, docs/source/Tiled_Architecture.md (Apache-2.0): COUNT and LAST over 3h.

    Tiles of an hour with 2, 9 and 3 rows that end in B, A and C are merged to [14, C]. There are
    no tiles here; the value is that of the rows.
    """
    tiles = [(2, "B"), (9, "A"), (3, "C")]
    endings = [value if i == n - 1 else "x" for n, value in tiles for i in range(n)]
    hours = [hour for hour, (n, _) in enumerate(tiles) for _ in range(n)]
    events: Rows = [
        (1, i, f"2024-01-01 {hour:02}:{i:02}:00", value, None)
        for i, (hour, value) in enumerate(zip(hours, endings, strict=True))
    ]
    rows = {"asked": [(1, "2024-01-01 03:00:00")], "events": events}
    names, ((*_, n, last, _mean),) = training_set(TILES, rows, "training")

    assert names[2:] == ["n", "last", "mean"]
    assert (n, last) == (14, "C")


def test_feast_warns_of_the_mean_of_means() -> None:
    """feast-dev/feast, docs/getting-started/concepts/tiling.md (Apache-2.0).

    Of tiles with 10, 20, 30 and with 100, the mean is 40; the mean of the tiles' means, 60, is
    the mistake it warns of.
    """
    events: Rows = [
        (1, 1, "2024-01-01 00:10:00", None, 10),
        (1, 2, "2024-01-01 00:20:00", None, 20),
        (1, 3, "2024-01-01 00:30:00", None, 30),
        (1, 4, "2024-01-01 01:10:00", None, 100),
    ]
    rows = {"asked": [(1, "2024-01-01 03:00:00")], "events": events}
    _, ((*_, mean),) = training_set(TILES, rows, "training")

    assert mean == 40.0


ROWS = """
entity account { key k: int }

source asked {
  from parquet "asked.parquet"
  columns { k: int  at: timestamp }
}

source rows_of {
  from parquet "rows.parquet"
  key ts
  time ts
  entity account
  columns { k: int required  ts: timestamp required  views: int  rating: float  title: text }
}

features made for account from rows_of {
  views_average      = avg(views)
  views_count        = count(views)
  rating_sum         = sum(rating)
  title_last         = last(title)
  title_first        = first(title)
  title_max          = max(title)
  title_min          = min(title)
  title_unique_count = count_distinct(title)
}

dataset training for account {
  spine   asked at at
  include made.*
}
"""


def test_chronon_aggregates_five_rows_without_deletes() -> None:
    """airbnb/chronon, aggregator/src/test/…/RowAggregatorTest.scala (Apache-2.0).

    The values that its aggregates have before two of the rows are deleted; those over lists and
    maps, and the two newest titles, have no counterpart in this version. A deletion is a version
    of the row here (`keep last`), and no row taken out of a finished aggregate.
    """
    at = "2024-01-01 00:00:0{}"
    rows: dict[str, Rows] = {
        "asked": [(1, "2024-01-02")],
        "rows_of": [
            (1, at.format(1), 4, 5.0, "A"),
            (1, at.format(2), 3, 4.0, "B"),
            (1, at.format(3), 5, 7.0, "D"),
            (1, at.format(4), 7, 1.0, "A"),
            (1, at.format(5), 3, 1.0, "B"),
        ],
    }
    names, (row,) = training_set(ROWS, rows, "training")

    assert dict(zip(names[2:], row[2:], strict=True)) == {
        "views_average": 4.4,
        "views_count": 5,
        "rating_sum": 18.0,
        "title_last": "B",
        "title_first": "A",
        "title_max": "D",
        "title_min": "A",
        "title_unique_count": 3,
    }


# --- Labels --------------------------------------------------------------------------------------

LABELS = """
entity listing { key listing_id: int }

source viewed {
  from parquet "viewed.parquet"
  columns { listing_id: int  m_views: int  ts: timestamp  ds: date }
}

source activity {
  from parquet "activity.parquet"
  key listing_id, ts
  time ts
  entity listing
  columns { listing_id: int required  is_active: int  ds: date  ts: timestamp required }
}

labels active for listing from activity {
  is_active_max_5d = max(is_active) over next 5d
}

features activity_of for listing from activity {
  is_active = last(is_active)
}

dataset training for listing {
  spine   viewed at ds
  label   active.is_active_max_5d
  include activity_of.*
}
"""
VIEWED: Rows = [
    (1, 20, "2022-10-02 11:00:00", "2022-10-02"),
    (2, 30, "2022-10-02 11:00:00", "2022-10-02"),
    (3, 10, "2022-10-02 11:00:00", "2022-10-02"),
    (1, 20, "2022-10-03 11:00:00", "2022-10-03"),
    (2, 35, "2022-10-04 11:00:00", "2022-10-04"),
    (3, 15, "2022-10-05 11:00:00", "2022-10-05"),
]
ACTIVITY: Rows = [
    (1, 0, "2022-10-01", "2022-10-01 10:00:00"),
    (2, 0, "2022-10-01", "2022-10-01 10:00:00"),
    (3, 1, "2022-10-01", "2022-10-01 10:00:00"),
    (1, 1, "2022-10-02", "2022-10-02 10:00:00"),
    (2, 0, "2022-10-02", "2022-10-02 10:00:00"),
    (3, 0, "2022-10-02", "2022-10-02 10:00:00"),
    (1, 0, "2022-10-06", "2022-10-06 11:00:00"),
    (2, 1, "2022-10-06", "2022-10-06 11:00:00"),
    (3, 0, "2022-10-06", "2022-10-06 11:00:00"),
    (1, 2, "2022-10-07", "2022-10-07 11:00:00"),
]


@pytest.mark.parametrize("until", [{"activity": datetime(2022, 10, 7)}, None])
def test_chronon_labels_look_five_days_ahead_and_wait_until_these_are_over(
    until: dict[str, datetime] | None,
) -> None:
    """airbnb/chronon, spark/…/LabelJoinTest.scala::testLabelAggregations (Apache-2.0).

    A label of `ds` is the largest `is_active` in [ds, ds + 5d). Labels of 6 October are complete
    at midnight after it, so only rows of 2 October have one. Chronon gives these three rows; here
    the others stay, with null, unless `--mature` drops them. Without a time, labels are known up
    to the newest row, 7 October 11:00: the same, the next label is complete on 8 October.
    """
    rows = {"viewed": VIEWED, "activity": ACTIVITY}
    names, found = training_set(LABELS, rows, "training", until=until)
    values = [dict(zip(names, row, strict=True)) for row in found]

    assert [(v["listing_id"], v["ds"].day, v["is_active_max_5d"]) for v in values] == [
        (1, 2, 1),
        (2, 2, 1),
        (3, 2, 0),
        (1, 3, None),
        (2, 4, None),
        (3, 5, None),
    ]


ROOMS = """
entity listing { key listing_id: int }

source viewed {
  from parquet "viewed.parquet"
  columns { listing_id: int  m_views: int  ts: timestamp  ds: date }
}

source rooms {
  from parquet "rooms.parquet"
  entity listing
  columns { listing_id: int required  dim_room_type: text  ds: timestamp required }
  keep last per listing_id by ds
}

labels room for listing from rooms {
  dim_room_type = dim_room_type
}

features room_before for listing from rooms {
  known_room_type = dim_room_type
}

dataset training for listing {
  spine   viewed at ts
  label   room.dim_room_type
  include room_before.*
}
"""
ROOM_ROWS: Rows = [
    (1, "ENTIRE_HOME", "2022-10-30"),
    (2, "ENTIRE_HOME", "2022-10-30"),
    (3, "PRIVATE_ROOM", "2022-10-30"),
    (4, "PRIVATE_ROOM", "2022-10-30"),
    (5, "PRIVATE_ROOM", "2022-10-30"),
    (1, "ENTIRE_HOME_2", "2022-11-11"),
    (2, "ENTIRE_HOME_2", "2022-11-11"),
    (3, "PRIVATE_ROOM_2", "2022-11-11"),
]
ROOM_VIEWS: Rows = [
    (1, 20, "2022-10-01 10:00:00", "2022-10-01"),
    (2, 30, "2022-10-02 10:00:00", "2022-10-02"),
    (3, 10, "2022-10-01 10:00:00", "2022-10-01"),
    (4, 20, "2022-10-02 10:00:00", "2022-10-02"),
    (5, 35, "2022-10-03 10:00:00", "2022-10-03"),
    (1, 15, "2022-10-03 10:00:00", "2022-10-03"),
]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (
            {"rooms": datetime(2022, 10, 30)},
            {
                (1, 1): "ENTIRE_HOME",
                (2, 2): "ENTIRE_HOME",
                (3, 1): "PRIVATE_ROOM",
                (4, 2): "PRIVATE_ROOM",
                (5, 3): "PRIVATE_ROOM",
                (1, 3): "ENTIRE_HOME",
            },
        ),
        (
            None,
            {
                (1, 1): "ENTIRE_HOME_2",
                (2, 2): "ENTIRE_HOME_2",
                (3, 1): "PRIVATE_ROOM_2",
                (4, 2): "PRIVATE_ROOM",
                (5, 3): "PRIVATE_ROOM",
                (1, 3): "ENTIRE_HOME_2",
            },
        ),
    ],
)
def test_chronon_labels_are_what_was_known_on_the_day_of_labelling(
    until: dict[str, datetime] | None, expected: dict[tuple[int, int], str]
) -> None:
    """airbnb/chronon, spark/…/LabelJoinTest.scala::testLabelJoin (Apache-2.0).

    The room type of the snapshot of 30 October, not of the later one. Without that time a label
    is what is known in the end, the versions of 11 November: labels are read as best known.
    """
    rows = {"viewed": ROOM_VIEWS, "rooms": ROOM_ROWS}
    names, found = training_set(ROOMS, rows, "training", until=until)
    values = [dict(zip(names, row, strict=True)) for row in found]

    assert {(v["listing_id"], v["ds"].day): v["dim_room_type"] for v in values} == expected
    # As a feature, it was not known yet.
    assert [v["known_room_type"] for v in values] == [None] * 6
