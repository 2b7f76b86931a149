"""Give the raw files of Chronon's quickstart types: times are milliseconds since 1970 there."""

from __future__ import annotations

from pathlib import Path

import duckdb

RAW = Path(__file__).parent / "raw"

TIMED = ("purchases", "returns", "checkouts")
"""Files with a column ``ts``."""


def prepare(target: Path) -> list[Path]:
    """Write ``<name>.parquet`` for each raw file."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    with duckdb.connect() as session:
        for file in sorted(RAW.glob("*.csv")):
            rows = session.read_csv(str(file))
            if file.stem in TIMED:
                rows = rows.project("* replace (make_timestamp(ts * 1000) as ts)")
            written.append(target / f"{file.stem}.parquet")
            rows.write_parquet(str(written[-1]))
    return written
