"""A process of the copy that has the libraries ready, and runs tests in a child of its own.

Starting Python and its libraries takes longer than most tests. The library that is spoilt is not
among those that are ready: each child reads it anew. A line of standard input has the words for
pytest and the seconds that it may take; the answer is a line with its status and what it said.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

READY = (
    "pytest numpy pandas scipy.stats statsmodels.api matplotlib.figure seaborn pydantic "
    "nbformat docx openpyxl pypdf PIL.Image rich nbclient"
)
"""Libraries that tests and the spoilt library use; none that brings pytest a plugin."""


def main() -> None:
    """Answer lines until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for name in READY.split():
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answered(asked["words"], asked["limit"])), file=answers, flush=True)


def answered(words: list[str], limit: float) -> dict[str, Any]:
    """Run pytest in a child, and give its status, none if it took too long, and its words."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        child = os.fork()
        if not child:
            _be_pytest(words, said)
        status, end = None, time.monotonic() + limit
        while status is None and time.monotonic() < end:
            done, found = os.waitpid(child, os.WNOHANG)
            if done:
                status = os.waitstatus_to_exitcode(found)
            else:
                time.sleep(0.05)
        if status is None:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return {"status": status, "text": said.read_text("utf-8", errors="replace")}


def _be_pytest(words: list[str], said: Path) -> None:
    import pytest  # noqa: PLC0415

    os.setsid()
    out = os.open(said, os.O_WRONLY | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for one, other in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(one, other)
    sys.path.insert(0, str(Path.cwd()))  # as `python -m pytest` does
    status = 70
    try:
        status = int(pytest.main(words))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
