"""SQL of training sets: the rows of a spine, each with what was known at its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.statements import scan_of, table_names
from featdsl.ir.plan import Plan
from featdsl.ir.program import Program
from featdsl.ir.refs import group_of, needed, row_aggregates
from featdsl.ir.relations import roots
from featdsl.lowering.statement import lower
from featdsl.planning.optimize import optimize
from featdsl.planning.own_spine import build_spine
from featdsl.planning.rows import last_seen_rows
from featdsl.planning.steps import Steps
from featdsl.planning.training import AUDIT, SpineShape, build_training

__all__ = ["AUDIT", "SpineTable", "label_sources", "spine_query", "training_query", "until_query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineTable:
    """A table of spine rows.

    ``columns`` come out as they are, in order (key and time among them). ``keys`` hold the
    entity's key in the types of its keys, ``time`` the as-of time, a timestamp without zone in
    UTC: a row where one of them is null is unknown. ``row`` holds unique ints, the rows' order.
    ``hidden`` columns are read as inputs, and do not come out; ``sent`` as in `SpineShape`.
    """

    table: exp.Table
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    time: str
    row: str
    hidden: tuple[str, ...] = ()
    sent: Mapping[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> SpineShape:
        return SpineShape(
            columns=self.columns,
            keys=self.keys,
            time=self.time,
            row=self.row,
            hidden=self.hidden,
            sent=self.sent,
        )


def training_query(
    program: Program,
    dataset: str,
    *,
    spine: SpineTable | None = None,
    until: Mapping[str, datetime] | None = None,
    scans: Mapping[str, exp.Table] | None = None,
    population: bool = True,
    unlisted: Iterable[str] = (),
    audit: bool = False,
    reserved: Iterable[str] = (),
) -> exp.Select:
    """One SELECT with a row for each row of the spine, in the spine's order.

    Columns: the spine's, the data set's features, labels that are no spine columns, ``split``
    where the data set has one, and with `audit` three more, ``.row`` (an int), ``.status``
    ("known", "no key", "no time", "unknown key") and ``.mature`` (whether every label is known).

    Args:
        program: The checked program.
        dataset: The data set's full name.
        spine: Rows that are handed in; None for the data set's own source or grid.
        until: Naive UTC times up to which labels are known, by full name of their source; of
            others the largest time at which a row of theirs can be seen.
        scans: As in `group_query`.
        population: Whether the entity's population says which keys exist.
        unlisted: Other entities whose population does not say so.
        audit: Whether to add what is known of each row.
        reserved: Names that no step may have, beside those of scanned tables.
    """
    scans = scans or {}
    tables = {**scans, "": spine.table} if spine is not None else scans
    plan = optimize(
        build_training(
            program,
            dataset,
            spine=None if spine is None else spine.shape,
            until=until,
            given=[name for name in scans if name in program.views],
            unlisted=unlisted if population else (*unlisted, program.datasets[dataset].entity),
            audit=audit,
            reserved=table_names(tables).union(reserved),
        )
    )
    return lower(
        plan,
        scan=scan_of(program, scans),
        timezone=program.timezone,
        spine=None if spine is None else spine.table.copy(),
    )


def spine_query(
    program: Program,
    dataset: str,
    *,
    scans: Mapping[str, exp.Table],
    unlisted: Iterable[str] = (),
) -> tuple[exp.Select, SpineShape]:
    """The rows of a data set's own spine, numbered in the order in which they are stored."""
    shape, plan = build_spine(
        program,
        program.datasets[dataset],
        given=[name for name in scans if name in program.views],
        unlisted=unlisted,
        reserved=table_names(scans),
    )
    scan = scan_of(program, scans)
    return lower(optimize(plan), scan=scan, timezone=program.timezone), shape


def label_sources(program: Program, dataset: str) -> tuple[str, ...]:
    """Full names of the sources whose newest rows say up to when the labels are known."""
    found: dict[str, None] = {}
    for column in program.datasets[dataset].labels:
        if column.feature is None:
            continue
        for feature in needed(program, [column.feature]):
            relation = group_of(program, feature.name).relation
            if relation is not None and any(row_aggregates(feature.expr)):
                found |= dict.fromkeys(s.name for s in roots(program, relation))
    return tuple(found)


def until_query(
    program: Program, source: str, *, scans: Mapping[str, exp.Table] | None = None
) -> exp.Select:
    """One row and column: the largest time at which a row of the source can be seen.

    Null where it has no rows, or no time.
    """
    steps = Steps(program, reserved=table_names(scans or {}))
    last_seen_rows(steps, program.sources[source])
    plan = optimize(Plan(steps=tuple(steps.items)))
    return lower(plan, scan=scan_of(program, scans or {}), timezone=program.timezone)
