"""SQL of features and training sets, as `featc compile` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from featdsl.api.arguments import Moment, Selection, chosen, present, read_moment, selectors
from featdsl.api.errors import argument_error, unknown
from featdsl.compiler.embed import Shape
from featdsl.dialects.registry import dialects
from featdsl.ir.program import Program
from featdsl.runs.embed import Embedding, dataset_statement, group_statements

Form = Literal["select", "view", "table", "macro", "dataset"]
FORMS: tuple[str, ...] = get_args(Form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is made, for which engine, and where.

    Raises:
        ValueError: there is no such form or dialect.
    """

    form: Form
    dialect: str
    schema: str | None
    source_schema: str | None

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise unknown("form of SQL", self.form, FORMS)
        if self.dialect not in dialects():
            raise unknown("dialect", self.dialect, dialects())

    @property
    def embedding(self) -> Embedding:
        return Embedding(
            shape=Shape.SELECT if self.form == "dataset" else Shape(self.form),
            dialect=self.dialect,
            schema=self.schema,
            source_schema=self.source_schema,
        )

    def moment(
        self, as_of: Moment | None, setting: datetime | None
    ) -> datetime | Literal["now", "param"]:
        """The as-of time of a statement.

        Raises:
            ValueError, TypeError: it is no instant, or the form cannot have it.
        """
        text = as_of.strip().lower() if isinstance(as_of, str) else as_of
        if self.form == "macro":
            if text not in (None, "param"):
                raise argument_error("a macro is called with its as-of time", "leave `as_of` out")
            return "param"
        match text:
            case "param" if self.form == "select":
                return "param"
            case "param":
                message = f"a {self.form} cannot have a parameter"
                raise argument_error(message, 'name a moment, or `as_of="now"`')
            case "now":
                return "now"
            case "today":
                return read_moment(present().date())
            case None:
                return setting or ("param" if self.form == "select" else "now")
        return read_moment(as_of)


def statements(
    program: Program,
    selection: Selection,
    target: Target,
    *,
    as_of: Moment | None,
    setting: datetime | None,
) -> list[str]:
    """A text for each group of selected features, then for each data set that is named.

    Raises:
        Failure: a selector matches nothing, or the dialect cannot say it.
        ArgumentError: an argument has no meaning.
    """
    datasets, rest = _named_datasets(program, selection)
    if target.form == "dataset":
        datasets = _only_datasets(program, selection, datasets, rest)
        rest = []
    for name in datasets:
        if program.datasets[name].spine is None:
            raise argument_error(f"`{program.datasets[name].short}` has no spine of its own")
    if datasets and (as_of is not None or target.form == "macro"):
        raise argument_error("a training set has the times of its own spine")
    found: list[str] = []
    if rest or not datasets:
        moment = target.moment(as_of, setting)
        groups = chosen(program, rest or selection)
        found += group_statements(program, groups, target.embedding, as_of=moment).values()
    return found + [dataset_statement(program, name, target.embedding) for name in datasets]


def _only_datasets(
    program: Program, selection: Selection, named: list[str], rest: list[str]
) -> list[str]:
    """The data sets that are named; without a selection all.

    Raises:
        ArgumentError: something else is selected, or nothing.
    """
    if rest:
        raise unknown("data set", rest[0], (d.short for d in program.datasets.values()))
    found = named if selection is not None else list(program.datasets)
    if not found:
        raise argument_error("there is no data set" if selection is None else "none is selected")
    return found


def _named_datasets(program: Program, selection: Selection) -> tuple[list[str], list[str]]:
    """Full names of the data sets that are selected, and the other selectors."""
    by_name = {n: full for full, d in program.datasets.items() for n in (full, d.short)}
    given = selectors(selection)
    named = [by_name[s] for s in given if s in by_name]
    return list(dict.fromkeys(named)), [s for s in given if s not in by_name]
