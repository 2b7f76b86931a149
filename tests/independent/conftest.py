"""Makes the modules beside the tests importable, whatever featdsl is installed from."""

from __future__ import annotations

import sys
from pathlib import Path

# Last, so that an installed featdsl is what is tested.
sys.path.append(str(Path(__file__).resolve().parents[2]))
