"""How far `featc plan`'s seconds are from real runs: three whole runs, then runs of each group.

python tests/benchmarks/plan_cost.py [PROJECT ...]

Projects are folders of `features/`; each is copied, and its data are made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, ignore_patterns

from featdsl.compiler.pipeline import compile_project
from featdsl.impact.cost import cost_of, past_runs
from featdsl.project.load import load_project

FEATURES = Path(__file__).parents[2] / "features"
FEATC = [sys.executable, "-m", "featdsl.cli.main", "--project"]


def errors(folder: Path) -> list[tuple[str, float, float]]:
    """Of each run: what was computed, the seconds that were foretold, and those that it took."""

    def run(*selectors: str) -> float:
        subprocess.run([*FEATC, folder, "run", *selectors], check=True, capture_output=True)
        newest = past_runs(folder / "target", "dev", 1)
        assert newest[0].seconds is not None
        return newest[0].seconds

    for _ in range(3):
        run()
    project = load_project(folder, here_only=True, now=datetime.now(UTC), environment={})
    program = compile_project(project.texts, project.options).program
    named = {g: program.groups[g].short for g in program.groups if program.groups[g].features}
    asked = [("all", tuple(named)), *((short, (g,)) for g, short in named.items())][:5]
    foretold = [(name, cost_of(project, program, groups).seconds) for name, groups in asked]
    return [(n, s or 0.0, run(*(() if n == "all" else (n,)))) for n, s in foretold]


def main() -> None:
    for name in sys.argv[1:] or ("quickstart", "retail", "flights"):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) / name
            copytree(FEATURES / name, folder, ignore=ignore_patterns("target", "data"))
            subprocess.run([*FEATC, folder, "prepare"], check=True, capture_output=True)
            for what, told, took in errors(folder):
                print(f"{name} {what}: {told:.2f} s foretold, {took:.2f} s: {told / took:.2f}")


if __name__ == "__main__":
    main()
