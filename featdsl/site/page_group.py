"""The page of a group: its features, expectations over its rows, its SQL."""

from __future__ import annotations

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.highlight import feat_code, sql_code
from featdsl.site.html import Child, Html, element, join
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
    reads,
    section,
    table,
    tags,
)
from featdsl.site.paths import Kind
from featdsl.site.prose import prose
from featdsl.text.amounts import count


def group_page(page: PageContext, group: m.GroupEntry) -> Html:
    features = [page.site.features[name] for name in group.features]
    what = "Labels" if group.labels else "Features"
    kind = "label group" if group.labels else "feature group"
    main = (
        section(what, "features", _features(page, features, what)),
        None if group.labels and not group.expectations else _expectations(page, group),
        None if group.labels else section("SQL", "sql", _sql(page, group)),
        section("As written", "text", feat_code(group.text)),
        notes(group.note),
    )
    entity = page.site.entities[group.entity]
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", group.name)),
        ("Entity", page.link(Kind.ENTITY, entity.name)),
        ("Reads", reads(page, group)),
        (what, f"{len(features):,}"),
        ("Owner", owner(page, group.note)),
        ("Tags", tags(page, group.note)),
        *history(group.note),
        ("Declared in", place(group.place)),
    ]
    title = element(
        "div",
        element("h1", element("code", group.short)),
        element("p", chip(kind, "type"), class_="chips"),
        class_="title",
    )
    crumbs = breadcrumbs(page, kind, element("code", group.short))
    head = element("header", crumbs, title, doc(group.note), class_="page-head")
    aside = element("aside", facts(pairs), aria_label="Facts")
    columns = element("div", element("div", main, class_="main-column"), aside, class_="columns")
    return document(page, page.site.shown(group.name), head, columns)


def _expectations(page: PageContext, group: m.GroupEntry) -> Html:
    table = expectations(page, group.expectations, group.name)
    return section("Expectations", "expectations", table)


def _features(page: PageContext, features: list[m.FeatureEntry], what: str) -> Html:
    if not features:
        return nothing(f"No {what.lower()} yet.")
    rows = [
        (
            page.link(Kind.FEATURE, f.name, f.short),
            element("code", f.dtype),
            f.unit or "",
            prose(f.note.summary) if f.note.summary else prose(f.headline),
        )
        for f in features
    ]
    return table((what[:-1], "Type", "Unit", "What it is"), rows, label=what)


def _sql(page: PageContext, group: m.GroupEntry) -> Html:
    text = page.site.sql.get(group.name)
    if text is None:
        return nothing("The SQL was not made for this site.")
    lines = count(text.count("\n") + 1, "line")
    summary = element("summary", f"SQL of all its features, for DuckDB ({lines})")
    return join((element("details", summary, sql_code(text)),))
