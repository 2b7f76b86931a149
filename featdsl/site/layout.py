"""The frame of every page: head, bar with search, navigation, footer."""

from __future__ import annotations

from typing import Final

from featdsl.site.context import PageContext
from featdsl.site.html import Child, Html, element, page
from featdsl.site.paths import INDEX, RUNS, TESTS, Kind

# Everything comes from the site itself; no script or style stands in a page.
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
)


def document(context: PageContext, title: str, *main: Child, class_: str | None = None) -> Html:
    """A whole page around its main part."""
    project = context.site.manifest.project
    return page(
        _head(context, f"{title} · {project}" if title != project else project),
        element(
            "body",
            element("a", "Skip to content", href="#main", class_="skip"),
            _bar(context),
            element(
                "div",
                _navigation(context),
                element("main", main, id="main", class_=class_, tabindex="-1"),
                class_="shell",
            ),
            _footer(context),
        ),
        lang="en",
        data_root=context.href(""),
    )


def _head(context: PageContext, title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("link", rel="icon", href=context.href("icon.svg"), type="image/svg+xml"),
        element("link", rel="stylesheet", href=context.href("style.css")),
        element("script", src=context.href("search-index.js"), defer=True),
        element("script", src=context.href("site.js"), defer=True),
    )


def _bar(context: PageContext) -> Html:
    brand = element(
        "a",
        element("strong", context.site.manifest.project),
        " features",
        href=context.href(INDEX),
        class_="brand",
    )
    field = element(
        "input",
        id="search",
        type="search",
        role="combobox",
        placeholder="Search  ( / )",
        autocomplete="off",
        spellcheck="false",
        aria_label="Search names, descriptions, owners, tags and columns",
        aria_controls="results",
        aria_expanded="false",
        aria_autocomplete="list",
    )
    results = element("ul", id="results", role="listbox", aria_label="Results", hidden=True)
    # Shown by the script: without it there is nothing that could search.
    search = element("div", field, results, class_="search", role="search", hidden=True)
    return element("header", brand, search, class_="bar")


def _navigation(context: PageContext) -> Html:
    manifest = context.site.manifest
    main = [
        _entry(context, INDEX, "Overview"),
        _entry(context, TESTS, "Tests", len(manifest.tests)),
        _entry(context, RUNS, "Runs", len(context.site.runs.records)),
    ]
    lists = [
        _list(context, "Feature groups", Kind.GROUP, [g.name for g in manifest.groups]),
        _list(context, "Label groups", Kind.GROUP, [g.name for g in manifest.label_groups]),
        _list(context, "Data sets", Kind.DATASET, [d.name for d in manifest.datasets]),
        _list(context, "Consumers", Kind.CONSUMER, [c.name for c in manifest.consumers]),
        _list(context, "Entities", Kind.ENTITY, [e.name for e in manifest.entities]),
        _list(context, "Sources", Kind.SOURCE, [s.name for s in manifest.sources]),
        _list(context, "Views", Kind.VIEW, [v.name for v in manifest.views]),
    ]
    return element("nav", element("ul", main), lists, class_="side", aria_label="Site")


def _entry(context: PageContext, path: str, text: str, n: int | None = None) -> Html:
    current = "page" if context.path == path else None
    shown = None if n is None else element("span", f"{n:,}", class_="n")
    link = element("a", text, shown, href=context.href(path), aria_current=current)
    return element("li", link)


def _list(context: PageContext, title: str, kind: Kind, names: list[str]) -> Html | None:
    if not names:
        return None
    pages = context.site.pages
    items = [_entry(context, pages.path(kind, name), context.site.shown(name)) for name in names]
    return element("div", element("h2", title), element("ul", items), class_="nav-list")


def _footer(context: PageContext) -> Html:
    manifest = context.site.manifest
    made = f"Made by featc {manifest.featc_version}. "
    print_ = element("code", manifest.fingerprint.data[:16])
    return element("footer", element("p", made, "Meaning of all features: ", print_, "."))
