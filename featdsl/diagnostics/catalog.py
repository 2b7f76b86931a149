"""Every diagnostic code, in order: one line each, a page each in ``docs/errors/``.

FD01 syntax, 02 names, 03 types and units, 04 time and leakage, 05 dialect, 06 project and
parameters, 07 data, 08 runs, 09 lint. An id is never reused.
"""

from __future__ import annotations

from featdsl.diagnostics.model import Code, Severity

_W = Severity.WARNING

# FD01 syntax
SYNTAX = Code("FD0101", "syntax", "unexpected text")
UNCLOSED = Code("FD0102", "unclosed-bracket", "a bracket is never closed")
NOT_SUPPORTED = Code("FD0199", "not-yet-supported", "the language has it, this version does not")

# FD02 names

# FD03 types and units

# FD04 time and leakage

# FD05 dialect

# FD06 project and parameters

# FD07 data

# FD08 runs

# FD09 lint


def codes() -> dict[str, Code]:
    """Every code by its id."""
    return {v.id: v for v in globals().values() if isinstance(v, Code)}
