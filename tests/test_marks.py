"""That the records are synthetic is said wherever somebody may begin to read.

What a run makes is held by ``tests/test_pipeline.py``, file by file; this holds what is written by
hand, and the templates that give each page its mark.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from lmm.publish.prose import read_references
from lmm.review.numbers.documents import passages_of
from lmm.showing.labels import SYNTHETIC, mark
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
REFERENCES = read_references(ROOT / "docs/references.bib")
SAID = re.compile(r"\bsynthetic\b[^.]*(?:\.[^.]*)?\bdescribe nobody\b")
BEGINNINGS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "docs/index.md", "data/raw/README.md", "examples/*/README.md")
    for path in ROOT.glob(pattern)
)
STUDIES = [ROOT, *sorted(path.parent for path in (ROOT / "examples").glob("*/study.yaml"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def is_said(name: str, text: str) -> bool:
    """Ask whether one of the first passages says in a breath what the records are."""
    passages = passages_of(name, text, REFERENCES)
    return any(SAID.search(each.text) for each in passages[:5])


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_first_page_says_near_its_beginning_that_the_records_describe_nobody(name: str) -> None:
    assert is_said(name, read(name))


@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize("loss", ["paragraph", "synthetic", "nobody", "buried"])
def test_a_first_page_that_lost_its_mark_would_be_found(name: str, loss: str) -> None:
    text = read(name)
    lines = [line for line in text.split("\n") if "synthetic" in line or "nobody" in line]
    match loss:
        case "paragraph":
            text = "\n".join(line for line in text.split("\n") if line not in lines)
        case "synthetic":
            text = text.replace("synthetic", "careful")
        case "nobody":
            text = text.replace("nobody", "many families")
        case "buried":
            text = "# A\n\n" + "Words.\n\n" * 9 + text
    assert not is_said(name, text)


def test_every_example_has_a_first_page() -> None:
    assert {f"examples/{study.name}/README.md" for study in STUDIES[1:]} < set(BEGINNINGS)
    assert len(BEGINNINGS) == 3 + len(STUDIES[1:])


def test_a_citation_says_it_in_the_abstract_and_the_keywords() -> None:
    passages = passages_of("CITATION.cff", read("CITATION.cff"), {})
    words = [each.text for each in passages]
    assert any(SAID.search(each) for each in words)
    assert "synthetic data" in words


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_a_study_of_synthetic_records_is_declared_one(folder: Path) -> None:
    assert mark(read_study(folder)) == SYNTHETIC


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_it_before_its_first_result(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    opened = next(n for n, cell in enumerate(cells) if "page.open()" in cell.source)
    assert SYNTHETIC in str(cells[opened].outputs)
    before = [cell for cell in cells[:opened] if cell.cell_type == "code"]
    assert not any("<table" in str(cell.outputs) for cell in before)


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("lmm/publish/templates/layout.html.j2", '<p class="mark">{{ site.mark }}</p>'),
        ("lmm/publish/templates/layout.html.j2", '<meta name="records" content="{{ site.mark }}">'),
        ("lmm/publish/templates/index.html.j2", "{{ summary.mark }}."),
        ("lmm/publish/handouts/templates/frame.typ", "header: band(data.mark)"),
        ("docs/_templates/layout.html", '<meta name="records" content="{{ records_mark }}">'),
        ("docs/conf.py", '"announcement": mark(study)'),
    ],
)
def test_a_template_gives_each_page_its_mark(template: str, shown: str) -> None:
    assert shown in read(template)


@pytest.mark.parametrize(
    "template", sorted(path.name for path in ROOT.glob("lmm/publish/templates/*.html.j2"))
)
def test_every_page_has_the_layout_with_the_mark(template: str) -> None:
    text = read(f"lmm/publish/templates/{template}")
    alone = {"layout.html.j2", "blocks.html.j2"}
    says_itself = template == "check.html.j2" and "for said in above" in text
    assert template in alone or says_itself or '{%- extends "layout.html.j2" -%}' in text
