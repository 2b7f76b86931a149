"""The documentation site: whole, safe, the same every time, and true about what is not known."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.files.errors import FileError
from featdsl.ir.manifest import Manifest
from featdsl.site.build import build_site, site_files
from featdsl.site.context import Site
from featdsl.site.highlight import feat_code, sql_code
from featdsl.site.html import Html, element, is_safe_link
from featdsl.site.paths import slugs
from featdsl.site.profile_part import number
from featdsl.site.prose import markdown, prose
from featdsl.site.records import Runs
from featdsl.store.failing import FailingFile, FailingRows
from featdsl.store.record import RunRecord
from featdsl.text.sources import SourceSet

QUICKSTART = Path(__file__).parents[1] / "features" / "quickstart"


def compiled_manifest() -> Manifest:
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(QUICKSTART.glob("*.feat"))}
    compiled = compile_project(SourceSet.of(texts), Options(project="quickstart"))
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.manifest()


MANIFEST = compiled_manifest()
SQL = {group.name: f'SELECT 1 AS "{group.short}"\n-- all of it' for group in MANIFEST.groups}
PAGES = 3 + sum(
    len(kind)
    for kind in (
        MANIFEST.features,
        MANIFEST.groups,
        MANIFEST.sources,
        MANIFEST.views,
        MANIFEST.entities,
        MANIFEST.label_groups,
        MANIFEST.labels,
        MANIFEST.datasets,
        MANIFEST.consumers,
    )
)


def record(n: int = 1, **changes: Any) -> dict[str, Any]:
    """A run of everything, as JSON."""
    profile = [
        {
            "feature": f.name,
            "dtype": f.dtype,
            "rows": 1640,
            "nulls": 41,
            "distinct": 12,
            "minimum": 0.0,
            "maximum": 1.0,
            "mean": 0.25,
            "quantiles": {"0.5": 0.2, "0.05": 0.01},
            "histogram": [
                {"low": 0.0, "high": 0.5, "rows": 1500},
                {"low": 0.5, "high": 1.0, "rows": 99},
            ],
        }
        for f in MANIFEST.features
    ]
    made: dict[str, Any] = {
        "run": f"2026010{n}T000000-abc",
        "project": "quickstart",
        "status": "succeeded",
        "started": f"2026-01-0{n}T03:00:00",
        "finished": f"2026-01-0{n}T03:00:09",
        "seconds": 9.0,
        "as_of": "2026-01-01T00:00:00",
        "as_of_origin": "command line",
        "selection": [f.name for f in MANIFEST.features],
        "parameters": [
            {
                "name": "retail.premium_floor",
                "dtype": "decimal(12, 2)",
                "value": "500.00",
                "origin": "default",
            }
        ],
        "inputs": [
            {
                "source": s.name,
                "kind": s.kind,
                "location": s.location,
                "rows": 4321,
                "files": [{"path": "a", "bytes": 1, "sha256": "00"}],
                "dropped": [
                    {"condition": d.condition, "because": d.because, "rows": 17} for d in s.drops
                ],
                "newest": "2025-12-31T23:00:00",
            }
            for s in MANIFEST.sources
        ],
        "checks": [
            {
                "subject": f.name,
                "kind": e.kind,
                "text": e.text,
                "status": "passed",
                "measured": "0 of 1640 rows",
            }
            for f in MANIFEST.features
            for e in f.expectations
        ],
        "stages": [{"name": "compute", "seconds": 1.5, "detail": "2 groups"}],
        "outputs": [
            {
                "group": g.name,
                "entity": g.entity,
                "version": 1,
                "format": "parquet",
                "rows": 1640,
                "columns": [{"name": "x", "dtype": "int"}],
                "fingerprint": "ab",
                "folder": "spend/v1",
                "profile": [p for p in profile if p["feature"] in g.features],
            }
            for g in MANIFEST.groups
        ],
        "versions": {
            "featc": "0",
            "engine": "duckdb",
            "engine_version": "2",
            "sqlglot": "30",
            "python": "3.11",
        },
        "code": {"commit": "0123456789abcdef", "dirty": True},
        "notes": [],
        "problems": [
            {"code": "FD0701", "slug": "x", "severity": "warning", "message": "look here"}
        ],
    }
    return made | changes


def files(
    manifest: Manifest = MANIFEST,
    records: list[dict[str, Any]] | None = None,
    sql: dict[str, str] = SQL,
) -> dict[str, str]:
    runs = Runs.of([record()] if records is None else records)
    return dict(site_files(Site(manifest, runs, sql)))


FILES = files()


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open and self._open[-1] in ("script", "style"):
            self.scripts.append(data)
        else:
            self.text.append(data)

    def handle_comment(self, data):
        self.elements.append(("!comment", {}))

    def values(self, attribute: str) -> list[str]:
        return [
            v for _, a in self.elements for n, v in a.items() if n == attribute and v is not None
        ]


def page(path: str, made: dict[str, str] = FILES) -> Page:
    return Page(made[path])


def shown(path: str, made: dict[str, str] = FILES) -> str:
    """The text of a page, white space as one blank."""
    return " ".join("".join(page(path, made).text).split())


HTML = sorted(path for path in FILES if path.endswith(".html"))
SHARE = "features/retail.spend.premium_txn_share.html"


# --- what pages say


def test_everything_declared_has_a_page():
    assert len(HTML) == PAGES


def test_a_data_set_s_page_says_its_rows_columns_and_readers():
    dataset = MANIFEST.datasets[0]
    text = shown(f"datasets/{dataset.name}.html")

    assert dataset.words.replace("`", "") in text
    assert f"{len(dataset.columns)} columns, in this order." in text
    assert [c.name for c in dataset.columns if f"{c.name}{c.dtype}" not in text] == []
    assert [name for name in dataset.consumers if name.rpartition(".")[2] not in text] == []
    assert dataset.fingerprint.data in text


def test_a_data_set_whose_rows_are_handed_in_has_no_sql_by_itself():
    dataset = MANIFEST.datasets[0].model_copy(update={"spine": None})
    handed_in = MANIFEST.model_copy(update={"datasets": (dataset,)})
    text = shown(f"datasets/{dataset.name}.html", files(handed_in, sql={}))

    assert "No SQL by itself: its rows are handed in with each use." in text


def test_a_consumer_s_page_lists_what_it_reads():
    consumer = MANIFEST.consumers[0]
    elements = page(f"consumers/{consumer.name}.html").elements
    links = [attributes.get("href") for tag, attributes in elements if tag == "a"]

    assert [d for d in consumer.datasets if f"../datasets/{d}.html" not in links] == []


def test_a_label_s_page_says_until_when_it_is_null_and_who_reads_it():
    label = MANIFEST.labels[0]
    text = shown(f"features/{label.name}.html")

    assert "Null until the" in text
    assert "SQL" not in text
    assert "Last run" not in text
    assert [d for d in label.datasets if d.rpartition(".")[2] not in text] == []


def test_the_index_lists_labels_data_sets_and_consumers():
    text = shown("index.html")

    for title in ("Labels", "Data sets", "Consumers"):
        assert title in text
    kinds = {entry[0] for entry in search_index()}
    assert kinds >= {"label", "data set", "consumer"}


def test_a_feature_s_page_says_what_people_ask():
    text = shown(SHARE)

    assert [
        part
        for part in (
            "Share of the customer's lines that are premium.",
            "Share: number of rows where premium, divided by number of rows, over the 90 days "
            "before the as-of time.",
            "from 90 days before the as-of time up to, but not including, it",
            "Rows are visible 2 hours after they happen.",
            "premium_txn_share = count(where premium) / count() over 90d",
            "growth@example.com",
            "retail.spend.premium_txn_share",
            "features.feat:16",
            "the share counts lines, not money",
            "premium_txn_share between 0 and 1",
            "0 of 1640 rows",
            "1,640",
            "41 (2.5%)",
            "Gift cards are counted when bought",
            'SELECT 1 AS "spend"',
            "$premium_floor",
        )
        if part not in text
    ] == []


def test_a_worked_example_shows_the_feature_s_own_value():
    cells = Page(FILES[SHARE])
    text = shown(SHARE)

    assert "customer_id as_of premium_txn_share 1 2026-01-03 00:00:00 0.5" in re.sub(
        r"\s+", " ", " ".join(t.strip() for t in cells.text if t.strip())
    )
    assert "the share counts lines, not money" in text


def test_what_is_not_known_is_said():
    made = files(records=[], sql={})
    feature = shown("features/retail.spend.weekly_ratio.html", made)

    assert [
        part
        for part in ("No run yet", "No expectations", "The SQL was not made for this site.")
        if part not in feature
    ] == []
    assert "No run yet." in shown("runs.html", made)


def test_a_failed_check_is_seen_on_the_feature_s_page():
    failed = record()
    for check in failed["checks"]:
        check["status"] = "failed"

    assert "expectation failed" in shown(SHARE, files(records=[failed]))


def test_a_feature_s_page_shows_the_expectations_of_its_group_that_speak_of_it():
    name = "retail.spend.trend"
    entry = next(e for f in MANIFEST.features for e in f.expectations)
    spoken = entry.model_copy(update={"text": "trend > 1", "features": (name,)})
    groups = tuple(
        g.model_copy(update={"expectations": (spoken,)}) if g.short == "spend" else g
        for g in MANIFEST.groups
    )
    made = files(MANIFEST.model_copy(update={"groups": groups}))

    pages = [shown(f"features/retail.spend.{f}.html", made) for f in ("trend", "spend_7d")]
    assert ["trend > 1" in text for text in pages] == [True, False]


def test_the_newest_run_speaks():
    older = record(1, status="failed", outputs=[], checks=[])

    made = files(records=[older, record(2)])

    assert "2026-01-02 03:00:00 succeeded" in shown(SHARE, made)


def test_a_trial_run_s_profile_gives_way_to_a_whole_run_s():
    trial = record(3, trial=True, sample=0.01)

    assert "Run 2026-01-01 03:00:00" in shown(SHARE, files(records=[record(1), trial]))
    assert "Trial run 2026-01-03 03:00:00" in shown(SHARE, files(records=[trial]))


def test_a_group_s_long_sql_stands_on_its_own_page_only():
    long = dict.fromkeys(SQL, "SELECT 1\n" * 5000)
    made = files(sql=long)

    assert "on the group's page" in shown(SHARE, made)
    assert len(made[SHARE]) < 100_000


def test_sql_of_a_feature_alone_is_preferred():
    made = files(sql=SQL | {"retail.spend.premium_txn_share": "SELECT 'own'"})

    assert "SELECT 'own'" in shown(SHARE, made)


def test_a_source_says_how_many_rows_were_dropped():
    assert "negative lines are till corrections17" in shown("sources/retail.transactions.html")


def test_a_record_of_another_version_is_refused():
    with pytest.raises(ValueError, match="schema_version"):
        Runs.of([record(schema_version=2)])


# --- form


@pytest.mark.parametrize("path", HTML)
def test_every_page_is_sound(path: str):
    found = page(path)
    tags = [tag for tag, _ in found.elements]
    ids = found.values("id")

    assert (tags.count("h1"), tags.count("main"), tags.count("title") >= 1) == (1, 1, True)
    assert [i for i in ids if ids.count(i) > 1] == []
    assert [n for n in found.values("aria-labelledby") if n not in ids] == []
    assert {a.get("lang") for tag, a in found.elements if tag == "html"} == {"en"}
    assert [
        a for tag, a in found.elements if tag in ("input", "select") and not a.get("aria-label")
    ] == []


@pytest.mark.parametrize("path", HTML)
def test_no_page_holds_a_script_or_a_style(path: str):
    found = page(path)

    assert found.scripts == []
    assert [
        a for _, a in found.elements if "style" in a or any(n.startswith("on") for n in a)
    ] == []
    assert [tag for tag, _ in found.elements if tag == "style"] == []
    policy = [a["content"] for t, a in found.elements if a.get("http-equiv")]
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'self';")


def targets(path: str, made: dict[str, str]) -> list[str]:
    """Paths and fragments that a page links to, from the root."""
    found = []
    for address in (*page(path, made).values("href"), *page(path, made).values("src")):
        if re.match(r"[a-z]+:", address):
            continue
        target, fragment = urldefrag(address)
        whole = (Path("/root") / path).parent / target if target else Path("/root") / path
        found.append(f"{Path(*_normal(whole).parts[2:])}#{fragment}")
    return found


def _normal(path: Path) -> Path:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)


@pytest.mark.parametrize("path", HTML)
def test_no_link_is_broken(path: str):
    broken = []
    for target in targets(path, FILES):
        file, _, fragment = target.partition("#")
        known = file in FILES and (
            not fragment or "=" in fragment or fragment in page(file).values("id")
        )
        if not known:
            broken.append(target)

    assert broken == []


def test_every_page_can_be_reached_from_the_first():
    seen, pending = {"index.html"}, ["index.html"]
    while pending:
        for target in targets(pending.pop(), FILES):
            file = target.partition("#")[0]
            if file.endswith(".html") and file not in seen:
                seen.add(file)
                pending.append(file)

    assert seen == set(HTML)


def test_assets_load_nothing_from_elsewhere():
    icon = re.sub(r'xmlns="[^"]*"', "", FILES["icon.svg"])
    text = FILES["style.css"] + FILES["site.js"] + icon

    assert re.findall(r"(?:https?:)?//[a-z]\S*|@import|url\(", text) == []


def test_the_script_makes_no_markup_out_of_text():
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"

    assert re.findall(makers, FILES["site.js"]) == []


def contrast(one: str, other: str) -> float:
    """Ratio of two colours' luminances, as WCAG 2 has it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_can_be_read_on_every_ground_light_and_dark():
    light, dark = FILES["style.css"].split("@media (prefers-color-scheme: dark)")[:2]
    schemes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", text)) for text in (light, dark)]
    poor = [
        (name, ground)
        for colours in schemes
        for name in colours
        if name in ("text", "soft", "accent") or name.startswith("token-")
        for ground in ("ground", "raised", "sunken")
        if contrast(colours[name], colours[ground]) < 4.5
    ]
    poor += [
        (name, f"{name}-soft")
        for colours in schemes
        for name in ("accent", "good", "warn", "bad")
        if contrast(colours[name], colours[f"{name}-soft"]) < 4.5
    ]

    assert poor == []


