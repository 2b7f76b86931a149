"""Results of tests as JUnit XML, in the form that continuous integration reads.

One ``testsuite`` a namespace, one ``testcase`` a test. A test that differs has a ``failure``, one
that cannot be run an ``error``, each with all that is to be said as its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.render.text import render_text
from featdsl.testing.result import MAX_TOLD, TestResult
from featdsl.text.sources import SourceSet

# XML 1.0 has no way to write these, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def junit_xml(project: str, results: Sequence[TestResult], texts: SourceSet) -> str:
    """The document, without a line end behind it.

    Args:
        project: The project's name.
        results: Of its tests, in order.
        texts: What places and messages point into.
    """
    by_namespace: dict[str, list[TestResult]] = {}
    for result in results:
        by_namespace.setdefault(result.test.namespace, []).append(result)
    suites = [
        line for name, members in by_namespace.items() for line in _suite(name, members, texts)
    ]
    return _document(project, results, suites)


def junit_errors(project: str, errors: Sequence[Diagnostic], texts: SourceSet) -> str:
    """The document of a project whose tests could not be run, for its texts have mistakes."""
    case = _attributes(name="the project compiles", classname=project, time="0")
    wrong = _attributes(message=errors[0].message, type=errors[0].code.slug)
    said = _text(render_text(errors, texts))
    head = _attributes(name=project, tests=1, failures=0, errors=1, time=0)
    lines = [
        f"  <testsuite{head}{_attributes(skipped=0)}>",
        f"    <testcase{case}>",
        f"      <error{wrong}>{said}</error>",
        "    </testcase>",
        "  </testsuite>",
    ]
    return _whole(head, lines)


def _document(project: str, results: Sequence[TestResult], lines: list[str]) -> str:
    return _whole(_attributes(name=project, **_counts(results)), lines)


def _whole(head: str, lines: Iterable[str]) -> str:
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{head}>", *lines, "</testsuites>"]
    )


def _suite(name: str, results: Sequence[TestResult], texts: SourceSet) -> Iterable[str]:
    yield f"  <testsuite{_attributes(name=name, **_counts(results), skipped=0)}>"
    for result in results:
        yield from _case(result, texts)
    yield "  </testsuite>"


def _counts(results: Sequence[TestResult]) -> dict[str, object]:
    broken = sum(r.problem is not None for r in results)
    return {
        "tests": len(results),
        "failures": sum(not r.passed for r in results) - broken,
        "errors": broken,
        "time": _seconds(sum(r.seconds for r in results)),
    }


def _case(result: TestResult, texts: SourceSet) -> Iterable[str]:
    span = result.test.span
    file = texts.files.get(span.source)
    line = None if file is None else file.position(span.start)[0]
    case = _attributes(
        name=result.test.title,
        classname=result.test.namespace,
        file=span.source,
        line=line,
        assertions=result.cells,
        time=_seconds(result.seconds),
    )
    told = result.diagnostics()
    if not told:
        yield f"    <testcase{case}/>"
        return
    tag = "failure" if result.problem is None else "error"
    wrong = _attributes(message=told[0].message, type=told[0].code.slug)
    more = [str(d) for d in result.differences[MAX_TOLD:]]
    said = _text("\n".join([render_text(told, texts), *more]))
    yield f"    <testcase{case}>"
    yield f"      <{tag}{wrong}>{said}</{tag}>"
    yield "    </testcase>"


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}"


def _attributes(**values: object) -> str:
    """Attributes with a space before each; those without a value are left out."""
    return "".join(
        f" {name}={quoteattr(_characters(str(value)), _LINE_ENDS)}"
        for name, value in values.items()
        if value is not None
    )


def _text(text: str) -> str:
    return escape(_characters(text))


def _characters(text: str) -> str:
    """Characters that XML cannot hold as their escapes."""
    return _NO_XML.sub(lambda found: f"\\u{{{ord(found.group()):x}}}", text)
