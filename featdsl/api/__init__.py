"""The Python interface: projects, compilations, snapshots and training sets as data frames.

`featdsl` itself gives out the public names, late. What is public has a docstring with an example
and stands in `docs/guides/python.md`. A new public name goes into a module here, into the two
lists of `featdsl/__init__.py`, and into the guide.
"""
