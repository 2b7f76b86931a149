"""The constructs of the language, and those that a program holds.

They are the classes of the syntax tree and of the typed program, each of their fields that may be
left out, each word of their fields that are one of several, and what the registries list. So what
is added to the language is on the list by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum, EnumType
from functools import cache
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from featdsl.checks.registry import checks
from featdsl.ir import expr, leaves, window
from featdsl.ir.program import CheckKind, Expectation, Program, Source
from featdsl.ir.refs import relation_expressions
from featdsl.ir.visit import walk
from featdsl.semantics.windows import UNITS as SINCE
from featdsl.sources.registry import sources
from featdsl.syntax import nodes
from featdsl.syntax.words import ATTRIBUTES
from featdsl.types.dtype import Kind
from featdsl.types.duration import UNITS
from tests.harness.generate.sources import histories
from tests.harness.made import CONSTRUCTS

NO_CONSTRUCTS = {
    *("Node", "Ident", "Name", "BrokenDecl", "Cell", "Row", "Table", "Module", "Word"),
    *("Expectation", "MapValue"),
}
"""Classes of what any text has, of what stands for a mistake, and of what holds no expression."""
NOT_WRITTEN = {"span", "broken", "dtype", "nullable", "foreign", "names", "written"}

NEVER = {
    "typed Until": "made by the planner",
    "Changes.op =": "`changes = 1` is a feature of that name",
}
"""What the classes allow, and no text says."""
REFUSED = {
    "ForDecl.private": "FD0411",
    "LabelsDecl.aligned": "FD0431",
}
"""Constructs that are there to be refused, and how."""

OF_GENERATOR = {
    "a window by its name": r"over \$\w",
    "a constant by its name": r"const (\w+)[^$]*\$\1\b",
    "parameters": r"param (\w+)[^$]*\$\1\b",
    "other groups": r"features (\w+) [\s\S]*features \w+ [\s\S]*[ (]\1\.\w",
    "snapshots": r"snapshot \w",
    "validity": r"valid \w+ to ",
    "availability": r"available (?!after)\w",
    "everyone": r"^entity \w+ \{\s*\}",
    "ties": r"time \w+ then ",
    "populations": r"entity \w+ \{[^}]* from \w",
    "populations from views": r"entity \w+ \{[^}]* from (\w+) [\s\S]*^view \1 from ",
    "views that are joined": r"^view (\w+) from [\s\S]* join (many )?\1 as ",
    "private views": r"^view [^}]*\bprivate$",
    "calculated parameters": r"^param \w+: .*[$]",
    "via of a feature": r"^features [\s\S]*^  (\w+) += [\s\S]* via \1$",
    "two roles": r"features \w+ for \w+\(",
    "composite keys": r"key \w+: \w+\s+key \w",
    "families": r"^  \w+\[",
    "batches": "",
}
"""Patterns of `CONSTRUCTS` that hold names which its generator gives, as anybody writes them.

