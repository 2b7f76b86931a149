"""Parameter values from outside: a target's settings, then a command line, which wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.program import Origin
from featdsl.project.as_of import to_utc
from featdsl.project.config import Target
from featdsl.text.environment import variable_of

_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")


def read_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """Read ``name=value``; a value is any text, also none.

    Raises:
        Failure: something else is written, or a name is given twice with two values.
    """
    values: dict[str, str] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or _NAME.fullmatch(name) is None:
            raise Failure(
                _wrong(f"`--param {text}` is not `name=value`").help(
                    "write `--param premium_floor=650`"
                )
            )
        if values.setdefault(name, value) != value:
            raise Failure(_wrong(f"parameter `{name}` is given twice, with two values"))
    return values


def overrides(
    target: Target, given: Mapping[str, str], variable: Callable[[str, str], str | None]
) -> dict[str, tuple[object, Origin]]:
    """What `target` and the command line say, each value with its origin.

    `variable` gives the text of a variable of the environment for a parameter, or None.
    """
    values: dict[str, tuple[object, Origin]] = {}
    for name, value in target.params.items():
        reads = variable_of(value) if isinstance(value, str) else None
        if reads is None:
            values[name] = (_plain(value), Origin.TARGET)
        elif name not in given and (text := variable(name, reads)) is not None:
            values[name] = (text, Origin.ENVIRONMENT)
    values.update((name, (text, Origin.COMMAND)) for name, text in given.items())
    return values


def _plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    if isinstance(value, datetime):
        return to_utc(value)
    assert isinstance(value, bool | int | Decimal | str | date), type(value)
    return value


def _wrong(message: str) -> Diagnostic:
    return catalog.WRONG_PARAMETER.general(message)
