"""The reference projects together show what the language can do, and no feature twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from till import analysed

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.diagnostics.model import Problems
from featdsl.ir import expr as ir
from featdsl.ir.program import Program, SpineGrid, SpineRows
from featdsl.ir.visit import walk
from featdsl.syntax import nodes
from featdsl.syntax.parse import parse

FOLDER = Path(__file__).parents[1] / "features"
PROJECTS = ("quickstart", "flights", "retail")


def texts(project: str) -> dict[str, str]:
    return {p.name: p.read_text("utf-8") for p in sorted((FOLDER / project).glob("*.feat"))}


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    return {project: analysed(texts(project), project=project)[0] for project in PROJECTS}


def written(items: Iterable[nodes.GroupItem]) -> Iterator[nodes.FeatureDecl]:
    """Features as they stand in the text: a family is one, and so is a line of a loop."""
    for item in items:
        if isinstance(item, nodes.FeatureDecl):
            yield item
        elif isinstance(item, nodes.ForDecl):
            yield from written(item.items)


def written_in(project: str) -> int:
    count = 0
    for name, text in texts(project).items():
        problems = Problems()
        module = parse(text, name, problems)
        assert problems.sorted() == []
        groups = [d for d in module.decls if isinstance(d, nodes.FeaturesDecl)]
        count += sum(1 for group in groups for _ in written(group.items))
    return count


def used(program: Program) -> Iterator[ir.Aggregate]:
    for feature in program.features():
        for node in walk(feature.expr):
            if isinstance(node, ir.Aggregate) and node.aggregate != ir.ROW_VALUE:
                yield node


def test_there_are_many_features_as_written():
    counts = {project: written_in(project) for project in PROJECTS}

    assert counts["retail"] >= 60
    assert sum(counts.values()) >= 200


def test_every_aggregate_is_used(programs):
    found = {node.aggregate for program in programs.values() for node in used(program)}

    # No project has vectors.
    assert found == set(aggregates()) - {"vec_avg"}
    assert len({node.aggregate for node in used(programs["retail"])}) >= 20


def test_no_two_features_are_alike_but_for_a_name(programs):
    alike = defaultdict(list)
    for program in programs.values():
        for name, prints in fingerprint_features(program).items():
            alike[prints.data].append(name)

    assert [names for names in alike.values() if len(names) > 1] == []


def test_every_kind_of_history_is_there(programs):
    sources = programs["retail"].sources.values()
    after = [s.available is not None and s.available.after is not None for s in sources]
    column = [s.available is not None and s.available.column is not None for s in sources]

    assert any(s.time is not None and s.available is None for s in sources)
    assert any(after)
    assert any(column)
    assert any(s.keep is not None for s in sources)
    assert any(s.valid is not None for s in sources)
    assert any(not s.has_history for s in sources)


def test_training_sets_have_both_kinds_of_spine_labels_splits_and_readers(programs):
    datasets = programs["retail"].datasets.values()

    assert {type(d.spine) for d in datasets} == {SpineRows, SpineGrid}
    assert all(d.labels and d.split_at and d.consumers for d in datasets)
    assert all(
        isinstance(node.window, ir.NextWindow)
        for group in programs["retail"].labels.values()
        for label in group.features.values()
        for node in walk(label.expr)
        if isinstance(node, ir.Aggregate)
    )


def test_every_form_of_window_is_there(programs):
    windows = {w for node in used(programs["retail"]) if isinstance(w := node.window, ir.Window)}

    assert any(w.start is None and w.end is None for w in windows)
    assert any(w.start is None and w.end is not None for w in windows)
    assert any(w.start is not None and w.end is not None for w in windows)
    assert {(w.start_closed, w.end_closed) for w in windows if w.start} == {
        (start, end) for start in (True, False) for end in (True, False)
    }
    assert any(w.start is not None and w.start.is_calendar for w in windows)
