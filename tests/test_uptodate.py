"""Results are kept only while all that they were made of is as it was, and so are they."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_run import notebook

from lmm.cli import main
from lmm.publish import uptodate
from lmm.publish.run import run
from lmm.publish.uptodate import NOTE, Stale, check_unchanged, ingredients, note, stale
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study

Edit = Callable[[Path], None]

EDITS: dict[str, Edit] = {
    "added to": lambda path: path.write_bytes(path.read_bytes() + b" "),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "emptied": lambda path: path.write_bytes(b""),
    "removed": lambda path: path.unlink(),
    "one letter": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1])
                                                + path.read_bytes()[1:]),
}  # fmt: skip

BESIDE = ("registration/1.json", "data/released/1/told.csv", "data/pseudonyms.key", "LICENSE",
          "data/first_read.json")  # fmt: skip
"""Files that a study may have, and that results depend on."""


@pytest.fixture
def made(copy_of_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a study whose results were noted, with a library, documents and packages of its own."""
    for name, text in (("outputs/tables/x.csv", "n\n1\n"), ("outputs/figures/x.svg", "<svg/>"),
                       ("outputs/notebooks/1-descriptive.ipynb", '{"cells": []}'),
                       ("outputs/site/index.html", "<p>"),
                       *((name, "{}") for name in BESIDE)):  # fmt: skip
        path = copy_of_study / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    library, packages = tmp_path / "lmm", tmp_path / "site-packages"
    (library / "docs").mkdir(parents=True)
    (packages / "pandas-3.0.dist-info").mkdir(parents=True)
    for name in ("code.py", "measures.yaml", "page.html.j2"):
        (library / name).write_text("x = 1\n", encoding="utf-8")
    shutil.copytree(uptodate.documents(), tmp_path / "docs", ignore=shutil.ignore_patterns("_*"))
    monkeypatch.setattr(uptodate, "LIBRARY", library)
    monkeypatch.setattr(uptodate, "documents", lambda: tmp_path / "docs")
    monkeypatch.syspath_prepend(str(packages))
    note_now(copy_of_study)
    return copy_of_study


def note_now(folder: Path, *, agrees: bool = True) -> None:
    study = read_study(folder)
    note(study, Parameters.of(study), folder, agrees=agrees)


def found(folder: Path, **given: Any) -> Stale:
    study = read_study(folder)
    return stale(study, ingredients(study, Parameters.of(study, given)))


def of_the_study(folder: Path) -> list[str]:
    """List every file that results are made of, or that is one."""
    study = read_study(folder)
    known = [folder / "study.yaml", *study.raw_files, *(folder / name for name in BESIDE)]
    results = [*(folder / "data/processed").iterdir(), *(folder / "outputs").rglob("*.*")]
    return sorted(
        path.relative_to(folder).as_posix()
        for path in (*known, *results)
        if path.is_file() and path.name != NOTE
    )


def test_what_is_as_it_was_is_up_to_date(made: Path) -> None:
    assert not found(made)
    assert found(made).agrees
    note_now(made, agrees=False)
    assert (bool(found(made)), found(made).agrees) == (False, False)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_edit_of_any_file_goes_unseen(made: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(of_the_study(made)))
    edit = data.draw(st.sampled_from(sorted(EDITS)))
    path = made / name
    before, study = path.read_bytes(), read_study(made)
    EDITS[edit](path)
    try:
        stated = stale(study, ingredients(study, Parameters.of(study)))
        assert [reason for reason in stated.reasons if reason.startswith(name)], (name, edit)
        assert stated.kept == frozenset()  # everything is made again
    finally:
        path.write_bytes(before)
    assert not stale(study, ingredients(study, Parameters.of(study)))


@pytest.mark.parametrize("name", ["lmm/code.py", "lmm/measures.yaml", "lmm/page.html.j2",
                                  "docs/methods.md", "docs/references.bib"])  # fmt: skip
@pytest.mark.parametrize("edit", EDITS)
def test_no_edit_of_the_library_goes_unseen(made: Path, name: str, edit: str) -> None:
    EDITS[edit](made.parent / name)
    (reason,) = found(made).reasons
    assert reason == f"the {'code' if name[0] == 'l' else 'documents'} of lmm has changed"


