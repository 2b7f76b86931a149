"""`featc check` of 1,000 features, and `featc --help`: wall time of cold processes, best of five.

python tests/benchmarks/check_speed.py [--features 1000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GROUP = """
## Group {g}.
features g{g} for customer from txn {{
  owner "a@example.com"
{body}
}}
"""
HEAD = """## Who buys.
entity customer { key customer_id: int }
## What was sold.
source txn {
  from parquet "txn.parquet"
  key  txn_id
  time sold_at available after 2h
  entity customer
  columns { txn_id: int  customer_id: int  sold_at: timestamp
            amount: decimal(12, 2)  qty: int  kind: text }
}
"""


def text(features: int, each: int = 20) -> str:
    groups = []
    for g in range(features // each):
        lines = []
        for i in range(each // 2):
            lines.append(
                f"  ## Spend {i}.\n  spend_{i} = sum(amount where qty > {i}) over {i + 1}d"
            )
            lines.append(
                f'  ## Share {i}.\n  share_{i} = count(where kind = "k{i}") / count() '
                f'over {i + 7}d {{ unit "ratio" }}'
            )
        groups.append(GROUP.format(g=g, body="\n".join(lines)))
    return HEAD + "".join(groups)


def best(command: list[str], runs: int = 5) -> float:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        return time.perf_counter() - start

    return min(once() for _ in range(runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", type=int, default=1000)
    args = parser.parse_args()
    featc = [sys.executable, "-m", "featdsl.cli.main"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "featc.toml").write_text('[project]\nname = "bench"\n')
        (project / "all.feat").write_text(text(args.features))
        check = best([*featc, "--project", folder, "check"])
    print(f"featc check, {args.features} features: {check:.2f} s wall")
    print(f"featc --help: {best([*featc, '--help']):.2f} s wall")


if __name__ == "__main__":
    main()
