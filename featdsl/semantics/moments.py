"""Instants that are written, or that a parameter or constant gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from featdsl.diagnostics import catalog
from featdsl.ir.text import canonical
from featdsl.semantics.constants import fold
from featdsl.semantics.environment import Env, Place
from featdsl.semantics.names import NoNames
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC, and its canonical text: ``@2024-01-03``, ``$since``."""

    value: datetime
    written: str


def moment(node: nodes.InstantLit | nodes.ParamRef, env: Env) -> Moment | None:
    """The instant, a date as its midnight; None where it was reported."""
    value = env.moved(place=Place.CONSTANT, names=NoNames(), as_of=False).resolve(node)
    if value.dtype.is_error:
        return None
    known = fold(value)
    found = None if known is None else known.value
    if isinstance(found, datetime):
        return Moment(found, canonical(value))
    if isinstance(found, date):
        return Moment(datetime(found.year, found.month, found.day), canonical(value))
    if value.dtype.kind in (Kind.DATE, Kind.TIMESTAMP):
        return None  # a parameter without a value: reported
    env.report(
        catalog.ARGUMENT_TYPE.at(node.span, f"an instant is needed, this is {value.dtype}").help(
            "declare the parameter as `date` or `timestamp`"
        )
    )
    return None
