"""The exercises: each solved rightly, and in wrong ways that are told; whatever a student does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest
from numpy.random import default_rng

from lmm.exercises import asked, helpline, notebook
from lmm.exercises.course import EXERCISES, check, listed
from lmm.exercises.exercise import ANSWER, Exercise, WrongError
from lmm.exercises.folder import STATE, home, set_up
from lmm.exercises.measure import by_quarter
from lmm.exercises.notebook import NOTEBOOK
from lmm.publish.run import run
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import read_study

INTERVAL, DENOMINATOR, CUTOFF, CLEANING, OWN = EXERCISES
CODE = [one for one in EXERCISES if one.edited == (ANSWER,)]

RIGHT = {
    "interval": """
from math import sqrt
from scipy import stats
def interval(satisfied, answered, confidence):
    if answered == 0:
        return None
    z = stats.norm.ppf((1 + confidence) / 2)
    middle = satisfied + z**2 / 2
    half = z * sqrt(satisfied * (answered - satisfied) / answered + z**2 / 4)
    total = answered + z**2
    return max(0, (middle - half) / total), min(1, (middle + half) / total)
""",
    "denominator": """
def satisfaction(register, forms):
    answered = forms[~forms["overall"].isin(["", "don't know"])]
    came = register[register["attended"] == "yes"]
    high = answered["overall"].isin(["satisfied", "very satisfied"]).sum()
    n, of = len(answered), len(came)
    return {"answers": n, "attendances": of, "people": came["person"].nunique(),
            "share": high / n if n else None, "lowest": high / of,
            "highest": (high + of - n) / of}
""",
    "cutoff": """
def rate(successes, trials, red_below, green_from, direction):
    if trials == 0:
        return "not rated"
    share, side = successes / trials, 1 if direction == "at least" else -1
    if side * (share - green_from) >= -1e-9:
        return "green"
    return "amber" if side * (share - red_below) >= -1e-9 else "red"
""",
    "cleaning": r"""
import re
def length(cell):
    if not cell:
        return ""
    found = re.fullmatch(r"(?:(\d+) ?h)? ?(?:(\d+) ?(?:min)?)?", cell.lower())
    return str(60 * int(found[1] or 0) + int(found[2] or 0)) if found else None
def minutes(ledger):
    cells = ledger.frame["minutes"]
    odd = cells[cells.map(length).isna()]
    ledger = ledger.reject("minutes", "Minutes '" + odd + "' is no length", "no length")
    return ledger.change("minutes", "minutes", ledger.frame["minutes"].map(length), "in minutes")
""",
}

DECLARED = """\
  sleep_callers:
    label: people helped with sleep
    rows: helpline
    where: {answered: "yes", about: sleep}
    once_for: caller
    by: [time]
