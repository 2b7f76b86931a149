"""What a request asks about: keys and inputs, as a table of a session."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from featdsl.compiler.training import SpineTable
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.engines.duckdb import Session
from featdsl.ir.expr import Value
from featdsl.ir.program import Dataset, Entity, Program, SourceColumn
from featdsl.ir.refs import group_of, inputs_behind
from featdsl.planning.steps import free_name
from featdsl.semantics.nested import read_nested
from featdsl.semantics.values import NotAValue, is_too_long, typed_value
from featdsl.sql import build, statements
from featdsl.types.dtype import TEXT, DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

ASKED = "asked rows"
TIME, ROW = "at", "row"


@dataclass(frozen=True, slots=True)
class Request:
    """Rows that are asked about: a key each, and the values of inputs by column.

    A value is None for null. ``inputs`` hold a value for each key.
    """

    keys: tuple[tuple[Value, ...], ...]
    inputs: Mapping[str, tuple[Value, ...]]


def input_columns(program: Program, dataset: Dataset) -> dict[str, tuple[str, SourceColumn]]:
    """The columns that a data set's features read of requests: input and column, by name."""
    names = (c.feature for c in dataset.columns if c.feature is not None)
    found = (
        i
        for name in names
        if name in group_of(program, name).requests
        for i in inputs_behind(program, name)
    )
    return {i.column: (i.input, program.inputs[i.input].columns[i.column]) for i in found}


def named_inputs(
    program: Program, dataset: Dataset, given: Mapping[str, Any]
) -> dict[str, tuple[SourceColumn, Any]]:
    """Declarations and values by column, of inputs called ``column`` or ``input.column``.

    Raises:
        Failure: one is unknown, stands twice, or is missing.
    """
    wanted = input_columns(program, dataset)
    names = {
        n: column
        for column, (of, _) in wanted.items()
        for n in (column, f"{of.rpartition('.')[2]}.{column}", f"{of}.{column}")
    }
    found: dict[str, tuple[SourceColumn, Any]] = {}
    for name, value in given.items():
        column = names.get(name)
        if column is None:
            raise Failure(_unknown(dataset, name, wanted, names))
        if column in found:
            message = f"the input `{column}` is given twice"
            raise Failure(catalog.UNKNOWN_INPUT.general(message).help("give it once"))
        found[column] = (wanted[column][1], value)
    missing = [c for c in wanted if c not in found]
    if missing:
        raise Failure(_missing(program, dataset, wanted, missing))
    return found


def _unknown(
    dataset: Dataset,
    name: str,
    wanted: Mapping[str, tuple[str, SourceColumn]],
    names: Mapping[str, str],
) -> Any:
    message = f"no feature of `{dataset.short}` rests on an input called `{name}`"
    found = catalog.UNKNOWN_INPUT.general(message)
    if not wanted:
        return found.note("none of its features rests on an input").help("leave the input out")
    return found.help(did_you_mean(name, names) or f"its inputs: {_listed(wanted)}")


def _missing(
    program: Program,
    dataset: Dataset,
    wanted: Mapping[str, tuple[str, SourceColumn]],
    missing: Sequence[str],
) -> Any:
    what = "the input" if len(missing) == 1 else "the inputs"
    message = f"`{dataset.short}` is asked without {what} {_listed(missing)}"
    found = catalog.MISSING_INPUT.general(message)
    for column in missing:
        of, declared = wanted[column]
        readers = [
            c.name
            for c in dataset.columns
            if any(i.column == column for i in inputs_behind(program, str(c.feature)))
        ]
        read = _listed(readers)
        found = found.note(
            f"`{of.rpartition('.')[2]}.{column}` is {declared.dtype}; read by {read}"
        )
    first = missing[0]
    return found.help(f"give it: `--input {first}=…`, or `--null {first}` where it is not known")


def _listed(names: Any) -> str:
    return ", ".join(f"`{n}`" for n in names)


def input_value(name: str, value: Any, column: SourceColumn) -> Value:
    """A Python value of an input in its type.

    Raises:
        Failure: it is none.
    """
    with _of_input(name, column):
        return _present(nested_value(value, column.dtype), column)


def _present(value: Value, column: SourceColumn) -> Value:
    if value is None and column.required:
        raise NotAValue("it is null, and is required")
    return value


def input_text(name: str, text: str | None, column: SourceColumn) -> Value:
    """The value of an input as it is typed on a command line; None is null.

    Raises:
        Failure: it is none.
    """
    with _of_input(name, column):
        return _present(None if text is None else read_nested(text, column.dtype), column)


@contextmanager
def _of_input(name: str, column: SourceColumn) -> Iterator[None]:
    try:
        yield
    except NotAValue as wrong:
        why = "the value, which is personal, does not fit" if column.pii else str(wrong)
        found = catalog.INPUT_VALUE.general(f"the input `{name}`: {why}")
        raise Failure(found.help(f"give it a value of type {column.dtype}")) from None