def test_it_is_seen_though_the_clock_was_set_back_and_the_size_is_the_same(made: Path) -> None:
    path = made / "data/raw/courses.csv"
    before = path.stat()
    EDITS["one letter"](path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns - 10**18))
    assert found(made).reasons == ("data/raw/courses.csv has changed",)


def test_another_version_of_a_package_is_seen(made: Path) -> None:
    (made.parent / "site-packages/pandas-3.0.dist-info").rename(
        made.parent / "site-packages/pandas-3.0.1.dist-info"
    )
    assert found(made).reasons == ("the installed packages has changed",)


@pytest.mark.parametrize(("name", "value"), [
    ("period_start", "2018-05-01"), ("period_end", "2020-12-31"),
    ("event_date", "2020-03-24"), ("confidence", "0.9"),
])  # fmt: skip
def test_another_parameter_is_seen(made: Path, name: str, value: str) -> None:
    stated = found(made, **{name: value})
    assert len(stated.reasons) == 1
    assert stated.reasons[0].startswith(f"parameter {name} is {value} and was ")
    assert stated.kept == frozenset()


def test_a_new_file_among_those_that_are_read_is_seen(made: Path) -> None:
    (made / "data/released/2").mkdir()
    (made / "data/released/2/told.csv").write_text("", encoding="utf-8")
    assert found(made).reasons == ("data/released/2/told.csv is new",)


@pytest.mark.parametrize(
    "spoil", ["", "{", "[]", '{"made_of": {}, "made": []}', '{"made_of": {}, "made": {}}']
)
def test_a_note_that_says_nothing_is_none(made: Path, spoil: str) -> None:
    (made / "data/processed" / NOTE).write_text(spoil, encoding="utf-8")
    assert found(made).reasons == ("nothing was made yet by this version",)


def change(folder: Path, name: str, of: Callable[[Any], None]) -> None:
    path = folder / "notebooks" / name
    whole = nbformat.read(path, as_version=4)
    of(whole)
    nbformat.write(whole, path)


def test_of_a_notebook_what_is_written_counts_and_not_what_came_out(made: Path) -> None:
    name = "1-descriptive.ipynb"

    def clear(whole: Any) -> None:
        for cell in whole.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None

    change(made, name, clear)
    assert not found(made)
    for edit in (
        lambda whole: whole.cells[0].update(source="other words"),
        lambda whole: whole.cells[1].metadata.update(tags=[]),
        lambda whole: whole.metadata.update(kernelspec={"name": "r", "display_name": "R"}),
    ):
        note_now(made)
        change(made, name, edit)
        assert found(made).reasons == (f"notebook {name} has changed",)


def test_of_results_that_no_notebook_claims_nothing_is_kept(made: Path) -> None:
    change(made, "2-satisfaction.ipynb", lambda whole: whole.cells[0].update(source="other"))
    shutil.rmtree(made / "registration")  # of which nothing is kept
    for name in ("2-satisfaction", "3-targets"):
        path = made / f"outputs/notebooks/{name}.ipynb"
        path.write_text('{"cells": []}', encoding="utf-8")
    note_now(made)
    change(made, "2-satisfaction.ipynb", lambda whole: whole.cells[0].update(source="others"))
    assert found(made).kept == frozenset()  # whose is tables/x.csv?
    (made / "outputs/tables/x.csv").unlink()
    (made / "outputs/figures/x.svg").unlink()
    note_now(made)
    change(made, "2-satisfaction.ipynb", lambda whole: whole.cells[0].update(source="another"))
    assert found(made).kept == {"1-descriptive.ipynb", "3-targets.ipynb"}


def test_what_changes_while_it_is_used_is_named(made: Path) -> None:
    study = read_study(made)
    parameters = Parameters.of(study)
    before = ingredients(study, parameters)
    (made / "data/released/2").mkdir()
    (made / "data/released/2/told.csv").write_text("", encoding="utf-8")  # as the run itself does
    check_unchanged(study, parameters, before)
    EDITS["added to"](made / "data/raw/courses.csv")
    with pytest.raises(StudyError, match=r"during the run: data/raw/courses\.csv; run it"):
        check_unchanged(study, parameters, before)


