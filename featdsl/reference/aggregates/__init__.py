"""Aggregates in plain Python, one file each, named as the aggregate."""
