"""Texts near to correct ones: for parsers, which must bear them all."""

from __future__ import annotations

import random
import re
from pathlib import Path

from featdsl.syntax.scan import scan

CORPUS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "syntax_corpus").glob("*.feat"))
}
_INSERTS = [
    *"(){}[]\"'`|#;,.:=<>+-*/%$@&!\\\n\t ",
    '"""', "##", "over", "where", "as", "features x for y {", "source", "end", "and", "select",
    "5m", "@2024-13-01", "1e9", ".{", "| a | b |", "\n| x |\n", "\u202e", "\x1b", "ß", "\ufeff",
    "\ud800",
]  # fmt: skip


def declarations(text: str) -> list[str]:
    """A text's declarations, each with the comments above it."""
    return [part for part in re.split(r"\n(?=[a-z#])", text) if part.strip()]


DECLARATIONS = [part for text in CORPUS.values() for part in declarations(text)]


def mutated(rng: random.Random) -> str:
    """Some declarations of the corpus with a few characters or lexemes changed."""
    text = "\n".join(rng.choice(DECLARATIONS) for _ in range(rng.choice([1, 2, 4])))
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        text = changed(text, rng)
    return text


def changed(text: str, rng: random.Random) -> str:
    """A text with something left out, put in, doubled or exchanged."""
    i = rng.randrange(len(text) + 1)
    j = min(len(text), i + rng.choice([1, 1, 2, 5, 20]))
    lexemes = scan(text).lexemes
    kind = rng.randrange(5)
    if kind == 0:
        return text[:i] + text[j:]
    if kind == 1:
        return text[:i] + rng.choice(["", " "]) + rng.choice(_INSERTS) + text[i:]
    if kind == 2 or not lexemes:
        return text[:i] + text[i:j] * 2 + text[j:]
    gone, new = rng.choice(lexemes), rng.choice(lexemes)
    return text[: gone.start] + (new.text if kind == 3 else "") + text[gone.end :]


def with_comments(rng: random.Random) -> str:
    """Some declarations of the corpus with comments between any two lexemes."""
    text = "\n".join(rng.choice(DECLARATIONS) for _ in range(rng.choice([1, 2, 3])))
    for i in range(rng.choice([1, 2, 4, 8])):
        lexemes = scan(text).lexemes
        if not lexemes:
            break
        lexeme = rng.choice(lexemes)
        at = rng.choice([lexeme.start, lexeme.end])
        comment = rng.choice([f"# c{i}", f"## d{i}", "#", "##", "#'x\""])
        before = rng.choice([" ", "\n", "\n\n", "\n   ", ""])
        text = text[:at] + before + comment + "\n" + rng.choice(["", "\n", "  "]) + text[at:]
    return text


def comments(text: str) -> list[str]:
    """Every comment of a text, sorted."""
    scanned = scan(text)
    rows = [x.text.rpartition("|")[2].strip() for x in scanned.lexemes if x.kind.name == "ROW"]
    return sorted([c.text.rstrip() for c in scanned.comments] + [r for r in rows if r])
