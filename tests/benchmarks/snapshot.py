"""200 features of 200 k keys over 10 M rows: `featc run` against one GROUP BY with 200 FILTERs.

Both are processes of their own, read the same Parquet and write Parquet sorted by key; CPU is user
and system time of the process. Values are compared cell by cell. Prints a table with versions.

    python tests/benchmarks/snapshot.py [FOLDER] [--rows 10_000_000] [--keys 200_000] [--runs 1]
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

WINDOWS = (7, 14, 30, 90, 365)
FILTERS = {
    "all": None,
    "premium": "premium",
    "imported": "imported",
    "many": "qty >= 3",
    "food": "category = 'food'",
    "wine": "category = 'wine'",
    "home": "category = 'home'",
    "toys": "category = 'toys'",
}
AGGREGATES = {
    "n": ("count", None),
    "spend": ("sum", "amount"),
    "most": ("max", "amount"),
    "weight": ("avg", "weight"),
    "items": ("sum", "qty"),
}
AS_OF = "2025-12-01"
FLOATS = {"weight"}
THREADS, MEMORY = 2, "8GB"


def make_data(path: Path, rows: int, keys: int) -> None:
    con = duckdb.connect()
    con.execute(f"SET threads = {THREADS}")
    con.execute("SELECT setseed(0.42)").fetchall()
    con.execute(
        f"""COPY (
          SELECT (random() * {keys})::BIGINT AS customer_id,
                 TIMESTAMP '2023-12-01' + to_seconds((random() * 730 * 86400)::BIGINT) AS sold_at,
                 round((random() * 10000)::DECIMAL(18, 4), 2)::DECIMAL(12, 2) AS amount,
                 random() * 50 AS weight,
                 (random() * 5)::BIGINT AS qty,
                 random() < 0.15 AS premium,
                 random() < 0.05 AS imported,
                 ['food', 'wine', 'home', 'toys', 'misc'][1 + (random() * 4.99)::INT % 5]
                   AS category
          FROM range({rows})
        ) TO '{path}' (FORMAT parquet)"""
    )
    con.close()


def project_text() -> str:
    windows = ", ".join(f"{w}d" for w in WINDOWS)
    lines = []
    for f, condition in FILTERS.items():
        where = f" where {condition}".replace("'", '"') if condition else ""
        for a, (aggregate, column) in AGGREGATES.items():
            call = f"{aggregate}({column or ''}{where})".replace("( ", "(")
            lines.append(f"  {a}_{f}[{windows}] = {call}")
    body = "\n".join(lines)
    return f"""entity customer {{ key customer_id: int }}
source txn {{
  from parquet "txn.parquet"
  time sold_at
  entity customer
  columns {{ customer_id: int  sold_at: timestamp  amount: decimal(12, 2)  weight: float
            qty: int  premium: bool  imported: bool  category: text }}
}}
features wide for customer from txn {{
{body}
}}
"""


def filter_query(data: Path) -> str:
    """What an expert writes by hand; columns in the order and types of ours."""
    items = []
    for f, condition in FILTERS.items():
        for a, (aggregate, column) in AGGREGATES.items():
            for w in WINDOWS:
                where = [f"sold_at >= TIMESTAMP '{AS_OF}' - INTERVAL {w} DAY"]
                where += [condition] if condition else []
                value = f"{aggregate}({column or '*'}) FILTER (WHERE {' AND '.join(where)})"
                value = f"CAST({value} AS DECIMAL(38, 0))" if a == "items" else value
                items.append(f"{value} AS {a}_{f}_{w}d")
    columns = ",\n  ".join(items)
    return f"""SELECT customer_id, {columns}
FROM '{data}' WHERE sold_at < TIMESTAMP '{AS_OF}' GROUP BY customer_id ORDER BY customer_id"""


def cpu_of(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_hand(data: Path, out: Path) -> float:
    code = (
        "import duckdb, sys\n"
        "con = duckdb.connect()\n"
        f"con.execute(\"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'\")\n"
        "con.execute(sys.stdin.read())"
    )
    script = out.with_suffix(".py")
    copy = f"COPY ({filter_query(data)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    script.write_text(code.replace("sys.stdin.read()", repr(copy)))
    return cpu_of([sys.executable, str(script)])


def with_featc(project: Path, out: Path) -> float:
    command = [sys.executable, "-m", "featdsl.cli.main", "--project", str(project)]
    return cpu_of([*command, "run", "--as-of", AS_OF, "--out", str(out)])


def differences(ours: Path, theirs: Path) -> int:
    tests = []
    for f in FILTERS:
        for a in AGGREGATES:
            for w in WINDOWS:
                name = f"{a}_{f}_{w}d"
                x, y = f"o.{name}", f"t.{name}"
                if a in FLOATS:
                    tests.append(f"({x} IS NULL) <> ({y} IS NULL)")
                    tests.append(f"abs({x} - {y}) > 1e-9 * abs({y})")
                else:
                    tests.append(f"{x} IS DISTINCT FROM {y}")
    con = duckdb.connect()
    query = f"""SELECT count(*) FROM '{ours}' o FULL JOIN '{theirs}' t USING (customer_id)
      WHERE o.n_all_7d IS NULL OR t.n_all_7d IS NULL OR {" OR ".join(tests)}"""
    found = con.execute(query).fetchall()[0][0]
    con.close()
    return int(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp())
    project = folder / "project"
    (project / "data").mkdir(parents=True, exist_ok=True)
    data = project / "data" / "txn.parquet"
    if not data.exists():
        make_data(data, args.rows, args.keys)
    limits = f'[targets.dev]\nengine = "duckdb"\nthreads = {THREADS}\nmemory_limit = "{MEMORY}"\n'
    (project / "featc.toml").write_text(
        '[project]\nname = "bench"\n\n[lint]\nmissing-description = "off"\n'
        f'missing-owner = "off"\n\n{limits}'
    )
    (project / "wide.feat").write_text(project_text())
    print(f"python {platform.python_version()}, duckdb {duckdb.__version__}, {args.rows:,} rows")
    for _ in range(args.runs):
        ours = with_featc(project, folder / "out")
        theirs = by_hand(data, folder / "by_hand.parquet")
        found = next((folder / "out").rglob("*.parquet"))
        wrong = differences(found, folder / "by_hand.parquet")
        print(
            f"featc run {ours:.1f} s CPU, one GROUP BY with FILTERs {theirs:.1f} s: "
            f"1/{theirs / ours:.1f}; rows that differ: {wrong}"
        )


if __name__ == "__main__":
    main()
