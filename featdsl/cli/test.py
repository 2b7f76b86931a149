"""``featc test``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson, Params
from featdsl.cli.output import Output, OutputOption, Told, chosen, documents
from featdsl.text.names import short_name

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.ir.program import Expected, ExpectedRows, Program, Test
    from featdsl.testing.result import Difference, TestResult


def test(
    context: typer.Context,
    selectors: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SELECTOR",
            help="Part of a test's title, or what it states: spend_7d, spend.*, tag:x, a data set. "
            "Without any, all tests.",
        ),
    ] = None,
    param: Params = None,
    output: OutputOption = None,
    as_json: AsJson = False,
) -> None:
    """Run the test blocks of a project.

    Where values differ, they are shown cell by cell. Computes over the rows that the tests give, in
    memory. Reads no data and writes nothing.

    Examples:
        featc test
        featc test spend.premium_txn_share
        featc test "a correction"

    Exit status: 0, or 1 when a test fails, the project has mistakes or there is no such test.
    """
    from featdsl.cli.work import begin

    form = chosen(output, as_json=as_json)
    if form in (Output.CONCISE, Output.SARIF):
        raise typer.Exit(_places(context, param, selectors or [], form))
    work = begin(context, param)
    results = run_all(work, _chosen(work, selectors or []), quiet=form is Output.JSON)
    if form is Output.JSON:
        work.screen.say(json.dumps(_json(work, results), indent=2, ensure_ascii=False))
    else:
        work.screen.say(summary(work, results))
    raise typer.Exit(0 if all(r.passed for r in results) else 1)


def _places(
    context: typer.Context, param: list[str] | None, selectors: list[str], form: Output
) -> int:
    """Say only where something is wrong: in the texts, else in the tests. Return the status."""
    from featdsl.cli.work import compiled, errors_of

    work = compiled(context, param)
    found = errors_of(work.diagnostics)
    if not found:
        results = run_all(work, _chosen(work, selectors), quiet=True)
        found = [d for r in results for d in r.diagnostics()]
    told = Told(work.project.root, work.project.readable, found)
    work.screen.say(*documents(form, [told]))
    return 1 if found else 0


def run_all(work: Work, tests: list[Test], *, quiet: bool = False) -> list[TestResult]:
    """Run tests; unless `quiet`, each is told as it ends."""
    from featdsl.cli.progress import Waiting
    from featdsl.testing.run import run_tests

    with Waiting(work.screen, "running the tests"):
        results = list(run_tests(work.compilation, work.project.options, tests))
    if not quiet:
        for result in results:
            work.screen.say(*_lines(work, result))
    return results


def _chosen(work: Work, selectors: list[str]) -> list[Test]:
    from featdsl.diagnostics import catalog
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.selectors import select

    tests = list(work.compilation.program.tests)
    if not selectors:
        return tests
    chosen: list[Test] = []
    for selector in selectors:
        titled = [t for t in tests if selector.lower() in t.title.lower()]
        found = titled or _stating(tests, selector, work.compilation.program)
        found = found or _about(tests, select(work.compilation.program, [selector]))
        if not found:
            message = f"no test states a value of `{selector}`"
            raise Failure(catalog.NO_MATCH.general(message).help('write one: `test "…" { … }`'))
        chosen += found
    return [t for t in tests if t in chosen]


def _stating(tests: list[Test], name: str, program: Program) -> list[Test]:
    """Tests that state rows of a data set, or labels, of that name: the full one, or its end."""
    from featdsl.ir.program import ExpectedRows

    def stated(e: Expected | ExpectedRows) -> set[str]:
        labels = {f for f in e.stated if program.feature(f).group in program.labels}
        groups = {program.feature(f).group for f in labels}
        return labels | groups | ({e.dataset} if isinstance(e, ExpectedRows) else set())

    return [
        t
        for t in tests
        if any(f".{full}".endswith(f".{name}") for e in t.expected for full in stated(e))
    ]


def _about(tests: list[Test], features: tuple[str, ...]) -> list[Test]:
    """Tests that state the value of one of the features."""
    return [t for t in tests if any(name in features for e in t.expected for name in e.stated)]


def _lines(work: Work, result: TestResult) -> Iterator[str]:
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


def _differences(screen: Screen, differences: tuple[Difference, ...]) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.cli.table import Column, table
    from featdsl.project.as_of import show_instant
    from featdsl.testing.result import What, value_text

    rows = []
    for d in differences:
        named = [f"{name} {value_text(value)}" for name, value in d.key]
        key = ", ".join(named if d.row is None else [f"row {d.row}", *named])
        valued = d.what is What.VALUE
        values = [value_text(d.expected), value_text(d.actual)] if valued else ["", ""]
        what = d.feature or d.what.value
        at = "" if d.as_of is None else show_instant(d.as_of)
        cells = [short_name(d.asked), key, at, what, *values]
        rows.append([printable(cell) for cell in cells])
    kinds = {"group" if d.row is None else "data set" for d in differences}
    heads = [
        Column(", ".join(sorted(kinds))),
        Column("key"),
        Column("as of", fixed=True),
        Column("feature"),
    ]
    heads += [Column("expected", right=True), Column("actual", right=True)]
    yield from table(screen, heads, rows, indent=4)


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


def _json(work: Work, results: list[TestResult]) -> dict[str, Any]:
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

    return {
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
