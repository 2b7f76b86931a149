"""Instants that are written, or that a parameter or constant gives."""

from __future__ import annotations

from datetime import date, datetime

from featdsl.diagnostics import catalog
from featdsl.semantics.constants import fold
from featdsl.semantics.environment import Env, Place
from featdsl.semantics.names import NoNames
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind


def moment(node: nodes.InstantLit | nodes.ParamRef, env: Env) -> datetime | None:
    """The instant in UTC, a date as its midnight; None where it was reported."""
    value = env.moved(place=Place.CONSTANT, names=NoNames(), as_of=False).resolve(node)
    if value.dtype.is_error:
        return None
    known = fold(value)
    found = None if known is None else known.value
    if isinstance(found, datetime):
        return found
    if isinstance(found, date):
        return datetime(found.year, found.month, found.day)
    if value.dtype.kind in (Kind.DATE, Kind.TIMESTAMP):
        return None  # a parameter without a value: reported
    env.report(
        catalog.ARGUMENT_TYPE.at(node.span, f"an instant is needed, this is {value.dtype}").help(
            "declare the parameter as `date` or `timestamp`"
        )
    )
    return None
