r"""Lists and maps as they are written in a test's cell: ``[a, b]``, ``{a: 1, b: 2}``.

Texts stand as they are, or in double quotes where they hold a comma, a colon, a bracket or
nothing at all; ``\"`` and ``\\`` stand for themselves there. ``null`` is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from featdsl.ir.expr import Scalar, Value
from featdsl.semantics.values import NotAValue, read_value
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

_CLOSING = {"[": "]", "{": "}"}


def read_nested(text: str, dtype: DType) -> Value:
    """Read a value of a type, of a list or a map too.

    Raises:
        NotAValue: the text is no value of the type.
    """
    match dtype.kind:
        case Kind.LIST:
            return tuple(_item(part, dtype.items[0]) for part in _parts(text, "[", dtype))
        case Kind.MAP:
            return _map(text, dtype)
        case Kind.DURATION if text.startswith("-"):
            return _before(read_value(text[1:], dtype))
        case _:
            return read_value(text, dtype)


def _before(length: Scalar) -> Duration:
    """A length backwards: a parameter has none, a difference of times may be one."""
    assert isinstance(length, Duration)
    return Duration(-length.amount, length.unit)


def _map(text: str, dtype: DType) -> MapValue:
    key_type, value_type = dtype.items
    entries: list[tuple[Scalar, Value]] = []
    for part in _parts(text, "{", dtype):
        key_text, value_text = _entry(part)
        key = _item(key_text, key_type)
        if key is None or isinstance(key, tuple | MapValue):
            raise NotAValue("a key of a map is null")
        entries.append((key, _item(value_text, value_type)))
    try:
        return MapValue.of(entries)
    except ValueError as wrong:
        raise NotAValue(str(wrong)) from None


def _item(text: str, dtype: DType) -> Value:
    if text == "null":
        return None
    if text.startswith('"') and not dtype.is_nested:
        text = _unquoted(text)
    elif not text:
        raise NotAValue('an item is empty: write `null`, or `""` for an empty text')
    return read_nested(text, dtype)


def _unquoted(text: str) -> str:
    scan = _Scan(text)
    end = scan.past_quotes(0)
    if end != len(text):
        raise NotAValue(f"`{text}` goes on after its quotes")
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _parts(text: str, opening: str, dtype: DType) -> Iterator[str]:
    """What stands between commas inside the brackets."""
    closing = _CLOSING[opening]
    if len(text) < 2 or text[0] != opening or text[-1] != closing:
        shown = "[1, 2]" if opening == "[" else "{a: 1}"
        raise NotAValue(f"`{text}` is no {dtype}, which is written as `{shown}`")
    inner = text[1:-1]
    if not inner.strip():
        return
    start = 0
    for i in (*_Scan(inner).outside(","), len(inner)):
        yield inner[start:i].strip()
        start = i + 1


def _entry(part: str) -> tuple[str, str]:
    colons = list(_Scan(part).outside(":"))
    spaced = [i for i in colons if part[i + 1 : i + 2].isspace()]
    at = spaced[0] if spaced else colons[0] if len(colons) == 1 else None
    if at is None:
        raise NotAValue(f"`{part}` is no entry of a map, such as `a: 1`")
    return part[:at].strip(), part[at + 1 :].strip()


@dataclass(frozen=True, slots=True)
class _Scan:
    text: str

    def outside(self, mark: str) -> Iterator[int]:
        """Where a mark stands outside of quotes and brackets."""
        depth, i = 0, 0
        while i < len(self.text):
            c = self.text[i]
            if c == '"':
                i = self.past_quotes(i)
                continue
            if c in _CLOSING:
                depth += 1
            elif c in _CLOSING.values():
                depth -= 1
            elif c == mark and depth == 0:
                yield i
            i += 1

    def past_quotes(self, start: int) -> int:
        i = start + 1
        while i < len(self.text) and self.text[i] != '"':
            i += 2 if self.text[i] == "\\" else 1
        if i >= len(self.text):
            raise NotAValue(f"`{self.text}` has quotes that do not end")
        return i + 1
