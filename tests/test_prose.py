"""The words of a page: Markdown, references, terms, search, and a notebook taken apart."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import nbformat
import pytest

from lmm.publish.filters import TEMPLATES
from lmm.publish.markdown import ON_EVERY_PAGE, Places, slug
from lmm.publish.prose import Links, Reference, Term, in_words, rendered
from lmm.publish.report import Code, Figure, Note, Other, Prose, report_of
from lmm.publish.search import entries_in, entries_of, script_of
from lmm.publish.sources import source_of
from lmm.study.problems import StudyError

WILSON = Reference("wilson1927", ("Wilson",), "1927", "Wilson, E. (1927). Probable inference.")
BOTH = Reference("korn1998", ("Korn", "Graubard"), "1998", "Korn and Graubard (1998).")
MANY = Reference("lewis2021", ("Lewis", "Bromley", "Sutton"), "2021", "Lewis (2021).")
TERM = Term("interval", "What is compatible with <counts>.")
LINKS = Links(
    terms={"interval": TERM, "confidence interval": TERM},
    references={each.key: each for each in (WILSON, BOTH, MANY)},
    pages={"methods.md": "methods.html"},
)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("limits (Wilson 1927)", '(<a href="references.html#wilson1927">Wilson 1927</a>)'),
        ("Wilson's (1927) limits", '<a href="references.html#wilson1927">Wilson\'s (1927)</a>'),
        ("Korn and Graubard 1998", '<a href="references.html#korn1998">Korn and Graubard 1998</a>'),
        ("Lewis et al. (2021)", '<a href="references.html#lewis2021">Lewis et al. (2021)</a>'),
        ("{cite:p}`wilson1927, korn1998`", '#korn1998">Korn and Graubard 1998</a>)'),
        ("{cite:t}`wilson1927`", '<a href="references.html#wilson1927">Wilson (1927)</a>'),
    ],
)
def test_a_reference_leads_to_the_bibliography(text: str, link: str) -> None:
    text = in_words(text, LINKS.references, "1-a.ipynb")
    assert link in str(rendered(text, LINKS)).replace("&#x27;", "'")


def test_a_reference_that_is_none_is_told_with_its_file() -> None:
    with pytest.raises(StudyError) as told:
        in_words("so {cite:p}`korn1998, wilson1972`", LINKS.references, "1-a.ipynb")
    assert str(told.value) == (
        "1-a.ipynb: cites 'wilson1972', which is no reference; is it 'wilson1927'? Cite one of "
        "those in docs/references.bib, or write authors and year in words"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a <!-- for\n\nauthors --> b", "a  b"),
        ("a `<!-- b -->` and ``{cite:t}`x` ``", "a `<!-- b -->` and ``{cite:t}`x` ``"),
        ("```\n<!-- {cite:t}`x` -->\n```\n<!-- b -->", "```\n<!-- {cite:t}`x` -->\n```\n"),
    ],
)
def test_comments_are_for_authors_unless_they_are_code(text: str, words: str) -> None:
    assert in_words(text, LINKS.references, "1-a.ipynb") == words


def test_another_year_is_another_work() -> None:
    assert "<a" not in rendered("Wilson 19271 and Wilson 1928", LINKS)


def test_a_term_is_explained_where_it_first_stands() -> None:
    made = str(rendered("An Interval, an interval and `interval`.\n\n## Interval", LINKS))
    assert made.count('href="glossary.html#interval"') == 1
    assert ">Interval</a>" in made
    assert "What is compatible with &lt;counts&gt;." in made
    assert "<code>interval</code>" in made


def test_markup_of_an_author_is_text() -> None:
    made = rendered("a <script>x</script> *is*", LINKS)
    assert "<script>" not in made
    assert "<em>is</em>" in made


def test_a_document_is_linked_as_the_page_that_it_is_here() -> None:
    assert 'href="methods.html#a-rate"' in rendered("[M](../docs/methods.md#a-rate)", LINKS)
    assert "<a" not in rendered("[other](your-service.md)", LINKS)  # it has no page here


def test_a_link_with_a_title_leads_there_too() -> None:
    made = rendered('[x](methods.md "t & u") [y](your-service.md "t")', LINKS)
    assert made == '<p><a href="methods.html" title="t &amp; u">x</a> y</p>\n'


@pytest.mark.parametrize(
    "text",
    [
        "[`code` and Wilson 1927 interval](https://x.y)",
        "[*an* interval of `code`](https://x.y)",
        "#### The `interval` of Wilson 1927",
        "<https://x.y/interval>",
    ],
)
def test_no_link_stands_in_a_link_or_a_heading(text: str) -> None:
    assert str(rendered(text, LINKS)).count("<a ") == 1


def test_two_works_of_one_year_are_no_link_in_a_link() -> None:
    twice = Links(references={key: replace(WILSON, key=key) for key in "ab"})
    assert str(rendered("Wilson 1927", twice)).count("<a ") == 1


def test_formulas_need_no_script() -> None:
    made = rendered("with $x$ of $n$", LINKS)
    assert made.count("<math") == 2
    assert "$" not in made


def notebook() -> nbformat.NotebookNode:
    def shown(kind: str, data: str, **what: object) -> nbformat.NotebookNode:
        return nbformat.v4.new_output(
            "display_data",
            {kind: data, "text/plain": "alt" if "svg" in kind else "One.\nTwo."},
            metadata={"lmm": what},
        )

    table = {"name": "a_b", "number": "Table 1", "title": "A & b", "long": False}
    figure = {"name": "a_b", "number": "Figure 1", "of": ["a_b"], "drawn_by": "x.y",
              "caption": "Bars.", "first_page": True, "folded": True}  # fmt: skip
    known = {"of": "a_b", "rests_on": "assumed", "first_page": True}
    answer = shown("text/html", "<p>", **{"is": "answer"}, **known)
    html = "<table><tr><th>How many</th><td>3 &amp; 4</td></tr></table>"
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nlead\n\n## First *part*\n\n**Q.** [m](x.md)?"),
        nbformat.v4.new_code_cell("import a"),
        nbformat.v4.new_code_cell(
            "show()", outputs=[answer, shown("text/html", html, **{"is": "table"}, **table)]
        ),
        nbformat.v4.new_code_cell(
            "draw()", outputs=[shown("image/svg+xml", "<svg/>", **{"is": "figure"}, **figure)]
        ),
        nbformat.v4.new_markdown_cell("## Second"),
        nbformat.v4.new_code_cell(
            "print(1)",
            outputs=[
                nbformat.v4.new_output("stream", text="1\n"),
                shown("text/html", "<p>", **{"is": "note"}),
            ],
        ),
        nbformat.v4.new_code_cell("last()"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_a_notebook_is_taken_apart_by_its_headings() -> None:
    report = report_of(notebook(), "1-a")
    assert (report.title, report.href) == ("Title", "1-a.html")
    assert [section.place for section in report.sections] == ["first-part", "second"]
    assert report.lead.blocks == [Prose("lead")]
    first, second = report.sections
    assert [block.kind for block in first.blocks] == [
        "prose", "code", "answer", "table", "code", "figure"
    ]  # fmt: skip
    assert first.blocks[1] == Code("import a\n\nshow()", (1, 2))
    assert first.blocks[2].sentences == ("One.", "Two.")  # type: ignore[union-attr]
    figure = first.blocks[5]
    assert isinstance(figure, Figure)
    assert (figure.of, figure.is_folded, figure.place) == (("a_b",), True, "figure-a-b")
    assert second.blocks[1:3] == [Other({"text/plain": "1\n"}), Note(("One.", "Two."))]
    assert second.blocks[3] == Code("last()", (5,))


PARTED = """\
# A *title* ##

