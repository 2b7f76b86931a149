"""A small project on the disk for tests of running: orders, products, customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project, load_project
from featdsl.runs.execute import Outcome, run_project

AS_OF = AsOf(datetime(2026, 2, 1), "test")

ORDERS = """\
order_id,customer_id,ordered_at,amount,status
1,1,2026-01-10 10:00:00,10.00,paid
2,1,2026-01-20 10:00:00,20.50,paid
3,2,2026-01-25 10:00:00,5.25,open
"""

TEXT = """\
namespace shop

entity customer {{
  key customer_id: int
}}

source orders {{
  from {location}
  key order_id
  time ordered_at
  entity customer
  columns {{
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      {amount}
    status:      text
  }}
{more}
}}

features spend for customer from orders {{
  spend_30d = sum(amount) over 30d
  orders_30d = count() over 30d
{features}
}}
"""


def shop(
    folder: Path,
    *,
    location: str = 'csv "orders.csv"',
    amount: str = "decimal(12, 2)",
    more: str = "",
    features: str = "",
    text: str | None = None,
    data: Mapping[str, str | bytes] | None = None,
    settings: str = "",
) -> Project:
    """Write a project and load it; without `data` it has the three orders."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, content in ({"orders.csv": ORDERS} if data is None else data).items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    (folder / "featc.toml").write_text(f'[project]\nname = "shop"\n{settings}', encoding="utf-8")
    written = text or TEXT.format(location=location, amount=amount, more=more, features=features)
    (folder / "shop.feat").write_text(written, encoding="utf-8")
    return load_project(folder)


def compiled(project: Project) -> Compilation:
    """The compilation of a project that has no errors."""
    compilation = compile_project(project.texts, project.options)
    assert compilation.ok, render_text(compilation.diagnostics, project.readable)
    return compilation


def run(project: Project, **settings: Any) -> Outcome:
    """Run a project as of the first of February 2026."""
    return run_project(project, compiled(project), **{"as_of": AS_OF, **settings})


def codes(outcome: Outcome) -> list[str]:
    """Codes of what a run tells."""
    return [d.code.id for d in outcome.diagnostics]


def told(outcome: Outcome, project: Project) -> str:
    """All that a run tells, as text."""
    return render_text(outcome.diagnostics, project.readable)


@dataclass(frozen=True, slots=True)
class Published:
    """A published set as readers find it."""

    run: str
    rows: list[tuple[Any, ...]]


def published(project: Project, group: str = "shop.spend", out: Path | None = None) -> Published:
    """Follow a set's pointer, check the hashes it names, and read its rows."""
    import json

    import duckdb

    from featdsl.files.digest import sha256

    target = out or project.target_dir
    pointers = json.loads((target / "current" / "dev.json").read_text(encoding="utf-8"))
    pointer = pointers["sets"][group]
    (file,) = pointer["files"]
    path = target / "data" / pointer["folder"] / file["path"]
    assert sha256(path) == file["sha256"]
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT * FROM read_parquet($path)", {"path": str(path)})
        return Published(pointer["run"], rows.fetchall())
