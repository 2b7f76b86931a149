"""Columns of sources that declare none: those that were read from the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from featdsl.diagnostics import catalog
from featdsl.ir.source import Location, LockedColumns, SourceColumn
from featdsl.semantics.environment import Env
from featdsl.sources.registry import sources
from featdsl.syntax import nodes
from featdsl.types.dtype import DATE, TIMESTAMP, DType, Kind

_READ = "`featc lock` reads them from the data, or list them: `columns { name: type }`"


def locked_columns(
    decl: nodes.SourceDecl,
    name: str,
    location: Location | None,
    locked: Mapping[str, LockedColumns] | None,
    env: Env,
) -> LockedColumns | None:
    """The columns by name, none where they are about to be read; None where nobody knows them."""
    if decl.broken or location is None:
        return None
    nameless = sources()[location.kind].nameless
    if nameless is not None and nameless(location):
        message = f"`{decl.name.text}` has no header, and declares no columns"
        found = catalog.UNKNOWN_COLUMNS.at(decl.name.span, message)
        env.report(found.help("list them in their order: `columns { name: type }`"))
        return None
    if locked is None:
        return {}
    if name not in locked:
        message = f"nothing says which columns `{decl.name.text}` has"
        env.report(catalog.UNKNOWN_COLUMNS.at(decl.name.span, message).help(_READ))
        return None
    return locked[name]


def typed_columns(
    decl: nodes.SourceDecl, locked: LockedColumns, env: Env
) -> dict[str, SourceColumn]:
    """Those that have a type; all of them may be null.

    Dates that the source names as times are read as their midnight.
    """
    assert decl.origin is not None, "columns are known of sources that say where their data are"
    kind = sources()[decl.origin.kind.text]
    columns: dict[str, SourceColumn] = {}
    times = set(_times(decl))
    for name, written in locked.items():
        if written is None:
            continue
        dtype = TIMESTAMP if written == DATE and name in times else written
        if not is_held(dtype, kind.holds):
            message = f"featc.lock has `{name}` of `{decl.name.text}` as {dtype}"
            found = catalog.COLUMN_TYPE.at(
                decl.origin.kind.span, f"{message}, and a `{kind.name}` source cannot hold that"
            )
            env.report(found.help("`featc lock` reads its columns again"))
        columns[name] = SourceColumn(
            name=name,
            dtype=dtype,
            required=False,
            pii=False,
            description=None,
            span=decl.name.span,
        )
    return columns


def _times(decl: nodes.SourceDecl) -> Iterator[str]:
    """Names of columns that have to hold times."""
    for item in (decl.time, decl.snapshot, decl.valid):
        if item is not None and item.available is not None and item.available.column is not None:
            yield item.available.column.text
    for moment in (decl.time, decl.snapshot):
        if moment is not None:
            yield moment.column.text
    if decl.valid is not None:
        yield from (decl.valid.start.text, decl.valid.end.text)
    if decl.keep is not None:
        yield decl.keep.by[0].text


def is_held(dtype: DType, kinds: frozenset[Kind]) -> bool:
    """Whether columns of a kind of source can have a type."""
    return dtype.kind in kinds and all(is_held(item, kinds) for item in dtype.items)
