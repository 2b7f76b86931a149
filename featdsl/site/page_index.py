"""The first page: what the project holds, every feature, filters, data, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.html import Child, Html, element, join
from featdsl.site.layout import document
from featdsl.site.parts import chip, instant, nothing, place, section, status_chip, table
from featdsl.site.paths import RUNS, TESTS, Kind
from featdsl.site.prose import prose
from featdsl.text.amounts import count


def index_page(page: PageContext, entries: Mapping[str, int]) -> Html:
    """The index; ``entries`` are the places of features in the search index."""
    manifest = page.site.manifest
    head = element(
        "header",
        element("h1", manifest.project),
        element("p", _subtitle(manifest), class_="lede"),
        _tiles(page),
        class_="page-head",
    )
    features = section(
        "Features",
        "features",
        _filters(manifest) if manifest.features else None,
        [_group(page, g, entries) for g in manifest.groups] or nothing("No features yet."),
    )
    labels = section("Labels", "labels", _labels(page)) if manifest.labels else None
    sets = section("Data sets", "datasets", _datasets(page)) if manifest.datasets else None
    readers = section("Consumers", "consumers", _consumers(page)) if manifest.consumers else None
    data = section("Data", "data", _data(page))
    entities = section("Entities", "entities", _entities(page))
    parameters = section("Parameters", "parameters", _parameters(page))
    wanted = section("Requests", "requests", _wanted(page)) if manifest.wanted else None
    main = (features, labels, sets, readers, wanted, data, entities, parameters)
    return document(page, manifest.project, head, main, class_="index-page")


def _subtitle(manifest: m.Manifest) -> str:
    of = count(len(manifest.entities), "entity", "entities")
    read = count(len(manifest.sources), "source")
    days = "UTC" if manifest.timezone == "UTC" else manifest.timezone
    made = count(len(manifest.features), "feature")
    return f"{made} of {of}, from {read}. Days and clock hours are those of {days}."


def _tiles(page: PageContext) -> Html:
    manifest = page.site.manifest
    last = page.site.runs.last
    undocumented = sum(f.note.doc is None for f in manifest.features)
    tested = sum(bool(f.tests) for f in manifest.features)
    tiles = [
        _tile(f"{len(manifest.features):,}", "features", "#features"),
        _tile(f"{len(manifest.groups):,}", "groups", "#features"),
        _tile(f"{len(manifest.sources) + len(manifest.views):,}", "sources and views", "#data"),
        _tile(f"{tested:,}", "with a worked example", page.href(TESTS)),
        _tile(f"{undocumented:,}", "without a description", "#features"),
    ]
    if last is None:
        tiles.append(_tile("none", "no run yet", page.href(RUNS)))
    else:
        said = join(("last run, ", instant(last.started)))
        tiles.append(_tile(status_chip(last.status), said, page.href(RUNS)))
    return element("ul", tiles, class_="tiles")


def _tile(value: Child, text: Child, href: str) -> Html:
    inside = (element("strong", value), element("span", text))
    return element("li", element("a", inside, href=href))


def _filters(manifest: m.Manifest) -> Html:
    """Filters that the script fills with life; without it they do not show."""
    owners = sorted({f.note.owner for f in manifest.features if f.note.owner})
    tags = sorted({tag for f in manifest.features for tag in f.note.tags})
    entities = sorted({f.entity for f in manifest.features})
    text = element(
        "input",
        type="search",
        placeholder="Filter: name, words, owner, tag, column",
        aria_label="Filter features",
        autocomplete="off",
        spellcheck="false",
        data_filter="text",
    )
    return element(
        "div",
        text,
        _select("entity", "Every entity", entities),
        _select("owner", "Every owner", owners),
        _select("tag", "Every tag", tags),
        element("output", class_="remark", role="status", data_filter="count"),
        class_="filters",
        hidden=True,
        id="filters",
    )


def _select(name: str, every: str, values: Iterable[str]) -> Html:
    options = [element("option", every, value="")]
    options += [element("option", value, value=value) for value in values]
    return element("select", options, data_filter=name, aria_label=f"Filter by {name}")


def _group(page: PageContext, group: m.GroupEntry, entries: Mapping[str, int]) -> Html:
    entity = page.site.entities[group.entity]
    heading = element(
        "h3",
        page.link(Kind.GROUP, group.name),
        " ",
        element("span", "for ", page.link(Kind.ENTITY, entity.name), class_="remark"),
    )
    summary = (
        element("p", prose(group.note.summary), class_="summary") if group.note.summary else None
    )
    features = (page.site.features[name] for name in group.features)
    families = groupby(features, key=lambda f: (f.family or f.name, f.note.summary, f.dtype))
    rows = [_row(page, list(members), entries) for _, members in families]
    listed = element("ul", rows, class_="features")
    return element("article", heading, summary, listed, class_="group")


def _row(page: PageContext, members: list[m.FeatureEntry], entries: Mapping[str, int]) -> Html:
    """A feature, or the members of a family that differ in their windows only."""
    feature = members[0]
    said = feature.note.summary
    summary = prose(said) if said else element("span", "No description yet.", class_="none")
    marks: list[Child] = [chip(feature.dtype, "type")]
    if feature.unit is not None:
        marks += [" ", chip(feature.unit, "unit")]
    if feature.note.deprecated is not None:
        marks += [" ", chip("deprecated", "warn")]
    if feature.note.private:
        marks += [" ", chip("private")]
    links = [
        element("span", page.link(Kind.FEATURE, f.name, f.short), data_entry=entries[f.name])
        for f in members
    ]
    return element(
        "li",
        element("div", links, class_="name"),
        element("div", summary, class_="said"),
        element("div", marks, class_="marks"),
    )


def _labels(page: PageContext) -> Html:
    rows = [
        (
            page.feature(label.name),
            element("code", label.dtype),
            prose(label.note.summary or label.headline),
            page.listed(map(page.declared, label.datasets), "none"),
        )
        for label in page.site.manifest.labels
    ]
    return table(("Label", "Type", "What it is", "Data sets"), rows, label="Labels")


def _datasets(page: PageContext) -> Html:
    rows = [
        (
            page.declared(d.name),
            page.link(Kind.ENTITY, d.entity),
            prose(d.note.summary or d.words),
            f"{sum(c.role == 'feature' for c in d.columns):,}",
            f"{sum(c.role == 'label' for c in d.columns):,}",
            page.listed(map(page.declared, d.consumers), "nobody yet"),
        )
        for d in page.site.manifest.datasets
    ]
    headers = ("Data set", "For", "What it is", "Features", "Labels", "Read by")
    return table(headers, rows, label="Data sets")


def _consumers(page: PageContext) -> Html:
    rows = [
        (
            page.declared(c.name),
            c.kind or "",
            prose(c.note.summary or ""),
            page.listed(map(page.declared, c.datasets), "no data set"),
        )
        for c in page.site.manifest.consumers
    ]
    return table(("Consumer", "Kind", "What it is", "Data sets"), rows, label="Consumers")


def _wanted(page: PageContext) -> Html:
    rows = [
        (
            element("code", w.short),
            page.link(Kind.ENTITY, w.entity),
            prose(w.note.summary or ""),
            join((w.by or "", f", since {w.since}" if w.since else "")),
            _status(page, w),
        )
        for w in page.site.manifest.wanted
    ]
    return table(("Wanted", "Of", "What it is", "Asked by", "Status"), rows, label="Requests")


def _status(page: PageContext, wanted: m.WantedEntry) -> Html:
    said = prose(wanted.because) if wanted.because else ""
    links = page.listed(map(page.feature, wanted.features), "")
    return join((chip(wanted.status), " ", links if wanted.features else said))


def _data(page: PageContext) -> Html:
    manifest = page.site.manifest
    rows: list[tuple[Child, ...]] = [
        (
            page.link(Kind.SOURCE, s.name),
            "source",
            s.history,
            prose(s.note.summary or ""),
            f"{len(s.columns):,}",
        )
        for s in manifest.sources
    ]
    rows += [
        (
            page.link(Kind.VIEW, v.name),
            "view",
            join(("of ", page.listed(map(page.declared, v.lefts), ""))),
            prose(v.note.summary or ""),
            "",
        )
        for v in manifest.views
    ]
    if not rows:
        return nothing("No sources yet.")
    return table(("Name", "Kind", "History", "What it holds", "Columns"), rows, label="Data")


def _entities(page: PageContext) -> Html:
    rows = [
        (
            page.link(Kind.ENTITY, e.name),
            join([[", " if i else "", element("code", k.name)] for i, k in enumerate(e.keys)]),
            prose(e.note.summary or ""),
            f"{sum(len(page.site.groups[g].features) for g in e.groups):,}",
        )
        for e in page.site.manifest.entities
    ]
    if not rows:
        return nothing("No entities yet.")
    return table(("Entity", "Key", "What it is", "Features"), rows, label="Entities")


def _parameters(page: PageContext) -> Html:
    rows = [
        (
            element("code", f"${p.short}"),
            element("code", p.dtype),
            _default(p),
            prose(p.note.summary or ""),
            count(len(p.used_by), "feature"),
            place(p.place),
        )
        for p in page.site.manifest.parameters
    ]
    if not rows:
        return nothing("No parameters: a run needs none.")
    headers = ("Parameter", "Type", "Default", "What it is", "Changes", "Declared in")
    return table(headers, rows, label="Parameters")


def _default(parameter: m.ParameterEntry) -> Html:
    if parameter.secret:
        return element("span", "secret", class_="none")
    if parameter.default is None:
        return element("span", "must be given", class_="none")
    return element("code", parameter.default)