# --- search


def search_index(made: dict[str, str] = FILES) -> list[list[Any]]:
    text = made["search-index.js"]
    assert text.startswith("const FEATC_SEARCH = ")
    return json.loads(text.removeprefix("const FEATC_SEARCH = ").removesuffix(";\n"))["entries"]


def test_the_search_index_knows_everything():
    entries = {(e[0], e[2]): e for e in search_index()}
    declared = {("feature", f.name) for f in MANIFEST.features}
    declared |= {("group", g.name) for g in MANIFEST.groups}
    declared |= {("source", s.name) for s in MANIFEST.sources}
    declared |= {("view", v.name) for v in MANIFEST.views}
    declared |= {("entity", e.name) for e in MANIFEST.entities}

    assert declared - entries.keys() == set()
    assert [e[3] for e in entries.values() if e[3] not in FILES] == []


def test_features_are_found_by_owner_tag_column_words_and_parameter():
    share = next(e for e in search_index() if e[2] == "retail.spend.premium_txn_share")

    assert (share[5], share[6]) == ("growth@example.com", ["retail", "spend"])
    for word in ("products.price", "lines that are premium", "$premium_floor", "ratio"):
        assert word in share[8]


def test_rows_of_the_index_point_to_their_search_entries():
    entries = search_index()
    found = page("index.html")
    places = [int(v) for v in found.values("data-entry")]

    assert [entries[i][2] for i in places] == [n for g in MANIFEST.groups for n in g.features]


