"""The page of a data set: its rows, columns in order, split, and who reads it."""

from __future__ import annotations

from typing import Final

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.highlight import feat_code, sql_code
from featdsl.site.html import Child, Html, element
from featdsl.site.layout import document
from featdsl.site.parts import (
    breadcrumbs,
    chip,
    doc,
    expectations,
    facts,
    history,
    notes,
    nothing,
    owner,
    place,
    section,
    table,
    tags,
)
from featdsl.site.paths import Kind
from featdsl.site.prose import prose
from featdsl.text.amounts import count

_ROLES: Final = {
    "key": "Whose row it is.",
    "time": "As of when features are.",
    "spine": "Comes along from the spine.",
    "split": "Part of the split that the row is in.",
}


def dataset_page(page: PageContext, dataset: m.DatasetEntry) -> Html:
    main = (
        section("Rows", "rows", element("p", prose(dataset.words)), _split(dataset)),
        section("Columns", "columns", _columns(page, dataset)),
        section(
            "Expectations", "expectations", expectations(page, dataset.expectations, dataset.name)
        ),
        section("SQL", "sql", _sql(page, dataset)),
        section("As written", "text", feat_code(dataset.text)),
        notes(dataset.note),
    )
    title = element(
        "div",
        element("h1", element("code", dataset.short)),
        element("p", chip("data set", "type"), class_="chips"),
        class_="title",
    )
    crumbs = breadcrumbs(page, "data set", element("code", dataset.short))
    head = element("header", crumbs, title, doc(dataset.note), class_="page-head")
    aside = element("aside", facts(_facts(page, dataset)), aria_label="Facts")
    columns = element("div", element("div", main, class_="main-column"), aside, class_="columns")
    return document(page, page.site.shown(dataset.name), head, columns)


def _facts(page: PageContext, dataset: m.DatasetEntry) -> list[tuple[str, Child]]:
    spine = dataset.spine
    source = None if spine is None or spine.source is None else page.declared(spine.source)
    roles = [c.role for c in dataset.columns]
    return [
        ("Full name", element("code", dataset.name)),
        ("Entity", page.link(Kind.ENTITY, dataset.entity)),
        ("Spine", source),
        ("Features", f"{roles.count('feature'):,}"),
        ("Labels", f"{roles.count('label'):,}"),
        ("Read by", page.listed(map(page.declared, dataset.consumers), "nobody yet")),
        ("Freshness", None if dataset.freshness_words is None else prose(dataset.freshness_words)),
        ("Owner", owner(page, dataset.note)),
        ("Tags", tags(page, dataset.note)),
        *history(dataset.note),
        ("Declared in", place(dataset.place)),
        ("Fingerprint", element("code", dataset.fingerprint.data, class_="hash")),
    ]


def _split(dataset: m.DatasetEntry) -> Html | None:
    if dataset.split_words is None:
        return None
    return element("p", "Split: ", prose(dataset.split_words))


def _columns(page: PageContext, dataset: m.DatasetEntry) -> Html:
    rows = [
        (
            _name(page, c),
            element("code", c.dtype, class_="unbroken"),
            c.role,
            _what(page, c),
        )
        for c in dataset.columns
    ]
    caption = element("p", count(len(rows), "column"), ", in this order.", class_="caption")
    shown = table(("Column", "Type", "Role", "What it is"), rows, label="Columns")
    return element("div", caption, shown)


def _sql(page: PageContext, dataset: m.DatasetEntry) -> Html:
    text = page.site.sql.get(dataset.name)
    if text is None and dataset.spine is None:
        return nothing("No SQL by itself: its rows are handed in with each use.")
    if text is None:
        return nothing("The SQL was not made for this site.")
    lines = count(text.count("\n") + 1, "line")
    summary = element("summary", f"SQL of the training set, for DuckDB ({lines})")
    return element("details", summary, sql_code(text))


def _name(page: PageContext, column: m.DatasetColumnEntry) -> Html:
    if column.feature is None:
        return element("code", column.name)
    return page.link(Kind.FEATURE, column.feature, column.name)


def _what(page: PageContext, column: m.DatasetColumnEntry) -> Child:
    if column.feature is None:
        return _ROLES.get(column.role, "")
    feature = page.site.features[column.feature]
    said = prose(feature.note.summary or feature.headline)
    if feature.short == column.name:
        return said
    return (said, " It is ", element("code", page.site.shown(feature.name)), " under this name.")
