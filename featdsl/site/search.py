"""The search index: a script that only assigns a constant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from featdsl.ir import manifest as m
from featdsl.site.context import Site
from featdsl.site.paths import INDEX, RUNS, TESTS, Kind

FIELDS: Final = ("kind", "name", "full", "url", "summary", "owner", "tags", "entity", "words")
"""What an entry holds, in order; ``words`` is everything else that is searched."""

Entry = tuple[str, str, str, str, str, str, tuple[str, ...], str, str]

# Text that would end a script or a comment, or a line in old engines, wherever it may land.
_ESCAPES: Final = {c: f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}


def search_entries(site: Site) -> list[Entry]:
    """Everything that has a page: features first, in the order of the manifest."""
    return [*_features(site), *_groups(site), *_readers(site), *_data(site), *_pages()]


def search_script(entries: list[Entry]) -> str:
    """The index as JavaScript: one constant from JSON, ASCII only."""
    shown = json.dumps(
        {"fields": FIELDS, "entries": entries}, ensure_ascii=True, separators=(",", ":")
    )
    for character, escaped in _ESCAPES.items():
        shown = shown.replace(character, escaped)
    return f"const FEATC_SEARCH = {shown};\n"


def _features(site: Site) -> Iterator[Entry]:
    for f in site.features.values():
        columns = {f"{site.shown(c.source)}.{c.column}" for c in f.columns}
        parameters = (f"${p.rpartition('.')[2]}" for p in f.parameters)
        words = (f.note.doc or "", f.headline, *sorted(columns), f.unit or "", f.dtype)
        yield (
            "label" if f.label else "feature",
            f.short,
            f.name,
            site.pages.path(Kind.FEATURE, f.name),
            f.note.summary or f.headline,
            f.note.owner or "",
            f.note.tags,
            f.entity,
            " ".join((*words, *parameters)),
        )


def _groups(site: Site) -> Iterator[Entry]:
    for g in site.groups.values():
        path = site.pages.path(Kind.GROUP, g.name)
        yield _entry("group", g.short, g.name, path, g.note, g.entity, "")
    for e in site.manifest.entities:
        path = site.pages.path(Kind.ENTITY, e.name)
        keys = " ".join(k.name for k in e.keys)
        yield _entry("entity", e.short, e.name, path, e.note, e.name, keys)


def _readers(site: Site) -> Iterator[Entry]:
    for d in site.manifest.datasets:
        path = site.pages.path(Kind.DATASET, d.name)
        columns = " ".join(c.name for c in d.columns)
        yield _entry("data set", d.short, d.name, path, d.note, d.entity, f"{d.words} {columns}")
    for c in site.manifest.consumers:
        path = site.pages.path(Kind.CONSUMER, c.name)
        yield _entry("consumer", c.short, c.name, path, c.note, "", c.kind or "")
    for w in site.manifest.wanted:
        path = f"{INDEX}#requests"
        yield _entry("request", w.short, w.name, path, w.note, w.entity, w.status)


def _data(site: Site) -> Iterator[Entry]:
    for s in site.manifest.sources:
        columns = " ".join(f"{c.name} {c.description or ''}" for c in s.columns)
        path = site.pages.path(Kind.SOURCE, s.name)
        yield _entry("source", s.short, s.name, path, s.note, "", columns)
    for v in site.manifest.views:
        path = site.pages.path(Kind.VIEW, v.name)
        lets = " ".join(let.name for let in v.lets)
        yield _entry("view", v.short, v.name, path, v.note, "", lets)


def _entry(
    kind: str, short: str, name: str, path: str, note: m.Note, entity: str, words: str
) -> Entry:
    words = f"{note.doc or ''} {words}".strip()
    summary = note.summary or ""
    return (kind, short, name, path, summary, note.owner or "", note.tags, entity, words)


def _pages() -> Iterator[Entry]:
    for name, path in (("Tests", TESTS), ("Runs", RUNS)):
        yield ("page", name, name, path, "", "", (), "", "")
