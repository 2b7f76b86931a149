"""What callers may write for times, keys, parameters, selections and data."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias

from featdsl.api.declared import Named
from featdsl.api.errors import argument_error, unknown
from featdsl.compiler.compilation import Compilation
from featdsl.ir.expr import Scalar
from featdsl.ir.program import Entity, Location, Origin, Program, Source
from featdsl.project.as_of import HOW, AsOf, choose_as_of, read_instant
from featdsl.project.load import Project
from featdsl.project.selectors import select
from featdsl.runs.frames import given_frame
from featdsl.runs.given import Given
from featdsl.runs.outputs import Wanted, wanted_groups
from featdsl.semantics.values import NotAValue, typed_value

Moment: TypeAlias = str | date
"""A date, a time (without a zone: UTC), or text such as ``2024-01-03``, ``now``, ``today``."""
Selection: TypeAlias = str | Named | Iterable[str | Named] | None
"""Selectors as on the command line: one, or several; what has a name stands for itself."""
Data: TypeAlias = Any
"""A data frame of pandas or polars, an Arrow table, or a path of a Parquet or CSV file."""
_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}


def present() -> datetime:
    """The clock, with its zone."""
    return datetime.now(UTC)


def read_moment(value: object, what: str = "as_of") -> datetime:
    """An instant as naive UTC.

    Raises:
        ValueError: it is no instant.
        TypeError: it is nothing that stands for one.
    """
    if not isinstance(value, str | date):
        raise TypeError(f"{what} must be text, a date or a datetime, not {type(value).__name__}")
    if isinstance(value, datetime) and not isinstance(value, str):
        value = _plain_time(value, what)
    found = read_instant(value)
    if found is None:
        raise argument_error(f"{what} is no instant: {value!r}", HOW)
    return found


def _plain_time(value: datetime, what: str) -> datetime:
    """A datetime of the standard library; a timestamp of pandas has nanoseconds, too."""
    if value != value:  # pandas' missing time
        raise argument_error(f"{what} is missing")
    if getattr(value, "nanosecond", 0):
        raise argument_error(f"{what} has nanoseconds: {value}", "times have microseconds")
    parts = (value.hour, value.minute, value.second, value.microsecond)
    return datetime(value.year, value.month, value.day, *parts, tzinfo=value.tzinfo)


def read_as_of(value: Moment | None, setting: datetime | None) -> AsOf:
    """The as-of time: as given, else the project's, else the start of today.

    Raises:
        ValueError, TypeError: as `read_moment`.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in ("now", "today")):
        return choose_as_of(value, setting, now=present())
    return AsOf(read_moment(value), "as_of")


def read_flag(value: object, what: str) -> bool:
    """True or False; text and numbers are neither.

    Raises:
        TypeError: it is something else.
    """
    found = unboxed(value)
    if not isinstance(found, bool):
        raise TypeError(f"{what} must be True or False, not {value!r}")
    return found


def parameters(values: Mapping[str, object] | None) -> dict[str, tuple[object, Origin]]:
    """Values for parameters as the compiler takes them."""
    return {name: (_parameter(name, v), Origin.CALLER) for name, v in (values or {}).items()}


def _parameter(name: str, value: object) -> object:
    value = unboxed(value)
    match value:
        case list() | tuple():
            return tuple(_parameter(name, v) for v in value)
        case datetime():
            return read_moment(value, name)
        case bool() | int() | float() | Decimal() | str() | date():
            return value
    raise TypeError(f"parameter `{name}` cannot be of type {type(value).__name__}")


