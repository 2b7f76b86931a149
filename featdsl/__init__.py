"""featc: declare features in `.feat` files; get checked, explained, point-in-time correct SQL."""

__version__ = "0.1.0"
