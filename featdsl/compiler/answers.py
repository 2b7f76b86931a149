"""SQL of answers to requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from featdsl.compiler.parts import Parts
from featdsl.compiler.statements import scan_of, table_names
from featdsl.compiler.training import SpineTable
from featdsl.lowering.statement import lower
from featdsl.planning.answers import PublishedSet, build_answers


def answers_query(
    parts: Parts,
    dataset: str,
    sets: Sequence[PublishedSet],
    tables: Mapping[str, exp.Table],
    spine: SpineTable,
) -> exp.Select:
    """One SELECT with a row for each row of the spine, in its order.

    Columns: the keys, the data set's features, and what is known of each row (`AUDIT`).

    Args:
        parts: What the data set's requests read.
        dataset: Its full name.
        sets: Published rows.
        tables: The tables that hold them, by the name of the set.
        spine: Rows that are asked about: keys, the as-of time, and the columns of inputs.
    """
    program = parts.program
    reserved = table_names({**tables, "": spine.table})
    plan = build_answers(program, dataset, parts.requests, sets, spine.shape, reserved=reserved)
    return lower(
        plan,
        scan=scan_of(program, tables),
        timezone=program.timezone,
        spine=spine.table.copy(),
    )
