"""A run that fails says where, keeps what was good, and leaves no process behind."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import psutil
import pytest
from malformed import make
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lmm.publish.before import check_notebooks, check_places, check_refresh
from lmm.publish.execute import Limits
from lmm.publish.notebooks import RunFailedError
from lmm.publish.run import run
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import RecordsKind, read_study

PARAMETERS = (
    'period_start: str = "2018-04-01"\nperiod_end: str = "2021-01-31"\n'
    'event_date: str = "2020-03-23"\nconfidence: float = 0.95'
)


def notebook(folder: Path, name: str, *cells: str, parameters: str = PARAMETERS) -> None:
    """Write a small notebook with a parameters cell."""
    content = new_notebook(
        cells=[
            new_markdown_cell(f"# {name}"),
            new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            *(new_code_cell(cell) for cell in cells),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    nbformat.write(content, folder / "notebooks" / name)


def kernels_of(folder: Path) -> list[psutil.Process]:
    """Kernel processes that were started for a run of this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            of_run = process.cwd().startswith(str(folder))
            if of_run and {"ipykernel_launcher", "lmm.publish.forking"} & {*process.cmdline()}:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def small_study(copy_of_study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a study that runs none but its own notebooks, with good outputs from before."""
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    for path in (copy_of_study / "notebooks").glob("*.ipynb"):
        path.unlink()
    (copy_of_study / "outputs").mkdir()
    (copy_of_study / "outputs" / "good.txt").write_text("from before", encoding="utf-8")
    return copy_of_study


def do_run(folder: Path, **given: str) -> int:
    """Run, and give the most kernels that were seen meanwhile."""
    study = read_study(folder)
    seen = [0]
    run(study, Parameters.of(study, given), lambda *_: seen.append(len(kernels_of(folder))))
    return max(seen)


def test_a_failing_notebook_is_reported_and_nothing_good_is_lost(small_study: Path) -> None:
    notebook(small_study, "1-good.ipynb", "1 + 1")
    notebook(small_study, "2-bad.ipynb", "found = []", "first = 1\nfound[3]\nlast = 2", "3")
    clean = (small_study / "data/processed/courses.csv").read_bytes()

    with pytest.raises(RunFailedError) as failure:
        do_run(small_study)

    (only,) = failure.value.failures
    assert only.notebook == "2-bad.ipynb"
    assert only.cell == 3
    assert only.error == "IndexError: list index out of range"
    assert only.line == "line 2: found[3]"
    partial = nbformat.read(small_study / "outputs.failed" / "2-bad.ipynb", as_version=4)
    assert any(o.output_type == "error" for c in partial.cells for o in c.get("outputs", []))
    assert (small_study / "outputs/good.txt").read_text("utf-8") == "from before"
    assert [p.name for p in (small_study / "outputs").iterdir()] == ["good.txt"]
    assert (small_study / "data/processed/courses.csv").read_bytes() == clean
    assert list(small_study.glob(".stage-*")) == []
    assert kernels_of(small_study) == []


@pytest.mark.slow
def test_a_kernel_that_dies_is_reported(small_study: Path) -> None:
    notebook(small_study, "1-dies.ipynb", "import os\nos._exit(3)")
    with pytest.raises(RunFailedError, match="code cell 2: its kernel died"):
        do_run(small_study)
    assert (small_study / "outputs/good.txt").exists()
    assert kernels_of(small_study) == []


@pytest.mark.slow
def test_papermill_cannot_inject_a_name_that_a_notebook_does_not_declare(
    small_study: Path,
) -> None:
    fewer = "\n".join(PARAMETERS.splitlines()[:-1])
    notebook(small_study, "1-fewer.ipynb", "1 + 1", parameters=fewer)
    with pytest.raises(RunFailedError, match="does not declare confidence"):
        do_run(small_study, confidence="0.9")


def test_a_notebook_that_does_not_say_what_it_is_in_is_named(small_study: Path) -> None:
    notebook(small_study, "1-bare.ipynb", "1 + 1")
    path = small_study / "notebooks" / "1-bare.ipynb"
    bare = nbformat.read(path, as_version=4)
    bare.metadata = {}
    nbformat.write(bare, path)
    with pytest.raises(RunFailedError, match=r"1-bare.ipynb.*does not say that it is in Python"):
        do_run(small_study)


def test_the_parameters_reach_the_notebook(small_study: Path) -> None:
    check = 'assert (period_end, confidence) == ("2020-03-22", 0.9)'
    notebook(small_study, "1-check.ipynb", check)
    kernels = do_run(small_study, period_end="2020-03-22", confidence="0.9")
    assert kernels > 0  # the tests above find none because there is none
    assert (small_study / "outputs/site/1-check.html").exists()
    assert not (small_study / "outputs/good.txt").exists()


@pytest.mark.slow
def test_start_up_files_of_the_reader_are_not_read(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("intruder = 1", encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook(small_study, "1-check.ipynb", 'assert "intruder" not in globals()')
    do_run(small_study)


def test_raw_files_that_change_during_a_run_are_noticed(small_study: Path) -> None:
    change = "from pathlib import Path\nPath('data/raw/targets.csv').open('a').write('\\n')"
    notebook(small_study, "1-change.ipynb", change)
    with pytest.raises(Exception, match="changed during the run"):
        do_run(small_study)
    assert (small_study / "outputs/good.txt").exists()


@pytest.fixture
def protected_study(small_study: Path) -> Path:
    """Give the small study with counts that are protected."""
    declared = small_study / "study.yaml"
    text = declared.read_text("utf-8").replace("disclosure: none ", "disclosure: opensafely ")
    text = text.replace("start: 2018-04-01, end: 2021-01-31", "start: 2020-02-01, end: 2020-04-30")
    declared.write_text(text, encoding="utf-8")
    study = read_study(small_study)
    assert study.is_protected
    assert (study.period.end - study.period.start).days == 89
    return small_study


SECRET = "ref 4711"
MADE = '"ref " + str(4710 + 1)'
"""Code that makes the secret, so that only outputs can hold it."""


@pytest.mark.slow
def test_what_a_protected_notebook_shows_beside_the_page_is_left_out(
    protected_study: Path,
) -> None:
    past_the_page = [
        f"print({MADE})",
        MADE,
        f"import warnings\nwarnings.warn({MADE})",
    ]
    through_it = (
        "from lmm.publish.counts import load_counts\nfrom lmm.showing.page import Page\n"
        "page = Page(load_counts(period_start, period_end, event_date, confidence))\npage.open()"
    )
    notebook(protected_study, "1-shows.ipynb", *past_the_page, through_it)
    do_run(protected_study)
    done = nbformat.read(protected_study / "outputs/notebooks/1-shows.ipynb", as_version=4)
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert SECRET not in str(outputs)
    assert str(outputs).count("Output left out, because it could quote a record") == 3
    assert "Counts of 1 to 7 are suppressed" in str(outputs)
    page = (protected_study / "outputs/site/1-shows.html").read_text("utf-8")
    assert SECRET not in page
    hashes = (protected_study / "outputs/run.json").read_text("utf-8")
    assert "inputs_sha256" not in hashes
    assert (protected_study / "data/processed/inputs.json").is_file()


def test_a_protected_notebook_that_fails_quotes_no_record(protected_study: Path) -> None:
    notebook(protected_study, "1-bad.ipynb", f"raise KeyError({MADE})")
    with pytest.raises(RunFailedError) as failure:
        do_run(protected_study)
    assert "KeyError: left out, because it could quote a record" in str(failure.value)
    assert SECRET not in str(failure.value)
    partial = nbformat.read(protected_study / "outputs.failed/1-bad.ipynb", as_version=4)
    outputs = [output for cell in partial.cells for output in cell.get("outputs", [])]
    assert "Output left out" in str(outputs)
    assert SECRET not in str(outputs)


def _shown(format_version: int) -> str:
    output = {"output_type": "stream", "text": ["2"]}
    cell = {"cell_type": "code", "metadata": {}}
    if format_version == 3:
        more = {"input": [], "language": "python", "outputs": [output | {"stream": "stdout"}]}
        body = {"worksheets": [{"cells": [cell | more], "metadata": {}}], "nbformat_minor": 0}
    else:
        more = {"source": [], "execution_count": 1, "outputs": [output | {"name": "stdout"}]}
        body = {"cells": [cell | more], "nbformat_minor": 4}
    return json.dumps({**body, "metadata": {}, "nbformat": format_version})


PICTURE = json.dumps({
    "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["![](attachment:a.png)"],
               "attachments": {"a.png": {"image/png": "aGVsbG8="}}}],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 4,
})  # fmt: skip


@pytest.mark.parametrize(
    ("place", "content"),
    [("notebooks/1-shown.ipynb", _shown(4)), ("notebooks/explore.ipynb", _shown(4)),
     ("notebooks/more/10-a.ipynb", _shown(4)), ("mine.ipynb", _shown(4)),
     ("notebooks/old.ipynb", _shown(3)), ("notebooks/picture.ipynb", PICTURE)],
    ids=["numbered", "not numbered", "below", "beside study.yaml", "old format", "attachment"],
)  # fmt: skip
def test_notebooks_of_real_records_hold_no_outputs(
    small_study: Path, place: str, content: str
) -> None:
    notebook(small_study, "2-clear.ipynb", "1 + 1")
    (small_study / place).parent.mkdir(exist_ok=True)
    (small_study / place).write_text(content, "utf-8")
    study = read_study(small_study)
    check_notebooks(study)
    real = study.model_copy(update={"records": RecordsKind.REAL})
    real._folder = study.folder
    with pytest.raises(StudyError) as caught:
        check_notebooks(real)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{Path(place).name}: holds outputs or pictures")
    assert "--clear-output" in problem


def test_results_of_real_records_are_not_written_into_notebooks(small_study: Path) -> None:
    study = read_study(small_study)
    with pytest.raises(StudyError, match="no notebooks of its own"):
        check_refresh(study)
    notebook(small_study, "1-own.ipynb", "1 + 1")
    check_refresh(study)
    real = study.model_copy(update={"records": RecordsKind.REAL})
    real._folder = study.folder
    with pytest.raises(StudyError, match="not written into notebooks"):
        check_refresh(real)


@pytest.mark.parametrize("content", [b"", b"garbage", b"[]", b"{}", b"\xff{}", b'{"cells": [1]}'])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    study = read_study(make(tmp_path / "study"))
    (study.folder / "notebooks").mkdir()
    (study.folder / "notebooks" / "1-x.ipynb").write_bytes(content)
    with pytest.raises(StudyError, match=r"^1-x.ipynb: is no notebook; open it in Jupyter"):
        check_notebooks(study)


def test_a_notebook_that_cites_what_is_no_reference_is_refused(tmp_path: Path) -> None:
    study = read_study(make(tmp_path / "study"))
    (study.folder / "notebooks").mkdir()
    cited = new_notebook(cells=[new_markdown_cell("As {cite:t}`nosuch2000` has it.")])
    nbformat.write(cited, study.folder / "notebooks" / "1-x.ipynb")
    with pytest.raises(StudyError, match=r"^1-x.ipynb: cites 'nosuch2000', which is no reference"):
        check_notebooks(study)


@pytest.mark.parametrize("name", ["outputs", "outputs.failed", "data/processed"])
@pytest.mark.parametrize("what", ["dangling link", "link", "file"])
def test_results_are_not_moved_over_a_link_or_a_file(tmp_path: Path, name: str, what: str) -> None:
    study = read_study(make(tmp_path / "study"))
    check_places(study)
    if what == "file":
        (study.folder / name).write_text("x")
    else:
        (study.folder / name).symlink_to(tmp_path / ("nowhere" if "dangling" in what else ""))
    with pytest.raises(StudyError, match=f"^{name}: should be a folder of results"):
        run(study, Parameters.of(study), lambda *_: None)


def test_a_folder_that_cannot_be_written_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(make(tmp_path / "study"))
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StudyError, match="nothing can be written here"):
        check_places(study)


def test_a_run_that_would_run_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(make(tmp_path / "study"))
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    with pytest.raises(StudyError, match="there is no notebook to run"):
        run(study, Parameters.of(study), lambda *_: None)


def test_old_results_that_cannot_be_taken_away_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(make(tmp_path / "study"))
    tables = study.folder / "outputs" / "tables"
    tables.mkdir(parents=True)
    monkeypatch.setattr("os.access", lambda path, _: path != tables)
    with pytest.raises(StudyError, match="outputs/tables: nothing can be written here"):
        check_places(study)


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_study(make(tmp_path / "study"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "courses.csv")

    monkeypatch.setattr("lmm.publish.run.save_table", full)
    with pytest.raises(StudyError, match=r"^courses.csv: No space left on device; the previous"):
        run(study, Parameters.of(study), lambda *_: None)
    assert list(study.folder.glob(".stage-*")) == []


@pytest.mark.parametrize(("limits", "said"), [
    (Limits(cell=2), "the cell takes longer than 2 s; --cell-timeout allows more"),
    (Limits(notebook=4), "the notebook takes longer than 4 s; --notebook-timeout allows more"),
])  # fmt: skip
def test_a_cell_without_an_end_is_ended_with_what_it_has_started(
    small_study: Path, limits: Limits, said: str
) -> None:
    start = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])"
    keep = "open('child', 'w').write(str(child.pid))"
    begun = f"{start}\n{keep}\nprint('begun')"
    notebook(small_study, "1-endless.ipynb", begun, "while True:\n    pass")
    study = read_study(small_study)
    with pytest.raises(RunFailedError) as failure:
        run(study, Parameters.of(study), lambda *_: None, limits=limits)
    (only,) = failure.value.failures
    assert (only.cell, only.error) == (3, said)
    partial = nbformat.read(small_study / "outputs.failed/1-endless.ipynb", as_version=4)
    shown = [each for cell in partial.cells for each in cell.get("outputs", ())]
    assert [each.text for each in shown if each.output_type == "stream"] == ["begun\n"]
    assert not psutil.pid_exists(int((small_study / "child").read_text("utf-8")))
    assert kernels_of(small_study) == []
    assert (small_study / "outputs/good.txt").exists()
