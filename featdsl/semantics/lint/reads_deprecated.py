"""A data set, a consumer or another group reads something that is deprecated."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import DatasetColumn, Declared, Meta
from featdsl.ir.visit import walk
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
    for view in known.views.values():
        _reads([let.value for let in view.lets], "", subject)
        _reads([] if view.where is None else [view.where], "", subject)
    for group in (*known.groups.values(), *known.labels.values()):
        if group.meta.deprecated is None:
            going = (f.expr for f in group.members.values() if f.meta.deprecated is None)
            _reads(going, group.name, subject)


def _reads(expressions: Iterable[ir.Expr], group: str, subject: Subject) -> None:
    """Report deprecated features of other groups than this one."""
    for expression in expressions:
        for node in walk(expression):
            if isinstance(node, ir.FeatureRef | ir.Via | ir.Ago):
                of = subject.known.group_of(node.feature)
                if of is not None and of.name != group and node.feature in of.members:
                    _feature(node.feature, node.span, subject)


def _columns(columns: Iterable[DatasetColumn], subject: Subject) -> None:
    for column in columns:
        if column.feature is not None:
            _feature(column.feature, column.span, subject)


def _feature(name: str, span: Span, subject: Subject) -> None:
    group = (subject.known.groups | subject.known.labels)[name.rpartition(".")[0]]
    feature = group.members[name]
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
