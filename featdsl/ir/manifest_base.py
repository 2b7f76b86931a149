"""What entries of the manifest have in common: places, what is said, fingerprints, checks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


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
    attributes: dict[str, str | bool | int | tuple[str, ...]] = Field(default_factory=dict)
    """Those that the project declares in `featc.toml`; days, lengths and decimals are texts."""

    def own(self) -> tuple[tuple[str, str], ...]:
        """Attributes that the project declares, with their values as text."""
        return tuple((name, _text(value)) for name, value in self.attributes.items())


def _text(value: str | bool | int | tuple[str, ...]) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
    return str(value)


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
