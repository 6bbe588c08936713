"""No number is typed into prose that nothing declares, and none that is wrong.

Wrong numbers are planted in each kind of document, in each form, and each has to be found.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lmm.review.numbers.check import declared_numbers, main, problems
from lmm.review.numbers.declarations import declarations
from lmm.review.numbers.documents import documents
from lmm.review.numbers.numerals import agrees, numerals
from lmm.review.numbers.passages import of_citation, of_template, of_typst
from lmm.review.numbers.prose import of_markdown
from lmm.review.numbers.reading import Known, Reading, reading_of
from lmm.study.problems import StudyError

ROOT = Path(__file__).resolve().parents[1]
KNOWN = Known.of(ROOT)
NAMES = [
    name
    for path in documents(ROOT)
    if (name := path.relative_to(ROOT).as_posix()) not in KNOWN.declared.generated
]


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def told(name: str, text: str) -> list[str]:
    return [str(problem) for problem in reading_of(KNOWN, name, text).told()]


def said(markdown: str) -> list[str]:
    """Give the numerals that are prose."""
    passages = of_markdown(markdown, KNOWN.references)
    return [each.written for passage in passages for each in numerals(passage.prose)]


def test_every_numeral_of_the_compendium_is_declared_and_right() -> None:
    assert problems(ROOT) == []


def test_the_documents_are_all_read() -> None:
    for name in (
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff", "docs/index.md",
        "docs/methods.md", "docs/disclosure.md", "docs/coverage.md", "examples/drop-ins/README.md",
        "notebooks/1-descriptive.ipynb", "lmm/publish/templates/index.html.j2",
        "lmm/publish/handouts/templates/summary.typ", "docs/_templates/layout.html",
        "lmm/exercises/templates/1-interval/task.md",
    ):  # fmt: skip
        assert name in NAMES


# --- numerals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("301 of 304, or 64 % to 99.3%", ["301", "304", "64 %", "99.3%"]),
        ("1,646 and −0.439, 64–99 per cent", ["1,646", "−0.439", "64", "99 per cent"]),
        ("2018/19, on 2020-03-23, Python 3.11", ["2018", "19", "2020-03-23", "3.11"]),
        ("Seventy families, thirty-four more", ["Seventy", "thirty-four"]),
        ("two hundred and four, ten thousand, a dozen", ["two hundred and four", "ten thousand",
                                                         "dozen"]),
        ("a third, two thirds, half, a quarter of it", ["third", "two thirds", "half",
                                                        "a quarter"]),
        ("twice, doubled, threefold, fortyish, the seventieth", ["twice", "doubled", "threefold",
                                                                 "fortyish", "seventieth"]),
        ("½ of them, ３０２ of these, Ⅻ of those, XII", ["½", "３０２", "Ⅻ", "XII"]),
        ("5th, 11px, CR2, n=302", ["5th", "11px", "CR2", "302"]),
        ("one of them, the first, by quarter, I came", []),
    ],
)  # fmt: skip
def test_numerals_of_every_form_are_found(text: str, found: list[str]) -> None:
    assert [each.written for each in numerals(text)] == found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("301", 301), ("1,646", 1646.0), ("64 %", 0.639066), ("99%", 0.993631), ("3.689", 3.6889),
        ("−0.4", -0.439), ("half", 0.5), ("two thirds", Fraction(2, 3)), ("seven", 7),
        ("five million", 5_000_000), ("two hundred and four", 204), ("½", 0.5), ("1e-9", 1e-9),
        ("three quarters", 0.75), ("a dozen", 12), ("3.11", "3.11"), ("ten", "10"), ("99 %", "99%"),
    ],
)  # fmt: skip
def test_a_numeral_says_a_value_rounded_to_its_digits(written: str, value: object) -> None:
    assert agrees(written, value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("302", 301), ("65 %", 0.639066), ("63 %", 0.639066), ("3.688", 3.6889), ("0.4", -0.439),
        ("64", 0.639066), ("eight", 7), ("third", 0.5), ("3.12", "3.11"), ("CR2", 2), ("99", "99%"),
    ],
)  # fmt: skip
def test_a_numeral_does_not_say_another_value(written: str, value: object) -> None:
    assert not agrees(written, value)


# --- what is prose ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markdown",
    [
        "Run `lmm run --set confidence=0.9`, or `{at_least: 6}`, or `garwood1936`.",
        "```python\nx = 302\n```",
        "[words](https://example.org/302/page-7.html#part-3)",
        "With $x=0$ and $\\tfrac12$ and $n_1$.",
        "```{math}\n\\frac{1}{2}\\,\\chi^2_{2x}\n```",
        "<!-- 302 of 304 -->",
        "As Garwood {cite:p}`garwood1936` and others {cite:p}`bell2002,pustejovsky2018` say.",
        "```{image} flow2.svg\n:width: 300px\n```",
    ],
)
def test_code_formulas_links_and_citations_are_no_prose(markdown: str) -> None:
    assert said(markdown) == []


@pytest.mark.parametrize(
    "markdown",
    [
        "# 302 families", "- 302 families", "> 302 families", "**302** families", "3**0**2 of it",
        "`302` of them", "`302 of them`", "$302$ of them", "$302 of them$", "[302](a.md)",
        '[a](a.md "302 families")', "![302 families](a.svg)", '![a](a.svg "302")',
        "| a |\n| --- |\n| 302 |", "| 302 |\n| --- |\n| a |", "a[^n]\n\n[^n]: 302 families",
        "a[^n]\n\n[^n]: 302", "<b>302</b> families", "<p>302 families</p>",
        '<img src="a.svg" alt="302 families">', 'A <span title="302 families">word</span>.',
        "```\n302 of it\n```", "```text\n302 of it\n```", "```markdown\n302 of it\n```",
        "    302 of it", "```sh\nlmm run  # 302 families\n```",
        "```{note}\n302 families\n```", "```{figure} a.svg\n:alt: 302 families\n```",
        ":::{important}\n302 families\n:::", "&#51;02 families", "3\u200b02 families",
        "With $n=302$ it holds.", "```{math}\nx=302\n```", "{cite:p}`nobody302`", "(Smith 302)",
    ],
)  # fmt: skip
def test_a_number_is_prose_wherever_a_reader_sees_it(markdown: str) -> None:
    assert [re.sub(r"\D", "", each) for each in said(markdown)] == ["302"]


def test_a_passage_knows_its_line() -> None:
    text = (
        "# A\n\n```sh\nx  # 5\n```\n\nTwo `5` and\nmore.\n\n| a | b |\n| --- | --- |\n| 7 | 8 |\n"
    )
    lines = {
        each.written: passage.line
        for passage in of_markdown(text)
        for each in numerals(passage.prose)
    }
    assert lines == {"5": 7, "Two": 7, "7": 12, "8": 12}


def test_templates_and_citations_are_read_for_their_words() -> None:
    template = (
        "{# 1 #}<style>a {width: 2px}</style><p class='n3'>{{ x[4:] }} words</p>\n"
        '<p>302 families</p>{{ heading("data", "303 tables") }}<a title="304 more">{% if a > 5 %}'
    )
    found = [(p.line, n.written) for p in of_template(template) for n in numerals(p.prose)]
    assert sorted(found) == [(2, "302"), (2, "303"), (2, "304")]
    cited = of_citation("a: [{year: 2019, notes: 302 of it}]\nkeywords:\n- a\n- 303\n")
    found = [(p.line, n.written) for p in cited for n in numerals(p.prose)]
    assert found == [(1, "302"), (4, "303")]
    typst = '#let a = 7pt // 8\nstrong("302 families") + [303 more] + rgb("#004455")'
    assert [n.written for p in of_typst(typst) for n in numerals(p.prose)] == ["302", "303"]


# --- planted ---------------------------------------------------------------------------------

PLANTED = [
    ("README.md", "301 of 304 respondents", "302 of 304 respondents"),
    ("README.md", "301 of 304 respondents", "301 of 305 respondents"),
    ("README.md", "between 64 % and 99 %", "between 65 % and 99 %"),
    ("README.md", "The published 99 %", "The published 98 %"),
    ("README.md", "to three notebooks", "to four notebooks"),
    ("README.md", "five numbers", "seven numbers"),
    ("README.md", "Python 3.11", "Python 3.10"),
    ("README.md", "![The flow: raw", "![The flow of 70 families: raw"),
    ("README.md", "Quick start", "Quick start in 3 steps"),
    ("docs/index.md", "[five exercises]", "[six exercises]"),
    ("docs/coverage.md", "upper 99 % Monte", "upper 95 % Monte"),
    ("docs/coverage.md", "## Which fall short", "## Which of 126 fall short"),
    ("docs/methods.md", "is 3.689", "is 3.698"),
    ("docs/methods.md", "A_c=r+1.645", "A_c=r+1.654"),
    ("docs/methods.md", "\\rho=0.2$", "\\rho=0.3$"),
    ("docs/methods.md", "2000 times from", "1000 times from"),
    ("docs/methods.md", "top two of five", "top two of seven"),
    ("docs/methods.md", "if all 434 people", "if all 443 people"),
    ("docs/disclosure.md", "23,271 small counts", "23,721 small counts"),
    ("docs/disclosure.md", "1,646 of 2,350", "1,464 of 2,350"),
    ("docs/disclosure.md", "| 562 | 106, 94 |", "| 562 | 106, 49 |"),
    ("docs/disclosure.md", "in four rounds", "in five rounds"),
    ("docs/glossary.md", "from ten events on", "from twenty events on"),
    ("docs/check.md", "more than 200 MB,", "more than 300 MB,"),
    ("docs/your-service.md", "fewer than 10 answers", "fewer than 12 answers"),
    ("docs/tutorial.md", "half a minute for all", "a quarter of a minute for all"),
    ("docs/design.md", "Two ideas carry everything", "Three ideas carry everything"),
    ("CONTRIBUTING.md", "about thirty lines", "about forty lines"),
    ("SECURITY.md", "kept up by volunteers", "kept up by twelve volunteers"),
    ("CITATION.cff", "Little Minds Matter: a rep", "Little Minds Matter (62 families): a rep"),
    ("examples/drop-ins/README.md", "a table of calls", "a table of 419 calls"),
    ("examples/peer-support/README.md", "seven-point scale", "five-point scale"),
    ("notebooks/1-descriptive.ipynb", "Whom did the courses reach?",
     "Whom did the seventy families reach?"),
    ("notebooks/1-descriptive.ipynb", "(Garwood 1936)", "(Garwood 1963)"),
    ("notebooks/1-descriptive.ipynb", "(Garwood 1936)", "(Garwood 1936; of 62 families)"),
    ("notebooks/1-descriptive.ipynb", "Shares are of those who attended.",
     "Shares are of those who attended (Miller 2018)."),
    ("notebooks/1-descriptive.ipynb", "within twelve weeks", "within ten weeks"),
    ("notebooks/1-descriptive.ipynb", "# 1 Descriptive", "# 2 Descriptive"),
    ("notebooks/1-descriptive.ipynb", "Sessions given to staff", "Sessions given to 434 staff"),
    ("notebooks/2-satisfaction.ipynb", "Who answered?", "Who answered: two thirds?"),
    ("notebooks/3-targets.ipynb", "the four zones", "the five zones"),
    ("lmm/exercises/templates/2-denominator/task.md", "give six numbers", "give seven numbers"),
    ("lmm/publish/templates/index.html.j2", "Tables and figures to take away",
     "54 tables and figures to take away"),
    ("lmm/publish/templates/layout.html.j2", "Skip to the text", "Skip to the text of 62 families"),
    ("lmm/publish/handouts/templates/summary.typ", '"Source: "', '"Source of 62: "'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong"), PLANTED)
def test_a_wrong_number_is_found(name: str, right: str, wrong: str) -> None:
    text = text_of(name)
    in_json = [part.replace("\\", "\\\\") if name.endswith("ipynb") else part
               for part in (right, wrong)]  # fmt: skip
    assert in_json[0] in text
    found = told(name, text.replace(*in_json))
    assert found
    assert all(line.startswith((f"{name}: ", "docs/numbers.yaml: ")) for line in found)


@settings(max_examples=60, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(data=st.data())
def test_no_digit_of_prose_can_be_changed_unseen(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([n for n in NAMES if n.endswith((".md", ".txt"))]))
    text = text_of(name)
    places = [found.start() for found in re.finditer(r"\d", text)]
    assume(places)
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from("0123456789".replace(text[at], "")))
    changed = reading_of(KNOWN, name, text[:at] + digit + text[at + 1 :])
    if in_numerals(changed) != in_numerals(reading_of(KNOWN, name, text)):
        assert changed.told()


def in_numerals(reading: Reading) -> list[str]:
    return [each.written for passage in reading.passages for each in numerals(passage.prose)]


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".md")])
def test_a_number_put_into_any_paragraph_is_found(name: str) -> None:
    assert told(name, text_of(name) + "\nIn all, seventy families came.\n")


# --- declarations ----------------------------------------------------------------------------


def small(folder: Path, entry: str, readme: str) -> list[str]:
    """Give what is told of a compendium that is one sentence and one table."""
    for part in ("docs", "outputs/tables", "tests"):
        (folder / part).mkdir(parents=True)
    (folder / "docs/references.bib").write_text(
        "@book{kish1965, author={Kish}, title={A}, year={1965}}"
    )
    (folder / "outputs/tables/counts.csv").write_text("who,n,share\na,301,0.64\nb,3,0.36\n")
    (folder / "docs/numbers.yaml").write_text(f"documents:\n  README.md:\n  - {entry}\n")
    (folder / "README.md").write_text(f"# A\n\n{readme}\n")
    return [str(problem) for problem in problems(folder)]


COUNTED = "{says: 301 came, from: [{result: counts, row: {who: a}, columns: n}]}"


def test_what_a_declaration_allows_stands_in_its_words_alone(tmp_path: Path) -> None:
    assert small(tmp_path / "a", COUNTED, "In all, 301 came.") == []
    assert small(tmp_path / "b", COUNTED, "In all, 301 came, and 301 went.") == [
        "README.md: line 3: '301' is typed in 'In all, 301 came, and 301 went.', and nothing says "
        "where it comes from; say it without a number, or declare it in docs/numbers.yaml"
    ]


def test_another_number_is_told_with_the_place_of_the_right_one(tmp_path: Path) -> None:
    assert small(tmp_path / "a", COUNTED, "In all, 302 came.") == [
        "README.md: line 3: '302' is typed where '301' is declared (from counts (line 2, n)); "
        "write that, or correct docs/numbers.yaml"
    ]
    wrong = COUNTED.replace("301 came", "302 came")
    assert small(tmp_path / "b", wrong, "In all, 302 came.") == [
        "README.md: line 3: '302' is typed: it comes from counts (line 2, n), which has 301; "
        "write that, or correct docs/numbers.yaml"
    ]


@pytest.mark.parametrize(
    ("entry", "readme", "why"),
    [
        (COUNTED, "Nobody came.", "README.md says '301 came' no longer"),
        (COUNTED, "Now 301 came. Then 301 came.", "README.md says '301 came' 2 times and not 1"),
        (COUNTED.replace("columns: n", "columns: [n, share]"), "So 301 came.",
         "'301 came' has 301, and is declared to say 2 numbers"),
        (COUNTED.replace("who: a", "who: c"), "So 301 came.", "has 0 rows with"),
        (COUNTED.replace("row: {who: a}, ", ""), "So 301 came.", "has 2 rows with"),
        (COUNTED.replace("columns: n", "columns: m"), "So 301 came.", "has no column 'm'"),
        ("{says: 301 came, from: [{words: A, of: README.md, written: B}]}",
         "So 301 came.", "'A' does not hold 'B'"),
        (COUNTED.replace("counts", "others"), "So 301 came.", "No such file"),
        ("{says: they came, because: so}", "So they came.", "has no numeral"),
        ("{says: 301 came, cited: nobody}", "So 301 came.", "'nobody' is neither a key"),
    ],
)  # fmt: skip
def test_a_declaration_that_fits_nothing_is_told(
    entry: str, readme: str, why: str, tmp_path: Path
) -> None:
    assert any(why in line for line in small(tmp_path, entry, readme))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("{says: 301 came}", "give one of from, tested, cited, measured and because"),
        ("{says: 301 came, because: so, cited: kish1965}", "give one of"),
        ("{says: 301 came, because: so, spoken: yes}", "spoken"),
        ("{says: 301 came, tested: 'tests/test_a.py::test_b'}", "is no test"),
    ],
)
def test_a_declaration_without_one_reason_is_refused(entry: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=why):
        small(tmp_path, entry, "So 301 came.")


def test_a_test_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="is no test"):
        small(tmp_path, "{says: 301 came, tested: 'tests/test_a.py::test_b'}", "So 301 came.")
    (tmp_path / "tests/test_a.py").write_text("def test_bc() -> None: ...\n")
    with pytest.raises(StudyError, match=r"test_a\.py::test_b is no test"):
        problems(tmp_path)
    (tmp_path / "tests/test_a.py").write_text("def test_b() -> None: ...\n")
    assert problems(tmp_path) == []


def test_a_name_that_stands_nowhere_is_told(tmp_path: Path) -> None:
    entry = "{says: 301 came, because: so}\nanywhere:\n- {says: [CR2, CR3], because: a name}"
    assert small(tmp_path, entry, "So 301 came, after CR2.") == [
        "docs/numbers.yaml: 'CR3' stands nowhere; correct the entry, or take it out"
    ]


def test_a_document_that_is_gone_is_told(tmp_path: Path) -> None:
    found = small(tmp_path, "{says: 301 came, because: so}\n  docs/gone.md: []", "So 301 came.")
    assert found == [
        "docs/numbers.yaml: docs/gone.md is no document that is read; "
        "correct the entry, or take it out"
    ]


def test_the_command_fails_on_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(tmp_path, COUNTED, "In all, 302 came.")
    assert main(tmp_path) == 1
    assert "'302' is typed" in capsys.readouterr().err
    (tmp_path / "README.md").write_text("So 301 came.\n")
    assert main(tmp_path) == 0


def test_a_number_of_the_readme_is_led_back_to_its_cell() -> None:
    (high, of) = [each for each in declared_numbers(ROOT) if each.phrase.startswith("Here it is")]
    assert (high.document, high.numeral.written, of.numeral.written) == ("README.md", "301", "304")
    assert high.value and of.value
    assert high.value.file == "outputs/tables/satisfaction_intervals.csv"
    assert (high.value.line, high.value.column, of.value.column) == (2, "numerator", "denominator")


def test_every_origin_can_be_read() -> None:
    for entries in declarations(ROOT).documents.values():
        for entry in entries:
            assert bool(entry.values(ROOT)) == bool(entry.origins)
