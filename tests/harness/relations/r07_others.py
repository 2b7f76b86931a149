"""Rows of another entity change nothing for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from featdsl.ir.source import Source
from featdsl.types.dtype import DType, Kind
from tests.harness.relations.ground import Ground, Relation

_OTHERS: dict[Kind, Any] = {
    Kind.INT: 123_123,
    Kind.TEXT: "1, 23",
    Kind.DATE: date(2001, 1, 1),
    Kind.TIMESTAMP: datetime(2001, 1, 1),
}


def other(dtype: DType) -> Any:
    return _OTHERS.get(dtype.kind)


def _is_version(row: Mapping[str, Any], source: Source, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it is a version of what a row of someone else is one of, which it may displace."""
    if source.keep is None:
        return False
    return any(all(row[c] == other[c] for c in source.keep.per) for other in rows)


def differences(g: Ground) -> list[str] | None:
    if not g.alone() or not g.apart():
        return None
    root = g.root
    entity = g.program.entities[g.group.entity]
    key = [other(k.dtype) for k in entity.keys]
    if not key or None in key:
        return None
    more = []
    for _ in range(5):
        changes = {}
        for role in root.roles:
            if role.entity == entity.name:
                changes |= dict(zip(role.columns, key, strict=True))
        row = g.another(root, changes)
        if row is not None and not _is_version(row, root, g.case.stored[root.name]):
            more.append(row)
    if root.keep is None and root.time is None:
        more = more[:1]  # one row a key
    if root.keep is not None or root.valid is not None:
        more = more[:1]
    return g.compared(g.ask(stored=g.with_rows({root.name: more})), more=True) if more else None


RELATION = Relation("R7", "rows of another entity change nothing for the others", differences)
