"""Whole projects: the manual's example, the forty features, the reference projects."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from till import BASE, FOLDER, analysed, beside, group

from featdsl.diagnostics.model import Severity
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk

PROJECTS = Path(__file__).parents[1] / "features"


@pytest.mark.parametrize("project", ["quickstart", "flights", "retail"])
def test_a_reference_project_has_nothing_said_about_it(project):
    files = {p.name: p.read_text("utf-8") for p in sorted((PROJECTS / project).glob("*.feat"))}
    program, found, texts = analysed(files)

    assert [(texts.where(d.primary.span), d.message) for d in found] == []
    assert len(list(program.features())) > 15
    assert program.tests


CORPUS = Path(__file__).parent / "syntax_corpus"


def errors(name: str) -> list[tuple[str, str]]:
    _, found, _ = analysed({name: (CORPUS / name).read_text("utf-8")})
    return [(d.code.slug, d.message) for d in found if d.severity is Severity.ERROR]


def test_the_manuals_example_lacks_nothing():
    assert errors("retail.feat") == []


def test_of_the_forty_features_only_what_their_text_lacks_is_said():
    columns = [m for slug, m in errors("forty.feat") if slug == "unknown-columns"]
    others = [m for slug, m in errors("forty.feat") if slug != "unknown-columns"]

    assert columns == [
        f"nothing says which columns `{source}` has"
        for source in (
            *("prices", "stores", "products", "holidays"),
            *("chargebacks", "transfers", "households"),
        )
    ]
    assert others == [
        "`customers` has no column `from_ts`",
        "`customers` has no column `to_ts`",
        "`customers` has no column `loaded_at`",
        "`vectors` has no column `trained_at`",
        "`gap_mean` is a length of time, which has no unit in a table",
        "`session_len` is a length of time, which has no unit in a table",
        "`lines` does not name the entity `region`",
        "there is no source or view `churn_labels` in namespace `review`",
    ]


def test_no_value_has_the_type_of_a_mistake():
    files = {p.name: p.read_text("utf-8") for p in sorted((PROJECTS / "flights").glob("*.feat"))}
    program, _, _ = analysed(files)
    expressions = [f.expr for f in program.features()]
    expressions += [let.value for v in program.views.values() for let in v.lets]

    assert not any(at.dtype.is_error for e in expressions for at in walk(e))
    assert not any(
        isinstance(at, ir.Column) and at.qualifier == "(parameter)"
        for e in expressions
        for at in walk(e)
    )


def test_a_thousand_features_take_less_than_a_second():
    lines = [
        'f{i} = sum(amount where status = "paid" and category = "food" default 0) over {w}d',
        "f{i} = count(where premium) / count() over {w}d",
        "f{i} = f{a} / (f{b} + 1)",
        "f{i} = avg(amount * 2 - p.price) over 90d",
        'f{i} = days_since(last(sold_at where channel in ["web", "app"]))',
    ]
    groups = [
        group(
            *(lines[i % 5].format(i=i, w=i + 3, a=i - 1, b=i - 2) for i in range(50)),
            header=f"g{g} for customer from lines",
        )
        for g in range(20)
    ]
    text = "".join(groups)
    beside(text)
    start = time.process_time()
    program, found = beside(text)
    spent = time.process_time() - start

    assert found == []
    assert len(list(program.features())) == 1000
    assert spent < 3  # parsing takes most of it


def test_a_long_chain_of_features_is_no_recursion():
    chain = ["f0 = count()", *(f"f{i} = f{i - 1} + 1" for i in range(1, 1500))]
    _, (told,) = beside(group(*chain))
    program, found = beside(group(*chain[:200]))

    assert (told.code.id, found) == ("FD0228", [])
    assert len(list(program.features())) == 200


def test_the_same_texts_give_the_same_messages_in_any_order():
    files = {p.name: p.read_text("utf-8") for p in FOLDER.glob("u*.feat")}
    files["shop.feat"] = BASE
    shuffled = list(files)
    random.Random(1).shuffle(shuffled)
    _, first, _ = analysed(files)
    _, second, _ = analysed({name: files[name] for name in shuffled})

    assert first == second


WORD = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*|\d[\w.]*|\$\w+|@[\w:-]+|\S|\s+')


@pytest.mark.parametrize("seed", range(4))
def test_no_text_makes_the_analysis_raise(seed):
    random_ = random.Random(seed)
    texts = [BASE, *(p.read_text("utf-8") for p in sorted(FOLDER.glob("*.feat")))]
    words = [w for t in texts for w in WORD.findall(t) if not w.isspace()]
    for _ in range(60):
        parts = WORD.findall(random_.choice(texts))
        for _ in range(random_.randint(1, 6)):
            parts[random_.randrange(len(parts))] = random_.choice(
                [*random_.choices(words, k=3), ""]
            )
        files = {"a.feat": "".join(parts), "shop.feat": BASE}
        program, _, _ = analysed(files)

        assert not any(at.dtype.is_error for f in program.features() for at in walk(f.expr))
