"""What a baseline has of a measure: what its run kept, or what its files say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from featdsl.checks.drift import DECILES, dtype_of
from featdsl.checks.ks import PERCENTILES
from featdsl.checks.spec import Kept
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.files.digest import sha256
from featdsl.ir.program import CheckKind, Expectation
from featdsl.runs.distribution import distribution
from featdsl.runs.history import kept_in
from featdsl.runs.rowset import Context
from featdsl.sql import build, statements
from featdsl.store.current import Current, data_path
from featdsl.store.history import space_of
from featdsl.store.record import RunRecord

DRIFTS = {CheckKind.DRIFT: DECILES, CheckKind.KS: PERCENTILES}
"""Kinds that are compared with a baseline, where one is pinned; shares at which bins end."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is compared with: ``baseline`` is the run, where it is a pinned one."""

    kept: Kept | None = None
    baseline: str | None = None


def before_baseline(
    context: Context, subject: str, measure: str, expectation: Expectation
) -> Before | None:
    """What a pinned run has of a measure; None where none is pinned.

    What it kept is enough. Where it kept nothing of it, since nobody asked then, the file that it
    published says the same, exactly.

    Raises:
        EngineError: its file cannot be read.
    """
    history = context.history
    run = None if history is None else history.baseline(subject)
    if history is None or run is None or expectation.kind not in DRIFTS:
        return None
    record = history.pinned(run)
    if record is None:
        return Before(None, run)
    kept = kept_in(record, measure)
    return Before(kept or _from_file(context, record, subject, expectation), run)


def _from_file(
    context: Context, record: RunRecord, subject: str, expectation: Expectation
) -> Kept | None:
    """The distribution of a column in what a run published of a group."""
    (name,) = expectation.columns
    dtype = dtype_of(expectation)
    made = next((o for o in record.outputs if o.group == subject and o.folder), None)
    if made is None or made.format != "parquet" or context.history is None:
        return None
    if not any(c.name == name and c.dtype == str(dtype) for c in made.columns):
        return None
    pointer, space = Current.of(made, record.run), space_of(record)
    paths = [data_path(context.history.target, space, pointer, f) for f in made.files]
    try:
        if any(sha256(p) != f.sha256 for p, f in zip(paths, made.files, strict=True)):
            return None
    except OSError:
        return None
    files = exp.Array(expressions=[build.text(str(p)) for p in paths])
    relation = statements.table_function("read_parquet", files, {})
    return distribution(
        context.session,
        lambda: exp.Select().from_(relation.copy()),
        build.col(name),
        dtype,
        DRIFTS[expectation.kind],
    )


def lacking(expectation: Expectation, run: str) -> Diagnostic:
    """That nothing could be compared, since a baseline has nothing of it."""
    text = " ".join(expectation.text.removeprefix("expect ").split())
    message = f"`{text}` is not compared: the baseline {run} has nothing of it"
    return catalog.NO_BASELINE.at(expectation.span, message).help(
        "pin a run that took the measure, or whose files are still there: `featc runs pin RUN`"
    )
