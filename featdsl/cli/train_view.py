"""What was counted of a training set, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from featdsl.cli.run_view import shown_path
from featdsl.cli.screen import listed, printable
from featdsl.cli.table import Column, table
from featdsl.project.as_of import show_instant
from featdsl.text.amounts import count, show_seconds

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.store.record import RunRecord, TrainingUse, ValueCount

_KINDS = {"source": "rows of", "grid": "a grid of", "file": "rows of", "frame": "rows of"}
_MOST_NULLS = 6
_WIDTH = 96
_NUMBERS = tuple(Column(h, right=True, fixed=True) for h in ("rows", "share"))


def as_text(work: Work, record: RunRecord, out: Path | None) -> Iterator[str]:
    """What the training set is, the counts, where it lies."""
    use, screen = record.training, work.screen
    assert use is not None, "a training set that was made is counted"
    yield f"{screen.style(use.dataset, 'bold')}  {_about(use)}"
    yield ""
    yield from counted(screen, use)
    passed = sum(c.status.value == "passed" for c in record.checks)
    seconds = show_seconds(record.seconds or 0)
    yield (
        f"{screen.mark(True)} {count(use.rows, 'row')}, {count(len(use.columns), 'column')}, "
        f"{count(passed, 'check')} passed, in {seconds}"
    )
    yield f"  file    {_file(work, use, out)}"
    yield f"  record  {shown_path(work.project.target_dir / 'runs' / f'{record.run}.json')}"


def counted(screen: Screen, use: TrainingUse) -> Iterator[str]:
    """Tables and sentences, no line wider than the terminal."""
    yield from table(screen, ["rows", Column("", right=True, fixed=True)], _counts(use))
    yield from _classes(screen, use)
    yield from _split(screen, use)
    yield ""
    yield from _notes(screen, use)


def _about(use: TrainingUse) -> str:
    spine = use.spine
    said = f"{_KINDS[spine.kind]} {printable(spine.name)}"
    if spine.first is None or spine.last is None:
        return said
    if spine.first == spine.last:
        return f"{said} at {show_instant(spine.first)}"
    return f"{said}, {show_instant(spine.first)} to {show_instant(spine.last)}"


def _counts(use: TrainingUse) -> list[tuple[str, str]]:
    spine, entity = use.spine, use.entity.rpartition(".")[2]
    found = [
        ("of the spine", spine.rows),
        ("different keys and times", spine.points),
        ("without a key", spine.without_key),
        ("without a time", spine.without_time),
        (f"{entity} unknown at the time", spine.unknown),
    ]
    found += [
        (f"label {printable(label.name)} not known yet", label.immature)
        for label in use.labels
        if label.immature is not None
    ]
    if use.dropped:
        found.append(("left out by --mature", use.dropped))
    found.append(("written", use.rows))
    return [(name, f"{n:,}") for name, n in found]


def _classes(screen: Screen, use: TrainingUse) -> Iterator[str]:
    """Values of labels that have few, with their shares of the rows that have one."""
    rows = []
    for label in use.labels:
        for i, (value, n, share) in enumerate(_shares(label.classes)):
            rows.append((printable(label.name) if i == 0 else "", value, n, share))
    if rows:
        yield ""
        yield from table(screen, ["label", "value", *_NUMBERS], rows)


def _split(screen: Screen, use: TrainingUse) -> Iterator[str]:
    if use.split:
        yield ""
        yield from table(screen, ["split", *_NUMBERS], list(_shares(use.split)))


def _shares(values: Sequence[ValueCount]) -> Iterator[tuple[str, str, str]]:
    known = sum(v.rows for v in values if v.value is not None)
    for v in values:
        if v.value is None:
            yield "null", f"{v.rows:,}", ""
        else:
            yield printable(v.value), f"{v.rows:,}", f"{v.rows / known:.1%}"


def _notes(screen: Screen, use: TrainingUse) -> Iterator[str]:
    for about in (_untils(use), _nulls(use)):
        lines = [
            line
            for said in about
            for line in wrap(said, screen.width or _WIDTH, break_on_hyphens=False)
        ]
        yield from (*lines, "") if lines else ()


def _untils(use: TrainingUse) -> Iterator[str]:
    """Up to when labels are known: a line for each source, and one for a time that is given."""
    lines: dict[str, None] = {}
    for until in use.untils:
        source = printable(until.source.rpartition(".")[2])
        if until.until is None:
            line = f"No label is known: `{source}` has no rows."
        else:
            origin = "--labels-until" if until.given else f"the newest row of {source}"
            line = f"Labels are known up to {show_instant(until.until)} ({origin})."
        lines[line] = None
    yield from lines


def _nulls(use: TrainingUse) -> Iterator[str]:
    nulls = sorted((n for n in use.nulls if n.nulls), key=lambda n: (-n.nulls, n.column))
    if nulls:
        each = (f"{printable(n.column)} {n.nulls / use.rows:.1%}" for n in nulls)
        most = listed(each, _MOST_NULLS)
        yield f"Nulls in {len(nulls)} of {count(len(use.columns), 'column')}: {most}."


def _file(work: Work, use: TrainingUse, out: Path | None) -> str:
    if out is not None:
        return shown_path(out.absolute())
    (file,) = use.files
    return shown_path(work.project.target_dir / "data" / (use.folder or "") / file.path)
