"""Windows: what is written, as ends before the as-of time."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.environment import Env, ListValue
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind
from featdsl.types.duration import Duration

_SHORTEST_MONTH = 28 * 86_400_000_000
_LONGEST_MONTH = 31 * 86_400_000_000


def window_of(node: nodes.Window, env: Env) -> ir.AnyWindow | None:
    """One window; None where it was reported."""
    if node.aligned is not None:
        env.report.unsupported(node.aligned.span, "`aligned`")
        return None
    match node:
        case nodes.DurationWindow():
            return checked(ir.Window(start=node.length.value), node.span, env.report)
        case nodes.LifetimeWindow():
            return ir.LIFETIME
        case nodes.RangeWindow():
            return _range(node, env)
        case nodes.ParamWindow():
            return _param(node, env)
        case nodes.LastEventsWindow():
            env.report.unsupported(node.span, "`last n events`")
        case nodes.SinceStartWindow():
            env.report.unsupported(node.span, "`since start of`")
        case nodes.NextWindow():
            return _next(node, env)
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
        if isinstance(item, ir.Param):
            env.report.unsupported(
                node.span, "a window from a parameter", "take a constant: `const w = 90d`"
            )
            return None
        window = checked(ir.Window(start=length), node.span, env.report)
        if window is None:
            return None
        windows.append(window)
    return windows


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
    if relation.delay is None or window.start is None:
        return
    if longest(window.start) > shortest(relation.delay):
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


def suffix(window: ir.AnyWindow) -> str:
    """What a family appends to its name: ``_7d``, ``_lifetime``, ``_14d_7d``, ``_next_30d``."""
    if isinstance(window, ir.NextWindow):
        return f"_next_{window.length}"
    start = "lifetime" if window.start is None else str(window.start)
    if window.end is None and not window.end_closed:
        return f"_{start}"
    return f"_{start}_{'0d' if window.end is None else window.end}"
