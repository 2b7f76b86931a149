"""What ``featc test`` shows: differences in a table, a line a test, JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.testing.coverage import Coverage
    from featdsl.testing.result import Difference, TestResult
    from featdsl.testing.update import Rewritten


def lines(work: Work, result: TestResult) -> Iterator[str]:
    """A test that passed in a line; one that did not with all that differs."""
    from featdsl.cli.screen import printable
    from featdsl.text.amounts import show_seconds

    screen = work.screen
    title = printable(result.test.title)
    if result.passed:
        seconds = screen.style(show_seconds(result.seconds), "dim")
        yield f"{screen.mark(True)} {title}  {seconds}"
        return
    place = screen.style(work.compilation.texts.where(result.test.span), "dim")
    yield f"{screen.mark(False)} {screen.style(title, 'bold')}  {place}"
    if result.problem is not None:
        yield from (f"    {line}" for line in _told(work, result))
    if result.differences:
        yield ""
        yield from _differences(screen, result.differences)
    yield ""


def _told(work: Work, result: TestResult) -> list[str]:
    from featdsl.cli.work import rendered

    return rendered(work, result.diagnostics()).splitlines()[:-2]


_INDENT = 4


def _differences(screen: Screen, differences: tuple[Difference, ...]) -> Iterator[str]:
    from featdsl.cli.table import Column, natural_width, table
    from featdsl.testing.tables import difference_heads, difference_rows

    titles, rows = difference_heads(differences), difference_rows(differences)
    if screen.width is not None and natural_width(titles, rows) + _INDENT > screen.width:
        yield from _one_below_the_other(screen, titles, rows)
        return
    kind, key, at, feature, *values = titles
    heads = [Column(kind), Column(key), Column(at, fixed=True), Column(feature)]
    heads += [Column(title, right=True) for title in values]
    yield from table(screen, heads, rows, indent=_INDENT)


def _one_below_the_other(
    screen: Screen, titles: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Where a table would lose names and values: each difference in lines of its own."""
    longest = max(map(len, titles))
    for number, row in enumerate(rows):
        if number:
            yield ""
        for title, cell in zip(titles, row, strict=True):
            if cell:
                shown = screen.style(title.ljust(longest), "dim")
                yield f"{' ' * _INDENT}{shown}  {cell}"


def summary(work: Work, results: list[TestResult]) -> str:
    """``✓ 5 tests passed, 42 values compared, in 0.3 s``."""
    from featdsl.text.amounts import count, show_seconds

    if not results:
        return f"{work.project.config.project.name} has no tests"
    failed = sum(not r.passed for r in results)
    passed = len(results) - failed
    said = [f"{count(failed, 'test')} failed"] if failed else []
    said += [f"{count(passed, 'test')} passed"] if passed else []
    said.append(f"{count(sum(r.cells for r in results), 'value')} compared")
    seconds = show_seconds(sum(r.seconds for r in results))
    return f"{work.screen.mark(not failed)} {', '.join(said)}, in {seconds}"


def left_lines(work: Work, results: list[TestResult], rewritten: Rewritten) -> Iterator[str]:
    """Tests that could not be run, and differences that no cell can be rewritten for."""
    for result in results:
        if result.problem is not None:
            yield from lines(work, result)
            continue
        left = tuple(d for r, d in rewritten.left if r is result)
        if left:
            yield from lines(work, replace(result, differences=left))


def coverage_lines(work: Work, coverage: Coverage) -> Iterator[str]:
    """What no test reaches, in a table, and how much is reached."""
    from featdsl.cli.screen import printable
    from featdsl.cli.table import Column, table
    from featdsl.testing.coverage import subject_text
    from featdsl.text.amounts import count

    plural = {"branch": "branches"}
    said = [
        f"{s.reached} of {count(s.total, kind, plural.get(kind))}"
        for kind, s in coverage.shares.items()
    ]
    if coverage.missing:
        rows = [
            [
                printable(subject_text(m)),
                printable(m.words),
                work.compilation.texts.where(m.span).rpartition(":")[0],
            ]
            for m in coverage.missing
        ]
        heads = [Column("in"), Column("not reached"), Column("place")]
        yield from table(work.screen, heads, rows)
        yield ""
    yield f"{work.screen.mark(not coverage.missing)} reached: {', '.join(said)}"


def document(
    work: Work, results: list[TestResult], coverage: Coverage | None = None
) -> dict[str, Any]:
    """All of it as JSON; `coverage` where it was measured."""
    from featdsl.diagnostics.render.json import to_json
    from featdsl.testing.result import value_text

    def difference(d: Difference) -> dict[str, Any]:
        return {
            "what": d.what.value,
            "group": d.asked if d.row is None else None,
            "dataset": None if d.row is None else d.asked,
            "row": d.row,
            "key": {name: value_text(value) for name, value in d.key},
            "as_of": None if d.as_of is None else d.as_of.isoformat() + "Z",
            "feature": d.feature,
            "expected": value_text(d.expected),
            "actual": value_text(d.actual),
        }

    found: dict[str, Any] = {
        "ok": all(r.passed for r in results),
        "tests": [
            {
                "title": r.test.title,
                "place": work.compilation.texts.where(r.test.span),
                "passed": r.passed,
                "seconds": round(r.seconds, 6),
                "values": r.cells,
                "differences": [difference(d) for d in r.differences],
                "problem": to_json([r.problem], work.project.readable)[0] if r.problem else None,
            }
            for r in results
        ],
    }
    if coverage is not None:
        found["coverage"] = {
            **{k: {"reached": s.reached, "total": s.total} for k, s in coverage.shares.items()},
            "missing": [
                {
                    "kind": m.kind,
                    "of": m.of,
                    "what": m.words,
                    "place": work.compilation.texts.where(m.span),
                }
                for m in coverage.missing
            ],
        }
    return found
