"""Checks of a study: its folder, and what a run has left there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import yaml

from lmm.publish import git
from lmm.publish.markdown import headings
from lmm.review.evidence.checks import NotMetError, check, code_of, demand, read
from lmm.review.evidence.measured import FILE, digest_of
from lmm.review.evidence.subject import Subject

ACCOUNT = ("cleaning_log", "rejected_rows", "row_accounting")


@check("version control", again="git log -1")
def version_control(subject: Subject) -> str:
    """Look for a commit."""
    demand(shutil.which("git"), "git is not on this machine")
    commit = git.asked(subject.home, "rev-parse", "--verify", "HEAD")
    demand(commit, "the folder is not under git, or nothing is committed")
    return "a git repository with commits"


@check("readme", again="make -n run")
def readme(subject: Subject) -> str:
    """Look for a section on how to begin, with a command in it."""
    text = read(subject.home / "README.md", subject.home)
    begins = next((each for each in headings(text) if "start" in each.words.lower()), None)
    if begins is None:
        raise NotMetError("README.md has no section on how to start")
    commands = re.findall(r"^(?:make|lmm) [\w-]+", text[begins.ends :].split("\n## ")[0], re.M)
    demand(commands, f'README.md: "{begins.words}" has no command')
    gone = [each for each in commands if not _is_command(each, code_of(subject))]
    demand(not gone, f'README.md: "{begins.words}" names what is not there: {", ".join(gone)}')
    return f'README.md, "{begins.words}": ' + ", ".join(f"`{each}`" for each in commands)


def _is_command(command: str, code: Path) -> bool:
    """Say whether the Makefile has a target, or the program a command."""
    name = re.escape(command.split()[1])
    if command.startswith("make "):
        return bool(re.search(rf"^{name}:", read(code / "Makefile", code), re.M))
    function = rf"^@main\.command\([^\n]*\n(?:[@ )][^\n]*\n)*def {name.replace('-', '_')}\("
    return bool(re.search(function, read(code / "lmm/cli.py", code), re.M))


@check("outputs", again="lmm verify")
def outputs(subject: Subject) -> str:
    """Compare what is kept with what the measured run has left, by one hash.

    The hash is kept in a file that can be changed like any other, so that this shows what is in
    step, and only making it again shows that it comes out.
    """
    measured = subject.measured
    if measured is None:
        raise NotMetError("no run was measured: lmm run, then lmm evidence")
    same = measured.made == digest_of(subject.study.outputs)
    demand(same, f"counts, tables or figures are not those of the run of {measured.day}: run again")
    return (
        f"the counts, tables and figures here are those whose hash the run of {measured.day} left "
        f"in {FILE}; whether they come out again is not seen from that, but by `lmm verify`"
    )


@check("logs", again="lmm run")
def logs(subject: Subject) -> str:
    """Look for the account of every row."""
    paths = [subject.study.processed / f"{name}.csv" for name in ACCOUNT]
    for path in paths:
        lines = read(path, subject.home).splitlines()
        is_account = len(lines) > 1 or (path.stem == "rejected_rows" and lines)  # perhaps none is
        demand(is_account, f"{path.name} has no rows")
        demand("table" in lines[0].split(","), f"{path.name} does not say of which table")
    return "data/processed: " + ", ".join(path.name for path in paths)


@check("tidy", again="lmm run")
def tidy(subject: Subject) -> str:
    """Look whether each row of the counts is one count, and each column one thing."""
    path = subject.study.outputs / "counts/released_counts.csv"
    read(path, subject.home)
    counts = pd.read_csv(path, dtype=str, keep_default_na=False)
    values = {"n", "status", "records"} & set(counts.columns)
    demand("n" in values, "released_counts.csv has no column n")
    keys = [name for name in counts.columns if name not in values]
    demand(not counts.duplicated(keys).any(), "released_counts.csv counts something twice")
    return (
        "outputs/counts/released_counts.csv has one row a count, each once; no other was looked at"
    )


@check("licence", again="head LICENSE")
def licence(subject: Subject) -> str:
    """Look whether the folder of the study states its licence."""
    return licence_of(subject.home)


def licence_of(home: Path) -> str:
    """Say which licence a folder states: that which CITATION.cff names, in the text of LICENSE."""
    text = read(home / "LICENSE", home)
    cited = yaml.safe_load(read(home / "CITATION.cff", home)) or {}
    name = str(cited.get("license") or "")
    demand(name, "CITATION.cff names no licence")
    words = [each for each in name.split("-") if each not in {"only", "or", "later"}]
    named = all(re.search(rf"\b{re.escape(each)}\b", text) for each in words)
    demand(named, f"LICENSE does not name {name}, which CITATION.cff names")
    return f"LICENSE names {name}, as CITATION.cff does"
