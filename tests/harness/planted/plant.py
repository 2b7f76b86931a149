"""Bugs that are planted on purpose: a function's code is exchanged while a test runs.

Whatever imported the function has the changed one: its code is exchanged, not its name.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType

from tests.harness import case


@dataclass(frozen=True)
class Bug:
    """``old`` becomes ``new`` in a module, the first time that it stands there.

    ``kind`` is what sort of mistake it is, ``lanes`` are those that look for it: ``values``,
    ``training``, ``requests``, ``expectations``, relations, or those of `aside.py`.
    """

    name: str
    kind: str
    module: str
    old: str
    new: str
    lanes: str = "values"


class Gone(Exception):
    """The text that a bug changes is not there any more."""


@contextmanager
def planted(bug: Bug) -> Iterator[list[str]]:
    """The compiler with a bug; the functions that it changes.

    Raises:
        Gone: the module has changed.
    """
    name = f"featdsl.{bug.module}"
    path = Path(str(import_module(name).__file__))
    text = path.read_text(encoding="utf-8")
    if bug.old not in text:
        raise Gone(bug.name)
    with exchanged(name, compiled(text.replace(bug.old, bug.new, 1), path)) as functions:
        if not functions:
            raise Gone(f"{bug.name}: changes no function")
        yield functions


def compiled(text: str, path: Path) -> CodeType:
    return compile(text, str(path), "exec", dont_inherit=True)


@contextmanager
def exchanged(module: str, code: CodeType) -> Iterator[list[str]]:
    """The functions of a module with the code of another version of its text; which are others."""
    new, places = _ordered(_codes(code)), _places(module)
    before: list[tuple[FunctionType, CodeType]] = []
    changed = []
    case.compiled.cache_clear()
    try:
        for function in _functions(module):
            own = function.__code__
            other = new.get(places[own.co_qualname, own.co_firstlineno])
            if other is not None and other.co_freevars == own.co_freevars:
                before.append((function, own))
                function.__code__ = other
                if _does(other) != _does(own):
                    changed.append(own.co_qualname)
        yield changed
    finally:
        case.compiled.cache_clear()
        for function, own in before:
            function.__code__ = own


def _does(code: CodeType) -> tuple[object, ...]:
    """What code does, wherever it stands."""
    constants = tuple(_does(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return (code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars)


def _ordered(codes: Iterable[CodeType]) -> dict[tuple[str, int], CodeType]:
    """Codes by their names, and which of one name it is: lines may have moved."""
    found: dict[tuple[str, int], CodeType] = {}
    seen: Counter[str] = Counter()
    for code in sorted(codes, key=lambda c: c.co_firstlineno):
        found[code.co_qualname, seen[code.co_qualname]] = code
        seen[code.co_qualname] += 1
    return found


@cache
def _places(module: str) -> dict[tuple[str, int], tuple[str, int]]:
    """Of functions of the module by name and line, which of their name they are."""
    path = Path(str(import_module(module).__file__))
    own = _ordered(_codes(compiled(path.read_text(encoding="utf-8"), path)))
    return {(c.co_qualname, c.co_firstlineno): place for place, c in own.items()}


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
