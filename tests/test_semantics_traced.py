"""Every row of the page that says what a value is has tests that fail where it is not so.

A guard is a section of a literate page, with a hand-worked result, or a test in Python where no
page can state it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import literate
import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (?P<question>[^|]+) \| .+ \|$", re.MULTILINE)

GUARDS: dict[str, tuple[str, ...]] = {
    "As-of time": ("windows/The ends are exact to the microsecond",),
    "Visibility": (
        "availability/A row is seen when its delay is over",
        "availability/A delay does not move the window",
        "availability/A row without an availability time is never seen",
        "availability/A static source is always seen",
    ),
    "Changing rows (`keep last per k by u`)": (
        "changing_rows/A correction is not seen before it was made",
        "changing_rows/The delay holds for corrections too",
        "changing_rows/Loaded before it was made: the later of the two counts",
        "changing_rows/The newest is the one with the largest u, not the one that came last",
        "changing_rows/Equal u are settled by further columns",
        "test_one_row.py::test_rows_of_a_test_among_which_chance_would_choose_are_refused",
    ),
    "Order of steps": (
        "drop_and_expect/Dropping comes before the newest version is chosen",
        "changing_rows/A row that fails a filter does not bring its older version back",
        "windows/Every condition comes before the cap",
        "features_of_features/A feature is read with its default and in its type",
        "nulls/`default` in the call, and on the feature",
    ),
    "Window `W`": (
        "windows/Seven days are [t-7d, t)",
        "windows/Ends that are taken in or left out",
        "windows/No window is the lifetime",
    ),
    "`last n events`": (
        "windows/The last n events",
        "windows/Every condition comes before the cap",
        "windows/The last n events of each time of a training set",
    ),
    "`aligned u`": (
        "windows/Aligned windows end at the last boundary of their step",
        "windows/Days begin in the project's time zone",
        "windows/Aligned windows in a training set",
    ),
    "`aligned u` of a group": ("windows/A whole group aligned",),
    "`since start of u`": ("windows/Since the start of a unit",),
    "Snapshot": (
        "snapshots/A key that is missing from the latest snapshot has no row",
        "snapshots/A snapshot that is not whole yet is not seen",
        "snapshots/An older snapshot that arrives late changes nothing",
        "snapshots/A snapshot of events",
        "snapshots/What `drop` takes out is in no snapshot",
    ),
    "`keep first`, `removed when`": (
        "changing_rows/`keep first` takes the oldest version that can be seen",
        "changing_rows/`removed when` takes the row away while its newest version says so",
    ),
    "Validity": (
        "validity/From the start on, up to the end",
        "validity/No end is for ever",
        "validity/A row that came to be known later",
    ),
    "As-of join in a view": (
        "as_of_joins/A source without history: the row",
        "as_of_joins/Validity: the row that held when it happened",
        "as_of_joins/Events: the latest up to the left row's time",
        "as_of_joins/No match: nulls, and the row stays",
        "as_of_joins/Null keys never match",
        "test_one_row.py::test_a_version_that_was_replaced_may_not_match_two_rows_either",
        "regressions/A row without a time beside a static source",
    ),
    "As-of join, which rows": (
        "as_of_joins/Versions of what happened, the first of them, and those that are removed",
        "as_of_joins/Snapshots, and validity of events",
        "as_of_joins/A condition beside the keys chooses among the events",
        "as_of_joins/A join of a view",
    ),
    "As-of join by what is looked up": ("via/Joined, ahead of their time, by what they look up",),
    "`join many`": (
        "as_of_joins/`join many` makes a row of each match",
        "join_many/Rows that change",
    ),
    "Union": (
        "unions/Rows of two sources count together",
        "unions/Rows of one time: the ties of the sources, then their position",
        "unions/Each source keeps its own history",
        "unions/A union can be joined, and be in a union",
        "unions/Names of a union within a union",
    ),
    "Ties in time": (
        "aggregates/Rows of one time are ordered by the key",
        "aggregates/`then` orders rows of one time before the key does",
        "aggregates/The most frequent value",
        "aggregates/The value beside the smallest and the largest",
    ),
    "No rows": (
        "nulls/Counts of nothing are 0, all else is null",
        "nulls/`default` in the call, and on the feature",
        "nulls/A share of a sum that nothing passes",
        "nulls/A key outside of the population is unknown",
    ),
    "Null input": (
        "nulls/Nulls are left out",
        "nulls/Only nulls is the same as nothing",
    ),
    "Null in conditions": (
        "nulls/A condition that is null is not true",
        "nulls/`!=` does not find what is missing",
        "nulls/`if` takes the other branch for null",
        "nulls/A share by `ratio`, and a share by counts",
    ),
    "Null key, unknown key": (
        "nulls/A row without a key belongs to nobody",
        "training_sets/Every row of the spine comes out, in its order",
        "training_sets/A population says which keys exist, at each row's time",
    ),
    "Population (no spine)": (
        "populations/A view lists who is a customer",
        "populations/Whoever is named in any role exists",
        "validity/Who exists is asked at the as-of time",
    ),
    "An entity without a key": ("everyone/One row, without key columns",),
    "Spine": (
        "training_sets/Every row of the spine comes out, in its order",
        "composite_keys/(1, 23) and (12, 3) are different",
        "spines_of_views/All versions are rows, seen or not",
        "spines_of_views/Unions, one below the other, and a row for each match",
        "training_sets/Rows of the spine that are dropped",
    ),
    "Grid": (
        "training_sets/A grid of times, whose end is taken in where it falls on one",
        "training_sets/A sample takes the same rows every time",
    ),
    "Columns of a training set": (
        "test_spines_of_views.py::test_all_columns_that_a_reader_names_come_out_but_personal_ones",
        "training_sets/What is included, under which name",
    ),
    "`split by time at x, y`": ("training_sets/A split by time",),
    "`split by k at p, q`": ("training_sets/A split by a key",),
    "Parts of a split": (
        "training_sets/A split by time",
        "training_sets/A split by a key",
    ),
    "`per`": (
        "groups_of_rows/Groups of rows",
        "groups_of_rows/A group has the time of its first row",
        "groups_of_rows/In a training set, each time with its own rows",
        "by/Beside groups of rows, and rows before",
    ),
    "`previous(x[, n])`": (
        "groups_of_rows/The row before",
        "groups_of_rows/Looking back within a group",
    ),
    "`session(time, gap: d)`": ("groups_of_rows/Sessions",),
    "`via`": (
        "via/Through a feature",
        "via/A key that the population does not list",
        "via/In a view, at the row's time",
        "via/Rows that are seen before their time",
    ),
    "`among`": (
        "ago_and_among/Among those of one town",
        "ago_and_among/Without a population",
        "ago_and_among/Ranks of equal values, and of those that `where` leaves out",
        "ago_and_among/Peers are those with rows of the feature that is named",
    ),
    "`ago`": ("ago_and_among/What was known then",),
    "Another group's feature": ("other_groups/Another group, and a group without `from`",),
    "Keys of a group without `from`": ("other_groups/Another group, and a group without `from`",),
    "Labels": (
        "labels/The window begins at t, and ends before t + W",
        "labels/The week is over at its end, not before",
        "labels/Rows that come later make the label known later",
        "labels/A late correction is what is known best",
        "labels/Several windows in one group are known at different times",
        "unions/A label over a union waits for each of its sources",
    ),
    "Input": (
        "inputs/Each row of the spine brings its own",
        "inputs/A snapshot has the others only",
        "inputs/What is sent decides which rows count",
        "inputs/Lists, maps, what is required, and what is personal",
        "test_evaluate.py",
    ),
    "Columns that nobody declared": (
        "locked_columns/Their types are those of declared columns",
        "test_lock.py",
    ),
    "Rows of a server": ("dialects/test_postgres_source.py",),
    "NaN, infinity": ("numbers/NaN and infinity are null",),
    "Numbers": (
        "numbers/Ints, decimals and floats together",
        "numbers/Comparisons are exact, whatever the digits",
        "numbers/Sums of decimals are exact",
        "numbers/All 38 digits are kept",
        "test_aggregates.py::test_the_engine_gives_the_declared_type",
    ),
    "Division": (
        "numbers/`/` is never integer division",
        "numbers/`//` floors, and `mod` takes the divisor's sign",
        "numbers/By 0 is null",
        "numbers/Functions of numbers",
    ),
    "Rounding": ("numbers/Rounding is half away from zero",),
    "Text": (
        "operators/Comparisons",
        "text_and_time/Searching in a text",
    ),
    "Time": (
        "text_and_time/Times with a zone are turned to UTC",
        "windows/A day is 24 hours, whatever the clocks do",
        "windows/A month before 31 March is the last day of February",
        "text_and_time/Whole days since",
        "text_and_time/Days between two times, and midnights between them",
        "text_and_time/Parts of a time",
    ),
    "Lists": ("lists_and_maps/The values of rows",),
    "Formulas": (
        "aggregates/Spread",
        "aggregates/Median and quantiles",
        "aggregates/Skewness and kurtosis",
        "aggregates/Slope",
        "aggregates/Entropy",
        "aggregates/A sum that fades",
        "numbers/Functions of numbers",
    ),
    "Approximate functions": (
        "test_aggregates.py::test_the_estimate_of_different_values_keeps_its_tolerance",
    ),
    "Order of output": ("test_runs.py::test_a_run_publishes_rows_ordered_by_key_and_records_it",),
    "Floats, same bytes": (
        "test_runs.py::test_sources_without_a_change_give_the_same_bytes_again",
        "test_reproducible.py",
    ),
    "Floats, digits": (
        "harness/test_agreement.py",
        "aggregates/Spread",
    ),
    "`today()`": ("parameters/The day, and parameters made of others",),
    "Freshness": ("test_checks.py::test_an_expectation_of_a_source_holds_or_stops_the_run",),
    "Expectations on rows": (
        "expectations/A condition on rows",
        "drop_and_expect/Expectations change no value",
    ),
    "Expectations on a set": (
        "expectations/Measures of a set",
        "expectations/Aggregates of all rows",
    ),
    "`changes`": (
        "expectations/Compared with the run before",
        "test_checks_of_sets.py",
    ),
    "`drift(x)`": ("test_checks_of_sets.py",),
    "`ks(x)`": ("test_checks_of_sets.py",),
    "Text functions": (
        "text_and_time/Code points, not bytes",
        "text_and_time/A hash",
        "text_and_time/Only a hash with a secret key hides personal data",
        "test_functions.py::test_cases_of_letters_are_the_simple_mappings_of_unicode",
    ),
    "`by`": (
        "by/Entries",
        "by/In a training set",
    ),
    "Items of lists": ("functions_of_lists/Lists and texts",),
    "`distance`": ("functions_of_lists/Vectors and places",),
    '`sql("…{x}…", x: v): type`': (
        "sql_escape/In rows, in conditions, of features, at one time and at many",
        "sql_escape/A float that is infinite is null, as everywhere",
    ),
    "`next_in(s, c, k = v)`": (
        "next_in/At one time",
        "next_in/A day is that of the project's time zone",
    ),
    "Vectors": ("streaks_and_vectors/The centre of vectors",),
    "`streak`": (
        "streaks_and_vectors/Rows in a row",
        "streaks_and_vectors/Steps in a row",
    ),
    "Maps": (
        "lists_and_maps/Columns that hold lists and maps",
        "test_lists_and_maps.py",
    ),
    "`any all`": (
        "nulls/Any and all leave nulls out",
        "test_lists_and_maps.py",
    ),
    "Ties that are left": (
        "test_one_row.py::test_winners_may_not_share_a_key_at_an_earlier_time_that_is_read",
        "aggregates/`then` orders rows of one time before the key does",
    ),
    "Where NaN cannot hide": (
        "regressions/What overflowed is null to whatever reads it",
        "test_what_values_carry.py::test_what_may_be_null_of_known_values_says_so",
    ),
    "Values as text": ("text_and_time/Values as text",),
    "Text as a time": ("text_and_time/Texts as values",),
    "Text as a number": ("text_and_time/Texts as values",),
    "Durations": (
        "aggregates/Lengths of time",
        "inputs/Lengths of time",
    ),
    "Ints that are sums": ("numbers/Sums of ints do not wrap",),
    "Casts to fewer places": (
        "numbers/A written type rounds the same way",
        "text_and_time/Texts as values",
    ),
    "A value that does not fit": ("regressions/A row that is left out does not stop the run",),
    "Availability of validity without a time": ("validity/A row that came to be known later",),
    "As-of join, right rows with a delay": ("as_of_joins/Right rows with a delay",),
    "Keys without a population": (
        "nulls/Counts of nothing are 0, all else is null",
        "features_of_features/`where` of the group holds for all of its features",
    ),
    "A test's population": ("training_sets/A test that gives no population asks about every key",),
    "A test's labels": ("labels/Which keys are asked",),
    "A test's training set": (
        "training_sets/Every row of the spine comes out, in its order",
        "spines_of_views/Joins, lets and where, as of each row's own time",
    ),
    "Bare column": (
        "changing_rows/One row for each key: its columns are features",
        "features_of_features/`where` of the group hides a bare column too",
        "test_one_row.py",
    ),
    "As-of join, left rows ahead": (
        "as_of_joins/A left row that lies ahead sees what is known now",
        "as_of_joins/A left row that lies ahead has what was known at each time",
    ),
    "A version without `u`": ("changing_rows/A version without u is never seen",),
    "A delay of months": ("availability/A delay of a month",),
    "A date where a timestamp is needed": (
        "training_sets/Labels beside features",
        "numbers/Constants that leave nothing are told",
    ),
    "What a test gives": (
        "test_one_row.py::test_rows_of_a_test_among_which_chance_would_choose_are_refused",
        "populations/A view lists who is a customer",
    ),
}


def questions() -> list[str]:
    page = (ROOT / "docs/language/semantics.md").read_text("utf-8")
    rows = [m["question"] for m in ROW.finditer(page)]
    return [q for q in rows if q not in ("question", "---")]


@cache
def titles(page: str) -> frozenset[str]:
    """Headings of a page below which a test states a result."""
    text = (ROOT / f"tests/literate/{page}.md").read_text("utf-8")
    parts = [s for s in literate.sections(text) if "\ntest " in s]
    return frozenset(part.splitlines()[0].lstrip("# ") for part in parts)


def missing(guards: tuple[str, ...]) -> Iterator[str]:
    for guard in guards:
        place, _, name = guard.partition("/")
        if ".py" not in guard:
            if name not in titles(place):
                yield guard
            continue
        file, _, function = guard.partition("::")
        path = ROOT / "tests" / file
        if not path.is_file() or f"def {function or 'test_'}" not in path.read_text("utf-8"):
            yield guard


def test_every_question_has_a_guard_and_every_guard_a_question():
    assert questions() == list(GUARDS)


@pytest.mark.parametrize("question", GUARDS)
def test_the_guards_are_there(question):
    assert GUARDS[question]
    assert not list(missing(GUARDS[question]))