Batches are of the harness, and no construct.
"""


@dataclass(frozen=True)
class Section:
    """A heading that compiles: its texts, what they are read as, and the SQL that it shows.

    ``shown`` are the words after ``sql``: none for groups, a data set, ``expect`` and a subject.
    """

    text: str
    modules: tuple[nodes.Module, ...]
    program: Program
    shown: frozenset[tuple[str, ...]]

    @property
    def groups(self) -> bool:
        return () in self.shown or self.datasets

    @property
    def datasets(self) -> bool:
        return any(words and words[0] != "expect" for words in self.shown)

    @property
    def expectations(self) -> bool:
        return any(words[:1] == ("expect",) for words in self.shown)

    @property
    def tested(self) -> bool:
        return any(t.expected for t in self.program.tests)


def constructs() -> dict[str, str]:
    """Every construct that a section has to show, by name: how it is written, or where."""
    found: dict[str, str] = {}
    for prefix, kind in _classes():
        how = (kind.__doc__ or "").partition("\n")[0]
        if how.startswith(f"{kind.__name__}("):
            how = f"a {kind.__name__} of featdsl/{'ir' if prefix else 'syntax'}/"
        found |= dict.fromkeys(_possible(prefix, kind), how)
    found |= {f"attribute {a}": a for a in sorted(ATTRIBUTES - {"was", "allow", "private"})}
    found |= {f"type {k}": k for k in Kind if k not in (Kind.NULL, Kind.ERROR)}
    found |= {f"unit {u}": f"7{u}" for u in UNITS}
    found |= {f"since start of {u}": f"since start of {u}" for u in SINCE}
    found |= {f"from {kind}": f'from {kind} "…"' for kind in sources()}
    found |= {f"expectation {kind}": checks()[kind].meaning for kind in CheckKind}
    found |= {f"text: {n}": CONSTRUCTS[n] for n in CONSTRUCTS if OF_GENERATOR.get(n) != ""}
    for h in histories():
        found[f"history {h.name}"] = "tests/harness/generate/histories/"
        if h.joined:
            found[f"join of history {h.name}"] = "join x as y on …"
            found[f"join many of history {h.name}"] = "join many x as y on …"
    return {name: how for name, how in found.items() if name not in NEVER}


def shown(section: Section) -> set[str]:
    """The constructs that a section shows."""
    if not section.tested or not section.shown:
        return set()
    found = {
        f"text: {name}"
        for name, pattern in CONSTRUCTS.items()
        if re.search(OF_GENERATOR.get(name, pattern), section.text, re.MULTILINE)
    }
    for module in section.modules:
        for part in _parts(module):
            written = set(_written(part))
            if _of_sql(part, section):
                found |= {n for n in written if not n.endswith(".expects")}
            if section.expectations:
                found |= {n for n in written if n.endswith(".expects")}
    found |= {n for e in _expressions(section) for node in walk(e) for n in _held("typed ", node)}
    found.update(_data(section))
    return found


def refused(section: Section, codes: Collection[str]) -> set[str]:
    """Those of `REFUSED` that a section shows, with the code that refuses them."""
    found = {n for m in section.modules for part in _parts(m) for n in _written(part)}
    return {n for n, code in REFUSED.items() if n in found and code in codes}


# --- classes of the syntax tree and of typed expressions


@cache
def _classes() -> tuple[tuple[str, type], ...]:
    found = [("", getattr(nodes, name)) for name in nodes.__all__]
    for module in (leaves, window, expr):
        found += [("typed ", c) for c in vars(module).values() if _is_of(c, module)]
    return tuple((p, c) for p, c in found if is_dataclass(c) and c.__name__ not in NO_CONSTRUCTS)


def _is_of(kind: Any, module: ModuleType) -> bool:
    return isinstance(kind, type) and kind.__module__ == module.__name__


def _possible(prefix: str, kind: type) -> Iterator[str]:
    """A class, its fields that may be left out, and the words or forms of those that have some."""
    name = prefix + kind.__name__
    if kind is not nodes.Declared:
        yield name
    for field in fields(kind):
        if not _is_written(field):
            continue
        owner = _owner(kind, field.name)
        if owner in NO_CONSTRUCTS:
            continue
        place = f"{prefix}{owner}.{field.name}"
        members = _members(get_type_hints(kind)[field.name])
        words = [w for m in members if isinstance(m, EnumType) for w in m]
        forms = [m for m in members if is_dataclass(m)]
        if words:
            yield from (f"{place} {w.value}" for w in words)
        elif 1 < len(forms) < 4:
            yield from (f"{place} {m.__name__}" for m in forms)
        if field.default is not MISSING and not words:
            yield place


def _held(prefix: str, node: Any) -> Iterator[str]:
    """What of `_possible` a node has."""
    kind = type(node)
    yield prefix + kind.__name__
    for field in fields(kind):
        if not _is_written(field):
            continue
        value = getattr(node, field.name)
        place = f"{prefix}{_owner(kind, field.name)}.{field.name}"
        if isinstance(value, Enum):
            yield f"{place} {value.value}"
        elif value != field.default:
            yield place
            several = value if isinstance(value, tuple) else (value,)
            yield from (f"{place} {type(v).__name__}" for v in several)
        if prefix and type(value) in (window.Window, window.NextWindow, expr.Groups):
            yield from _held(prefix, value)


def _is_written(field: Field[Any]) -> bool:
    return field.name not in NOT_WRITTEN and field.compare


def _owner(kind: type, field: str) -> str:
    """The class that a field is first of: `items` of features and labels are of `_Group`."""
    owners = [c for c in kind.__mro__ if field in vars(c).get("__annotations__", {})]
    return owners[-1].__name__


def _members(hint: Any) -> list[Any]:
    """The classes that a field's values may be of."""
    if get_origin(hint) in (Union, UnionType, tuple):
        return [m for arg in get_args(hint) for m in _members(arg)]
    return [hint]


