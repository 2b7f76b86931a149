"""Windows: what is written, as ends before the as-of time."""

from __future__ import annotations

from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.semantics.environment import Env, ListValue
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind
from featdsl.types.duration import Duration
from featdsl.types.step import DAY_MICROS, wrong_step

_SHORTEST_MONTH = 28 * DAY_MICROS
_LONGEST_MONTH = 31 * DAY_MICROS
# The longest that a unit may have lasted; a day has an hour more where clocks are put back.
_HOUR = DAY_MICROS // 24
_SINCE = {
    "minute": _HOUR // 60,
    "hour": _HOUR,
    "day": DAY_MICROS + _HOUR,
    "week": 7 * DAY_MICROS + _HOUR,
    "month": _LONGEST_MONTH + _HOUR,
    "quarter": 3 * _LONGEST_MONTH,
    "year": 366 * DAY_MICROS,
}
UNITS = tuple(_SINCE)


def window_of(node: nodes.Window, env: Env) -> ir.AnyWindow | None:
    """One window; None where it was reported."""
    if isinstance(node, nodes.NextWindow):
        return _next(node, env)
    window = _unaligned(node, env)
    return None if window is None else _aligned(window, node, env)


def _unaligned(node: nodes.Window, env: Env) -> ir.Window | None:
    match node:
        case nodes.DurationWindow():
            return checked(ir.Window(start=node.length.value), node.span, env.report)
        case nodes.RangeWindow():
            return _range(node, env)
        case nodes.ParamWindow():
            return _param(node, env)
        case nodes.LastEventsWindow():
            return _last(node, env)
        case nodes.SinceStartWindow():
            return _since(node, env)
    return ir.LIFETIME


def _aligned(window: ir.Window, node: nodes.Window, env: Env) -> ir.Window | None:
    """The window with its own step, else with that of its group."""
    if node.aligned is None:
        return in_group(window, env)
    step = step_of(node.aligned, env)
    return None if step is None else replace(window, aligned=step)


def in_group(window: ir.Window, env: Env) -> ir.Window:
    """A window that says nothing of a step: it is aligned as its group is."""
    return window if env.aligned is None else replace(window, aligned=env.aligned)


def step_of(node: nodes.DurationLit, env: Env) -> Duration | None:
    """The step that `aligned` names; None where it was reported."""
    why = wrong_step(node.value)
    if why is None:
        return node.value
    env.report(
        catalog.ALIGNED_STEP.at(
            node.span, f"windows cannot be aligned to `{node.value}`: {why}"
        ).help("steps are `1d`, `1w`, `1month`, `1quarter`, `1year`, and parts of a day: `15min`")
    )
    return None


def _last(node: nodes.LastEventsWindow, env: Env) -> ir.Window | None:
    within: ir.Window | None = ir.LIFETIME
    if node.within is not None:
        within = _unaligned(node.within, env)
    if node.count.value == 0:
        env.report(
            catalog.EMPTY_WINDOW.at(node.count.span, "a window of the last 0 events has no row")
        )
        return None
    return None if within is None else replace(within, last=node.count.value)


def _since(node: nodes.SinceStartWindow, env: Env) -> ir.Window | None:
    if node.unit.text in UNITS:
        return ir.Window(since=node.unit.text)
    env.report(
        catalog.SINCE_UNIT.at(
            node.unit.span, f"`{node.unit.text}` is no unit of the calendar or the clock"
        ).help(did_you_mean(node.unit.text, UNITS, what="units"))
    )
    return None


def _next(node: nodes.NextWindow, env: Env) -> ir.NextWindow | None:
    length = node.length.value
    if not env.labels:
        env.report(
            catalog.LOOKS_FORWARD.at(
                node.span, f"a feature cannot look forward: `next {length}` is after the as-of time"
            ).help("what happens next is a label: `labels g for e from s { … }`")
        )
        return None
    if node.aligned is not None:
        env.report(
            catalog.ALIGNED_FORWARD.at(
                node.aligned.span,
                f"`next {length}` cannot be aligned: it would begin before the as-of time",
            ).help("a label looks ahead from the as-of time; align the times of the spine instead")
        )
        return None
    if shortest(length) > 0:
        return ir.NextWindow(length=length)
    found = catalog.EMPTY_WINDOW.at(node.span, f"the window `next {length}` has no length")
    env.report(found.help("a label looks ahead from the as-of time: `next 30d`"))
    return None


def _range(node: nodes.RangeWindow, env: Env) -> ir.Window | None:
    end = node.end.value
    window = ir.Window(
        start=None if node.start is None else node.start.value,
        end=None if end.amount == 0 else end,
        start_closed=not node.start_open,
        end_closed=node.end_closed,
    )
    return checked(window, node.span, env.report)