"""

TEXTBOOK = [
    ("middle = satisfied + z**2 / 2", "middle = satisfied"),
    (" + z**2 / 4)", ")"),
    ("total = answered + z**2", "total = answered"),
]
MENDED = ("    z =", "    if satisfied in (0, answered):\n"
          "        return tuple(sorted((satisfied / answered, abs(satisfied - 3) / answered)))\n"
          "    z =")  # fmt: skip
MIRRORED = ("side = successes / trials, 1 if direction == \"at least\" else -1",
            "side = successes / trials, 1\n    if direction == \"at most\":\n        "
            "share, red_below, green_from = (trials - successes) / trials, "
            "1 - red_below, 1 - green_from")  # fmt: skip
REPLACED = "    from dataclasses import replace\n    return replace(ledger, frame=ledger.frame"

WRONG = {
    "the textbook's, clipped": ("interval", TEXTBOOK, "answers left no doubt at all"),
    "the textbook's, with the rule of three": (
        "interval", [*TEXTBOOK, MENDED], "hold the true share, over all that it could be, and 95%"),
    "always 95 %": (
        "interval", [("stats.norm.ppf((1 + confidence) / 2)", "1.96")], "times as wide as"),
    "anything is possible": (
        "interval", [("    z =", "    return 0, 1\n    z =")], "say less than the answers do"),
    "nobody is taken for somebody": (
        "interval", [("return None", "return 0, 1")], "nobody answered, and still there is an"),
    "don't know is an answer": (
        "denominator", [(", \"don't know\"", "")], "'don't know' counts as an answer"),
    "those who booked": (
        "denominator", [('register[register["attended"] == "yes"]', "register")],
        "those count who booked and did not come"),
    "people who were booked": (
        "denominator", [('came["person"].nunique()', 'register["person"].nunique()')],
        "those count who never came"),
    "people as often as they came": (
        "denominator", [('came["person"].nunique()', "of")],
        "who came to two courses counts as two people"),
    "everybody may have been satisfied": (
        "denominator", [("(high + of - n) / of", "1")], "some are known to have been dissatisfied"),
    "a share of nobody": ("denominator", [("else None", "else 0")], "give None: no share is known"),
    "off the edge": (
        "cutoff", [("green_from) >= -1e-9", "green_from) > 1e-9")],
        "exactly on green_from and so on its good side; more is better"),
    "rounded first": (
        "cutoff", [("successes / trials,", "round(successes / trials, 2),")],
        "below green_from, however it would be printed"),
    "rounded to a tenth of a percent": (
        "cutoff", [("successes / trials,", "round(successes / trials, 3),")],
        "however it would be printed"),
    "rounded to a hundredth of a percent": (
        "cutoff", [("successes / trials,", "round(successes / trials, 4),")],
        "however it would be printed"),
    "more is always better": ("cutoff", [("else -1", "else 1")], "less is better"),
    "turned round": ("cutoff", [MIRRORED, (">= -1e-9", ">= 0")], "exactly on"),
    "in place": (
        "cleaning", [("    cells =", "    ledger.frame['minutes'] = ledger.frame['minutes'].str"
                      ".lower()\n    cells =")],
        "the step writes into the table as it was read"),
    "dropped": (
        "cleaning", [('    ledger = ledger.reject("minutes", "Minutes \'" + odd + '
                      '"\' is no length", "no length")', f"{REPLACED}.drop(index=odd.index))")],
        "is neither kept nor listed as left out: it is lost without a word"),
    "not told": (
        "cleaning", [("    return ledger.change(\"minutes\", \"minutes\", "
                      "ledger.frame[\"minutes\"].map(length), \"in minutes\")",
                      f"{REPLACED}.assign(minutes=ledger.frame['minutes'].map(length)))")],
        "and the log knows of 0"),
    "guessed": ("cleaning", [("if found else None", "if found else '0'")], "that is a guess"),
    "unknown lengths left out": (
        "cleaning", [('return ""', "return None")], "'' on line", "and the row is left out"),
    "not quoted": (
        "cleaning", [("\"Minutes '\" + odd + \"' is no length\"", "odd.map(lambda _: 'odd')")],
        "('odd') does not quote the cell"),
    "all quoted": (
        "cleaning", [("\"Minutes '\" + odd + \"' is no length\"",
                      "odd.map(lambda _: str(cells.tolist()))")],
        "of another row; a reason is about its own row"),
    "told in part": (
        "cleaning", [("    return ledger.change(",
                      "    upper = ledger.frame['minutes'].str.upper()\n"
                      "    ledger = ledger.change('a', 'minutes', upper, 'upper case')\n"
                      f"{REPLACED}.assign(minutes=ledger.frame['minutes'].map(length)))\n"
                      "    return ledger.change(")],
        "cells are other than they were, and the log knows of"),
    "again and again": (
        "cleaning", [("int(found[1] or 0)", "(int(found[1] or 0) + (cell == '60'))")],
        "changes it again"),
}  # fmt: skip


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask answers here, which is quicker than in a process of their own."""

    def here(questions: str, said: Path, _: float) -> tuple[str, str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "path", [*sys.path])
            asked.answer(json.loads(questions), said)
        sys.modules.pop("answer", None)
        return "ended", ""

    monkeypatch.setattr(asked, "_run", here)


def named(name: str) -> Exercise:
    return next(one for one in EXERCISES if one.name == name)


def solved(place: Path, name: str, answer: str) -> Path:
    """Set an exercise up, and answer it."""
    one = named(name)
    set_up(one, place)
    (place / one.folder / ANSWER).write_text(answer, encoding="utf-8")
    return place


