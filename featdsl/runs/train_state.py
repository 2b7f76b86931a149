"""What a training set under way knows, filled in stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlglot import exp

from featdsl.compiler.training import AUDIT
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Dataset, SpineRows
from featdsl.planning.training import AS_OF
from featdsl.runs.outputs import Format
from featdsl.runs.spine import SpineInput, StagedSpine
from featdsl.runs.state import Run
from featdsl.runs.train_counts import PointCounts
from featdsl.sql import build
from featdsl.types.dtype import TIMESTAMP


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, as `featdsl.runs.train.train` explains."""

    spine: SpineInput | None = None
    labels_until: datetime | None = None
    mature: bool = False
    out: Path | None = None
    receive: Callable[[Session, exp.Select], None] | None = None

    @property
    def format(self) -> Format:
        return "csv" if self.out is not None and self.out.suffix.lower() == ".csv" else "parquet"


@dataclass(slots=True)
class Training:
    """A training set under way.

    ``spine`` is None where it is a grid: the SQL makes it. ``untils`` are times up to which
    labels are known, by source; null where the source has no rows. ``rows`` is the table of
    computed rows, in order, with the audit columns; ``columns`` are the others, with the
    engine's types.
    """

    run: Run
    dataset: Dataset
    asked: Asked
    spine: StagedSpine | None = None
    points: PointCounts | None = None
    untils: dict[str, datetime | None] = field(default_factory=dict)
    rows: exp.Table = field(init=False)
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of a computed row that hold the entity's keys."""
        if self.spine is not None:
            return self.spine.table.keys
        return tuple(k.name for k in self.run.program.entities[self.dataset.entity].keys)

    @property
    def time_column(self) -> str:
        """The column of a computed row that holds its as-of time, or day."""
        if self.spine is not None and self.spine.kind != "source":
            return self.spine.table.time
        spine = self.dataset.spine
        return spine.at if isinstance(spine, SpineRows) else AS_OF

    @property
    def time(self) -> exp.Expr:
        """The as-of time of a computed row."""
        return build.cast(build.col(self.time_column), TIMESTAMP)

    @property
    def result(self) -> exp.Select:
        """The rows that are handed on, in order, without the audit columns."""
        columns = [build.col(c) for c in self.columns]
        query = exp.Select(expressions=columns).from_(self.rows.copy(), copy=False)
        return query.where(build.col(AUDIT[2]), copy=False) if self.asked.mature else query
