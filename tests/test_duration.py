"""Durations as written."""

from __future__ import annotations

import pytest

from featdsl.types.duration import UNITS, Duration


@pytest.mark.parametrize("unit", UNITS)
def test_a_duration_is_written_as_it_was_read(unit):
    assert str(Duration.parse(f"3{unit}")) == f"3{unit}"


@pytest.mark.parametrize(
    ("text", "micros"),
    [("500ms", 500_000), ("90s", 90_000_000), ("24h", 86_400_000_000), ("1w", 604_800_000_000)],
)
def test_a_fixed_duration_has_a_length(text, micros):
    duration = Duration.parse(text)

    assert (duration.is_calendar, duration.micros) == (False, micros)
    with pytest.raises(ValueError, match="not a number of months"):
        _ = duration.months


@pytest.mark.parametrize(("text", "months"), [("1month", 1), ("2quarter", 6), ("1year", 12)])
def test_a_calendar_duration_has_months_and_no_length(text, months):
    duration = Duration.parse(text)

    assert (duration.is_calendar, duration.months) == (True, months)
    with pytest.raises(ValueError, match="no fixed length"):
        _ = duration.micros


@pytest.mark.parametrize("text", ["", "d", "7", "7D", "-7d", "7 d", "7m", "1h30min", "٣d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        Duration.parse(text)
