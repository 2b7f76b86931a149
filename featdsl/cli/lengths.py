"""Lengths of time on the command line."""

from __future__ import annotations

from datetime import timedelta

from featdsl.cli.errors import UsageMistake


def length_of(option: str, text: str) -> timedelta:
    """``30min`` as a length.

    Raises:
        UsageMistake: it is none, or 0.
    """
    from featdsl.semantics.values import NotAValue, read_value
    from featdsl.types.dtype import DURATION
    from featdsl.types.duration import Duration

    try:
        value = read_value(text.strip(), DURATION)
    except NotAValue as wrong:
        raise UsageMistake(f"`{option}`: {wrong}", f"write `{option} 30min`") from wrong
    assert isinstance(value, Duration), "a length was read"
    if value.micros <= 0:
        raise UsageMistake(f"`{option} {text}` is no time at all", f"write `{option} 30min`")
    return timedelta(microseconds=value.micros)
