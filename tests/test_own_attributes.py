"""Attributes that a project declares itself: read, checked, shown, and no part of any meaning."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from featdsl.cli.screen import Screen
from featdsl.cli.show_entry import describe
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.ir.manifest import Manifest
from featdsl.project.load import Project, load_project
from featdsl.project.read_config import read_config
from featdsl.semantics.own_attributes import KINDS, TYPES
from featdsl.site.build import site_files
from featdsl.site.context import Site
from featdsl.site.records import Runs
from featdsl.syntax.format import format_text

SETTINGS = """\
[project]
name = "shop"

[attributes]
team = "text"
seen_by = "texts"
rank = "int"
weight = "decimal"
live = "bool"
reviewed = "date"
kept = "duration"

[attributes.tier]
values = ["gold", "silver"]
on = ["feature", "dataset"]
"""
SAID = (
    'team "growth"  seen_by ["a", "b"]  rank -2  weight 0.50  live true  reviewed @2026-03-01  '
    "kept 90d"
)
SHOWN = {
    "team": "growth",
    "seen_by": "a, b",
    "rank": "-2",
    "weight": "0.50",
    "live": "true",
    "reviewed": "2026-03-01",
    "kept": "90d",
}
TEXT = """\
namespace shop
entity customer {{ key id: int  {0} }}
param floor: int = 3 {{ {0} }}
source orders {{
  from csv "orders.csv"
  time at
  entity customer (customer_id)
  columns {{ customer_id: int  at: timestamp  amount: int }}
  {0}
}}
view lines from orders {{ let twice = 2 * amount  {0} }}
input cart {{ total: int  {0} }}
features spend for customer from lines {{
  {0}
  total = sum(twice where twice > $floor) over 30d {{ {0} }}
}}
labels later for customer from orders {{ {0}  more = sum(amount) over next 7d {{ {0} }} }}
consumer report {{ kind report  {0} }}
dataset rows for customer {{ include spend.*  {0} }}
wanted speed for customer {{ {0} }}
"""
SCREEN = Screen(StringIO(), StringIO(), allow_color=False)


def project(folder: Path, text: str, settings: str = SETTINGS) -> Project:
    (folder / "featc.toml").write_text(settings, encoding="utf-8")
    (folder / "shop.feat").write_text(text, encoding="utf-8")
    return load_project(folder)


def manifest(folder: Path, said: str = SAID) -> Manifest:
    loaded = project(folder, TEXT.format(said))
    compiled = compile_text(TEXT.format(said), options=loaded.options)
    assert compiled.ok, compiled.diagnostics
    return compiled.manifest()


def entries(made: Manifest):
    kinds = (made.entities, made.parameters, made.sources, made.views, made.inputs, made.groups)
    more = (made.features, made.label_groups, made.labels, made.datasets, made.consumers)
    return [e for kind in (*kinds, *more, made.wanted) for e in kind]


def problems(folder: Path, text: str, settings: str = SETTINGS) -> list[Diagnostic]:
    loaded = project(folder, text, settings)
    found = compile_text(text, options=loaded.options).diagnostics
    return [d for d in (*loaded.problems.sorted(), *found) if d.severity == "error"]


def test_every_type_is_shown_of_every_kind(tmp_path: Path) -> None:
    made = manifest(tmp_path)

    assert len(entries(made)) == len(KINDS) + 1  # a label is declared as a feature is
    for entry in entries(made):
        lines = [line.split(maxsplit=1) for line in describe(SCREEN, entry)]
        said = {line[0]: line[1] for line in lines if len(line) == 2}
        assert {name: said.get(name) for name in SHOWN} == SHOWN, entry.name
    assert made.features[0].note.attributes == {
        **SHOWN,
        "seen_by": ("a", "b"),
        "rank": -2,
        "live": True,
    }
    assert Manifest.model_validate_json(made.model_dump_json()) == made


def test_the_site_shows_them(tmp_path: Path) -> None:
    pages = dict(site_files(Site(manifest(tmp_path), Runs(()))))

    (page,) = (t for p, t in pages.items() if str(p).endswith("total.html"))
    assert "<dt>Seen by</dt><dd>a, b</dd>" in page
    assert "<dt>Kept</dt><dd>90d</dd>" in page


def test_they_are_metadata_alone(tmp_path: Path) -> None:
    (said,), (other,), (silent,) = (
        manifest(tmp_path, text).features for text in (SAID, SAID.replace("growth", "risk"), "")
    )

    assert said.fingerprint.data == other.fingerprint.data == silent.fingerprint.data
    prints = {f.fingerprint.metadata for f in (said, other, silent)}
    assert len(prints) == 3


def test_formatting_keeps_them() -> None:
    text = TEXT.format(SAID)
    formatted = format_text(text, "t.feat", Problems())

    assert formatted is not None
    assert formatted.count("kept") == text.count("kept")
    assert format_text(formatted, "t.feat", Problems()) == formatted


def of_feature(attribute: str) -> str:
    return TEXT.format("").replace("over 30d {  }", f"over 30d {{ {attribute} }}")


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ("team 3", '`team` needs a text: `team "…"`'),
        ('team " "', '`team` needs a text: `team "…"`'),
        ("seen_by [1]", '`seen_by` needs a list of texts: `seen_by ["a", "b"]`'),
        ('rank "high"', "`rank` needs a whole number: `rank 3`"),
        ("live 1", "`live` needs `true` or `false`: `live true`"),
        ("weight 5%", "`weight` needs a number: `weight 0.5`"),
        ("reviewed @2026-03-01T10:00:00", "`reviewed` needs a day: `reviewed @2026-03-01`"),
        ("kept 90", "`kept` needs a length of time: `kept 30d`"),
        ('tier "siver"', '`tier` needs one of "gold" and "silver"'),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, attribute: str, message: str) -> None:
    (found,) = problems(tmp_path, of_feature(attribute))

    assert (found.code.id, found.message) == ("FD0321", message)


def test_the_value_that_was_meant_is_named(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, of_feature('tier "siver"'))

    assert found.helps == ("did you mean `silver`?",)


def test_one_given_twice_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, of_feature('team "a"  team "b"'))

    assert found.code.slug == "duplicate-attribute"


def test_one_of_another_kind_of_declaration_is_refused(tmp_path: Path) -> None:
    text = TEXT.format("").replace("kind report", 'kind report  tier "gold"')
    (found,) = problems(tmp_path, text)

    assert (found.code.id, found.message) == ("FD0208", "a consumer has no attribute `tier`")
    assert found.helps == (
        "featc.toml says whose `tier` may be: `feature` or `dataset`; more are added to its `on`",
    )


def test_what_has_no_page_has_none(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, TEXT.format("") + 'const n = 3 { team "growth" }\n')

    assert (found.code.id, found.message) == ("FD0208", "a constant has no attribute `team`")


def test_one_that_is_not_declared_says_where_it_would_be(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, of_feature('cost_center "7"'))

    assert found.code.id == "FD0208"
    assert "featc.toml" in found.helps[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('team = "txt"', 'must be one of "text", "texts", "int"'),
        ("team = 3", "must be a table, or a type"),
        ('key = "text"', "`key` is a word of the language"),
        ('owner = "text"', "`owner` is a word of the language"),
        ('null = "text"', "`null` is a word of the language"),
        ('wear = "text"', "would be read as a misspelt `where`"),
        ('Team = "text"', "must be named by lower-case letters"),
        ('team = { values = [" "] }', "must be texts that are not empty"),
        ('team = { type = "int", values = ["1"] }', 'must be of `type = "text"`'),
        ('team = { on = ["const"] }', 'must be one of "entity", "source"'),
        ('team = { typ = "int" }', "has no key `typ`"),
    ],
)
def test_mistakes_in_the_settings_are_told(line: str, message: str) -> None:
    found = Problems()
    settings = f'[project]\nname = "shop"\n[attributes]\n{line}\n'

    read_config(settings, "shop", found)

    (told,) = found.sorted()
    assert message in told.message
    place = told.primary
    assert place is not None
    assert settings[place.span.start : place.span.end].strip('"') in line


def test_all_types_are_tried() -> None:
    declared = read_config(SETTINGS, "shop", Problems()).attributes

    assert {a.type for a in declared.values()} == set(TYPES)
