"""The checks are asked for as they are meant: no word of their settings is lost unseen.

Who changes how the checks run changes this file, too.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]


# --- pytest, ruff, mypy ----------------------------------------------------------------------


def test_pytest_is_strict_and_compares_the_notebooks() -> None:
    assert TOOLS["pytest"] == {
        "ini_options": {
            "testpaths": ["tests", "notebooks"],
            "addopts": "--nbval --nbval-kernel-name lmm --dist loadfile -q --strict-markers",
            "filterwarnings": ["error"],
            "markers": [
                "slow: runs in make test-all",
                "exhaustive: runs in make test-exhaustive, for an hour",
            ],
            "xfail_strict": True,
        }
    }


@pytest.mark.parametrize("name", ["pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"])
def test_no_other_file_takes_the_place_of_these_settings(name: str) -> None:
    assert not (ROOT / name).exists()


def test_these_settings_are_in_force(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.inipath == ROOT / "pyproject.toml"
    assert pytestconfig.getoption("nbval")
    assert pytestconfig.getoption("strict_markers")
    assert pytestconfig.getini("filterwarnings") == ["error"]
    assert pytestconfig.getini("testpaths") == ["tests", "notebooks"]


def test_a_warning_is_an_error_here() -> None:
    import warnings

    with pytest.raises(UserWarning, match="unheard"):
        warnings.warn("unheard", stacklevel=1)


def test_every_code_cell_of_the_notebooks_is_a_test() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider",
               "notebooks"]  # fmt: skip
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    cells = {
        path.name: sum(
            cell["cell_type"] == "code" for cell in json.loads(path.read_text("utf-8"))["cells"]
        )
        for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    assert sorted(cells) == ["1-descriptive.ipynb", "2-satisfaction.ipynb", "3-targets.ipynb"]
    assert {name: said.count(f"notebooks/{name}::Cell") for name in cells} == cells


def test_types_and_style_are_looked_at_everywhere() -> None:
    mypy = {key: value for key, value in TOOLS["mypy"].items() if key != "overrides"}
    assert mypy == {"strict": True, "packages": ["lmm"], "plugins": ["pydantic.mypy"]}
    for each in TOOLS["mypy"]["overrides"]:
        allowed = {"module", "ignore_missing_imports", "disallow_untyped_calls"}
        assert set(each) <= allowed, each
    ruff = TOOLS["ruff"]
    assert set(ruff) == {"line-length", "src", "lint"}
    chosen = "E F I B UP N D C4 SIM PTH RUF PL NPY PD"
    assert ruff["lint"]["select"] == chosen.split()


# --- what the commands run -------------------------------------------------------------------


def recipes() -> dict[str, tuple[str, list[str]]]:
    """Give what each command needs, and its lines."""
    found = {}
    for rule in re.finditer(r"^([\w-]+):([^\n#=]*)[^\n]*\n((?:\t[^\n]*\n)*)", MAKEFILE, re.M):
        lines = rule[3].replace("\\\n", " ").splitlines()
        found[rule[1]] = (" ".join(rule[2].split()), [" ".join(line.split()) for line in lines])
    return found


PYTEST = "$(BIN)/python -m pytest -n 2"
CHECKS = {
    "test": ("$(READY)", [f'{PYTEST} -m "not slow"']),
    "test-all": ("test test-slow test-pythons test-machines", []),
    "test-slow": ("$(READY)", [f'{PYTEST} -m "slow and not exhaustive"']),
    "test-exhaustive": ("$(READY)", [f"{PYTEST} --dist load -m exhaustive"]),
    "test-pythons": ("$(READY)", ['PYTHONS="$(PYTHONS)" tests/on_each_python.sh']),
    "test-cluster": ("$(READY)", ["LMM=$(abspath $(BIN))/lmm tests/cluster/slurm.sh"]),
    "test-machines": ("$(READY)", ["$(BIN)/python tests/machines"]),
    "attack": ("$(READY)", ["PYTHONPATH=tests $(BIN)/python -W error -m attack"]),
    "lint": (
        "$(READY)",
        [
            "$(BIN)/ruff format --check .",
            "$(BIN)/ruff check .",
            "$(BIN)/mypy",
            "$(BIN)/python -m lmm.review.numbers",
        ],
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_command_checks_all_that_it_says(name: str) -> None:
    assert recipes()[name] == CHECKS[name]


def test_no_command_goes_on_after_a_failure() -> None:
    lines = [line for _, recipe in recipes().values() for line in recipe]
    assert len(lines) > 15
    assert [
        line for line in lines if line.startswith("-") or re.search(r"\|\| *(true|:)", line)
    ] == []
    assert not re.search(r"^(\.IGNORE|MAKEFLAGS|SHELL|\.SHELLFLAGS)", MAKEFILE, re.M)


def test_continuous_integration_runs_every_check_and_stops_at_a_failure() -> None:
    lines = (ROOT / ".ci/run").read_text("utf-8").splitlines()
    assert lines[:1] == ["#!/usr/bin/env bash"]
    assert "set -euo pipefail" in lines[:3]
    made = [line for line in lines if "make" in line]
    assert made == [
        "make lint", "make test", "make test-slow", "make test-pythons", "make test-machines"
    ]  # fmt: skip


def test_the_other_pythons_and_machines_stop_at_a_failure() -> None:
    script = (ROOT / "tests/on_each_python.sh").read_text("utf-8")
    assert re.search(r"^set -euo pipefail$", script, re.M)
    assert not re.search(r"\|\| *(true|:)", script)


def test_a_commit_is_formatted_checked_and_typed() -> None:
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (repository,) = content["repos"]
    assert {hook["id"]: hook["entry"] for hook in repository["hooks"]} == {
        "ruff-format": ".venv/bin/ruff format",
        "ruff-check": ".venv/bin/ruff check --force-exclude",
        "mypy": ".venv/bin/mypy",
    }
    assert not any({"exclude", "stages"} & set(hook) for hook in repository["hooks"])


# --- what is left out ------------------------------------------------------------------------


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    paths = [ROOT / "conftest.py", *sorted((ROOT / "tests").rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8")))
        for path in paths
        if path != Path(__file__)
    ]


def test_no_conftest_leaves_anything_out() -> None:
    hooks = {
        (name, node.name)
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")
    }
    assert hooks == {("conftest.py", "pytest_configure"), ("conftest.py", "pytest_unconfigure")}
    for name, tree in _trees():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not {"collect_ignore", "collect_ignore_glob", "__test__"} & names, name


LEFT_OUT = [
    (
        "tests/test_around.py",
        "pytest.mark.skipif(not (ROOT / '.git').exists(), "
        "reason='an archive is made in a checkout')",
    ),
    ("tests/test_docs.py", "pytest.importorskip('sphinx')"),  # of the extra that builds the pages
    (
        "tests/test_evidence.py",
        "pytest.mark.skipif(not (ROOT / '.git').exists(), reason='an archive is not under git')",
    ),
    (
        "tests/test_exercises.py",
        "pytest.mark.skipif(os.name != 'posix', reason='there are no groups of processes')",
    ),
    (
        "tests/test_machine.py",
        "pytest.mark.skipif(not can_fork(), reason='kernels are forked on Linux alone')",
    ),
    (
        "tests/test_machine.py",
        "pytest.mark.skipif(os.name != 'posix', reason='Windows has no such shell')",
    ),
    (
        "tests/test_machine.py",
        "pytest.skip('needs a control group of memory that may be written, as root has')",
    ),
    (
        "tests/test_warm.py",
        "pytest.mark.skipif(not warm.can_fork(), reason='kernels are forked on Linux alone')",
    ),
]
"""Every test that may be left out, and when."""

LEAVES_OUT = {"skip", "skipif", "xfail", "importorskip", "skipTest", "exit"}


def test_no_test_is_left_out_but_for_a_reason_that_is_listed() -> None:
    found = []
    for name, tree in _trees():
        called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in LEAVES_OUT:
                text = ast.unparse(called.get(id(node), node))
                if text.startswith("pytest.") or node.attr == "skipTest":
                    found.append((name, text))
    assert sorted(found) == LEFT_OUT


def test_no_test_file_is_named_so_that_it_is_not_found() -> None:
    holds_tests = {
        name
        for name, tree in _trees()
        if any(isinstance(n, ast.FunctionDef) and n.name.startswith("test_") for n in tree.body)
    }
    assert holds_tests
    assert [name for name in holds_tests if not Path(name).name.startswith("test_")] == []


def test_no_test_hides_another_of_its_name() -> None:
    for name, tree in _trees():
        tests = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
        assert len(tests) == len(set(tests)), name