# --- safety

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt src=//evil.example></ScRiPt>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)//",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "![x](http://evil.example/x.png)",
    "![x](x\" onerror=\"alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "`<b>` <b>x</b>",
    "``` \n</code></pre><script>alert(1)</script>\n```",
    "<!-- --><script>alert(1)</script><!-- -->",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='background:url(//evil.example)' onclick=alert(1)>x",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "\u2028alert(1)\u2029\u0000\u202e\ud800\x1b]8;;x",
    "'-alert(1)-'${alert(1)}{{7*7}}\\';alert(1)//",
    "../../../etc/passwd%2f..\\..\\con\x00|:*?",
    "__proto__ constructor toString",
]  # fmt: skip
ELEMENTS = {tag for path in HTML for tag, _ in page(path).elements}
MARKDOWN = {"a", "blockquote", "br", "code", "em", "h4", "h5", "h6", "hr", "strong"}
KEPT = {"schema_version", "history", "roles", "role", "status"}
# Text whose form is fixed, times and numbers as text.
TIMES = {"started", "finished", "as_of", "newest"}


def spoiled(value: Any, spoil: Callable[[str], str], name: str = "") -> Any:
    """Every text in a JSON value, spoiled the same way, so that names still agree."""
    match value:
        case str() if name not in KEPT | TIMES:
            return spoil(value)
        case dict():
            return {k: spoiled(v, spoil, k) for k, v in value.items()}
        case list() | tuple():
            return [spoiled(v, spoil, name) for v in value]
        case _:
            return value


