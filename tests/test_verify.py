"""Two versions of a result are compared by what they hold, and each difference has a place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import nbformat
import numpy as np
import pandas as pd
import pytest
from docx import Document
from matplotlib.image import imsave
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from openpyxl import Workbook

from lmm.review.verify import claims, figures, folders, made_from, notebooks, papers, tables
from lmm.review.verify.account import as_json, sums, told, verdict
from lmm.review.verify.again import Verification
from lmm.review.verify.item import Difference, Item, Kind, added, changed, differing

ROOT = Path(__file__).resolve().parents[1]


# --- tables -----------------------------------------------------------------------------------


def frame(*rows: str) -> pd.DataFrame:
    """Give a table of three columns: a word and two numbers."""
    return pd.DataFrame([row.split(",") for row in rows], columns=["who", "n", "share"])


MADE = frame("nurse,3,0.5", "midwife,0,0.25", "nurse,4,0.5", "other,,")


@pytest.mark.parametrize(
    ("held", "why", "where"),
    [
        (frame("nurse,3,0.5", "midwife,0,0.35", "nurse,4,0.5", "other,,"),
         "1 cell of another value", ("line 3, column share: 0.35, where 0.25 was made",)),
        (frame("nurse,3,0.5", "midwife,,0.25", "nurse,4,0.5", "other,,"),
         "1 cell of another value", ("line 3, column n: nothing, where 0 was made",)),
        (frame("nurse,3,0.5", "midwife,0,0.25", "nurse,4,0.5", "other,0,"),
         "1 cell of another value", ("line 5, column n: 0, where nothing was made",)),
        (frame("nurse,3,0.5", "midwife,00,0.25", "nurse,4,0.5", "other,,"),
         "1 cell of another value", ("line 3, column n: 00, where 0 was made",)),
        (frame("nurse,3,0.5", "midwife,0,0.25", "other,,"),
         "1 row missing", ("missing: nurse, 4, 0.5",)),
        (frame("nurse,3,0.5", "nurse,3,0.5", "midwife,0,0.25", "nurse,4,0.5", "other,,"),
         "1 row that no run makes", ("line 3, in excess: nurse, 3, 0.5",)),
        (frame("midwife,0,0.25", "nurse,3,0.5", "nurse,4,0.5", "other,,"),
         "rows in another order", ("line 2, in another place", "line 3, in another place")),
        (frame("nurse,3,0.5", "widow,0,0.25", "nurse,4,0.5", "other,,"),
         "1 cell of another value", ("line 3, column who: widow, where midwife was made",)),
        (MADE[["who", "share", "n"]], "the same columns in another order", ()),
        (MADE[["who", "n"]], "column share is missing", ()),
        (MADE.assign(more="1"), "column more was not made", None),
    ],
)  # fmt: skip
def test_a_table_that_is_other(held: pd.DataFrame, why: str, where: tuple[str, ...] | None) -> None:
    found = tables.difference(MADE, held)
    assert found is not None
    assert why in found.why
    assert where is None or found.where == where


def test_rows_that_are_missing_hide_none_that_no_run_makes() -> None:
    found = tables.difference(MADE, frame("nurse,3,0.5", "widow,1,1"))
    assert found is not None
    assert found.why == "3 rows missing; 1 row that no run makes"
    assert found.where == ("missing: midwife, 0, 0.25", "missing: nurse, 4, 0.5", "missing: other",
                           "line 3, in excess: widow, 1, 1")  # fmt: skip


def test_numbers_are_compared_as_numbers_and_the_largest_difference_is_told() -> None:
    held = frame("nurse,3.0,0.50", "midwife,0,0.25", "nurse,4e0,0.5", "other,,")
    assert tables.difference(MADE, held) is None
    held = frame("nurse,3,0.4", "midwife,-2,0.25", "nurse,4,0.5", "other,,")
    found = tables.difference(MADE, held)
    assert found is not None
    assert (found.parts, found.unit, found.largest, found.relative) == (2, "cell", 2.0, 1.0)


def test_rows_of_numbers_alone_in_another_order_are_no_other_values() -> None:
    made, held = (pd.DataFrame({"n": list(numbers)}) for numbers in ("1223", "3122"))
    found = tables.difference(made, held)
    assert found is not None
    assert found.why == "rows in another order"


def test_a_column_differs_within_the_tolerance_that_its_role_declares() -> None:
    held = frame("nurse,3,0.501", "midwife,0,0.25", "nurse,5,0.5", "other,,")
    found = tables.difference(MADE, held, {"share": 0.001})
    assert found is not None
    assert found.where == ("line 4, column n: 5, where 4 was made",)
    assert tables.difference(MADE, held, {"share": 0.0009, "n": 1}) is not None
    assert tables.difference(MADE, held, {"share": 0.001, "n": 1}) is None


# --- figures ----------------------------------------------------------------------------------

SVG = """\
<svg role="img" aria-label="Visits." xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 90 90">
<g id="axes_1"><g id="line2d_1"><path d="M 1 2 L 3 4" style="stroke: #111"/>
<use xlink:href="#i0a1b2c3d-1" x="10" y="20"/><use xlink:href="#i0a1b2c3d-1" x="30" y="40"/></g>
<g id="text_1"><text x="5" y="6" style="fill: #222">April</text></g>
<g id="text_2"><text x="7" y="8" style="fill: #222">May</text></g></g></svg>"""


@pytest.mark.parametrize(
    ("old", "new", "why", "where"),
    [
        ('x="10"', 'x="13.5"', "1 mark moved", "line2d_1 of axes_1: 3.5 px away"),
        ("L 3 4", "L 3 4 L 5 6", "1 mark more, less or of another form", "drawn otherwise"),
        ('<use xlink:href="#i0a1b2c3d-1" x="30" y="40"/>', "", "1 mark more, less", "drawn"),
        ("#111", "#f00", "1 mark in another colour or style", "in another style"),
        (">April<", ">Avril<", "label missing: April; label that no run draws: Avril", "Avril"),
        ('<text x="7" y="8" style="fill: #222">May</text>', "", "label missing: May", "May"),
        ('<text x="7"', '<text x="8"', "1 mark moved", "text_2 of axes_1: 1 px away"),
        ("Visits.", "Calls.", "the alternative text is other: Calls.", "Calls."),
    ],
)
def test_a_figure_that_is_other(old: str, new: str, why: str, where: str) -> None:
    assert old in SVG
    found = figures.difference(SVG, SVG.replace(old, new, 1))
    assert found is not None
    assert why in found.why
    assert where in "; ".join(found.where)
    assert found.largest == (3.5 if "13.5" in new else 1.0 if "8" in new else None)


def test_a_figure_of_another_size_is_other() -> None:
    found = figures.difference(SVG, SVG.replace("0 0 90 90", "0 0 90 45"))
    assert found is not None
    assert (found.why, found.largest) == ("1 mark moved", 45.0)


def test_the_names_of_parts_are_no_data() -> None:
    assert figures.difference(SVG, SVG.replace("i0a1b2c3d-", "iffffffff-")) is None


@pytest.mark.parametrize("text", ["no", "<!DOCTYPE s [<!ENTITY a 'b'>]><s>&a;</s>"])
def test_what_is_no_figure_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is no SVG|declares entities"):
        figures.difference(SVG, text)


def test_a_picture_is_compared_pixel_by_pixel(tmp_path: Path) -> None:
    made, held = tmp_path / "a.png", tmp_path / "b.png"
    pixels = np.zeros((4, 6, 3))
    imsave(made, pixels)
    imsave(held, pixels)
    assert figures.picture_difference(made, held) is None
    pixels[1:3, 4] = 1.0
    imsave(held, pixels)
    found = figures.picture_difference(made, held)
    assert found is not None
    assert (found.parts, found.unit, found.largest) == (2, "pixel", 1.0)
    assert found.where == ("from pixel 4, 1 to 4, 2, counted from the upper left corner",)
    imsave(held, np.zeros((4, 7, 3)))
    found = figures.picture_difference(made, held)
    assert found is not None
    assert found.why == "it is 7×4 pixels large, and 6×4 were drawn"


def test_a_figure_without_end_and_a_picture_that_is_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="within each other without end"):
        figures.difference(SVG, "<g>" * 5000 + "</g>" * 5000)
    (tmp_path / "a.png").write_bytes(b"no")
    with pytest.raises(ValueError, match="it is no picture"):
        figures.picture_difference(tmp_path / "a.png", tmp_path / "a.png")


# --- notebooks --------------------------------------------------------------------------------


def notebook() -> NotebookNode:
    shown = new_output(
        "display_data", {"text/plain": "5"}, metadata={"image/svg+xml": {"alt": "a"}}
    )
    cells = [
        new_markdown_cell("# Own", id="a"),
        new_code_cell("x = 1", execution_count=1, id="b"),
        new_code_cell("x", execution_count=2, outputs=[shown], id="c"),
    ]
    return new_notebook(cells=cells)


def spoil_alt(spoilt: NotebookNode) -> None:
    spoilt.cells[2].outputs[0].metadata["image/svg+xml"]["alt"] = "other"


def spoil_text(spoilt: NotebookNode) -> None:
    spoilt.cells[2].outputs[0].data["text/plain"] = "6"


def spoil_source(spoilt: NotebookNode) -> None:
    spoilt.cells[1].source = "x = 2"


def spoil_prose(spoilt: NotebookNode) -> None:
    spoilt.cells[0].source = "# Owned"


def spoil_output(spoilt: NotebookNode) -> None:
    spoilt.cells[2].outputs = []


def spoil_order(spoilt: NotebookNode) -> None:
    spoilt.cells[1].execution_count = 7


def spoil_cells(spoilt: NotebookNode) -> None:
    spoilt.cells.insert(1, new_code_cell("import this, and more of it", id="d"))


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (spoil_alt, "code cell 2: output 1: metadata image/svg+xml"),
        (spoil_text, "code cell 2: output 1: data text/plain"),
        (spoil_source, "code cell 1: source"),
        (spoil_prose, "text cell 1: source"),
        (spoil_output, "code cell 2: 1 output missing"),
        (spoil_order, "code cell 1: execution count"),
        (spoil_cells, "code cell 1: no run makes it"),
    ],
)
def test_a_notebook_that_is_other(spoil, where: str) -> None:
    held = notebook()
    spoil(held)
    found = notebooks.difference(notebook(), held)
    assert found is not None
    assert where in found.where


def test_the_cell_that_tells_parameters_is_no_difference() -> None:
    told_so = notebook()
    tagged = new_code_cell("y = 1", execution_count=2, metadata={"tags": ["injected-parameters"]})
    told_so.cells.insert(2, tagged)
    told_so.cells[3].execution_count = 3
    assert notebooks.difference(told_so, notebook()) is None


# --- hand-outs and pages ----------------------------------------------------------------------


def word(path: Path, *words: str) -> Path:
    paper = Document()
    for each in words:
        paper.add_paragraph(each)
    paper.add_table(1, 2).cell(0, 1).text = words[-1]
    paper.save(str(path))
    return path


def workbook(path: Path, *words: str) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.append(words)
    book.save(path)
    return path


def page(path: Path, *words: str) -> Path:
    path.write_text(
        "<style>p {color: red}</style>\n" + "".join(f"<p>{each}</p>\n" for each in words), "utf-8"
    )
    return path


def plain(path: Path, *words: str) -> Path:
    path.write_text("\n".join(words), "utf-8")
    return path


@pytest.mark.parametrize(
    ("write", "ending", "where"),
    [
        (word, "docx", ("block 2: 5 families", "block 3, row 1:  | 5 families")),
        (workbook, "xlsx", ("sheet Sheet, B1: 5 families",)),
        (page, "html", ("line 3: 5 families",)),
        (plain, "js", ("line 2: 5 families",)),
    ],
)
def test_a_paper_is_compared_by_its_text(
    write, ending: str, where: tuple[str, ...], tmp_path: Path
) -> None:
    made = write(tmp_path / f"made.{ending}", "In all", "4 families")
    assert (
        papers.difference(made, write(tmp_path / f"same.{ending}", "In all", "4 families")) is None
    )
    found = papers.difference(made, write(tmp_path / f"held.{ending}", "In all", "5 families"))
    assert found is not None
    assert found.where == where


def illustrated(path: Path, words: str) -> Path:
    imsave(path.with_suffix(".png"), np.zeros((2, 2, 3)))
    paper = Document()
    paper.add_picture(str(path.with_suffix(".png")))
    paper.inline_shapes[0]._inline.docPr.set("descr", words)
    paper.save(str(path))
    return path


def headed(path: Path, words: str) -> Path:
    paper = Document()
    paper.sections[0].header.paragraphs[0].text = words
    paper.save(str(path))
    return path


@pytest.mark.parametrize(
    ("paper", "where"), [(illustrated, "picture 1: REAL"), (headed, "header: REAL")]
)
def test_what_stands_beside_the_text_of_a_paper_is_compared(
    paper: Callable[[Path, str], Path], where: str, tmp_path: Path
) -> None:
    """What is said in place of a picture, and the mark above each page."""
    made = paper(tmp_path / "made.docx", "SYNTHETIC")
    found = papers.difference(made, paper(tmp_path / "held.docx", "REAL"))
    assert found is not None
    assert found.where == (where,)


def test_a_long_text_that_was_cut_short_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "LONGEST", 2)
    made = plain(tmp_path / "made.js", "a", "b", "c")
    found = papers.difference(made, plain(tmp_path / "held.js", "a", "d"))
    assert found is not None
    assert found.where == ("line 2: d", "2 lines, where 3 were made")


@pytest.mark.parametrize("name", ["href", "aria-label", "alt", "title"])
def test_what_only_an_attribute_of_a_page_says_is_compared(name: str, tmp_path: Path) -> None:
    made = page(tmp_path / "made.html", f'<a {name}="4 families">x</a>')
    found = papers.difference(made, page(tmp_path / "held.html", f'<a {name}="5 families">x</a>'))
    assert found is not None
    assert found.where == (f"line 2: {name}=5 families",)


def test_a_damaged_paper_is_told(tmp_path: Path) -> None:
    made = word(tmp_path / "made.docx", "x")
    (tmp_path / "held.docx").write_bytes(b"PK no")
    with pytest.raises(ValueError, match="it cannot be read"):
        papers.difference(made, tmp_path / "held.docx")


def test_what_unpacks_to_something_absurd_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = word(tmp_path / "made.docx", "x")
    monkeypatch.setattr(papers, "LARGEST", 1_000)
    with pytest.raises(ValueError, match="it holds more than 0 MB"):
        papers.difference(made, made)


# --- folders ----------------------------------------------------------------------------------


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Give a copy of what is committed, to be spoilt."""
    return Path(shutil.copytree(ROOT / "outputs", tmp_path / "held", ignore=NOT_COMMITTED))


