"""Pages of sources, views and entities."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.highlight import feat_code
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
    run_link,
    section,
    table,
    tags,
)
from featdsl.site.paths import Kind
from featdsl.site.prose import prose
from featdsl.text.amounts import count

_MOST_LINKS = 2


def source_page(page: PageContext, source: m.SourceEntry) -> Html:
    main = (
        section("What is seen when", "history", element("p", prose(source.history_words))),
        section("Columns", "columns", _columns(page, source.columns)),
        section("Dropped rows", "drops", _drops(page, source)),
        section(
            "Expectations", "expectations", expectations(page, source.expectations, source.name)
        ),
        section("As written", "text", feat_code(source.text)),
        notes(source.note),
    )
    read = page.site.runs.read(source.name)
    last: Child = element("span", "no run yet", class_="none")
    if read is not None:
        used, record = read
        last = join((run_link(page, record), ": ", count(used.rows, "stored row")))
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", source.name)),
        ("Kind", source.kind),
        ("Where", element("code", source.location, class_="break")),
        *([("Columns", "read from the data, in featc.lock")] if source.locked else []),
        ("History", source.history),
        ("Time", _optional_code(source.time)),
        ("Key", _codes(source.key)),
        ("Read by", page.listed(map(page.declared, source.used_by), "nothing yet")),
        ("Owner", owner(page, source.note)),
        ("Tags", tags(page, source.note)),
        *history(source.note),
        ("Last run", last),
        ("Declared in", place(source.place)),
    ]
    return _page(page, source.short, "source", source.note, main, pairs)


def _columns(page: PageContext, columns: Sequence[m.ColumnEntry]) -> Html:
    if not columns:
        return nothing("No columns are declared.")
    rows = [
        (
            element("code", c.name),
            element("code", c.dtype),
            join([_mark(c.required, "required"), _mark(c.pii, "pii")]),
            element("div", prose(c.description or ""), class_="said-in-table"),
            _features(page, c.used_by),
        )
        for c in columns
    ]
    headers = ("Column", "Type", "", "What it holds", "Used by")
    return table(headers, rows, label="Columns")


def _mark(holds: bool, word: str) -> Html | None:
    return join((chip(word, "warn" if word == "pii" else "plain"), " ")) if holds else None


def _features(page: PageContext, names: Sequence[str]) -> Html:
    if not names:
        return element("span", "none", class_="none")
    links = [element("li", page.feature(name)) for name in names]
    if len(names) <= _MOST_LINKS:
        return element("ul", links, class_="inline-list")
    summary = element("summary", count(len(names), "feature"))
    return element("details", summary, element("ul", links, class_="inline-list"))


def _drops(page: PageContext, source: m.SourceEntry) -> Html:
    if not source.drops:
        return nothing("No rows are dropped.")
    read = page.site.runs.read(source.name)
    counted = {d.condition: d.rows for d in read[0].dropped} if read is not None else {}
    rows = [
        (
            element("code", d.condition),
            d.because or element("span", "no reason given", class_="none"),
            f"{counted[d.condition]:,}" if d.condition in counted else "not known",
        )
        for d in source.drops
    ]
    return table(("Dropped when", "Because", "Rows in the last run"), rows, label="Dropped rows")


def _optional_code(text: str | None) -> Html:
    return element("span", "none", class_="none") if text is None else element("code", text)


def _codes(names: Sequence[str]) -> Html:
    if not names:
        return element("span", "none", class_="none")
    return join([[", " if i else "", element("code", name)] for i, name in enumerate(names)])


def view_page(page: PageContext, view: m.ViewEntry) -> Html:
    where = nothing("Every row passes.") if view.where is None else feat_code(view.where)
    main = (
        section("Joins", "joins", _joins(page, view)),
        section("Definitions", "lets", _lets(view)),
        section("Which rows pass", "where", where),
        section("Expectations", "expectations", expectations(page, view.expectations, view.name)),
        section("As written", "text", feat_code(view.text)),
        notes(view.note),
    )
    joined = page.listed([page.declared(j.source) for j in view.joins], "nothing")
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", view.name)),
        ("Rows of", page.listed(map(page.declared, view.lefts), "")),
        ("Joins", joined),
        ("Read by", page.listed(map(page.declared, view.used_by), "nothing yet")),
        ("Owner", owner(page, view.note)),
        ("Tags", tags(page, view.note)),
        *history(view.note),
        ("Declared in", place(view.place)),
    ]
    return _page(page, view.short, "view", view.note, main, pairs)


def _joins(page: PageContext, view: m.ViewEntry) -> Html:
    if not view.joins:
        return nothing("Nothing is joined.")
    rows = [(element("code", j.alias), page.declared(j.source), prose(j.words)) for j in view.joins]
    return table(("Name", "Source", "Which row"), rows, label="Joins")


def _lets(view: m.ViewEntry) -> Html:
    if not view.lets:
        return nothing("No columns of its own.")
    rows = [
        (element("code", let.name), element("code", let.dtype), element("code", let.text))
        for let in view.lets
    ]
    return table(("Column", "Type", "Value"), rows, label="Definitions")


def entity_page(page: PageContext, entity: m.EntityEntry) -> Html:
    groups = [page.site.groups[name] for name in (*entity.groups, *entity.label_groups)]
    rows = [
        (
            page.link(Kind.GROUP, g.name),
            count(len(g.features), "label" if g.labels else "feature"),
            reads(page, g),
            prose(g.note.summary or ""),
        )
        for g in groups
    ]
    listed = nothing("No features yet.")
    if rows:
        listed = table(("Group", "Features", "Reads", "What it says"), rows, label="Groups")
    population = element("p", "Every key that has rows exists.")
    if entity.population is not None:
        population = element("p", "Keys that ", page.declared(entity.population), " lists.")
    main = (
        section("Feature groups", "groups", listed),
        section("Population", "population", population),
        section("As written", "text", feat_code(entity.text)),
        notes(entity.note),
    )
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", entity.name)),
        ("Key", _keys(entity)),
        ("Data sets", page.listed(map(page.declared, entity.datasets), "none yet")),
        ("Owner", owner(page, entity.note)),
        ("Tags", tags(page, entity.note)),
        *history(entity.note),
        ("Declared in", place(entity.place)),
    ]
    return _page(page, entity.short, "entity", entity.note, main, pairs)


def _keys(entity: m.EntityEntry) -> Html:
    if not entity.keys:
        return element("span", "none: the whole population", class_="none")
    typed = [(element("code", k.name), ": ", element("code", k.dtype)) for k in entity.keys]
    return join([[", " if i else "", *key] for i, key in enumerate(typed)])


def _page(
    page: PageContext,
    name: str,
    kind: str,
    note: m.Note,
    main: Sequence[Child],
    pairs: Sequence[tuple[str, Child]],
) -> Html:
    title = element(
        "div",
        element("h1", element("code", name)),
        element("p", chip(kind, "type"), class_="chips"),
        class_="title",
    )
    crumbs = breadcrumbs(page, f"{kind}", element("code", name))
    head = element("header", crumbs, title, doc(note), class_="page-head")
    aside = element("aside", facts(pairs), aria_label="Facts")
    columns = element("div", element("div", main, class_="main-column"), aside, class_="columns")
    return document(page, name, head, columns)
