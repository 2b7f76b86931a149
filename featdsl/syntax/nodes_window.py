"""The syntax tree of windows: what was written, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from featdsl.syntax.nodes_base import DurationLit, Ident, IntLit, Node, ParamRef


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window(Node):
    aligned: DurationLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationWindow(_Window):
    """``7d``."""

    length: DurationLit


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeWindow(_Window):
    """``14d..7d``, ``7d<..=0d``, ``lifetime..7d``; both ends are distances back from t.

    `start` None is `lifetime`. By default the start is inside and the end is not.
    """

    start: DurationLit | None
    end: DurationLit
    start_open: bool = False
    end_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimeWindow(_Window):
    """``lifetime``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastEventsWindow(_Window):
    """``last 10 events``, ``last 10 events in 90d``."""

    count: IntLit
    within: DurationWindow | RangeWindow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceStartWindow(_Window):
    """``since start of month``."""

    unit: Ident


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWindow(_Window):
    """``next 30d``."""

    length: DurationLit


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamWindow(_Window):
    """``$w``: a constant (also a list of windows), loop variable or template argument."""

    param: ParamRef


Window: TypeAlias = (
    DurationWindow
    | RangeWindow
    | LifetimeWindow
    | LastEventsWindow
    | SinceStartWindow
    | NextWindow
    | ParamWindow
)
