"""Building blocks of SQL: sqlglot expressions from values and types, never from text.

The only place where a value becomes a literal and a name an identifier.
"""
