"""Which commit a project's files belong to, where they are in a git repository."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from featdsl.store.record import Code

_SECONDS = 5.0
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def code_of(root: Path) -> Code | None:
    """The commit of a folder, and whether files in it differ from it.

    None where there is no repository, no commit, no git, or no answer in time.
    """
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    if commit is None or _COMMIT.fullmatch(commit) is None:
        return None
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    return None if changes is None else Code(commit=commit, dirty=bool(changes))


def _git(root: Path, *arguments: str) -> str | None:
    """Output of git; nothing that the repository's own settings name is run."""
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *arguments]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
