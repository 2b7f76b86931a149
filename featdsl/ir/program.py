"""The typed program: what a project declares, bound and checked.

Names are full: ``namespace.name`` for declarations, ``namespace.group.feature`` for features.
Mappings keep declaration order, except ``Group.features``, which is in dependency order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.expr import Expr, NextWindow, Scalar, Value, Window
from featdsl.text.names import short_name
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What any declaration may say of itself: no part of a value's meaning."""

    doc: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deprecated: str | None = None
    private: bool = False
    version: int | None = None
    uri: str | None = None
    unit: str | None = None
    format: str | None = None
    domain: str | None = None
    was: str | None = None
    allow: Mapping[str, str] = field(default_factory=dict)  # slug -> because


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A declaration's full name, place and metadata. ``span`` covers all of its text."""

    name: str
    meta: Meta
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)

    @property
    def short(self) -> str:
        return short_name(self.name)


class Origin(StrEnum):
    DEFAULT = "default"
    CLOCK = "default: the day"
    ENVIRONMENT = "default: the environment"
    PARAMETER = "default: another parameter"
    TARGET = "featc.toml"
    COMMAND = "command line"
    CALLER = "Python"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Declared):
    """A value of a run. ``value`` is None where it has no default and none was given.

    ``default`` is the canonical text of the default as written; ``whole`` has the defaults of
    the parameters that it names in place of their names. ``missing`` says why a default that
    reads the day or the environment gave no value.
    """

    dtype: DType
    default: str | None
    whole: str | None = None
    value: Scalar | tuple[Scalar, ...]
    origin: Origin
    secret: bool = False
    missing: str | None = field(default=None, compare=False)

    @property
    def meaning(self) -> str | None:
        """The text that stands for the default in fingerprints."""
        return self.default if self.whole is None else self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityKey:
    name: str
    dtype: DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Declared):
    """``population`` is the source that lists which keys exist, or None.

    One without ``keys`` is the whole population: one row for each as-of time.
    """

    keys: tuple[EntityKey, ...]
    population: str | None


