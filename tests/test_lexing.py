"""The parser's own lexer and loop beside Lark's: the same trees, the same places of errors."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
from lark import Lark, UnexpectedInput
from lark.lexer import PatternStr

from featdsl.syntax import compiled, grammar
from featdsl.syntax.build_decl import DeclarationBuilder
from featdsl.syntax.lexing import STARTS, StateLexer, Terminals
from featdsl.syntax.machine import Machine
from featdsl.syntax.piece import Piece
from featdsl.syntax.reader import _stop
from featdsl.syntax.scan import scan

ROOT = Path(__file__).parents[1]
TEXTS = sorted(
    p
    for folder in ("features", "tests/syntax_corpus", "tests/syntax_errors", "tests/reference")
    for p in (ROOT / folder).rglob("*.feat")
)
BUILDER = DeclarationBuilder()


@cache
def plain() -> Lark:
    """The parser with nothing of our own in it."""
    return Lark(
        grammar.grammar_text(),
        parser="lalr",
        lexer="contextual",
        transformer=BUILDER,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


@cache
def ours() -> tuple[Lark, Machine]:
    lark = grammar.build(BUILDER)
    return lark, Machine(lark)


def made(parse, text: str):
    """The tree, and what its builder found; or where it stopped and what it would have taken."""
    BUILDER.begin("t.feat", Piece(text), scan(text))
    try:
        tree = parse(text)
    except UnexpectedInput as error:
        return _stop(error, Piece(text))
    return tree, [d.message for d in BUILDER.found]


def assert_same(text: str) -> None:
    lark, machine = ours()
    expected = made(plain().parse, text)

    assert made(lark.parse, text) == expected
    tree = made(machine.parse, text)
    assert tree == expected if isinstance(expected, tuple) else tree[0] is None


@pytest.mark.parametrize("folder", sorted({p.parent for p in TEXTS}), ids=lambda p: p.name)
def test_every_text_gives_what_lark_gives(folder: Path) -> None:
    for path in TEXTS:
        if path.parent == folder:
            assert_same(path.read_text("utf-8", errors="surrogateescape"))


PIECES = (
    *sorted(grammar.keywords().values()),
    *("{", "}", "(", ")", "[", "]", ",", ":", "=", "==", "<", "<=", "<>", "<..", "<..=", "..="),
    *(
        "..",
        ".",
        ".{",
        ".*",
        "+",
        "-",
        "*",
        "/",
        "//",
        "??",
        "|",
        "| a |",
        "$",
        "$a",
        "@2024-01-01",
    ),
    *("1", "1.5", "10%", "7d", "7dé", "for{", "spend_{c}", "private{x}", "`a b`", "'t'", '"t"'),
    *(
        '"""',
        "é",
        "foré",
        "\ufeff",
        "\x00",
        "#",
        "# c\n",
        "\n",
        " ",
        "\u00a0",
        "Capital",
        "allow 5",
    ),
)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_put_in_or_taken_out_makes_no_difference(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(25):
        text = chosen.choice(TEXTS).read_text("utf-8", errors="surrogateescape")
        lexemes = scan(text).lexemes
        first = chosen.randrange(max(1, len(lexemes) - 40))
        start = lexemes[first].start if lexemes else 0
        end = lexemes[min(first + 40, len(lexemes)) - 1].end if lexemes else 0
        parts = re.split(r"(?<=\s)|(?=\s)", text[start:end])
        for _ in range(chosen.randrange(1, 4)):
            at = chosen.randrange(len(parts) + 1)
            parts[at : at + chosen.randrange(3)] = [chosen.choice(PIECES)]
        assert_same("".join(parts))


def test_each_terminal_is_known_by_what_it_begins_with() -> None:
    lark, _ = ours()
    lexer = lark.parser.lexer
    assert isinstance(lexer, StateLexer)
    ignored = set(lexer.conf.ignore)
    terminals = Terminals(lark.terminals, ignored)
    free = [t for t in lark.terminals if t.name not in terminals.words and t.name not in ignored]

    assert {t.name for t in free if not isinstance(t.pattern, PatternStr)} == STARTS.keys()
    for terminal in free:
        starts = STARTS.get(terminal.name, terminal.pattern.value[:1])
        pattern = re.compile(terminal.pattern.to_regexp())
        others = {chr(c) for c in range(33, 127)} - set(starts)
        tails = ("", "1", "a", "=", ".", "a}", '"', "'", "`", "|", "{a}", "2024")
        assert not [c for c in others for tail in tails if pattern.match(c + tail)]


def test_no_terminal_has_a_callback_or_is_another_by_its_text() -> None:
    # Lark would look at both; the loop does not.
    lark, _ = ours()
    names = {t.name for t in lark.terminals}
    texts = [t for t in lark.terminals if isinstance(t.pattern, PatternStr)]

    assert not [n for n in names if hasattr(BUILDER, n)]
    for terminal in lark.terminals:
        if not isinstance(terminal.pattern, PatternStr):
            pattern = re.compile(terminal.pattern.to_regexp())
            whole = [t.name for t in texts if pattern.fullmatch(t.pattern.value)]
            assert not [n for n in whole if lark.get_terminal(n).priority == terminal.priority]


def test_tables_are_kept_and_made_anew_where_they_are_not_whole(tmp_path: Path) -> None:
    lark, _ = ours()
    file, key = tmp_path / "deep" / "a.tables", b"k" * 32

    assert compiled.read(file, key) is None
    compiled.write(file, key, grammar.build(None))
    whole = file.read_bytes()
    data, memo = compiled.read(file, key)
    loaded = Lark._load_from_dict(data, memo, transformer=None)
    assert {t.name for t in loaded.terminals} == {t.name for t in lark.terminals}

    assert compiled.read(file, b"l" * 32) is None
    for wrong in (whole[:-1], whole[:40], b"", whole[:70] + b"x" + whole[71:]):
        file.write_bytes(wrong)
        assert compiled.read(file, key) is None
    file.unlink()
    file.mkdir()
    assert compiled.read(file, key) is None
    compiled.write(file, key, grammar.build(None))
