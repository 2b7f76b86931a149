"""One layout: what it looks like, that it is stable, and that it changes no meaning."""

from __future__ import annotations

import random
import time

import pytest
from mutations import CORPUS, comments, mutated, with_comments

from featdsl.diagnostics.model import Problems
from featdsl.syntax.alike import alike
from featdsl.syntax.format import LINE, format_text
from featdsl.syntax.parse import parse


def formatted(text: str) -> str:
    problems = Problems()
    result = format_text(text, "t.feat", problems)
    assert [d.message for d in problems.items] == []
    assert result is not None
    return result


def tree(text: str):
    return parse(text, "t.feat", Problems())


def test_an_item_stands_on_a_line_of_its_own():
    assert formatted('features g for e from s{owner "a"\n  x=sum( a )over 7d   y = 1}') == (
        'features g for e from s {\n  owner "a"\n  x = sum(a) over 7d\n  y = 1\n}\n'
    )


def test_a_body_that_its_author_wrote_in_one_line_stays_in_one():
    assert (
        formatted('consumer c {kind model   owner "a"}') == 'consumer c { kind model  owner "a" }\n'
    )
    assert formatted("entity everyone {}") == "entity everyone { }\n"


def test_a_body_that_does_not_fit_gets_a_line_for_each_item():
    columns = " ".join(f"column_{i}: decimal(12, 2)" for i in range(5))

    assert formatted(f"input r {{ {columns} }}") == (
        "input r {\n" + "".join(f"  column_{i}: decimal(12, 2)\n" for i in range(5)) + "}\n"
    )


def test_an_item_that_does_not_fit_goes_on_where_it_binds_least():
    text = formatted(
        "features g for e from s {\n"
        "  ratio = sum(amount where status = $paid and category = $food default 0) / "
        "sum(amount where status = $paid default 0) over 90d\n}"
    )

    assert text == (
        "features g for e from s {\n"
        "  ratio = sum(amount where status = $paid and category = $food default 0)\n"
        "      / sum(amount where status = $paid default 0) over 90d\n"
        "}\n"
    )
    assert max(map(len, text.splitlines())) <= LINE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'it''s'", '"it\'s"'),
        ("'say \"x\"'", '"say \\"x\\""'),
        ("'a\\'b'", '"a\'b"'),
        ("a <> b", "a != b"),
        ("count(*)", "count()"),
        ("count( * where a )", "count(where a)"),
        ("count(distinct x)", "count_distinct(x)"),
        ("[ 1,2, ]", "[1, 2]"),
        ("- x*-1", "-x * -1"),
        ("f ( a )", "f(a)"),
        ("@2024-01-03 10:00", "@2024-01-03T10:00"),
        ("a  in[1]", "a in [1]"),
        ("g . f  via( a,b )", "g.f via (a, b)"),
        ('sql( "{t}",t :a ) : int', 'sql("{t}", t: a): int'),
        ('"""as it \\d is"""', '"""as it \\d is"""'),
    ],
)
def test_one_spelling_for_each_thing(written, expected):
    assert formatted(f"const x = {written}") == f"const x = {expected}\n"


def test_tables_are_aligned():
    assert formatted('test "t" {\ngiven s\n|a|long_name|\n|Größe|1|  # why\nat @2024-01-01\n}') == (
        'test "t" {\n'
        "  given s\n"
        "    | a     | long_name |\n"
        "    | Größe | 1         |  # why\n"
        "  at @2024-01-01\n"
        "}\n"
    )


def test_declarations_have_one_empty_line_between_them_and_one_liners_need_none():
    text = "const a = 1\nconst b = 2\n\n\n\nconst c = 3\nentity e {\n key id: int\n}\nconst d = 4"

    assert formatted(text) == (
        "const a = 1\nconst b = 2\n\nconst c = 3\n\nentity e {\n  key id: int\n}\n\nconst d = 4\n"
    )


def test_an_authors_empty_lines_in_a_body_are_kept_as_one():
    text = "features g for e {\n\n\n  a = 1\n\n\n  # on b\n  b = 2\n\n}"

    assert formatted(text) == "features g for e {\n  a = 1\n\n  # on b\n  b = 2\n}\n"


def test_comments_stay_where_they_belong():
    text = """# top

## doc
source s { # behind the brace
from csv "x"# behind an item
    # above an item
  key a
columns { # c
  a: int # behind a column
  # at the end
}
# last
} # behind
# the end"""

    assert (
        formatted(text)
        == """# top

## doc
source s {  # behind the brace
  from csv "x"  # behind an item
  # above an item
  key a
  columns {  # c
    a: int  # behind a column
    # at the end
  }
  # last
}  # behind
# the end
"""
    )


def test_a_comment_inside_an_item_breaks_its_line():
    text = "features g for e {\n  x = a +# one\n    b # two\n}"

    assert formatted(text) == "features g for e {\n  x = a +  # one\n      b  # two\n}\n"


def test_line_ends_and_marks_of_other_systems_are_read():
    assert formatted("\ufeffconst a = 1\r\nconst b = 2\r\n") == "const a = 1\nconst b = 2\n"


def test_a_text_that_does_not_parse_is_reported_and_not_formatted():
    problems = Problems()

    assert format_text("const a = ", "t.feat", problems) is None
    assert [d.code.slug for d in problems.items] == ["syntax"]


def test_nothing_but_comments_is_kept():
    assert formatted("") == ""
    assert formatted("\n\n# a\n\n\n# b") == "# a\n\n# b\n"


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_the_corpus_keeps_its_meaning_and_comments(name):
    text = CORPUS[name]
    once = formatted(text)

    assert formatted(once) == once
    assert alike(tree(once), tree(text))
    assert comments(once) == comments(text)


@pytest.mark.parametrize("seed", [1, 2])
def test_comments_anywhere_are_kept_and_the_layout_is_stable(seed):
    rng = random.Random(seed)
    end = time.process_time() + 3
    while time.process_time() < end:
        text = with_comments(rng)
        once = format_text(text, "t.feat", Problems())
        if once is None:  # a comment in a table row, say
            continue

        assert formatted(once) == once
        assert comments(once) == comments(text)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_parses_is_formatted_stably(seed):
    rng = random.Random(seed)
    end = time.process_time() + 3
    while time.process_time() < end:
        once = format_text(mutated(rng), "t.feat", Problems())

        assert once is None or formatted(once) == once
