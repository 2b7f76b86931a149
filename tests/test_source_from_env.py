"""Places of data that the environment names: passed in, and recorded as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from featdsl.compiler.embed import render_statement
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.failure import Failure
from featdsl.project.load import load_project
from featdsl.runs.execute import run_project
from tests.support.shop import AS_OF, ORDERS, codes, shop, told


def test_a_run_reads_where_the_variable_says_and_records_what_is_written(tmp_path: Path) -> None:
    shop(
        tmp_path,
        location='csv env("ORDERS") (delimiter = env("BETWEEN"))',
        data={"by-day/orders.csv": ORDERS},
    )
    there = {"ORDERS": "by-day/orders.csv", "BETWEEN": ","}
    project = load_project(tmp_path, environment=there)

    outcome = run_project(project, compile_project(project.texts, project.options), as_of=AS_OF)

    assert codes(outcome) == []
    (used,) = outcome.record.inputs
    assert (used.location, used.rows) == ('env("ORDERS")', 3)
    assert [f.path for f in used.files] == ["by-day/orders.csv"]
    assert used.options == {"delimiter": ","}


def test_the_variable_leads_nowhere_that_a_path_may_not(tmp_path: Path) -> None:
    shop(tmp_path, location='csv env("ORDERS")')
    project = load_project(tmp_path, environment={"ORDERS": str(tmp_path / "shop.feat")})

    outcome = run_project(project, compile_project(project.texts, project.options), as_of=AS_OF)

    assert codes(outcome) == ["FD0704"], told(outcome, project)


def test_the_value_of_a_variable_is_no_part_of_what_a_feature_means(tmp_path: Path) -> None:
    location = 'csv env("ORDERS") (nullstr = env("NONE"))'
    shop(tmp_path, location=location)
    manifests = []
    for place in ("a", "b"):
        project = load_project(tmp_path, environment={"ORDERS": f"{place}.csv", "NONE": place})
        manifests.append(compile_project(project.texts, project.options).manifest())

    assert manifests[0] == manifests[1]
    (source,) = manifests[0].sources
    assert source.location == 'env("ORDERS")'


def test_a_password_in_an_address_is_shown_nowhere(tmp_path: Path) -> None:
    shop(tmp_path, location='csv env("ORDERS")')
    there = {"ORDERS": "s3://me:hunter22@store/orders.csv"}
    project = load_project(tmp_path, environment=there)
    compilation = compile_project(project.texts, project.options)

    outcome = run_project(project, compilation, as_of=AS_OF)
    with pytest.raises(Failure) as refused:
        render_statement(compilation.program, "shop.spend", as_of=AS_OF.instant)

    assert codes(outcome) != []
    assert "hunter22" not in told(outcome, project)
    assert "hunter22" not in outcome.record.model_dump_json()
    (found,) = refused.value.diagnostics
    assert found.message.startswith(
        "SQL of `shop.spend`, which would show the password of `orders`"
    )
    text = render_statement(
        compilation.program, "shop.spend", as_of=AS_OF.instant, source_schema="raw"
    )
    assert "hunter22" not in text
