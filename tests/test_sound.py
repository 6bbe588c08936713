"""Notebooks that no run can have left so, and locks that are none, are named with the mend."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from lmm.review.verify import lock, sound
from lmm.study.problems import StudyError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_committed_notebook_is_sound(path: Path) -> None:
    assert sound.problems(path, ROOT / "outputs") == []


# --- notebooks ----------------------------------------------------------------------------------


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(notebook: NotebookNode, kind: str) -> NotebookNode:
    """Give the first output of a kind."""
    return next(
        output
        for cell in code(notebook)
        for output in cell.outputs
        if output.metadata.get("lmm", {}).get("is") == kind
    )


def strip(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        cell.outputs, cell.execution_count = [], None


def leave_one_out(notebook: NotebookNode) -> None:
    code(notebook)[4].execution_count = None


def run_out_of_order(notebook: NotebookNode) -> None:
    code(notebook)[2].execution_count, code(notebook)[3].execution_count = 4, 3


def run_twice(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        cell.execution_count += 1


def carry_an_error(notebook: NotebookNode) -> None:
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    code(notebook)[5].outputs.append(error)


def tag(words: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        code(notebook)[5].metadata["tags"] = [words]

    return spoil


def comment(line: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        code(notebook)[5].source = f"{line}\n{code(notebook)[5].source}"

    return spoil


def other_alt(notebook: NotebookNode) -> None:
    shown(notebook, "figure").metadata["image/svg+xml"]["alt"] = "All is well."


def other_alt_of_the_picture(notebook: NotebookNode) -> None:
    figure = shown(notebook, "figure")
    svg = figure.data["image/svg+xml"]
    figure.data["image/svg+xml"] = re.sub('aria-label="[^"]*"', 'aria-label="All is well."', svg)


def move_a_point(notebook: NotebookNode) -> None:
    figure = shown(notebook, "figure")
    figure.data["image/svg+xml"] = figure.data["image/svg+xml"].replace('x="', 'x="1', 1)


def other_answer(notebook: NotebookNode) -> None:
    answer = shown(notebook, "answer")
    answer.data["text/html"] = re.sub(r"\d", "7", answer.data["text/html"], count=1)


def other_note(notebook: NotebookNode) -> None:
    shown(notebook, "note").data["text/plain"] += "\nIt is real."


def other_cell_of_html(notebook: NotebookNode) -> None:
    table = shown(notebook, "table")
    table.data["text/html"] = re.sub(r"(\d)</td>", r"\g<1>1</td>", table.data["text/html"], count=1)


def other_cell_of_both(notebook: NotebookNode) -> None:
    """Change a number in HTML and text alike: only the file tells."""
    table = shown(notebook, "table")
    found = re.search(r'class="number">(\d+)\b(?=[^<]*</td>)', table.data["text/html"])
    assert found
    other = found[1] + "77"
    spoilt = f'class="number">{other}'
    table.data["text/html"] = table.data["text/html"].replace(found[0], spoilt, 1)
    table.data["text/plain"] = re.sub(rf"\b{found[1]}\b", other, table.data["text/plain"], count=1)


def other_number(notebook: NotebookNode) -> None:
    shown(notebook, "table").metadata["lmm"]["number"] = "Table 4"


def other_title(notebook: NotebookNode) -> None:
    shown(notebook, "table").metadata["lmm"]["title"] = "All is well"


def hidden_metadata(notebook: NotebookNode) -> None:
    shown(notebook, "table").metadata["needs_background"] = "light"


def machine(notebook: NotebookNode) -> None:
    notebook.metadata["language_info"]["version"] = "3.11.7"


def more_of_the_records(notebook: NotebookNode) -> None:
    notebook.metadata["lmm"]["by"] = "hand"


def folded_cell(notebook: NotebookNode) -> None:
    code(notebook)[3].metadata["collapsed"] = True


def another_medium(notebook: NotebookNode) -> None:
    shown(notebook, "table").data["text/latex"] = "4"


SPOILT = [
    (strip, "1-descriptive.ipynb: the outputs were stripped, so that nothing can be compared; "
            "`lmm refresh` runs it and writes it again"),
    (leave_one_out, "code cell 5: was not executed"),
    (run_out_of_order, "the cells were not executed once and in order, but as 1, 2, 4, 3, 5"),
    (run_twice, "the cells were not executed once and in order, but as 2, 3, 4"),
    (carry_an_error, "code cell 6: holds an error: ValueError"),
    *((tag(words), f"code cell 6: {words!r} keeps it from being compared")
      for words in ("nbval-ignore-output", "nbval-skip", "skip", "raises-exception",
                    "NBVAL_IGNORE_OUTPUT", "Nbval-Raises-Exception")),
    *((comment(line), "code cell 6: 'NBVAL")
      for line in ("# NBVAL_IGNORE_OUTPUT", "#NBVAL_IGNORE_OUTPUT", "  ##  NBVAL_SKIP  ")),
    (comment("# nbval_ignore_output"), "code cell 6: 'nbval_ignore_output' keeps it"),
    (comment("# PYTEST_VALIDATE_IGNORE_OUTPUT"), "'PYTEST_VALIDATE_IGNORE_OUTPUT' keeps it"),
    (other_alt, "the alternative text of Figure 1 differs between metadata and text"),
    (other_alt_of_the_picture, "the alternative text of Figure 1 differs between picture and text"),
    (move_a_point, "Figure 1 is not what outputs/figures/"),
    (other_answer, "an answer says something else in HTML than as text"),
    (other_note, "a note says something else in HTML than as text"),
    (other_cell_of_html, "Table 1 says something else in HTML than as text"),
    (other_cell_of_both, "Table 1 shows '"),
    (other_number, "Table 4 stands where table 1 should"),
    (other_title, "the caption of Table 1 does not begin with its number and title"),
    (hidden_metadata, "an output has metadata that no run writes: needs_background"),
    (machine, "has metadata that no run writes: kernelspec, language_info, lmm"),
    (more_of_the_records, "has metadata that no run writes: kernelspec, language_info, lmm"),
    (folded_cell, "has metadata that no run writes: collapsed"),
    (another_medium, "an output of the page holds text/latex, which no page shows"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), SPOILT)
def test_an_unsound_notebook_is_named_with_its_cell(
    spoil: Callable[[NotebookNode], None], message: str, tmp_path: Path
) -> None:
    path = Path(shutil.copy(NOTEBOOKS[0], tmp_path))
    notebook = nbformat.read(path, as_version=4)
    spoil(notebook)
    nbformat.write(notebook, path)
    found = sound.problems(path, ROOT / "outputs")
    assert any(message in each for each in found), found
    assert all(each.startswith("1-descriptive.ipynb: ") for each in found)


@pytest.mark.parametrize("line", ["# skip a line", "# ignore output of others", "skip = 1"])
def test_words_that_switch_nothing_off_are_let_be(line: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(NOTEBOOKS[0], tmp_path))
    notebook = nbformat.read(path, as_version=4)
    comment(line)(notebook)
    nbformat.write(notebook, path)
    assert sound.problems(path, ROOT / "outputs") == []


def test_a_page_output_that_lacks_what_a_page_writes_is_told(tmp_path: Path) -> None:
    path = Path(shutil.copy(NOTEBOOKS[0], tmp_path))
    notebook = nbformat.read(path, as_version=4)
    del shown(notebook, "answer").data["text/plain"]
    shown(notebook, "figure").metadata["lmm"]["is"] = "poem"
    nbformat.write(notebook, path)
    found = "\n".join(sound.problems(path, ROOT / "outputs"))
    assert "an output of the page lacks 'text/plain'" in found
    assert "an output calls itself 'poem'" in found


# --- the lock -----------------------------------------------------------------------------------


def test_the_lock_is_sound_and_what_is_installed() -> None:
    assert lock.problems(ROOT) == []
    wrong, item = lock.others(ROOT, lock.installed())
    assert wrong == []
    assert item.verdict == "reproduced"


PROJECT = """\
[project]
dependencies = ["numpy>=2.4,<2.5", "Ruamel.YAML>=0.19"]
[project.optional-dependencies]
pdf = ["typst>=0.15"]
"""
ENTRIES = {
    "numpy": "numpy==2.4.1 \\\n    --hash=sha256:" + "a" * 64 + "\n    # via lmm\n",
    "ruamel": "ruamel-yaml==0.19.1 ; python_full_version < '4' \\\n    --hash=sha256:"
    + "b" * 64 + " \\\n    --hash=sha256:" + "c" * 64 + "\n",
    "typst": "typst==0.15.0 \\\n    --hash=sha256:" + "d" * 64 + "\n",
}  # fmt: skip
LOCK = "".join(ENTRIES.values())


def checkout(folder: Path, text: str) -> Path:
    """Write a checkout whose lock was changed after `make lock`."""
    (folder / "pyproject.toml").write_text(PROJECT, "utf-8")
    (folder / "requirements.txt").write_text(text, "utf-8")
    checksum = hashlib.sha256(LOCK.encode("utf-8")).hexdigest()
    (folder / "requirements.txt.sha256").write_text(f"{checksum}  requirements.txt\n", "utf-8")
    return folder


def test_a_lock_in_step_is_sound(tmp_path: Path) -> None:
    assert lock.problems(checkout(tmp_path, LOCK)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("numpy==2.4.1", "numpy==2.5.0",
         "requirements.txt: line 1: pins numpy 2.5.0, and pyproject.toml asks for <2.5,>=2.4; "
         "`make lock` writes the lock again"),
        (ENTRIES["ruamel"], "", "lacks Ruamel.YAML, which pyproject.toml asks for under depend"),
        (ENTRIES["typst"], "", "lacks typst, which pyproject.toml asks for under pdf"),
        ("numpy==2.4.1", "numpy==2.4.1,<2.5", "line 1: numpy is not pinned to a version"),
        ("numpy==2.4.1", "numpy>=2.4.1", "line 1: numpy is not pinned to a version"),
        ("    --hash=sha256:" + "d" * 64, "", "line 7: typst has no hash"),
        ("b" * 64, "b" * 63, "line 4: ruamel-yaml has 'sha256:bbb"),
        ("sha256:a", "md5:a", "line 1: numpy has 'md5:aaa"),
        ("numpy==2.4.1", "numpy=2.4.1", "line 1: 'numpy=2.4.1' is no requirement"),
        ("bb", "b0", "is not as `make lock` wrote it, by requirements.txt.sha256"),
        ("# via lmm", "# via", "is not as `make lock` wrote it, by requirements.txt.sha256"),
    ],
)  # fmt: skip
def test_an_unsound_lock_is_named_with_its_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in LOCK
    found = lock.problems(checkout(tmp_path, LOCK.replace(old, new, 1)))
    assert any(message in each for each in found), found


def test_nothing_is_verified_under_an_unsound_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = checkout(tmp_path, LOCK.replace("bb", "b0", 1))
    monkeypatch.setattr("lmm.review.verify.lock.checkout", lambda: home)
    monkeypatch.setattr("lmm.review.verify.lock.installed", dict)
    with pytest.raises(StudyError, match="is not as `make lock` wrote it"):
        lock.check()


def test_a_lock_without_its_checksum_is_told(tmp_path: Path) -> None:
    (checkout(tmp_path, LOCK) / "requirements.txt.sha256").unlink()
    assert lock.problems(tmp_path) == [
        "requirements.txt.sha256: is missing; `make lock` writes it beside the lock"
    ]


def test_what_is_installed_is_held_to_the_lock(tmp_path: Path) -> None:
    home = checkout(tmp_path, LOCK + "colorama==0.4 ; sys_platform == 'nowhere' \\\n")
    have = {"numpy": "2.4.2", "ruamel-yaml": "0.19.1", "pip": "24", "lmm": "1", "colorama": "1"}
    wrong, item = lock.others(home, have)
    assert wrong == [
        "requirements.txt: line 1: pins numpy 2.4.1, and 2.4.2 is installed; install from the "
        "lock, as `make .venv/.ready` does"
    ]
    assert item.why == (
        "1 package of the lock not installed: typst; installed beside the lock: colorama 1, pip 24"
    )


def test_an_installed_copy_has_no_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lmm.publish.sources.LIBRARY", tmp_path / "lmm")
    item = lock.check()
    assert (item.verdict, item.why) == (
        "not checked",
        "this copy of lmm was installed without its lock",
    )