def unboxed(value: object) -> object:
    """A scalar of numpy as one of Python."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def selectors(selection: Selection) -> tuple[str, ...]:
    """Selectors as text.

    Raises:
        TypeError: something is neither text nor has a name.
    """
    if selection is None:
        return ()
    items = [selection] if isinstance(selection, str) or hasattr(selection, "name") else selection
    if not isinstance(items, Iterable):
        raise TypeError(f"a selector is text, not {type(selection).__name__}")
    found = [i if isinstance(i, str) else getattr(i, "name", None) for i in items]
    if not all(isinstance(name, str) for name in found):
        raise TypeError("a selector is text, or a feature or group")
    return tuple(str(name) for name in found)


def chosen(program: Program, selection: Selection) -> list[Wanted]:
    """Groups with the selected features; without a selection all but private ones.

    Raises:
        Failure: a selector matches nothing.
    """
    given = selectors(selection)
    if not given and selection is not None:
        raise argument_error("no feature is selected", "leave the selection out to take all")
    return wanted_groups(program, select(program, given) if given else ())


def one_group(program: Program, selection: Selection, features: Selection = None) -> Wanted:
    """The one group of selected features, with those of ``features`` where there are any.

    Raises:
        Failure: a selector matches nothing.
        ArgumentError: features of several groups are selected, or of none.
    """
    found = chosen(program, selection)
    if len(found) != 1:
        names = ", ".join(f"`{w.group.name}`" for w in found)
        what = "features of several groups are selected" if found else "there is no feature"
        raise argument_error(what, f"name one of {names}" if found else None)
    if features is None:
        return found[0]
    asked = selectors(features)
    known = {n for f in found[0].features for n in (f.short, f.name, f.family) if n is not None}
    for name in asked:
        if name not in known:
            raise unknown(f"feature of `{found[0].group.name}`", name, known)
    kept = tuple(f for f in found[0].features if {f.short, f.name, f.family} & set(asked))
    if not kept:
        raise argument_error("no feature is selected", "leave `features` out to take all")
    return Wanted(found[0].group, kept)


def read_keys(entity: Entity, given: object) -> list[tuple[Scalar, ...]]:
    """Keys: one value, a tuple or mapping where there are several, or a list of them.

    Raises:
        ArgumentError: a value is not of the key's type, or values are missing.
    """
    if given is None:
        return []
    if not entity.keys:
        raise argument_error(f"`{entity.short}` has no key", "leave `key` out: it has one row")
    many = given if isinstance(given, list) else [given]
    return [_key(entity, key) for key in many]


def _key(entity: Entity, key: object) -> tuple[Scalar, ...]:
    names = [k.name for k in entity.keys]
    if isinstance(key, Mapping):
        if set(key) != set(names):
            raise argument_error(f"a key of `{entity.short}` has {', '.join(names)}")
        key = tuple(key[name] for name in names)
    values = key if isinstance(key, tuple) else (key,)
    if len(values) != len(names):
        raise argument_error(f"a key of `{entity.short}` has {', '.join(names) or 'no values'}")
    return tuple(_key_value(k.name, v, k.dtype) for k, v in zip(entity.keys, values, strict=True))


def _key_value(name: str, value: object, dtype: Any) -> Scalar:
    try:
        return typed_value(unboxed(value), dtype)
    except NotAValue as error:
        raise argument_error(f"key `{name}`: {error}") from None


@dataclass(frozen=True, slots=True)
class Inputs:
    """A project and its compilation, with what stands in place of declared files."""

    project: Project
    compilation: Compilation
    given: Mapping[str, Given]


def with_sources(
    project: Project, compilation: Compilation, sources: Mapping[str, Data] | None
) -> Inputs:
    """Put frames and files in place of the files that sources declare.

    Raises:
        ArgumentError: no source is called so, or a file is neither Parquet nor CSV by its name.
        TypeError: something is no data, or the sources are no mapping.
    """
    program = compilation.program
    given: dict[str, Given] = {}
    moved: dict[str, Source] = {}
    folders: list[Path] = []
    if sources is not None and not isinstance(sources, Mapping):
        what = type(sources).__name__
        raise TypeError(f'sources must be a mapping, `{{"name": data}}`, not {what}')
    for name, data in (sources or {}).items():
        source = _source(program, name)
        words = f'sources["{name}"]'
        if isinstance(data, str | os.PathLike):
            location, folder = _located(source, Path(data))
            moved[source.name] = replace(source, location=location)
            folders.append(folder)
        else:
            given[source.name] = given_frame(data, words, source.columns)
    if moved:
        program = replace(program, sources={**program.sources, **moved})
        compilation = replace(compilation, program=program)
        project = replace(project, more_data=(*project.more_data, *folders))
    return Inputs(project, compilation, given)


def _source(program: Program, name: str) -> Source:
    found = [s for s in program.sources.values() if name in (s.name, s.short)]
    if len(found) != 1:
        known: Sequence[str] = [s.short for s in program.sources.values()]
        raise unknown("source", name, known)
    return found[0]


def _located(source: Source, path: Path) -> tuple[Location, Path]:
    """Where a file, or pattern of files, lies, and the folder that it may be read from."""
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise argument_error(f"`{path.name}` is neither Parquet nor CSV by its name")
    full = path.absolute()
    written = _escaped(full)
    options = source.location.options if source.location.kind == kind else {}
    fixed = takewhile(lambda part: not glob.has_magic(part), Path(written).parts[:-1])
    location = replace(
        source.location,
        kind=kind,
        argument=written,
        written=path.name,
        written_options={},
        options=options,
    )
    return location, Path(*fixed)


def _escaped(path: Path) -> str:
    """The path as a pattern: what is there means itself, only the rest may be a pattern."""
    if path.exists():
        return glob.escape(str(path.resolve()))
    if path.parent.exists():
        return str(Path(glob.escape(str(path.parent.resolve())), path.name))
    return str(path)
