"""What every test shares."""

from __future__ import annotations

import os
import signal

# The built wheel's smoke tests need to know where it is installed.
collect_ignore = [] if "FEATC_SMOKE" in os.environ else ["smoke"]

# Started in the background of a shell, a process ignores Ctrl-C, and so would what it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
