"""What declarations say of themselves is shown wherever they are: nothing is read and forgotten."""

from __future__ import annotations

from io import StringIO

import pytest

from featdsl.cli.names import Entry
from featdsl.cli.screen import Screen
from featdsl.cli.show_entry import describe
from featdsl.compiler.pipeline import compile_text
from featdsl.ir.manifest import Manifest
from featdsl.site.build import site_files
from featdsl.site.context import Site
from featdsl.site.records import Runs

SAID = 'was old  version 3  uri "https://example.com/more"'
TEXT = f"""
namespace shop
entity customer {{ key id: int  {SAID} }}
source orders {{
  from csv "orders.csv"
  time at
  entity customer (customer_id)
  columns {{ customer_id: int  at: timestamp  amount: int }}
  {SAID}
}}
view lines from orders {{ let twice = 2 * amount  {SAID} }}
features spend for customer from lines {{
  {SAID}
  total = sum(twice) {{ unit "INR"  format "#,##0"  domain "not negative"  {SAID} }}
}}
consumer report {{ kind report  {SAID} }}
dataset rows for customer {{ include spend.*  {SAID} }}
"""
SCREEN = Screen(StringIO(), StringIO(), allow_color=False)
SHOWN = {"was": "old", "version": "3", "where": "https://example.com/more"}


def manifest() -> Manifest:
    return compile_text(TEXT).manifest()


def entries() -> list[Entry]:
    made = manifest()
    kinds = (made.entities, made.sources, made.views, made.groups, made.features)
    return [e for kind in (*kinds, made.consumers, made.datasets) for e in kind]


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e.short)
def test_history_is_shown(entry: Entry) -> None:
    lines = [line.split(maxsplit=1) for line in describe(SCREEN, entry)]
    said = {line[0]: line[1] for line in lines if len(line) == 2}

    assert (entry.note.was, entry.note.version, entry.note.uri) == ("old", 3, SHOWN["where"])
    assert {label: said.get(label) for label in SHOWN} == SHOWN


def test_a_feature_says_its_unit_form_and_domain() -> None:
    (total,) = manifest().features
    lines = [*describe(SCREEN, total)]

    assert (total.unit, total.note.format, total.note.domain) == ("INR", "#,##0", "not negative")
    assert lines[0] == "shop.spend.total  int, INR"
    assert "  format        #,##0" in lines
    assert "  domain        not negative" in lines


def test_the_site_has_them_on_each_page() -> None:
    pages = [text for _, text in site_files(Site(manifest(), Runs(())))]
    shown = [p for p in pages if "<dt>Before</dt>" in p and "<dd>3</dd>" in p]

    assert len(shown) == len(entries())


@pytest.mark.parametrize(
    "declared",
    [
        "const n = 5 {{ {} }}",
        "fn twice(x: int) = 2 * x {{ {} }}",
        "template t(x: column) {{ total = sum(x)  {} }}",
        'test "it" {{ {} }}',
    ],
)
@pytest.mark.parametrize("attribute", ['deprecated "use m"', "was m", "version 2", 'uri "x"'])
def test_what_nothing_would_show_is_refused(declared: str, attribute: str) -> None:
    found = compile_text(declared.format(attribute)).diagnostics

    assert "FD0208" in [d.code.id for d in found]


@pytest.mark.parametrize("attribute", ["owner", "unit", "uri", "deprecated", "note"])
def test_a_text_that_says_nothing_is_refused(attribute: str) -> None:
    text = TEXT.replace('unit "INR"', f'{attribute} " "').replace(SAID, "")

    assert [d.code.id for d in compile_text(text).diagnostics if d.severity == "error"] == [
        "FD0321"
    ]
