"""Commands that pages show: each is one that `lmm` or `make` takes, with values that it takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from lmm.cli import main
from lmm.study.parameters import Parameters, parse_settings
from lmm.study.problems import StudyError
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "examples/*/README.md"]
STUDY = read_study(ROOT)


def shown(program: str) -> list[tuple[str, str]]:
    """Give what follows a program in blocks of code and where a sentence names it, by page."""
    found = set()
    for path in (path for page in PAGES for path in ROOT.glob(page)):
        text = path.read_text("utf-8").replace("\\\n", " ")
        blocks = "\n".join(re.findall(r"^```.*?^```$", text, flags=re.M | re.S))
        lines = re.findall(rf"^(?:\.venv/bin/)?{program} ([A-Za-z].*)$", blocks, flags=re.M)
        named = re.findall(rf"`{program} ([A-Za-z][^`]*)`", text)
        found |= {(path.relative_to(ROOT).as_posix(), line.strip()) for line in [*lines, *named]}
    return sorted(found)


def problem(command: str) -> str:
    """Say what `lmm` would object to, besides files that are not here and words left out."""
    words = shlex.split(command.partition(">")[0], comments=True)
    if words[0] not in main.commands:
        return f"no command {words[0]}"
    taken = main.commands[words[0]]
    try:
        context = taken.make_context(words[0], words[1:])
        Parameters.of(STUDY, parse_settings(context.params.get("settings", ())))
    except (click.UsageError, StudyError) as error:
        options = {option for each in taken.params for option in each.opts}
        known = {word for word in words if word.startswith("-")} <= options
        left_out = isinstance(error, click.MissingParameter | click.BadOptionUsage)
        return "" if known and (left_out or "does not exist" in str(error)) else str(error)
    return ""


@pytest.mark.parametrize(("page", "command"), shown("lmm"))
def test_a_command_that_a_page_shows_is_taken(page: str, command: str) -> None:
    assert not problem(command), page


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("run --set period_end=2020-03-72", "period_end"),
        ("run --set period_end=2030-03-22", "outside the study's period"),
        ("run --set confidence=9   # another", "confidence"),
        ("run --set konfidence=0.9", "konfidence"),
        ("run --internals", "--internals"),
        ("new --form", "--form"),
        ("register --plan lost.docx --becaus", "--becaus"),
        ("walk", "no command walk"),
    ],
)
def test_one_that_is_not_is_told(command: str, why: str) -> None:
    assert why in problem(command)


@pytest.mark.parametrize(("page", "command"), shown("make"))
def test_a_target_that_a_page_shows_is_in_the_makefile(page: str, command: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = [word for word in shlex.split(command, comments=True) if "=" not in word]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), page


def test_the_commands_that_are_looked_through_are_there() -> None:
    commands = {command.split()[0] for _, command in shown("lmm")}
    assert {"run", "check", "new", "verify", "trace", "register"} <= commands
    assert {"run", "test", "lock"} <= {command.split()[0] for _, command in shown("make")}
