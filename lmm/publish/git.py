"""What git says of a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

_QUIET = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
)
"""Settings by which those of a folder, which may be anybody's, would name a program to run."""


def asked(folder: Path, *words: str) -> str | None:
    """Give what git says; None where it refuses, or is not on this machine."""
    quiet = [word for setting in _QUIET for word in ("-c", setting)]
    command = ["git", *quiet, "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return None if done.returncode else done.stdout.strip()
