"""``day_of_week(x)``: 1 Monday … 7 Sunday, in the project's zone."""

from __future__ import annotations

from featdsl.reference.calendar import day_of
from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: day_of(given.x, given.timezone).isoweekday())
