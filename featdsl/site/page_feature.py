"""The page of a feature: what it is, how it is made, whether to trust it, who uses it."""

from __future__ import annotations

from typing import Final

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.examples import example
from featdsl.site.highlight import feat_code, sql_code
from featdsl.site.html import Child, Html, element, join
from featdsl.site.layout import document
from featdsl.site.lineage_part import lineage_section
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
    status_chip,
    tags,
)
from featdsl.site.paths import Kind
from featdsl.site.profile_part import profile_section
from featdsl.site.prose import prose
from featdsl.store.record import CheckStatus
from featdsl.text.amounts import count

_LONGEST_SQL: Final = 400
"""Lines of a group's SQL that still stand on the page of each of its features."""


def feature_page(page: PageContext, feature: m.FeatureEntry) -> Html:
    group = page.site.groups[feature.group]
    main = element(
        "div",
        _words(feature),
        _definition(feature),
        lineage_section(page, feature),
        _expectations(page, feature) if feature.label and _expected(page, feature) else None,
        _computed(page, feature) if not feature.label else None,
        notes(feature.note, group.note),
        class_="main-column",
    )
    crumbs = breadcrumbs(page, page.link(Kind.GROUP, group.name), element("code", feature.short))
    title = element("h1", element("code", feature.short))
    head = element(
        "header",
        crumbs,
        element("div", title, _chips(page, feature), class_="title"),
        doc(feature.note),
        class_="page-head",
    )
    columns = element("div", main, _facts(page, feature), class_="columns")
    return document(page, page.site.shown(feature.name), head, columns, class_="feature-page")


def _computed(page: PageContext, feature: m.FeatureEntry) -> Html:
    """What runs say of a feature: labels are computed with the rows of a data set only."""
    return join(
        (
            profile_section(page, feature.name),
            _examples(page, feature),
            _expectations(page, feature),
            _sql(page, feature),
        )
    )


def _chips(page: PageContext, feature: m.FeatureEntry) -> Html:
    chips = [chip("label", "type")] if feature.label else []
    chips.append(chip(feature.dtype, "type"))
    if feature.unit is not None:
        chips.append(chip(feature.unit, "unit"))
    chips.append(chip(_nullability(page, feature)))
    if feature.note.private:
        chips.append(chip("private"))
    if feature.note.deprecated is not None:
        chips.append(chip("deprecated", "warn"))
    if not feature.label:
        chips.append(_health(page, feature))
    return element("p", [[c, " "] for c in chips], class_="chips")


def _health(page: PageContext, feature: m.FeatureEntry) -> Html:
    """One word on how the newest run went for this feature."""
    record = page.site.runs.computed(feature.name)
    if record is None:
        return chip("no run yet", "plain")
    subjects = (feature.name, feature.group)
    found = [page.site.runs.check(subjects, e.text) for e in _expected(page, feature)]
    statuses = {c.check.status for c in found if c is not None}
    if CheckStatus.FAILED in statuses:
        return chip("expectation failed", "bad")
    if CheckStatus.WARNED in statuses:
        return chip("warning", "warn")
    return status_chip(record.status)


def _words(feature: m.FeatureEntry) -> Html:
    rest = feature.sentence.removeprefix(feature.headline).strip()
    parts: list[Child] = [element("p", prose(feature.headline), class_="headline")]
    if rest:
        parts.append(element("p", prose(rest), class_="reach"))
    if feature.details:
        items = [element("li", prose(text)) for text in feature.details]
        parts.append(
            element("details", element("summary", "What stands behind this"), element("ul", items))
        )
    return section("In words", "words", parts, class_="words")


def _definition(feature: m.FeatureEntry) -> Html:
    whole = f"{feature.short}: {feature.dtype} = {feature.expression}"
    caption = "This feature alone, with its windows and with constants and functions filled in:"
    return section(
        "Definition",
        "definition",
        feat_code(feature.definition),
        element("p", caption, class_="caption"),
        feat_code(whole),
    )


def _examples(page: PageContext, feature: m.FeatureEntry) -> Html:
    shown = [
        example(page, t, feature) for t in page.site.manifest.tests if feature.name in t.features
    ]
    if not shown:
        return section("Worked examples", "examples", nothing("No test states its value yet."))
    return section("Worked examples", "examples", shown)