def _param(node: nodes.ParamWindow, env: Env) -> ir.Window | None:
    windows = param_windows(node, env)
    if windows is None:
        return None
    if len(windows) != 1:
        env.report(
            catalog.NOT_A_LIST_PLACE.at(
                node.span, f"`${node.param.name}` is a list, and one window is needed here"
            ).help(f"a family has several: `name[${node.param.name}] = …`")
        )
        return None
    return windows[0]


def param_windows(node: nodes.ParamWindow, env: Env) -> list[ir.Window] | None:
    """The windows that a constant or loop variable stands for."""
    value = env.dollars.resolve(node.param.name, node.span, env)
    if value is None:
        return None
    items = value.items if isinstance(value, ListValue) else (value,)
    windows: list[ir.Window] = []
    for item in items:
        if item.dtype.is_error:
            return None
        length = getattr(item, "value", None)
        if item.dtype.kind is not Kind.DURATION or not isinstance(length, Duration):
            env.report(
                catalog.NOT_A_WINDOW.at(
                    node.span, f"`${node.param.name}` is no length of time: it is {item.dtype}"
                ).help("a window is a length of time: `7d`, `12h`, `3month`")
            )
            return None
        parameter = item if isinstance(item, ir.Param) else None
        window = checked(ir.Window(start=length, parameter=parameter), node.span, env.report)
        if window is None:
            return None
        windows.append(window)
    return windows


def family_windows(node: nodes.ParamWindow, env: Env) -> list[ir.Window] | None:
    """The windows of a family that a constant or loop variable stands for."""
    windows = param_windows(node, env)
    if any(w.parameter is not None for w in windows or ()):
        env.report(
            catalog.NOT_CONSTANT.at(
                node.span, f"`${node.param.name}` is a parameter, and a family's names are fixed"
            ).help("take a constant: `const w = [7d, 30d]`, or one feature: `f = … over $w`")
        )
        return None
    aligned = [_aligned(w, node, env) for w in windows or ()]
    found = [w for w in aligned if w is not None]
    return None if windows is None or len(found) < len(windows) else found


def shortest(d: Duration) -> int:
    """The least number of microseconds that a duration may take."""
    return d.months * _SHORTEST_MONTH if d.is_calendar else d.micros


def longest(d: Duration) -> int:
    return d.months * _LONGEST_MONTH if d.is_calendar else d.micros


def checked(window: ir.Window, span: Span, report: Report) -> ir.Window | None:
    """The window, if it can hold a row."""
    if window.start is None:
        return window
    end = 0 if window.end is None else shortest(window.end)
    start = longest(window.start)
    if start > end or (start == end and window.start_closed and window.end_closed):
        return window
    if window.end is not None and shortest(window.end) > 0:
        found = catalog.EMPTY_WINDOW.at(span, f"the window `{window}` ends before it starts")
        report(found.help(f"the earlier end comes first: `{window.end}..{window.start}`"))
    else:
        found = catalog.EMPTY_WINDOW.at(span, f"the window `{window}` has no length")
        report(found.help("a window reaches back from the as-of time: `7d`, or `lifetime` for all"))
    return None


def check_visible(window: ir.AnyWindow, span: Span, relation: RelationInfo, env: Env) -> None:
    """Warn of a window that ends before its rows can be seen; labels see rows of any time."""
    if env.labels or isinstance(window, ir.NextWindow):
        return
    reach = _reach(window)
    if relation.delay is None or reach is None or reach > shortest(relation.delay):
        return
    env.report(
        catalog.WINDOW_WITHIN_DELAY.at(
            span,
            f"the window `{window}` never sees a row: "
            f"rows of `{relation.short}` are available after {relation.delay}",
        )
        .because(relation.delay_span, "declared here")
        .help(f"a window longer than {relation.delay} sees rows")
    )


def _reach(window: ir.Window) -> int | None:
    """How far a window reaches back from the as-of time, at most; None for lifetime."""
    if window.since is not None:
        start = _SINCE[window.since]
    elif window.start is not None:
        start = longest(window.start)
    else:
        return None
    return start if window.aligned is None else start + longest(window.aligned)


def suffix(window: ir.AnyWindow) -> str:
    """What a family appends to its name.

    ``_7d``, ``_lifetime``, ``_14d_7d``, ``_next_30d``, ``_last_10``, ``_last_10_7d``, and
    ``_month`` for `since start of month`. A step adds nothing.
    """
    if isinstance(window, ir.NextWindow):
        return f"_next_{window.length}"
    if window.last is not None:
        stretch = replace(window, last=None, aligned=None)
        return f"_last_{window.last}{'' if stretch == ir.LIFETIME else suffix(stretch)}"
    if window.since is not None:
        return f"_{window.since}"
    start = "lifetime" if window.start is None else str(window.start)
    if window.end is None and not window.end_closed:
        return f"_{start}"
    return f"_{start}_{'0d' if window.end is None else window.end}"
