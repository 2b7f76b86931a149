"""Look for every planted bug again, and keep the seeds that catch them.

python -m tests.harness.planted.seek [SECONDS A BUG] [NAME ...]
"""

from __future__ import annotations

import json
import sys

from tests.harness.planted.bugs import BUGS
from tests.harness.planted.hunt import SEEDS, hunt, known_seeds
from tests.harness.planted.plant import Gone


def main(arguments: list[str]) -> None:
    seconds, names = float(arguments[0]) if arguments else 20.0, arguments[1:]
    found = known_seeds()
    for bug in BUGS:
        if names and bug.name not in names:
            continue
        try:
            caught = hunt(bug, seconds)
        except Gone:
            print(f"gone: {bug.name}")
            continue
        found.pop(bug.name, None)
        if caught is not None:
            found[bug.name] = {caught[0]: caught[1]}
        SEEDS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
        print(f"{'not caught' if caught is None else caught}: {bug.name}", flush=True)
    print(f"{len(found)} of {len(BUGS)} caught")


if __name__ == "__main__":
    main(sys.argv[1:])
