"""What featc says to its user: codes (`catalog`), data (`model`), suggestions, renderers.

May import `text`. A new code is a line in `catalog` and a page in ``docs/errors/``.
"""