def spoiled_files(spoil: Callable[[str], str]) -> dict[str, str]:
    manifest = Manifest.model_construct(**spoiled_model(spoil))
    records = [RunRecord.model_validate(spoiled(record(), spoil))]
    sql = {spoil(name): spoil(text) for name, text in SQL.items()}
    return dict(site_files(Site(manifest, Runs(records), sql)))


def spoiled_model(spoil: Callable[[str], str]) -> dict[str, Any]:
    raw = spoiled(SMALL.model_dump(mode="json"), spoil)
    return dict(Manifest.model_validate(raw))


def _small() -> Manifest:
    """A few features of the project: every kind of field, quick to build."""
    kept = ("spend_7d", "spend_30d", "trend", "premium_txn_share", "city")
    names = {f.name for f in MANIFEST.features if f.short in kept}

    there = names | {label.name for label in MANIFEST.labels}

    def only(found: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for n in found if n in names)

    features = tuple(
        f.model_copy(update={"used_by": only(f.used_by), "features": only(f.features)})
        for f in MANIFEST.features
        if f.name in names
    )
    groups = tuple(g.model_copy(update={"features": only(g.features)}) for g in MANIFEST.groups)
    sources = tuple(
        s.model_copy(
            update={
                "columns": tuple(
                    c.model_copy(update={"used_by": only(c.used_by)}) for c in s.columns
                )
            }
        )
        for s in MANIFEST.sources
    )
    datasets = tuple(
        d.model_copy(
            update={
                "columns": tuple(c for c in d.columns if c.feature is None or c.feature in there)
            }
        )
        for d in MANIFEST.datasets
    )
    return MANIFEST.model_copy(
        update={"features": features, "groups": groups, "sources": sources, "datasets": datasets}
    )


