"""Types as written, to data types."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean, nearest
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.types.dtype import (
    BOOL,
    DATE,
    DURATION,
    ERROR,
    FLOAT,
    INT,
    MAX_DIGITS,
    TEXT,
    TIMESTAMP,
    DType,
    Kind,
    decimal,
    list_of,
    map_of,
)

PLAIN = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "text": TEXT,
    "date": DATE,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
}
_NAMES = (*PLAIN, "decimal", "list", "map")
_OTHERS = {
    "string": "text",
    "varchar": "text",
    "str": "text",
    "char": "text",
    "integer": "int",
    "bigint": "int",
    "smallint": "int",
    "int64": "int",
    "int32": "int",
    "long": "int",
    "double": "float",
    "real": "float",
    "float64": "float",
    "number": "decimal(p, s)",
    "numeric": "decimal(p, s)",
    "boolean": "bool",
    "datetime": "timestamp",
    "timestamptz": "timestamp",
    "interval": "duration",
    "array": "list(t)",
}


def written_type(node: nodes.TypeExpr, report: Report) -> DType:
    """The type that is written; one that does not exist is reported and gives `ERROR`."""
    name = node.name.text
    if name in PLAIN:
        if node.args:
            report(catalog.TYPE_ARGUMENTS.at(node.span, f"`{name}` takes nothing in brackets"))
            return ERROR
        return PLAIN[name]
    match name:
        case "decimal":
            return _decimal(node, report)
        case "list":
            return _list(node, report)
        case "map":
            return _map(node, report)
    other = _OTHERS.get(name.lower())
    found = catalog.UNKNOWN_TYPE.at(node.name.span, f"there is no type `{name}`")
    if other is not None and nearest(name, _NAMES) != other:
        found = found.help(f"the type is `{other}`")
    else:
        found = found.help(did_you_mean(name, _NAMES, what="types"))
    report(found)
    return ERROR


def _decimal(node: nodes.TypeExpr, report: Report) -> DType:
    sizes = [a.value for a in node.args if isinstance(a, nodes.IntLit)]
    if len(sizes) != 2 or len(node.args) != 2:
        report(
            catalog.TYPE_ARGUMENTS.at(
                node.span, "`decimal` needs its digits, and how many of them follow the point"
            ).help("`decimal(12, 2)` holds up to 9999999999.99")
        )
        return ERROR
    precision, scale = sizes
    if not 1 <= precision <= MAX_DIGITS or not 0 <= scale <= precision:
        report(
            catalog.TYPE_ARGUMENTS.at(
                node.span,
                f"`decimal({precision}, {scale})` does not exist: "
                f"1 to {MAX_DIGITS} digits, of which 0 to all follow the point",
            )
        )
        return ERROR
    return decimal(precision, scale)


def _list(node: nodes.TypeExpr, report: Report) -> DType:
    if len(node.args) != 1 or isinstance(node.args[0], nodes.IntLit):
        report(
            catalog.TYPE_ARGUMENTS.at(node.span, "`list` needs the type of its items").help(
                "`list(text)`"
            )
        )
        return ERROR
    item = written_type(node.args[0], report)
    return ERROR if item.is_error else list_of(item)


_NO_KEYS = frozenset({Kind.LIST, Kind.MAP, Kind.DURATION})


def _map(node: nodes.TypeExpr, report: Report) -> DType:
    if len(node.args) != 2 or any(isinstance(a, nodes.IntLit) for a in node.args):
        report(
            catalog.TYPE_ARGUMENTS.at(
                node.span, "`map` needs the types of its keys and of its values"
            ).help("`map(text, int)`")
        )
        return ERROR
    key, value = (written_type(a, report) for a in node.args if isinstance(a, nodes.TypeExpr))
    if key.is_error or value.is_error:
        return ERROR
    if key.kind in _NO_KEYS:
        report(
            catalog.TYPE_ARGUMENTS.at(
                node.args[0].span, f"the keys of a map cannot be of the type {key}"
            ).help("keys are numbers, texts, bools, dates or timestamps")
        )
        return ERROR
    return map_of(key, value)
