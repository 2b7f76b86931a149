"""``featc.toml``: what it may say, with the defaults of what it leaves out."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from featdsl.compiler.options import Level
from featdsl.diagnostics.suggest import nearest
from featdsl.notify.registry import channels
from featdsl.notify.spec import ChannelSettings
from featdsl.project.as_of import HOW, read_instant
from featdsl.project.location import own_folder
from featdsl.syntax.words import (
    ATTRIBUTES,
    CLAUSES,
    DECLARATIONS,
    FEATURE_CLAUSES,
    ITEMS,
    RESERVED,
)
from featdsl.text.environment import variable_of

Setting: TypeAlias = bool | int | Decimal | str | datetime | date
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_OnKind: TypeAlias = Literal[
    "entity",
    "source",
    "view",
    "input",
    "features",
    "labels",
    "feature",
    "dataset",
    "consumer",
    "param",
    "wanted",
]
_MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)
_TIME = re.compile(r"(\d+)(s|m|h)")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


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


def _time(value: object) -> float:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise _wrong('a time such as "90s", "15m" or "2h"')
    return float(int(match[1]) * _SECONDS[match[2]])


def _cost(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong("a number, such as 5.00")
    if not (Decimal(value).is_finite() and value >= 0):
        raise _wrong("a number from 0 on")
    return Decimal(value)


def _schema(value: str) -> str:
    if _SCHEMA.fullmatch(value) is None:
        raise _wrong("the name of a schema: lower-case letters, digits and `_`")
    return value


def _setting(value: Setting | list[Setting]) -> Setting | list[Setting]:
    texts = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
    if any(t.startswith("env(") and (value is not t or variable_of(t) is None) for t in texts):
        raise _wrong("a value, or 'env(\"NAME\")' for the text of a variable of the environment")
    return value


def _attribute_name(name: str) -> str:
    if _WORD.fullmatch(name) is None:
        raise _wrong("named by lower-case letters, digits and `_`, a letter first")
    if name in (*RESERVED, *ATTRIBUTES, *CLAUSES) or any(
        name in words for words in (DECLARATIONS, *ITEMS.values())
    ):
        raise _wrong("called otherwise: `" + name + "` is a word of the language")
    near = nearest(name, FEATURE_CLAUSES)
    if near is not None:
        raise _wrong(f"called otherwise: `{name}` would be read as a misspelt `{near}`")
    return name


def _value(value: str) -> str:
    if not value.strip():
        raise _wrong("texts that are not empty")
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
    reproducible: bool = False
    """Whether floats are summed in an order that threads and files do not decide."""
    as_of: Annotated[datetime | None, BeforeValidator(_instant, json_schema_input_type=str)] = None
    """UTC, without a zone."""


class AttributeSection(Section):
    """An attribute of the project's own."""

    type: Literal["text", "texts", "int", "decimal", "bool", "date", "duration"] = "text"
    values: list[Annotated[str, AfterValidator(_value)]] = Field(default_factory=list)
    """Which texts it may be; empty for any."""
    on: list[_OnKind] = Field(default_factory=list)
    """Declarations that may have it; empty for all that have a page."""

    @model_validator(mode="after")
    def _values_are_texts(self) -> AttributeSection:
        if self.values and self.type != "text":
            raise _wrong('of `type = "text"`, where it has `values`')
        return self


class PrepareSection(Section):
    module: Annotated[str, AfterValidator(_inner_folder)] = "prepare.py"
    """A Python file of the project with ``prepare(target: Path) -> list[Path]``."""


Amount: TypeAlias = Annotated[str, AfterValidator(_memory)]
Cost: TypeAlias = Annotated[Decimal, BeforeValidator(_cost, json_schema_input_type=int | float)]


if TYPE_CHECKING:
    Channel: TypeAlias = ChannelSettings
else:
    Channel = Annotated[
        Union[tuple(kind.settings for kind in channels().values())],  # noqa: UP007
        Field(discriminator="kind"),
    ]


class Target(Section):
    """Where and how a project runs, and the parameters it runs with there."""

    engine: Literal["duckdb"] = "duckdb"
    location: Annotated[str, AfterValidator(own_folder)] | None = None
    """A folder of the project that takes the place of ``target_dir``."""
    schema_name: Annotated[str, AfterValidator(_schema)] | None = Field(
        default=None, alias="schema"
    )
    """Where views, tables and macros that are compiled are made."""
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    memory_limit: Amount | None = None
    temp_limit: Amount | None = None
    """How much of the disk a query may use for what does not fit into memory."""
    query_timeout: Annotated[float, BeforeValidator(_time, json_schema_input_type=str)] | None = (
        None
    )
    """Seconds that one query may take."""
    database: Annotated[str, AfterValidator(_folder)] | None = None
    """A DuckDB file in the data folder, which has the tables of sources from `table`."""
    keep_versions: Annotated[int, Field(ge=0)] | None = None
    keep_days: Annotated[int, Field(ge=0)] | None = None
    """What `featc gc` leaves besides what is current: the newest of each set, and what is young."""
    cost_per_tb: Cost | None = None
    cost_per_hour: Cost | None = None
    """Money for 10^12 bytes that are read, and for an hour of computing."""
    notify: dict[str, Channel] = Field(default_factory=dict)
    """Who is told of runs, by names of one's own."""
    params: dict[str, Annotated[Setting | list[Setting], AfterValidator(_setting)]] = Field(
        default_factory=dict
    )
    """Text that is ``env("NAME")`` stands for a variable of the environment."""


class Config(Section):
    project: ProjectSection
    prepare: PrepareSection | None = None
    attributes: dict[Annotated[str, AfterValidator(_attribute_name)], AttributeSection] = Field(
        default_factory=dict
    )
    lint: dict[str, Level] = Field(default_factory=dict)
    targets: dict[str, Target] = Field(default_factory=dict)

    def target(self, name: str) -> Target | None:
        """The target of a name; ``dev`` is there without being written."""
        return self.targets.get(name) or (Target() if name == DEFAULT_TARGET else None)


DEFAULT_TARGET = "dev"
SETTINGS_FILE = "featc.toml"
