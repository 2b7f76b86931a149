"""What `featc show` says of each kind of thing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeAlias, assert_never

from featdsl.cli.names import Entry
from featdsl.cli.screen import Screen, printable
from featdsl.cli.table import Column, table
from featdsl.ir.manifest import (
    ColumnEntry,
    ConsumerEntry,
    DatasetEntry,
    EntityEntry,
    ExpectationEntry,
    FeatureEntry,
    GroupEntry,
    InputEntry,
    LineageColumn,
    Note,
    ParameterEntry,
    Place,
    SourceEntry,
    ViewEntry,
    WantedEntry,
)
from featdsl.text.amounts import count
from featdsl.text.names import short_name

Facts: TypeAlias = Iterable[tuple[str, str | Iterable[str]]]
_LABEL = 12
_WIDEST = 100


def describe(screen: Screen, entry: Entry) -> Iterator[str]:
    """Lines about one thing; safe to print."""
    match entry:
        case FeatureEntry():
            yield from _feature(screen, entry)
        case GroupEntry():
            yield from _group(screen, entry)
        case SourceEntry():
            yield from _source(screen, entry)
        case ViewEntry():
            yield from _view(screen, entry)
        case EntityEntry():
            yield from _entity(screen, entry)
        case ParameterEntry():
            yield from _parameter(screen, entry)
        case InputEntry():
            yield from _input(screen, entry)
        case DatasetEntry():
            yield from _dataset(screen, entry)
        case ConsumerEntry():
            yield from _consumer(screen, entry)
        case WantedEntry():
            yield from _wanted(screen, entry)
        case _:
            assert_never(entry)


def _feature(screen: Screen, f: FeatureEntry) -> Iterator[str]:
    unit = f", {f.unit}" if f.unit else ""
    label = "label, " if f.label else ""
    yield from _head(screen, f.name, f"{label}{f.dtype}{unit}", f.note)
    yield from _code(screen, f.definition)
    yield from _facts(
        screen,
        [
            ("means", f.sentence),
            ("key", f"{f.entity}, in group {f.group}"),
            ("window", [w.words for w in f.windows]),
            ("reads", list(_columns(f.columns))),
            ("inputs", f.inputs),
            ("computed from", f.features),
            ("used by", f.used_by),
            ("data sets", f.datasets),
            ("consumers", f.consumers),
            ("parameters", f.parameters),
            ("checks", list(_checks(f.expectations))),
            ("tests", [f'"{title}"' for title in f.tests]),
            *_note(f.note, f.place),
            ("fingerprint", f.fingerprint.data[:16]),
        ],
    )


def _group(screen: Screen, g: GroupEntry) -> Iterator[str]:
    one = "label" if g.labels else "feature"
    yield from _head(screen, g.name, count(len(g.features), one), g.note)
    yield from _facts(
        screen,
        [
            ("key", g.entity),
            ("rows of", g.relation or "none: features of other groups only"),
            (f"{one}s", [", ".join(map(short_name, g.features))]),
            ("checks", list(_checks(g.expectations))),
            *_note(g.note, g.place),
        ],
    )


def _input(screen: Screen, i: InputEntry) -> Iterator[str]:
    yield from _head(screen, i.name, "arrives with a request", i.note)
    yield from _facts(screen, _note(i.note, i.place))
    rows = [
        (
            printable(c.name),
            c.dtype,
            ", ".join(["required"] * c.required + ["pii"] * c.pii),
            count(len(c.used_by), "feature") if c.used_by else "",
            printable(c.description or ""),
        )
        for c in i.columns
    ]
    heads = [Column(h, fixed=True) for h in ("column", "type", "is", "used by")]
    yield ""
    yield from table(screen, [*heads, "description"], rows, indent=2)


def _source(screen: Screen, s: SourceEntry) -> Iterator[str]:
    yield from _head(screen, s.name, f'{s.kind} "{s.location}"', s.note)
    yield from _facts(
        screen,
        [
            ("columns", "read from the data, in featc.lock" if s.locked else ""),
            ("history", s.history_words),
            ("key", ", ".join(s.key)),
            ("drops", [f"{d.condition}: {d.because or 'no reason given'}" for d in s.drops]),
            ("checks", list(_checks(s.expectations))),
            ("read by", s.used_by),
            *_note(s.note, s.place),
        ],
    )
    rows = [
        (
            printable(c.name),
            c.dtype,
            ", ".join(["required"] * c.required + ["pii"] * c.pii),
            count(len(c.used_by), "feature") if c.used_by else "",
            printable(c.description or ""),
        )
        for c in s.columns
    ]
    heads = [Column(h, fixed=True) for h in ("column", "type", "is", "used by")]
    yield ""
    yield from table(screen, [*heads, "description"], rows, indent=2)


def describe_column(screen: Screen, source: SourceEntry, column: ColumnEntry) -> Iterator[str]:
    """Lines about a column of a source; safe to print."""
    said = [column.dtype, *["required"] * column.required, *["pii"] * column.pii]
    note = Note(doc=column.description)
    yield from _head(screen, f"{source.name}.{column.name}", ", ".join(said), note)
    yield from _facts(
        screen,
        [
            ("source", f'{source.name}, {source.kind} "{source.location}"'),
            ("used by", column.used_by or "no feature"),
            ("labels", column.labels),
            ("declared", f"{source.place.file}:{source.place.line}"),
        ],
    )


def _view(screen: Screen, v: ViewEntry) -> Iterator[str]:
    yield from _head(screen, v.name, f"rows of {', '.join(v.lefts)}", v.note)
    yield from _code(screen, v.text)
    yield from _facts(
        screen,
        [
            ("joins", [j.words for j in v.joins]),
            ("checks", list(_checks(v.expectations))),
            ("read by", v.used_by),
            *_note(v.note, v.place),
        ],
    )


def _entity(screen: Screen, e: EntityEntry) -> Iterator[str]:
    keys = ", ".join(f"{k.name}: {k.dtype}" for k in e.keys) or "the whole population"
    yield from _head(screen, e.name, keys, e.note)
    known = f"listed by {e.population}" if e.population else "whatever keys the rows have"
    yield from _facts(
        screen, [("who exists", known), ("groups", e.groups), *_note(e.note, e.place)]
    )


def _dataset(screen: Screen, d: DatasetEntry) -> Iterator[str]:
    yield from _head(screen, d.name, f"data set for {d.entity}", d.note)
    yield from _facts(
        screen,
        [
            ("rows", d.words),
            ("split", d.split_words or ""),
            ("checks", list(_checks(d.expectations))),
            ("read by", d.consumers),
            ("freshness", d.freshness_words or ""),
            *_note(d.note, d.place),
            ("fingerprint", d.fingerprint.data[:16]),
        ],
    )
    rows = [(printable(c.name), c.dtype, c.role, printable(c.feature or "")) for c in d.columns]
    heads = [Column(h, fixed=True) for h in ("column", "type", "is")]
    yield ""
    yield from table(screen, [*heads, "of"], rows, indent=2)


def _consumer(screen: Screen, c: ConsumerEntry) -> Iterator[str]:
    yield from _head(screen, c.name, c.kind or "consumer", c.note)
    yield from _facts(
        screen,
        [
            ("data sets", c.datasets),
            ("features", c.features),
            ("predictions", c.predictions or ""),
            ("target", c.target or ""),
            *_note(c.note, c.place),
        ],
    )


def _wanted(screen: Screen, w: WantedEntry) -> Iterator[str]:
    yield from _head(screen, w.name, f"wanted of {w.entity}, {w.status}", w.note)
    yield from _facts(
        screen,
        [
            ("asked by", w.by or ""),
            ("since", w.since or ""),
            ("because", w.because or ""),
            ("declared as", w.features),
            *_note(w.note, w.place),
        ],
    )


def _parameter(screen: Screen, p: ParameterEntry) -> Iterator[str]:
    yield from _head(screen, p.name, p.dtype, p.note)
    default = "secret" if p.secret else p.default or "none: a value must be given"
    yield from _facts(screen, [("default", default), *_note(p.note, p.place)])


def _head(screen: Screen, name: str, what: str, note: Note) -> Iterator[str]:
    yield f"{screen.style(printable(name), 'bold')}  {screen.style(printable(what), 'cyan')}"
    if note.doc:
        for paragraph in note.doc.split("\n\n"):
            yield from textwrap.wrap(_shown(paragraph), _width(screen))
    if note.deprecated:
        yield screen.style(f"Deprecated: {printable(note.deprecated)}", "yellow")
    yield ""


def _code(screen: Screen, text: str) -> Iterator[str]:
    """A declaration as written; its lines but the first still have the file's indentation."""
    first, *rest = text.splitlines() or [""]
    margin = len(rest[-1]) - len(rest[-1].lstrip()) if rest else 0
    for line in (first, *(line[margin:] for line in rest)):
        yield screen.style(f"    {printable(line)}", "cyan").rstrip()
    yield ""