SMALL = _small()


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_text_of_a_project_becomes_markup(payload: str):
    made = spoiled_files(lambda text: f"{text} {payload}")

    for path, text in made.items():
        assert re.fullmatch(r"([a-z]+/)?[a-z0-9_.-]+\.(html|js|css|svg)", path), path
        text.encode("utf-8")
        if not path.endswith(".html"):
            continue
        found = Page(text)
        assert found.scripts == []
        assert {tag for tag, _ in found.elements} - ELEMENTS - MARKDOWN == set()
        for tag, attributes in found.elements:
            assert [n for n in attributes if n.startswith("on") or n in ("style", "srcdoc")] == []
            assert tag != "meta" or attributes.get("http-equiv") != "refresh"
            if tag in ("script", "link"):
                address = attributes.get("src") or attributes.get("href") or ""
                assert re.fullmatch(r"(\.\./)*[a-z-]+\.(js|css|svg)", address)
        for address in (*found.values("href"), *found.values("src")):
            assert is_safe_link(address), address
    search_index(made)
    assert re.findall(r"[<>&]|[^\x00-\x7f]", made["search-index.js"]) == []


def test_forty_payloads_are_tried():
    assert len(PAYLOADS) >= 40


@pytest.mark.parametrize(
    "address",
    ["javascript:x", " javascript:x", "java\nscript:x", "JAVASCRIPT:x", "data:x",
     "\x01javascript:x", "//evil.example", "\\\\evil.example", "/\\evil.example", "file:///x",
     "vbscript:x", "blob:x"],
)  # fmt: skip
def test_links_that_could_run_or_leave_are_refused(address: str):
    with pytest.raises(ValueError, match="not an address"):
        element("a", "x", href=address)


