"""Random projects with data sets: spines of their own, inputs, labels, splits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from tests.harness.asking import datasets
from tests.harness.generate.across import beside
from tests.harness.generate.caller import Caller
from tests.harness.generate.clauses import WINDOW, sugared
from tests.harness.generate.columns import Column, Entity
from tests.harness.generate.features import Features
from tests.harness.generate.kinds import KINDS, LITERALS, MANY, STORED, TYPES
from tests.harness.generate.moments import BASES
from tests.harness.generate.project import Project, _Maker
from tests.harness.generate.sizes import Size
from tests.harness.generate.sources import History, Source
from tests.harness.generate.views import Relation, block
from tests.harness.generate.writer import Writer

DATASET, ANSWERS = "d", "answers"
ASKED, INPUT = "asked", "ask"
_AHEAD = ("next 1d", "next 7d", "next 30d", "next 90min", "next 1month")
_NESTED = ("ints", "texts", "numbers")
_TRIES = 12


def _is_of(relation: Relation, entity: Entity) -> bool:
    """Whether rows are of things of a kind; all are of one that has no key."""
    return not entity.keys or entity.name in relation.root.roles


def _sends(text: str) -> bool:
    """Whether something in a text arrives with a request."""
    return f"{INPUT}." in text or "q0." in text


def make_asking(r: Random, size: Size, base: datetime, *, personal: bool = True) -> Project:
    """A project of about a size, with a data set `d`, and `answers` to requests.

    ``base`` is about when is asked; ``personal``: whether some columns are `pii`, and so hidden
    where rows are shown.
    """
    return Asking(r, size, batched=False, files=False, base=base, personal=personal).project()


@dataclass
class AskedCaller(Caller):
    """Calls whose own conditions may name what a request sends."""

    conditions: Writer | None = None

    def call(
        self, name: str, args: list[str], default: str | None = None, *, windowed: bool = True
    ) -> str:  # type: ignore[override]
        text = super().call(name, args, default, windowed=windowed)
        if self.conditions is None or "⟦W:⟧" not in text or self.r.random() < 0.4:
            return text
        for _ in range(_TRIES):
            condition = self.conditions.of("bool", self.r.choice((1, 1, 2)))
            if f"{INPUT}." in condition:
                break
        return text.replace("⟦W:⟧", f"⟦W:{condition}⟧", 1)


@dataclass
class Asking(_Maker):
    """``inputs`` are columns of requests, ``sent`` what may be named of them, by kind."""

    base: datetime = BASES[0]
    personal: bool = True
    inputs: list[Column] = field(default_factory=list)
    sent: dict[str, list[str]] = field(default_factory=dict)
    answerable: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def written(self) -> Project:
        r = self.r
        known = {g.entity for g in self.made}
        entities = [e for e in self.entities if e.name in known] or self.entities[:1]
        entity = r.choice([*entities, *([self.whole] if self.whole else [])])
        self.features = [g.name for g in self.made if g.entity == entity.name]
        self.answerable = [*self.features]
        if r.random() < 0.8 or not self.features:
            self.requests(entity)
        spine = self.asked(entity)
        if r.random() < 0.6:
            self.ahead(entity)
        plain = [name for name in self.features if name not in ("q0", "q1")]
        relations = self.spines(entity) or [spine]
        d = datasets.Writing(
            r, entity, spine, self.features, self.labels, plain, relations, self.base
        )
        self.sugared.append(d.text(DATASET))
        self.sugared.append(d.answers(ANSWERS, self.answerable))
        return super().written()

    # --- Inputs --------------------------------------------------------------------------------

    def requests(self, entity: Entity) -> None:
        """An input, a group over it, and sometimes one whose rows are chosen by it."""
        r = self.r
        kinds = r.sample(STORED, r.choice((1, 2, 3, 4)))
        kinds += [r.choice(_NESTED)] if r.random() < 0.2 else []
        for kind in kinds:
            name = f"i_{kind}"
            personal = kind == "text" and self.personal and r.random() < 0.3
            dtype = f"{TYPES[kind]}{' pii' if personal else ''}"
            self.inputs.append(Column(name, kind, dtype, r.random() < 0.2))
            sent = f"{INPUT}.{name}"
            known = f"({sent} is not null)"
            self.sent.setdefault("bool" if personal else kind, []).append(
                known if personal else sent
            )
        self.parts.append(block(f"input {INPUT}", [c.text() for c in self.inputs]))
        self.over_inputs("q0", entity, rows=False)
        self.answerable.append("q0")
        if r.random() < 0.4:
            self.over_inputs("q1", entity, rows=r.random() < 0.7)

    def over_inputs(self, name: str, entity: Entity, *, rows: bool) -> None:
        r = self.r
        features = self._features(self._relation(entity), entity)
        caller = features.caller
        if rows:
            sent = {k: [x for x in of if f"{INPUT}." in x] for k, of in self.sent.items()}
            columns = {k: [*caller.columns.get(k, []), *sent.get(k, [])] for k in STORED}
            assert isinstance(caller, AskedCaller)
            caller.conditions = self.writer(columns, as_of=True)
        features.foreign = beside(r, self.made, entity.name, peers=False)
        for i in range(r.choice((1, 2, 3))):
            self._one(features, f"f{i}")
        for kind, known in features.known.items():
            if kind != "rough":  # another group may rest on it
                self.sent.setdefault(kind, []).append(f"{name}.{r.choice(known)}")
        relation, role = self._place
        head = f"features {name} for {entity.name}{role} from {relation.name}"
        self.sugared.append(block(head, features.sugar))
        self.flat.append(block(head, features.flat))
        self.features.append(name)

    def _one(self, features: Features, name: str) -> None:
        """A feature, most of them of what is sent."""
        r, caller = self.r, features.caller
        if r.random() < 0.15:
            features.one(name)
            return
        of_groups = features.foreign if r.random() < 0.3 else {}
        known = (self.sent, features.known, of_groups)
        by_kind = {k: [x for of in known for x in of.get(k, ())] for k in (*KINDS, *MANY)}

        def some(kind: str, depth: int) -> str | None:
            rows = isinstance(caller, AskedCaller) and caller.conditions is not None
            return caller.of(kind, depth) if r.random() < (0.9 if rows else 0.4) else None

        writer = self.writer(by_kind, as_of=True, aggregate=some)
        for _ in range(_TRIES):
            kind = r.choice((*STORED, *self.sent))
            value = writer.maybe(kind, r.choice((1, 1, 2, 3)))
            if value is not None and _sends(value):
                break
        else:
            features.one(name)
            return
        if kind in STORED:
            features.known.setdefault(kind, []).append(name)
        over = r.choice(caller.windows) if WINDOW in value and r.random() < 0.5 else None
        default = writer.leaf(kind) if kind in LITERALS and r.random() < 0.2 else None
        features.add(name, value, over, None, default)

    def _relation(self, entity: Entity) -> Relation:
        return self.r.choice([x for x in self.relations if _is_of(x, entity)])

    def _features(self, relation: Relation, entity: Entity) -> Features:
        r, root = self.r, relation.root
        role = r.choice(root.roles[entity.name]) if entity.keys else ()
        self._place = relation, f"({root.written(role)})" if role else ""
        columns = relation.in_sight
        caller = AskedCaller(
            r,
            self.writer(columns, as_of=True),
            columns,
            relation.exact,
            self.windows,
            timed=root.time is not None,
            ordered=root.ordered,
            time=root.time or "",
        )
        bare = not relation.many and root.single is not None and set(root.single) <= set(role)
        keys = [k.name for k in entity.keys]
        return Features(caller, self.writer, self.size, keys, bare, None)

    # --- Labels --------------------------------------------------------------------------------

    def ahead(self, entity: Entity) -> None:
        """Labels over rows in time."""
        r = self.r
        timed = [x for x in self.relations if x.root.time and _is_of(x, entity)]
        if not timed:
            return
        features = self._features(r.choice(timed), entity)
        caller = features.caller
        caller.windows, caller.short = r.sample(_AHEAD, 2), True
        known: dict[str, list[str]] = {}
        lines = []
        for i in range(r.choice((1, 1, 2, 3))):
            kind = r.choice(("int", "dec", "bool", "bool", "float", "rough"))
            value = self.writer(known, aggregate=caller.of).maybe(kind, r.choice((1, 2)))
            if value is None or "⟦" not in value:
                value = caller.call("count", []) + " = 0"
                kind = "bool"
            name = f"l_{i}"
            over = f" over {r.choice(caller.windows)}" if WINDOW in value else ""
            lines.append(f"{name} = {sugared(value)}{over}")
            known.setdefault(kind, []).append(name)
            self.labels.append(f"l.{name}")
        relation, role = self._place
        self.sugared.append(block(f"labels l for {entity.name}{role} from {relation.name}", lines))

    # --- Spines --------------------------------------------------------------------------------

    def asked(self, entity: Entity) -> str:
        """A source of who is asked about and when, or a view of it."""
        r = self.r
        keys = [Column(f"who{i}", k.kind, k.type, False) for i, k in enumerate(entity.keys)]
        at = Column("asked_at", "ts", "timestamp") if r.random() < 0.85 else None
        at = at or Column("asked_at", "date", "date")
        more = [Column("note", "text", "text"), Column("said", "bool", "bool")]
        if self.personal and r.random() < 0.5:
            more.append(Column("private_note", "text", "text pii"))
        columns = [*keys, at, *more, *self.inputs]
        r.shuffle(columns)
        names = tuple(k.name for k in keys)
        source = Source(
            ASKED,
            History(ASKED, 0, lambda r, source: None),
            columns,
            [f"entity {entity.name} ({', '.join(names)})"] if keys else [],
            {entity.name: [names]} if keys else {},
            [entity] if keys else [],
            fixed={c.name for c in columns},
        )
        if r.random() < 0.2:
            source.drops.append('note = "x"')
        self.sources.append(source)
        if r.random() < 0.75:
            return f"{ASKED} at asked_at"
        rows = self.writer(source.readable)
        items = [f"let odd = {rows.of('bool', 1)}"]
        if r.random() < 0.6:
            items.append(f"where {rows.of('bool', 1)}")
        self.parts.append(block(f"view {ASKED}_some from {ASKED}", items))
        return f"{ASKED}_some at asked_at"

    def spines(self, entity: Entity) -> list[str]:
        """Sources and views of rows in time, which ask about themselves."""
        return [
            f"{x.name} at {x.root.column(x.root.time).written}"
            for x in self.relations
            if x.root.time and (not entity.keys or len(x.root.roles.get(entity.name, ())) == 1)
        ]
