"""Where each page lies: names of a project become paths here and nowhere else."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from featdsl.files.paths import safe_name
from featdsl.ir.manifest import Manifest

_UNSAFE: Final = re.compile(r"[^a-z0-9_.-]+|(?<=\.)\.+|^[.-]+|\.$")
_LONGEST: Final = 120

INDEX: Final = "index.html"
TESTS: Final = "tests.html"
RUNS: Final = "runs.html"


class Kind(StrEnum):
    """A kind of page; its value is the folder."""

    FEATURE = "features"
    GROUP = "groups"
    SOURCE = "sources"
    VIEW = "views"
    ENTITY = "entities"
    DATASET = "datasets"
    CONSUMER = "consumers"


class Pages:
    """The pages of a site by kind and full name."""

    def __init__(self, names: Mapping[Kind, Iterable[str]]) -> None:
        self._paths = {
            (kind, name): f"{kind.value}/{slug}.html"
            for kind, declared in names.items()
            for name, slug in slugs(declared).items()
        }

    @classmethod
    def of(cls, manifest: Manifest) -> Pages:
        return cls(
            {
                Kind.FEATURE: [f.name for f in (*manifest.features, *manifest.labels)],
                Kind.GROUP: [g.name for g in (*manifest.groups, *manifest.label_groups)],
                Kind.SOURCE: [s.name for s in manifest.sources],
                Kind.VIEW: [v.name for v in manifest.views],
                Kind.ENTITY: [e.name for e in manifest.entities],
                Kind.DATASET: [d.name for d in manifest.datasets],
                Kind.CONSUMER: [c.name for c in manifest.consumers],
            }
        )

    def path(self, kind: Kind, name: str) -> str:
        """Path of a page from the site's root.

        Raises:
            KeyError: nothing of that kind has that name.
        """
        return self._paths[kind, name]

    def find(self, name: str) -> tuple[Kind, str] | None:
        """Kind and path of what is declared by its full name, but for features."""
        for kind in Kind:
            if kind is Kind.FEATURE:
                continue
            if (kind, name) in self._paths:
                return kind, self._paths[kind, name]
        return None


def slugs(names: Iterable[str]) -> dict[str, str]:
    """A safe file name for each name, without ending.

    A name that is no file name, or that would share one with another (also where upper and
    lower case are one), gets a part of its hash: independent of what else is declared first.
    """
    plain = {name: _UNSAFE.sub("-", name.lower()) for name in names}
    taken = Counter(plain.values())
    return {
        name: safe_name(slug if _is_plain(name, slug) and taken[slug] == 1 else _hashed(name, slug))
        for name, slug in plain.items()
    }


def _is_plain(name: str, slug: str) -> bool:
    if slug != name or len(slug) > _LONGEST:
        return False
    try:
        safe_name(slug)
    except ValueError:
        return False
    return True


def _hashed(name: str, slug: str) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    start = re.sub(r"[^a-z0-9_]+", "-", slug)[:_LONGEST].strip("-")
    return f"x-{start}-{digest}" if start else f"x-{digest}"


def relative(page: str, target: str) -> str:
    """The address of a path of the site, seen from one of its pages."""
    return "../" * page.count("/") + target
