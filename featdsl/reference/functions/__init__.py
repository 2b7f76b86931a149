"""Scalar functions in plain Python, one file each, named as the function."""
