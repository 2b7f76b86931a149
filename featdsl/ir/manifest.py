"""The manifest: all that a project declares, for docs, `show`, `lineage` and other tools.

JSON with a published schema; it holds no clock, no absolute path and no secret. Names are full
(``namespace.group.feature``); places are ``file`` (relative to the project) and ``line``.
"""

from __future__ import annotations

from typing import Literal

from featdsl.ir.manifest_base import ExpectationEntry as ExpectationEntry
from featdsl.ir.manifest_base import Fingerprint as Fingerprint
from featdsl.ir.manifest_base import Model as Model
from featdsl.ir.manifest_base import Note as Note
from featdsl.ir.manifest_base import Place as Place

SCHEMA_VERSION: Literal[1] = 1


class ParameterEntry(Model):
    name: str
    short: str
    dtype: str
    default: str | None
    """As written; of a secret one, null."""
    secret: bool
    used_by: tuple[str, ...] = ()
    """Features whose value it may change."""
    labels: tuple[str, ...] = ()
    """Labels whose value it may change."""
    note: Note
    place: Place


class InputColumnEntry(Model):
    name: str
    dtype: str
    required: bool = False
    pii: bool = False
    description: str | None
    used_by: tuple[str, ...]
    """Features that rest on it, themselves or through others."""


class InputEntry(Model):
    """Columns that arrive with a request; in a training set they are columns of the spine."""

    name: str
    short: str
    columns: tuple[InputColumnEntry, ...]
    note: Note
    place: Place
    text: str


class KeyEntry(Model):
    name: str
    dtype: str


class EntityEntry(Model):
    name: str
    short: str
    keys: tuple[KeyEntry, ...]
    population: str | None
    groups: tuple[str, ...]
    label_groups: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    note: Note
    place: Place
    text: str


class ColumnEntry(Model):
    name: str
    dtype: str
    required: bool = False
    pii: bool = False
    description: str | None = None
    used_by: tuple[str, ...] = ()
    """Features that rest on it."""
    labels: tuple[str, ...] = ()
    """Labels that rest on it."""


class DropEntry(Model):
    condition: str
    because: str | None


class SourceEntry(Model):
    name: str
    short: str
    kind: str
    location: str
    history: Literal["events", "changing rows", "snapshots", "validity", "static"]
    history_words: str
    """What of it can be seen at an as-of time, in a sentence."""
    time: str | None
    key: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    locked: bool = False
    """Whether its columns are not declared, but were read from the data."""
    drops: tuple[DropEntry, ...]
    expectations: tuple[ExpectationEntry, ...]
    used_by: tuple[str, ...]
    """Views, groups of features and of labels, and data sets that read it."""
    note: Note
    place: Place
    text: str


class JoinEntry(Model):
    source: str
    alias: str
    words: str
    many: bool = False


class LetEntry(Model):
    name: str
    dtype: str
    text: str


class ViewEntry(Model):
    name: str
    short: str
    lefts: tuple[str, ...]
    joins: tuple[JoinEntry, ...]
    lets: tuple[LetEntry, ...]
    where: str | None
    expectations: tuple[ExpectationEntry, ...]
    used_by: tuple[str, ...]
    note: Note
    place: Place
    text: str


class WindowEntry(Model):
    """One window that a feature reads; ``words`` has its exact ends."""

    text: str
    words: str


class LineageColumn(Model):
    """A column of a source that a feature rests on.

    ``role``: value (it enters the value), filter (it decides which rows count), time (it places
    or orders rows), key (it tells whose row it is).
    """

    source: str
    column: str
    roles: tuple[Literal["value", "filter", "time", "key"], ...]
    through: tuple[str, ...] = ()
    """Views passed on the way, from the feature to the source."""
    direct: bool = True
    """Whether the feature reads it itself, and not only by way of other features."""


class FeatureEntry(Model):
    """A feature, or a label: a value that looks forward, and that no feature reads."""

    name: str
    short: str
    label: bool = False
    group: str
    entity: str
    family: str | None
    dtype: str
    nullable: bool
    unit: str | None
    sentence: str
    """What the value is, in words, with exact window ends."""
    headline: str
    """The first of it: the measure alone."""
    details: tuple[str, ...]
    """What stands behind the names in it: definitions, filters, parameters, population."""
    definition: str
    """The feature's own lines of `.feat` text."""
    expression: str
    """Canonical text of the expression, constants and functions expanded."""
    windows: tuple[WindowEntry, ...]
    aggregates: tuple[str, ...]
    parameters: tuple[str, ...]
    columns: tuple[LineageColumn, ...]
    inputs: tuple[str, ...] = ()
    """Columns of inputs that it rests on, itself or through others: it is in no snapshot then."""
    features: tuple[str, ...]
    """Features that it is computed from, directly."""
    used_by: tuple[str, ...]
    """Features computed from it, directly."""
    datasets: tuple[str, ...] = ()
    """Data sets that include it, or of which it is a label."""
    consumers: tuple[str, ...] = ()
    """Consumers that read it, by itself or in a data set."""
    expectations: tuple[ExpectationEntry, ...]
    tests: tuple[str, ...]
    """Titles of the tests that state its value."""
    fingerprint: Fingerprint
    note: Note
    place: Place


