"""What an expression is read in: its row, key, time and what stands around it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from featdsl.ir.expr import Expr
from featdsl.reference.values import Value


class Scope(Protocol):
    """Values of the nodes that are more than a calculation: columns, features, aggregates."""

    @property
    def timezone(self) -> str: ...

    @property
    def as_of(self) -> datetime: ...

    def read(self, node: Expr) -> Value: ...
