"""What a notebook shows: short, and escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from typed_events import arrow, nullable

import featdsl

EVIL = "<script>alert(1)</script>"
TEXT = f"""\
namespace shop

entity customer {{ key customer_id: int }}

source events {{
  from parquet "events.parquet"
  key event_id
  time seen_at
  entity customer
  columns {{ event_id: int required  customer_id: int required  seen_at: timestamp required }}
}}

## {EVIL} <img src=x onerror=alert(1)>
features spend for customer from events {{
  owner "{EVIL}"
  ## {EVIL} & more
  events = count() over 7d {{ unit "{EVIL}" }}
}}
"""
TAGS = {"div", "p", "pre", "table", "thead", "tbody", "tr", "th", "td", "h4"}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(thing: object) -> Tags:
    tags = Tags()
    tags.feed(thing._repr_html_())  # type: ignore[attr-defined]
    return tags


def test_what_authors_write_never_becomes_html() -> None:
    compilation = featdsl.compile_text(TEXT)
    broken = featdsl.compile_text(TEXT.replace("count()", f'count(where name = "{EVIL}")'))
    things = [
        compilation,
        compilation.features,
        compilation.features[0],
        compilation.groups,
        compilation.groups[0],
        broken,
        broken.diagnostics,
        broken.diagnostics[0],
    ]

    found = [shown(thing) for thing in things]

    assert [tags.seen - TAGS for tags in found] == [set()] * len(things)
    assert EVIL in found[2].text
    assert EVIL in found[4].text
    assert EVIL in found[6].text


def test_values_never_become_html(shop: featdsl.Project) -> None:
    events = nullable(slice(None)).assign(name=EVIL)

    result = shop.snapshot("newest", sources={"events": events})

    assert shown(result).seen <= TAGS
    assert EVIL in shown(result).text
    assert shown(result.report).seen <= TAGS


def test_names_of_columns_never_become_html(shop: featdsl.Project) -> None:
    spine = nullable(slice(1))[["customer_id", "seen_at"]].assign(**{EVIL: 1})

    result = shop.training_set("coming", spine=spine, sources={"events": arrow(slice(None))})

    assert EVIL in result.columns
    assert shown(result).seen <= TAGS


def test_reprs_are_short(shop: featdsl.Project, quickstart: featdsl.Project) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})

    assert repr(shop) == "<featc project shop: 10 features, 1 group, 1 data set, no problems>"
    assert repr(quickstart.features).startswith("<22 features: spend_7d, spend_30d,")
    assert (
        repr(quickstart.groups["spend"]) == "<group retail.spend: 20 features of retail.customer>"
    )
    assert repr(quickstart.features["trend"]) == "<feature retail.spend.trend: float>"
    assert repr(shop.datasets[0]) == "<data set shop.coming: 2 features, 2 labels>"
    assert repr(shop.diagnostics) == "<no problems>"
    assert repr(result) == (
        "<snapshot of shop.newest: 2 rows, 11 columns; "
        ".pandas() .polars() .arrow() .rows() .write(path)>"
    )


def test_a_report_says_what_was_counted(shop: featdsl.Project) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})

    assert str(result.report) == (
        "rows                 2\n"
        "as of                2026-02-01 00:00 UTC\n"
        "read of shop.events  3 rows"
    )


def test_warnings_are_in_the_report(folder: Path) -> None:
    text = (folder / "shop.feat").read_text(encoding="utf-8")
    more = "  expect weight is not null warn\n}\n\n## What is known"
    (folder / "shop.feat").write_text(text.replace("}\n\n## What is known", more, 1), "utf-8")

    result = featdsl.load(folder).snapshot("newest", sources={"events": arrow(slice(None))})

    assert [(w.severity, w.code) for w in result.report.warnings] == [("warning", "FD0715")]
    assert "FD0715" in str(result.report)
    assert "FD0715" in shown(result).text
