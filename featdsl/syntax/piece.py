"""Text to parse that is cut out of a file, and where its characters lie in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """`text`, made of cuts; character ``begins[i] + k`` of it is ``places[i] + k`` of the file."""

    text: str
    begins: tuple[int, ...] = (0,)
    places: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, file: str, cuts: Iterable[tuple[int, int] | str]) -> Piece:
        """Join ranges of a file, a line end between two.

        A cut that is a string is not in the file: its characters count as standing where the
        cut before it ends.
        """
        parts: list[str] = []
        begins: list[int] = []
        places: list[int] = []
        length = end = 0
        for cut in cuts:
            if isinstance(cut, str):
                part, place = cut, end
            else:
                place, end = cut
                part = file[place:end]
            begins.append(length)
            places.append(place)
            parts.append(part)
            length += len(part) + 1
        return cls("\n".join(parts), tuple(begins), tuple(places))

    def place(self, offset: int) -> int:
        """Where a character of the piece lies in the file."""
        i = bisect_right(self.begins, offset) - 1
        return self.places[i] + offset - self.begins[i]