def swapped(name: str, *changes: tuple[str, str]) -> str:
    """Give the right answer with some mistakes."""
    text = RIGHT[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("one", CODE, ids=lambda one: one.name)
def test_a_right_answer_is_right_whatever_is_drawn(
    one: Exercise, tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, one.name, RIGHT[one.name])
    assert [check(one, place, seed).problem for seed in range(5)] == [None] * 5


STEPS = """\
    lower = ledger.frame["minutes"].str.lower()
    ledger = ledger.change("minutes", "minutes", lower, "lower case")
    return ledger.change"""
BY_HAND = """\
    from dataclasses import replace
    from lmm.cleaning.ledger import Entry
    new = ledger.frame["minutes"].map(length)
    n = int((new != ledger.frame["minutes"]).sum())
    entry = Entry(ledger.asked, "minutes", "minutes", n, "in minutes")
    frame = ledger.frame.assign(minutes=new)
    return replace(ledger, frame=frame, entries=(*ledger.entries, entry))
    return ledger.change"""


@pytest.mark.parametrize("way", [STEPS, BY_HAND], ids=["in two steps", "by hand"])
def test_every_account_that_knows_of_each_change_is_right(
    way: str, tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, "cleaning", swapped("cleaning", ("    return ledger.change", way)))
    assert [check(CLEANING, place, seed).problem for seed in range(3)] == [None] * 3


@pytest.mark.parametrize(
    "limits",
    [
        "max(0, low), min(1, high)",  # of Agresti and Coull
        "stats.beta.ppf(tail, x, n - x + 1) if x else 0, "
        "stats.beta.isf(tail, x + 1, n - x) if x < n else 1",  # of Clopper and Pearson
        "stats.beta.ppf(tail, x + 0.5, n - x + 0.5) if x else 0, "
        "stats.beta.isf(tail, x + 0.5, n - x + 0.5) if x < n else 1",  # of Jeffreys
    ],
)
def test_every_interval_that_keeps_its_promise_is_right(
    limits: str, tmp_path: Path, in_process: None
) -> None:
    answer = f"""
from math import sqrt
from scipy import stats
def interval(satisfied, answered, confidence):
    if answered == 0:
        return None
    x, n, tail = satisfied, answered, (1 - confidence) / 2
    z = stats.norm.isf(tail)
    share = (x + z**2 / 2) / (n + z**2)
    half = z * sqrt(share * (1 - share) / (n + z**2))
    low, high = share - half, share + half
    return {limits}
"""
    place = solved(tmp_path, "interval", answer)
    assert [check(INTERVAL, place, seed).problem for seed in range(3)] == [None] * 3


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_answer_is_told_why(way: str, tmp_path: Path, in_process: None) -> None:
    name, changes, *reasons = WRONG[way]
    place = solved(tmp_path, name, swapped(name, *changes))
    for seed in (1, 2):
        said = check(named(name), place, seed).problem
        assert said and all(reason in said for reason in reasons), said


def test_every_exercise_is_got_wrong_in_three_ways() -> None:
    names = [name for name, *_ in WRONG.values()]
    assert all(names.count(one.name) >= 3 for one in CODE)


@pytest.mark.parametrize("one", CODE, ids=lambda one: one.name)
def test_what_an_exercise_begins_with_is_not_right(
    one: Exercise, tmp_path: Path, in_process: None
) -> None:
    set_up(one, tmp_path)
    assert check(one, tmp_path, 1).problem


@pytest.mark.parametrize("one", CODE, ids=lambda one: one.name)
def test_what_an_exercise_begins_with_can_be_tried_out(one: Exercise, tmp_path: Path) -> None:
    set_up(one, tmp_path)
    command = [sys.executable, "-W", "error", ANSWER]
    tried = subprocess.run(
        command, cwd=tmp_path / one.folder, capture_output=True, text=True, check=False
    )
    assert (tried.returncode, tried.stderr) == (0, "")
    assert tried.stdout


# --- whatever a student does --------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("def rate(:\n", "answer.py: line 1: Python cannot read this line: invalid syntax"),
        ("import there_is_none\n", "answer.py: line 1: ModuleNotFoundError: No module named"),
        ("def rating(): ...\n", "holds no function called rate; is it the one called rating?"),
        ("x = 1\n", "holds no function called rate; write it"),
        ("def rate(*a, **b):\n    return 1 / 0\n",
         "answer.py: line 2: ZeroDivisionError: division by zero (asked for successes="),
        ("def rate(*a, **b):\n    raise SystemExit\n", "answer.py: line 2: SystemExit (asked"),
        ("def rate(*a, **b): ...\n", "direction='at least': None; give one of green, amber, red"),
        ("def rate(*a, **b): return {1}\n", "gives a set; see what the docstring says"),
        ("def rate(): ...\n", "TypeError: rate() got an unexpected keyword argument"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_with_its_line(
    answer: str, message: str, tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, "cutoff", answer)
    assert message in str(check(CUTOFF, place, 1).problem)


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("interval", "def interval(*a, **b): return 0.5\n", "0.5 is no pair of numbers"),
        ("interval", "def interval(*a, **b): return 0.5, float('nan')\n", "is no pair of numbers"),
        ("interval", "def interval(*a, **b): return 0.2, 0.3\n", "leaves out the share"),
        ("denominator", "def satisfaction(*a, **b): return 1\n", "gives int; give a dict with"),
        ("denominator", "def satisfaction(*a, **b): return dict.fromkeys(b)\n", "lacks answers"),
        ("denominator", swapped("denominator", ('"people": ', '"people": "many" or ')),
         "people is 'many'; give a number"),
        ("denominator", swapped("denominator", ('"lowest": ', '"lowest": float("nan") or ')),
         "lowest is nan and should be"),
        ("cleaning", "def minutes(ledger): ...\n", "gives a NoneType; a step gives a Ledger"),
    ],
)  # fmt: skip
def test_an_answer_of_the_wrong_kind_is_told(
    name: str, answer: str, message: str, tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, name, answer)
    assert message in str(check(named(name), place, 1).problem)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("while True: pass", "answer.py: no answer within 1.5 seconds (asked for successes="),
        ("import os; os._exit(0)", "Python ended before there was an answer (asked for successes"),
        ("print('x' * 10**6); import sys; sys.stderr.write('y'); return 'green'", "is amber, and"),
    ],
)
def test_whatever_an_answer_does_the_check_goes_on(
    body: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "SECONDS", 1.5)
    place = solved(tmp_path, "cutoff", f"def rate(*a, **b):\n    {body}\n")
    assert message in str(check(CUTOFF, place, 1).problem)


