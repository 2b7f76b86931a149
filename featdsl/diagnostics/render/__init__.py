"""Diagnostics as text and JSON; one file an output."""
