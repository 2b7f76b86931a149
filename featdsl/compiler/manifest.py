"""Program to manifest: everything that a project declares, for docs and tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from featdsl import __version__
from featdsl.compiler.canon import written_location
from featdsl.compiler.expectation_words import expectation_words
from featdsl.compiler.fingerprint import Prints, fingerprint_features, fingerprint_project
from featdsl.compiler.fingerprint_datasets import fingerprint_datasets
from featdsl.compiler.lineage import FeatureLineage, column_index, trace_lineage
from featdsl.compiler.manifest_datasets import dataset_entry
from featdsl.compiler.manifest_notes import inherited, note_of
from featdsl.compiler.manifest_readers import dependants, included, of_entity, readers
from featdsl.compiler.manifest_tests import place, test_entries
from featdsl.compiler.redact import redact_location, redact_text
from featdsl.compiler.scope import Scope
from featdsl.compiler.sentences import Sentence, describe_feature, join_words
from featdsl.compiler.source_words import history_kind, visibility_words
from featdsl.compiler.window_words import window_words
from featdsl.ir import expr as ir
from featdsl.ir import manifest as m
from featdsl.ir.program import (
    Consumer,
    Dataset,
    Entity,
    Expectation,
    Feature,
    Group,
    Input,
    Parameter,
    Program,
    Source,
    SourceColumn,
    View,
    Wanted,
)
from featdsl.ir.refs import inputs_behind
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.syntax.nodes import Module
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

_UNSAID: Final = Sentence(headline="", reach=(), details=())


def build_manifest(
    program: Program, texts: SourceSet, modules: Sequence[Module], *, sentences: bool = True
) -> m.Manifest:
    """The manifest of a program without errors; ``texts`` give definitions and lines.

    The same program gives the same manifest: no clock, no absolute path, no value of a run.
    Sentences on features are a third of the work: without them they are empty.
    """
    return _Builder(program, texts, sentences).manifest()


class _Builder:
    def __init__(self, program: Program, texts: SourceSet, sentences: bool) -> None:
        self._program = program
        self._texts = texts
        self._sentences = sentences
        self._lineage = trace_lineage(program)
        self._columns = column_index(self._lineage)
        self._prints = fingerprint_features(program)
        self._tests = test_entries(program, texts)
        self._readers = readers(program)
        self._dependants = dependants(self._lineage)
        self._sets = fingerprint_datasets(program, self._prints)
        self._included = included(program)

    def manifest(self) -> m.Manifest:
        program = self._program
        return m.Manifest(
            featc_version=__version__,
            project=program.project,
            timezone=program.timezone,
            parameters=tuple(map(self._parameter, program.params.values())),
            entities=tuple(map(self._entity, program.entities.values())),
            sources=tuple(map(self._source, program.sources.values())),
            views=tuple(map(self._view, program.views.values())),
            inputs=tuple(map(self._input, program.inputs.values())),
            groups=tuple(map(self._group, program.groups.values())),
            features=tuple(
                self._feature(feature, group)
                for group in program.groups.values()
                for feature in _as_written(group)
            ),
            tests=self._tests,
            label_groups=tuple(map(self._group, program.labels.values())),
            labels=tuple(
                self._feature(label, group)
                for group in program.labels.values()
                for label in _as_written(group)
            ),
            datasets=tuple(map(self._dataset, program.datasets.values())),
            consumers=tuple(map(self._consumer, program.consumers.values())),
            wanted=tuple(map(self._wanted, program.wanted.values())),
            fingerprint=_fingerprint(fingerprint_project(program, {**self._prints, **self._sets})),
        )

    def _split(self, names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Features, and labels."""
        found = tuple(names)
        labels = tuple(n for n in found if n.rpartition(".")[0] in self._program.labels)
        return tuple(n for n in found if n not in labels), labels

    def _dataset(self, d: Dataset) -> m.DatasetEntry:
        return dataset_entry(
            self._program,
            d,
            fingerprint=_fingerprint(self._sets[d.name]),
            expectations=self._expectations(d.expectations),
            note=note_of(d.meta),
            place=self.place(d.span),
            text=self.text(d.span),
        )

    def _consumer(self, c: Consumer) -> m.ConsumerEntry:
        sets = (d for d in self._program.datasets if c.name in self._program.readers(d))
        return m.ConsumerEntry(
            name=c.name,
            short=c.short,
            kind=None if c.kind is None else c.kind.value,
            datasets=tuple(sets),
            features=c.features,
            predictions=c.predictions,
            target=c.target,
            note=note_of(c.meta),
            place=self.place(c.span),
            text=self.text(c.span),
        )

    def _wanted(self, w: Wanted) -> m.WantedEntry:
        return m.WantedEntry(
            name=w.name,
            short=w.short,
            entity=w.entity,
            by=w.by,
            since=None if w.since is None else w.since.isoformat(),
            status=w.status.value,
            because=w.because,
            features=w.features,
            note=note_of(w.meta),
            place=self.place(w.span),
            text=self.text(w.span),
        )

    def place(self, span: Span) -> m.Place:
        return place(self._texts, span)

    def text(self, span: Span) -> str:
        return redact_text(self._texts.slice(span))

    def _parameter(self, p: Parameter) -> m.ParameterEntry:
        used_by, labels = self._split(
            n for n, traced in self._lineage.items() if p.name in traced.params
        )
        return m.ParameterEntry(
            name=p.name,
            short=p.short,
            dtype=str(p.dtype),
            default=None if p.secret or p.default is None else redact_text(p.default),
            secret=p.secret,
            note=note_of(p.meta),
            place=self.place(p.span),
            used_by=used_by,
            labels=labels,
        )

    def _input(self, i: Input) -> m.InputEntry:
        requests = [n for g in self._program.groups.values() for n in g.requests]
        read = {n: {(r.input, r.column) for r in self._requested(n)} for n in requests}
        return m.InputEntry(
            name=i.name,
            short=i.short,
            columns=tuple(
                m.InputColumnEntry(
                    name=c.name,
                    dtype=str(c.dtype),
                    required=c.required,
                    pii=c.pii,
                    description=c.description,
                    used_by=tuple(n for n in requests if (i.name, c.name) in read[n]),
                )
                for c in i.columns.values()
            ),
            note=note_of(i.meta),
            place=self.place(i.span),
            text=self.text(i.span),
        )

    def _requested(self, feature: str) -> list[ir.InputRef]:
        return inputs_behind(self._program, feature)

    def _entity(self, e: Entity) -> m.EntityEntry:
        return m.EntityEntry(
            name=e.name,
            short=e.short,
            keys=tuple(m.KeyEntry(name=k.name, dtype=str(k.dtype)) for k in e.keys),
            population=e.population,
            groups=of_entity(self._program.groups.values(), e),
            label_groups=of_entity(self._program.labels.values(), e),
            datasets=of_entity(self._program.datasets.values(), e),
            note=note_of(e.meta),
            place=self.place(e.span),
            text=self.text(e.span),
        )

    def _source(self, s: Source) -> m.SourceEntry:
        return m.SourceEntry(
            name=s.name,
            short=s.short,
            kind=s.location.kind,
            location=redact_location(written_location(s.location)),
            history=history_kind(s),
            history_words=visibility_words(s),
            time=s.time,
            key=s.key,
            columns=tuple(self._column(s, c) for c in s.columns.values()),
            locked=s.locked is not None,
            drops=tuple(
                m.DropEntry(condition=canonical(d.condition), because=d.because) for d in s.drops
            ),
            expectations=self._expectations(s.expectations),
            used_by=self._readers.get(s.name, ()),
            note=note_of(s.meta),
            place=self.place(s.span),
            text=self.text(s.span),
        )

    def _column(self, s: Source, c: SourceColumn) -> m.ColumnEntry:
        used_by, labels = self._split(self._columns.get((s.name, c.name), ()))
        return m.ColumnEntry(
            name=c.name,
            dtype=str(c.dtype),
            required=c.required,
            pii=c.pii,
            description=c.description,
            used_by=used_by,
            labels=labels,
        )

    def _view(self, v: View) -> m.ViewEntry:
        scope = Scope(program=self._program, relation=v.name, lets=0)
        return m.ViewEntry(
            name=v.name,
            short=v.short,
            lefts=v.lefts,
            joins=tuple(
                m.JoinEntry(
                    source=j.source,
                    alias=j.alias,
                    words=join_words(self._program, j, scope),
                    many=j.many,
                )
                for j in v.joins
            ),
            lets=tuple(
                m.LetEntry(name=let.name, dtype=str(let.dtype), text=canonical(let.value))
                for let in v.lets
            ),
            where=None if v.where is None else canonical(v.where),
            expectations=self._expectations(v.expectations),
            used_by=self._readers.get(v.name, ()),
            note=note_of(v.meta),
            place=self.place(v.span),
            text=self.text(v.span),
        )

    def _group(self, g: Group) -> m.GroupEntry:
        return m.GroupEntry(
            name=g.name,
            short=g.short,
            labels=g.name in self._program.labels,
            entity=g.entity,
            relation=g.relation,
            features=tuple(f.name for f in _as_written(g)),
            expectations=self._expectations(g.expectations, g),
            note=note_of(g.meta),
            place=self.place(g.span),
            text=self.text(g.span),
        )

    def _feature(self, f: Feature, group: Group) -> m.FeatureEntry:
        traced = self._lineage[f.name]
        found = [n for n in walk(f.expr) if isinstance(n, ir.Aggregate)]
        windows = dict.fromkeys(a.window for a in found if a.window is not None)
        said = describe_feature(self._program, f, group) if self._sentences else _UNSAID
        return m.FeatureEntry(
            name=f.name,
            short=f.short,
            label=group.name in self._program.labels,
            group=group.name,
            entity=group.entity,
            family=f.family,
            dtype=str(f.dtype),
            nullable=f.nullable,
            unit=f.meta.unit,
            sentence=said.text,
            headline=said.headline,
            details=said.details,
            definition=redact_text(f.text),
            expression=canonical(f.expr),
            windows=tuple(m.WindowEntry(text=str(w), words=window_words(w)) for w in windows),
            aggregates=tuple(dict.fromkeys(a.aggregate for a in found)),
            parameters=tuple(sorted(traced.params)),
            columns=_columns(traced),
            inputs=tuple(f"{i.input}.{i.column}" for i in self._requested(f.name)),
            features=traced.features,
            used_by=self._dependants.get(f.name, ()),
            datasets=self._included.get(f.name, ()),
            consumers=self._read_by(f.name),
            expectations=self._expectations(f.expectations, group),
            tests=tuple(t.title for t in self._tests if f.name in t.features),
            fingerprint=_fingerprint(self._prints[f.name]),
            note=inherited(note_of(f.meta), group.meta),
            place=self.place(f.span),
        )

    def _read_by(self, feature: str) -> tuple[str, ...]:
        program = self._program
        found = [r for d in self._included.get(feature, ()) for r in program.readers(d)]
        found += [c.name for c in program.consumers.values() if feature in c.features]
        return tuple(dict.fromkeys(found))

    def _expectations(
        self, found: Iterable[Expectation], group: Group | None = None
    ) -> tuple[m.ExpectationEntry, ...]:
        return tuple(
            m.ExpectationEntry(
                kind=e.kind.value,
                text=redact_text(e.text),
                words=expectation_words(e),
                warn=e.warn,
                features=() if group is None else _spoken_of(e, group),
                place=self.place(e.span),
            )
            for e in found
        )


def _spoken_of(expectation: Expectation, group: Group) -> tuple[str, ...]:
    """The features of a group that an expectation names."""
    nodes = () if expectation.condition is None else tuple(walk(expectation.condition))
    named = {n.feature for n in nodes if isinstance(n, ir.FeatureRef)}
    named |= {f"{group.name}.{n.name}" for n in nodes if isinstance(n, ir.Column)}
    named |= {f"{group.name}.{column}" for column in expectation.columns}
    return tuple(f.name for f in _as_written(group) if f.name in named)


def _as_written(group: Group) -> list[Feature]:
    return sorted(group.members.values(), key=lambda f: f.index)


def _fingerprint(prints: Prints) -> m.Fingerprint:
    return m.Fingerprint(data=prints.data, metadata=prints.metadata)


def _columns(traced: FeatureLineage) -> tuple[m.LineageColumn, ...]:
    return tuple(
        m.LineageColumn(
            source=reach.source,
            column=reach.column,
            roles=tuple(role.word for role in sorted(roles)),
            through=reach.through,
            direct=reach in traced.direct,
        )
        for reach, roles in traced.columns.items()
    )
