"""A second implementation of the language, slow and obvious: the oracle that SQL is compared with.

It evaluates the typed program row by row in plain Python, and was written from
``docs/language/semantics.md`` and the meanings of aggregates and functions alone. It knows
nothing of plans and SQL, and shares no code with them. It also says which rows count for a
value, and of the others why not.
"""
