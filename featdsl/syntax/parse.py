"""Source text to syntax tree. Total: every text gives a module, and problems beside it."""

from __future__ import annotations

from featdsl.diagnostics.model import Problems
from featdsl.syntax import nodes
from featdsl.syntax.lexical import lexical_mistakes, too_large, too_many
from featdsl.syntax.piece import Piece
from featdsl.syntax.reader import Reader
from featdsl.syntax.recover import recover
from featdsl.syntax.scan import Scan, scan
from featdsl.text.span import Span


def parse(text: str, source: str, problems: Problems) -> nodes.Module:
    """Parse one file.

    What does not parse is reported, once a mistake, and left out; its name stays known in
    `broken` of the module or of the declaration around it, so that uses of it need no further
    message.

    Args:
        text: The file's text.
        source: The file's name, for spans.
        problems: Takes the mistakes.
    """
    refusal = too_large(text, source)
    lexical = Scan("", ()) if refusal is not None else scan(text)
    refusal = refusal or too_many(lexical, source)
    if refusal is not None:
        problems.report(refusal)
        return nodes.Module(span=Span(source, 0, 0))
    reader = Reader(lexical, source)
    mistakes = list(lexical_mistakes(lexical, source))
    if not mistakes and reader.flat:
        whole = reader.read(Piece(text))
        if whole.module is not None and not whole.found:
            return whole.module
    return recover(reader, mistakes, problems)