class CheckKind(StrEnum):
    """How an expectation is checked; ``featdsl.checks`` has one file for each."""

    ROWS = "row_condition"
    UNIQUE = "unique"
    ROW_COUNT = "rows"
    NULL_RATE = "null_rate"
    FRESHNESS = "freshness"
    DISTINCT = "distinct"
    AGGREGATE = "aggregate"
    CHANGES = "changes"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One ``expect``.

    ``text`` is its source. ROWS: ``condition`` per row, null passes, ``allow`` is the share
    that may fail. UNIQUE: ``columns``. AGGREGATE: ``condition`` over aggregates of the whole set,
    null passes. The others compare a measure of the set with ``bound`` by ``op``: one of
    ``= != < <= > >=`` (``between`` gives two expectations), or ``not between`` that and ``high``.
    ROW_COUNT compares a count, NULL_RATE of ``columns[0]`` a share, DISTINCT a count of values,
    FRESHNESS a Duration; CHANGES the relative change of ``condition``, a number, since the last
    published run; DRIFT the index of how far ``columns[0]``, of ``dtype``, has moved since then.
    """

    kind: CheckKind
    text: str
    span: Span = field(compare=False, repr=False)
    warn: bool = False
    allow: Decimal = Decimal(0)
    condition: Expr | None = None
    columns: tuple[str, ...] = ()
    op: str | None = None
    bound: Scalar = None
    high: Scalar = None
    dtype: DType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    name: str
    dtype: DType
    required: bool = False
    pii: bool = False
    description: str | None = None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input(Declared):
    """Columns that arrive with a request; in a training set the spine has them."""

    columns: Mapping[str, SourceColumn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """``from parquet "…" (option = value)``; parameters in ``argument`` are filled in.

    ``written`` is the argument before that: what documents show and fingerprints see, since a
    value of a run, or a secret, may have been filled in. So are ``written_options``: those that
    name a parameter or a variable of the environment. ``params`` are the full names of all
    parameters that were filled in.
    """

    kind: str
    argument: str
    written: str = ""
    written_options: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Scalar] = field(default_factory=dict)
    params: frozenset[str] = frozenset()
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """When a row can be seen: ``after`` its time, or from the time in ``column`` on."""

    after: Duration | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """``keep last per k by u``: among the visible versions of ``per`` the largest ``by`` wins.

    The smallest where ``first``. A winner for which ``removed_when`` holds takes the row away.
    """

    per: tuple[str, ...]
    by: tuple[str, ...]
    first: bool = False
    removed_when: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """``valid from_column to to_column``: the row of a key that holds at t."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``snapshot column``: rows with one value there are the whole table as it was then."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    condition: Expr
    because: str | None
    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Columns of a relation that hold an entity's key, in the order of the entity's keys."""

    entity: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Declared):
    """Outside data. ``time`` is None for static, snapshot and validity sources without one."""

    location: Location
    columns: Mapping[str, SourceColumn]
    key: tuple[str, ...] = ()
    time: str | None = None
    ties: tuple[str, ...] = ()
    available: Availability | None = None
    keep: Keep | None = None
    valid: Validity | None = None
    snapshot: Snapshot | None = None
    roles: tuple[Role, ...] = ()
    drops: tuple[Drop, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @property
    def has_history(self) -> bool:
        return self.time is not None or self.changes

    @property
    def changes(self) -> bool:
        """Whether it is said which rows exist at a time, beside when each can be seen."""
        return self.keep is not None or self.valid is not None or self.snapshot is not None

    @property
    def tie_break(self) -> tuple[str, ...]:
        """Columns that order rows of one time: ``then`` columns, then the key."""
        return (*self.ties, *(k for k in self.key if k not in self.ties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """As-of join of a source or view: the row of ``source`` seen at the left row's time.

    ``on`` pairs a left expression with a column of the right side; ``residual`` holds what
    else the condition says (right columns have the alias as qualifier). With ``many`` a left
    row comes out once for each right row that matches.
    """

    source: str
    alias: str
    on: tuple[tuple[Expr, str], ...]
    residual: Expr | None = None
    many: bool = False
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    name: str
    dtype: DType
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Declared):
    """Rows made of rows: joins, then lets in order (one may use those above), then where.

    Keeps the left's time, availability, key and roles. ``lefts`` are sources or views; of
    several the rows are those of all of them, by the names of their columns, which are the same.
    """

    lefts: tuple[str, ...]
    joins: tuple[Join, ...]
    lets: tuple[Let, ...]
    where: Expr | None
    expectations: tuple[Expectation, ...] = ()

    @property
    def left(self) -> str:
        """What it stands on; of a union the first."""
        return self.lefts[0]

    @property
    def is_union(self) -> bool:
        return len(self.lefts) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Declared):
    """One value for each key and as-of time.

    ``expr`` is cast to ``dtype``. ``family`` is the declared name where it is a member of one
    (``spend`` of ``spend_7d``), with its ``window``. ``text`` is the definition as written.
    ``index`` is its place among the group's features in the order of the text.
    """

    group: str
    dtype: DType
    nullable: bool
    expr: Expr
    text: str
    index: int = field(default=0, compare=False)
    family: str | None = None
    window: Window | NextWindow | None = None
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Declared):
    """Features, or labels, of one entity over one relation (a source or view).

    ``role`` names the columns of the relation that hold the entity's key. Both are None where
    the features rest on those of other groups only. ``features`` are in dependency order, by
    full name. ``requests`` are those that rest on an `Input`, apart: only training sets have
    values of them. ``expectations`` are over the group's output.
    """

    entity: str
    relation: str | None
    role: Role | None
    features: Mapping[str, Feature]
    requests: Mapping[str, Feature] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()

    @property
    def members(self) -> Mapping[str, Feature]:
        """All that is declared in it, each after what it rests on."""
        return {**self.features, **self.requests}


class ConsumerKind(StrEnum):
    MODEL = "model"
    REPORT = "report"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer(Declared):
    """Who reads what. ``datasets`` and ``features`` are full names that it says it reads.

    Data sets that name it are not among ``datasets``: see `Program.readers`. ``predictions`` is
    the source of what a model predicted, ``target`` the label that it predicts.
    """

    kind: ConsumerKind | None
    datasets: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    predictions: str | None = None
    target: str | None = None


class WantedStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Declared):
    """A feature that someone asked for.

    ``features`` are full names of those that are declared under its name, about its entity: it
    is DONE then. ``because`` says why it was accepted or declined.
    """

    entity: str
    by: str | None = None
    since: date | None = None
    status: WantedStatus = WantedStatus.OPEN
    because: str | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineRows:
    """One output row for each stored row of ``source``, as of its column ``at``.

    ``keys`` are the source's columns that hold the entity's key, in the order of its keys.
    """

    source: str
    at: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineGrid:
    """Each key of the population that exists at ``start``, ``start + every``, … up to ``end``.

    ``sample`` is the share of rows that are taken, by a hash of key and time; None for all.
    ``written`` are both ends in canonical text: what documents show and fingerprints see, since
    a value of a run may have been filled in.
    """

    every: Duration
    start: datetime
    end: datetime
    sample: Decimal | None = None
    written: tuple[str, ...] = field(default=(), compare=False)


Spine: TypeAlias = SpineRows | SpineGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetColumn:
    """A feature, or a label, under the name that it has in the data set.

    ``feature`` is a full name; None for a label that is a column of the spine of this name.
    """

    name: str
    feature: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Declared):
    """What one consumer reads: spine rows, their features, labels and split.

    Output: the spine's columns (of a source all that are no `pii`, and the keys; of a grid the
    keys and ``as_of``), then ``columns``, labels that are no spine columns, ``split``.
    ``split_at`` has one instant (train, test) or two (train, validation, test);
    ``split_written`` is their canonical text, as of a grid's ends.
    """

    entity: str
    spine: Spine | None
    columns: tuple[DatasetColumn, ...]
    labels: tuple[DatasetColumn, ...] = ()
    split_at: tuple[datetime, ...] = ()
    split_written: tuple[str, ...] = field(default=(), compare=False)
    consumers: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A typed table of a test: ``cells[i]`` has a value for each of ``columns``."""

    columns: tuple[str, ...]
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)  # one a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """``then group``: rows of features, or of labels, by key (and ``as_of`` of each).

    ``at`` is the instant that all of it is about: the rows are then all that there are. It is
    None where only the keys of a table after ``at`` are asked.
    """

    group: str
    at: datetime | None = None
    keys: tuple[tuple[Value, ...], ...]
    instants: tuple[datetime, ...]
    features: tuple[str, ...]  # short names, as in the header
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)

    @property
    def stated(self) -> tuple[str, ...]:
        """Full names of the features and labels of which it states values."""
        return tuple(f"{self.group}.{name}" for name in self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedColumn:
    """A column of a training set: ``feature`` is None where it is the spine's, or the split."""

    name: str
    dtype: DType
    feature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRows:
    """``then dataset``: all rows of its training set over its own spine, in the spine's order."""

    dataset: str
    columns: tuple[StatedColumn, ...]  # as in the header
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)

    @property
    def stated(self) -> tuple[str, ...]:
        """Full names of the features and labels of which it states values."""
        return tuple(c.feature for c in self.columns if c.feature is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """``given`` rows of sources and views by full name, ``then`` what must come of them."""

    title: str
    namespace: str
    given: Mapping[str, Rows]
    params: Mapping[str, Scalar | tuple[Scalar, ...]]
    expected: tuple[Expected | ExpectedRows, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    project: str
    timezone: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    labels: Mapping[str, Group] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    consumers: Mapping[str, Consumer] = field(default_factory=dict)
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    tests: tuple[Test, ...] = ()

    def relation(self, name: str) -> Relation:
        """The source or view of a full name."""
        return self.sources[name] if name in self.sources else self.views[name]

    def root(self, name: str) -> Source:
        """The source whose rows a relation's rows are: of a union the first of them.

        They agree on time and roles; `featdsl.ir.relations.roots` gives all.
        """
        relation = self.relation(name)
        while isinstance(relation, View):
            relation = self.relation(relation.left)
        return relation

    def features(self) -> Iterator[Feature]:
        for group in self.groups.values():
            yield from group.members.values()

    def all_labels(self) -> Iterator[Feature]:
        for group in self.labels.values():
            yield from group.features.values()

    def feature(self, name: str) -> Feature:
        """The feature or label of a full name."""
        group = name.rpartition(".")[0]
        return (self.groups if group in self.groups else self.labels)[group].members[name]

    def readers(self, dataset: str) -> tuple[str, ...]:
        """Full names of the consumers of a data set: those it names, and those that name it."""
        named = self.datasets[dataset].consumers
        others = (c.name for c in self.consumers.values() if dataset in c.datasets)
        return tuple(dict.fromkeys((*named, *others)))


Relation: TypeAlias = Source | View
