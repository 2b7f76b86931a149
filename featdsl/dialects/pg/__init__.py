"""How a query becomes one of Postgres: `query` walks it, `value` its expressions.

`functions` and `aggregates` are closed tables from the common vocabulary to what Postgres has.
"""
