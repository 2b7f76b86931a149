"""Counts, lengths of time and sizes as people read them."""

from __future__ import annotations

import pytest

from featdsl.text.amounts import count, show_bytes, show_seconds


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (count(0, "file"), "0 files"),
        (count(1, "file"), "1 file"),
        (count(1204, "file"), "1,204 files"),
        (count(2, "entity", "entities"), "2 entities"),
    ],
)
def test_counts_agree_with_their_noun(shown: str, text: str) -> None:
    assert shown == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.008, "8 ms"), (1.24, "1.2 s"), (125.2, "2 min 5 s")]
)
def test_durations_are_shown_in_few_digits(seconds: float, text: str) -> None:
    assert show_seconds(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1_400_000, "1.4 MB"),
        (123_400, "123 kB"),
        (999_600, "1.0 MB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_sizes_are_shown_in_the_unit_that_fits(size: int, text: str) -> None:
    assert show_bytes(size) == text
