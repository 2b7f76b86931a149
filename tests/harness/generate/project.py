"""Random projects as FEAT text, with what it takes to make rows for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

from tests.harness.generate import families, loops, templates, unions
from tests.harness.generate.across import Made, beside, through
from tests.harness.generate.caller import Caller
from tests.harness.generate.clauses import UNLIKE
from tests.harness.generate.columns import BATCHED, Column, Entity, make_entity
from tests.harness.generate.days import make_days
from tests.harness.generate.features import Features
from tests.harness.generate.kinds import TYPES
from tests.harness.generate.rest import at_home, group
from tests.harness.generate.sizes import LARGE, Size
from tests.harness.generate.sources import History, Source, histories, make_source
from tests.harness.generate.values import Values, make_values
from tests.harness.generate.views import Relation, block, make_view
from tests.harness.generate.windows import CAPPED, SHORT, STEPS, WINDOWS
from tests.harness.generate.writer import Writer

ZONES = ("UTC", "UTC", "UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")
WHOLE = 0.15
"""The share of projects that have an entity without a key, of those that may."""
_CODES: dict[str, Sequence[Any]] = {"int": (0, 1, 2, 5), "text": "xyB"}


@dataclass
class Project:
    """``text`` as people write; in ``flat``, clauses stand in every call that they hold for: None
    where calls cannot say that.

    ``batched``: every key begins with the number of a set of rows, so that several are one.
    ``dataset`` is one over a spine of its own, as text; empty where nothing can be one.
    """

    text: str
    flat: str | None
    zone: str
    entities: list[Entity]
    sources: list[Source]
    batched: bool = False
    dataset: str = ""


def make_project(
    r: Random, size: Size = LARGE, *, batched: bool = False, files: bool = False
) -> Project:
    """A project of about a size; of ``files`` its values may stand in another namespace."""
    return _Maker(r, size, batched, files and r.random() < 0.2).project()


_DECLARED = re.compile(r"^(?:param|const|fn|template|view|source|features) (\w+)", re.MULTILINE)


def apart(parts: Sequence[str], shared: Sequence[str], views: Sequence[str]) -> str:
    """A text that takes some declarations from another namespace, in a file of its own.

    Views that no other file names are private there.
    """
    here = [p for p in parts if p not in views]
    named = set(re.findall(r"\w+", "\n".join(here)))
    there = [*shared]
    for view in views:
        (name,) = _DECLARED.findall(view)
        there.append(view if name in named else view.replace(" {\n", " {\n  private\n", 1))
    moved = _DECLARED.findall("\n".join(shared))
    moved += [name for view in views for name in _DECLARED.findall(view) if name in named]
    words = set(re.findall(r"\w+", "\n".join(views)))
    back = [name for name in _DECLARED.findall("\n".join(here)) if name in words]
    head = [*([f"use q.{{{', '.join(moved)}}}"] if moved else []), *here, "#: q.feat\nnamespace q"]
    return "\n\n".join([*head, *([f"use p.{{{', '.join(back)}}}"] if back else []), *there])


@dataclass
class _Maker:
    r: Random
    size: Size
    batched: bool
    files: bool
    parts: list[str] = field(default_factory=list)
    sugared: list[str] = field(default_factory=list)
    flat: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)
    values: Values = field(default_factory=Values)
    more: dict[str, list[str]] = field(default_factory=dict)
    whole: Entity | None = None

    def project(self) -> Project:
        r, size = self.r, self.size
        self.windows = r.sample(WINDOWS, r.randint(2, 6))
        self.values = make_values(r, size.values)
        n = r.choice((1, 1, 2)) if size.groups != (1,) else 1
        self.entities = [make_entity(r, f"e{i}", batched=self.batched) for i in range(n)]
        rights = self.rights()
        for i in range(r.choice(size.sources)):
            self.add_source(make_source(r, f"s{i}", self.entities, self.favoured(rights)))
            if r.random() < size.unions:
                self.union(f"u{i}")
            for j in range(r.choice(size.views)):
                self.view(f"v_s{i}_{j}", rights)
        if r.random() < 0.3:
            self.population(rights)
        if not self.batched and r.random() < WHOLE:
            self.whole = Entity("whole", [], [()])
        if not self.batched and r.random() < 0.2:
            source, self.more = make_days(r)
            self.sources.append(source)
        if r.random() < size.values / 2:
            self.values.templates.append(templates.TEXT)
        for i in range(r.choice(size.groups)):
            self.group(f"g{i}")
        if r.random() < 0.2:
            self.view("late", rights, of_groups=True)
            self.group("g_late")
        if r.random() < 0.15:
            self.rest("g_rest")
        if r.random() < 0.15:
            self.group("g_last")
        return self.written()

    def written(self) -> Project:
        """The texts, in any order; of what nothing names some is left out."""
        r = self.r
        entities = [*self.entities, *(() if self.whole is None else (self.whole,))]
        shared = [*self.values.texts, *self.values.templates]
        declared = [*([] if self.files else shared), *self.parts, *(e.text() for e in entities)]
        drops = [d for source in self.sources for d in source.drops]
        texts = "\n".join([*shared, *declared, *drops, *self.sugared, *self.flat])
        if r.random() < 0.95:
            for source in self.sources:
                source.prune(texts)
        declared += [s.text() for s in self.sources]
        written = []
        views = [p for p in self.parts if p.startswith("view ")]
        views = views if self.files and r.random() < 0.7 else []
        for groups in (self.sugared, self.flat):
            parts = [*declared, *groups]
            r.shuffle(parts)
            written.append(apart(parts, shared, views) if self.files else "\n\n".join(parts))
        zone = r.choice(ZONES)
        flat = None if UNLIKE in written[1] else written[1]
        project = Project(written[0], flat, zone, entities, self.sources, self.batched)
        project.dataset = self.dataset(project.text)
        return project

    def dataset(self, text: str) -> str:
        """A data set over the rows of a relation, mostly of a view that may be named."""
        r, keyed = self.r, {e.name for e in self.entities}
        choices = [
            (group, relation)
            for group in self.made
            for relation in self.relations
            if group.entity in keyed
            and len(relation.root.roles.get(group.entity, ())) == 1
            and not re.search(rf"^view {relation.name} .*\n  private", text, re.MULTILINE)
        ]
        choices += [c for c in choices if c[1].name != c[1].root.name] * 3
        if not choices:
            return ""
        group, relation = r.choice(choices)
        time = relation.root.time
        times = [c for c in relation.by_kind["ts"] if c in text] or [time]
        at = time if time and r.random() < 0.5 else r.choice(times)
        if at is None:
            return ""
        lines = [f"spine {relation.name} at {at}", f"include {group.name}.* as z"]
        return block(f"dataset d for {group.entity}", lines)

    def writer(self, by_kind: dict[str, list[str]], **more: Any) -> Writer:
        return Writer(self.r, self.values.names(by_kind, **more))

    # --- Sources, views ------------------------------------------------------------------------

    def add_source(self, source: Source, *, drops: float = 0.3) -> None:
        self.sources.append(source)
        if self.r.random() < drops:
            source.drops.append(self.writer(source.readable).of("bool", 1))
        self.relations.append(Relation.of(source))

    def favoured(self, rights: list[Relation]) -> list[History] | None:
        """Histories of which some rows look at others ahead of their time, where any are joined."""
        if not rights or self.r.random() < 0.8:
            return None
        return [h for h in histories() if h.name in ("available", "keep_seen")]

    def rights(self) -> list[Relation]:
        """Sources that are joined, by a code of few values."""
        r = self.r
        found = []
        for i in range(r.choice(self.size.rights)):
            kinds = r.choice((["int"], ["text"], ["int", "text"]))
            keys = [Column(f"c{n}", kind, TYPES[kind]) for n, kind in enumerate(kinds)]
            pool = list(product(*(_CODES[k] for k in kinds)))
            entity = Entity(f"code{i}", [BATCHED, *keys] if self.batched else keys, pool)
            self.parts.append(entity.text())
            among = [h for h in histories() if h.joined]
            if r.random() < 0.3:
                among = [h for h in among if h.name in ("events", "delay", "valid")]
            source = make_source(r, f"r{i}", [entity], among)
            source.items = [item.replace("1month", "1d") for item in source.items]
            self.sources.append(source)
            if r.random() < 0.2:
                source.drops.append(self.writer(source.readable).of("bool", 1))
            found.append(Relation.of(source))
            if r.random() < 0.3:
                others = [f for f in found[:-1] if r.random() < 0.7]
                relation, text = make_view(r, f"w{i}", found[-1], others, self.writer)
                self.parts.append(text)
                found.append(relation)
        return found

    def population(self, rights: list[Relation]) -> None:
        """A source, or a view, that lists an entity's keys."""
        entity = self.entities[0]
        source = make_source(self.r, "pop", [entity], [h for h in histories() if h.lists])
        source.roles[entity.name] = source.roles[entity.name][:1]
        for item in [i for i in source.items if i.startswith("entity")][1:]:
            source.items.remove(item)
        self.sources.append(source)
        source.joined = True
        relation = Relation.of(source)
        if self.r.random() < 0.4:
            relation, text = make_view(self.r, "vpop", relation, rights, self.writer)
            self.parts.append(text)
        entity.population = relation.name
        if self.r.random() < 0.5:
            self.relations.append(relation)

    def union(self, name: str) -> None:
        """A view of the last source and others like it."""
        first = self.sources[-1]
        parts = [first]
        for i in range(self.r.choice((1, 1, 1, 2))):
            parts.append(unions.beside(self.r, first, f"{first.name}_{i}"))
            self.add_source(parts[-1])
        relation, texts = unions.unite(self.r, name, parts, self.writer)
        self.relations.append(relation)
        self.parts += texts

    def view(self, name: str, rights: list[Relation], *, of_groups: bool = False) -> None:
        """A view on the last relation; some look at groups."""
        r, below = self.r, self.relations[-1]
        more: dict[str, list[str]] = {}
        root = below.root
        if of_groups and root.time is not None:
            written = {c.name: c.written for c in root.columns}
            more = through(r, self.made, root.roles, written)
        relation, text = make_view(r, name, below, rights, self.writer, more)
        self.relations.append(relation)
        self.parts.append(text)

    # --- Groups --------------------------------------------------------------------------------

    def group(self, name: str) -> None:
        r = self.r
        relation = r.choice([*self.relations, self.relations[-1]])
        entity = r.choice([e for e in self.entities if e.name in relation.root.roles])
        if self.whole is not None and r.random() < 0.5:
            entity = self.whole
        roles = relation.root.roles.get(entity.name, [()])
        role = r.choice(roles)
        shown = ""
        if len(roles) > 1 or (role and r.random() < 0.2):
            shown = f"({relation.root.written(role)})"
        root = relation.root
        columns = relation.in_sight
        if root.time is not None and r.random() < 0.3:
            written = {c.name: c.written for c in root.columns}
            for kind, found in through(r, self.made, root.roles, written).items():
                columns[kind] = [*columns.get(kind, []), *found]
        rows = self.writer(columns, as_of=True)
        where = rows.of("bool", 2) if r.random() < 0.3 else None
        short = root.time is not None and r.random() < 0.2
        windows = [*self.windows, *(r.sample(CAPPED, r.choice((1, 2))) if root.ordered else ())]
        caller = Caller(
            r,
            rows,
            relation.in_sight,
            relation.exact,
            r.sample(SHORT, 3) if short else windows,
            timed=root.time is not None,
            ordered=root.ordered,
            time=root.time or "",
            short=short,
        )
        bare = not relation.many and root.single is not None and set(root.single) <= set(role)
        keys = [k.name for k in entity.keys]
        aligned = r.choice(STEPS) if caller.timed and r.random() < 0.08 else None
        features = Features(caller, self.writer, self.size, keys, bare, where, aligned)
        features.more = self.more
        if aligned is None:
            caller.named = self.values.windows
        if r.random() < 0.7:
            features.foreign = beside(
                r, self.made, entity.name, peers=not self.batched and bool(keys)
            )
        if r.random() < 0.3:
            at_home(features, self.made, self.entities, root)
        self.fill(features)
        self.made.append(Made(name, entity.name, features.known))
        head = f"features {name} for {entity.name}{shown} from {relation.name}"
        clause = "" if where is None else f" where {where}"
        clause += "" if aligned is None else f" aligned {aligned}"
        self.sugared.append(block(head + clause, features.sugar))
        self.flat.append(block(head, features.flat))

    def rest(self, name: str) -> None:
        """A group that rests on others only."""
        r = self.r
        peers = not self.batched
        found = group(r, name, r.choice(self.entities), self.made, self.writer, peers=peers)
        if found:
            self.made.append(found[0])
            self.sugared.append(found[1])
            self.flat.append(found[1])

    def fill(self, features: Features) -> None:
        """Features, families and loops, in any order."""
        r = self.r
        large = len(self.size.features) > 2
        if features.caller.timed and r.random() < (0.4 if large else 0.1):
            families.write(features)
        for i in range(r.choice(self.size.features)):
            features.one(features.name(i))
        if r.random() < (0.3 if large else 0.05):
            loops.write(features)
        if features.caller.timed and self.values.templates and r.random() < 0.5:
            templates.write(features)
        r.shuffle(features.sugar)
        r.shuffle(features.flat)
