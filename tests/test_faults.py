"""A sample of planted faults, each of which has to be caught by the test that is named.

`make faults` plants many more, in a copy of the project, and asks all checks.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import itertools
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks.faults import report, table
from benchmarks.faults.fault import Fault
from benchmarks.faults.mutations import candidates, mutation, sampled
from benchmarks.faults.planted import KINDS, drawn

ROOT = Path(__file__).resolve().parents[1]


def runs(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """Give the arguments of each case of a test, as its marks have them."""
    cases: list[list[dict[str, Any]]] = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
            cases.append(
                [dict(zip(names, v if len(names) > 1 else [v], strict=True)) for v in values]
            )
    for chosen in itertools.product(*cases):
        yield {name: value for case in chosen for name, value in case.items()}


def objects(test: Callable[..., None]) -> bool:
    """Whether a test fails in one of its cases."""
    try:
        for case in runs(test):
            test(**case)
    except Exception:
        return True
    return False


# --- mutations -------------------------------------------------------------------------------


def mutated(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give a module of the library with a fault in it."""
    ((path, content),) = fault.plant(ROOT).items()
    assert content is not None
    name = path.removesuffix(".py").replace("/", ".")
    module = ModuleType(name)
    module.__package__ = name.rpartition(".")[0]
    monkeypatch.setitem(sys.modules, name, module)  # where dataclasses look for themselves
    exec(compile(content, path, "exec"), module.__dict__)
    return module


def with_the_functions_of(
    module: ModuleType, tests: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have a file of tests look at the functions of a module that has a fault."""
    for name, value in list(vars(tests).items()):
        if callable(value) and value.__module__ == module.__name__:
            monkeypatch.setattr(tests, name, getattr(module, name))


MUTATIONS = [
    ("statistics/gee", "_too_sparse:boundary:3", "boundaries", "what_a_model_of_a_share_needs"),
    ("statistics/gee", "_too_sparse:arithmetic:1", "boundaries", "what_a_model_of_a_share_needs"),
    ("statistics/control_limits", "_screened:boundary:1", "boundaries",
     "which_moving_ranges_are_left_out"),
    ("statistics/control_limits", "_two_of_three:boundary:1", "boundaries",
     "two_of_three_points_in_the_outer_third"),
    ("statistics/harmonics", "harmonics:boundary:2", "boundaries",
     "how_many_seasons_a_series_carries"),
    ("statistics/segmented", "obstacle:boundary:2", "boundaries",
     "a_month_that_lies_half_after_the_event_counts_as_after_it"),
    ("statistics/zones", "four_zones:branch:1", "boundaries", "zones_at_their_cut_offs"),
    ("statistics/rounding", "in_percent:constant:1", "rounding",
     "shown_numbers_are_rounded_in_the_same_way"),
    ("analysis/rating", "rate_value:arithmetic:2", "boundaries",
     "a_figure_on_a_cut_off_is_on_its_good_side"),
    ("analysis/rating", "verdict_of:branch:1", "boundaries",
     "an_interval_that_ends_at_the_target_includes_it"),
    ("cleaning/keys", "plain_key:boolean:1", "boundaries", "an_identifier_is_written_in_one_way"),
    ("showing/answers/phrases", "p_value:boundary:1", "boundaries",
     "a_small_p_is_not_written_as_nought"),
]  # fmt: skip
"""Module, mutation, and the test that has to catch it."""


@pytest.mark.parametrize(("module", "key", "file", "name"), MUTATIONS)
def test_a_mutation_is_caught_by_the_test_of_what_it_changes(
    module: str, key: str, file: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"lmm/{module}.py"
    source = (ROOT / path).read_text("utf-8")
    (chosen,) = [each for each in candidates(source) if each.key == key]
    fault = mutation(source, path, chosen)
    assert fault
    tests = importlib.import_module(f"test_{file}")
    test = getattr(tests, f"test_{name}")
    assert not objects(test)
    with_the_functions_of(mutated(fault, monkeypatch), tests, monkeypatch)
    assert objects(test), fault.what


# --- notebooks and settings ------------------------------------------------------------------

RULES = ("test_notebooks", ("test_a_committed_notebook_keeps_the_rules",))
SOUND = ("test_sound", ("test_a_committed_notebook_is_sound",))
SETTINGS = (
    "test_configuration",
    (
        "test_pytest_is_strict_and_compares_the_notebooks",
        "test_types_and_style_are_looked_at_everywhere",
        "test_a_command_checks_all_that_it_says",
        "test_continuous_integration_runs_every_check_and_stops_at_a_failure",
        "test_a_commit_is_formatted_checked_and_typed",
    ),
)
FILES = [
    ("notebook stripped", 1, RULES),
    ("notebook stripped", 2, RULES),
    ("notebook partly run", 1, RULES),
    ("notebook partly run", 2, RULES),
    ("notebook reordered", 1, SOUND),
    ("option of the checks removed", 1, SETTINGS),
    ("option of the checks removed", 2, SETTINGS),
    ("option of the checks removed", 3, SETTINGS),
]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of what these checks read."""
    copy = tmp_path_factory.mktemp("faults") / "copy"
    for name in ("notebooks", ".ci", "tests", "outputs/tables", "outputs/figures"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "Makefile", ".pre-commit-config.yaml", "conftest.py",
                 "study.yaml", "README.md"):  # fmt: skip
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.mark.parametrize(("kind", "number", "by"), FILES)
def test_a_fault_of_a_file_is_caught_by_the_check_of_that_file(
    kind: str, number: int, by: tuple[str, tuple[str, ...]], copied: Path
) -> None:
    (found,) = [each for each in KINDS if each.name == kind]
    fault = drawn(ROOT, found)[number - 1]
    before = {name: (copied / name).read_bytes() for name in fault.plant(ROOT)}
    file, names = by
    try:
        for name, content in fault.plant(ROOT).items():
            assert content is not None
            (copied / name).write_bytes(content)
        spec = importlib.util.spec_from_file_location(f"spoilt_{file}", copied / f"tests/{file}.py")
        assert spec
        assert spec.loader
        tests = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tests)
        assert any(objects(getattr(tests, name)) for name in names), fault.what
    finally:
        for name, content in before.items():
            (copied / name).write_bytes(content)


