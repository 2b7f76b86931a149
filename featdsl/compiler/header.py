"""What stands above a statement: what it is, from which texts and parameters, as of when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from featdsl import __version__
from featdsl.compiler.statements import AsOf, parameters_of
from featdsl.ir.program import Dataset, Group, Program, SpineRows
from featdsl.ir.text import parameter_text


def group_header(
    program: Program,
    group: Group,
    *,
    as_of: AsOf,
    parameter: str,
    fingerprint: str,
    files: Sequence[str],
) -> list[str]:
    """Lines about the features of a group; `parameter` is how an as-of time is handed in."""
    entity = program.entities[group.entity]
    lines = [
        f"{group.name}: {len(group.features)} features of each {entity.short}",
        *_left_out(group),
        *_made(program, (group.name,), fingerprint, files),
    ]
    match as_of:
        case "now":
            lines.append("as of: the time at which it runs")
        case "param":
            lines.append(f"as of: the parameter {parameter}, a timestamp in UTC")
        case _:
            lines.append(f"as of: {as_of.isoformat(sep=' ')} UTC")
    return lines


def _left_out(group: Group) -> list[str]:
    """What has no value before a request."""
    names = ", ".join(sorted(f.short for f in group.requests.values()))
    return [f"left out, since they rest on inputs: {names}"] if names else []


def dataset_header(
    program: Program,
    dataset: Dataset,
    groups: Sequence[str],
    *,
    fingerprint: str,
    files: Sequence[str],
) -> list[str]:
    """Lines about a training set."""
    counts = f"{len(dataset.columns)} features and {len(dataset.labels)} labels"
    lines = [
        f"{dataset.name}: training set, {counts} of each {dataset.entity.rpartition('.')[2]}",
        *_made(program, groups, fingerprint, files),
    ]
    if isinstance(dataset.spine, SpineRows):
        lines.append(f"as of: the column {dataset.spine.at} of each row of the spine")
    else:
        lines.append("as of: the column as_of")
    return lines


def _made(
    program: Program, groups: Iterable[str], fingerprint: str, files: Sequence[str]
) -> list[str]:
    """By whom, from what, with which parameters."""
    lines = [f"made by featc {__version__} from {', '.join(files) or 'text'}; edit that, not this"]
    if fingerprint:
        lines.append(f"fingerprint {fingerprint}")
    used = dict.fromkeys(name for group in groups for name in parameters_of(program, group))
    if used:
        shown = (parameter_text(p) for p in map(program.params.__getitem__, used))
        lines.append(f"parameters: {', '.join(shown)}")
    return lines


def one_line(text: str) -> str:
    """Text that cannot leave its comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
