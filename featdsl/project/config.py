"""``featc.toml``: what it may say, with the defaults of what it leaves out."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from featdsl.compiler.options import Level
from featdsl.project.as_of import HOW, read_instant

Setting: TypeAlias = bool | int | Decimal | str | datetime | date
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)


def _wrong(requirement: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{requirement}", {"requirement": requirement})


def _name(value: str) -> str:
    if _NAME.fullmatch(value) is None:
        raise _wrong("a name of lower-case letters, digits and `_` that starts with a letter")
    return value


def _timezone(value: str) -> str:
    import pytz

    if value not in pytz.all_timezones_set:
        raise PydanticCustomError("timezone", "a time zone such as `UTC` or `Europe/Vienna`")
    return value


def _instant(value: object) -> datetime:
    instant = read_instant(value) if isinstance(value, str | date) else None
    if instant is None:
        raise PydanticCustomError("as_of", "an instant", {"how": HOW})
    return instant


def _folder(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise _wrong("the name of a folder")
    return value


def _inner_folder(value: str) -> str:
    path = PurePosixPath(_folder(value))
    if path.is_absolute() or ".." in path.parts or path == PurePosixPath():
        raise _wrong("a folder inside the project: featc writes there")
    return value


def _memory(value: str) -> str:
    if _MEMORY.fullmatch(value) is None:
        raise _wrong('an amount such as "4GB"')
    return value


def _not_reproducible(value: bool) -> bool:
    if value:
        raise _wrong("`false`: `true` is not yet supported")
    return value


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProjectSection(Section):
    name: Annotated[str, AfterValidator(_name)]
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    """Where days, weeks and months begin."""
    data_dir: Annotated[str, AfterValidator(_folder)] = "data"
    """Where relative source paths start."""
    target_dir: Annotated[str, AfterValidator(_inner_folder)] = "target"
    """Everything that featc writes goes here."""
    reproducible: Annotated[bool, AfterValidator(_not_reproducible)] = False
    as_of: Annotated[datetime | None, BeforeValidator(_instant)] = None
    """UTC, without a zone."""


class PrepareSection(Section):
    module: Annotated[str, AfterValidator(_inner_folder)] = "prepare.py"
    """A Python file of the project with ``prepare(target: Path) -> list[Path]``."""


class Target(Section):
    """Where and how a project runs, and the parameters it runs with there."""

    engine: Literal["duckdb"] = "duckdb"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    memory_limit: Annotated[str, AfterValidator(_memory)] | None = None
    database: Annotated[str, AfterValidator(_folder)] | None = None
    """A DuckDB file in the data folder, which has the tables of sources from `table`."""
    params: dict[str, Setting | list[Setting]] = Field(default_factory=dict)


class Config(Section):
    project: ProjectSection
    prepare: PrepareSection | None = None
    lint: dict[str, Level] = Field(default_factory=dict)
    targets: dict[str, Target] = Field(default_factory=dict)

    def target(self, name: str) -> Target | None:
        """The target of a name; ``dev`` is there without being written."""
        return self.targets.get(name) or (Target() if name == DEFAULT_TARGET else None)


DEFAULT_TARGET = "dev"
SETTINGS_FILE = "featc.toml"
