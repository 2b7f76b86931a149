"""A page whose Python runs: from top to bottom, in one namespace, with the output that it shows.

What a ``python`` block prints is the ``text`` block right below it, where there is one.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

_BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n+^```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


def as_it_runs(page: Path, names: dict[str, Any]) -> str:
    """The page as it were if each output was what the code above it prints.

    The code runs with `names`, and leaves its own there.
    """
    text = page.read_text(encoding="utf-8")

    def rewritten(found: re.Match[str]) -> str:
        lines = text.count("\n", 0, found.start("code"))
        printed = io.StringIO()
        with redirect_stdout(printed):
            # Empty lines before it make the lines of a traceback those of the page.
            exec(compile("\n" * lines + found["code"], str(page), "exec"), names)
        if found["output"] is None:
            return found[0]
        start, end = (at - found.start() for at in found.span("output"))
        return f"{found[0][:start]}{printed.getvalue()}{found[0][end:]}"

    return _BLOCK.sub(rewritten, text)
