"""A month is taken for thirty days."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.semantics.lint.subject import Subject
from featdsl.text.span import Span
from featdsl.types.duration import Duration


def month_window(subject: Subject) -> None:
    """Calendar windows have the length of the months they cover: 28 to 31 days."""
    for _, feature in subject.members():
        if feature.window is not None and _is_month(feature.window):
            _report(feature.window, feature.name_span, subject)
            continue
        for at in walk(feature.expr):
            window = at.window if isinstance(at, ir.Aggregate) else None
            if window is not None and _is_month(window):
                _report(window, at.span, subject)


def _length(window: ir.AnyWindow) -> Duration | None:
    return window.length if isinstance(window, ir.NextWindow) else window.start


def _is_month(window: ir.AnyWindow) -> bool:
    length = _length(window)
    return length is not None and length.unit == "month"


def _report(window: ir.AnyWindow, span: Span, subject: Subject) -> None:
    start = _length(window)
    assert start is not None
    days = start.amount * 30
    subject.report(
        catalog.MONTH_WINDOW.at(
            span, f"the window `{window}` is a calendar length: {start} is not {days}d"
        ).help(f"where every value should cover the same time, write `{days}d`")
    )
