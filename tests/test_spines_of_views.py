"""Spines from views: what a run writes and checks, what is shown of them, what they mean."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from asked import DATASET, project_of, trained
from asked import TEXT as SHOP

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text

VIEW = """
view answers from asked {{
  join channels as c on channel = c.channel
  let online = c.online
  let day = asked_at
  where customer_id != 9
}}
source channels {{
  from csv "channels.csv"
  columns {{ channel: text required  online: bool }}
}}
"""
SPINE = DATASET.replace("spine asked at asked_at", "spine answers at day")
CHANNELS = "channel,online\nweb,true\n"
FEB = datetime(2026, 2, 1)
TEXT = """\
entity customer { key customer_id: int }
source calls {
  from csv "calls.csv"
  time called_at
  entity customer
  columns { customer_id: int  called_at: timestamp required  n: int  phone: text pii }
}
source plans {
  from csv "plans.csv"
  columns { customer_id: int required  plan: text  cost: int }
}
view offers from calls {
  join plans as p on customer_id = p.customer_id
  let plan = p.plan
  let caller = upper(phone)
  where n > 0
}
features use for customer from calls { talked = sum(n) over 10d }
dataset training for customer { spine offers at called_at  include use.* }
"""
OPTIONS = Options(project="shop", lint={"missing-description": "off", "missing-owner": "off"})


def fingerprint(text: str) -> str:
    found = compile_text(text, options=OPTIONS)
    assert found.ok
    return found.manifest().datasets[0].fingerprint.data


def test_all_columns_that_a_reader_names_come_out_but_personal_ones() -> None:
    (dataset,) = compile_text(TEXT, options=OPTIONS).manifest().datasets

    assert [(c.name, c.role) for c in dataset.columns] == [
        ("customer_id", "key"),
        ("called_at", "time"),
        ("n", "spine"),
        ("plan", "spine"),
        ("talked", "feature"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("where n > 0", "where n > 1"),
        ("let plan = p.plan", "let plan = lower(p.plan)"),
        ("join plans as p on customer_id", "join plans as p on n"),
        ("let caller = upper(phone)", "let caller = hash(phone)"),
        ("phone: text pii", "phone: text"),
    ],
)
def test_what_can_change_the_rows_changes_the_fingerprint(old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert fingerprint(TEXT) != fingerprint(TEXT.replace(old, new))


def test_a_name_of_a_join_changes_no_fingerprint() -> None:
    renamed = TEXT.replace("plans as p", "plans as q").replace("p.", "q.")
    assert fingerprint(TEXT) == fingerprint(renamed)


TWICE = """
test "two plans" {
  given calls
    | customer_id | called_at  | n |
    | 1           | 2024-01-01 | 1 |
  given plans
    | customer_id | plan |
    | 1           | a    |
    | 1           | b    |
  then training
    | customer_id | called_at  | plan |
    | 1           | 2024-01-01 | a    |
}
"""


def test_a_join_that_finds_two_rows_for_one_of_the_spine_fails_a_test() -> None:
    from featdsl.testing.run import run_tests

    found = compile_text(TEXT + TWICE, options=OPTIONS)
    (result,) = run_tests(found, OPTIONS)

    (told,) = result.diagnostics()
    assert "matches more than one row of `plans`" in told.message


def test_a_run_takes_the_rows_of_the_view_in_the_order_of_the_file(tmp_path: Path) -> None:
    data = {"channels.csv": CHANNELS}
    found = trained(project_of(tmp_path, text=SHOP + VIEW, dataset=SPINE, data=data))

    assert found.columns == [
        *("customer_id", "asked_at", "churned", "channel", "online", "day"),
        *("spend_30d", "orders_30d", "orders_next"),
    ]
    later = datetime(2026, 2, 15)
    assert [(*row[:2], *row[3:6], row[7]) for row in found.rows] == [
        (1, FEB, "web", True, FEB, 2),
        (2, FEB, "shop", None, FEB, 1),
        (1, datetime(2026, 1, 15), "web", True, datetime(2026, 1, 15), 1),
        (1, FEB, "web", True, FEB, 2),
        (2, None, "shop", None, None, None),
        (2, later, "shop", None, later, 1),
    ]
    use = found.outcome.training
    assert use is not None
    assert (use.spine.name, use.spine.rows, use.spine.without_time) == ("shop.answers", 6, 1)


def test_a_run_refuses_a_join_that_finds_two_rows(tmp_path: Path) -> None:
    data = {"channels.csv": CHANNELS + "web,false\n"}
    found = trained(project_of(tmp_path, text=SHOP + VIEW, dataset=SPINE, data=data))

    assert found.rows == []
    (told,) = found.outcome.diagnostics
    assert told.code.slug == "many-matches"


def test_a_run_checks_what_the_view_expects(tmp_path: Path) -> None:
    text = SHOP + VIEW.replace("  where", "  expect online is not null\n  where")
    data = {"channels.csv": CHANNELS}
    found = trained(project_of(tmp_path, text=text, dataset=SPINE, data=data))

    assert found.rows == []
    assert [d.code.slug for d in found.outcome.diagnostics] == ["failed-expectation"]


LOOKS = """
entity channel {{ key channel: text }}
source uses {{
  from csv "uses.csv"
  keep last per channel by at
  entity channel
  columns {{ channel: text required  at: timestamp required  fee: int }}
}}
features use for channel from uses {{
  users = count()
  fee   = fee
}}
source visits {{
  from csv "asked.csv"
  time asked_at
  entity customer
  columns {{ customer_id: int  asked_at: timestamp  churned: bool  channel: text }}
}}
view answers from visits {{
  let users = use.users via channel
  let fee   = use.fee via channel
  let day = asked_at
}}
"""
USES = "channel,at,fee\nweb,2026-01-01,7\nshop,2026-02-10,3\n"


def test_a_run_reads_what_the_rows_look_up(tmp_path: Path) -> None:
    project = project_of(tmp_path, text=SHOP + LOOKS, dataset=SPINE, data={"uses.csv": USES})
    found = trained(project)

    assert found.columns[4:7] == ["users", "fee", "day"]
    # The rows in the order of the file; the shop had nothing before 10 February.
    assert [(*row[:2], *row[3:6]) for row in found.rows][:2] == [
        (1, FEB, "web", 1, 7),
        (2, FEB, "shop", 0, None),
    ]
    assert (found.rows[-1][0], *found.rows[-1][3:6]) == (2, "shop", 1, 3)
    assert "shop.uses" in {u.source for u in found.outcome.record.inputs}


def test_a_run_checks_what_the_rows_look_up(tmp_path: Path) -> None:
    data = {"uses.csv": USES + "web,2026-01-01,8\n"}
    found = trained(project_of(tmp_path, text=SHOP + LOOKS, dataset=SPINE, data=data))

    assert found.rows == []
    assert {d.code.slug for d in found.outcome.diagnostics} == {"version-tie"}


def test_what_rows_look_up_is_part_of_the_meaning() -> None:
    looks = TEXT.replace("  where n > 0", "  let before = seen.times via n\n  where n > 0") + (
        "entity number { key n: int }\n"
        "source numbers {\n"
        '  from csv "numbers.csv"\n'
        "  time at\n"
        "  entity number\n"
        "  columns { n: int  at: timestamp required }\n"
        "}\n"
        "features seen for number from numbers { times = count() over 3d }\n"
    )
    assert fingerprint(looks) != fingerprint(looks.replace("over 3d", "over 4d"))
