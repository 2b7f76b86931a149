"""The grammar: no conflict, soft keywords, and words that agree with what it accepts."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path

import pytest
from lark import Lark
from lark.utils import logger

from featdsl.diagnostics.model import Problems
from featdsl.syntax import grammar
from featdsl.syntax.parse import parse
from featdsl.syntax.words import ATTRIBUTES, DECLARATIONS, ITEMS, RESERVED, SKELETONS

CORPUS = sorted((Path(__file__).parent / "syntax_corpus").glob("*.feat"))
KEYWORDS = grammar.keywords()
SOFT = sorted(set(KEYWORDS.values()) - RESERVED)


def conflicts(text: str) -> list[str]:
    """What Lark logs about a grammar's conflicts, which it otherwise resolves in silence."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(text, parser="lalr", lexer="contextual", debug=True, keep_all_tokens=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return [line for line in heard.getvalue().splitlines() if "onflict" in line]


def mistakes(text: str) -> list[str]:
    problems = Problems()
    parse(text, "t.feat", problems)
    return [d.message for d in problems.items]


LARK = grammar.build()


def accepted(text: str) -> set[str]:
    """The terminals that may follow a text."""
    parser = LARK.parse_interactive(text)
    parser.exhaust_lexer()
    return parser.accepts()


def test_the_grammar_has_no_conflict():
    assert conflicts(grammar.grammar_text()) == []


def test_a_conflict_would_be_heard():
    ambiguous = 'start: a | b\na: "x" "y"?\nb: "x" "y" "z"\n%ignore " "\n'
    dangling = 'start: e\n?e: e "+" e | /x/\n'

    assert conflicts(ambiguous) == []
    assert conflicts(dangling) != []


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_the_corpus_parses(path):
    assert mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("word", SOFT)
def test_a_soft_keyword_names_features_columns_and_lets(word):
    text = f"""
source s {{ from csv "x"  columns {{ {word}: int }} }}
view v from s {{ let {word} = 1 }}
features g for e from v {{
  a = 1
  {word} = sum(amount)
  {word}_n[7d] = sum(1 + {word})
  {word}: int = 1
  b = count() over 7d
}}
"""

    assert mistakes(text) == []


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_a_name_in_backticks_only(word):
    quoted = f"features g for e {{ `{word}` = 1  x = sum(`{word}`) }}"
    bare = f"features g for e {{\n  a = 1\n  {word} = 1\n}}"

    assert mistakes(quoted) == []
    assert mistakes(bare) == [f"`{word}` is a reserved word, not a name"]


def test_the_reserved_words_are_those_of_the_manual():
    hard = {KEYWORDS[t.name] for t in LARK.terminals if t.name in KEYWORDS} & RESERVED

    assert hard == RESERVED


@pytest.mark.parametrize("kind", sorted(SKELETONS))
def test_the_items_of_a_body_are_those_that_the_grammar_accepts(kind):
    found = {KEYWORDS[t] for t in accepted(SKELETONS[kind]) if t in KEYWORDS}

    assert found - ATTRIBUTES == ITEMS[kind]


def test_the_declarations_are_those_that_the_grammar_accepts():
    found = {KEYWORDS[t] for t in accepted("const x = 1 {}") if t in KEYWORDS}

    assert found == set(DECLARATIONS)


@pytest.mark.parametrize(
    "text",
    [
        "const x = " + '"' * 30_000,
        "const x = " + "'" * 30_000,
        "const x = " + "`" * 30_000,
        "const x = " + "a{" * 15_000,
        "const x = @" + "1" * 30_000,
        "const x = 1" + "_" * 30_000,
        "| " * 15_000,
        "#" * 30_000,
        '"' + "\\" * 30_000,
        "private " * 4_000 + "[" * 4_000,
    ],
    ids=lambda text: text[:14],
)
def test_no_terminal_takes_more_than_linear_time(text):
    start = time.process_time()
    mistakes(text)

    assert time.process_time() - start < 2
