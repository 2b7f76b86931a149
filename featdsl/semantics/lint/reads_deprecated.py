"""A data set or consumer reads something that is deprecated."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.diagnostics import catalog
from featdsl.ir.program import DatasetColumn, Declared, Meta
from featdsl.semantics.lint.subject import Subject
from featdsl.text.span import Span


def reads_deprecated(subject: Subject) -> None:
    """What is deprecated goes away one day: its readers should know in time."""
    known = subject.known
    for dataset in known.datasets.values():
        _columns((*dataset.columns, *dataset.labels), subject)
        for name in dataset.consumers:
            if name in known.consumers:
                _report(dataset, dataset.meta, known.consumers[name].name_span, subject)
    for consumer in known.consumers.values():
        for name in consumer.datasets:
            if name in known.datasets:
                read = known.datasets[name]
                _report(read, read.meta, consumer.name_span, subject)
        for name in consumer.features:
            _feature(name, consumer.name_span, subject)


def _columns(columns: Iterable[DatasetColumn], subject: Subject) -> None:
    for column in columns:
        if column.feature is not None:
            _feature(column.feature, column.span, subject)


def _feature(name: str, span: Span, subject: Subject) -> None:
    group = (subject.known.groups | subject.known.labels)[name.rpartition(".")[0]]
    feature = group.features[name]
    meta = feature.meta if feature.meta.deprecated is not None else group.meta
    _report(feature, meta, span, subject)


def _report(read: Declared, meta: Meta, span: Span, subject: Subject) -> None:
    if meta.deprecated is None:
        return
    subject.report(
        catalog.READS_DEPRECATED.at(span, f"`{read.name}` is deprecated, and is read here")
        .because(read.name_span, f"deprecated: {meta.deprecated}")
        .help("read what takes its place")
    )