def _parts(module: nodes.Module) -> Iterator[nodes.Node]:
    """Declarations, and apart from them what is expected in them."""
    for node in (module.namespace, *module.uses, *module.decls):
        if node is not None:
            yield node
            yield from _expected(node)


def _expected(node: nodes.Node) -> Iterator[nodes.ExpectDecl]:
    for item in _children(node):
        if isinstance(item, nodes.ExpectDecl):
            yield item
        else:
            yield from _expected(item)


def _of_sql(part: nodes.Node, section: Section) -> bool:
    match part:
        case nodes.ExpectDecl():
            return section.expectations
        case nodes.DatasetDecl() | nodes.LabelsDecl() | nodes.InputDecl():
            return section.datasets
    return section.groups


def _written(part: nodes.Node) -> Iterator[str]:
    for node in _below(part):
        yield from _held("", node)
        match node:
            case nodes.Attribute():
                yield f"attribute {node.name.text}"
            case nodes.TypeExpr():
                yield f"type {node.name.text}"
            case nodes.DurationLit():
                yield f"unit {node.value.unit}"
            case nodes.SinceStartWindow():
                yield f"since start of {node.unit.text}"
            case nodes.Origin():
                yield f"from {node.kind.text}"


def _below(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and all below it, but for what is expected in it."""
    yield node
    for item in _children(node):
        if not isinstance(item, nodes.ExpectDecl):
            yield from _below(item)


def _children(node: nodes.Node) -> Iterator[nodes.Node]:
    for field in fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, nodes.Node):
                yield item


# --- the typed program


def _expressions(section: Section) -> Iterator[expr.Expr]:
    program = section.program
    if section.groups:
        for group in program.groups.values():
            if section.datasets or not group.requests:
                yield from (f.expr for f in group.members.values())
        for name in (*program.sources, *program.views):
            yield from relation_expressions(program, name)
    if section.datasets:
        yield from (label.expr for label in program.all_labels())
    if section.expectations:
        found = (e.condition for e in _expectations(program))
        yield from (e for e in found if e is not None)


def _data(section: Section) -> Iterator[str]:
    """Histories, how they are joined, and kinds of expectations."""
    program = section.program
    if section.groups:
        yield from (f"history {history_of(s)}" for s in program.sources.values())
    for view in program.views.values() if section.groups else ():
        for join in view.joins:
            if join.source in program.sources:
                many = "many " if join.many else ""
                yield f"join {many}of history {history_of(program.sources[join.source])}"
    if section.expectations:
        yield from (f"expectation {e.kind}" for e in _expectations(program))


def _expectations(program: Program) -> Iterator[Expectation]:
    relations = (*program.sources.values(), *program.views.values())
    for declared in (*relations, *program.groups.values(), *program.features()):
        yield from declared.expectations


def history_of(source: Source) -> str:
    """What `tests/harness/generate/histories/` calls it."""
    seen = source.available is not None and source.available.column is not None
    for kind, is_so in {
        "keep": source.keep,
        "valid": source.valid,
        "snapshot": source.snapshot,
    }.items():
        if is_so is not None:
            time = "" if source.time is None else "_time"
            return "keep_seen" if kind == "keep" and time and seen else kind + time
    if source.time is None:
        return "static"
    if seen:
        return "available"
    return "delay" if source.available is not None else "events"
