"""Values before and after, on a sample, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from featdsl.cli.screen import printable
from featdsl.cli.table import Column, table
from featdsl.text.amounts import count

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.runs.sampled import GroupSample
    from featdsl.store.record import FeatureProfile

_HEADS = ("feature", "differ", "before", "after")


def sample_text(screen: Screen, found: Sequence[GroupSample]) -> Iterator[str]:
    """A table a group."""
    for group in found:
        yield ""
        yield _about(group)
        heads = [Column(h, right=h == "differ") for h in _HEADS]
        yield from table(screen, heads, list(_rows(group)))
        if group.others:
            yield f"{screen.mark(False)} {_others(group)}"
    if not found:
        yield "no feature that is published has other values: there is nothing to compare"


def sample_markdown(found: Sequence[GroupSample]) -> Iterator[str]:
    """The same for a comment."""
    for group in found:
        yield ""
        yield _about(group)
        yield ""
        yield "| " + " | ".join(_HEADS) + " |"
        yield "|---|--:|---|---|"
        for row in _rows(group):
            yield "| " + " | ".join(_plain(cell) for cell in row) + " |"
        if group.others:
            yield ""
            yield _plain(_others(group))


def _about(group: GroupSample) -> str:
    sample = "all keys" if group.every == 1 else f"one key in {group.every:,}"
    other = [f"{n:,} {what}" for n, what in ((group.gone, "gone"), (group.new, "new")) if n]
    keys = ", ".join((count(group.keys, "key"), *other))
    as_of = f"{group.as_of:%Y-%m-%d %H:%M:%S}"
    return printable(f"{group.group}, {sample} ({keys}) as of {as_of}, against the run {group.run}")


def _rows(group: GroupSample) -> Iterator[tuple[str, ...]]:
    for f in group.features:
        share = f"{f.differ / group.keys:.1%}" if group.keys else ""
        yield (printable(f.feature), share, _shape(f.before), _shape(f.after))


def _shape(profile: FeatureProfile) -> str:
    """Nulls, and the middle of numbers or the most frequent values of texts."""
    parts = [f"null {profile.nulls / profile.rows:.1%}" if profile.rows else "no rows"]
    if profile.mean is not None:
        parts.append(f"mean {profile.mean:.6g}")
    for name, words in (("0.05", "p5"), ("0.5", "median"), ("0.95", "p95")):
        if name in profile.quantiles:
            parts.append(f"{words} {profile.quantiles[name]:.6g}")
    parts += [f"{t.value} {t.rows / profile.rows:.1%}" for t in profile.top[:3]]
    return printable(", ".join(parts))


def _others(group: GroupSample) -> str:
    names = ", ".join(group.others)
    return (
        f"{names} mean the same and have other values on the sample: the data, or parameters, are "
        "others than in that run, and so are differences above"
    )


def _plain(text: str) -> str:
    """Text that starts nothing in Markdown."""
    return "".join(f"\\{c}" if c in "\\*_<>[]|#`" else c for c in text)
