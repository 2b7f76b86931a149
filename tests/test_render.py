"""Diagnostics as text and as data."""

from __future__ import annotations

import json

import pytest

from featdsl.diagnostics.found import Found
from featdsl.diagnostics.model import Code, Diagnostic, Severity
from featdsl.diagnostics.render.concise import render_concise
from featdsl.diagnostics.render.edits import Edit, edit_of
from featdsl.diagnostics.render.json import to_json
from featdsl.diagnostics.render.text import render_text, summary, width
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

CODE = Code("FD0202", "unknown-column", "column is not in the source's schema")
LINT = Code("FD0901", "no-owner", "nobody answers", Severity.WARNING)


def at(text: str, part: str, name: str = "t.feat") -> Span:
    start = text.index(part)
    return Span(name, start, start + len(part))


def shown(text: str, *diagnostics: Diagnostic, color: bool = False) -> str:
    return render_text(diagnostics, SourceSet.of({"t.feat": text}), color=color)


def test_a_diagnostic_has_headline_places_notes_and_help():
    text = "source txn { amount: float }\n\n\n\nfeature x = mean(txn.amuont) over 30d\n"
    diagnostic = (
        CODE.at(at(text, "amuont"), "`txn` has no column `amuont`")
        .because(at(text, "txn"), "declared here with 1 column")
        .note("columns: amount")
        .help("did you mean `amount`?")
    )

    assert shown(text, diagnostic) == (
        "error[FD0202 unknown-column]: `txn` has no column `amuont`\n"
        "  --> t.feat:5:22\n"
        "   5 | feature x = mean(txn.amuont) over 30d\n"
        "     |                      ^^^^^^\n"
        "  --> t.feat:1:8\n"
        "   1 | source txn { amount: float }\n"
        "     |        --- declared here with 1 column\n"
        "  = columns: amount\n"
        "  help: did you mean `amount`?"
    )


def test_places_near_each_other_share_a_snippet():
    text = "a\n\nb = a\n"
    diagnostic = CODE.at(at(text, "b"), "twice", "again").because(Span("t.feat", 0, 1), "first")

    assert shown(text, diagnostic) == (
        "error[FD0202 unknown-column]: twice\n"
        "  --> t.feat:3:1\n"
        "   1 | a\n"
        "     | - first\n"
        "   2 |\n"
        "   3 | b = a\n"
        "     | ^ again"
    )


def test_tabs_wide_and_control_characters_are_aligned():
    text = "\tx = '漢字\x1b[31m' + y\n"

    assert shown(text, CODE.at(at(text, "y"), "bad \x1b[2J")) == (
        "error[FD0202 unknown-column]: bad \\x1b[2J\n"
        "  --> t.feat:1:18\n"
        "   1 |     x = '漢字\\x1b[31m' + y\n"
        "     |                          ^"
    )


def test_a_long_line_is_cut_around_the_place():
    text = "x = " + "a + " * 500 + "here + " + "b + " * 500
    lines = shown(text, CODE.at(at(text, "here"), "far out")).splitlines()

    assert max(map(len, lines)) < 180
    column = lines[3].index("^")
    assert lines[2][column : column + 4] == "here"


def under(lines: list[str], sign: str) -> str:
    """What of the source stands over an underline."""
    n = next(n for n, line in enumerate(lines) if line[7:].lstrip().startswith(sign))
    start = lines[n].index(sign)
    return lines[n - 1][start : start + lines[n].count(sign)]


@pytest.mark.parametrize("before", [0, 1, 70, 79, 80, 81, 150, 153, 154, 155, 156, 160, 400])
@pytest.mark.parametrize("after", [0, 1, 2, 80, 200])
def test_what_is_marked_is_in_sight_wherever_it_stands_in_a_long_line(before, after):
    text = "a" * before + "here" + "b" * after
    lines = shown(text, CODE.at(at(text, "here"), "bad")).splitlines()

    assert under(lines, "^") == "here"
    assert max(map(len, lines)) <= 160 + len("   1 | ")


@pytest.mark.parametrize("filler", ["漢", "\t", "\x1b", "e\u0301", "a漢"])
def test_a_long_line_is_cut_by_the_columns_it_takes(filler):
    text = filler * 100 + "here" + filler * 100
    *_, line, mark = shown(text, CODE.at(at(text, "here"), "bad")).splitlines()

    before = line[: line.index("here")]
    assert width(before) == mark.index("^")
    assert mark.count("^") == 4
    assert width(line) <= 160 + len("   1 | ")


def test_two_places_far_apart_in_a_long_line_are_both_in_sight():
    text = "first" + " a" * 300 + " here" + " b" * 300
    diagnostic = CODE.at(at(text, "here"), "bad").because(at(text, "first"), "declared")
    lines = shown(text, diagnostic).splitlines()

    assert under(lines, "^") == "here"
    assert under(lines, "-") == "first"


