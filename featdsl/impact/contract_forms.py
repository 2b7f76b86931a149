"""A contract in the forms that other tools read: JSON Schema, Avro, DDL, a list of changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from featdsl.impact.contract import Contract, ContractColumn
from featdsl.sql import attached
from featdsl.types.dtype import INT_DIGITS, DType, Kind, decimal

Json = dict[str, Any]
_STAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
_JSON_TYPES: dict[Kind, Json] = {
    Kind.INT: {"type": "integer"},
    Kind.DURATION: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.FLOAT: {"type": "number"},
    Kind.BOOL: {"type": "boolean"},
    Kind.TEXT: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "pattern": _STAMP},
}
_AVRO_TYPES: dict[Kind, Any] = {
    Kind.INT: "long",
    Kind.DURATION: "long",
    Kind.FLOAT: "double",
    Kind.BOOL: "boolean",
    Kind.TEXT: "string",
    Kind.DATE: {"type": "int", "logicalType": "date"},
    Kind.TIMESTAMP: {"type": "long", "logicalType": "timestamp-micros"},
}


def as_json_schema(contract: Contract) -> str:
    """JSON Schema of a row, as a line of JSON holds it."""
    dataset = contract.dataset
    schema: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": dataset.name,
        **({"description": dataset.note.doc} if dataset.note.doc else {}),
        "type": "object",
        "properties": {c.name: _json_column(c) for c in contract.columns},
        "required": [c.name for c in contract.columns],
        "additionalProperties": False,
        "x-featc": _about(contract),
    }
    return _text(schema)


def _json_column(column: ContractColumn) -> Json:
    schema = {} if column.dtype is None else _json_type(column.dtype, nullable=column.nullable)
    said = {"description": column.said} if column.said else {}
    unit = {"unit": column.unit} if column.unit else {}
    dtype = {} if column.dtype is None else {"type": str(column.dtype)}
    return {**schema, **said, "x-featc": {"role": column.role, **dtype, **unit}}


def _json_type(dtype: DType, *, nullable: bool) -> Json:
    match dtype.kind:
        case Kind.LIST:
            items = _json_type(dtype.items[0], nullable=True)
            found: Json = {"type": "array", "items": items}
        case Kind.MAP:
            values = _json_type(dtype.items[1], nullable=True)
            found = {"type": "object", "additionalProperties": values}
        case kind:
            found = dict(_JSON_TYPES[kind])
    return {**found, "type": [found["type"], "null"]} if nullable else found


def as_avro(contract: Contract) -> str:
    """Avro schema of a record of a row."""
    namespace, _, short = contract.dataset.name.rpartition(".")
    fields = [_avro_field(c) for c in contract.columns if c.dtype is not None]
    schema: Json = {
        "type": "record",
        "name": short,
        "namespace": namespace,
        **({"doc": contract.dataset.note.doc} if contract.dataset.note.doc else {}),
        "fields": fields,
        "featc": _about(contract),
    }
    return _text(schema)


def _avro_field(column: ContractColumn) -> Json:
    assert column.dtype is not None
    dtype = _avro_type(column.dtype, column.name)
    kind = {"type": ["null", dtype], "default": None} if column.nullable else {"type": dtype}
    doc = {"doc": column.said} if column.said else {}
    unit = {"unit": column.unit} if column.unit else {}
    return {"name": column.name, **kind, **doc, "role": column.role, **unit}


def _avro_type(dtype: DType, name: str) -> Any:
    """``name`` makes names of records inside, which Avro wants to differ."""
    match dtype.kind:
        case Kind.LIST:
            items = ["null", _avro_type(dtype.items[0], f"{name}_item")]
            return {"type": "array", "items": items}
        case Kind.MAP:  # keys of Avro's own maps are texts
            key, value = (_avro_type(t, f"{name}_{i}") for i, t in enumerate(dtype.items))
            fields = [{"name": "key", "type": key}, {"name": "value", "type": ["null", value]}]
            entry = {"type": "record", "name": f"{name}_entry", "fields": fields}
            return {"type": "array", "items": entry}
        case Kind.INT if dtype.precision > INT_DIGITS:
            return _avro_decimal(dtype.precision, 0)
        case Kind.DECIMAL:
            return _avro_decimal(dtype.precision, dtype.scale)
        case kind:
            return _AVRO_TYPES[kind]


def _avro_decimal(precision: int, scale: int) -> Json:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def as_ddl(contract: Contract) -> str:
    """``CREATE TABLE`` with comments, for DuckDB."""
    namespace, _, short = contract.dataset.name.rpartition(".")
    columns = [(c.name, _stored(c.dtype), c.nullable) for c in contract.columns]
    said = {c.name: _comment(c) for c in contract.columns}
    about = f"Version {contract.version} of the contract of {contract.dataset.name}."
    fresh = contract.dataset.freshness_words
    whole = " ".join(filter(None, (contract.dataset.note.doc, about, fresh)))
    found = attached.table_with_comments(namespace, short, columns, said, whole)
    return "".join(f"{statement};\n" for statement in found)


def _stored(dtype: DType | None) -> DType | None:
    """The type in files: an int of more than 64 bits is a decimal there."""
    if dtype is not None and dtype.kind is Kind.INT and dtype.precision > INT_DIGITS:
        return decimal(dtype.precision, 0)
    return dtype


def _comment(column: ContractColumn) -> str:
    unit = f"Unit: {column.unit}." if column.unit else None
    return " ".join(filter(None, (column.said, unit)))


def as_changes(contract: Contract) -> str:
    """The versions as Markdown, newest first."""
    return "\n".join(_changes(contract)) + "\n"


def _changes(contract: Contract) -> Iterator[str]:
    yield f"# {contract.dataset.name}"
    for step in reversed(contract.steps):
        since = "not published yet" if step.at is None else f"{step.at:%Y-%m-%d}, run {step.run}"
        yield ""
        yield f"## {step.version} ({since})"
        yield ""
        yield from (f"- {change}" for change in step.changes)


def _about(contract: Contract) -> Json:
    dataset = contract.dataset
    return {
        "version": contract.version,
        "fingerprint": dataset.fingerprint.data,
        "freshness": dataset.freshness,
        "owner": dataset.note.owner,
        "consumers": list(dataset.consumers),
    }


def _text(schema: Json) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
