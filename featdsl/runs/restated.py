"""What was published for an as-of time beside what is published now: rows, cells, consumers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlglot import exp

from featdsl.engines.errors import EngineError
from featdsl.files.digest import sha256
from featdsl.ir.program import Program
from featdsl.runs.outputs import Computed
from featdsl.runs.state import Run
from featdsl.sql import build, statements
from featdsl.store.current import Current, data_path
from featdsl.store.history import published
from featdsl.store.record import FeatureProfile, RunRecord
from featdsl.store.restated import ConsumerHit, FeatureChange, RestateUse, SetRestated
from featdsl.text.amounts import count

_NEW, _OLD, _HERE = "now", "before", "featc here"


def compare_published(run: Run) -> str:
    """Compare what was computed with what it takes the place of; nothing of it stops the run."""
    assert run.because is not None, "only a run that repairs compares"
    sets = []
    for number, computed in enumerate(run.computed, 1):
        name = computed.wanted.group.name
        if name in run.repairs:
            run.step(name, number, len(run.computed))
            sets.append(_compared(run, computed, run.repairs[name]))
    hit = frozenset().union(*(s.hit for s in sets))
    consumers = tuple(_consumers(run.program, hit))
    run.restates = RestateUse(because=run.because, sets=tuple(sets), consumers=consumers)
    rows = sum(s.changed_rows + s.added_rows + s.removed_rows for s in sets)
    return f"{count(rows, 'row')} changed, {count(len(consumers), 'consumer')} hit"


def _compared(run: Run, computed: Computed, before: RunRecord) -> SetRestated:
    name = computed.wanted.group.name
    pointer = dict(published(before))[name]
    features = {f.short: f.name for f in computed.wanted.features}
    old = {c.name: c.dtype for c in pointer.columns}
    lacks = [n for n in features if n not in old]
    gone = [n for n in old if n not in features and n not in computed.keys]
    found = SetRestated(
        set=name,
        before=before.run,
        added=tuple(features[n] for n in lacks),
        removed=tuple(f"{name}.{n}" for n in gone),
    )
    both = {n: full for n, full in features.items() if n in old}
    profiles = _profiles(run, name, before)
    why, path = _readable(run, pointer, computed)
    if path is not None:
        try:
            counts = _counts(run, computed, path, {n: old[n] for n in both})
        except EngineError as error:
            why = f"its file cannot be read: {error.detail}"
        else:
            same, changed, added, removed, *cells = counts
            return found.model_copy(
                update={
                    "same_rows": same,
                    "changed_rows": changed,
                    "added_rows": added,
                    "removed_rows": removed,
                    "features": tuple(
                        _feature(full, n, *profiles.get(full, (None, None)))
                        for full, n in zip(both.values(), cells, strict=True)
                    ),
                }
            )
    unread = tuple(_feature(n, 0, *profiles.get(n, (None, None))) for n in both.values())
    return found.model_copy(update={"unread": why, "features": unread})


def _readable(run: Run, pointer: Current, computed: Computed) -> tuple[str | None, Path | None]:
    """The file that was published, or why it cannot be compared."""
    if pointer.format != "parquet":
        return f"it was written as {pointer.format}", None
    if not {c.name for c in pointer.columns} >= computed.keys.keys():
        return "it has other keys", None
    (file,) = pointer.files
    path = data_path(run.settings.places.target, run.settings.space, pointer, file)
    try:
        same = sha256(path) == file.sha256
    except OSError:
        return "its file is gone", None
    return (None, path) if same else ("its file is not as it was written", None)


def _counts(run: Run, computed: Computed, path: Path, both: Mapping[str, str]) -> list[int]:
    """Rows that are the same, changed, added and removed; then cells that differ, by feature."""
    before = statements.table_function("read_parquet", build.text(str(path)), {})
    keys = [*computed.keys]
    now = _side(computed.relation.copy(), [*keys, *both], _NEW)
    was = _side(before, [*keys, *both], _OLD)
    same_key = build.all_of(
        exp.EQ(this=build.col(k, _NEW), expression=build.col(k, _OLD)) for k in keys
    )
    here = build.is_null(build.col(_HERE, _NEW), negated=True)
    there = build.is_null(build.col(_HERE, _OLD), negated=True)
    paired = build.paren(exp.And(this=here, expression=there))
    types = computed.columns
    differs = [_differs(n, str(types[n]) == dtype) for n, dtype in both.items()]
    other: exp.Expr = exp.false()
    for one in differs:
        other = exp.Or(this=other, expression=build.paren(one.copy()))
    changed = exp.And(this=paired.copy(), expression=build.paren(other))
    unchanged = exp.And(this=paired.copy(), expression=exp.Not(this=build.paren(other.copy())))
    only_now = exp.And(this=here.copy(), expression=exp.Not(this=build.paren(there.copy())))
    only_was = exp.And(this=there.copy(), expression=exp.Not(this=build.paren(here.copy())))
    cells = [exp.And(this=paired.copy(), expression=build.paren(d)) for d in differs]
    conditions = (unchanged, changed, only_now, only_was, *cells)
    query = exp.Select(expressions=[statements.count_where(c) for c in conditions]).from_(now)
    query = query.join(was, on=exp.true() if same_key is None else same_key, join_type="full")
    doing = f"comparing `{computed.wanted.group.name}` with what was published"
    return [int(n) for n in run.session.execute(query, doing=doing)[0]]


def _side(relation: exp.Expr, columns: list[str], alias: str) -> exp.Subquery:
    values: list[exp.Expr] = [build.col(c) for c in columns]
    values.append(statements.named(exp.true(), _HERE))
    return statements.subquery(exp.Select(expressions=values).from_(relation), alias)


def _differs(name: str, same_type: bool) -> exp.Expr:
    """Whether a value is another one; of another type, unless both are null."""
    now, was = build.col(name, _NEW), build.col(name, _OLD)
    if same_type:
        return exp.NullSafeNEQ(this=now, expression=was)
    either = exp.Or(
        this=build.is_null(now, negated=True), expression=build.is_null(was, negated=True)
    )
    return build.paren(either)


def _profiles(
    run: Run, name: str, before: RunRecord
) -> dict[str, tuple[FeatureProfile | None, FeatureProfile | None]]:
    """Profiles of features, before and now."""
    was = {p.feature: p for o in before.outputs if o.group == name for p in o.profile}
    now = {p.feature: p for o in run.outputs if o.group == name for p in o.profile}
    return {n: (was.get(n), now.get(n)) for n in dict.fromkeys((*was, *now))}


def _feature(
    name: str, cells: int, was: FeatureProfile | None, now: FeatureProfile | None
) -> FeatureChange:
    return FeatureChange(
        feature=name,
        cells=cells,
        nulls_before=None if was is None else was.nulls,
        nulls_after=None if now is None else now.nulls,
        mean_before=None if was is None else was.mean,
        mean_after=None if now is None else now.mean,
    )


def _consumers(program: Program, hit: frozenset[str]) -> Iterator[ConsumerHit]:
    """Consumers that read features which changed, themselves or in a data set."""
    for consumer in program.consumers.values():
        read = dict.fromkeys(consumer.features)
        for name, dataset in program.datasets.items():
            if consumer.name not in program.readers(name):
                continue
            read |= dict.fromkeys(c.feature for c in dataset.columns if c.feature is not None)
        found = tuple(n for n in read if n in hit)
        if found:
            yield ConsumerHit(consumer=consumer.name, features=found)
