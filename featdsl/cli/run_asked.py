"""Parameters without a value, asked for where somebody sits at a terminal."""

from __future__ import annotations

import getpass
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from featdsl.cli.screen import printable
from featdsl.cli.work import compile_loaded, errors_of
from featdsl.diagnostics import catalog
from featdsl.ir.program import Origin
from featdsl.syntax import nodes

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.diagnostics.model import Diagnostic


def with_answers(work: Work) -> Work:
    """Ask for each parameter that is used, has no default and was not given.

    Elsewhere than on a terminal, and where something else is wrong, nothing is asked: what is
    missing is an error then. What does not fit is told, and asked again; who ends the input
    answers nothing more.
    """
    while _asks() and (missing := _missing(work)):
        try:
            work = _answered(work, missing[0], len(missing))
        except EOFError:
            work.screen.tell("")
            return work
    return work


def _asks() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


@dataclass(frozen=True, slots=True)
class _Missing:
    """A parameter without a value; ``name`` is one that no other has."""

    decl: nodes.ParamDecl
    name: str


def _missing(work: Work) -> list[_Missing]:
    """What can be asked for; none where other mistakes would be left."""
    errors = errors_of(work.diagnostics)
    if not all(d.code is catalog.PARAMETER_MISSING for d in errors):
        return []
    spans = [d.primary.span for d in errors if d.primary is not None]
    declared = [
        (decl, "" if module.namespace is None else f"{module.namespace.path.text}.")
        for module in work.compilation.modules
        for decl in module.decls
        if isinstance(decl, nodes.ParamDecl)
    ]
    names = Counter(decl.name.text for decl, _ in declared)
    return [
        _Missing(decl, decl.name.text if names[decl.name.text] == 1 else space + decl.name.text)
        for decl, space in declared
        if decl.default is None and decl.name.span in spans
    ]


def _answered(work: Work, missing: _Missing, left: int) -> Work:
    screen, name, decl = work.screen, missing.name, missing.decl
    about = f": {decl.doc}" if decl.doc else ""
    more = f" ({left} to go)" if left > 1 else ""
    screen.tell(f"{name} has no value{more}{printable(about)}")
    while True:
        text = _ask(f"{name} ({_choices(work, decl)}) = ", secret=decl.secret)
        given = {**work.project.options.params, name: (text, Origin.ASKED)}
        options = replace(work.project.options, params=given)
        found = compile_loaded(work.settings, replace(work.project, options=options))
        wrong = _wrong(errors_of(found.diagnostics), decl)
        if not wrong:
            return found
        screen.tell(*(f"  {printable(d.message)}" for d in wrong))


def _ask(prompt: str, *, secret: bool) -> str:
    if secret:
        return getpass.getpass(prompt, stream=sys.stderr)
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def _choices(work: Work, decl: nodes.ParamDecl) -> str:
    """The type, and what can be chosen where that is little."""
    span = decl.type.span
    shown = work.project.texts.files[span.source].text[span.start : span.end]
    if decl.type.name.text == "bool":
        shown += ": true or false"
    elif decl.type.name.text == "list":
        shown += ", with commas between"
    return printable(shown) + (", not shown" if decl.secret else "")


def _wrong(errors: Sequence[Diagnostic], decl: nodes.ParamDecl) -> list[Diagnostic]:
    """Errors that say that the value does not fit."""
    return [
        d
        for d in errors
        if d.code is catalog.PARAMETER_VALUE
        and d.primary is not None
        and d.primary.span == decl.name.span
    ]
