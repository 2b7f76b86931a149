"""What is accepted as a regular expression runs on the engine; what is not is told why."""

from __future__ import annotations

import random

import duckdb
import pytest

from featdsl.text.pattern import group_count, pattern_problem

PIECES = [
    *"abzé-^$.|()[]{}*+?\\,:<>=!P01 9_\n🦆",
    *["(?:", "(?P<n>", "(?P<m>", "(?i)", "(?i:", "(?s-i:", "(?=", "(?<n>", "(?<=", "(?#"],
    *["{2}", "{2,}", "{2,5}", "{,3}", "{1000}", "{1001}", "{0}", "*?", "+?", "??"],
    *["[a-z]", "[^a]", "[[:alpha:]]", "[:digit:]", "[:^space:]", "[]", "[^]", "[^", "a-", "--"],
    *["\\d", "\\W", "\\pL", "\\p{Greek}", "\\PN", "\\p{Foo}", "\\x41", "\\x{1F600}", "\\b", "\\B"],
    *["\\A", "\\z", "\\Z", "\\C", "\\Q", "\\_", "\\-", "\\]", "\\.", "\\1", "\\t"],
]


def drawn(seed: int, n: int) -> list[str]:
    r = random.Random(seed)
    return ["".join(r.choice(PIECES) for _ in range(r.randint(1, 8))) for _ in range(n)]


def test_an_accepted_pattern_runs_on_the_engine():
    accepted = [p for p in drawn(3, 6_000) if pattern_problem(p) is None]
    assert len(accepted) > 1_000

    with duckdb.connect() as engine:
        for pattern in accepted:
            # An error here names the pattern that should not have been accepted.
            engine.execute(
                "select regexp_extract('aé', ?, ?)", [pattern, group_count(pattern)]
            ).fetchall()


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        r"^\+91[0-9]{10}$",
        "(?i)^(visa|master)",
        r"[^\s,;]+@[^\s,;]+\.[a-z]{2,}",
        r"(?P<year>\d{4})-(?P<month>\d{2})",
        r"\p{Devanagari}+",
        "[]a-]",
        "a{,3}",
        ".{1000}",
    ],
)
def test_patterns_from_practice_are_accepted(pattern):
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a(b", "`(` at character 2 is not closed"),
        ("a)b", "`)` at character 2 closes nothing"),
        ("[a", "`[` at character 1 is not closed"),
        ("*a", "nothing stands before the repetition at character 1"),
        ("a**", "a repetition is repeated at character 3"),
        ("a{2,1}", "`{2,1}` counts down"),
        ("a{1001}", "`{1001}` repeats too often, 1000 are the most"),
        ("(a{100}){100}", "repetitions make up 10000, 1000 are the most"),
        (r"\pL{1000}", "it is too large when its repetitions are written out"),
        ("(?i)*", "flags alone are repeated at character 1"),
        ("(?=a)", "RE2 has no lookahead: `(?=`"),
        ("(?<!a)b", "RE2 has no lookbehind: `(?<!`"),
        (r"(a)\1", r"RE2 has no references to groups: `\1`"),
        ("(?<n>a)", "a named group is written `(?P<name>…)`"),
        ("(?P<n>a)(?P<n>b)", "two groups are named `n`"),
        (r"\p{Foo}", r"`\p{Foo}` is no property of characters that is known here"),
        (r"\y", r"`\y` has no meaning"),
        ("[z-a]", "the range `z-a` counts down"),
        ("[[:foo:]]", "`[:foo:]` is no class of characters"),
        ("a\\", "it ends in a backslash"),
        ("(" * 101 + ")" * 101, "groups are nested more than 100 deep"),
    ],
)
def test_a_wrong_pattern_is_told_what_is_wrong(pattern, problem):
    assert pattern_problem(pattern) == problem


def test_groups_are_counted_without_those_that_do_not_capture():
    assert group_count(r"(?:a)(b(?P<n>c))(?i:d)[(]\(") == 2
