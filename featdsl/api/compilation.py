"""A compilation as Python users see it: what is declared, what is wrong, its SQL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from featdsl.api.arguments import Moment, Selection, parameters, present
from featdsl.api.declared import Dataset, Entries, Feature, Group
from featdsl.api.describe import dataset_of, feature_of, group_of
from featdsl.api.diagnostics import Diagnostics, diagnostics_of
from featdsl.api.errors import compile_error, raising
from featdsl.compiler import compilation as compiler
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.manifest import Manifest
from featdsl.ir.program import Program
from featdsl.project.load import surroundings
from featdsl.text.sources import SourceSet

if TYPE_CHECKING:
    from featdsl.api.statements import Form


class Compilation:
    """Texts, compiled: what they declare and what is wrong with them.

    With mistakes, `features`, `groups` and `datasets` hold what is sound; `check` raises.

    Example:
        >>> compilation = featdsl.compile_text(text)
        >>> compilation.ok
        True
    """

    def __init__(
        self,
        compiled: compiler.Compilation,
        texts: SourceSet,
        diagnostics: Diagnostics,
        as_of: datetime | None = None,
        schema: str | None = None,
    ) -> None:
        self._compiled = compiled
        self._texts = texts
        self._as_of = as_of
        self._schema = schema
        self.diagnostics = diagnostics
        """Mistakes and warnings, by file and place."""

    @property
    def ok(self) -> bool:
        """Whether there is no mistake; warnings are none."""
        return not self.diagnostics.errors

    @property
    def name(self) -> str:
        """The project's name."""
        return self.program.project

    @property
    def timezone(self) -> str:
        """Where days, weeks and months begin: an IANA name such as ``Europe/Vienna``."""
        return self.program.timezone

    @property
    def program(self) -> Program:
        """The typed program, for tools: its classes may change between versions."""
        return self._compiled.program

    def check(self) -> None:
        """Do nothing where the texts have no mistakes.

        Raises:
            CompileError: they have, all of them, worded as `featc check` does.
        """
        if not self.ok:
            raise compile_error(self.diagnostics)

    @cached_property
    def manifest(self) -> Manifest:
        """Everything declared, as `featc compile --emit manifest` prints it: a pydantic model."""
        return self._compiled.manifest()

    @cached_property
    def features(self) -> Entries[Feature]:
        """All features in the order of the texts.

        Example:
            >>> project.features["spend_7d"].type
            'decimal(14, 2)'
        """
        return Entries(
            "feature",
            map(feature_of, self.manifest.features),
            about=lambda f: (f.type, f.doc or f.sentence),
        )

    @cached_property
    def labels(self) -> Entries[Feature]:
        """All labels in the order of the texts: what is predicted, with the features' fields."""
        return Entries(
            "label",
            map(feature_of, self.manifest.labels),
            about=lambda f: (f.type, f.doc or f.sentence),
        )

    @cached_property
    def groups(self) -> Entries[Group]:
        """All groups of features in the order of the texts."""
        return Entries(
            "group",
            (group_of(g, self.manifest, self.features) for g in self.manifest.groups),
            about=lambda g: (f"{len(g.features)} features of {g.entity}", g.doc or ""),
        )

    @cached_property
    def datasets(self) -> Entries[Dataset]:
        """All training sets in the order of the texts."""
        return Entries(
            "data set",
            map(dataset_of, self.manifest.datasets),
            about=lambda d: (f"{len(d.columns)} features, {len(d.labels)} labels", d.doc or ""),
        )

    def sql(
        self,
        selection: Selection = None,
        *,
        as_of: Moment | None = None,
        form: Form = "select",
        dialect: str = "duckdb",
        schema: str | None = None,
        source_schema: str | None = None,
    ) -> str:
        """Compile features and training sets to SQL; no data are touched.

        Args:
            selection: Selectors as on the command line, or names of data sets; one or a list.
                None for all features, one statement a group.
            as_of: The as-of time; ``"now"`` for when the SQL runs, ``"param"`` for a parameter
                ``$as_of``. Without it the project's, else ``"param"``, for a view or table
                ``"now"``. A training set has none.
            form: ``"select"``, ``"view"``, ``"table"``, ``"macro"``, which is called with the
                as-of time, or ``"dataset"``: the SELECT of training sets, of all without a
                selection.
            dialect: The engine that will run it: ``"duckdb"`` or ``"postgres"``.
            schema: Where a view, table or macro is made; None for the target's schema of
                ``featc.toml``, else for the namespace.
            source_schema: Where tables with the names of the sources are; None for the search
                path of Postgres and the files of DuckDB.

        Raises:
            CompileError: the texts have mistakes.
            ArgumentError: a selector matches nothing, or an argument has no meaning.
            RunError: the dialect cannot compute a feature with the same values.

        Example:
            >>> print(project.sql("spend", as_of="2026-10-01"))
        """
        from featdsl.api.statements import Target, statements

        where = schema or self._schema
        target = Target(form=form, dialect=dialect, schema=where, source_schema=source_schema)
        self.check()
        with raising(self._texts):
            found = statements(self.program, selection, target, as_of=as_of, setting=self._as_of)
        return "\n".join(found)

    def __repr__(self) -> str:
        return f"<featc {self._what()}: {self._counts()}>"

    def _what(self) -> str:
        return f"compilation {self.name}"

    def _counts(self) -> str:
        program = self.program
        features = sum(len(g.features) for g in program.groups.values())
        parts = [
            (features, "feature"),
            (len(program.groups), "group"),
            (len(program.datasets), "data set"),
        ]
        counted = [f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in parts if n]
        return ", ".join([*counted, repr(self.diagnostics).strip("<>")])

    def _repr_html_(self) -> str:
        from featdsl.site.html import element

        problems = element("pre", str(self.diagnostics)) if self.diagnostics else None
        parts = [element("p", f"featc {self._what()}: {self._counts()}"), problems]
        if self.ok:
            parts += [self.groups.table(), self.datasets.table() if self.datasets else None]
        return element("div", *parts)


def compile_text(
    text: str,
    *,
    name: str = "text.feat",
    project: str = "project",
    timezone: str = "UTC",
    params: Mapping[str, object] | None = None,
) -> Compilation:
    """Compile one text that is a project by itself; mistakes are diagnostics, not exceptions.

    Args:
        text: FEAT text.
        name: What diagnostics call it.
        project: The project's name.
        timezone: Where days, weeks and months begin; an IANA name.
        params: Values for parameters by name.

    Returns:
        What it declares and what is wrong with it.

    Raises:
        ValueError: there is no such time zone.

    Example:
        >>> compilation = featdsl.compile_text('entity customer { key id: int }')
        >>> compilation.diagnostics.errors
        <no problems>
    """
    import pytz

    if timezone not in pytz.all_timezones_set:
        from featdsl.api.errors import unknown

        raise unknown("time zone", timezone, pytz.all_timezones)
    options = Options(
        project=project,
        timezone=timezone,
        params=parameters(params),
        surroundings=surroundings(timezone, present(), os.environ),
    )
    compiled = compile_project(SourceSet.of({name: text}), options)
    found = diagnostics_of(compiled.diagnostics, compiled.texts)
    return Compilation(compiled, compiled.texts, found)
