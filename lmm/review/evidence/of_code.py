"""Checks of the code: how it is written, tested, packed and looked after."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lmm import __version__
from lmm.review.evidence.checks import NotMetError, check, code_of, demand, read
from lmm.review.evidence.subject import Subject
from lmm.review.verify.lock import problems

WORKFLOWS = ".github/workflows"


@check("open language", again="grep -h '\"language\"' notebooks/*.ipynb")
def open_language(subject: Subject) -> str:
    """Look which language the notebooks are in."""
    code = code_of(subject)
    found = {_language(path) for path in _notebooks(code)}
    demand(found == {"python"}, f"notebooks are in {', '.join(sorted(found)) or 'no language'}")
    return "every notebook, and the library that it calls, is Python"


def _language(path: Path) -> str:
    kernel: dict[str, str] = json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]
    return kernel.get("language", "no language")


@check("documented", again="make lint docs")
def documented(subject: Subject) -> str:
    """Look for a docstring of everything that is public, and for the pages."""
    code = code_of(subject)
    bare = [f"{path.relative_to(code).as_posix()}: {name}"
            for path in _modules(code) for name in _without_docstring(path)]  # fmt: skip
    demand(not bare, "no docstring: " + ", ".join(bare[:3]))
    pages = ("docs/your-service.md", "docs/design.md", "docs/methods.md")
    for page in pages:
        demand(read(code / page, code).strip(), f"{page} is empty")
    return "every public function and class of lmm has a docstring; " + ", ".join(pages)


def _modules(code: Path) -> list[Path]:
    found = sorted((code / "lmm").rglob("*.py"))
    demand(found, "there is no library lmm")
    return found


def _notebooks(code: Path) -> list[Path]:
    found = sorted(code.glob("notebooks/[0-9]-*.ipynb"))
    demand(found, "there are no notebooks")
    return found


def _without_docstring(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    for node in (tree, *(each for each in tree.body if isinstance(each, kinds))):
        name = getattr(node, "name", "the module")
        if not name.startswith("_") and not ast.get_docstring(node):
            yield name


@check("layout", again="python -m pytest tests/test_project.py")
def layout(subject: Subject) -> str:
    """Look whether what README shows of the folders is there, and the usual ones are shown."""
    code = code_of(subject)
    tree = re.search(r"## What is where\n\n```\n(.*?)```", read(code / "README.md", code), re.S)
    if tree is None:
        raise NotMetError("README.md shows no folders")
    shown = [line.split()[0] for line in tree[1].splitlines() if line and line[0] != " "]
    gone = [name for name in shown if not (code / name).exists()]
    demand(not gone, f"README.md shows what is not there: {', '.join(gone)}")
    usual = {"data/raw/", "docs/", "lmm/", "notebooks/", "outputs/", "tests/"}
    lacking = sorted(usual - set(shown))
    demand(not lacking, f"not among the folders of README.md: {', '.join(lacking)}")
    return "data, docs, library, notebooks, outputs and tests apart, as README.md shows them"


@check("functions", again="python -m pytest tests/test_notebooks.py")
def functions(subject: Subject) -> str:
    """Look whether notebooks define nothing, and call the library."""
    code = code_of(subject)
    for path in _notebooks(code):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = "\n".join("".join(each["source"]) for each in cells if each["cell_type"] == "code")
        tree = ast.parse(source)
        own = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        demand(not own, f"{path.name} defines functions of its own")
        demand("from lmm." in source, f"{path.name} does not call the library")
    return "notebooks define no function, and call those of lmm"


@check("style", again="make lint")
def style(subject: Subject) -> str:
    """Run the linter and the formatter over the library."""
    code = code_of(subject)
    _modules(code)
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", "lmm"]
        done = subprocess.run(command, cwd=code, capture_output=True, text=True, check=False)
        why = (done.stderr or done.stdout).strip().splitlines()[-1:] or [""]
        demand(not done.returncode, f"ruff {' '.join(words)}: {why[0]}")
    return "ruff finds nothing in lmm, by the rules of pyproject.toml, and would format nothing"


@check("tests", again="make test")
def tests(subject: Subject) -> str:
    """Look for test functions, for the comparison of notebooks, and whether CI runs both."""
    code = code_of(subject)
    found = [(path, *_tests(path)) for path in sorted(code.glob("tests/test_*.py"))]
    number = sum(many for _, many, _ in found)
    demand(number, "tests has no test")
    idle = [path.name for path, many, asserted in found if many and not asserted]
    demand(not idle, f"no test asserts anything in {', '.join(idle[:3])}")
    settings = _pyproject(code)["tool"]["pytest"]["ini_options"]
    back = "--nbval" in settings["addopts"] and "notebooks" in settings["testpaths"]
    demand(back, "pyproject.toml compares no committed notebook")
    demand("make test\n" in read(code / ".ci/run", code), ".ci/run does not run make test")
    hundreds = number // 100 * 100 or number  # not each new test is to change the page
    return (
        f"at least {hundreds} test functions in tests, of which some assert in every file, and "
        "committed notebooks compared output by output; .ci/run has both"
    )


def _tests(path: Path) -> tuple[int, bool]:
    """Say how many test functions a file has, and whether any statement of it asserts."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    many = sum(isinstance(each, ast.FunctionDef) and each.name[:5] == "test_" for each in nodes)
    raises = {"raises", "fail", "warns"}
    asserted = any(
        isinstance(each, ast.Assert) or (isinstance(each, ast.Attribute) and each.attr in raises)
        for each in nodes
    )
    return many, asserted