NOT_COMMITTED = shutil.ignore_patterns(
    "*.png", "site", "notebooks", "reports", "summary.*", "*.xlsx", "run.json", "verify.json"
)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Give what a run would have made of it."""
    return Path(shutil.copytree(ROOT / "outputs", tmp_path / "made", ignore=NOT_COMMITTED))


def other(made: Path, held: Path) -> dict[str, Item]:
    return {each.name: each for each in folders.compare(made, held) if not each.is_exact}


def test_what_is_committed_is_the_same_as_itself(made: Path, held: Path) -> None:
    items = folders.compare(made, held)
    assert len(items) > 90
    assert [each.name for each in items if not each.is_exact] == []


def test_each_planted_fault_is_found_by_name_size_and_place(made: Path, held: Path) -> None:
    table = held / "tables/targets_achieved.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join([lines[0], *lines[2:], lines[1]]), "utf-8")
    shutil.copy(held / "figures/reach.svg", held / "figures/waiting.svg")
    (held / "tables/stray.csv").write_text("n\n4\n", "utf-8")
    (held / "tables/shares.csv").unlink()
    counts = held / "counts/parameters.json"
    counts.write_text(counts.read_text("utf-8").replace("0.95", "0.9"), "utf-8")
    (held / "figures/caseload.svg").write_bytes(b"\xff")
    found = other(made, held)
    assert {name: each.why for name, each in found.items()} == {
        "tables/targets_achieved.csv": "rows in another order",
        "figures/waiting.svg": "holds what belongs to reach.svg",
        "tables/stray.csv": "made by no notebook",
        "tables/shares.csv": "missing",
        "counts/parameters.json": "1 line of other text",
        "figures/caseload.svg": found["figures/caseload.svg"].why,
    }
    assert found["figures/caseload.svg"].why.startswith("cannot be compared: ")
    assert {each.verdict for each in found.values()} == {"changed"}


def test_what_every_release_holds_is_missed(made: Path, held: Path) -> None:
    names = ("counts/released_counts.csv", "figures/reach.svg", "study.yaml", "tables/shares.csv")
    for name in names:
        (held / name).unlink()
    found = other(made, held)
    assert {name: (x.verdict, x.why) for name, x in found.items()} == dict.fromkeys(
        names, ("changed", "missing")
    )


def test_other_bytes_of_the_same_figure_are_no_reproduction(made: Path, held: Path) -> None:
    figure = held / "figures/reach.svg"
    figure.write_text(figure.read_text("utf-8") + "<!-- by hand -->\n", "utf-8")
    found = other(made, held)["figures/reach.svg"]
    assert (found.verdict, found.why) == ("changed", "the same data and words, drawn otherwise")


def test_numbers_written_otherwise_are_reproduced_and_said(made: Path, held: Path) -> None:
    (made / "tables/shares.csv").write_text("who,n\na,1\n", "utf-8")
    (held / "tables/shares.csv").write_text("who,n\r\na,1.0\r\n", "utf-8")
    item = other(made, held)["tables/shares.csv"]
    assert item.verdict == "reproduced"
    assert "written otherwise" in item.why
    (held / "tables/shares.csv").write_text("who,n\na,1.2\n", "utf-8")
    assert other(made, held)["tables/shares.csv"].verdict == "changed"
    (made / "tables/shares.tolerances.json").write_text('{"n": 0.2}', "utf-8")
    (held / "tables/shares.tolerances.json").write_text('{"n": 0.2}', "utf-8")
    assert other(made, held)["tables/shares.csv"].verdict == "reproduced"
    (made / "tables/shares.tolerances.json").unlink()  # what is held cannot ask for one
    assert other(made, held)["tables/shares.csv"].verdict == "changed"


def test_what_is_not_kept_is_not_checked_and_no_fault(made: Path, held: Path) -> None:
    (made / "site").mkdir()
    (made / "site/index.html").write_text("<p>a", "utf-8")
    (made / "figures/reach.png").write_bytes(b"x")
    found = other(made, held)
    assert {name: each.verdict for name, each in found.items()} == {
        "site/index.html": "not checked",
        "figures/reach.png": "not checked",
    }
    assert changed(found.values()) == []


def test_pdfs_are_asked_for_where_they_are_made(made: Path, held: Path) -> None:
    (held / "reports").mkdir()
    (held / "reports/a.pdf").write_bytes(b"held")
    found = other(made, held)["reports/a.pdf"]
    assert (found.verdict, found.why) == (
        "not checked",
        "no PDF is made here, which needs typst",
    )
    (made / "reports").mkdir()
    (made / "reports/a.pdf").write_bytes(b"made")
    (made / "summary.pdf").write_bytes(b"made")
    assert other(made, held)["reports/a.pdf"].verdict == "changed"


# --- claims, and what results were made from ----------------------------------------------------


def test_a_claim_that_says_something_else_is_named(tmp_path: Path, made: Path, held: Path) -> None:
    shutil.copytree(ROOT / "notebooks", made / "notebooks")
    path = Path(shutil.copy(ROOT / "notebooks/3-targets.ipynb", tmp_path))
    spoilt = nbformat.read(path, as_version=4)
    answer = next(
        output
        for cell in spoilt.cells
        for output in cell.get("outputs", [])
        if output.metadata.get("lmm", {}).get("is") == "answer"
    )
    answer.data["text/plain"] = answer.data["text/plain"].replace("1", "2", 1)
    nbformat.write(spoilt, path)
    table = held / "tables/published_figures.csv"
    table.write_text(table.read_text("utf-8").replace("434,reproduced", "433,differs"), "utf-8")
    given = {path.name: path} | {
        name: ROOT / "notebooks" / name for name in ("1-descriptive.ipynb", "2-satisfaction.ipynb")
    }
    items = claims.compare(made, held, given)
    found = [each for each in items if each.verdict != "reproduced"]
    assert len(items) > 50
    assert [each.name.partition(":")[0] for each in found] == ["published figure", "3-targets"]
    assert found[0].name == "published figure: staff"
    assert "433 computed: differs, where was made: " in found[0].places
    assert found[1].name == "3-targets: finding from target_verdicts"
    assert "3-targets: answer from targets_achieved" in {each.name for each in items}
    given.pop("3-targets.ipynb")
    items = claims.compare(made, held, given)
    assert {each.why for each in items if each.verdict == "not checked"} == {
        "no 3-targets.ipynb is held"
    }


def test_a_claim_that_only_one_side_makes_is_other() -> None:
    found = claims._compared({"a": "4 came.", "b": "5 went."}, {"a": "4 came.", "c": "6 left."})
    assert [(each.name, each.verdict, each.why) for each in found] == [
        ("a", "reproduced", ""),
        ("b", "changed", "missing"),
        ("c", "changed", "no run makes it"),
    ]


def test_what_results_were_made_from_is_compared_as_far_as_it_is_known(
    made: Path, held: Path
) -> None:
    record = {
        "inputs_sha256": {"study.yaml": "0" * 64, "data/raw/a.csv": "1" * 64},
        "code_sha256": {"lmm": "2" * 64},
        "python": "3.11.7",
        "packages": {"numpy": "2.4.1"},
    }
    (made / "run.json").write_text(json.dumps(record), "utf-8")
    read = made_from.read

    def verdicts() -> dict[str, tuple[str, str]]:
        items = made_from.compare(read(made), read(held))
        return {each.name: (each.verdict, each.places) for each in items}

    unknown = ("not checked", "")
    same = ("reproduced", "")
    assert verdicts() == {"parameters": same, "study file": same, "data": unknown,
                          "code": unknown, "environment": unknown}  # fmt: skip
    record["inputs_sha256"] = {"study.yaml": "9" * 64, "data/raw/a.csv": "9" * 64}
    record["packages"] = {"numpy": "2.4.0", "click": "8"}
    (held / "run.json").write_text(json.dumps(record), "utf-8")
    path = held / "counts/parameters.json"
    path.write_text(path.read_text("utf-8").replace("0.95", "0.9"), "utf-8")
    assert verdicts() == {
        "parameters": ("changed", "confidence: 0.9 then, 0.95 now"),
        "study file": same,
        "data": ("changed", "data/raw/a.csv is other"),
        "code": same,
        "environment": ("changed", "click: 8 then, nothing now; numpy: 2.4.0 then, 2.4.1 now"),
    }
    (held / "run.json").write_text("[1]", "utf-8")
    assert verdicts()["data"] == unknown


# --- the account --------------------------------------------------------------------------------

ITEMS = (
    Item("table", "tables/a.csv"),
    Item.changed("table", "tables/b.csv", Difference("1 cell", 1, "cell", 2.0, 0.5, ("line 2",))),
    Item.unchecked("page", "site/a.html", "not held"),
    Item.unchecked("page", "site/b.html", "not held"),
    Item.changed("made from", "code", Difference("another code")),
)


@pytest.mark.parametrize("kind", [each for each in get_args(Kind) if each != "made from"])
def test_a_result_of_any_kind_that_is_other_is_a_failure(kind: Kind) -> None:
    item = Item.changed(kind, "a", Difference("1 line of other text"))
    assert changed([item]) == [item]
    assert not Verification("A service", "outputs", (item,), "").succeeded


def test_what_is_written_otherwise_is_not_byte_for_byte_the_same() -> None:
    same = Item("table", "a.csv", why="the same values, written otherwise")
    gone = Item("table", "b.csv", "changed", "missing", is_held=False)
    left = Item.unchecked("page", "c.html", "pages link to PDFs")
    items = [Item("table", "d.csv"), same, gone, left]
    assert differing(items) == [same]
    assert added(items) == [gone]
    assert changed(items) == [gone]


def test_the_account_has_every_item_and_tells_what_there_is_to_say() -> None:
    verification = Verification("A service", "outputs", ITEMS, "SYNTHETIC")
    account = json.loads(as_json(verification))
    assert account["succeeded"] is False
    assert [each["name"] for each in account["items"]] == [each.name for each in ITEMS]
    assert account["items"][1] == {
        "kind": "table", "name": "tables/b.csv", "verdict": "changed", "why": "1 cell",
        "parts": 1, "unit": "cell", "largest": 2.0, "relative": 0.5, "where": ["line 2"],
    }  # fmt: skip
    assert verdict(verification) == (
        "Something has changed: 1 reproduced, 1 changed, 2 not checked."
    )
    assert sums(ITEMS)[:2] == [("table", 1, 1, 0), ("page", 0, 0, 2)]
    assert [each.name for each in told(ITEMS[:4])] == ["tables/b.csv", "site/a.html and 1 more"]
    assert Verification("A service", "outputs", (ITEMS[0], *ITEMS[2:]), "").succeeded
