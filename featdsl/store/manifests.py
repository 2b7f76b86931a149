"""What a project declared when a run published: its manifest, kept by its content.

Runs of the same texts share one. Two of them say what changed in between.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from featdsl.files.atomic import write_bytes_atomic
from featdsl.ir.manifest import Manifest

FOLDER = "manifests"


class LostManifest(Exception):
    """A manifest is not there, or not as it was written; the message says why."""


def manifest_path(target: Path, digest: str) -> Path:
    """Where a manifest of a SHA-256 lies."""
    return target / FOLDER / f"{digest}.json"


def keep_manifest(target: Path, manifest: Manifest) -> str:
    """Write a manifest, unless it is there already; its SHA-256.

    Raises:
        FileError: it cannot be written.
    """
    content = (manifest.model_dump_json(indent=1) + "\n").encode("utf-8")
    digest = hashlib.sha256(content).hexdigest()
    path = manifest_path(target, digest)
    try:
        there = path.read_bytes() == content
    except OSError:
        there = False
    if not there:
        write_bytes_atomic(path, content, within=target)
    return digest


def read_manifest(target: Path, digest: str) -> Manifest:
    """A manifest by its SHA-256.

    Raises:
        LostManifest: it is not there, or not as it was written.
    """
    path = manifest_path(target, digest)
    try:
        content = path.read_bytes()
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise LostManifest(f"the manifest `{path.name}`: {why}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise LostManifest(f"the manifest `{path.name}` is not as it was written")
    try:
        return Manifest.model_validate_json(content)
    except (ValidationError, RecursionError) as error:
        raise LostManifest(f"the manifest `{path.name}` is not one of this version") from error
