"""Program to manifest: everything that a project declares, for docs and tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from featdsl import __version__
from featdsl.compiler.fingerprint import (
    Prints,
    fingerprint_features,
    fingerprint_project,
    written_location,
)
from featdsl.compiler.lineage import FeatureLineage, column_index, trace_lineage
from featdsl.compiler.manifest_tests import place, test_entries
from featdsl.compiler.redact import redact_location, redact_text
from featdsl.compiler.scope import Scope
from featdsl.compiler.sentences import (
    describe_feature,
    expectation_words,
    history_kind,
    join_words,
    visibility_words,
)
from featdsl.compiler.words import window_words
from featdsl.ir import expr as ir
from featdsl.ir import manifest as m
from featdsl.ir.program import (
    Entity,
    Expectation,
    Feature,
    Group,
    Meta,
    Parameter,
    Program,
    Source,
    View,
)
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.syntax.nodes import Module
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


def build_manifest(program: Program, texts: SourceSet, modules: Sequence[Module]) -> m.Manifest:
    """The manifest of a program without errors; ``texts`` give definitions and lines.

    The same program gives the same manifest: no clock, no absolute path, no value of a run.
    """
    return _Builder(program, texts).manifest()


class _Builder:
    def __init__(self, program: Program, texts: SourceSet) -> None:
        self._program = program
        self._texts = texts
        self._lineage = trace_lineage(program)
        self._columns = column_index(self._lineage)
        self._prints = fingerprint_features(program)
        self._tests = test_entries(program, texts)
        self._readers = _readers(program)
        self._dependants = _dependants(self._lineage)

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
            groups=tuple(map(self._group, program.groups.values())),
            features=tuple(
                self._feature(feature, group)
                for group in program.groups.values()
                for feature in _as_written(group)
            ),
            tests=self._tests,
            fingerprint=_fingerprint(fingerprint_project(program, self._prints)),
        )

    def place(self, span: Span) -> m.Place:
        return place(self._texts, span)

    def text(self, span: Span) -> str:
        return redact_text(self._texts.slice(span))

    def _parameter(self, p: Parameter) -> m.ParameterEntry:
        return m.ParameterEntry(
            name=p.name,
            short=p.short,
            dtype=str(p.dtype),
            default=None if p.secret or p.default is None else redact_text(p.default),
            secret=p.secret,
            note=_note(p.meta),
            place=self.place(p.span),
            used_by=tuple(n for n, traced in self._lineage.items() if p.name in traced.params),
        )

    def _entity(self, e: Entity) -> m.EntityEntry:
        return m.EntityEntry(
            name=e.name,
            short=e.short,
            keys=tuple(m.KeyEntry(name=k.name, dtype=str(k.dtype)) for k in e.keys),
            population=e.population,
            groups=tuple(g.name for g in self._program.groups.values() if g.entity == e.name),
            note=_note(e.meta),
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
            columns=tuple(
                m.ColumnEntry(
                    name=c.name,
                    dtype=str(c.dtype),
                    required=c.required,
                    pii=c.pii,
                    description=c.description,
                    used_by=self._columns.get((s.name, c.name), ()),
                )
                for c in s.columns.values()
            ),
            drops=tuple(
                m.DropEntry(condition=canonical(d.condition), because=d.because) for d in s.drops
            ),
            expectations=self._expectations(s.expectations),
            used_by=self._readers.get(s.name, ()),
            note=_note(s.meta),
            place=self.place(s.span),
            text=self.text(s.span),
        )

    def _view(self, v: View) -> m.ViewEntry:
        scope = Scope(program=self._program, relation=v.name, lets=0)
        return m.ViewEntry(
            name=v.name,
            short=v.short,
            left=v.left,
            joins=tuple(
                m.JoinEntry(
                    source=j.source, alias=j.alias, words=join_words(self._program, j, scope)
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
            note=_note(v.meta),
            place=self.place(v.span),
            text=self.text(v.span),
        )

    def _group(self, g: Group) -> m.GroupEntry:
        return m.GroupEntry(
            name=g.name,
            short=g.short,
            entity=g.entity,
            relation=g.relation,
            features=tuple(f.name for f in _as_written(g)),
            expectations=self._expectations(g.expectations, g),
            note=_note(g.meta),
            place=self.place(g.span),
            text=self.text(g.span),
        )

    def _feature(self, f: Feature, group: Group) -> m.FeatureEntry:
        traced = self._lineage[f.name]
        found = [n for n in walk(f.expr) if isinstance(n, ir.Aggregate)]
        windows = dict.fromkeys(a.window for a in found if a.window is not None)
        said = describe_feature(self._program, f, group)
        return m.FeatureEntry(
            name=f.name,
            short=f.short,
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
            features=traced.features,
            used_by=self._dependants.get(f.name, ()),
            expectations=self._expectations(f.expectations, group),
            tests=tuple(t.title for t in self._tests if f.name in t.features),
            fingerprint=_fingerprint(self._prints[f.name]),
            note=_inherited(_note(f.meta), group.meta),
            place=self.place(f.span),
        )

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
    return sorted(group.features.values(), key=lambda f: f.index)


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


def _dependants(lineage: Mapping[str, FeatureLineage]) -> Mapping[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for name, traced in lineage.items():
        for feature in traced.features:
            index.setdefault(feature, []).append(name)
    return {name: tuple(found) for name, found in index.items()}


def _readers(program: Program) -> Mapping[str, tuple[str, ...]]:
    """Views and groups that read each relation, and entities whose population it is."""
    index: dict[str, dict[str, None]] = {}
    for view in program.views.values():
        for relation in (view.left, *(j.source for j in view.joins)):
            index.setdefault(relation, {})[view.name] = None
    for group in program.groups.values():
        index.setdefault(group.relation, {})[group.name] = None
    return {name: tuple(found) for name, found in index.items()}


def _note(meta: Meta) -> m.Note:
    return m.Note(
        doc=meta.doc,
        summary=first_sentence(meta.doc),
        owner=meta.owner,
        tags=meta.tags,
        notes=meta.notes,
        deprecated=meta.deprecated,
        private=meta.private,
        version=meta.version,
        uri=meta.uri,
    )


def _inherited(note: m.Note, group: Meta) -> m.Note:
    """A feature's note, with its group's owner and tags where those apply."""
    tags = tuple(dict.fromkeys((*group.tags, *note.tags)))
    return note.model_copy(update={"owner": note.owner or group.owner, "tags": tags})


def first_sentence(doc: str | None) -> str | None:
    """The first sentence of a doc comment, on one line; the whole first paragraph if it is one."""
    if doc is None or not doc.strip():
        return None
    paragraph = re.split(r"\n\s*\n", doc.strip(), maxsplit=1)[0]
    return _SENTENCE_END.split(" ".join(paragraph.split()), maxsplit=1)[0]