def _pyproject(code: Path) -> dict[str, Any]:
    return tomllib.loads(read(code / "pyproject.toml", code))


@check("dependencies", again="python -m pytest tests/test_project.py")
def dependencies(subject: Subject) -> str:
    """Look whether the lock is sound, and pins every package that is declared, each by hash."""
    code = code_of(subject)
    _pyproject(code)
    read(code / "requirements.txt", code)
    wrong = problems(code)
    demand(not wrong, "; ".join(map(str, wrong[:3])))
    demand(read(code / "environment.yml", code).strip(), "environment.yml is empty")
    return "pyproject.toml, requirements.txt with every package by hash, environment.yml"


@check("package", again="python -m hatchling build -t wheel")
def package(subject: Subject) -> str:
    """Look for what builds a package, and what it is called."""
    code = code_of(subject)
    declared = _pyproject(code)
    demand("build-system" in declared, "pyproject.toml has no build-system")
    demand(declared["project"].get("scripts"), "the package installs no command")
    return f"the package lmm {__version__}, with the command lmm"


SCHEMA = "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml"


@check("continuous integration", again=SCHEMA)
def continuous_integration(subject: Subject) -> str:
    """Look for a workflow that runs the tests on a change."""
    return _workflow(code_of(subject), {"push", "pull_request"}, "make test")


@check("timetable", again=SCHEMA)
def timetable(subject: Subject) -> str:
    """Look for a workflow that makes the outputs by a timetable."""
    return _workflow(code_of(subject), {"schedule"}, "make run")


def _workflow(code: Path, events: set[str], command: str) -> str:
    for path in sorted((code / WORKFLOWS).glob("*.yml")):
        declared = yaml.safe_load(path.read_text("utf-8")) or {}
        on = declared.get(True, declared.get("on", {}))  # YAML 1.1 reads `on` as true
        if events <= set(on) and command in _commands(declared):
            return f"{WORKFLOWS}/{path.name} runs `{command}` on {', '.join(sorted(events))}"
    raise NotMetError(f"no workflow runs `{command}` on {', '.join(sorted(events))}")


def _commands(workflow: dict[str, Any]) -> set[str]:
    """Give the lines that the steps of a workflow run."""
    jobs = workflow.get("jobs") or {}
    steps = [step for job in jobs.values() for step in job.get("steps") or []]
    runs = (str(step.get("run", "")) for step in steps)
    return {line.strip() for run in runs for line in run.splitlines()}


@check("changelog", again="python -m pytest tests/test_project.py")
def changelog(subject: Subject) -> str:
    """Look whether the first heading of the log is the version of the library."""
    code = code_of(subject)
    found = re.search(r"^## (.*)$", read(code / "CHANGELOG.md", code), re.M)
    demand(found and found[1] == __version__, f"CHANGELOG.md does not begin with {__version__}")
    return f"CHANGELOG.md, by version; the first is that of the library, {__version__}"


DRAW_AFRESH = {"exercises", "forking.py"}
"""What makes no result: exercises, and what gives each kernel a generator of its own."""


@check("seeded", again="python -m pytest tests/test_pipeline.py")
def seeded(subject: Subject) -> str:
    """Look whether every generator of random numbers in what makes results is given a seed."""
    code = code_of(subject)
    loose = [
        f"{path.relative_to(code).as_posix()}, line {line}"
        for path in _modules(code)
        if DRAW_AFRESH.isdisjoint(path.relative_to(code).parts)
        for line in _unseeded(ast.parse(path.read_text("utf-8")))
    ]
    demand(not loose, "random numbers without a seed: " + ", ".join(loose))
    return "every generator of random numbers in what makes results is given a seed"


def _unseeded(tree: ast.Module) -> Iterator[int]:
    """Give the lines that make a generator without a seed, or draw from that of everybody."""
    known = dict(_imported(tree))
    for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        first, dot, rest = ast.unparse(call.func).partition(".")
        name = f"{known.get(first, '')}{dot}{rest}"
        given = [*call.args, *(each.value for each in call.keywords)]
        seeds = [x for x in given if not (isinstance(x, ast.Constant) and x.value is None)]
        if re.fullmatch(r"numpy\.random\.[A-Z]\w*|numpy\.random\.default_rng|random\.Random", name):
            if not seeds:
                yield call.lineno
        elif re.fullmatch(r"(numpy\.)?random\.\w+", name):
            yield call.lineno


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give each imported name with what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield (each.asname, each.name) if each.asname else (each.name.split(".")[0],) * 2
        if isinstance(node, ast.ImportFrom):
            yield from ((each.asname or each.name, f"{node.module}.{each.name}")
                        for each in node.names)  # fmt: skip
