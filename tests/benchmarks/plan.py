"""`featc plan` of 1,000 features with one changed column: CPU time of cold processes, best of five.

python tests/benchmarks/plan.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from thousand import thousand


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def best(command: list[str], status: int, runs: int = 5) -> float:
    def once() -> float:
        start = spent()
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == status, done.stderr.decode()
        return spent() - start

    return min(once() for _ in range(runs))


def main() -> None:
    project = thousand()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "featc.toml").write_text('[project]\nname = "big"\n')
        text = folder / "all.feat"
        text.write_text(project.text)
        featc = [sys.executable, "-m", "featdsl.cli.main", "--project", made]
        manifest = folder / "before.json"
        with manifest.open("wb") as out:
            subprocess.run([*featc, "compile", "--emit", "manifest"], stdout=out, check=True)
        text.write_text(project.text.replace("    c3: int\n", "    c3: decimal(12, 2)\n"))
        check = best([*featc, "check"], 0)
        plan = best([*featc, "plan", "--against", str(manifest), "--exit-code"], 3)
    print(f"featc check, 1,000 features: {check:.2f} s of CPU")
    print(f"featc plan, one changed column: {plan:.2f} s of CPU")


if __name__ == "__main__":
    main()
