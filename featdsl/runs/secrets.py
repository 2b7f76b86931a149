"""Values of secret parameters out of what is told and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from featdsl.compiler.redact import passwords_in
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Label
from featdsl.ir.program import Program
from featdsl.ir.text import HIDDEN

_SHORTEST = 4
"""Characters: hiding every occurrence of less would make messages unreadable, and hide little."""


def secrets_of(program: Program) -> tuple[str, ...]:
    """Texts that must not be shown, longest first: of parameters, and passwords of places."""
    values = [p.value for p in program.params.values() if p.secret]
    items = [i for v in values for i in (v if isinstance(v, tuple) else (v,))]
    for location in (s.location for s in program.sources.values()):
        for text in (location.argument, *location.options.values()):
            items += passwords_in(text) if isinstance(text, str) else ()
    texts = {i for i in items if isinstance(i, str) and len(i) >= _SHORTEST}
    return tuple(sorted(texts, key=len, reverse=True))


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """The text with asterisks in place of secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def hidden_diagnostic(diagnostic: Diagnostic, secrets: tuple[str, ...]) -> Diagnostic:
    """A diagnostic whose words hold no secret; source lines are shown as they are written."""
    if not secrets:
        return diagnostic

    def label(found: Label) -> Label:
        return replace(found, text=hidden(found.text, secrets))

    primary = diagnostic.primary
    return replace(
        diagnostic,
        message=hidden(diagnostic.message, secrets),
        primary=None if primary is None else label(primary),
        secondary=tuple(map(label, diagnostic.secondary)),
        notes=tuple(hidden(n, secrets) for n in diagnostic.notes),
        helps=tuple(hidden(h, secrets) for h in diagnostic.helps),
    )


@contextmanager
def failing_without(secrets: tuple[str, ...]) -> Iterator[None]:
    """Take secrets out of what a `Failure` tells."""
    try:
        yield
    except Failure as failure:
        shown = [hidden_diagnostic(d, secrets) for d in failure.diagnostics]
        # A traceback shows the cause too.
        raise Failure(*shown) from None


def hidden_values(value: Any, secrets: tuple[str, ...]) -> Any:
    """The same for everything in a structure of lists, objects and texts."""
    match value:
        case str():
            return hidden(value, secrets)
        case list() | tuple():
            return [hidden_values(v, secrets) for v in value]
        case Mapping():
            return {k: hidden_values(v, secrets) for k, v in value.items()}
        case _:
            return value
