"""What entries of the manifest have in common: places, what is said, fingerprints, checks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Model):
    file: str
    line: int
    end_line: int


class Note(Model):
    """What a declaration says of itself."""

    doc: str | None = None
    summary: str | None = None
    """First sentence of ``doc``."""
    owner: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deprecated: str | None = None
    private: bool = False
    version: int | None = None
    uri: str | None = None
    was: str | None = None
    """The name that it had before."""
    format: str | None = None
    domain: str | None = None


class Fingerprint(Model):
    """SHA-256 of the canonical meaning, and of the metadata, in hex."""

    data: str
    metadata: str


class ExpectationEntry(Model):
    kind: str
    text: str
    words: str
    warn: bool
    features: tuple[str, ...] = ()
    """Features whose values it speaks of."""
    place: Place
