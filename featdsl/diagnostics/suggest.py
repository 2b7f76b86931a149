"""Did-you-mean."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the closest known name, or None when nothing is close."""
    by_lower = {k.lower(): k for k in sorted(known, reverse=True)}
    match = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[match[0]] if match else None


class NearestName(str):
    """A help line that proposes one name, with the two names as data."""

    __slots__ = ("meant", "written")

    written: str
    meant: str

    @classmethod
    def of(cls, written: str, meant: str) -> NearestName:
        line = cls(f"did you mean `{meant}`?")
        line.written, line.meant = written, meant
        return line


def did_you_mean(name: str, known: Iterable[str], *, what: str = "", sign: str = "") -> str | None:
    """Return a help line naming the closest known name; `sign` is what names begin with (``$``).

    Where nothing is close and few names are known, the line lists them: a short list is a
    better help than none.
    """
    names = sorted(set(known))
    match = nearest(name, names)
    if match is not None:
        return NearestName.of(f"{sign}{name}", f"{sign}{match}")
    if names and len(names) <= 8:
        listed = ", ".join(f"`{sign}{n}`" for n in names)
        return f"known {what or 'names'}: {listed}"
    return None
