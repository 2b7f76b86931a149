"""Bugs that are planted on purpose: a function's code is exchanged while a test runs.

Whatever imported the function has the changed one: its code is exchanged, not its name.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType


@dataclass(frozen=True)
class Bug:
    """``old`` becomes ``new`` in a module, the first time that it stands there.

    ``lanes`` are those that look for it: ``values``, ``training`` or relations.
    """

    name: str
    module: str
    old: str
    new: str
    lanes: str = "values"


class Gone(Exception):
    """The text that a bug changes is not there any more."""


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The compiler with a bug.

    Raises:
        Gone: the module has changed.
    """
    name = f"featdsl.{bug.module}"
    path = Path(str(import_module(name).__file__))
    text = path.read_text(encoding="utf-8")
    if bug.old not in text:
        raise Gone(bug.name)
    assert bug.old.count("\n") == bug.new.count("\n"), "lines stay where they are"
    with exchanged(name, compiled(text.replace(bug.old, bug.new, 1), path)):
        yield


def compiled(text: str, path: Path) -> CodeType:
    return compile(text, str(path), "exec", dont_inherit=True)


@contextmanager
def exchanged(module: str, code: CodeType) -> Iterator[None]:
    """The functions of a module with the code of another version of its text."""
    new = {(c.co_qualname, c.co_firstlineno): c for c in _codes(code)}
    before: list[tuple[FunctionType, CodeType]] = []
    try:
        for function in _functions(module):
            own = function.__code__
            other = new.get((own.co_qualname, own.co_firstlineno))
            if other is not None and other.co_freevars == own.co_freevars:
                before.append((function, own))
                function.__code__ = other
        yield
    finally:
        for function, own in before:
            function.__code__ = own


@cache
def _functions(module: str) -> tuple[FunctionType, ...]:
    path = import_module(module).__file__
    return tuple(
        o
        for o in gc.get_objects()
        if isinstance(o, FunctionType) and o.__code__.co_filename == path
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
