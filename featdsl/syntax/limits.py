"""How much text the parser takes."""

from __future__ import annotations

FILE_BYTES = 1 << 20
# Words, signs and rows of tables of a file: some five thousand features.
FILE_LEXEMES = 1 << 16
NAME_BYTES = 63
TEXT_BYTES = 64 << 10
BRACKET_DEPTH = 64
# Levels of an expression's tree: what later passes may recurse into.
EXPRESSION_DEPTH = 100
NUMBER_DIGITS = 38
DURATION_YEARS = 1000
NAME_PARTS = 16
TABLE_COLUMNS = 1000
# Mistakes of one file that are reported.
MISTAKES = 200