lead

```python
# a comment
## another
```

## Notes

- an item
  ## not a part

### Notes

Second
`notes`
---

### Main

    ## code

## Notes
##
last
"""


def test_headings_are_those_that_markdown_has() -> None:
    report = report_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(PARTED)]), "1")
    assert report.title == "A title"
    assert report.lead.blocks == [Prose("lead\n\n```python\n# a comment\n## another\n```")]
    assert [(part.heading, part.place) for part in report.sections] == [
        ("Notes", "notes"), ("Second notes", "second-notes"), ("Notes", "notes-2")
    ]  # fmt: skip
    first, second, third = report.sections
    assert first.blocks == [Prose("- an item\n  ## not a part\n\n### Notes")]
    assert second.blocks == [Prose("### Main\n\n    ## code")]
    assert third.blocks == [Prose("last")]


def test_each_heading_of_a_page_has_an_anchor_of_its_own() -> None:
    places = Places(["notes", "notes-2"])
    made = "".join(rendered(text, LINKS, places) for text in ("### Notes", "### Main\n### Notes"))
    assert re.findall(' id="([^"]*)"', made) == ["notes-3", "main-2", "notes-4"]
    assert re.findall(' href="#([^"]*)"', made) == ["notes-3", "main-2", "notes-4"]


def test_no_heading_takes_an_anchor_of_the_layout() -> None:
    layout = (TEMPLATES / "layout.html.j2").read_text("utf-8")
    assert {"top", *re.findall(r' id="([^"]*)"', layout)} == set(ON_EVERY_PAGE)


def test_a_heading_of_signs_alone_has_an_anchor() -> None:
    assert slug("???") == "section"


def test_the_search_finds_the_words_of_sections_tables_and_figures() -> None:
    lead, section, table, figure, _ = entries_of(report_of(notebook(), "1-a"))
    assert (lead.href, lead.heading, lead.text) == ("1-a.html#top", "Title", "lead")
    assert (section.href, section.text) == ("1-a.html#first-part", "One. Two. Q. m?")
    assert (table.href, table.heading) == ("1-a.html#table-a-b", "Table 1. A & b")
    assert table.text == "How many 3 & 4"
    assert (figure.href, figure.text) == ("1-a.html#figure-a-b", "alt")


def test_the_search_finds_the_sections_of_a_page() -> None:
    page = '<h1>x</h1><h2 id="a">A &amp; b<a class="anchor" href="#a">#</a></h2><p>words</p>'
    (found,) = entries_in(page, "p.html", "P")
    assert (found.href, found.heading, found.text) == ("p.html#a", "A & b", "words")


def test_the_index_is_a_script_that_carries_the_mark() -> None:
    script = script_of(entries_of(report_of(notebook(), "1-a")), "SYNTHETIC")
    first, second = script.splitlines()
    assert first == "// SYNTHETIC"
    assert len(json.loads(second.removeprefix("window.SEARCHED = ").rstrip(";"))) == 5


def test_the_code_of_a_figure_is_found_without_importing_it() -> None:
    found = source_of("lmm.showing.plots.families.caseload")
    assert found is not None
    assert found.file == "lmm/showing/plots/families.py"
    assert found.text.startswith("def caseload(")
    assert source_of("__main__.draw") is None
    assert source_of("lmm.showing.plots.families.nothing") is None