def _note(note: Note, place: Place) -> Facts:
    return [
        ("owner", note.owner or ""),
        ("tags", ", ".join(note.tags)),
        ("format", note.format or ""),
        ("domain", note.domain or ""),
        ("version", "" if note.version is None else str(note.version)),
        ("was", note.was or ""),
        ("where", note.uri or ""),
        *note.own(),
        ("notes", note.notes),
        ("declared", f"{place.file}:{place.line}"),
    ]


def _facts(screen: Screen, facts: Facts) -> Iterator[str]:
    """Labels and what they stand for; what is empty is left out."""
    for label, value in facts:
        lines = [value] if isinstance(value, str) else list(value)
        shown = [
            wrapped
            for line in lines
            if line
            for wrapped in textwrap.wrap(
                _shown(line), _width(screen) - _LABEL - 4, break_on_hyphens=False
            )
        ]
        for number, line in enumerate(shown):
            name = "" if number else label
            yield f"  {screen.style(f'{name:<{_LABEL + 1}}', 'dim')} {line}"


def _columns(columns: Iterable[LineageColumn]) -> Iterator[str]:
    """A line for each source and way to it."""
    by_way: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for c in columns:
        by_way.setdefault((c.through, c.source), []).append(f"{c.column} ({', '.join(c.roles)})")
    for (through, source), named in by_way.items():
        way = f" through {', '.join(map(short_name, through))}" if through else ""
        yield f"{short_name(source)}{way}: {', '.join(named)}"


def _checks(checks: Iterable[ExpectationEntry]) -> Iterator[str]:
    return (f"{c.text}{' (warns)' if c.warn else ''}" for c in checks)


def _shown(text: str) -> str:
    return printable(" ".join(text.split()))


def _width(screen: Screen) -> int:
    return min(screen.width or _WIDEST, _WIDEST)
