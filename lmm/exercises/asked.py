"""An answer is asked in a process of its own: whatever it does there, the check goes on.

The process is given its questions as JSON and writes one line for each answer into a file, so
that it is known which question it never came back from, and what it prints is in nobody's way.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lmm.exercises.exercise import wrong
from lmm.study.problems import nearest, shortened

SECONDS = 30
"""How long an answer may take over all of its questions; a right one takes two or three."""

Case = dict[str, Any]


def ask(
    file: Path,
    function: str,
    put: Callable[[Any, Case], Any],
    cases: Sequence[Case],
    seconds: float | None = None,
) -> Iterator[Any]:
    """Ask a student's function, and give its answers, one by one until there is none.

    Parameters
    ----------
    function
        Its name; "" if ``put`` needs the file alone, and is given its path in place of a function.
    put
        Puts one question to the function; a function of a module, as it is called over there.
    cases
        The questions, of which JSON can write everything.
    seconds
        How long it may take over all of them; by default `SECONDS`.

    Raises
    ------
    WrongError
        If the file cannot be read or run, holds no such function, or gives no answer; with the
        line, and the question.
    """
    if not file.is_file():
        raise wrong("is not there", "set the exercise up again: that brings back what is missing",
                    file=file.name)  # fmt: skip
    questions = {
        "file": str(file), "function": function, "cases": cases,
        "put": f"{put.__module__}:{put.__name__}",
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="lmm-", ignore_cleanup_errors=True) as place:
        said = Path(place) / "answers"
        said.touch()
        why, fix = _run(json.dumps(questions), said, seconds or SECONDS)
        whole = [line for line in said.read_text("utf-8").splitlines(True) if line.endswith("\n")]
    for case, line in zip_longest(cases, whole):
        at = f" (asked for {shown(case)})" if function else ""
        if line is None:
            raise wrong(f"{why}{at}", fix, file=file.name)
        told = json.loads(line)
        if "why" in told:
            raise wrong(told["why"] + at * told["asked"], file=file.name, line=told["line"])
        yield told["answer"]


def shown(case: Case) -> str:
    """Write a question as a call has it; what is long is only named."""
    parts = [f"{name}={value!r}" for name, value in case.items()]
    return ", ".join(p if len(p) < 60 else f"{p.split('=')[0]}=…" for p in parts)


def _run(questions: str, said: Path, seconds: float) -> tuple[str, str]:
    """Run the process to its end, and say how it ended; its whole group ends with it."""
    here = {**os.environ, "TMPDIR": str(said.parent)}  # what it leaves behind goes with the answers
    command = [sys.executable, "-W", "ignore", "-P", "-m", __name__, str(said)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        encoding="utf-8", env=here, start_new_session=True,
    )  # fmt: skip
    try:
        process.communicate(questions, timeout=seconds)
        return "Python ended before there was an answer", "does it leave Python, or take it down?"
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:.12g} seconds", "does a loop never end?"
    finally:
        if os.name == "posix":  # also where it came to its end: what it started may not have
            with suppress(ProcessLookupError, PermissionError):  # there is nobody left
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


# --- over there ---------------------------------------------------------------------------


def answer(asked: dict[str, Any], said: Path) -> None:
    """Put each question to the function, and write what it answers, or why it does not."""
    file, has_asked = Path(asked["file"]), False
    module, _, name = asked["put"].partition(":")
    put = getattr(import_module(module), name)
    with said.open("w", encoding="utf-8") as answers:
        try:
            function = _function(file, asked["function"]) if asked["function"] else file
            has_asked = True
            for case in asked["cases"]:
                line = json.dumps({"answer": plain(put(function, case))})
                print(line, file=answers, flush=True)
        except BaseException as error:  # a student's function may raise anything, even SystemExit
            number, why = _place(error, file)
            told = {"why": why, "line": number, "asked": has_asked}
            print(json.dumps(told), file=answers, flush=True)


class NoAnswerError(Exception):
    """There is no function to ask, or its answer is of no kind that could be right."""


def _function(file: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise NoAnswerError("is no Python file")
    sys.path.append(str(file.parent))  # last: a file of the student's is no library
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    if not callable(function := getattr(module, name, None)):
        known = [each for each, what in vars(module).items() if callable(what)]
        meant = nearest(name, known)
        raise NoAnswerError(
            f"holds no function called {name}"
            + (f"; is it the one called {meant}?" if meant else "; write it, or bring it back")
        )
    found: Callable[..., Any] = function
    return found


def _place(error: BaseException, file: Path) -> tuple[int, str]:
    """Give the line of the student's file in which it went wrong, and what did."""
    if isinstance(error, NoAnswerError):
        return 0, str(error)
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno or 0, f"Python cannot read this line: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    words = shortened(" ".join(str(error).split()))[:300]
    return (lines[-1] if lines else 0) or 0, f"{type(error).__name__}: {words}".rstrip(": ")


def plain(value: Any) -> Any:
    """Give an answer as JSON has it: numbers of numpy as numbers, tuples as lists."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return plain(value.item())
    raise NoAnswerError(f"gives a {type(value).__name__}; see what the docstring says it gives")


if __name__ == "__main__":
    answer(json.load(sys.stdin), Path(sys.argv[1]))