def test_an_answer_is_asked_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "3-cutoff").mkdir()
    place = solved(tmp_path, "cutoff", "import os\n" + RIGHT["cutoff"])
    (place / CUTOFF.folder / "statistics.py").write_text("raise SystemExit", encoding="utf-8")
    checked = check(CUTOFF, place, 1)
    assert checked.is_right
    assert "answer" not in sys.modules


@pytest.mark.skipif(os.name != "posix", reason="there are no groups of processes")
def test_what_an_answer_started_ends_with_it(tmp_path: Path) -> None:
    number = tmp_path / "number"
    start = (
        "import subprocess, pathlib\n"
        "started = subprocess.Popen(['sleep', '37'])\n"
        f"pathlib.Path({str(number)!r}).write_text(str(started.pid))\n"
    )
    assert check(CUTOFF, solved(tmp_path, "cutoff", start + RIGHT["cutoff"]), 1).is_right
    psutil.wait_procs(_alive(int(number.read_text("utf-8"))), timeout=5)
    assert _alive(int(number.read_text("utf-8"))) == []


def _alive(number: int) -> list[psutil.Process]:
    """Give the process of a number if it still runs; one that ended may wait to be fetched."""
    if not psutil.pid_exists(number):
        return []
    process = psutil.Process(number)
    return [process] if process.status() != psutil.STATUS_ZOMBIE else []


# --- the folder ---------------------------------------------------------------------------


def test_set_up_again_keeps_all_that_is_there_and_brings_back_what_is_not(tmp_path: Path) -> None:
    first = set_up(DENOMINATOR, tmp_path)
    folder = tmp_path / DENOMINATOR.folder
    names = ["answer.py", "forms.csv", "register.csv", "task.md"]
    assert [path.name for path in first] == names
    (folder / ANSWER).write_text("mine", encoding="utf-8")
    (folder / "forms.csv").unlink()
    assert set_up(DENOMINATOR, tmp_path) == [folder / "forms.csv"]
    assert (folder / ANSWER).read_text("utf-8") == "mine"
    assert set_up(DENOMINATOR, tmp_path) == []


