"""The website: it builds without a warning, asks nobody for anything, and says what it is."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from documentation import build

from lmm.exercises.course import EXERCISES
from lmm.exercises.cutoff import told_wrong
from lmm.publish.prose import read_terms
from lmm.review.evidence.standards import standards
from lmm.showing.labels import mark
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(DOCS).as_posix(): path.read_text("utf-8")
    for path in (*sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("evidence/*.md")))
}
NAMES = sorted({name for page in PAGES.values() for name in re.findall(r"`(lmm(?:\.\w+)+)`", page)})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Build the site of a copy, and give its folder and whatever Sphinx complained of."""
    pytest.importorskip("sphinx")
    return build(tmp_path_factory.mktemp("site"))


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of its body."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if any(tag == "body" for tag, _ in self.found):
            self.text += data


def pages(site: Path) -> list[Path]:
    return [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]


@pytest.mark.slow
def test_the_site_builds_without_a_warning(built: tuple[Path, str]) -> None:
    assert built[1] == ""


@pytest.mark.slow
def test_every_document_became_a_page(built: tuple[Path, str]) -> None:
    notebooks = [f"results/site/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")]
    expected = {f"{name.removesuffix('.md')}.html" for name in PAGES}
    expected |= {f"{name}.html" for name in notebooks}
    assert expected <= {path.relative_to(built[0]).as_posix() for path in pages(built[0])}


@pytest.mark.slow
def test_every_page_says_that_the_records_are_synthetic(built: tuple[Path, str]) -> None:
    statement = mark(read_study(ROOT))
    assert statement
    for page in pages(built[0]):
        elements = Elements(page)
        assert statement in " ".join(elements.text.split()), page.name
        assert ("meta", {"name": "records", "content": statement}) in elements.found, page.name


@pytest.mark.slow
def test_no_page_fetches_anything_from_elsewhere(built: tuple[Path, str]) -> None:
    elsewhere = re.compile(r"\s*(https?:)?//")
    for page in pages(built[0]):
        for tag, attributes in Elements(page).found:
            fetched = [attributes.get(name, "") for name in ("src", "srcset", "data", "poster")]
            fetched += [attributes.get("href", "")] if tag in ("link", "use", "image") else []
            assert not [url for url in fetched if elsewhere.match(url)], (page.name, tag)
    for sheet in built[0].rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?\s*(https?:)?//", sheet.read_text("utf-8"))


@pytest.mark.slow
def test_what_the_pages_fetch_is_there(built: tuple[Path, str]) -> None:
    for page in pages(built[0]):
        for tag, attributes in Elements(page).found:
            for name in ("src", "href"):
                url = re.sub(r"[?#].*", "", attributes.get(name, ""))
                if url and not re.match(r"[a-z]+:", url):
                    assert (page.parent / url).exists(), (page.name, tag, url)


@pytest.mark.slow
def test_every_figure_has_an_alternative_text(built: tuple[Path, str]) -> None:
    for page in pages(built[0]):
        for tag, attributes in Elements(page).found:
            if tag == "img":
                assert len(attributes.get("alt", "")) > 20, (page.name, attributes.get("src"))


@pytest.mark.slow
def test_formulas_are_mathml(built: tuple[Path, str]) -> None:
    elements = Elements(built[0] / "methods.html")
    written = len(re.findall(r"^```\{math\}", PAGES["methods.md"], flags=re.MULTILINE))
    made = [a for tag, a in elements.found if tag == "math" and a.get("display") == "block"]
    assert len(made) == written > 10
    assert not re.search(r"\\[a-z]+", elements.text)
    assert (built[0] / "_static" / "STIXTwoMath-Regular.ttf").is_file()


@pytest.mark.parametrize("name", PAGES)
def test_every_heading_has_words(name: str) -> None:
    assert re.findall(r"^#+\s*$", PAGES[name], flags=re.MULTILINE) == []


def test_the_glossary_is_in_order_and_explains_each_term_once() -> None:
    terms = read_terms(DOCS / "glossary.md")
    names = list(dict.fromkeys(term.name for term in terms.values()))
    assert names == sorted(names, key=lambda name: name.lower().removeprefix("the "))
    assert len(names) > 40
    assert all(term.definition.endswith(".") for term in terms.values())


def test_citations_and_references_agree() -> None:
    cited = {
        key.strip()
        for page in PAGES.values()
        for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", page)
        for key in keys.split(",")
    }
    cited |= {each.source for each in standards()} | {"nust2021", "vilhuber2022"}  # in words
    entries = re.findall(r"^@\w+\{(\w+),", (DOCS / "references.bib").read_text("utf-8"), re.M)
    assert len(entries) == len(set(entries))
    assert cited == set(entries)


def public(module: Path) -> list[str]:
    """Give the functions and classes of a module that others may use, by their full names."""
    name = ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return [
        f"{name}.{node.name}"
        for node in ast.parse(module.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


@pytest.mark.slow
def test_every_stage_of_the_library_has_a_page_with_all_that_is_public(
    built: tuple[Path, str],
) -> None:
    apart = {"synthetic"}  # the generator of this study's records is no part of the flow
    stages = {path.parent.name for path in (ROOT / "lmm").glob("*/__init__.py")} - apart
    assert {path.stem for path in (built[0] / "library").glob("*.html")} == stages
    for stage in stages:
        text = (built[0] / "library" / f"{stage}.html").read_text("utf-8")
        names = [name for p in (ROOT / "lmm" / stage).rglob("*.py") for name in public(p)]
        assert len(names) > 5, stage
        assert [name for name in names if f'id="{name}"' not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_the_pages_name_is_in_the_library(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute) or importlib.import_module(name)


def test_the_examples_of_the_tutorial_give_what_it_says() -> None:
    blocks = re.findall(r"```pycon\n(.*?)```", PAGES["tutorial.md"], flags=re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "tutorial", None, 0)
    result = doctest.DocTestRunner(verbose=False).run(examples)
    assert (result.failed, result.attempted) == (0, 6)


def test_the_change_that_the_tutorial_asks_for_can_be_made() -> None:
    source = (ROOT / "lmm/analysis/response.py").read_text("utf-8")
    call = re.search(
        r"^ +return plain_share\((.*), \"clopper-pearson\"\)$", PAGES["tutorial.md"], re.M
    )
    assert call
    assert f"    return plain_share({call[1]})\n" in source


def test_files_and_commands_of_the_tutorial_exist() -> None:
    tutorial, makefile = PAGES["tutorial.md"], (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make ([a-z-]+)`", tutorial):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for name in re.findall(r"(?:tests|notebooks|data|lmm)/[\w/-]+\.\w+", tutorial):
        assert (ROOT / name).is_file(), name
    assert "face to face" in (ROOT / "data/raw/courses.csv").read_text("utf-8-sig")


def test_the_tutorial_names_the_exercises_and_what_is_said_of_them() -> None:
    rows = re.findall(r"^\| (\d) ([a-z-]+) \|", PAGES["tutorial.md"], flags=re.MULTILINE)
    told = [(str(one.number), one.name) for one in EXERCISES]
    assert [(number, name.replace("-", "")) for number, name in rows] == told
    asked = {"successes": 425, "trials": 500, "red_below": 0.65, "green_from": 0.85}
    shown = f"answer.py: {told_wrong({**asked, 'direction': 'at least'}, 'amber')}"
    assert shown in " ".join(PAGES["tutorial.md"].split())
    assert f"hint 1 of 3: {EXERCISES[2].hints('answer.py')[0][:60]}" in PAGES["tutorial.md"]
