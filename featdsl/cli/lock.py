"""``featc lock``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.ir.source import LockedColumns
    from featdsl.types.dtype import DType

Locked = Mapping[str, "LockedColumns"]


def lock(
    context: typer.Context,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 where featc.lock would change."),
    ] = False,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Read the columns of sources that declare none.

    Looks into the data of every source without `columns`, tells what is new, gone or of another
    type, and writes names and types to featc.lock. It lies beside featc.toml and belongs to the
    texts: with it the project can be checked without its data. A run compares the data with it.

    Examples:
        featc lock
        featc lock --check
        featc lock --json | jq .changes

    Exit status: 0, or 1 when data cannot be read, or with --check when featc.lock would change.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import Work, errors_of, open_project, rendered
    from featdsl.diagnostics import catalog
    from featdsl.diagnostics.model import Severity
    from featdsl.files.atomic import write_text_atomic
    from featdsl.project.lock import LOCK_FILE, lock_text
    from featdsl.runs.failures import told
    from featdsl.runs.lock import compile_unlocked, read_columns
    from featdsl.text.amounts import count

    settings = settings_of(context)
    screen = Screen.of(settings)
    project = open_project(settings, param)
    # A lock that cannot be read is written anew.
    before = project.options.locked or {}
    problems = [d for d in project.problems.sorted() if d.code is not catalog.LOCK_FILE]
    compilation = compile_unlocked(project)
    work = Work(settings, screen, project, compilation, (*problems, *compilation.diagnostics))
    # A warning that the project wants as an error hides no data.
    errors = [d for d in errors_of(work.diagnostics) if d.code.severity is Severity.ERROR]
    if errors:
        screen.tell(rendered(work, errors, err=True))
        raise typer.Exit(1)
    with Waiting(screen, "reading the columns"):
        found = read_columns(project, compilation)
    text = lock_text(found) if found else ""
    changed = text != project.lock.text
    if changed and not check:
        with told():
            if found:
                write_text_atomic(project.root / LOCK_FILE, text, within=project.root)
            else:
                (project.root / LOCK_FILE).unlink(missing_ok=True)
    changes = list(_changes(before, found))
    if as_json:
        screen.say(json.dumps(_json(found, changes, changed=changed), indent=2, ensure_ascii=False))
    else:
        screen.say(*[_told(change) for change in changes])
        columns = sum(len(c) for c in found.values())
        of = f"{count(columns, 'column')} of {count(len(found), 'source')}"
        if not found:
            says = "every source declares its columns: there is nothing to lock"
        elif not changed:
            says = f"{LOCK_FILE} has them as the data do: {of}"
        elif check:
            says = f"{LOCK_FILE} would change: {of}"
        else:
            says = f"wrote {LOCK_FILE}: {of}"
        screen.say(f"{screen.mark(not (check and changed))} {says}")
    raise typer.Exit(1 if check and changed else 0)


Change = tuple[str, str | None, str | None, str | None]
"""Source, column, type before and type now; without a column the source itself."""


def _changes(before: Locked, after: Locked) -> Iterator[Change]:
    for source in sorted({*before, *after}):
        old, new = before.get(source, {}), after.get(source)
        if new is None:
            yield source, None, "", None
            continue
        for name in dict.fromkeys((*old, *new)):
            was = _words(old[name]) if name in old else None
            now = _words(new[name]) if name in new else None
            if was != now:
                yield source, name, was, now


def _words(dtype: DType | None) -> str:
    from featdsl.project.lock import UNREAD

    return UNREAD if dtype is None else str(dtype)


def _told(change: Change) -> str:
    source, column, was, now = change
    if column is None:
        return f"- {source}"
    if was is None:
        return f"+ {source}.{column}: {now}"
    return f"- {source}.{column}: {was}" if now is None else f"~ {source}.{column}: {was} -> {now}"


def _json(found: Locked, changes: list[Change], *, changed: bool) -> dict[str, Any]:
    return {
        "changed": changed,
        "sources": {
            source: {name: _words(dtype) for name, dtype in columns.items()}
            for source, columns in found.items()
        },
        "changes": [
            {"source": s, "column": c, "was": was or None, "now": now} for s, c, was, now in changes
        ],
    }
