"""Text: files, positions in them, patterns, names; amounts in words. Imports nothing of ours."""
