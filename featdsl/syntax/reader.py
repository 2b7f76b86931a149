"""One attempt to parse a piece of a file: a module, or where and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock

from lark import Lark, UnexpectedInput
from lark.exceptions import UnexpectedEOF

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax import grammar, nodes
from featdsl.syntax.build import TooDeep
from featdsl.syntax.build_decl import DeclarationBuilder
from featdsl.syntax.depth import too_deep
from featdsl.syntax.limits import BRACKET_DEPTH, EXPRESSION_DEPTH
from featdsl.syntax.machine import Machine
from featdsl.syntax.piece import Piece
from featdsl.syntax.scan import Kind, Scan


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the grammar refused: an offset in the file, and the terminals it would have taken."""

    offset: int
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """`module` None: it stopped. `found`: literals and names that cannot be used."""

    module: nodes.Module | None
    found: tuple[Diagnostic, ...] = ()
    stop: Stop | None = None

    @property
    def ok(self) -> bool:
        return self.module is not None and not self.found


@dataclass(frozen=True)
class _Parser:
    lark: Lark
    machine: Machine
    builder: DeclarationBuilder
    # The builder keeps the state of the one parse that is going on.
    lock: Lock = field(default_factory=Lock)


@cache
def _parser() -> _Parser:
    builder = DeclarationBuilder()
    lark = grammar.build(builder)
    return _Parser(lark, Machine(lark), builder)


class Reader:
    """Parses pieces of one file."""

    def __init__(self, scan: Scan, source: str) -> None:
        self.scan = scan
        self.source = source

    @property
    def flat(self) -> bool:
        """Whether no bracket is nested more deeply than the limit."""
        depth = 0
        for lexeme in self.scan.lexemes:
            if lexeme.kind is Kind.OPEN:
                depth += 1
                if depth > BRACKET_DEPTH:
                    return False
            elif lexeme.kind is Kind.CLOSE:
                depth -= 1
        return True

    def read(self, piece: Piece) -> Attempt:
        parser = _parser()
        with parser.lock:
            builder = parser.builder
            builder.begin(self.source, piece, self.scan)
            try:
                module: nodes.Module | None = parser.machine.parse(piece.text)
                if module is None:
                    builder.begin(self.source, piece, self.scan)
                    module = parser.lark.parse(piece.text)  # type: ignore[assignment]
            except UnexpectedInput as error:
                return Attempt(None, tuple(builder.found), _stop(error, piece))
            except TooDeep as chain:
                return Attempt(None, (*builder.found, _too_deep(chain.node)))
            assert module is not None
            found = tuple(builder.found)
        if not found:
            found = tuple(_too_deep(node) for node in too_deep(module, EXPRESSION_DEPTH))
        return Attempt(module, found)


def _stop(error: UnexpectedInput, piece: Piece) -> Stop:
    interactive = getattr(error, "interactive_parser", None)
    expected = interactive.accepts() if interactive is not None else ()
    offset = error.pos_in_stream
    if offset is None or _at_end(error):
        return Stop(piece.place(len(piece.text.rstrip())), frozenset(expected))
    return Stop(piece.place(offset), frozenset(expected))


def _at_end(error: UnexpectedInput) -> bool:
    token = getattr(error, "token", None)
    return isinstance(error, UnexpectedEOF) or (token is not None and token.type == "$END")


def _too_deep(node: nodes.Node) -> Diagnostic:
    start = replace(node.span, end=min(node.span.end, node.span.start + 40))
    return catalog.TOO_DEEP.at(
        start, f"an expression has more than {EXPRESSION_DEPTH} levels of operators"
    ).help("split it: a `let`, a `fn`, a private feature; many `or` of one column are `in [...]`")
