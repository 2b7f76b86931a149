"""Parse what is healthy of a file that does not parse as a whole; report the rest.

A file is cut into declarations, a declaration that does not parse into items, an item with a
body again. Each part is tried alone inside a head that parses. What does not parse gives one
message and a broken name; what does is put together again and parsed once more as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.syntax import nodes
from featdsl.syntax.build import snake
from featdsl.syntax.build_decl import second_namespaces
from featdsl.syntax.limits import MISTAKES
from featdsl.syntax.messages import explain, explain_head, meant_declaration
from featdsl.syntax.missing import GROUPS
from featdsl.syntax.piece import Piece
from featdsl.syntax.place import Context
from featdsl.syntax.reader import Attempt, Reader
from featdsl.syntax.scan import Kind, Lexeme
from featdsl.syntax.split import Chunk, Shape, split, split_items
from featdsl.syntax.words import CLAUSES, DECLARATIONS, RESERVED, SKELETONS
from featdsl.text.span import Span

Cuts: TypeAlias = list[tuple[int, int] | str]

_NAMES = frozenset({Kind.WORD, Kind.QUOTED, Kind.PATTERN})
# The body inside an item, by the item's first word; else the block of a feature.
_INNER = {"columns": "columns", "for": "features"}
# What an item with a name is called, by the body's kind.
_NAMED = {"columns": "column", "input": "column", "view": "let", "entity": "key"}


@dataclass
class _Healthy:
    """What of a body parses, and the names of what does not."""

    cuts: Cuts = field(default_factory=list)
    broken: list[nodes.BrokenDecl] = field(default_factory=list)


class _Recovery:
    def __init__(self, reader: Reader, shape: Shape, problems: Problems) -> None:
        self.reader = reader
        self.shape = shape
        self.problems = problems
        self.lexemes = reader.scan.lexemes
        self.text = reader.scan.text
        self.damage = sorted(shape.damage)
        self.told = 0
        self.modules: list[nodes.Module] = []
        self.broken: list[nodes.BrokenDecl] = []

    # --- declarations

    def declaration(self, chunk: Chunk) -> Chunk | None:
        """Read one declaration; the result is what stands behind its body, not yet read."""
        whole = self._range(chunk)
        kind, name = self._head(chunk)
        if self.full:
            self._add_broken(kind or "declaration", name, whole)
            return None
        if kind is None:
            self._headless(chunk, name)
            return None
        if chunk.first in self.shape.ruined:
            self._add_broken(kind, name, whole)
            return None
        damaged = self._damaged(whole)
        attempt = None if damaged else self._read([whole])
        if attempt is not None and attempt.ok:
            self._add(attempt, (), whole)
            return None
        body = self._body(chunk)
        if body is None or kind not in SKELETONS:
            if attempt is not None:
                self._report(attempt, self._context("head", chunk, kind))
            self._add_broken(kind, name, whole)
            return None
        behind = self.shape.behind(body) if body in self.shape.partner else chunk.last
        self._with_body(Chunk(chunk.first, behind), kind, name, body)
        return Chunk(behind, chunk.last) if behind < chunk.last and not damaged else None

    def _headless(self, chunk: Chunk, name: nodes.Ident | None) -> None:
        """What no declaration's word begins."""
        whole = self._range(chunk)
        if not self._damaged(whole):
            self.tell(explain_head(self._context("file", chunk)))
        if name is not None:
            meant = meant_declaration(self.lexemes[chunk.first].text)
            self._add_broken(meant or "declaration", name, whole)

    def _with_body(self, chunk: Chunk, kind: str, name: nodes.Ident | None, body: int) -> None:
        whole = self._range(chunk)
        head = (whole[0], self.lexemes[body].end)
        last = self.shape.inside(body, chunk.last)
        head_ok = not self._damaged((whole[0], self.lexemes[body].start))
        if head_ok:
            attempt = self._read([head, "}"])
            head_ok = attempt.ok
            if not head_ok:
                self._report(attempt, self._context("head", Chunk(chunk.first, body + 1), kind))
        opening: Cuts = [head if head_ok else SKELETONS[kind]]
        healthy = self._items(kind, opening, Chunk(body + 1, last), ["}"])
        if head_ok:
            joined = self._read([*opening, *healthy.cuts, "}"])
            for diagnostic in joined.found:
                self.tell(diagnostic)
            if joined.module is not None:
                self._add(joined, healthy.broken, whole)
                return
            self._report(joined, self._context(kind, chunk))
        self._add_broken(kind, name, whole)

    def _add(
        self, attempt: Attempt, broken: Iterable[nodes.BrokenDecl], whole: tuple[int, int]
    ) -> None:
        module = attempt.module
        assert module is not None
        broken = tuple(broken)
        if broken and module.decls:
            span = Span(self.reader.source, *whole)
            decls = tuple(
                # Every declaration with a body that is recovered item by item has the field.
                replace(d, span=span, broken=broken)  # type: ignore[arg-type]
                for d in module.decls
            )
            module = replace(module, decls=decls)
        self.modules.append(module)

    def _add_broken(self, kind: str, name: nodes.Ident | None, whole: tuple[int, int]) -> None:
        span = Span(self.reader.source, *whole)
        self.broken.append(nodes.BrokenDecl(span=span, kind=kind, name=name))

    def _head(self, chunk: Chunk) -> tuple[str | None, nodes.Ident | None]:
        """Kind and name of a declaration from its first words."""
        words = self.lexemes[chunk.first : min(chunk.first + 3, chunk.last)]
        at = 1 if words[0].text == "secret" else 0
        if len(words) <= at or words[at].text not in DECLARATIONS:
            return None, self._ident(words[1]) if len(words) > 1 else None
        kind = words[at].text
        if len(words) <= at + 1:
            return kind, None
        return kind, self._ident(words[at + 1])

    def _ident(self, lexeme: Lexeme) -> nodes.Ident | None:
        if lexeme.kind not in _NAMES:
            return None
        span = Span(self.reader.source, lexeme.start, lexeme.end)
        quoted = lexeme.kind is Kind.QUOTED
        return nodes.Ident(span=span, text=lexeme.text[1:-1] if quoted else snake(lexeme.text))

    def _body(self, chunk: Chunk) -> int | None:
        """Index of the brace that opens a chunk's body."""
        i = chunk.first
        while i < chunk.last:
            if self.lexemes[i].text == "{":
                return i
            i = self.shape.behind(i)
        return None

    # --- items

    def _items(self, kind: str, opening: Cuts, inside: Chunk, closing: Cuts) -> _Healthy:
        healthy = _Healthy()
        for item in split_items(self.reader.scan, self.shape, kind, inside.first, inside.last):
            self._item(kind, opening, item, closing, healthy)
        return healthy

    def _item(
        self, kind: str, opening: Cuts, item: Chunk, closing: Cuts, healthy: _Healthy
    ) -> None:
        whole = self._range(item)
        attempt = None
        if self.full:
            healthy.broken += self._broken_names(kind, item)
            return
        if not self._damaged(whole):
            attempt = self._read([*opening, whole, *closing])
            if attempt.ok:
                healthy.cuts.append(whole)
                return
        if self._nested(kind, opening, item, closing, healthy):
            return
        if attempt is not None:
            self._report(attempt, self._context(kind, item))
        healthy.broken += self._broken_names(kind, item)

    def _nested(
        self, kind: str, opening: Cuts, item: Chunk, closing: Cuts, healthy: _Healthy
    ) -> bool:
        """Recover an item's own body; False where the item has none or its head is bad."""
        body = self._body(item)
        if body is None:
            return False
        start = self.lexemes[item.first].start
        head = (start, self.lexemes[body].end)
        if self._damaged((start, self.lexemes[body].start)):
            return False
        if not self._read([*opening, head, "}", *closing]).ok:
            return False
        last = self.shape.inside(body, item.last)
        if self.shape.behind(body) < item.last:
            return False  # something stands behind the body
        inner_kind = _INNER.get(self.lexemes[item.first].text, "block")
        inner = self._items(inner_kind, [*opening, head], Chunk(body + 1, last), ["}", *closing])
        healthy.cuts += [head, *inner.cuts, "}"]
        healthy.broken += [b for b in inner.broken if b.kind != "item"]
        return True

    def _broken_names(self, kind: str, item: Chunk) -> Iterable[nodes.BrokenDecl]:
        first = self.lexemes[item.first]
        span = Span(self.reader.source, *self._range(item))
        word = {"let": "let", "key": "key", "join": "join", "apply": "apply"}.get(first.text)
        if kind in ("view", "entity", "features", "labels", "template") and word is not None:
            name = self._after("as", item) if word in ("join", "apply") else self._second(item)
            return [nodes.BrokenDecl(span=span, kind=word, name=name)]
        if kind not in (*_NAMED, *GROUPS):
            return [nodes.BrokenDecl(span=span, kind="item", name=None)]
        named = _NAMED.get(kind, "feature")
        found = []
        i = item.first
        while i < item.last:
            here = self.lexemes[i]
            after = self.lexemes[i + 1].text if i + 1 < item.last else ""
            before = self.lexemes[i - 1].text if i > item.first else "private"
            name = self._ident(here)
            if (
                name is not None
                and after in ("=", ":", "[")
                and here.text not in RESERVED
                and (after == "=" or here.text not in CLAUSES)
                and before not in ("where", "and", "or", "not")
            ):
                found.append(
                    nodes.BrokenDecl(span=span, kind=named, name=name, family=after == "[")
                )
            i = i + 1 if first.text == "for" and here.text == "{" else self.shape.behind(i)
        if not found and kind == "columns":
            found = [nodes.BrokenDecl(span=span, kind=named, name=self._ident(first))]
        return found or [nodes.BrokenDecl(span=span, kind="item", name=None)]

    def _second(self, item: Chunk) -> nodes.Ident | None:
        if item.first + 1 >= item.last:
            return None
        return self._ident(self.lexemes[item.first + 1])

    def _after(self, word: str, item: Chunk) -> nodes.Ident | None:
        for i in range(item.first, item.last - 1):
            if self.lexemes[i].text == word:
                return self._ident(self.lexemes[i + 1])
        return None

    # --- shared

    def _range(self, chunk: Chunk) -> tuple[int, int]:
        return self.lexemes[chunk.first].start, self.lexemes[chunk.last - 1].end

    def _damaged(self, whole: tuple[int, int]) -> bool:
        i = bisect_left(self.damage, whole[0])
        return i < len(self.damage) and self.damage[i] < whole[1]

    def _read(self, cuts: Cuts) -> Attempt:
        return self.reader.read(Piece.of(self.text, cuts))

    def _context(self, kind: str, chunk: Chunk, declaration: str = "") -> Context:
        return Context(self.reader.scan, self.reader.source, kind, chunk, declaration)

    def _report(self, attempt: Attempt, context: Context) -> None:
        """Report an attempt's literals and names, or else where it stopped.

        Where it has both, the one may be the reason for the other.
        """
        for diagnostic in attempt.found:
            self.tell(diagnostic)
        if attempt.stop is not None and not attempt.found:
            self.tell(explain(attempt.stop, context))

    @property
    def full(self) -> bool:
        """Whether so many mistakes are reported that the rest of the file is not looked at."""
        return self.told > MISTAKES

    def tell(self, diagnostic: Diagnostic) -> None:
        self.told += 1
        if self.told <= MISTAKES:
            self.problems.report(diagnostic)
        elif self.told == MISTAKES + 1 and diagnostic.primary is not None:
            span = diagnostic.primary.span
            self.problems.report(
                catalog.TOO_MANY_MISTAKES.at(
                    span, f"the file has more than {MISTAKES} mistakes; reading stops here"
                ).help("mend the first ones: later ones may follow from them")
            )


def recover(reader: Reader, mistakes: Iterable[Diagnostic], problems: Problems) -> nodes.Module:
    """The healthy declarations of a file that does not parse; everything else is reported."""
    shape = split(reader.scan, reader.source)
    mistakes = list(mistakes)
    shape.damage += [d.primary.span.start for d in mistakes if d.primary is not None]
    recovery = _Recovery(reader, shape, problems)
    for diagnostic in [*mistakes, *shape.diagnostics]:
        recovery.tell(diagnostic)
    for chunk in shape.chunks:
        rest: Chunk | None = chunk
        while rest is not None:
            rest = recovery.declaration(rest)
    modules = recovery.modules
    spaces = [m.namespace for m in modules if m.namespace is not None]
    problems.extend(second_namespaces(spaces))
    return nodes.Module(
        span=Span(reader.source, 0, len(reader.scan.text)),
        namespace=spaces[0] if spaces else None,
        uses=tuple(use for m in modules for use in m.uses),
        decls=tuple(decl for m in modules for decl in m.decls),
        broken=tuple(recovery.broken),
    )
