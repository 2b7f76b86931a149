"""Tests as worked examples: what is given, and what a feature then is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.highlight import feat_code
from featdsl.site.html import Child, Html, element, join
from featdsl.site.parts import place, table
from featdsl.text.amounts import count

_MOST_ROWS: Final = 25


def example(page: PageContext, test: m.TestEntry, feature: m.FeatureEntry | None = None) -> Html:
    """A test as tables; of one feature, where it is given, else of all."""
    given = [_table("Given", page, t, t.columns) for t in test.given]
    then = []
    for expected in test.expected:
        columns = _columns(expected, feature)
        if columns:
            then.append(_table("Then", page, expected, columns))
    return element(
        "article",
        element("h3", test.title, " ", place(test.place)),
        _settings(test),
        element("div", given, element("div", then, class_="then"), class_="given-then"),
        class_="example",
    )


def _columns(expected: m.TableEntry, feature: m.FeatureEntry | None) -> Sequence[str]:
    """The columns to show of what is expected; nothing where the feature is not among them."""
    if feature is None:
        return expected.columns
    if feature.name not in expected.states:
        return ()
    shown = (None, feature.name)
    named = zip(expected.columns, expected.states, strict=True)
    return tuple(column for column, states in named if states in shown)


def _settings(test: m.TestEntry) -> Html | None:
    if not test.settings:
        return None
    shown = [
        [", " if i else "", element("code", f"${s.param.rpartition('.')[2]} = {s.value}")]
        for i, s in enumerate(test.settings)
    ]
    return element("p", "With ", join(shown), ".")


def _table(verb: str, page: PageContext, entry: m.TableEntry, columns: Sequence[str]) -> Html:
    places = [entry.columns.index(c) for c in columns]
    rows = [[_cell(row[i]) for i in places] for row in entry.rows[:_MOST_ROWS]]
    headers = [element("code", c) for c in columns]
    label = f"{verb} {page.site.shown(entry.name)}"
    parts: list[Child] = [
        element("p", f"{verb} ", page.declared(entry.name), class_="caption"),
        table(headers, rows, label=label, class_="compact data"),
    ]
    hidden = len(entry.rows) - len(rows)
    if hidden > 0:
        parts.append(element("p", f"and {count(hidden, 'row')} more", class_="remark"))
    return element("div", parts)


def _cell(value: str | None) -> Html:
    if value is None:
        return element("span", "null", class_="null")
    return element("span", value)


def test_text(test: m.TestEntry) -> Html:
    """The test as it is written."""
    return element("details", element("summary", "As written"), feat_code(test.text))
