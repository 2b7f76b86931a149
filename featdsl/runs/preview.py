"""A look at a few values: computed as a run computes them, and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.engines.duckdb import Session
from featdsl.files.atomic import make_folder
from featdsl.files.errors import explained
from featdsl.files.staging import staging
from featdsl.ir.expr import Scalar
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.execute import Observe, Progress, places_of, profile_of
from featdsl.runs.failures import told
from featdsl.runs.outputs import Computed, wanted_groups
from featdsl.runs.state import Run, Settings
from featdsl.runs.steps import STAGES
from featdsl.sql import build, statements
from featdsl.store.records import new_run_id
from featdsl.types.dtype import Kind

_STAGES = tuple(s for s in STAGES if s.name in ("find", "stage", "check data", "compute"))
_RANGED = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.DURATION})


@dataclass(frozen=True, slots=True)
class Range:
    """Of a feature's values over all keys; least and largest where values have an order."""

    nulls: int
    least: Any = None
    median: Any = None
    largest: Any = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Some rows of one group. ``rows`` are in the order of the keys: keys, then features.

    ``total`` counts the rows that there are; ``absent`` are keys that were asked for and that do
    not exist at the as-of time.
    """

    group: str
    keys: tuple[str, ...]
    features: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    ranges: Mapping[str, Range]
    absent: tuple[tuple[Scalar, ...], ...]
    warnings: tuple[Diagnostic, ...]


def preview(
    project: Project,
    compilation: Compilation,
    *,
    features: Sequence[str],
    as_of: AsOf,
    keys: Sequence[tuple[Scalar, ...]] = (),
    limit: int = 10,
    observe: Observe,
    now: datetime,
) -> Preview:
    """Compute features of one group and return some of their rows.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        features: Full names, of one group.
        as_of: The as-of time.
        keys: Whose values; in the types of the entity's keys. None for the first `limit`.
        limit: The most rows.
        observe: Is told of the progress.
        now: The clock, UTC without a zone.

    Raises:
        Failure: the data are not as declared, or the engine fails.
    """
    places = places_of(project)
    (wanted,) = wanted_groups(compilation.program, features)
    run = Run(
        settings=Settings(project=project, places=places, as_of=as_of, publish=False),
        compilation=compilation,
        wanted=[wanted],
        id=new_run_id(now),
        started=now,
    )
    with told():
        with explained(places.target):
            make_folder(places.target)
        with staging(places.out, run.id) as folder:
            run.staging = folder
            with Session(profile_of(project, places, folder / "spill")) as session:
                run.session = session
                for stage in _STAGES:
                    observe(Progress(stage, "started"))
                    run.step = lambda detail, s=stage: observe(Progress(s, "step", detail=detail))
                    stage.perform(run)
                    _stop_on_errors(run)
                return _look(run, run.computed[0], keys, limit)


def _stop_on_errors(run: Run) -> None:
    errors = [d for d in run.problems.sorted() if d.severity is Severity.ERROR]
    if errors:
        raise Failure(*errors)


def _look(run: Run, computed: Computed, keys: Sequence[tuple[Scalar, ...]], limit: int) -> Preview:
    names = (*computed.keys, *(f.short for f in computed.wanted.features))
    query = exp.Select(expressions=[build.col(n) for n in names]).from_(computed.relation.copy())
    if keys:
        query = query.where(exp.or_(*(_is(computed, key) for key in keys)))
    if computed.keys:
        query = query.order_by(*(build.col(k) for k in computed.keys))
    rows = run.session.execute(query.limit(max(limit, len(keys))))
    found = {row[: len(computed.keys)] for row in rows}
    return Preview(
        group=computed.wanted.group.name,
        keys=tuple(computed.keys),
        features=tuple(f.short for f in computed.wanted.features),
        rows=tuple(rows),
        total=computed.rows,
        ranges={f.short: _range(run.session, computed, f.short) for f in computed.wanted.features},
        absent=tuple(key for key in keys if key not in found),
        warnings=tuple(run.problems.sorted()),
    )


def _is(computed: Computed, key: tuple[Scalar, ...]) -> exp.Expr:
    types = [computed.columns[name] for name in computed.keys]
    equal = [
        exp.EQ(this=build.col(name), expression=build.literal(value, dtype))
        for name, value, dtype in zip(computed.keys, key, types, strict=True)
    ]
    return exp.and_(*equal)


def _range(session: Session, computed: Computed, name: str) -> Range:
    column = build.col(name)
    measures: list[exp.Expr] = [exp.Count(this=exp.Star()), exp.Count(this=column.copy())]
    ordered = computed.columns[name].kind in _RANGED
    if ordered:
        measures += [
            build.func("min", column.copy()),
            build.func("quantile_disc", column.copy(), exp.Literal.number("0.5")),
            build.func("max", column.copy()),
        ]
    query = exp.Select(
        expressions=[statements.named(m, f"m{i}") for i, m in enumerate(measures)]
    ).from_(computed.relation.copy())
    ((rows, present, *ends),) = session.execute(query)
    return Range(rows - present, *ends)
