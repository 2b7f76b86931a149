"""A run as people read it: what it published, and what it would do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.runs.ahead import Foresight
    from featdsl.runs.foresee import Foreseen
    from featdsl.store.record import OutputUse, RunRecord


def results(work: Work, record: RunRecord, out: Path | None) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.runs.outputs import all_taken, left_out, wanted_groups
    from featdsl.store.ledger import record_path
    from featdsl.text.amounts import count, show_seconds

    screen, target = work.screen, work.project.target_dir
    yield from outputs_table(screen, record.outputs)
    features = sum(len(o.profile) for o in record.outputs)
    passed = sum(c.status.value == "passed" for c in record.checks)
    seconds = show_seconds(record.seconds or 0)
    yield ""
    yield (
        f"{screen.mark(True)} {count(features, 'feature')}, {count(passed, 'check')} passed, "
        f"in {seconds}"
    )
    program = work.compilation.program
    left = left_out(all_taken(program, wanted_groups(program, record.selection)))
    if left:
        yield f"  {left}"
    if record.resumed:
        yield f"  kept before: {', '.join(map(printable, record.resumed))}"
    yield f"  files   {output_files(out.absolute() if out else target, record.outputs)}"
    yield f"  record  {shown_path(record_path(target, record.run))}"


def output_files(folder: Path, outputs: tuple[OutputUse, ...]) -> str:
    """The path of the files; of several a pattern that a shell understands."""
    paths = [Path("data", o.folder or "", f.path).parts for o in outputs for f in o.files]
    parts = [p[0] if len(set(p)) == 1 else "*" for p in zip(*paths, strict=False)]
    return shown_path(folder.joinpath(*parts))


def outputs_table(screen: Screen, outputs: tuple[OutputUse, ...]) -> list[str]:
    """Each computed set: its rows and columns, how many of its values are null, its size."""
    from featdsl.cli.screen import printable
    from featdsl.cli.table import Column, table
    from featdsl.text.amounts import show_bytes

    rows = []
    for output in outputs:
        cells = sum(p.rows for p in output.profile)
        nulls = sum(p.nulls for p in output.profile)
        size = sum(f.bytes for f in output.files)
        rows.append(
            (
                printable(output.group),
                f"{output.rows:,}",
                f"{len(output.columns):,}",
                f"{nulls / cells:.1%}" if cells else "",
                show_bytes(size) if output.files else "",
            )
        )
    heads = [Column(h, right=True, fixed=True) for h in ("rows", "columns", "nulls", "size")]
    return table(screen, ["group", *heads], rows)


def shown_path(path: Path) -> str:
    """A path as short as it can be typed from here."""
    from featdsl.cli.screen import printable

    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))


def foresight_text(screen: Screen, found: Foresight) -> Iterator[str]:
    """What the stages of a run would do, a line each."""
    from featdsl.cli.screen import printable
    from featdsl.diagnostics.render.text import width

    wide = max((width(printable(f.what)) for _, does in found.stages for f in does), default=0)
    for stage, does in found.stages:
        if not does:
            continue
        yield screen.style(stage.title, "bold")
        for one in does:
            name = printable(one.what)
            told = printable("  ".join(t for t in (one.detail, one.path or "") if t))
            yield f"  {one.does:<8} {name}{' ' * (wide - width(name))}  {told}".rstrip()
    yield ""
    yield f"{screen.mark(True)} this is what a run would do; nothing was written"


def foresight_json(found: Foresight) -> dict[str, Any]:
    """The same for machines."""
    return {
        "as_of": found.as_of.instant.isoformat() + "Z",
        "as_of_origin": found.as_of.origin,
        "stages": [
            {"stage": stage.name, "title": stage.title, "does": [_told(one) for one in does]}
            for stage, does in found.stages
        ],
    }


def _told(one: Foreseen) -> dict[str, Any]:
    told = {"does": one.does, "what": one.what, "detail": one.detail}
    return told if one.path is None else {**told, "path": one.path}
