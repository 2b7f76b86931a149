"""Runs as people read them: a list, one of them, two of them beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featdsl.cli.screen import printable
from featdsl.cli.table import Column, table
from featdsl.project.as_of import show_instant
from featdsl.store.ledger import Unreadable, read_record
from featdsl.store.notices import NoticeFile
from featdsl.store.record import ChangeRecord, CheckStatus, InputUse, RunRecord
from featdsl.text.amounts import count, show_bytes, show_seconds

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.runs.compare import Difference
    from featdsl.store.leases import Running
    from featdsl.store.ledger import Entry

_GOOD = ("succeeded",)


def as_row(target: Path, entry: Entry) -> dict[str, Any]:
    """A line of the ledger, with what its record says of time, caller and sets."""
    row: dict[str, Any] = {
        "run": entry.id,
        "kind": entry.kind,
        "target": entry.target,
        "status": entry.status.value,
        "started": entry.started.isoformat(),
        "as_of": None if entry.as_of is None else entry.as_of.isoformat(),
        "seconds": None,
        "user": None,
        "sets": [],
        "readable": True,
    }
    try:
        record = read_record(target, entry)
    except Unreadable:
        return row | {"readable": False}
    if record.caller is not None:
        row["user"] = record.caller.user
    if isinstance(record, RunRecord):
        sets = [o.group for o in record.outputs]
        sets += [] if record.training is None else [record.training.dataset]
        return row | {"seconds": record.seconds, "sets": sets}
    return row | {"sets": [c.set for c in record.changes]}


def listing(
    screen: Screen,
    target: Path,
    known: Sequence[Entry],
    under_way: Sequence[Running],
    limit: int,
) -> Iterator[str]:
    """The newest runs, one a line; those under way above them."""
    if not known and not under_way:
        yield "nothing was run in this target yet: `featc run`"
        return
    rows: list[tuple[str, ...]] = []
    for run in reversed(under_way):
        state = "running" if run.alive(target) else "died"
        rows.append((run.id, run.record.kind, state, "", "", printable(_user(run.record))))
    for entry in known[:limit]:
        row = as_row(target, entry)
        seconds = "" if row["seconds"] is None else show_seconds(row["seconds"])
        at = "" if entry.as_of is None else show_instant(entry.as_of).removesuffix(" UTC")
        state = entry.status.value if row["readable"] else "unreadable"
        user = printable(row["user"] or "")
        rows.append((entry.id, entry.kind, state, at, seconds, user))
    status, took = Column("status", fixed=True), Column("took", right=True, fixed=True)
    yield from table(screen, ["run", "what", status, "as of (UTC)", took, "by"], rows)
    older = len(known) - limit
    if older > 0:
        yield ""
        yield f"and {count(older, 'older one')}: `featc runs --limit {len(known)}`"


def _user(record: RunRecord) -> str:
    return "" if record.caller is None else record.caller.user


def shown(screen: Screen, record: RunRecord | ChangeRecord) -> Iterator[str]:
    """All that people ask of a run."""
    good = record.status.value in _GOOD
    name, status = screen.style(record.run, "bold"), record.status.value
    yield f"{screen.mark(good)} {name}  {record.kind} {status}"
    yield ""
    yield from _facts(screen, _about(record))
    if isinstance(record, ChangeRecord):
        yield ""
        rows = [(printable(c.set), c.before or "", c.after or "") for c in record.changes]
        yield from table(screen, ["set", "before", "after"], rows)
        return
    for lines in (
        _parameters,
        _inputs,
        _rejected,
        _results,
        _checks,
        _trends,
        _stages,
        _notes,
        _problems,
    ):
        found = list(lines(screen, record))
        if found:
            yield ""
            yield from found


def told_of(screen: Screen, found: NoticeFile) -> Iterator[str]:
    """Who was told of a run, and who was not."""
    rows = [
        (printable(n.channel), n.kind, "told" if n.why is None else printable(n.why))
        for n in found.notices
    ]
    yield from table(screen, ["channel", "kind", found.event], rows)


def _facts(screen: Screen, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        yield f"  {screen.style(f'{name:<{width}}', 'dim')}  {printable(value)}"


def _about(record: RunRecord | ChangeRecord) -> list[tuple[str, str]]:
    pairs = [("project", record.project), ("target", record.target)]
    caller = record.caller
    if caller is not None:
        pairs.append(("by", f"{caller.user} on {caller.host}, process {caller.process}"))
        if caller.command:
            pairs.append(("command", " ".join(caller.command)))
    pairs.append(("started", show_instant(record.started)))
    if isinstance(record, ChangeRecord):
        return [*pairs, *([("because", record.because)] if record.because else [])]
    if record.seconds is not None:
        pairs.append(("took", show_seconds(record.seconds)))
    pairs.append(("as of", f"{show_instant(record.as_of)}, from {record.as_of_origin}"))
    if record.restates is not None:
        pairs.append(("restates", record.restates.because))
        hits = record.restates.consumers
        pairs += [("hit", f"{hit.consumer}: {', '.join(hit.features)}") for hit in hits]
    if record.code is not None:
        dirty = ", with changes" if record.code.dirty else ""
        pairs.append(("commit", f"{record.code.commit}{dirty}"))
    v = record.versions
    engine = f"{v.engine} {v.engine_version}"
    pairs.append(("versions", f"featc {v.featc}, {engine}, sqlglot {v.sqlglot}, Python {v.python}"))
    if record.ledger is not None:
        pairs.append(("entry", f"{record.ledger.entry:,} of the ledger"))
    return pairs


def _parameters(screen: Screen, record: RunRecord) -> Iterator[str]:
    rows = [
        (printable(p.name), "(secret)" if p.secret else printable(p.value or "null"), p.origin)
        for p in record.parameters
    ]
    if rows:
        yield from table(screen, ["parameter", "value", "from"], rows)


def _inputs(screen: Screen, record: RunRecord) -> Iterator[str]:
    rows = [
        (
            printable(i.source),
            _file_count(i),
            f"{i.rows:,}",
            f"{sum(d.rows for d in i.dropped):,}" if i.dropped else "",
            "" if i.oldest is None else show_instant(i.oldest).removesuffix(" UTC"),
            "" if i.newest is None else show_instant(i.newest).removesuffix(" UTC"),
            "" if i.days is None else f"{i.days:,}",
        )
        for i in record.inputs
    ]
    heads = [Column(h, right=True, fixed=True) for h in ("files", "rows", "dropped")]
    days = Column("days", right=True, fixed=True)
    if rows:
        yield from table(screen, ["source", *heads, "oldest (UTC)", "newest (UTC)", days], rows)


def _file_count(use: InputUse) -> str:
    empty = sum(f.rows == 0 for f in use.files)
    return f"{len(use.files):,}" + (f" ({empty:,} empty)" if empty else "")


def _rejected(screen: Screen, record: RunRecord) -> Iterator[str]:
    rows = [(printable(r.source), printable(r.file), f"{r.rows:,}") for r in record.rejected]
    if rows:
        right = Column("rows", right=True, fixed=True)
        yield from table(screen, ["rejected of", "file", right], rows)


def _results(screen: Screen, record: RunRecord) -> Iterator[str]:
    made = [(o.group, o.rows, len(o.columns), o.files) for o in record.outputs]
    if record.training is not None:
        use = record.training
        made.append((use.dataset, use.rows, len(use.columns), use.files))
    rows = [
        (printable(name), f"{n:,}", f"{columns:,}", show_bytes(sum(f.bytes for f in files)))
        for name, n, columns, files in made
    ]
    heads = [Column(h, right=True, fixed=True) for h in ("rows", "columns", "size")]
    if rows:
        yield from table(screen, ["set", *heads], rows)


def _checks(screen: Screen, record: RunRecord) -> Iterator[str]:
    if not record.checks:
        return
    passed = sum(c.status is CheckStatus.PASSED for c in record.checks)
    yield f"{passed:,} of {count(len(record.checks), 'check')} passed"
    for check in record.checks:
        if check.status is not CheckStatus.PASSED:
            said = f"{check.subject}: {check.text}: {check.measured}"
            yield f"  {check.status.value}  {printable(said)}"


def _trends(screen: Screen, record: RunRecord) -> Iterator[str]:
    if record.trends:
        yield screen.style("early warnings", "bold")
    for trend in record.trends:
        since = "" if trend.new else " (told before)"
        yield f"  {trend.kind}  {printable(f'{trend.set}: {trend.words}')}{since}"


def _stages(screen: Screen, record: RunRecord) -> Iterator[str]:
    rows = [(s.name, show_seconds(s.seconds), printable(s.detail)) for s in record.stages]
    if rows:
        yield from table(screen, ["stage", Column("took", right=True, fixed=True), ""], rows)


def _notes(screen: Screen, record: RunRecord) -> Iterator[str]:
    if record.notes:
        yield screen.style("decisions", "bold")
        yield from (f"  {printable(n.name)}: {printable(n.text)}" for n in record.notes)


def _problems(screen: Screen, record: RunRecord) -> Iterator[str]:
    for problem in record.problems:
        where = "" if problem.place is None else f"{problem.place.file}:{problem.place.line}: "
        said = f"{where}{problem.severity}[{problem.code} {problem.slug}]: {problem.message}"
        yield printable(said)


def differences(screen: Screen, found: Sequence[Difference]) -> Iterator[str]:
    """What differs, causes first."""
    if not found:
        yield "nothing differs"
        return
    rows = [
        (printable(d.what), printable(d.before or "-"), printable(d.after or "-")) for d in found
    ]
    yield from table(screen, ["what", "before", "after"], rows)
    yield ""
    yield count(len(found), "difference")