# --- whole runs ----------------------------------------------------------------------------------


@pytest.fixture
def small(copy_of_study: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Give a study with two quick notebooks of its own alone."""
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    for path in (copy_of_study / "notebooks").glob("*.ipynb"):
        path.unlink()
    begin = (
        "from lmm.publish.counts import load_counts\nfrom lmm.showing.page import Page\n"
        "from lmm.analysis import descriptive, reach\nfrom lmm.showing import plots\n"
        "page = Page(load_counts(period_start, period_end, event_date, confidence))"
    )
    by_phase = "descriptive.activity(page.counts, by='phase')"
    notebook(copy_of_study, "1-one.ipynb", begin, f"page.table({by_phase}, 'one')")
    notebook(copy_of_study, "2-two.ipynb", begin, f"page.table({by_phase}, 'two')\n"
             f"page.keep({by_phase}, 'drawn')\n"
             "page.figure(plots.activity_rates, 'figure', 'drawn')")  # fmt: skip
    return read_study(copy_of_study)


def do(study: Study, **options: Any) -> set[str]:
    """Run; give what was done, by name."""
    done: set[str] = set()
    run(study, Parameters.of(study), lambda name, *_: done.add(name), **options)
    return done


def files(folder: Path) -> dict[str, bytes]:
    """Give all results, but for what tells of one run."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in ("outputs", "data/processed")
        for path in (folder / part).rglob("*")
        if path.is_file() and path.name not in ("ro-crate-metadata.json", NOTE)
        and path.suffix not in (".docx", ".xlsx")
    }  # fmt: skip


@pytest.mark.slow
def test_only_the_notebook_that_has_changed_is_run_and_all_is_as_made_afresh(small: Study) -> None:
    assert {"reading and cleaning", "counting", "1-one", "2-two"} <= do(small, keeping=True)
    change(small.folder, "1-one.ipynb", lambda nb: nb.cells[0].update(source="# Another title"))
    assert do(small, keeping=True) == {"1-one"}  # 2-two keeps a table that it does not show
    kept = files(small.folder)
    do(small)
    assert files(small.folder) == kept
    assert "Another title" in (small.folder / "outputs/site/1-one.html").read_text("utf-8")


def test_commands_say_what_is_stale_and_do_nothing_where_nothing_is(small: Study) -> None:
    def command(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, [*words, "--study", str(small.folder)])
        return result.exit_code, result.output

    assert command("status") == (
        1, "stale: nothing was made yet by this version\nA run makes everything again\n"
    )  # fmt: skip
    assert command("run", "--trust")[0] == 0
    before = {path: path.stat().st_mtime_ns for path in small.outputs.rglob("*")}
    assert command("status") == (0, "Up to date: nothing has changed since it was made.\n")
    status, said = command("run")
    assert (status, said.split(":")[0]) == (0, "Up to date")
    assert {path: path.stat().st_mtime_ns for path in small.outputs.rglob("*")} == before
    status, said = command("status", "--set", "confidence=0.9")
    assert "stale: parameter confidence is 0.9 and was 0.95" in said
    change(small.folder, "2-two.ipynb", lambda nb: nb.cells[0].update(source="# Another"))
    status, said = command("status")
    assert status == 1
    assert said.splitlines() == [
        "stale: notebook 2-two.ipynb has changed",
        "A run makes the rest again; the counts and what these have made is kept: 1-one.ipynb",
    ]
    note = json.loads((small.folder / "data/processed" / NOTE).read_text("utf-8"))
    note["agrees"] = False
    (small.folder / "data/processed" / NOTE).write_text(json.dumps(note), encoding="utf-8")
    change(small.folder, "2-two.ipynb", lambda nb: nb.cells[0].update(source="# 2-two.ipynb"))
    assert command("run")[0] == 1  # a published figure differed, and does still
