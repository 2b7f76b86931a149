"""What was published last of a group, to be computed again as of the time it was published for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.statements import group_query
from featdsl.engines.duckdb import Session
from featdsl.files.publish import DATA
from featdsl.ir.program import Feature, Program
from featdsl.runs.describe import group_fingerprints, parameter_use
from featdsl.runs.outputs import Wanted
from featdsl.runs.places import Places
from featdsl.runs.selftest.compare import Values
from featdsl.sources.sql import read_parquet
from featdsl.sql import build, statements
from featdsl.store.ledger import newest_first
from featdsl.store.record import OutputUse, RunRecord, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Values of the features of ``wanted`` as of ``at``, as a run published them."""

    wanted: Wanted
    at: datetime
    values: Values


def last_published(
    session: Session,
    program: Program,
    wanted: Wanted,
    places: Places,
    scans: Mapping[str, exp.Table],
) -> Published | None:
    """The last published values of some features of a group.

    None where nothing is published as Parquet, or a definition or a parameter has changed since.
    """
    found = _last_output(places, wanted.group.name)
    if found is None or not _same_parameters(found[0], program):
        return None
    record, output = found
    names = {c.name for c in output.columns}
    group = wanted.group
    whole = Wanted(group, tuple(f for f in _in_order(wanted) if f.short in names))
    if group_fingerprints(program, [whole])[group.name] != output.fingerprint:
        return None
    assert output.folder is not None, "only outputs with a folder are found"
    files = [places.target / DATA / output.folder / f.path for f in output.files]
    asked = Wanted(group, tuple(f for f in wanted.features if f.short in names))
    if not asked.features or not all(f.is_file() for f in files):
        return None
    query = group_query(
        program,
        group.name,
        as_of=record.as_of,
        features=[f.short for f in asked.features],
        scans=scans,
    )
    # As they are computed: what a file holds may be of a wider type.
    typed = [
        statements.named(
            exp.Cast(this=build.col(name), to=exp.DataType.build(dtype, dialect="duckdb")), name
        )
        for name, dtype in session.columns(query)
    ]
    stored = exp.Table(this=read_parquet(statements.texts([str(f) for f in files])))
    rows = session.execute(exp.Select(expressions=typed).from_(stored))
    count = len(program.entities[group.entity].keys)
    values = {row[:count]: row[count:] for row in rows}
    return Published(wanted=asked, at=record.as_of, values=values)


def _in_order(wanted: Wanted) -> list[Feature]:
    return sorted(wanted.group.features.values(), key=lambda f: f.index)


def _last_output(places: Places, group: str) -> tuple[RunRecord, OutputUse] | None:
    for record in newest_first(places.target, holding=f'"group": "{group}"'):
        if record.status is not Status.SUCCEEDED or record.trial:
            continue
        for output in record.outputs:
            if output.group == group and output.folder is not None:
                return (record, output) if output.format == "parquet" else None
    return None


def _same_parameters(record: RunRecord, program: Program) -> bool:
    """Whether all parameters have the values of that run; what a secret was nobody knows."""
    now = {(p.name, parameter_use(p).value) for p in program.params.values()}
    return {(p.name, p.value) for p in record.parameters} == now
