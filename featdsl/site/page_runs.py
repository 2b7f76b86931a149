"""The pages of all tests and of all runs."""

from __future__ import annotations

from typing import Final

from featdsl.site.context import PageContext
from featdsl.site.examples import example, test_text
from featdsl.site.html import Child, Html, element, join
from featdsl.site.layout import document
from featdsl.site.parts import chip, facts, instant, nothing, run_id, section, status_chip, table
from featdsl.store.record import CheckStatus, InputUse, RunRecord
from featdsl.text.amounts import count, show_seconds
from featdsl.text.names import short_name

_MOST_RUNS: Final = 100
_OPEN_RUNS: Final = 1


def tests_page(page: PageContext) -> Html:
    """Every test as a worked example."""
    tests = page.site.manifest.tests
    lede = "Examples with rows and the values they must give; they run as tests."
    head = element(
        "header", element("h1", "Tests"), element("p", lede, class_="lede"), class_="page-head"
    )
    shown = [element("div", example(page, t), test_text(t)) for t in tests]
    body = element("div", shown, class_="tests") if shown else nothing("No tests yet.")
    return document(page, "Tests", head, body, _untested(page), class_="wide")


def _untested(page: PageContext) -> Html | None:
    names = [f.name for f in page.site.manifest.features if not f.tests]
    if not names:
        return None
    links = page.listed(map(page.feature, names), "none")
    summary = element("summary", count(len(names), "feature"))
    return section("Without a test", "untested", element("details", summary, links))


def runs_page(page: PageContext) -> Html:
    """Every run, newest first: what was read, checked and published."""
    records = page.site.runs.records
    lede = "What was computed, from what, and what was checked; newest first. Times are UTC."
    head = element(
        "header", element("h1", "Runs"), element("p", lede, class_="lede"), class_="page-head"
    )
    if not records:
        return document(page, "Runs", head, nothing("No run yet."), class_="wide")
    shown = [_run(page, r, i < _OPEN_RUNS) for i, r in enumerate(records[:_MOST_RUNS])]
    older = len(records) - len(shown)
    rest = element("p", f"and {count(older, 'older run')}", class_="remark") if older else None
    return document(page, "Runs", head, element("div", shown), rest, class_="wide")


def _run(page: PageContext, record: RunRecord, open_: bool) -> Html:
    trial = chip("trial") if record.trial else None
    said = f" as of {record.as_of:%Y-%m-%d %H:%M:%S} · {count(len(record.selection), 'feature')}"
    seconds = "unknown" if record.seconds is None else show_seconds(record.seconds)
    summary = element(
        "summary",
        status_chip(record.status),
        " ",
        trial,
        " " if trial else None,
        element("strong", instant(record.started)),
        element("span", said, " · ", seconds, class_="remark"),
    )
    parts = (
        facts(_facts(record)),
        _problems(record),
        _outputs(page, record),
        _training(page, record),
        _inputs(page, record),
        _rejected(record),
        _checks(page, record),
        _failing(page, record),
        _trends(page, record),
        _stages(record),
    )
    return element("details", summary, parts, class_="run", id=run_id(record), open=open_)


def _facts(record: RunRecord) -> list[tuple[str, Child]]:
    v = record.versions
    pairs: list[tuple[str, Child]] = [
        ("Run", element("code", record.run)),
        ("As-of time", f"{record.as_of:%Y-%m-%d %H:%M:%S} UTC, from {record.as_of_origin}"),
        ("Parameters", _parameters(record)),
        ("Made with", f"featc {v.featc}, {v.engine} {v.engine_version}, Python {v.python}"),
    ]
    if record.code is not None:
        dirty = " with changes" if record.code.dirty else ""
        pairs.append(("Commit", join((element("code", record.code.commit[:12]), dirty))))
    return pairs


def _parameters(record: RunRecord) -> Html:
    if not record.parameters:
        return element("span", "none", class_="none")
    shown: list[Child] = []
    for i, p in enumerate(record.parameters):
        name = short_name(p.name)
        value = "secret" if p.secret else p.value
        shown.append([", " if i else "", element("code", f"${name} = {value}")])
        shown.append(element("span", f" ({p.origin})", class_="remark"))
    return join(shown)


def _problems(record: RunRecord) -> Html | None:
    if not record.problems:
        return None
    items = [
        element("li", chip(p.code, "bad" if p.severity == "error" else "warn"), " ", p.message)
        for p in record.problems
    ]
    return element("ul", items, class_="plain-list")


