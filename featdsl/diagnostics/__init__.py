"""What featc says to its user: codes (`catalog`), data (`model`), suggestions, renderers."""
