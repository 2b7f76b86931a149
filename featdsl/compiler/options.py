"""What a compilation is told from outside, besides the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from featdsl.ir.program import Origin
from featdsl.ir.source import LockedColumns
from featdsl.semantics.own_attributes import OwnAttribute
from featdsl.semantics.surroundings import Surroundings

Level = Literal["error", "warn", "off"]


@dataclass(frozen=True, slots=True)
class Options:
    """A compilation's settings.

    ``params`` are overrides by short name, with where each comes from: text as typed on a
    command line, or a typed value. ``lint`` sets the level of warnings by slug.
    ``surroundings`` are what dynamic defaults of parameters read. ``locked`` are the columns of
    sources that declare none, by full name, or None where they are about to be read from the data.
    ``attributes`` are those that the project declares itself, by name.
    """

    project: str
    timezone: str = "UTC"
    params: Mapping[str, tuple[object, Origin]] = field(default_factory=dict)
    lint: Mapping[str, Level] = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)
    locked: Mapping[str, LockedColumns] | None = field(default_factory=dict)
    attributes: Mapping[str, OwnAttribute] = field(default_factory=dict)