def test_the_sample_has_twenty_faults_of_several_kinds() -> None:
    assert len(MUTATIONS) + len(FILES) == 20
    assert len({module.split("/")[0] for module, *_ in MUTATIONS}) == 4


# --- the benchmark ---------------------------------------------------------------------------


def test_mutations_of_every_module_are_drawn_and_the_same_ones_again() -> None:
    one = sampled(ROOT, ["counting"])
    assert [fault.id for fault in one] == [fault.id for fault in sampled(ROOT, ["counting"])]
    assert len({fault.id for fault in one}) == len(one)
    assert {fault.place.split(":")[0] for fault in one} == {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "lmm/counting").glob("*.py")
        if candidates(path.read_text("utf-8"))
    }


def test_a_mutation_changes_one_place_and_leaves_the_lines_before_it() -> None:
    source = 'def half(n: int = 2) -> int:\n    """Halve."""\n    return n // 2 if n >= 1 else 0\n'
    every = [mutation(source, "lmm/statistics/x.py", each) for each in candidates(source)]
    found = {fault.what for fault in every if fault}
    assert found >= {
        "constant: 2 → 3",
        "boundary: n >= 1 → n > 1",
        "arithmetic: n // 2 → n / 2",
        "branch: n // 2 if n >= 1 else 0 → 0 if n >= 1 else n // 2",
        "return: return n // 2 if n >= 1 else 0 → return None",
    }
    for fault in filter(None, every):
        ((_, content),) = fault.plant(ROOT).items()
        assert content is not None
        assert content.decode().splitlines()[1] == '    """Halve."""'


def test_the_committed_page_is_that_of_the_table() -> None:
    written = report.PAGE.read_text("utf-8")
    assert written == report.page(table.read(), report.equivalent(), report.alarms())


@pytest.mark.parametrize(
    ("changed", "commit", "asked_anew"),
    [
        ({}, "one", False),  # what did not catch it is not asked again of the same commit
        ({}, "two", True),
        ({"tests": "yes", "lasting": "yes"}, "two", False),
        ({"tests": "yes", "lasting": "no"}, "two", True),  # a refresh would silence it
        ({"tests": "yes", "lasting": "no", "generated": "no"}, "two", False),
        ({"tests": "yes", "lasting": "yes", "what": "drawn before"}, "one", True),
    ],
)
def test_an_answer_is_kept_as_long_as_it_may_hold(
    changed: dict[str, str], commit: str, asked_anew: bool
) -> None:
    planted = Fault("a:1", "a", "a.py:2", "a digit", lambda _: {}, generated=True)
    row = table.Row("a:1", "a", "yes", "a.py:1", "a digit", tests="no", lasting="no", commit="one")
    known = {"a:1": dataclasses.replace(row, **changed)}
    (found,) = table.rows_for([planted], known, commit).values()
    assert (found.tests == "") is asked_anew
    assert found.place == "a.py:2"
