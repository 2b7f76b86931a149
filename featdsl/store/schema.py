"""The tables of a target's catalog.

Small on purpose: what a run is lies in its record, a file of its own, and the catalog holds the
record's hash. So all of it can be looked through at every start. Every row has a ``mark``, a
hash of its columns: the engine checks its pages' form, not what stands in them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

APPLICATION = 0x66656174
"""``feat``: which program a file is of."""
VERSION = 1
"""Raised with every change of a table; see `migrations`."""

TABLES = (
    # What happened, in order. `hash` is the SHA-256 of the record's file, which names the hash of
    # the record before it: no record can be changed, taken out or put in between unseen.
    """
    CREATE TABLE ledger (
      entry INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      target TEXT NOT NULL,
      status TEXT NOT NULL,
      started TEXT NOT NULL,
      as_of TEXT,
      hash TEXT NOT NULL,
      mark TEXT NOT NULL
    ) STRICT
    """,
    # What readers find of a set: one row decides it.
    """
    CREATE TABLE current (
      target TEXT NOT NULL,
      location TEXT NOT NULL,
      name TEXT NOT NULL,
      entry INTEGER NOT NULL REFERENCES ledger (entry),
      pointer TEXT NOT NULL,
      mark TEXT NOT NULL,
      PRIMARY KEY (target, location, name)
    ) STRICT, WITHOUT ROWID
    """,
    # Runs under way, with the sets that nobody else writes meanwhile; `record` is what is kept of
    # one whose process dies.
    """
    CREATE TABLE running (
      id TEXT PRIMARY KEY,
      target TEXT NOT NULL,
      location TEXT NOT NULL,
      owner TEXT NOT NULL,
      sets TEXT NOT NULL,
      record TEXT NOT NULL,
      mark TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # How many rows there are, and the newest hash: a row that is gone is missed.
    """
    CREATE TABLE state (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      entries INTEGER NOT NULL,
      head TEXT NOT NULL,
      sets INTEGER NOT NULL,
      mark TEXT NOT NULL
    ) STRICT
    """,
)


def mark(*values: object) -> str:
    """The hash of a row's columns."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def marked(values: Sequence[object]) -> tuple[object, ...]:
    """A row's columns, with their mark at the end."""
    return (*values, mark(*values))
