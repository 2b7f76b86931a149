"""Reading ``featc.toml``: every mistake in it is reported, and what is right is used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Code, Diagnostic, Problems, Severity
from featdsl.diagnostics.suggest import did_you_mean, nearest
from featdsl.notify.registry import channels
from featdsl.project.config import (
    SETTINGS_FILE,
    AttributeSection,
    Config,
    PrepareSection,
    ProjectSection,
    Target,
)
from featdsl.project.toml_places import locate, syntax_error_place
from featdsl.semantics.own_attributes import OwnAttribute
from featdsl.text.span import Span

_KINDS = {
    "string_type": 'text in quotes (`"…"`)',
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "dict_type": "a table",
    "list_type": "a list (`[…]`)",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


@dataclass(frozen=True, slots=True)
class _Mistake:
    error: ErrorDetails
    text: str

    @property
    def path(self) -> tuple[str, ...]:
        path = _written_path(self.error["loc"])
        return (*path, "kind") if self.error["type"] == "union_tag_invalid" else path

    @property
    def dropped(self) -> tuple[str, ...]:
        """What is left out for it: a key, or a channel as a whole."""
        return self.path[:4] if _is_channel(self.error["loc"]) else self.path

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.place().start) + 1

    def place(self, *, value: bool = False) -> Span:
        found = locate(SETTINGS_FILE, self.text, self.path, value=value)
        return found or Span(SETTINGS_FILE, 0, 0)


def read_config(text: str, fallback_name: str, problems: Problems) -> Config:
    """Return the settings in `text`; what is wrong is reported, and its default used.

    `fallback_name` stands in for a project's name that is missing or wrong, so that the texts can
    be checked all the same.
    """
    raw = _parse(text, problems)
    if raw is None:
        return Config(project=ProjectSection(name=fallback_name))
    _check_lint(raw, text, problems)
    _mend_project_table(raw, text, problems)
    _spread_attributes(raw)
    try:
        return Config.model_validate(raw)
    except ValidationError as failure:
        mistakes = [_Mistake(e, text) for e in failure.errors(include_url=False)]
    reported: set[tuple[str, ...]] = set()
    secret = {m.line for m in mistakes if m.error["type"] == "secret"}
    for mistake in mistakes:
        if mistake.path not in reported:  # a union's branches fail one by one
            found = _describe(mistake)
            # What is shown with a place is its line.
            problems.report(replace(found, primary=None) if mistake.line in secret else found)
        reported.add(mistake.path)
    dropped = {mistake.dropped for mistake in mistakes}
    return Config.model_validate(_without(raw, dropped, fallback_name))


def own_attributes(config: Config) -> dict[str, OwnAttribute]:
    """The attributes that a project declares, as the compiler takes them."""
    return {
        name: OwnAttribute(type=a.type, values=tuple(a.values), on=tuple(a.on))
        for name, a in config.attributes.items()
    }


def _mend_project_table(raw: dict[str, Any], text: str, problems: Problems) -> None:
    """A misspelt ``[project]`` is one mistake, not an unknown table and a missing one."""
    match = nearest("project", set(raw) - set(Config.model_fields))
    if "project" not in raw and match is not None:
        place = locate(SETTINGS_FILE, text, (match,)) or Span(SETTINGS_FILE, 0, 0)
        problems.report(
            catalog.UNKNOWN_KEY.at(place, f"{SETTINGS_FILE} has no table `{match}`").help(
                "did you mean `project`?"
            )
        )
        raw["project"] = raw.pop(match)


def _spread_attributes(raw: dict[str, Any]) -> None:
    """``team = "text"`` is short for a table with a type."""
    table = raw.get("attributes")
    if isinstance(table, dict):
        short = {name: {"type": said} for name, said in table.items() if isinstance(said, str)}
        raw["attributes"] = table | short


def _parse(text: str, problems: Problems) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as failure:  # TOMLDecodeError, or a number out of bounds
        message, span = syntax_error_place(SETTINGS_FILE, text, failure)
    what = message[:1].lower() + message[1:]
    problems.report(
        catalog.CONFIG_SYNTAX.at(span, f"{SETTINGS_FILE} is not valid TOML: {what}").help(
            'tables are written `[project]`, keys `name = "retail"`, one on a line'
        )
    )
    return None


def _describe(mistake: _Mistake) -> Diagnostic:
    match mistake.error["type"]:
        case "extra_forbidden":
            return _unknown_key(mistake)
        case "missing" | "union_tag_not_found":
            return _missing(mistake)
        case "secret":
            return _written_secret(mistake)
    what = _requirement(mistake.error)
    is_location = mistake.path[0] == "targets" and mistake.path[2:] == ("location",)
    code = catalog.WRONG_LOCATION if is_location else catalog.WRONG_SETTING
    diagnostic = code.at(
        mistake.place(value=True), f"`{mistake.key}` in {SETTINGS_FILE} must be {what}"
    )
    default = f"leave `{mistake.path[-1]}` out for its default, or write {what}"
    return diagnostic.help(_remedy(mistake.error) or default)


def _unknown_key(mistake: _Mistake) -> Diagnostic:
    *table, key = mistake.path
    kind = str(mistake.error["loc"][4]) if _is_channel(mistake.error["loc"]) else ""
    where = f"`[{'.'.join(table)}]`" if table else SETTINGS_FILE
    message = f"{where} has no key `{key}`" if table else f"{where} has no table `{key}`"
    known = [field.alias or name for name, field in _model(table, kind).model_fields.items()]
    return catalog.UNKNOWN_KEY.at(mistake.place(), message).help(
        did_you_mean(key, known, what="keys")
    )


def _missing(mistake: _Mistake) -> Diagnostic:
    if _is_channel(mistake.error["loc"]):
        channel = ".".join(mistake.path[:4])
        key = mistake.path[4] if len(mistake.path) > 4 else "kind"
        found = catalog.MISSING_SETTING.at(
            mistake.place(), f"`{channel}.{key}` in {SETTINGS_FILE} is missing"
        )
        kinds = ", ".join(f"{kind.name} ({kind.meaning})" for kind in channels().values())
        return found.help(f"the kinds are: {kinds}" if key == "kind" else None)
    table, key = (mistake.path[0], "name") if len(mistake.path) == 1 else mistake.path[-2:]
    return catalog.MISSING_SETTING.at(
        mistake.place(), f"{SETTINGS_FILE} does not name the project: `{table}.{key}` is missing"
    ).help('add `name = "retail"` (a name of the project) under `[project]`')


def _written_secret(mistake: _Mistake) -> Diagnostic:
    """The line is not shown: the secret stands in it."""
    variable = "_".join(mistake.path[3:]).upper().replace("-", "_")
    message = f"the value of `{mistake.key}` stands in {SETTINGS_FILE}, line {mistake.line}"
    return catalog.WRITTEN_SECRET.general(message).help(
        f"read it from the environment: `{mistake.path[-1]} = 'env(\"{variable}\")'`"
    )


def _requirement(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    in_params = error["loc"][0] == "targets" and "params" in error["loc"][2:3]
    if in_params and error["type"] != "setting":
        return "text, a number, true or false, a date or a time, or a list of these"
    match error["type"]:
        case "model_type" | "model_attributes_type" if error["loc"][0] == "attributes":
            return 'a table, or a type such as `"text"`'
        case kind if kind in _KINDS:
            return _KINDS[kind]
        case "union_tag_invalid":
            return f"a kind of channel: {', '.join(channels())}"
        case "literal_error":
            expected = str(context["expected"]).replace("'", '"')
            return f"one of {expected}" if "," in expected else expected
        case "greater_than_equal":
            return f"at least {context['ge']}"
        case "less_than_equal":
            return f"at most {context['le']}"
    return error["msg"]


def _remedy(error: ErrorDetails) -> str | None:
    given = error["input"]
    match error["type"]:
        case "as_of":
            return str(error.get("ctx", {})["how"])
        case "timezone":
            import pytz

            match = nearest(str(given), pytz.all_timezones)
            return None if match is None else f"did you mean `{match}`?"
        case "literal_error":
            expected = re.findall(r"'([^']*)'", str(error.get("ctx", {})["expected"]))
            match = nearest(str(given), expected)
            return None if match is None or len(expected) < 2 else f'did you mean "{match}"?'
        case "setting" if "name" in error["loc"]:
            return f'`name = "{name_from(str(given))}"` would do'
    return None


def name_from(text: str) -> str:
    """Return a name that a project may have, as near to the text as possible."""
    name = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"p_{name}".rstrip("_")


def _model(table: Sequence[str], kind: str) -> type[BaseModel]:
    match table:
        case ["project"]:
            return ProjectSection
        case ["prepare"]:
            return PrepareSection
        case ["targets", _]:
            return Target
        case ["attributes", _]:
            return AttributeSection
        case ["targets", _, "notify", _]:
            return channels()[kind].settings
    return Config


def _is_channel(loc: Sequence[int | str]) -> bool:
    return len(loc) > 3 and loc[0] == "targets" and loc[2] == "notify"


def _written_path(loc: Sequence[int | str]) -> tuple[str, ...]:
    """The part of an error's location that names keys, not list items or a union's branches."""
    return tuple(_until_branch(loc))


def _until_branch(loc: Sequence[int | str]) -> Iterator[str]:
    if _is_channel(loc):
        loc = (*loc[:4], *loc[5:6])  # between them stands the kind
        depth = 5
    else:
        depth = 4 if len(loc) > 2 and loc[0] == "targets" and loc[2] == "params" else 3
    depths = {"targets": depth, "attributes": 3}
    for part in loc[: depths.get(str(loc[0]), 2)]:
        if isinstance(part, int) or part == "[key]":
            return
        yield part


def _check_lint(raw: Mapping[str, Any], text: str, problems: Problems) -> None:
    warnings = {c.slug: c for c in catalog.codes().values() if c.severity is Severity.WARNING}
    errors = {c.slug: c for c in catalog.codes().values() if c.severity is Severity.ERROR}
    table = raw.get("lint")
    for slug in table if isinstance(table, dict) else ():
        if slug in warnings:
            continue
        place = locate(SETTINGS_FILE, text, ("lint", slug)) or Span(SETTINGS_FILE, 0, 0)
        problems.report(_wrong_slug(slug, place, warnings, errors))


def _wrong_slug(
    slug: str, place: Span, warnings: Mapping[str, Code], errors: Mapping[str, Code]
) -> Diagnostic:
    if slug in errors:
        message = f"`{slug}` ({errors[slug].id}) is an error: its level cannot be set"
        remedy = "leave it out: only the levels of warnings are set"
        return catalog.WRONG_SETTING.at(place, message).help(remedy)
    return catalog.UNKNOWN_KEY.at(place, f"no warning is called `{slug}`").help(
        did_you_mean(slug, warnings, what="warnings")
    )


def _without(
    raw: dict[str, Any], wrong: set[tuple[str, ...]], fallback_name: str
) -> dict[str, Any]:
    """The settings less those at the paths `wrong`; the project always has a name."""
    kept = cast("dict[str, Any]", _pruned(raw, (), wrong))
    section = kept.setdefault("project", {})
    section.setdefault("name", fallback_name)
    return kept


def _pruned(value: Any, path: tuple[str, ...], wrong: set[tuple[str, ...]]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: _pruned(item, (*path, key), wrong)
        for key, item in value.items()
        if (*path, key) not in wrong
    }
