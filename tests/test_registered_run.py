"""A service that registers, runs, deviates and hands its release on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from malformed import swap
from openpyxl import load_workbook
from pypdf import PdfReader
from real_service import content, do_run, service

from lmm.publish.rerun import Again, opened, rerun
from lmm.review.registering.register import Registered, register
from lmm.review.verify.folders import compare
from lmm.review.verify.item import added, differing
from lmm.study.study import read_study

pytestmark = pytest.mark.slow

AGREED = "The board agreed it"
LATER = 'page.table(descriptive.activity(counts, by="phase"), "phases", title="Two phases")'


def nothing_said(*_: object) -> None:
    """Take a report of progress."""


def registered(folder: Path, plan: Path | None = None, because: str = "") -> Registered:
    return register(read_study(folder, "release"), nothing_said, plan, because)


@dataclass
class Told:
    """A study as it was registered, run, changed and amended, run, and made again."""

    folder: Path
    first: Registered
    as_planned: dict[str, bytes]
    amended: Registered
    again: Again


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    place = tmp_path_factory.mktemp("registered")
    folder, plan = service(place / "study"), place / "Plan.md"
    plan.write_text("# What we want to know\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lmm.study.folder.shipped_notebooks", tuple)
        first = registered(folder, plan)
        do_run(folder)
        as_planned = content(folder / "outputs")
        swap("study.yaml", "service:", "confidence: 0.9\nservice:")(folder)
        amended = registered(folder, because=AGREED)
        notebook = folder / "notebooks" / "1-own.ipynb"
        said = json.loads(notebook.read_text("utf-8"))
        said["cells"].append({**said["cells"][-1], "id": "later", "source": LATER})
        notebook.write_text(json.dumps(said), "utf-8")
        do_run(folder, period_end="2020-11-30")
        with opened(folder / "outputs", place / "again") as held:
            again = rerun(held, {}, nothing_said)
        yield Told(folder, first, as_planned, amended, again)


def table(files: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["tables/planned_results.csv"]), keep_default_na=False)


def test_a_registration_is_made_without_reading_a_record(told: Told) -> None:
    said = told.first.entry.said
    assert said["records_first_read"] == ""
    assert said["files_of_records_there"] > 0
    assert list(said["results"]) == ["table months", "figure months"]
    assert said["results"]["table months"]["code"].endswith(
        "months = descriptive.monthly_activity(counts)\n"
        "page.table(months, 'months', title='Activity in each month')"
    )
    assert list(said["run_on_drawn_rows"]["tables_sha256"]) == ["months.csv"]
    assert said["plan"]["file"] == "plan.md"
    page = (told.folder / "registration" / "README.md").read_text("utf-8")
    assert "lmm had not read any record." in page
    assert "| 1-own | table months | Activity in each month |" in page
    assert told.amended.entry.said["changes"] == ["confidence: was 0.95, is 0.9"]


def test_a_run_as_planned_says_so_of_each_result_and_once_of_all(told: Told) -> None:
    found = table(told.as_planned)
    assert found["registered"].tolist() == ["as planned", "as planned"]
    notebook = told.as_planned["notebooks/1-own.ipynb"].decode()
    assert "As planned.</span></caption>" in notebook
    assert "This analysis was registered on " in notebook
    page = told.as_planned["site/index.html"].decode()
    assert "2 results planned, tables and figures: 2 as planned, 0 changed, 0 not reported." in page


def test_a_run_that_deviates_says_what_when_and_why(told: Told) -> None:
    found = table(content(told.folder / "outputs"))
    day = told.amended.entry.day
    rows = found[["result", "name", "registered", "what", "when", "why"]].to_numpy().tolist()
    end = ["period_end: was “2020-12-31”, is “2020-11-30”", "", "no reason was registered"]
    level = ["confidence: was 0.95, is 0.9", day, AGREED]
    assert rows == [
        ["table", "months", "changed", *end],
        ["table", "months", "changed", *level],
        ["figure", "months", "changed", *end],
        ["figure", "months", "changed", *level],
        ["table", "phases", "exploratory", "not planned", "", "no reason was registered"],
    ]


def _letters(*texts: str) -> str:
    """Give texts without blanks, which a PDF does not keep where lines end and letters overlap."""
    return "".join("".join(text.split()) for text in texts)


def test_it_stands_on_page_summary_word_and_workbook(told: Told) -> None:
    outputs, day = told.folder / "outputs", told.amended.entry.day
    lines = (
        f"Changed: confidence: was 0.95, is 0.9 ({day}: {AGREED}); it concerns 2 results.",
        "2 results planned, tables and figures: 0 as planned, 2 changed, 0 not reported; "
        "1 more exploratory.",
        "Exploratory: Two phases (Table 2 of 1-own).",
    )
    word = [each.text for each in Document(str(outputs / "summary.docx")).paragraphs]
    pdf = _letters(*(page.extract_text() for page in PdfReader(outputs / "summary.pdf").pages))
    page = (outputs / "site/index.html").read_text("utf-8")
    for line in lines:
        assert line in word
        assert line in page
        assert _letters(line) in pdf
    report = (outputs / "site/1-own.html").read_text("utf-8")
    assert "Changed since it was planned: " in report
    assert "Exploratory: not planned.</span></caption>" in report
    book = load_workbook(outputs / "tables.xlsx")
    assert "Exploratory: not planned." in [
        row[0].value for row in book["phases"].iter_rows(max_row=5)
    ]


def test_the_release_holds_the_registration_and_is_made_again_with_it(told: Told) -> None:
    items = compare(told.again.outputs, told.folder / "outputs")
    assert differing(items) == []
    assert added(items) == []
    held = sorted(path.name for path in (told.again.outputs / "registration").iterdir())
    assert held == ["README.md", "amendment-1.json", "first_read.json", "plan.md",
                    "reading.json", "registration.json"]  # fmt: skip
    whole = b"".join(content(told.folder / "outputs/registration").values()).decode()
    assert "Ann Other" not in whole  # whose comment stands in study.yaml
    assert "files_sha256" not in whole
