"""The same data give the same bytes: whatever the threads, the host's time zone, the order of rows.

Each run is a process of its own, as on another machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from shop import compiled

from featdsl.project.load import load_project
from featdsl.runs.train import train

KEYS, ROWS = 900, 20_000
ORDERS = f"""
SELECT order_id, 1 + hash(order_id) % {KEYS} AS customer_id,
       TIMESTAMP '2026-01-01' - INTERVAL 1 MINUTE * (hash(order_id * 7) % 90000) AS ordered_at,
       ((hash(order_id * 11) % 1000000007) / 997.0)::DOUBLE
         * (CASE order_id % 3 WHEN 0 THEN -1 ELSE 1 END) AS amount,
       CASE order_id % 50 WHEN 0 THEN 0.0::DOUBLE WHEN 1 THEN -0.0::DOUBLE
         ELSE (order_id % 7) / 10.0::DOUBLE END AS weight,
       ((order_id * 13) % 10007)::DECIMAL(12, 2) / 100 AS price,
       [((order_id * 19) % 1013) / 7.0::DOUBLE, order_id / 3.0::DOUBLE] AS place,
       (order_id * 17) % 1009 AS points,
       CASE order_id % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'b' WHEN 2 THEN 'c' END AS state
FROM range({ROWS}) AS r(order_id)
"""
TEXT = """
namespace shop

entity customer {{
  key customer_id: int
}}

source orders {{
  from parquet "orders.parquet"
  key order_id
  time ordered_at
  entity customer
  columns {{
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      float
    weight:      float
    price:       decimal(12, 2)
    place:       list(float)
    points:      int
    state:       text
  }}
}}

features made for customer from orders {{
{features}
}}
"""
EXACT = """
  total = sum(price) over 30d
  mean = avg(price)
  n = count() over 7d
  states = count_distinct(state)
  newest = last(state)
  all = collect(points, last: 20)
  usual = mode(state)
  dear = max_by(state, price)
  best = top_k(state, 2)
  sizes = histogram(state)
  points_sum = sum(points where state = "a") over 30d
  share = total / sum(price)
  near = median(price)
"""
FLOATS = """
  total = sum(amount) over 30d
  some = sum(amount where state = "b")
  mean = avg(amount) over 60d
  spread = stddev(amount)
  spread_pop = stddev_pop(amount) over 30d
  var = variance(points)
  var_pop = variance_pop(price)
  together = corr(amount, points)
  both = covar(amount, weight)
  skew = skewness(amount)
  tails = kurtosis(amount)
  trend = slope(amount) over 60d
  fading = ewm_sum(points, half_life: 7d)
  mixed = entropy(state)
  mixed_floats = entropy(weight)
  middle = median(weight)
  high = quantile(amount, 0.9)
  about = approx_quantile(amount, 0.5)
  top = max(weight where weight <= 0.0)
  low = min(weight where weight >= 0.0)
  usual = mode(weight)
  centre = vec_avg(place)
  of_them = total / mean
"""
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe")
THREADS = (1, 2, 4)
SCRIPT = """
import json, sys
from pathlib import Path
from datetime import datetime
from featdsl.compiler.pipeline import compile_project
from featdsl.project.as_of import AsOf
from featdsl.project.load import load_project
from featdsl.runs.execute import run_project
found = {}
for name in sys.argv[1:]:
    project = load_project(Path(name))
    made = compile_project(project.texts, project.options)
    assert made.ok, made.diagnostics
    outcome = run_project(project, made, as_of=AsOf(datetime(2026, 1, 1), "test"))
    assert outcome.ok, outcome.diagnostics
    found[name] = [f.sha256 for o in outcome.record.outputs for f in o.files]
print(json.dumps(found))
"""


def project(folder: Path, features: str, *, threads: int, order: str, reproducible: bool) -> Path:
    """A project with its rows in some order."""
    (folder / "data").mkdir(parents=True)
    (folder / "featc.toml").write_text(
        f'[project]\nname = "shop"\nreproducible = {str(reproducible).lower()}\n'
        f"[targets.dev]\nthreads = {threads}\n"
    )
    (folder / "shop.feat").write_text(TEXT.format(features=features))
    file = folder / "data" / "orders.parquet"
    with duckdb.connect() as connection:
        query = f"COPY ({ORDERS} ORDER BY {order}) TO '{file}' (ROW_GROUP_SIZE 4096)"
        connection.execute(query)
    return folder


def hashes(zone: str, *projects: Path) -> list[str]:
    """What a process of a time zone publishes."""
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(len(zone))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, projects)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    return [digest for p in projects for digest in found[str(p)]]


def made(tmp_path: Path, features: str, *, reproducible: bool, whole: bool) -> Sequence[str]:
    """Hashes over all time zones, with a number of threads and an order of rows each, or all."""
    found: list[str] = []
    for i, zone in enumerate(ZONES):
        orders = ("order_id", f"hash(order_id + {i})", "order_id DESC")
        projects = [
            project(
                tmp_path / f"{i}{threads}",
                features,
                threads=threads,
                order=orders[(i + k + k * i) % 3],
                reproducible=reproducible,
            )
            for k, threads in enumerate(THREADS)
            if whole or k == i % 3
        ]
        found += hashes(zone, *projects)
    assert len(found) == len(ZONES) * (len(THREADS) if whole else 1)
    return found


QUICK_OR_WHOLE = pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.study)]
)


@QUICK_OR_WHOLE
def test_without_floats_the_bytes_are_always_the_same(tmp_path: Path, whole: bool) -> None:
    assert len(set(made(tmp_path, EXACT, reproducible=False, whole=whole))) == 1


@QUICK_OR_WHOLE
def test_with_floats_they_are_when_that_is_asked_for(tmp_path: Path, whole: bool) -> None:
    assert len(set(made(tmp_path, FLOATS, reproducible=True, whole=whole))) == 1


def test_with_floats_they_differ_else(tmp_path: Path) -> None:
    """What the test above would not see otherwise."""
    one, other = (
        project(tmp_path / str(len(order)), FLOATS, threads=2, order=order, reproducible=False)
        for order in ("order_id", "hash(order_id)")
    )
    first, second = hashes("UTC", one, other)
    assert first != second


DATASET = """
dataset visits for customer {
  spine orders at ordered_at
  include made.mean, made.spread, made.mixed
}
"""


def test_a_training_set_with_floats_is_the_same_on_any_threads(tmp_path: Path) -> None:
    found = set()
    for threads in THREADS:
        folder = project(
            tmp_path / str(threads),
            "  mean = avg(amount)\n  spread = stddev(points)\n  mixed = entropy(state)\n",
            threads=threads,
            order="order_id",
            reproducible=True,
        )
        feat = folder / "shop.feat"
        feat.write_text(feat.read_text() + DATASET)
        loaded = load_project(folder)
        outcome = train(loaded, compiled(loaded), "shop.visits")
        assert outcome.training is not None, outcome.diagnostics
        found.add(outcome.training.files[0].sha256)

    assert len(found) == 1
