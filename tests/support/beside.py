"""A page that shows Python beside FEAT: both run on the same frames, and are compared by name.

The page is read from top to bottom. Its ``python`` blocks share one namespace, its ``feat`` blocks
build one project, as in literate tests. What a heading's Python assigns under the name of a
feature, as a Series or as a column of a frame with the group's name, is to be that feature as of
``t``; a frame with the name of a data set is to be its rows. Frames with the names of sources are
their stored rows. A ``python`` block that begins with ``# leaks`` runs on a copy of the namespace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.compiler.training import training_query
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Source
from featdsl.sql import build, statements
from featdsl.text.sources import SourceSet
from tests.support.literate import FENCE, sections

LEAKS = "# leaks"
OPTIONS = Options(project="shop", lint={"missing-description": "off", "missing-owner": "off"})
Names = dict[str, Any]
Column = dict[Any, Any]
"""Values by key, or by number of the row; null is None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below a heading, and the project's texts up to there.

    ``names`` is what its Python assigns, ``leaks`` what each block that leaks does instead.
    """

    title: str
    frames: Names
    names: Names
    leaks: tuple[Names, ...]
    texts: Mapping[str, str]

    def python(self, feature: str, group: str, names: Names | None = None) -> Column | None:
        """A feature's values by the page's Python; None where it has none."""
        found = self.names if names is None else names
        if isinstance(series := found.get(feature), pd.Series):
            return {key: _plain(value) for key, value in series.items()}
        frame = found.get(group)
        if isinstance(frame, pd.DataFrame) and feature in frame:
            return {key: _plain(value) for key, value in frame[feature].items()}
        return None

    def feat(self) -> dict[tuple[str, str], Column]:
        """Values of the section's features by names of feature and group; of data sets, if any."""
        compilation = compile_project(SourceSet.of(self.texts), OPTIONS)
        assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
        with duckdb.connect(config={"threads": 1}) as connection:
            scans = {
                name: _stored(connection, source, self.frames[source.short])
                for name, source in compilation.program.sources.items()
            }
            if compilation.program.datasets:
                return _training_sets(connection, compilation, scans)
            return _features(connection, compilation, scans, self.frames["t"])


def read_page(path: Path) -> list[Section]:
    """Run a page's Python from top to bottom: its sections that declare features."""
    texts: dict[str, str] = {}
    namespace: Names = {}
    found = []
    for text in sections(path.read_text(encoding="utf-8")):
        title = text.splitlines()[0].lstrip("# ")
        blocks = [(m["info"].split(), m["body"]) for m in FENCE.finditer(text)]
        python = [body for info, body in blocks if info == ["python"]]
        feat = {info[1]: body for info, body in blocks if info[0] == "feat" and len(info) > 1}
        feat.pop("fragment", None)
        texts = texts | feat
        before = dict(namespace)
        for code in python:
            if not code.startswith(LEAKS):
                exec(compile(code, title, "exec"), namespace)
        if "features.feat" in feat:
            section = Section(
                title=title,
                frames=dict(namespace),
                names=_assigned(before, namespace),
                leaks=tuple(_leaked(c, title, namespace) for c in python if c.startswith(LEAKS)),
                texts=texts,
            )
            found.append(section)
    return found


def _leaked(code: str, title: str, namespace: Names) -> Names:
    copy = dict(namespace)
    exec(compile(code, title, "exec"), copy)
    return _assigned(namespace, copy)


def _assigned(before: Names, after: Names) -> Names:
    return {name: value for name, value in after.items() if before.get(name) is not value}


def _stored(
    connection: duckdb.DuckDBPyConnection, source: Source, frame: pd.DataFrame
) -> exp.Table:
    """A frame as a table of exactly the source's columns in their types."""
    connection.register(f"{source.short} frame", frame)
    columns = [
        build.aliased(build.cast(build.col(name), column.dtype), name)
        for name, column in source.columns.items()
    ]
    query = exp.Select(expressions=columns).from_(build.table(f"{source.short} frame"))
    connection.execute(statements.create_table(source.short, query).sql("duckdb"))
    return build.table(source.short)


def _features(
    connection: duckdb.DuckDBPyConnection,
    compilation: Compilation,
    scans: Mapping[str, exp.Table],
    t: pd.Timestamp,
) -> dict[tuple[str, str], Column]:
    found: dict[tuple[str, str], Column] = {}
    as_of: datetime = t.to_pydatetime()
    for name, group in compilation.program.groups.items():
        query = group_query(compilation.program, name, as_of=as_of, scans=scans)
        result = connection.execute(query.sql("duckdb"))
        _, *features = [column[0] for column in result.description or ()]
        found |= {(feature, group.short): {} for feature in features}
        for row in result.fetchall():
            for feature, value in zip(features, row[1:], strict=True):
                found[feature, group.short][row[0]] = _plain(value)
    return found


def _training_sets(
    connection: duckdb.DuckDBPyConnection,
    compilation: Compilation,
    scans: Mapping[str, exp.Table],
) -> dict[tuple[str, str], Column]:
    found: dict[tuple[str, str], Column] = {}
    for name, dataset in compilation.program.datasets.items():
        query = training_query(compilation.program, name, scans=scans)
        result = connection.execute(query.sql("duckdb"))
        columns = [column[0] for column in result.description or ()]
        for column, values in zip(columns, zip(*result.fetchall(), strict=True), strict=True):
            found[column, dataset.short] = {i: _plain(v) for i, v in enumerate(values)}
    return found


def _plain(value: Any) -> Any:
    """A value without the marks of where it comes from; missing is None."""
    return None if pd.isna(value) else getattr(value, "item", lambda: value)()


def same(left: Any, right: Any) -> bool:
    """Equal; numbers to 1e-9."""
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return bool(left == right)
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