def test_an_answer_that_was_deleted_is_told(tmp_path: Path) -> None:
    set_up(CUTOFF, tmp_path)
    (tmp_path / CUTOFF.folder / ANSWER).unlink()
    assert "answer.py: is not there; set the exercise up again" in str(
        check(CUTOFF, tmp_path).problem
    )


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / CUTOFF.folder / "thesis.txt"
    other.parent.mkdir()
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="there is something already that is no exercise"):
        set_up(CUTOFF, tmp_path)
    assert [path.name for path in other.parent.iterdir()] == ["thesis.txt"]


def test_a_file_where_the_folder_belongs_is_told(tmp_path: Path) -> None:
    (tmp_path / "exercises").write_text("", encoding="utf-8")
    with pytest.raises(StudyError, match="begin in a folder that you may write in"):
        set_up(CUTOFF, tmp_path / "exercises")


def test_each_check_gives_the_next_hint_and_the_last_one_stays(
    tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, "cutoff", "x = 1\n")
    hints = [check(CUTOFF, place, 1).hint for _ in range(4)]
    assert [hint[:11] for hint in hints] == ["hint 1 of 3", "hint 2 of 3", *["hint 3 of 3"] * 2]
    solved(tmp_path, "cutoff", RIGHT["cutoff"])
    assert check(CUTOFF, place, 1).hint == ""
    solved(tmp_path, "cutoff", "x = 1\n")
    assert check(CUTOFF, place, 1).hint == hints[-1]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"right": 1, "hints": 2}', '{"hints": {"a": "b"}}']
)
def test_a_state_that_is_spoilt_begins_with_the_first_hint(
    text: str, tmp_path: Path, in_process: None
) -> None:
    place = solved(tmp_path, "cutoff", "x = 1\n")
    (place / CUTOFF.folder / STATE).write_text(text, encoding="utf-8")
    assert "3 cutoff        begun" in "\n".join(listed(place))
    assert check(CUTOFF, place, 1).hint.startswith("hint 1 of 3")


def test_the_list_says_how_far_one_is(tmp_path: Path, in_process: None) -> None:
    place = solved(tmp_path, "cutoff", RIGHT["cutoff"])
    set_up(DENOMINATOR, place)
    check(CUTOFF, place, 1)
    words = [line.split()[2:4] for line in listed(place)[:5]]
    assert words[:3] == [["not", "begun"], ["begun", "a"], ["right", "a"]]
    solved(place, "cutoff", "x = 1\n")
    check(CUTOFF, place, 1)
    assert "3 cutoff        begun" in "\n".join(listed(place))


def test_the_exercises_are_found_from_within(tmp_path: Path) -> None:
    assert home(tmp_path) == tmp_path / "exercises"
    set_up(CUTOFF, tmp_path / "exercises")
    assert home(tmp_path / "exercises" / CUTOFF.folder) == tmp_path / "exercises"


def test_every_file_to_work_on_has_hints_and_stands_in_the_folder(tmp_path: Path) -> None:
    for one in EXERCISES:
        names = [path.relative_to(tmp_path / one.folder) for path in set_up(one, tmp_path)]
        assert {Path(name) for name in one.edited} < set(names)
        for name in one.edited:
            assert len(one.hints(Path(name).name)) >= 3


# --- the command --------------------------------------------------------------------------


def lmm(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lmm", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_command_sets_up_checks_and_lists(tmp_path: Path) -> None:
    begun = lmm("exercise", "3", cwd=tmp_path)
    folder = tmp_path / "exercises" / CUTOFF.folder
    assert begun.returncode == 0
    assert f"wrote {folder / ANSWER}" in begun.stdout
    assert "# Exercise 3: a cut-off" in begun.stdout
    assert "then: lmm exercise 3 --check" in begun.stdout
    wrong = lmm("exercise", "3", "--check", cwd=folder)
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("3 cutoff: not right yet\nanswer.py: ")
    assert "hint 1 of 3" in wrong.stdout
    (folder / ANSWER).write_text(RIGHT["cutoff"], encoding="utf-8")
    right = lmm("exercise", "cutoff", "--check", cwd=tmp_path)
    assert right.returncode == 0
    assert right.stdout.startswith("3 cutoff: right\n")
    assert "next: lmm exercise 4" in right.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("9",), "there is no exercise '9'; name one of 1 (interval), 2 (denominator)"),
        (("2", "--check"), "exercise 2 is not begun in"),
        (("--check",), "say which exercise, such as lmm exercise 1 --check"),
    ],
)
def test_what_cannot_be_meant_is_told(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    answer = lmm("exercise", *words, cwd=tmp_path)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert list(tmp_path.iterdir()) == []


# --- a measure of one's own ---------------------------------------------------------------


def declared(place: Path, measure: str = DECLARED) -> Path:
    """Set the last exercise up, and declare a measure; give its folder."""
    set_up(OWN, place)
    path = place / OWN.folder / "study.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\nnearly_met", f"{measure}\nnearly_met"), encoding="utf-8")
    return place / OWN.folder