def _outputs(page: PageContext, record: RunRecord) -> Html | None:
    if not record.outputs:
        return None
    rows = [
        (
            page.declared(o.group),
            f"{o.rows:,}",
            f"{len(o.columns):,}",
            o.format,
            element("code", o.folder) if o.folder else "not published",
        )
        for o in record.outputs
    ]
    headers = ("Output", "Rows", "Columns", "Format", "Folder")
    return table(headers, rows, label="Outputs", class_="compact")


def _training(page: PageContext, record: RunRecord) -> Html | None:
    use = record.training
    if use is None:
        return None
    where = element("code", use.folder) if use.folder else "in a file elsewhere"
    row = (
        page.declared(use.dataset),
        f"{use.spine.rows:,}",
        f"{use.dropped:,}",
        f"{use.rows:,}",
        use.format,
        where if use.files else "not published",
    )
    headers = ("Training set", "Spine", "Left out", "Rows", "Format", "Folder")
    return table(headers, [row], label="Training set", class_="compact")


def _inputs(page: PageContext, record: RunRecord) -> Html | None:
    if not record.inputs:
        return None
    rows = [
        (
            page.declared(i.source),
            f"{i.rows:,}",
            f"{sum(d.rows for d in i.dropped):,}",
            instant(i.oldest) if i.oldest is not None else "",
            instant(i.newest) if i.newest is not None else "",
            "" if i.days is None else f"{i.days:,}",
            _files(i),
        )
        for i in record.inputs
    ]
    headers = (
        "Input",
        "Stored rows",
        "Dropped",
        "Oldest visible",
        "Newest visible",
        "Days",
        "Files",
    )
    return table(headers, rows, label="Inputs", class_="compact")


def _files(use: InputUse) -> str:
    empty = sum(f.rows == 0 for f in use.files)
    return count(len(use.files), "file") + (f", {empty:,} empty" if empty else "")


def _rejected(record: RunRecord) -> Html | None:
    if not record.rejected:
        return None
    rows = [(element("code", r.file), f"{r.rows:,}") for r in record.rejected]
    headers = ("File that was not taken", "Rows that cannot be read")
    return table(headers, rows, label="Rejected files", class_="compact")


def _checks(page: PageContext, record: RunRecord) -> Html | None:
    if not record.checks:
        return None
    rows = [
        (element("code", c.text), _subject(page, c.subject), status_chip(c.status), c.measured)
        for c in record.checks
    ]
    headers = ("Check", "Of", "Result", "Measured")
    shown = table(headers, rows, label="Checks", class_="compact")
    passed = sum(c.status is CheckStatus.PASSED for c in record.checks)
    summary = element("summary", f"{passed:,} of {count(len(record.checks), 'check')} passed")
    return element("details", summary, shown)


def _failing(page: PageContext, record: RunRecord) -> list[Html]:
    """Rows that failed, a table for each expectation."""
    found = page.site.failing.get(record.run)
    shown = []
    for check in () if found is None else found.checks:
        rows = [
            [element("span", "null", class_="none") if v is None else v for v in row]
            for row in check.rows
        ]
        of = f" of {check.failing:,}" if check.failing and check.failing > len(rows) else ""
        summary = element(
            "summary",
            f"{count(len(rows), 'row')}{of} for which ",
            element("code", check.text),
            " does not hold",
        )
        shown.append(
            element("details", summary, table(check.columns, rows, label="Rows", class_="compact"))
        )
    return shown


def _trends(page: PageContext, record: RunRecord) -> Html | None:
    """Measures beside those of the runs before."""
    if not record.trends:
        return None
    rows = [
        (
            _subject(page, t.feature or t.set),
            t.measure,
            chip(t.kind, "warn"),
            t.words,
        )
        for t in record.trends
    ]
    headers = ("Early warning of", "Measure", "Is", "In words")
    return table(headers, rows, label="Early warnings", class_="compact")


def _subject(page: PageContext, name: str) -> Html:
    return page.feature(name) if name in page.site.features else page.declared(name)


def _stages(record: RunRecord) -> Html | None:
    if not record.stages:
        return None
    rows = [(s.name, show_seconds(s.seconds), s.detail) for s in record.stages]
    shown = table(("Stage", "Time", ""), rows, label="Stages", class_="compact")
    return element("details", element("summary", "Where the time went"), shown)
