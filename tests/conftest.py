"""What every test shares."""

from __future__ import annotations

import os

# The built wheel's smoke tests need to know where it is installed.
collect_ignore = [] if "FEATC_SMOKE" in os.environ else ["smoke"]
