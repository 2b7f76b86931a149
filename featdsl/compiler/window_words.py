"""Windows in plain English."""

from __future__ import annotations

from typing import Final

from featdsl.compiler.phrases import duration_words, ticked
from featdsl.ir import expr as ir
from featdsl.text.names import short_name
from featdsl.types.duration import Duration
from featdsl.types.step import calendar_unit

AS_OF: Final = "the as-of time"


def window_words(window: ir.AnyWindow) -> str:
    """Both ends, exactly."""
    if isinstance(window, ir.NextWindow):
        return f"from {AS_OF} up to, but not including, {duration_words(window.length)} after it"
    if window.last is not None:
        newest = "the newest" if window.last == 1 else f"the {window.last} newest"
        return f"{_stretch_words(window.uncapped)}, and of those that count only {newest}"
    return _stretch_words(window)


def _stretch_words(window: ir.Window) -> str:
    anchor = _anchor(window)
    if window.since is not None:
        upto = f"up to, but not including, {anchor}"
        return f"from the start of the {window.since} of {anchor} {upto}"
    if window.start is None and not window.end_closed and _at_as_of(window.end):
        return f"at any time before {anchor}"
    if window.start is None:
        start, it = "from the beginning", anchor
    elif _at_as_of(window.start):
        start, it = f"from {'' if window.start_closed else 'just after '}{anchor}", "it"
    else:
        just = "from" if window.start_closed else "from just after"
        start, it = f"{just} {_start_words(window)} before {anchor}", "it"
    end = it if _at_as_of(window.end) else f"{_length(window.end)} before {it}"
    upto = "up to and including" if window.end_closed else "up to, but not including,"
    return f"{start} {upto} {end}"


def _anchor(window: ir.Window) -> str:
    """What the ends of a window are counted from."""
    if window.aligned is None:
        return AS_OF
    unit = calendar_unit(window.aligned)
    if unit is not None:
        return f"the start of the {unit} of {AS_OF}"
    return f"the last boundary of {duration_words(window.aligned)} (UTC) before or at {AS_OF}"


def over_words(window: ir.AnyWindow) -> str:
    """As a clause after what is measured: ``over the 90 days before the as-of time``.

    Plain windows only say their length; `window_words` says their ends.
    """
    if isinstance(window, ir.NextWindow):
        return f"in the {duration_words(window.length)} after {AS_OF}"
    if window.last is not None:
        newest = "the newest row" if window.last == 1 else f"the {window.last} newest rows"
        if window.uncapped == ir.LIFETIME:
            return f"over {newest} before {AS_OF}"
        stretch = over_words(window.uncapped)
        of = stretch.replace("over ", "of ", 1) if stretch.startswith("over ") else stretch
        return f"over {newest} {of}"
    return _over_stretch(window)


def _start_words(window: ir.Window) -> str:
    """How far back a window begins: a length, or the parameter that says it."""
    assert window.start is not None
    if window.parameter is not None:
        return ticked(f"${short_name(window.parameter.name)}")
    return duration_words(window.start)


def _over_stretch(window: ir.Window) -> str:
    anchor = _anchor(window)
    if window.since is not None:
        return f"from the start of the {window.since} to {anchor}"
    plain = window.start_closed and not window.end_closed
    if plain and window.start is not None and _at_as_of(window.end):
        return f"over the {_start_words(window)} before {anchor}"
    same_unit = (
        window.start is not None
        and window.end is not None
        and window.start.unit == window.end.unit
        and window.end.amount > 0
    )
    if plain and same_unit:
        assert window.start is not None
        return f"from {window.start.amount} to {_length(window.end)} before {anchor}"
    if plain and window.start is None and _at_as_of(window.end):
        return f"over all time before {anchor}"
    return f"over the time {window_words(window)}"


def _at_as_of(end: Duration | None) -> bool:
    return end is None or end.amount == 0


def _length(end: Duration | None) -> str:
    assert end is not None
    return duration_words(end)
