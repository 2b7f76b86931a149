"""The page of a consumer: what it reads."""

from __future__ import annotations

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.highlight import feat_code
from featdsl.site.html import Child, Html, element
from featdsl.site.layout import document
from featdsl.site.parts import (
    breadcrumbs,
    chip,
    doc,
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
from featdsl.site.prose import prose


def consumer_page(page: PageContext, consumer: m.ConsumerEntry) -> Html:
    main = (
        section("Data sets", "datasets", _datasets(page, consumer)),
        section("Features", "features", _features(page, consumer)),
        section("As written", "text", feat_code(consumer.text)),
        notes(consumer.note),
    )
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", consumer.name)),
        ("Kind", consumer.kind or element("span", "not given", class_="none")),
        ("Predictions", consumer.predictions and page.declared(consumer.predictions)),
        ("Target", consumer.target and page.feature(consumer.target)),
        ("Owner", owner(page, consumer.note)),
        ("Tags", tags(page, consumer.note)),
        *history(consumer.note),
        ("Declared in", place(consumer.place)),
    ]
    title = element(
        "div",
        element("h1", element("code", consumer.short)),
        element("p", chip("consumer", "type"), class_="chips"),
        class_="title",
    )
    crumbs = breadcrumbs(page, "consumer", element("code", consumer.short))
    head = element("header", crumbs, title, doc(consumer.note), class_="page-head")
    aside = element("aside", facts(pairs), aria_label="Facts")
    columns = element("div", element("div", main, class_="main-column"), aside, class_="columns")
    return document(page, page.site.shown(consumer.name), head, columns)


def _datasets(page: PageContext, consumer: m.ConsumerEntry) -> Html:
    sets = [page.site.datasets[name] for name in consumer.datasets]
    if not sets:
        return nothing("It reads no data set.")
    rows = [
        (
            page.declared(d.name),
            f"{sum(c.role == 'feature' for c in d.columns):,}",
            f"{sum(c.role == 'label' for c in d.columns):,}",
            prose(d.note.summary or d.words),
        )
        for d in sets
    ]
    return table(("Data set", "Features", "Labels", "What it is"), rows, label="Data sets")


def _features(page: PageContext, consumer: m.ConsumerEntry) -> Html:
    if not consumer.features:
        return nothing("It reads no feature by itself.")
    features = [page.site.features[name] for name in consumer.features]
    rows = [
        (page.feature(f.name), element("code", f.dtype), prose(f.note.summary or f.headline))
        for f in features
    ]
    return table(("Feature", "Type", "What it is"), rows, label="Features")
