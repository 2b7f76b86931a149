"""``hour_of_day(x)``: what clocks show in the project's zone."""

from __future__ import annotations

from featdsl.reference.calendar import local
from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: local(given.x, given.timezone).hour)
