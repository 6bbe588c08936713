"""The commands, as a new user meets them."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from malformed import make
from nbformat.v4 import new_code_cell, new_notebook
from pathspec import GitIgnoreSpec

from lmm.cli import synth
from lmm.publish.before import strange_notebooks
from lmm.publish.check_report import write
from lmm.publish.findings import Report
from lmm.publish.lab import copy_notebooks
from lmm.start.folder import IGNORED
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study
from lmm.terminal import ask


def lmm(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lmm", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_help_names_every_command(root: Path) -> None:
    shown = lmm("--help", cwd=root)
    assert shown.returncode == 0
    for command in ("run", "refresh", "synth", "simulate", "contract", "exercise"):
        assert f"\n  {command} " in shown.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "perod_end=2020-01-01"), "did you mean period_end?"),
        (("--set", "period_end"), "write it as name=value"),
        (("--set", "period_end=soon"), "write the date as year-month-day"),
        (("--set", "period_end=2030-01-01"), "outside the study's period"),
        (("--set", "confidence=95"), "less than or equal to 0.9999"),
        (("--set", "period_start=2021-01-01", "--set", "period_end=2020-01-01"), "comes before"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    copy_of_study: Path, words: tuple[str, ...], message: str
) -> None:
    before = sorted(copy_of_study.rglob("*"))
    answer = lmm("run", *words, cwd=copy_of_study)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(copy_of_study.rglob("*")) == before


def test_all_wrong_parameters_are_named_at_once(root: Path) -> None:
    answer = lmm("run", "--set", "perod_end=2020-01-01", "--set", "confidence=x", cwd=root)
    assert "perod_end" in answer.stderr
    assert "confidence" in answer.stderr


def test_a_folder_that_is_no_study_is_named(tmp_path: Path) -> None:
    answer = lmm("run", cwd=tmp_path)
    assert answer.returncode == 2
    assert "no study.yaml" in answer.stderr
    answer = lmm("run", "--study", str(tmp_path / "nowhere"), cwd=tmp_path)
    assert answer.returncode == 2
    assert "study.yaml: there is no such file" in answer.stderr


def test_an_unknown_label_stops_the_run_with_one_clear_message(copy_of_study: Path) -> None:
    path = copy_of_study / "data/raw/courses.csv"
    path.write_bytes(path.read_bytes().replace(b"f2f", b"by pigeon", 1))
    answer = lmm("run", cwd=copy_of_study)
    assert answer.returncode == 2
    assert "courses.csv: line" in answer.stderr
    assert "'by pigeon' is not known" in answer.stderr
    assert "accepted: in person, online, telephone" in answer.stderr
    assert not (copy_of_study / "outputs").exists()


def test_synth_is_refused_over_real_records(copy_of_study: Path) -> None:
    path = copy_of_study / "study.yaml"
    text = path.read_text("utf-8").replace("records: synthetic ", "records: real ")
    path.write_text(text, encoding="utf-8")
    answer = lmm("synth", cwd=copy_of_study)
    assert answer.returncode == 2
    assert "real records" in answer.stderr


def test_a_report_is_written_over_an_earlier_one_and_over_nothing_else(tmp_path: Path) -> None:
    report = Report("a service", tmp_path, [])
    place = tmp_path / "check.html"
    for _ in range(2):
        write(report, place)
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    earlier = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
    earlier += '<meta name="generator" content="lmm check">'
    place.write_text(earlier, encoding="utf-8")  # of version 0.3
    write(report, place)
    edited = place.read_text("utf-8").replace("<!DOCTYPE html>", "<!-- mine -->")
    for content in (edited, "records", ""):
        place.write_text(content, encoding="utf-8")
        with pytest.raises(StudyError, match=r"^check.html: is there already and is no report"):
            write(report, place)
        assert place.read_text("utf-8") == content
    with pytest.raises(StudyError, match=r"^x.html: cannot be written: No such file or directory"):
        write(report, tmp_path / "no" / "x.html")


def own_notebook(study: Path, *cells: str) -> Path:
    (study / "notebooks").mkdir(exist_ok=True)
    path = study / "notebooks" / "1-own.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def test_notebooks_of_a_study_run_only_if_they_are_trusted(tmp_path: Path) -> None:
    study = make(tmp_path / "study")
    own_notebook(study, "open('ran', 'w')")
    answer = lmm("run", cwd=study)
    assert answer.returncode == 2
    assert "1-own.ipynb: the study's own, and run as code" in answer.stderr
    assert "add --trust" in answer.stderr
    assert not (study / "ran").exists()
    assert not (study / "outputs").exists()


def test_notebooks_that_came_with_this_copy_are_known_by_their_cells(
    study: Study, tmp_path: Path
) -> None:
    assert strange_notebooks(study) == []
    other = read_study(make(tmp_path / "study"))
    assert strange_notebooks(other) == []  # it has none of its own
    path = own_notebook(other.folder, "1 + 1")
    assert strange_notebooks(other) == [path]
    shipped = nbformat.read(study.notebooks[0], as_version=4)
    for cell in shipped.cells:
        cell.metadata = {}
    nbformat.write(shipped, path)
    assert strange_notebooks(other) == []
    shipped.cells[-1].source += "\n"
    nbformat.write(shipped, path)
    assert strange_notebooks(other) == [path]


@pytest.mark.parametrize(("answer", "runs"), [("y\n", True), ("n\n", False)])
def test_at_a_terminal_trust_is_asked_for(
    answer: str, runs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(make(tmp_path / "study"))
    own_notebook(study.folder, "1 + 1")
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    if runs:
        ask(study, trust=False)
    else:
        with pytest.raises(StudyError, match="nothing was run"):
            ask(study, trust=False)


def test_the_generator_is_no_part_of_an_installed_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.cli.__file__", str(tmp_path / "site-packages/lmm/cli.py"))
    with pytest.raises(StudyError, match="this is an installed copy"):
        synth.callback(folder=make(tmp_path / "study"))  # type: ignore[misc]


def test_the_lab_works_on_copies_and_keeps_those_that_are_there(tmp_path: Path) -> None:
    study = read_study(make(tmp_path / "study"))
    path = own_notebook(study.folder, "1 + 1")
    folder, others = copy_notebooks(study)
    copy = folder / path.name
    assert others == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert copy.read_bytes() == path.read_bytes()
    changed = copy.read_text("utf-8").replace("1 + 1", "1 + 2")
    copy.write_text(changed, encoding="utf-8")
    assert copy_notebooks(study) == (folder, [copy])
    assert copy.read_text("utf-8") == changed
    assert "1 + 1" in path.read_text("utf-8")


def test_git_ignores_what_quotes_cells_in_a_new_study() -> None:
    ignored = GitIgnoreSpec.from_lines(IGNORED.splitlines())
    private = [
        "data/raw/x.csv", "data/processed/cleaning_log.csv", "check.html", "run.log",
        "lab/1-own.ipynb", "notebooks/.ipynb_checkpoints/1-own.ipynb", "outputs.failed/1-own.ipynb",
        ".stage-lock", ".stage-a1/data/processed/x.csv",
    ]  # fmt: skip
    kept = ["study.yaml", "outputs/site/index.html", "outputs/tables/x.csv", "templates/x.csv"]
    assert [path for path in (*private, *kept) if not ignored.match_file(path)] == kept
