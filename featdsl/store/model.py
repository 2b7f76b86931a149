"""What records are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileUse(Model):
    """A file that was read (relative to the data folder) or written (to the set's folder)."""

    path: str
    bytes: int
    sha256: str


class ColumnUse(Model):
    name: str
    dtype: str
    fingerprint: str | None = None
    """In a published set: of a feature's meaning; of a key, of which keys there are."""