def _expected(page: PageContext, feature: m.FeatureEntry) -> list[m.ExpectationEntry]:
    """Its own expectations, and those of its group that speak of it."""
    group = page.site.groups[feature.group]
    shared = [e for e in group.expectations if feature.name in e.features]
    return [*feature.expectations, *shared]


def _expectations(page: PageContext, feature: m.FeatureEntry) -> Html:
    table = expectations(page, _expected(page, feature), feature.name, feature.group)
    return section("Expectations", "expectations", table)


def _sql(page: PageContext, feature: m.FeatureEntry) -> Html:
    if feature.inputs:
        said = "It rests on an input: the SQL of data sets that include it computes it."
        return section("SQL", "sql", nothing(said))
    own = page.site.sql.get(feature.name)
    text = own if own is not None else page.site.sql.get(feature.group)
    if text is None:
        return section("SQL", "sql", nothing("The SQL was not made for this site."))
    lines = text.count("\n") + 1
    of = "this feature" if own is not None else "the whole group"
    if own is None and lines > _LONGEST_SQL:
        there = element(
            "a", "on the group's page", href=page.address(Kind.GROUP, feature.group) + "#sql"
        )
        body: Html = element("p", f"The SQL of {of} ({lines:,} lines) is ", there, ".")
    else:
        summary = element("summary", f"SQL of {of}, for DuckDB ({count(lines, 'line')})")
        body = element("details", summary, sql_code(text))
    return section("SQL", "sql", body)


def _facts(page: PageContext, feature: m.FeatureEntry) -> Html:
    entity = page.site.entities[feature.entity]
    keys = element("span", " by ", _code_list([k.name for k in entity.keys]), class_="remark")
    record = page.site.runs.computed(feature.name)
    ran = element("span", "no run yet", class_="none")
    if record is not None:
        ran = join((run_link(page, record), " ", status_chip(record.status)))
    pairs: list[tuple[str, Child]] = [
        ("Full name", element("code", feature.name)),
        ("Entity", join((page.link(Kind.ENTITY, entity.name), keys if entity.keys else None))),
        ("Group", page.link(Kind.GROUP, feature.group)),
        ("Reads", reads(page, page.site.groups[feature.group])),
        ("Type", _type(page, feature)),
        ("Unit", feature.unit or element("span", "not given", class_="none")),
        ("Windows", _windows(feature)),
        ("Parameters", _parameters(feature)),
        ("Owner", owner(page, feature.note)),
        ("Tags", tags(page, feature.note)),
        *history(feature.note),
        ("Inputs", _code_list(list(feature.inputs)) if feature.inputs else None),
        ("Made from", page.listed(map(page.feature, feature.features), "no other feature")),
        ("Used by", page.listed(map(page.feature, feature.used_by), "no other feature")),
        ("Data sets", page.listed(map(page.declared, feature.datasets), "in none")),
        ("Consumers", page.listed(map(page.declared, feature.consumers), "none that is declared")),
        ("Last run", ran if not feature.label else None),
        ("Declared in", place(feature.place)),
        ("Fingerprint", element("code", feature.fingerprint.data, class_="hash")),
    ]
    return element("aside", facts(pairs), aria_label="Facts")


def _code_list(names: list[str]) -> Html:
    return join([[", " if i else "", element("code", name)] for i, name in enumerate(names)])


def _type(page: PageContext, feature: m.FeatureEntry) -> Html:
    null = _nullability(page, feature)
    return join((element("code", feature.dtype), element("span", f" · {null}", class_="remark")))


def _nullability(page: PageContext, feature: m.FeatureEntry) -> str:
    if feature.label and any(w.text.startswith("next ") for w in feature.windows):
        return "null until it is known"
    if feature.nullable:
        return "may be null"
    if page.site.entities[feature.entity].population is not None:
        return "null only for unknown keys"
    return "never null"


def _windows(feature: m.FeatureEntry) -> Child:
    if not feature.windows:
        return element("span", "none", class_="none")
    items = [
        element("li", element("code", w.text), element("span", f" {w.words}", class_="remark"))
        for w in feature.windows
    ]
    return element("ul", items, class_="plain-list")


def _parameters(feature: m.FeatureEntry) -> Child:
    names = [f"${p.rpartition('.')[2]}" for p in feature.parameters]
    return _code_list(names) if names else element("span", "none", class_="none")
