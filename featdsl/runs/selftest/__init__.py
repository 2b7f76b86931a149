"""Relations that need no oracle, on a project's own features and data: what may not change a value.

A relation says which rows may be added, or in what way rows may be handed over, without any value
changing: rows of the future, rows not known yet, rows older than every window, another order, half
of the keys, a spine that asks twice. `run.py` tries each at several times and tells what changed.
"""
