"""Of 1,000 features exactly those that use what was changed."""

from __future__ import annotations

import pytest
from thousand import thousand

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.impact.compare import Impact, Kind, compare
from featdsl.impact.declared import Declared, declared
from featdsl.ir.manifest import Manifest

PROJECT = thousand()


def said(text: str) -> Manifest:
    compilation = compile_text(text, options=Options("big"))
    assert compilation.ok, compilation.diagnostics
    return compilation.manifest(sentences=False)


@pytest.fixture(scope="module")
def before() -> Declared:
    return declared(said(PROJECT.text))


def planned(before: Declared, old: str, new: str) -> Impact:
    assert PROJECT.text.count(old) == 1
    return compare(before, declared(said(PROJECT.text.replace(old, new))))


def test_a_column_of_another_type_changes_what_rests_on_it(before):
    impact = planned(before, "    c3: int\n", "    c3: decimal(12, 2)\n")

    assert {c.kind for c in impact.features} == {Kind.CHANGED}
    assert {c.name for c in impact.features} == PROJECT.of(3)
    assert (len(before.features), len(PROJECT.uses), len(PROJECT.of(3))) == (1000, 1000, 84)
    causes = {w for c in impact.features for w in c.because if not w.startswith(("through", "its"))}
    assert causes == {"big.sales.c3: int before, decimal(12, 2) now"}
    # Only one of the two data sets reads it.
    assert [(d.name, d.columns) for d in impact.datasets] == [("big.loud", ("own_3",))]


def test_a_comment_changes_nothing_and_a_sentence_only_what_is_said(before):
    text = PROJECT.text.replace("features g7 ", "# Why.\nfeatures   g7 ")
    text = text.replace("## Of a let.\n  let_2 = max(l4 ", "## Of another let.\n  let_2 = max(l4 ")
    impact = compare(before, declared(said(text)))

    assert {c.kind for c in impact.features} == {Kind.SAID}
    assert impact.datasets == ()
    names = [c.name for c in impact.features]
    assert len(names) == text.count("Of another let") > 0
    assert all(name.endswith(".let_2") for name in names)


def test_what_is_compared_is_no_sentence(before):
    """A manifest without sentences has all that a comparison reads."""
    whole = compile_text(PROJECT.text, options=Options("big")).manifest()

    assert compare(declared(whole), before) == compare(before, declared(whole))
    assert not compare(declared(whole), before).any