def test_of_a_place_longer_than_a_line_the_beginning_is_in_sight():
    text = "a" * 200 + "H" * 300 + "b" * 200
    *_, line, mark = shown(text, CODE.at(at(text, "H" * 300), "bad")).splitlines()

    assert line[mark.index("^") - 1 :] == "…" + "H" * 158 + "…"
    assert len(mark) == len(line)


def test_a_line_as_long_as_is_shown_is_not_cut():
    text = "a" * 156 + "here"

    assert shown(text, CODE.at(at(text, "here"), "bad")).splitlines()[2] == f"   1 | {text}"


def test_a_place_at_the_end_of_a_file_is_shown():
    assert shown("x =", CODE.at(Span("t.feat", 3, 3), "missing")) == (
        "error[FD0202 unknown-column]: missing\n  --> t.feat:1:4\n   1 | x =\n     |    ^"
    )


def test_a_diagnostic_without_a_place_or_file_is_shown():
    assert shown("", LINT.general("nobody")) == "warning[FD0901 no-owner]: nobody"
    assert shown("", CODE.at(Span("gone.feat", 3, 4), "lost")) == (
        "error[FD0202 unknown-column]: lost\n  --> gone.feat"
    )


def test_colour_is_only_added():
    text = "x = y\n"
    diagnostic = CODE.at(at(text, "y"), "bad", "here").help("mend it")
    plain, coloured = shown(text, diagnostic), shown(text, diagnostic, color=True)

    assert "\x1b[" in coloured
    without = coloured
    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"):
        without = without.replace(code, "")
    assert without == plain


def test_the_summary_counts():
    place = Span("a.feat", 0, 1)
    other = Span("b.feat", 0, 1)

    assert summary([]) == "no problems"
    assert summary([CODE.at(place, "x")]) == "1 error in 1 file"
    assert summary([CODE.at(place, "x"), CODE.at(other, "y"), LINT.at(other, "z")]) == (
        "2 errors, 1 warning in 2 files"
    )
    assert summary([LINT.general("z")]) == "1 warning"


def test_json_has_stable_fields():
    text = "x = y\nz = 1\n"
    diagnostic = CODE.at(at(text, "y"), "bad", "here").because(at(text, "z"), "there").help("h")
    (data,) = to_json([diagnostic], SourceSet.of({"t.feat": text}))

    assert json.loads(json.dumps(data)) == {
        "code": "FD0202",
        "slug": "unknown-column",
        "severity": "error",
        "message": "bad",
        "file": "t.feat",
        "line": 1,
        "column": 5,
        "end_line": 1,
        "end_column": 6,
        "label": "here",
        "labels": [
            {
                "file": "t.feat",
                "line": 2,
                "column": 1,
                "end_line": 2,
                "end_column": 2,
                "text": "there",
            }
        ],
        "notes": [],
        "helps": ["h"],
        "fix": None,
    }
    assert to_json([LINT.general("z")], SourceSet())[0]["line"] is None


def test_concise_is_a_line_each_that_begins_with_the_way_to_the_place():
    text = "x = 1\n  y\x1b[2J\n"
    diagnostics = [CODE.at(at(text, "y"), "bad \x1b\nthing").help("h"), LINT.general("z")]
    found = Found(diagnostics, SourceSet.of({"t.feat": text}), "features/x")

    assert list(render_concise(found)) == [
        "features/x/t.feat:2:3: error[FD0202 unknown-column] bad \\x1b thing",
        "features/x/featc.toml: warning[FD0901 no-owner] z",
    ]


@pytest.mark.parametrize(
    ("text", "place", "written", "known", "replacement"),
    [
        ("a amuont b", "amuont", "amuont", "amount", "amount"),
        ("a p.amuont b", "p.amuont", "amuont", "amount", "amount"),
        ("a `Amuont` b", "`Amuont`", "Amuont", "Amount", "`Amount`"),
        ("a $flor b", "$flor", "$flor", "$floor", "$floor"),
        ("a amuont b", "amuont", "amuont", "Amount", None),
        ("a amuont b", "amuont", "amuont", "amount due", None),
        ("a ovr b", "ovr", "ovr", "over", None),
        ("a ende b", "ende", "ende", "end", None),
        ("a = amuont b", "= amuont b", "amuont", "amount", None),
    ],
)
def test_a_nearest_name_is_an_edit_where_it_is_sure_to_be_right(
    text: str, place: str, written: str, known: str, replacement: str | None
) -> None:
    diagnostic = CODE.at(at(text, place), "bad").help(did_you_mean(written, [known]))
    edit = edit_of(diagnostic, SourceSet.of({"t.feat": text}))

    if replacement is None:
        assert edit is None
        return
    assert isinstance(edit, Edit)
    assert edit.replacement == replacement
    assert text[edit.span.start : edit.span.end] == replacement.replace(
        known.lstrip("$"), written.lstrip("$")
    )
