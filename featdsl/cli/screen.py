"""Text on the terminal: styles where there is one, nothing that could steer it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO

from featdsl.cli.settings import Settings
from featdsl.diagnostics.render.text import shown

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def printable(text: str) -> str:
    """Return `text` on one line, with what could steer a terminal escaped."""
    return shown(text.replace("\n", "\\n"))


@dataclass(frozen=True, slots=True)
class Screen:
    """Results go to `out`, everything else to `err`."""

    out: TextIO
    err: TextIO
    allow_color: bool

    @classmethod
    def of(cls, settings: Settings) -> Screen:
        return cls(sys.stdout, sys.stderr, settings.color)

    def say(self, *lines: str) -> None:
        """Print a result; the lines are safe to print."""
        for line in lines:
            print(line, file=self.out)

    def tell(self, *lines: str) -> None:
        """Print something beside the result: progress, warnings, errors."""
        self.out.flush()
        for line in lines:
            print(line, file=self.err, flush=True)

    def style(self, text: str, *names: str, err: bool = False) -> str:
        """Paint `text` where the stream shows colours."""
        if not self.colored(err=err) or not text:
            return text
        return f"\033[{';'.join(_STYLES[name] for name in names)}m{text}\033[0m"

    def colored(self, *, err: bool = False) -> bool:
        return self.allow_color and is_terminal(self.err if err else self.out)

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None where the output is none."""
        return shutil.get_terminal_size().columns if is_terminal(self.out) else None

    def mark(self, passed: bool, *, err: bool = False) -> str:
        """A tick or a cross, also where the encoding has neither."""
        symbols = ("✓", "✗") if _can(self.err if err else self.out, "✓✗") else ("ok", "no")
        return self.style(symbols[not passed], "green" if passed else "red", err=err)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person sees the stream; FORCE_COLOR says so for one that records it."""
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _can(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def show_value(value: object) -> str:
    """A value of a feature as people read it; null is ``null``."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}" if abs(value) < 1e15 else repr(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="auto")
        case date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(show_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{show_value(k)}: {show_value(v)}' for k, v in value.items())}}}"
    return printable(str(value))


def show_column(values: Sequence[object]) -> list[str]:
    """Values of one column; floats with as many decimals as the most precise of them."""
    shown = [show_value(v) for v in values]
    floats = [t for v, t in zip(values, shown, strict=True) if isinstance(v, float)]
    if any("e" in text or "n" in text for text in floats):
        return shown
    decimals = min(6, max((len(text.partition(".")[2]) for text in floats), default=0))
    return [
        f"{v:.{decimals}f}" if isinstance(v, float) else text
        for v, text in zip(values, shown, strict=True)
    ]


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names with commas; of many the first few."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
