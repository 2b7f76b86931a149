"""Pieces that pages are made of: sections, facts, tables, chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.html import Child, Html, element, join
from featdsl.site.paths import INDEX
from featdsl.site.prose import markdown, prose
from featdsl.store.record import CheckStatus, RunRecord, Status

_TONES = {
    Status.SUCCEEDED: "good",
    Status.RUNNING: "plain",
    Status.FAILED: "bad",
    Status.ABORTED: "bad",
    Status.INTERRUPTED: "warn",
    CheckStatus.PASSED: "good",
    CheckStatus.FAILED: "bad",
    CheckStatus.WARNED: "warn",
    CheckStatus.SKIPPED: "plain",
}


def section(title: str, id_: str, *children: Child, class_: str | None = None) -> Html:
    """A part of a page under a heading that links can point to."""
    heading = element("h2", title, id=f"{id_}-title")
    return element(
        "section",
        heading,
        children,
        id=id_,
        class_=class_,
        aria_labelledby=f"{id_}-title",
    )


def nothing(text: str) -> Html:
    """Says what is not known, in place of an empty part."""
    return element("p", text, class_="none")


def chip(text: Child, tone: str = "plain") -> Html:
    return element("span", text, class_=f"chip {tone}")


def status_chip(status: Status | CheckStatus) -> Html:
    return chip(status.value, _TONES[status])


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """A list of names and what they are."""
    shown = [
        element("div", element("dt", name), element("dd", value))
        for name, value in pairs
        if value is not None
    ]
    return element("dl", join(shown), class_="facts")


def table(
    headers: Sequence[Child], rows: Iterable[Sequence[Child]], *, label: str, class_: str = ""
) -> Html:
    """A table that scrolls sideways in its own frame; the first cell names its row."""
    head = element("tr", [element("th", h, scope="col") for h in headers])
    body = [element("tr", _cells(row)) for row in rows]
    whole = element("table", element("thead", head), element("tbody", body), class_=class_ or None)
    return element("div", whole, class_="scroll", role="region", aria_label=label, tabindex="0")


def _cells(row: Sequence[Child]) -> list[Html]:
    first, *rest = row
    return [element("th", first, scope="row"), *(element("td", cell) for cell in rest)]


def breadcrumbs(page: PageContext, *steps: Child) -> Html:
    """The way from the index to a page."""
    home = element("a", page.site.manifest.project, href=page.href(INDEX))
    items = [element("li", step) for step in (home, *steps)]
    return element("nav", element("ol", items), class_="crumbs", aria_label="Breadcrumb")


def place(where: m.Place) -> Html:
    return element("span", f"{where.file}:{where.line}", class_="place")


def doc(note: m.Note) -> Html:
    """What a declaration says of itself, and whether it should still be used."""
    parts: list[Html] = []
    if note.deprecated is not None:
        text = f"Deprecated: {note.deprecated}" if note.deprecated else "Deprecated."
        parts.append(element("p", prose(text), class_="banner warn", role="note"))
    if note.doc:
        parts.append(element("div", markdown(note.doc), class_="doc"))
    else:
        parts.append(nothing("No description yet."))
    return join(parts)


def owner(page: PageContext, note: m.Note) -> Html:
    """The owner, as a link to all that is theirs."""
    if note.owner is None:
        return element("span", "nobody yet", class_="none")
    return element("a", note.owner, href=page.href(f"{INDEX}#owner={quoted(note.owner)}"))


def tags(page: PageContext, note: m.Note) -> Html:
    links = [
        element("a", tag, href=page.href(f"{INDEX}#tag={quoted(tag)}"), class_="chip tag")
        for tag in note.tags
    ]
    return join(links) if links else element("span", "none", class_="none")


def history(note: m.Note) -> list[tuple[str, Child]]:
    """What else is said of a declaration; what is not said is left out of the facts."""
    return [
        ("Format", note.format),
        ("Domain", note.domain),
        ("Version", note.version),
        ("Before", element("code", note.was) if note.was else None),
        ("See", note.uri),
        *((name.replace("_", " ").capitalize(), value) for name, value in note.own()),
    ]


def quoted(text: str) -> str:
    """Text as a part of an address."""
    from urllib.parse import quote

    return quote(text, safe="", errors="replace")


def notes(*declared: m.Note) -> Html | None:
    """Decisions that were taken, or None."""
    items = [element("li", prose(text)) for note in declared for text in note.notes]
    return section("Decisions", "notes", element("ul", items)) if items else None


def instant(moment: datetime) -> Html:
    """A time in UTC, to the second."""
    return element("time", f"{moment:%Y-%m-%d %H:%M:%S}")


def expectations(page: PageContext, found: Sequence[m.ExpectationEntry], *subjects: str) -> Html:
    """Expectations with what the newest run found."""
    if not found:
        return nothing("No expectations of its own.")
    rows = [
        (
            element("code", e.text),
            prose(e.words),
            _result(page, e, subjects),
        )
        for e in found
    ]
    return table(("Expectation", "In words", "Last result"), rows, label="Expectations")


def _result(page: PageContext, e: m.ExpectationEntry, subjects: Sequence[str]) -> Html:
    checked = page.site.runs.check(subjects, e.text)
    if checked is None:
        return element("span", "not checked yet", class_="none")
    found = element("span", checked.check.measured, class_="remark")
    return join((status_chip(checked.check.status), " ", found))


def run_link(page: PageContext, record: RunRecord) -> Html:
    """A run by its time, as a link to what is known of it."""
    return element("a", instant(record.started), href=page.href(f"runs.html#{run_id(record)}"))


def run_id(record: RunRecord) -> str:
    """A run's name as the id of an element."""
    return "run-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in record.run)


def reads(page: PageContext, group: m.GroupEntry) -> Child:
    """What gives a group its rows."""
    if group.relation is not None:
        return page.declared(group.relation)
    return element("span", "features of other groups only", class_="none")
