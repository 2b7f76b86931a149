"""``month_of_year(x)``: 1 … 12, in the project's zone."""

from __future__ import annotations

from featdsl.reference.calendar import day_of
from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: day_of(given.x, given.timezone).month)