def key_values(entity: Entity, key: Sequence[Any]) -> tuple[Value, ...]:
    """A key in the types of the entity's.

    Raises:
        Failure: a value is of another type, or does not fit.
    """
    found = []
    for declared, value in zip(entity.keys, key, strict=True):
        try:
            found.append(nested_value(value, declared.dtype))
        except NotAValue as wrong:
            message = f"the key `{declared.name}`: {wrong}"
            raise Failure(catalog.INPUT_VALUE.general(message)) from None
    return tuple(found)


def nested_value(value: Any, dtype: DType) -> Value:
    """A Python value in a type, lists and maps too; None is null, and so is what is no number.

    A length of time counts microseconds.

    Raises:
        NotAValue: it is of another type, or does not fit.
    """
    if value is None or (isinstance(value, float) and (value != value or abs(value) == _INFINITE)):
        return None
    if dtype.kind is Kind.DURATION and isinstance(value, timedelta):
        return _micros(value)
    if dtype.kind is Kind.LIST:
        if not isinstance(value, list | tuple):
            raise NotAValue(f"`{value}` is no {dtype}")
        return tuple(nested_value(v, dtype.items[0]) for v in value)
    if dtype.kind is Kind.MAP:
        return _map_value(value, dtype)
    return typed_value(value, dtype)


def _micros(value: timedelta) -> int:
    """A length in microseconds; what is below one is cut off."""
    micros = value // timedelta(microseconds=1)
    if is_too_long(Duration(abs(micros) // 1000, "ms")):
        raise NotAValue(f"`{value}` is too long")
    return micros


_INFINITE = float("inf")


def _map_value(value: Any, dtype: DType) -> Value:
    if not isinstance(value, Mapping | MapValue):
        raise NotAValue(f"`{value}` is no {dtype}")
    held = value.items() if isinstance(value, Mapping) else value.entries
    key_type, value_type = dtype.items
    entries = [(nested_value(k, key_type), nested_value(v, value_type)) for k, v in held]
    if any(k is None for k, _ in entries):
        raise NotAValue("a key of a map is null")
    try:
        return MapValue.of(entries)
    except ValueError as wrong:
        raise NotAValue(str(wrong)) from None


def asked_table(
    session: Session,
    program: Program,
    dataset: Dataset,
    request: Request,
    as_of: datetime,
) -> SpineTable:
    """The rows of a request as a table, in which keys go by `key_column`."""
    keys = program.entities[dataset.entity].keys
    inputs = {c: declared.dtype for c, (_, declared) in input_columns(program, dataset).items()}
    taken = {n.lower() for n in inputs}
    row, time = (free_name(name, taken) for name in (ROW, TIME))
    columns = [
        *((key_column(k.name), k.dtype, [r[i] for r in request.keys]) for i, k in enumerate(keys)),
        *((name, dtype, request.inputs[name]) for name, dtype in inputs.items()),
    ]
    values = [_column(f"c{i}", dtype, name) for i, (name, dtype, _) in enumerate(columns)]
    values.append(statements.named(build.timestamp(as_of), time))
    numbers = build.func("unnest", exp.Placeholder(this="numbers"))
    values.append(statements.named(exp.cast(numbers, exp.DataType.Type.BIGINT), row))
    given: dict[str, Any] = {
        f"c{i}": [_text(v) for v in held] for i, (_, _, held) in enumerate(columns)
    }
    given["numbers"] = list(range(1, len(request.keys) + 1))
    query = exp.Select(expressions=values)
    session.execute(statements.create_table(ASKED, query), given, doing="taking the request")
    return SpineTable(
        table=build.table(ASKED),
        columns=tuple(name for name, _, _ in columns),
        keys=tuple(key_column(k.name) for k in keys),
        time=time,
        row=row,
    )


def key_column(key: str) -> str:
    """The column that holds a key: no input is called so."""
    return f".{key}"


def _column(parameter: str, dtype: DType, name: str) -> exp.Expr:
    """A column of the texts that a parameter holds, in its type."""
    texts = exp.Cast(
        this=exp.Placeholder(this=parameter), to=exp.DataType.build("VARCHAR[]", dialect="duckdb")
    )
    value: exp.Expr = build.func("unnest", texts)
    if dtype.is_nested:
        value = exp.cast(value, exp.DataType.Type.JSON)
    return statements.named(value if dtype == TEXT else build.cast(value, dtype), name)


def _text(value: Value) -> str | None:
    """A value as text that an engine's cast reads exactly."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple | MapValue):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(_plain(value))


def _plain(value: Value) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case float():
            return repr(value)
        case Duration():
            return str(value.micros)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(v) for v in value]
        case MapValue():
            return {str(_plain(k)): _plain(v) for k, v in value}
        case None | str():
            return value
    return str(value)