class GroupEntry(Model):
    name: str
    short: str
    labels: bool = False
    """Whether it is a group of labels."""
    entity: str
    relation: str | None
    """None where its features rest on those of other groups only."""
    features: tuple[str, ...]
    expectations: tuple[ExpectationEntry, ...]
    note: Note
    place: Place
    text: str


class SpineEntry(Model):
    """Rows of ``source`` as of ``at``, or a grid of times: ``every`` from ``start`` to ``end``."""

    words: str
    source: str | None = None
    at: str | None = None
    every: str | None = None
    start: str | None = None
    end: str | None = None
    sample: str | None = None


class DatasetColumnEntry(Model):
    """A column of the output; ``feature`` is the feature or label that it holds, if any.

    ``role``: key and time (whose row it is, as of when), spine (another column of the spine),
    feature, label, split (which part of the split the row belongs to).
    """

    name: str
    dtype: str
    role: Literal["key", "time", "spine", "feature", "label", "split"]
    feature: str | None = None


class DatasetEntry(Model):
    name: str
    short: str
    entity: str
    spine: SpineEntry | None
    """None where rows are handed in."""
    words: str
    """Which rows it has."""
    columns: tuple[DatasetColumnEntry, ...]
    """All of the output, in order."""
    split: tuple[str, ...]
    """Where the parts of the split begin, but for the first."""
    split_words: str | None
    consumers: tuple[str, ...]
    """Who reads it: those that it names, and those that name it."""
    freshness: str | None = None
    """How old its features may be where they are read, as ``2d``."""
    freshness_words: str | None = None
    expectations: tuple[ExpectationEntry, ...] = ()
    fingerprint: Fingerprint
    note: Note
    place: Place
    text: str


class ConsumerEntry(Model):
    name: str
    short: str
    kind: str | None
    """``model``, ``report`` or ``application``."""
    datasets: tuple[str, ...]
    features: tuple[str, ...]
    """Features that it reads by themselves."""
    predictions: str | None = None
    """The source of what it predicted, of a model."""
    target: str | None = None
    """The label that it predicts."""
    note: Note
    place: Place
    text: str


class WantedEntry(Model):
    """A feature that someone asked for."""

    name: str
    short: str
    entity: str
    by: str | None = None
    since: str | None = None
    """The day, as ``2024-01-03``."""
    status: str
    """``open``, ``accepted``, ``declined``; ``done`` where it is declared."""
    because: str | None = None
    features: tuple[str, ...] = ()
    """Those that are declared under its name."""
    note: Note
    place: Place
    text: str


class TableEntry(Model):
    """A table of a test as text; an empty cell is null (``None``).

    ``states`` has, for each column of what is expected, the full name of the feature or label
    whose values it holds, and None for keys, times and other columns of a spine.
    """

    name: str
    columns: tuple[str, ...]
    states: tuple[str | None, ...] = ()
    rows: tuple[tuple[str | None, ...], ...]


class SettingEntry(Model):
    """``$param = value`` of a test; the value of a secret one is hidden."""

    param: str
    value: str


class TestEntry(Model):
    """``expected`` tables have the keys, ``as_of``, then features; of data sets what is stated."""

    __test__ = False

    title: str
    given: tuple[TableEntry, ...]
    settings: tuple[SettingEntry, ...] = ()
    instants: tuple[str, ...]
    expected: tuple[TableEntry, ...]
    features: tuple[str, ...]
    place: Place
    text: str


class Manifest(Model):
    schema_version: Literal[1] = SCHEMA_VERSION
    featc_version: str
    project: str
    timezone: str
    parameters: tuple[ParameterEntry, ...]
    entities: tuple[EntityEntry, ...]
    sources: tuple[SourceEntry, ...]
    views: tuple[ViewEntry, ...]
    inputs: tuple[InputEntry, ...] = ()
    groups: tuple[GroupEntry, ...]
    features: tuple[FeatureEntry, ...]
    label_groups: tuple[GroupEntry, ...] = ()
    labels: tuple[FeatureEntry, ...] = ()
    datasets: tuple[DatasetEntry, ...] = ()
    consumers: tuple[ConsumerEntry, ...] = ()
    wanted: tuple[WantedEntry, ...] = ()
    tests: tuple[TestEntry, ...]
    fingerprint: Fingerprint
    """Of the whole project."""
