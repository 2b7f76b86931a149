"""Source text: files, positions in them, lines. Imports nothing of ours."""