@pytest.mark.parametrize("name", ["onclick", "style", "srcdoc", "formaction", "xlink_href"])
def test_attributes_that_could_run_are_refused(name: str):
    with pytest.raises(ValueError, match="not an attribute"):
        element("a", "x", **{name: "x"})


def test_text_is_escaped_and_html_is_not():
    assert element("p", "<b>", Html("<b>"), None, ["&", 3], class_='"') == (
        '<p class="&quot;">&lt;b&gt;<b>&amp;3</p>'
    )


def test_invisible_characters_become_visible():
    assert element("p", "a\u202eb\x00c\ud800") == "<p>a\\u{202e}b\\u{0}c\\u{d800}</p>"


def test_markdown_keeps_what_is_harmless():
    text = "A *b* `c` [d](https://example.com) <b>\n\n# Big\n\n| x |\n|--:|\n| 1 |"

    assert markdown(text) == (
        '<p>A <em>b</em> <code>c</code> <a href="https://example.com">d</a> &lt;b&gt;</p>\n'
        "<h4>Big</h4>\n<table>\n<thead>\n"
        '<tr>\n<th class="align-right">x</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td class="align-right">1</td>\n</tr>\n</tbody>\n</table>\n'
    )


def test_sentences_know_code_and_nothing_else():
    assert prose("a `b<` *c* `` d`e ``") == "a <code>b&lt;</code> *c* <code>d`e</code>"


def test_colours_change_no_text():
    feat = 'x[7d] = sum(a where s = "a<b" default 0) # <i>\n## doc\n`b` $p @2024-01-01 15%'
    sql = "SELECT \"a<b\", 'x''y' -- <i>\nFROM t WHERE $p > 1.5"

    assert ["".join(Page(code).text) for code in (feat_code(feat), sql_code(sql))] == [feat, sql]


# --- names and paths


def test_names_become_safe_and_different_paths():
    names = [
        "retail.spend.spend_7d", "a.B", "a.b", "A.b", "../../etc/passwd", "con", "nul.x", "a/b",
        "a b", "a-b", "", ".", "..", "x" * 500, "x" * 501, "größe", "a\x00b", "-rf", "a..b", "a.",
        "\u202e",
    ]  # fmt: skip
    found = slugs(names)

    assert found["retail.spend.spend_7d"] == "retail.spend.spend_7d"
    assert len({s.lower() for s in found.values()}) == len(names)
    assert [s for s in found.values() if not re.fullmatch(r"[a-z0-9_][a-z0-9_.-]{0,150}", s)] == []
    assert [s for s in found.values() if ".." in s or s.split(".")[0] in ("con", "nul")] == []


