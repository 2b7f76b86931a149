"""What a change changes, as people and machines read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from featdsl.cli.screen import printable
from featdsl.cli.table import table
from featdsl.impact.compare import Change, DatasetChange, Impact, Kind
from featdsl.text.amounts import count, show_bytes, show_seconds

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.impact.cost import Cost

_MARKS = {
    Kind.ADDED: "+",
    Kind.REMOVED: "-",
    Kind.RENAMED: ">",
    Kind.CHANGED: "~",
    Kind.SAID: " ",
}


def _why(change: Change) -> str:
    match change.kind:
        case Kind.RENAMED if change.before is not None:
            return f"was {change.before.name}"
        case Kind.SAID:
            return "only what is said of it"
    was = change.before.name if change.before is not None else change.name
    renamed = () if was == change.name else (f"was {was}",)
    return ", ".join((*renamed, *change.because))


def _about(change: DatasetChange) -> str:
    parts = []
    if change.kind is Kind.SAID:
        parts.append("only what is said of it")
    if change.columns:
        parts.append(f"other values: {', '.join(change.columns)}")
    if change.breaks:
        parts.append("; ".join(change.breaks))
    return "; ".join(parts)


def _summary(impact: Impact) -> str:
    counts = {kind: sum(c.kind is kind for c in impact.features) for kind in Kind}
    said = [f"{n:,} {kind.value}" for kind, n in counts.items() if n]
    return (
        f"{count(len(impact.features), 'feature')}: {', '.join(said)}"
        if said
        else "no feature has other values"
    )


def _costs(cost: Cost) -> str:
    """What it takes to compute anew what changes."""
    files = f"{count(cost.files, 'file')} of {show_bytes(cost.bytes)}"
    rows = "" if cost.rows is None else f", {count(cost.rows, 'row')}"
    asked = [s.source for s in cost.sources if s.files is None]
    more = f", and {', '.join(asked)}" if asked else ""
    parts = [
        f"{count(len(cost.groups), 'group')} with {count(cost.features, 'feature')} to compute",
        f"{files}{rows}{more} to read",
        "no earlier run tells how long"
        if cost.seconds is None
        else f"about {show_seconds(cost.seconds)} by {count(cost.runs, 'earlier run')}",
    ]
    return "; ".join((*parts, *(() if cost.money is None else (f"costs {cost.money:f}",))))


def as_text(
    screen: Screen, impact: Impact, lost: Mapping[str, str], what: str, cost: Cost | None
) -> Iterator[str]:
    """Tables for a terminal."""
    for name, why in lost.items():
        yield f"{screen.mark(False)} `{printable(name)}` cannot be compared: {printable(why)}"
    if not impact.any:
        yield f"{screen.mark(True)} nothing differs from {what}"
        return
    yield screen.style(f"against {what}", "dim")
    yield ""
    if impact.features:
        rows = [
            (_MARKS[c.kind], printable(c.name), c.kind.value, printable(_why(c)))
            for c in impact.features
        ]
        yield from table(screen, ["", "feature", "is", "because"], rows)
        yield ""
    if impact.datasets:
        sets = [
            (_MARKS[d.kind], printable(d.name), d.kind.value, printable(_about(d)))
            for d in impact.datasets
        ]
        yield from table(screen, ["", "data set", "is", "what"], sets)
        yield ""
    for name, reasons in impact.consumers.items():
        yield f"hits {printable(name)}: {printable('; '.join(reasons))}"
    for broken in impact.breaks:
        who = ", ".join(broken.consumers)
        yield (
            f"{screen.mark(False)} the contract of {printable(broken.name)} breaks for "
            f"{printable(who)}: {printable('; '.join(broken.breaks))}"
        )
    yield _summary(impact)
    if cost is not None:
        yield printable(_costs(cost))


def as_markdown(
    screen: Screen, impact: Impact, lost: Mapping[str, str], what: str, cost: Cost | None
) -> Iterator[str]:
    """The same for a comment."""
    yield f"### Features against {what}"
    yield ""
    for name, why in lost.items():
        yield f"- {_code(name)} cannot be compared: {_plain(why)}"
    if not impact.any:
        yield "Nothing differs."
        return
    if impact.features:
        yield "| feature | is | because |"
        yield "|---|---|---|"
        for c in impact.features:
            yield f"| {_code(c.name)} | {c.kind.value} | {_plain(_why(c))} |"
        yield ""
    if impact.datasets:
        yield "| data set | is | what |"
        yield "|---|---|---|"
        for d in impact.datasets:
            yield f"| {_code(d.name)} | {d.kind.value} | {_plain(_about(d))} |"
        yield ""
    for name, reasons in impact.consumers.items():
        yield f"- hits {_code(name)}: {_plain('; '.join(reasons))}"
    for broken in impact.breaks:
        who = ", ".join(map(_code, broken.consumers))
        what_breaks = _plain("; ".join(broken.breaks))
        yield f"- **the contract of {_code(broken.name)} breaks** for {who}: {what_breaks}"
    if cost is not None:
        yield f"- {_plain(_costs(cost))}"


def _code(name: str) -> str:
    return f"`{name.replace('`', '')}`"


def _plain(text: str) -> str:
    """Text that starts nothing in Markdown."""
    escaped = "".join(f"\\{c}" if c in "\\*_<>[]|#" else c for c in text)
    return printable(escaped)
