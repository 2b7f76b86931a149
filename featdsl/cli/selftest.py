"""``featc selftest``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from featdsl.cli.options import AsJson, AsOfOption, Params, Selectors

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.runs.selftest.model import Finding, SelfTest


def selftest(
    context: typer.Context,
    selectors: Selectors = None,
    as_of: AsOfOption = None,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Try on the project's own data that no value depends on what it may not.

    Adds rows of the future, rows that nobody knows yet and rows older than every window, mixes the
    order of rows, computes half of the keys at a time, asks twice, ends the files of SQL sources
    at the as-of time and computes published values again: no value may change. A leak or a tie
    that nothing decides is told with the feature, the rows, and the value before and after. Reads
    the sources; publishes nothing.

    Examples:
        featc selftest
        featc selftest spend.*
        featc selftest --as-of 2026-09-01 --json

    Exit status: 0, or 1 when a value changed, the project has mistakes, or the data are not as
    declared.
    """
    from featdsl.cli.changed import expanded
    from featdsl.cli.progress import Waiting
    from featdsl.cli.work import begin
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.load import with_remedies
    from featdsl.project.selectors import select
    from featdsl.runs.selftest.run import selftest_project

    work = begin(context, param)
    at = work.as_of(as_of)
    program = work.compilation.program
    selectors = expanded(work, selectors)
    chosen = select(program, selectors) if selectors else ()
    try:
        with Waiting(work.screen, "trying what may not change a value") as waiting:
            found = selftest_project(
                work.project, work.compilation, chosen, as_of=at.instant, step=waiting.step
            )
    except Failure as failure:
        raise Failure(*with_remedies(work.project, failure.diagnostics)) from failure
    if as_json:
        work.screen.say(json.dumps(_document(work, found), indent=2, ensure_ascii=False))
    else:
        work.screen.say(*_lines(work, found))
    raise typer.Exit(0 if found.passed else 1)


def _lines(work: Work, found: SelfTest) -> Iterator[str]:
    from featdsl.cli.table import Column, table
    from featdsl.text.amounts import count

    screen = work.screen
    times = ", ".join(t.isoformat(sep=" ") for t in found.times)
    yield f"as of {times}"
    yield ""
    changed = {t.relation: 0 for t in found.tried}
    for finding in found.findings:
        changed[finding.relation] += 1 + finding.others
    heads = [
        Column("what may not change a value", fixed=True),
        Column("tried", right=True, fixed=True),
        Column("values", right=True, fixed=True),
        Column("changed", right=True, fixed=True),
    ]
    rows = [
        (t.relation.value, f"{t.trials:,}", f"{t.cells:,}", f"{changed[t.relation]:,}")
        for t in found.tried
    ]
    yield from table(screen, heads, rows)
    for finding in found.findings:
        yield ""
        yield from _finding(work, finding)
    yield ""
    cells = sum(t.cells for t in found.tried)
    if found.passed:
        yield f"{screen.mark(True)} no value changed, of {cells:,} compared"
    else:
        features = {f.feature for f in found.findings}
        yield f"{screen.mark(False)} {count(len(features), 'feature')} changed"


def _finding(work: Work, finding: Finding) -> Iterator[str]:
    from featdsl.cli.screen import printable, show_value
    from featdsl.cli.table import table
    from featdsl.text.amounts import count

    screen = work.screen
    name = screen.style(printable(finding.feature), "bold")
    yield f"{screen.mark(False)} {name}: {finding.relation}"
    yield f"  {finding.why}"
    keys = ", ".join(f"{n} {show_value(v)}" for n, v in _key(work, finding).items())
    more = f"; {count(finding.others, 'more value')}" if finding.others else ""
    yield (
        f"  {keys or 'the one row'} as of {finding.at.isoformat(sep=' ')}: "
        f"{show_value(finding.before)} before, {show_value(finding.after)} after{more}"
    )
    if finding.rows:
        shown = _masked(work, finding)
        yield f"  {_words(finding)}"
        cells = [[show_value(v) for v in row.values()] for row in shown]
        yield from table(screen, [printable(n) for n in shown[0]], cells, indent=4)


def _words(finding: Finding) -> str:
    from featdsl.runs.selftest.model import Relation

    if finding.relation is Relation.SHUFFLED:
        return f"rows of {finding.source} that share their place in the order:"
    if finding.relation is Relation.CUT:
        return f"these rows of {finding.source} are not so where the files end there:"
    return f"with these rows added to {finding.source}:"


def _key(work: Work, finding: Finding) -> Mapping[str, Any]:
    program = work.compilation.program
    group = program.groups[program.feature(finding.feature).group]
    names = [k.name for k in program.entities[group.entity].keys]
    return dict(zip(names, finding.key, strict=False))


def _masked(work: Work, finding: Finding) -> Sequence[Mapping[str, Any]]:
    """The rows, without personal data."""
    assert finding.source is not None, "rows are of a source"
    columns = work.compilation.program.sources[finding.source].columns
    return [
        {n: "(pii)" if columns[n].pii and v is not None else v for n, v in row.items()}
        for row in finding.rows
    ]


def _document(work: Work, found: SelfTest) -> dict[str, Any]:
    from featdsl.cli.dump import plain

    return {
        "as_of": [t.isoformat() + "Z" for t in found.times],
        "passed": found.passed,
        "tried": [
            {"relation": t.relation.name.lower(), "trials": t.trials, "values": t.cells}
            for t in found.tried
        ],
        "findings": [
            {
                "relation": f.relation.name.lower(),
                "feature": f.feature,
                "why": f.why,
                "as_of": f.at.isoformat() + "Z",
                "key": {n: plain(v) for n, v in _key(work, f).items()},
                "before": plain(f.before),
                "after": plain(f.after),
                "others": f.others,
                "source": f.source,
                "rows": [
                    {n: plain(v) for n, v in row.items()}
                    for row in (_masked(work, f) if f.rows else ())
                ],
            }
            for f in found.findings
        ],
    }