def test_a_path_does_not_depend_on_what_else_is_declared_first():
    assert slugs(["a.B", "a.b"]) == slugs(["a.b", "a.B"])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1234567.0, "1,234,567"), (0.25, "0.25"), (0.123456, "0.1235"), (-3.5, "-3.5"),
     (12345.678, "12,345.7"), (float("nan"), "nan"), (float("inf"), "inf")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str):
    assert number(value) == text


# --- writing


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path):
    records = [record(1), record(2), record(3)]
    shuffled = random.Random(1).sample(records, 3)
    backwards = dict(reversed(SQL.items()))
    build_site(MANIFEST, sql=SQL, records=records, out=tmp_path / "a")
    build_site(MANIFEST, sql=backwards, records=shuffled, out=tmp_path / "b")

    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_nothing_of_this_machine_is_in_a_page(tmp_path: Path):
    build_site(MANIFEST, sql=SQL, records=[], out=tmp_path / "site")
    text = "".join(FILES.values())

    assert [w for w in (str(tmp_path), str(QUICKSTART.parent)) if w in text] == []


def test_the_first_page_is_returned(tmp_path: Path):
    assert (
        build_site(MANIFEST, sql={}, records=[], out=tmp_path / "s")
        == tmp_path / "s" / "index.html"
    )


def test_pages_of_what_is_gone_disappear_and_other_files_stay(tmp_path: Path):
    out = tmp_path / "site"
    build_site(MANIFEST, sql=SQL, records=[], out=out)
    (out / "CNAME").write_text("mine")
    (out / "features" / "mine.html").write_text("mine")
    build_site(SMALL, sql=SQL, records=[], out=out)

    found = set(tree(out))
    assert found == {*files(SMALL, []), "site-files.json", "CNAME", "features/mine.html"}


def test_a_build_that_was_cut_short_leaves_nothing_behind(tmp_path: Path, monkeypatch):
    out = tmp_path / "site"
    calls = iter(range(10))

    def interrupted(path, text, **kwargs):
        if next(calls) == 9:
            raise KeyboardInterrupt
        return write(path, text, **kwargs)

    from featdsl.site import write as module

    write = module.write_text_atomic
    monkeypatch.setattr(module, "write_text_atomic", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_site(MANIFEST, sql=SQL, records=[], out=out)
    monkeypatch.setattr(module, "write_text_atomic", write)
    build_site(SMALL, sql=SQL, records=[], out=out)

    assert set(tree(out)) == {*files(SMALL, []), "site-files.json"}


def test_a_list_that_names_files_outside_removes_nothing(tmp_path: Path):
    out = tmp_path / "site"
    out.mkdir()
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    (out / "site-files.json").write_text(json.dumps(["../victim.txt", str(victim), 3]))
    build_site(SMALL, sql={}, records=[], out=out)

    assert victim.read_text() == "mine"


def test_a_site_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(FileError):
        build_site(SMALL, sql={}, records=[], out=tmp_path / "file")


def test_links_to_filters_carry_owners_and_tags():
    found = [a for a in page(SHARE).values("href") if "#owner=" in a or "#tag=" in a]

    assert [unquote(a) for a in found] == [
        "../index.html#owner=growth@example.com",
        "../index.html#tag=retail",
        "../index.html#tag=spend",
    ]


def test_rows_that_failed_are_shown_with_their_run(tmp_path: Path):
    rows = FailingRows(
        subject="retail.transactions",
        kind="row_condition",
        text="amount < 9",
        failing=3,
        columns=("txn_id", "<b>"),
        rows=(("1", None), ("2", "<i>")),
    )
    failing = {record(1)["run"]: FailingFile(run=record(1)["run"], checks=(rows,))}
    build_site(MANIFEST, sql=SQL, records=[record(1)], failing=failing, out=tmp_path / "site")
    page = (tmp_path / "site" / "runs.html").read_text(encoding="utf-8")

    assert "2 rows of 3 for which <code>amount &lt; 9</code> does not hold" in page
    assert "&lt;i&gt;" in page
    assert "<i>" not in page
