"""``featc test``."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params
from featdsl.cli.output import Output, Told, documents
from featdsl.text.amounts import count

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.ir.program import Expected, ExpectedRows, Program, Test
    from featdsl.testing.coverage import Coverage
    from featdsl.testing.result import TestResult


class TestOutput(StrEnum):
    """As of other commands, and JUnit XML, which is about tests only."""

    __test__ = False

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


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
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Write what was computed into the cells of `then` tables that differ. Layout and "
            "comments stay; rows are neither added nor removed.",
        ),
    ] = False,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="Show what no test reaches: features, windows, branches and conditions.",
        ),
    ] = False,
    param: Params = None,
    output: Annotated[
        TestOutput | None,
        typer.Option(
            "--output",
            metavar="FORM",
            help="How to print what is found: text, concise (a line each), json, sarif or junit.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the test blocks of a project.

    Where values differ, they are shown cell by cell. Computes over the rows that the tests give, in
    memory. Reads no data; writes nothing but, with --update, cells of the tests themselves.

    Examples:
        featc test
        featc test spend.premium_txn_share
        featc test "a correction"
        featc test --coverage
        featc test --output junit > tests.xml

    Exit status: 0, or 1 when a test fails, the project has mistakes or there is no such test. With
    --update, cells that were rewritten count as passed.
    """
    from featdsl.cli.work import begin

    form = _form(output, as_json=as_json)
    if form not in (TestOutput.TEXT, TestOutput.JSON) and (update or coverage):
        option = "--update" if update else "--coverage"
        raise UsageMistake(f"`{option}` cannot be shown as {form}", "leave out `--output`")
    if form in (TestOutput.CONCISE, TestOutput.SARIF, TestOutput.JUNIT):
        raise typer.Exit(_places(context, param, selectors or [], form))
    work = begin(context, param)
    tests = chosen_tests(work, selectors or [])
    results = run_all(work, tests, quiet=form is TestOutput.JSON or update)
    failed = not all(r.passed for r in results)
    if update:
        failed = _update(work, results, form)
    elif form is TestOutput.TEXT:
        from featdsl.cli.test_view import summary

        work.screen.say(summary(work, results))
    found = _covered(work, tests, touched_only=bool(selectors)) if coverage else None
    _tell(work, results, found, form)
    raise typer.Exit(1 if failed else 0)


def _form(output: TestOutput | None, *, as_json: bool) -> TestOutput:
    if as_json and output not in (None, TestOutput.JSON):
        raise UsageMistake(f"`--json` and `--output {output}` differ", "give one of them")
    return output or (TestOutput.JSON if as_json else TestOutput.TEXT)


def _places(
    context: typer.Context, param: list[str] | None, selectors: list[str], form: TestOutput
) -> int:
    """Say what is wrong for other programs: in the texts, else in the tests. Return the status."""
    from featdsl.cli.work import compiled, errors_of

    work = compiled(context, param)
    found, results, wrong = errors_of(work.diagnostics), [], []
    if not found:
        results = run_all(work, chosen_tests(work, selectors), quiet=True)
        wrong = [d for r in results for d in r.diagnostics()]
    if form is TestOutput.JUNIT:
        from featdsl.testing.junit import junit_errors, junit_xml

        name, texts = work.project.config.project.name, work.project.readable
        work.screen.say(
            junit_errors(name, found, texts) if found else junit_xml(name, results, texts)
        )
    else:
        told = Told(work.project.root, work.project.readable, found or wrong)
        work.screen.say(*documents(Output(form.value), [told]))
    return 1 if found or wrong else 0


def _update(work: Work, results: list[TestResult], form: TestOutput) -> bool:
    """Rewrite what differs. Return whether something is left that a person has to see to."""
    from featdsl.cli.test_view import left_lines
    from featdsl.project.rewrite import rewrite_texts
    from featdsl.testing.update import rewrite

    found = rewrite(work.project.texts, results)
    rewrite_texts(work.project, found.texts)
    said = work.screen.say if form is TestOutput.TEXT else work.screen.tell
    said(*left_lines(work, results, found))
    files = f" of {', '.join(sorted(found.texts))}" if found.texts else ""
    said(f"{count(found.cells, 'cell')}{files} rewritten")
    return bool(found.left) or any(r.problem is not None for r in results)


def _covered(work: Work, tests: list[Test], *, touched_only: bool) -> Coverage:
    from featdsl.cli.progress import Waiting
    from featdsl.testing.coverage import measure

    with Waiting(work.screen, "measuring what the tests reach"):
        return measure(work.compilation, work.project.options, tests, touched_only=touched_only)


def _tell(
    work: Work, results: list[TestResult], coverage: Coverage | None, form: TestOutput
) -> None:
    from featdsl.cli.test_view import coverage_lines, document

    if form is TestOutput.JSON:
        found = document(work, results, coverage)
        work.screen.say(json.dumps(found, indent=2, ensure_ascii=False))
    elif coverage is not None:
        work.screen.say("", *coverage_lines(work, coverage))


def run_all(work: Work, tests: list[Test], *, quiet: bool = False) -> list[TestResult]:
    """Run tests; unless `quiet`, each is told as it ends."""
    from featdsl.cli.progress import Waiting
    from featdsl.cli.test_view import lines
    from featdsl.testing.run import run_tests

    with Waiting(work.screen, "running the tests"):
        results = list(run_tests(work.compilation, work.project.options, tests))
    if not quiet:
        for result in results:
            work.screen.say(*lines(work, result))
    return results


def chosen_tests(work: Work, selectors: list[str]) -> list[Test]:
    """Tests that selectors name; without any, all."""
    from featdsl.cli.changed import expanded
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
        named = expanded(work, [selector])
        found = found or _about(tests, select(work.compilation.program, named or ()))
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
