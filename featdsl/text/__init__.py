"""Source text: files, positions in them, patterns; amounts in words. Imports nothing of ours."""
