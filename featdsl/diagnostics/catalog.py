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
NO_PROJECT = Code("FD0601", "no-project", "there is no featc.toml here or above")
CONFIG_SYNTAX = Code("FD0602", "config-syntax", "featc.toml is not valid TOML")
UNKNOWN_KEY = Code("FD0603", "unknown-key", "featc.toml has a key that featc does not know")
WRONG_SETTING = Code("FD0604", "wrong-setting", "a value in featc.toml does not fit its key")
MISSING_SETTING = Code("FD0605", "missing-setting", "featc.toml lacks a key that is needed")
NO_TEXTS = Code("FD0606", "no-texts", "a project has no .feat files")
UNREADABLE = Code("FD0607", "unreadable-file", "a .feat file cannot be read")
TOO_LARGE = Code("FD0608", "file-too-large", "a .feat file is larger than 1 MiB")
TOO_MANY = Code("FD0609", "too-many-files", "a project has more than 10,000 .feat files")
NOT_TEXT = Code("FD0610", "not-text", "a .feat file holds bytes that no text holds")
NOT_UTF8 = Code("FD0611", "not-utf8", "a .feat file is not UTF-8")
EMPTY_FILE = Code("FD0612", "empty-file", "a .feat file holds nothing", _W)
NO_MATCH = Code("FD0613", "selects-nothing", "a selector matches no feature")
WRONG_INSTANT = Code("FD0614", "wrong-as-of", "an as-of time cannot be read")
WRONG_PARAMETER = Code("FD0615", "wrong-parameter", "a parameter from outside cannot be used")
UNKNOWN_TARGET = Code("FD0616", "unknown-target", "featc.toml has no such target")
PREPARE_FAILED = Code("FD0617", "prepare-failed", "a project's prepare script cannot be run")
UNKNOWN_NAME = Code("FD0618", "unknown-name", "nothing of that name is declared")
UNKNOWN_CODE = Code("FD0619", "unknown-code", "there is no such diagnostic")
NOT_EMPTY = Code("FD0620", "folder-not-empty", "a new project needs an empty folder")

# FD07 data

# FD08 runs

# FD09 lint


def codes() -> dict[str, Code]:
    """Every code by its id."""
    return {v.id: v for v in globals().values() if isinstance(v, Code)}