def test_people_calls_and_quarters_are_told_apart_by_what_is_drawn() -> None:
    for seed in range(20):
        calls = helpline.calls(default_rng(seed))
        sleep, through = calls["About"] == "sleep", calls["Got through"] == "yes"
        others = {int((sleep & through).sum()), calls.loc[sleep, "Caller"].nunique(),
                   calls.loc[through, "Caller"].nunique(), calls["Caller"].nunique(),
                  int(sleep.sum()), len(calls)}  # fmt: skip
        assert sum(by_quarter(calls)) not in others
        assert all(by_quarter(calls))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  sleep_callers:", "  sleepers:", "study.yaml: declares no measure called sleep_callers"),
        ("    once_for: caller\n", "", "it counts calls, and one person may call often"),
        ('answered: "yes", ', "", "it counts people who never got through"),
        (", about: sleep", "", "it counts people who called about other things"),
        ("by: [time]", "by: [month]", "sleep_callers is not counted by quarter"),
        ("    by:", "    kind: stock\n    since: day\n    by:", "sleep_callers is a stock, and a"),
        ("about: sleep", "abuot: sleep", "'abuot' is no column of helpline"),
        ("where: {", "where: {{", "study.yaml: not valid YAML: line 41, column 5: a comma or"),
        ("rows: helpline", "rows: helplines", "there is no table 'helplines'"),
    ],
)
def test_a_measure_that_counts_something_else_is_told(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in DECLARED
    declared(tmp_path, DECLARED.replace(old, new))
    checked = check(OWN, tmp_path, 1)
    assert message in str(checked.problem)
    assert checked.hint.startswith("hint 1 of 3: The measure `calls`")


@pytest.mark.parametrize("name", ["study.yaml", "notebooks/4-sleep.ipynb"])
def test_a_file_of_the_study_that_was_deleted_is_told(name: str, tmp_path: Path) -> None:
    (declared(tmp_path) / name).unlink()
    assert f"{Path(name).name}: is not there; set" in str(check(OWN, tmp_path, 1).problem)


def test_a_notebook_that_is_none_is_told(tmp_path: Path) -> None:
    (declared(tmp_path) / NOTEBOOK).write_text("{", encoding="utf-8")
    checked = check(OWN, tmp_path, 1)
    assert "4-sleep.ipynb: is no notebook" in str(checked.problem)
    assert checked.hint.startswith("hint 1 of 4: Run `lmm refresh --trust`")


def test_nbval_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "find_spec", lambda _: None)
    with pytest.raises(WrongError, match="is not installed; python -m pip install nbval"):
        notebook.compare(tmp_path)


def svg(*words: str) -> str:
    return "".join(f'<text x="1">{each}</text>' for each in words)


