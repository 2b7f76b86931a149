"""Kinds of values, and constants of each.

A kind is a type as the generator sees it. ``rough`` is a float whose last digits depend on how
it is computed: it is compared at a tolerance, and neither rounded nor compared in a condition.
"""

from __future__ import annotations

KINDS = ("int", "dec", "float", "text", "bool", "ts", "date", "dur")
STORED = KINDS[:-1]
NUMBERS = ("int", "dec", "float")
MANY = ("ints", "texts", "vector", "numbers")
"""Lists of ints, texts and floats, and maps of ints by text."""

TYPES = {
    "int": "int",
    "dec": "decimal(12, 2)",
    "float": "float",
    "text": "text",
    "bool": "bool",
    "ts": "timestamp",
    "date": "date",
    "dur": "duration",
    "ints": "list(int)",
    "texts": "list(text)",
    "vector": "list(float)",
    "numbers": "map(text, int)",
}
LITERALS = {
    "int": ("0", "1", "2", "-3", "7", "1000", "2_000_000_000"),
    "dec": ("0.5", "0.00", "-1.25", "12.34", "15%", "0.1"),
    "float": ("cast(0.5 as float)", "cast(-2 as float)", "cast(0.25 as float)"),
    "text": ('"x"', '""', '"é"', '"B"', '"x_y"', '"it\'s"'),
    "bool": ("true", "false"),
    "ts": ("@2024-02-29T12:30:00", "@1969-12-31T23:00:00", "@2024-03-31T00:00:00"),
    "date": ("@2024-02-29", "@1969-12-31", "@2023-12-31"),
    "dur": ("90min", "1d", "500ms", "2w", "1h"),
    "rough": ("ln(2)", "exp(1)"),
    "texts": ('split("x-é-12", "-")', 'split("", "x")'),
}
DECIMALS = ("decimal(12, 2)", "decimal(6, 4)", "decimal(20, 0)", "decimal(5, 1)")
