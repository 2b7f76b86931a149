"""A case: a project, rows, and what is asked of them; what it takes to see a difference again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Program
from featdsl.semantics.surroundings import Surroundings
from featdsl.text.sources import SourceSet
from tests.harness.generate.columns import BATCH

PROJECT = "p"
TODAY = date(2024, 3, 31)
"""What defaults of parameters know as the day."""
_QUIET = ("missing-description", "missing-owner", "untested-feature")

Row = Mapping[str, Any]
Stored = Mapping[str, Sequence[Row]]
"""Stored rows of sources, by full name."""
Key = tuple[Any, ...]
Table = dict[Key, dict[str, Any]]
"""By key, values of features by their short names."""
Asked = tuple[Any, ...]
"""A row of a spine: a column that is carried along, the key's parts, the time."""


@dataclass(frozen=True)
class Spine:
    """Rows that ask for values of an entity."""

    entity: str
    rows: Sequence[Asked]


@dataclass(frozen=True)
class Case:
    """``check`` names what is compared; the rest is what it is given.

    ``how`` is the way in which values are asked for; ``population`` whether the entity's says
    which keys there are; ``ahead`` turns windows of a group into those of labels.
    """

    check: str
    text: str
    zone: str
    stored: Stored
    as_of: datetime
    how: str = "plain"
    population: bool = True
    spine: Spine | None = None
    group: str | None = None
    until: datetime | None = None
    ahead: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def batches(self) -> list[int]:
        """Numbers of the sets of rows that are put into one; none where it is one set."""
        rows = [row for rows in self.stored.values() for row in rows]
        asked = set() if self.spine is None else {row[1] for row in self.spine.rows}
        return sorted({row[BATCH] for row in rows} | asked)

    def split(self, *, batched: bool) -> Iterator[tuple[int | None, Case]]:
        """Each set of rows by itself, with its number."""
        if not batched:
            yield None, self
            return
        for number in self.batches:
            yield number, self.only({number})

    def only(self, numbers: set[int]) -> Case:
        """With some of the sets of rows."""
        stored = {n: [r for r in rows if r[BATCH] in numbers] for n, rows in self.stored.items()}
        spine = self.spine
        if spine is not None:
            spine = replace(spine, rows=[r for r in spine.rows if r[1] in numbers])
        return replace(self, stored=stored, spine=spine)


class Refused(Exception):
    """A project that the compiler does not take: its slug, and the text of all errors."""


def files_of(text: str) -> dict[str, str]:
    """The files of a project, by name."""
    first, *others = re.split(r"^#: (\S+)\n", text, flags=re.MULTILINE)
    return {"t.feat": first, **dict(zip(others[::2], others[1::2], strict=True))}


@lru_cache(maxsize=64)
def compiled(text: str, zone: str, project: str = PROJECT) -> Program:
    """The program of a project; a line `#: x.feat` begins another file.

    Raises:
        Refused: it has errors.
    """
    quiet = dict.fromkeys(_QUIET, "off")
    options = Options(project, timezone=zone, lint=quiet, surroundings=Surroundings(TODAY))
    compilation = compile_project(SourceSet.of(files_of(text)), options)
    if not compilation.ok:
        errors = [d for d in compilation.diagnostics if d.severity.name == "ERROR"]
        raise Refused(errors[0].code.slug, render_text(errors, compilation.texts))
    return compilation.program


def is_batched(program: Program) -> bool:
    """Whether every key begins with the number of a set of rows."""
    return any(k.name == BATCH for e in program.entities.values() for k in e.keys)
