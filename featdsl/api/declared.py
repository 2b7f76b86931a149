"""What a project declares, as small objects: features, groups, data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, overload

from featdsl.api.errors import argument_error, unknown
from featdsl.site.html import Child, Html, element

MOST_SHOWN = 200
"""Rows of a table in a notebook."""


class Named(Protocol):
    """Something that has a name."""

    @property
    def name(self) -> str: ...

    @property
    def short(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature or label: what it is, in words and as written.

    ``name`` is full (``retail.spend.trend``), ``short`` its end; ``type`` is a type of the
    language (``decimal(14, 2)``). ``sentence`` says what the value is, with exact ends of
    windows; ``doc`` is what its author says of it. ``definition`` are its lines of text, at
    ``file`` and ``line``. ``columns`` are those of sources that it rests on
    (``retail.transactions.amount``), ``features`` the features it is computed from.

    Example:
        >>> project.features["trend"].sentence
    """

    name: str
    short: str
    group: str
    entity: str
    family: str | None
    type: str
    nullable: bool
    unit: str | None
    sentence: str
    doc: str | None
    definition: str
    windows: tuple[str, ...]
    columns: tuple[str, ...]
    features: tuple[str, ...]
    owner: str | None
    tags: tuple[str, ...]
    attributes: Mapping[str, str | bool | int | tuple[str, ...]]
    deprecated: str | None
    private: bool
    file: str
    line: int
    fingerprint: str

    def __repr__(self) -> str:
        return f"<feature {self.name}: {self.type}>"

    def _repr_html_(self) -> str:
        facts = {
            "is": self.sentence,
            "doc": self.doc,
            "type": f"{self.type}{f', {self.unit}' if self.unit else ''}",
            "windows": "; ".join(self.windows) or None,
            "rests on": ", ".join(self.columns) or None,
            "owner": self.owner,
            "tags": ", ".join(self.tags) or None,
            "deprecated": self.deprecated,
            "declared": f"{self.file}:{self.line}",
        }
        return facts_html(self.name, facts, element("pre", self.definition))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Features of one entity over one source or view.

    ``keys`` are the columns that tell its rows apart; ``features`` are in the order of the text.

    Example:
        >>> [f.short for f in project.groups["spend"].features]
    """

    name: str
    short: str
    entity: str
    keys: tuple[str, ...]
    relation: str | None
    features: Entries[Feature]
    doc: str | None
    owner: str | None
    tags: tuple[str, ...]
    attributes: Mapping[str, str | bool | int | tuple[str, ...]]
    file: str
    line: int

    def __repr__(self) -> str:
        return f"<group {self.name}: {len(self.features)} features of {self.entity}>"

    def _repr_html_(self) -> str:
        facts = {
            "doc": self.doc,
            "of": f"{self.entity} ({', '.join(self.keys)})",
            "from": self.relation or "features of other groups only",
            "owner": self.owner,
            "declared": f"{self.file}:{self.line}",
        }
        return facts_html(self.name, facts, self.features.table())


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A training set as it is declared.

    ``columns`` are its features, ``labels`` its labels, under the names that they have in it;
    ``keys`` and ``time`` say whose a row is and as of when. ``types`` are the types of all of
    its columns, in order. ``sentence`` says which rows it has; ``split_at`` where the parts of
    its split begin, but for the first: instants, or shares of keys. ``freshness`` says how old
    its features may be where they are read, as ``"2d"``.

    Example:
        >>> project.datasets["churn"].labels
    """

    name: str
    short: str
    entity: str
    keys: tuple[str, ...]
    time: str | None
    sentence: str
    types: Mapping[str, str]
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    split_at: tuple[str, ...]
    consumers: tuple[str, ...]
    freshness: str | None
    doc: str | None
    owner: str | None
    tags: tuple[str, ...]
    attributes: Mapping[str, str | bool | int | tuple[str, ...]]
    file: str
    line: int
    fingerprint: str

    def __repr__(self) -> str:
        return f"<data set {self.name}: {len(self.columns)} features, {len(self.labels)} labels>"

    def _repr_html_(self) -> str:
        facts = {
            "doc": self.doc,
            "rows": self.sentence,
            "features": ", ".join(self.columns),
            "labels": ", ".join(self.labels) or None,
            "read by": ", ".join(self.consumers) or None,
            "declared": f"{self.file}:{self.line}",
        }
        return facts_html(self.name, facts)


class Entries(Sequence[T], Generic[T]):
    """What is declared, in the order of the texts: by place, or by full or short name.

    Example:
        >>> project.features["spend_7d"] is project.features["retail.spend.spend_7d"]
        True
    """

    def __init__(
        self, kind: str, items: Iterable[T], *, about: Callable[[T], tuple[str, str]]
    ) -> None:
        self._kind = kind
        self._items = tuple(items)
        self._about = about

    @property
    def names(self) -> tuple[str, ...]:
        """Full names."""
        return tuple(item.name for item in self._items)

    @overload
    def __getitem__(self, key: int | str) -> T: ...

    @overload
    def __getitem__(self, key: slice) -> Entries[T]: ...

    def __getitem__(self, key: int | str | slice) -> T | Entries[T]:
        match key:
            case str():
                return self._named(key)
            case slice():
                return Entries(self._kind, self._items[key], about=self._about)
        return self._items[key]

    def _named(self, name: str) -> T:
        """The item of a full name, or of the end of one.

        Raises:
            ArgumentError: nothing is called so, or several things are.
        """
        found = [i for i in self._items if i.name == name]
        found = found or [i for i in self._items if i.name.endswith(f".{name}")]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"`{i.name}`" for i in found)
            raise argument_error(f"`{name}` may mean {len(found)} things", f"write one of {names}")
        raise unknown(self._kind, name, {n for i in self._items for n in (i.name, i.short)})

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return any(i.name == item or i.name.endswith(f".{item}") for i in self._items)
        return item in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        shown = [i.short for i in self._items[:5]]
        more = ", …" if len(self._items) > len(shown) else ""
        plural = "" if len(self._items) == 1 else "s"
        return f"<{len(self._items)} {self._kind}{plural}: {', '.join(shown)}{more}>"

    def _repr_html_(self) -> str:
        return self.table()

    def table(self) -> Html:
        """The first items as an HTML table: name, what it is, what it says of itself."""
        rows = [(i.name, *self._about(i)) for i in self._items[:MOST_SHOWN]]
        more = len(self._items) - len(rows)
        note = element("p", f"… and {more:,} more") if more else None
        return element("div", table_html((self._kind, "", ""), rows), note)


def facts_html(title: str, facts: dict[str, str | None], *more: Child) -> Html:
    """A heading, a table of what is known, and more."""
    rows = [(name, value) for name, value in facts.items() if value]
    return element("div", element("h4", title), table_html((), rows), *more)


def table_html(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """A table of texts."""
    top = element("thead", element("tr", [element("th", h) for h in head])) if head else None
    body = [element("tr", [element("td", cell) for cell in row]) for row in rows]
    return element("table", top, element("tbody", body))
