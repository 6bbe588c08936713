"""The library's shape: imports run one way, analysis is pure, the commands are lazy."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "lmm").rglob("*.py"))
}
STAGES = ["lmm.study", "lmm.cleaning", "lmm.counting", "lmm.start", "lmm.disclosure",
          "lmm.statistics", "lmm.analysis", "lmm.showing", "lmm.simulation",
          "lmm.publish", "lmm.review", "lmm.sweep", "lmm.exercises", "lmm.terminal", "lmm.cli",
          "lmm.__main__"]  # fmt: skip
"""From the first stage of the flow to the last: each may import from those before it."""


def imports(path: Path) -> set[str]:
    """Modules of this library that a module imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def stage(module: str) -> int | None:
    for n, name in enumerate(STAGES):
        if module == name or module.startswith(name + "."):
            return n
    return None


@pytest.mark.parametrize("module", [m for m in MODULES if stage(m) is not None])
def test_imports_run_one_way(module: str) -> None:
    later = {
        other
        for other in imports(MODULES[module])
        if other.startswith("lmm.")
        and (reached := stage(other)) is not None
        and reached > stage(module)
    }
    assert later == set()


def test_there_are_no_cycles() -> None:
    graph = {m: {i for i in imports(p) if i in MODULES} - {m} for m, p in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a cycle: {' -> '.join((*trail, module))}"
        if module not in done:
            for other in sorted(graph[module]):
                visit(other, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("lmm.analysis.")])
def test_analysis_touches_no_disk_and_draws_nothing(module: str) -> None:
    used = {name.split(".")[0] for name in imports(MODULES[module])}
    assert not used & {"pathlib", "os", "io", "shutil", "matplotlib", "seaborn", "IPython"}
    assert not re.search(r"\bopen\(|\.read_|\.to_csv", MODULES[module].read_text("utf-8"))


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("lmm.statistics.")])
def test_estimators_know_no_study(module: str) -> None:
    # but what a number rests on, which every `Estimate` says, and how sure one can ask to be
    beyond = {name for name in imports(MODULES[module]) if name.startswith("lmm.")}
    beyond = {name for name in beyond if not name.startswith("lmm.statistics.")}
    assert beyond <= {"lmm.study.setting", "lmm.study.declared"}
    names = re.findall(r"from lmm\.study\.\w+ import (.*)", MODULES[module].read_text("utf-8"))
    assert set(names) <= {"Basis", "MOST_CONFIDENCE"}


@pytest.mark.parametrize("module", ["descriptive", "satisfaction", "targets"])
def test_the_three_analyses_never_import_each_other(module: str) -> None:
    three = {f"lmm.analysis.{name}" for name in ("descriptive", "satisfaction", "targets")}
    assert not imports(MODULES[f"lmm.analysis.{module}"]) & three


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("lmm.showing.plots")])
def test_plots_compute_nothing(module: str) -> None:
    assert not {name.split(".")[0] for name in imports(MODULES[module])} & {"scipy", "statsmodels"}


def test_no_module_but_the_generator_knows_the_generator() -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(name.startswith("lmm.synthetic") for name in imports(path))
    }
    assert {m for m in users if not m.startswith("lmm.synthetic")} <= {"lmm.cli"}


def test_no_module_but_the_command_knows_the_exercises() -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(name.startswith("lmm.exercises") for name in imports(path))
    }
    assert {m for m in users if not m.startswith("lmm.exercises")} == {"lmm.cli"}


def test_the_commands_import_nothing_heavy_until_they_run() -> None:
    code = "import sys, lmm.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pandas", "numpy", "matplotlib", "papermill", "pandera", "pydantic", "yaml", "rich"}
    assert not heavy & set(loaded)


def test_no_module_is_called_as_what_its_package_exports() -> None:
    for package in ("answers", "plots"):
        exported = importlib.import_module(f"lmm.showing.{package}").__all__
        modules = {path.stem for path in (ROOT / "lmm/showing" / package).glob("*.py")}
        assert modules & set(exported) == set(), package


COLLECTS = {"lmm.review.numbers.reading.Reading", "lmm.cleaning.sheet_xml.SheetFacts"}
"""Records that are filled while something is read; all others stay as they were made."""


def test_records_cannot_be_changed_once_they_are_made() -> None:
    changeable = set()
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            written = [ast.unparse(each) for each in getattr(node, "decorator_list", [])]
            if any(w.startswith("dataclass") and "frozen=True" not in w for w in written):
                changeable.add(f"{module}.{node.name}")
    assert changeable == COLLECTS


def test_no_number_is_written_with_six_digits_whatever_it_is() -> None:
    """Of ``:g`` a million is 1e+06, and 1,234,567 is 1.23457e+06."""
    assert [m for m, path in MODULES.items() if ":g}" in path.read_text("utf-8")] == []