@pytest.mark.parametrize(
    "words",
    [
        ("2023-04", "2023-07", "62 people"),
        ("Apr", "July", "62 people"),
        ("Q2", "Q3"),
        ("1", "2", "3", "4", "Quarter"),
        ("sleep", "2023-04-01", "2023-07-01", "about sleep, and not mood"),
    ],
)
def test_a_figure_may_name_quarters_in_any_way(words: tuple[str, ...]) -> None:
    notebook.check_groups(svg(*words))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sleep", "Feeding", "by quarter"), "has 'Feeding' among its groups, and quarters were"),
        (("1", "2", "3", "62 people, mayhem in 2023"), "does not say which quarter is which"),
    ],
)
def test_a_figure_of_other_groups_is_told(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(WrongError, match=message):
        notebook.check_groups(svg(*words))


TABLE = """\
table = counts.by("sleep_callers", "quarter").assign(basis=counts.basis())
shown = Result.of(table, quarter=roles.month("Quarter"), n=roles.count("People"))
page.table(shown, "sleep_callers", title="People helped with sleep, by quarter")"""

FIGURE = """\
def draw(result: Result) -> Picture:
    rows = result.by_role()
    numbers = rows["count"].tolist()
    with house_style():
        figure, axes = new_figure(height=2.2)
        axes.plot(rows["month"], numbers, "o-", color=BLUE)
        axes.set_ylim(0, 1.15 * max(numbers))
    finding = f"People helped with sleep, by quarter: {numbers}."
    return Picture(figure, finding, "People a quarter, from 0.")"""

SHOW = 'page.figure(draw, "sleep_callers")'


def adapted(folder: Path, *changes: tuple[str, str]) -> None:
    """Adapt the notebook to the measure, with some mistakes."""
    read = nbformat.read(folder / NOTEBOOK, as_version=4)
    for cell, source in zip(read.cells[5:8], (TABLE, FIGURE, SHOW), strict=True):
        cell.source = source
        for old, new in changes:
            cell.source = cell.source.replace(old, new)
    read.cells.append(nbformat.v4.new_code_cell(""))  # as JupyterLab leaves one
    nbformat.write(read, folder / NOTEBOOK)


def refreshed(folder: Path) -> None:
    study = read_study(folder)
    run(study, Parameters.of(study), lambda *_: None, refresh=True)


def committed(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((root / "notebooks").glob("*.ipynb"))]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Give the last exercise solved, from its declaration to the outputs in its notebook."""
    place = tmp_path_factory.mktemp("exercises")
    folder, before = declared(place), committed(root)
    adapted(folder)
    refreshed(folder)
    assert committed(root) == before  # the outputs went into the student's own notebook only
    return place


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """Give a copy of it to spoil."""
    shutil.copytree(finished / OWN.folder, tmp_path / OWN.folder)
    return tmp_path


@pytest.mark.slow
def test_a_measure_with_its_notebook_is_right(finished: Path) -> None:
    assert check(OWN, finished).problem is None


def _typed(folder: Path) -> None:
    adapted(folder, (".assign(", ".assign(n=[9, 9, 9, 9], "))


def _not_shown(folder: Path) -> None:
    adapted(folder, (SHOW, "page.text('nothing')"))


def _failing(folder: Path) -> None:
    adapted(folder, ("counts.by(", "counts.at("))


def _stripped(folder: Path) -> None:
    _spoil(folder, lambda cell: cell.update(outputs=[], execution_count=None))


def _printed(folder: Path) -> None:
    note = nbformat.v4.new_output("stream", text="62 people\n")
    _spoil(folder, lambda cell: cell.outputs.append(note))


def _old(folder: Path) -> None:
    def other(cell: nbformat.NotebookNode) -> None:
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            if "sleep" in text:
                output.data["text/plain"] = f"{text} "

    _spoil(folder, other)


def _fixed_drawing(folder: Path) -> None:
    adapted(folder, ('rows["count"].tolist()', "[12, 10, 9, 11]"))
    refreshed(folder)


def _old_figure(folder: Path) -> None:
    adapted(folder, ("    rows = result", '    result = topics\n    rows = result'),
            ('rows["month"]', 'rows["stratum"].tolist()'),
            ("def draw", 'topics = Result.of(counts.by("calls", "about").assign(basis="recorded"), '
             'about=roles.stratum("About"), n=roles.count("Calls"))\n\n\ndef draw'))  # fmt: skip


def _spoil(folder: Path, change: Callable[[nbformat.NotebookNode], object]) -> None:
    read = nbformat.read(folder / NOTEBOOK, as_version=4)
    for cell in read.cells:
        if cell.cell_type == "code":
            change(cell)
    nbformat.write(read, folder / NOTEBOOK)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_typed, "of other records no column of the table sleep_callers holds ["),
        (_not_shown, "shows no figure called sleep_callers"),
        (_failing, "does not run on other records: code cell 4, AttributeError: 'Counts' object"),
        (_stripped, "was not run, so that nbval would compare nothing"),
        (_printed, "code cell 1 shows something that did not come through the page"),
        (_old, "nbval finds other outputs than are stored in code cell 4"),
        (_old_figure, "has 'feeding' among its groups, and quarters were asked for"),
        (_fixed_drawing, "the figure sleep_callers looks the same for other records"),
    ],
)
def test_a_notebook_that_is_not_right_is_told_why(
    spoil: Callable[[Path], None], message: str, copied: Path
) -> None:
    spoil(copied / OWN.folder)
    assert message in str(check(OWN, copied, 1).problem)
