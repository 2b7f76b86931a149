"""What a run publishes for requests: what features that rest on inputs read of each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp

from featdsl.compiler.parts import request_parts
from featdsl.engines.duckdb import Session
from featdsl.files.digest import sha256
from featdsl.files.errors import explained
from featdsl.ir.program import Group, Program
from featdsl.project.as_of import AsOf
from featdsl.runs.outputs import Wanted, compute
from featdsl.store.record import ColumnUse, FileUse, PartsUse

PARTS = "parts.parquet"
"""Name of the file beside the published values."""


def with_parts(program: Program, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Groups that are published, with those of which requests ask alone: keys without features."""
    found = {w.group.name: w for w in wanted}
    if not any(g.requests for g in program.groups.values()):
        return list(wanted)
    parts = request_parts(program).features

    def asked(group: Group) -> bool:
        listed = group.relation or program.entities[group.entity].population
        return bool(parts.get(group.name) or (group.requests and listed))

    return [
        found.get(group.name) or Wanted(group, ())
        for group in program.groups.values()
        if group.name in found or asked(group)
    ]


def program_of(program: Program, wanted: Wanted) -> Program:
    """The program that says which keys a group has: of one without features, by what is read."""
    return program if wanted.features else request_parts(program).program


def write_parts(
    session: Session,
    program: Program,
    wanted: Wanted,
    as_of: AsOf,
    scans: Mapping[str, exp.Table],
    beside: Path,
) -> PartsUse | None:
    """Compute what requests read of a group's keys and that is not published, into a file.

    Raises:
        EngineError, Failure: as `compute`.
        FileError: the file cannot be read again.
    """
    if not any(g.requests for g in program.groups.values()):
        return None
    found = request_parts(program)
    taken = {f.name for f in wanted.features}
    own = found.features.get(wanted.group.name, {})
    chosen = tuple(f for name, f in own.items() if name not in taken)
    if not chosen:
        return None
    group = found.program.groups[wanted.group.name]
    path = beside.with_name(PARTS)
    part = Wanted(group, chosen)
    compute(session, found.program, part, as_of=as_of.instant, scans=scans, file=path)
    with explained(path, doing="read"):
        file = FileUse(path=path.name, bytes=path.stat().st_size, sha256=sha256(path))
    return PartsUse(
        columns=tuple(
            ColumnUse(name=f.short, dtype=str(f.dtype), fingerprint=found.prints[f.name])
            for f in chosen
        ),
        file=file,
    )
