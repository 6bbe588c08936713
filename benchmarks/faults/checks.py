"""The checks of the project, run on a copy: nbval, `make test`, `lmm verify`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.faults.private_copy import PrivateCopy

LIMIT = 900.0
"""Seconds for a check, unless said otherwise: a mutation may never end."""

COMMITTED = re.compile(
    r"notebooks(/|$)|tests/test_(notebooks|schema)\.py"
    r"|tests/test_pipeline\.py::test_what_is_committed|tests/test_project\.py::test_the_contract"
    r"|tests/test_simulation\.py::test_(committed|the_page_and_the_figure)"
)
"""Tests that compare with what is committed: whoever refreshes it takes their answer away."""


@dataclass(frozen=True)
class Answer:
    """What a check says of a copy.

    Attributes
    ----------
    caught
        Whether it objects.
    by
        The first test or line that does.
    """

    caught: bool
    by: str
    seconds: float


def run_pytest(
    copy: PrivateCopy,
    words: Sequence[str],
    *,
    limit: float = LIMIT,
    variables: Mapping[str, str] | None = None,
) -> Answer:
    """Run tests of a copy, and say which failed first."""
    command = [str(copy.python), "-m", "pytest", *PLAIN, *words]
    return _answer(*_run(command, copy.folder, limit, variables))


PLAIN = ("-p", "no:cacheprovider", "--tb=line")
QUICK = ("-m", "not slow")
"""The tests that `make test` has."""


def _answer(status: int | None, text: str, seconds: float) -> Answer:
    if status is None:
        return Answer(caught=True, by="time limit", seconds=seconds)
    if status == 4 and (missing := re.search(r"^ERROR: not found: .*", text, re.M)):
        raise SystemExit(f"{missing[0]}\nmeasure the tests anew: remove the work folder's reached")
    failed = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", text, re.M)
    by = failed[1] if failed else "pytest does not start" if status else ""
    return Answer(caught=status != 0, by=by, seconds=seconds)


def some_tests(copy: PrivateCopy, tests: Sequence[str], *, limit: float = LIMIT) -> Answer:
    """Run these tests in turn, until one fails; none catch nothing."""
    if not tests:
        return Answer(caught=False, by="", seconds=0)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as named:
        named.write("\n".join(tests))
        named.flush()
        start = time.perf_counter()
        words = [*PLAIN, "-x", "-n", "0", *QUICK, f"@{named.name}"]
        status, text = _warm(copy).run(words, limit)
        return _answer(status, text, round(time.perf_counter() - start, 1))


class Warm:
    """A process of the copy that has the libraries ready; see `benchmarks.faults.warm`."""

    def __init__(self, copy: PrivateCopy) -> None:
        self.process = subprocess.Popen(
            [str(copy.python), str(Path(__file__).parent / "warm.py")],
            cwd=copy.folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: Sequence[str], limit: float) -> tuple[int | None, str]:
        """Run pytest with these words."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps({"words": words, "limit": limit}), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        return answer["status"], answer["text"]


@cache
def _warm(copy: PrivateCopy) -> Warm:
    return Warm(copy)


def make_test(copy: PrivateCopy, variables: Mapping[str, str] | None = None) -> Answer:
    """Run what `make test` runs, until a test fails."""
    recipe = re.search(r"^test:.*\n\t\$\(BIN\)/python -m pytest (.*)$", _makefile(copy), re.M)
    if not recipe:
        return Answer(caught=True, by="no recipe of make test", seconds=0)
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', recipe[1])]
    return run_pytest(copy, [*words, "-x"], limit=4 * LIMIT, variables=variables)


def _makefile(copy: PrivateCopy) -> str:
    return (copy.folder / "Makefile").read_text("utf-8")


NBVAL = ("-x", "-n", "0", "--nbval", "--nbval-current-env", "-c", os.devnull, "--noconftest")
"""nbval by itself, without the settings and fixtures of the project."""


def nbval(copy: PrivateCopy, names: Sequence[str]) -> Answer:
    """Run nbval by itself on some of the committed notebooks, without the project's settings."""
    if not names:
        return Answer(caught=False, by="", seconds=0)
    return run_pytest(copy, [*NBVAL, "--rootdir", str(copy.folder), *names])


def opened_by_notebooks(copy: PrivateCopy) -> frozenset[str]:
    """Name the files of a copy that are opened while nbval runs its notebooks."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(NOTE_WHAT_IS_OPENED, "utf-8")
        names = sorted(str(path) for path in (copy.folder / "notebooks").glob("*.ipynb"))
        words = [*NBVAL, "--rootdir", str(copy.folder), *names]
        log = Path(folder) / "opened"
        if run_pytest(copy, words, variables={"PYTHONPATH": folder, "OPENED": str(log)}).caught:
            raise SystemExit("nbval objects to a copy without a fault")
        opened = map(Path, log.read_text("utf-8", errors="replace").splitlines())
        home = copy.folder
        return frozenset(
            path.relative_to(home).as_posix() for path in opened if path.is_relative_to(home)
        )


NOTE_WHAT_IS_OPENED = """\
import os, sys
log = os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def note(event, args):
    if event == "open" and isinstance(args[0], str):
        os.write(log, os.fsencode(os.path.abspath(args[0])) + b"\\n")
sys.addaudithook(note)
"""


def verify(copy: PrivateCopy, variables: Mapping[str, str] | None = None) -> Answer:
    """Run `lmm verify`."""
    command = [str(copy.python), "-m", "lmm", "verify"]
    status, text, seconds = _run(command, copy.folder, LIMIT, variables)
    lines = [line for line in text.splitlines() if line.strip()]
    return Answer(status != 0, lines[-1].strip() if status and lines else "", seconds)


def _run(
    command: Sequence[str], folder: Path, limit: float, variables: Mapping[str, str] | None
) -> tuple[int | None, str, float]:
    """Run a command and all that it starts; no status if it takes too long."""
    start = time.perf_counter()
    begun = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        text, _ = begun.communicate(timeout=limit)
        status = begun.returncode
    except subprocess.TimeoutExpired:
        os.killpg(begun.pid, signal.SIGKILL)
        text, _ = begun.communicate()
        status = None
    return status, text, round(time.perf_counter() - start, 1)


STEERING = ("PYTEST", "COV", "LMM", "OPENBLAS")


def _environment() -> dict[str, str]:
    """Give the variables of a check: the machine's, without those that steer tests."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(STEERING)}
    return {**kept, "PYTHONHASHSEED": "0"}
