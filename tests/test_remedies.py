"""Each kind of diagnostic that tests show says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SHOWN = (
    "semantic_errors/*.txt",
    "syntax_errors/*.txt",
    "problems/*.txt",
    "literate/*.md",
)
_HEAD = re.compile(r"^(?:error|warning)\[(FD\d{4}) [a-z-]+\]: .*$", re.MULTILINE)


def blocks() -> Iterator[tuple[str, str, str]]:
    """Every diagnostic that an expected text has: where, its code, its lines."""
    for pattern in SHOWN:
        for path in sorted(TESTS.glob(pattern)):
            text = path.read_text("utf-8")
            for head in _HEAD.finditer(text):
                end = re.search(r"^(?:$|```)", text[head.end() + 1 :], re.MULTILINE)
                stop = len(text) if end is None else head.end() + 1 + end.start()
                yield path.name, head[1], text[head.start() : stop]


def test_each_code_that_is_shown_says_what_to_do() -> None:
    """A message that holds its remedy (``did you mean …?``) may go without, a code never does."""
    told: dict[str, bool] = {}
    for _, code, lines in blocks():
        told[code] = told.get(code, False) or "\n  help: " in lines

    assert [code for code, has in told.items() if not has] == []


def test_texts_are_found() -> None:
    assert len({code for _, code, _ in blocks()}) > 200
