"""Evidence: nothing is ticked that a program did not check, and the pages are in step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from malformed import make, swap

from lmm.cli import main
from lmm.review.evidence import codecheck, replication
from lmm.review.evidence.checks import CHECKS, Check, NotMetError
from lmm.review.evidence.codecheck_rules import rules
from lmm.review.evidence.measured import FILE, Measured, digest, kept, of_crate
from lmm.review.evidence.pages import code, names, pages, plain
from lmm.review.evidence.places import NotThereError, find
from lmm.review.evidence.standards import Item, answered, standards
from lmm.review.evidence.subject import Subject
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE = ROOT / "docs/evidence"
RUN = Measured("2026-01-02", "Linux", "Python 3.12.1", 59, 500, 12, digest([]))


@pytest.fixture
def other(tmp_path: Path) -> Subject:
    """Give another study, without anything but its records, and code that is not there."""
    (tmp_path / "code").mkdir()
    return Subject(read_study(make(tmp_path / "study")), tmp_path / "code", None)


@pytest.fixture(scope="module")
def own() -> Subject:
    return Subject(read_study(ROOT), ROOT, kept(EVIDENCE))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an archive is not under git")
def test_the_pages_are_in_step_with_what_they_look_at(own: Subject) -> None:
    manifest = ROOT / codecheck.FILE
    made = pages(own, EVIDENCE, manifest)
    assert {path.name: path.read_text("utf-8") for path in EVIDENCE.glob("*.md")} == made
    assert sorted(made) == sorted(names())
    assert manifest.read_text("utf-8") == codecheck.manifest(own, manifest)


@pytest.mark.parametrize("name", CHECKS)
def test_no_check_finds_anything_where_nothing_is(other: Subject, name: str) -> None:
    with pytest.raises(NotMetError, match=r"\w+"):
        CHECKS[name].look(other)
    installed = Subject(other.study, None, None)
    with pytest.raises(NotMetError):
        CHECKS[name].look(installed)


def test_a_check_that_fails_has_confirmed_nothing(
    other: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Subject) -> str:
        raise KeyError("n")

    monkeypatch.setitem(CHECKS, "fails", Check(fails, "make help"))
    answer = answered(Item("1", "something", check="fails"), other)
    assert answer.status == "not met"
    assert answer.found == "the check failed: KeyError: 'n'"
    monkeypatch.setitem(CHECKS, "fails", Check(lambda _: "so it is", "make help"))
    answer = answered(Item("1", "something", check="fails"), other)
    assert (answer.status, answer.found, answer.again) == ("verified", "so it is", "make help")
    answer = answered(Item("1", "something", check="fails", judge="whether it is"), other)
    assert answer.status == "needs a person"  # a check besides leaves it to the person


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"where": ("study.yaml#service",)},
        {"lacks": "it", "check": "tests"},
        {"lacks": "it", "idle": "it"},
        {"judge": "it", "words": ("fund",)},
        {"check": "no such check"},
    ],
)
def test_an_item_without_one_plain_way_to_answer_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="item 1"):
        Item("1", "something", **given)  # type: ignore[arg-type]


def test_every_item_of_the_standards_is_there() -> None:
    numbers = {each.page: [item.item for item in each.items] for each in standards()}
    assert {page: len(items) for page, items in numbers.items()} == {
        "rap": 18, "record": 13, "squire": 29, "strobe": 34, "tidier": 12,
    }  # fmt: skip
    assert all(len(items) == len(set(items)) for items in numbers.values())
    whole = {item.rstrip("abcde") for item in numbers["strobe"]}
    assert whole == {str(number) for number in range(1, 23)}
    assert {item.rstrip("abcdef") for item in numbers["squire"]} == {
        str(number) for number in range(1, 19)
    }


def test_a_checklist_is_never_verified_by_a_place(own: Subject) -> None:
    found = [answered(item, own) for each in standards() if each.page != "rap"
             for item in each.items]  # fmt: skip
    assert {each.status for each in found} == {"needs a person", "not met", "does not apply"}
    assert all(each.places for each in found if each.status == "needs a person")
    assert all(each.item.lacks for each in found if each.status == "not met")


def test_what_the_compendium_says_of_itself_is_said_of_no_other_study(other: Subject) -> None:
    answer = answered(Item("7", "where", lacks="a town is named"), other)
    assert (answer.status, answer.found) == ("needs a person", "")
    answer = answered(Item("1", "name", where=("README.md#limits",), judge="it"), other)
    assert answer.item.judge == "whether a text of the service's own addresses it, and where"
    answer = answered(Item("5", "period", where=("study.yaml#period",), judge="it"), other)
    assert [place.words for place in answer.places] == ["period"]


def test_what_authors_say_is_lacking_is_theirs_to_say_unless_a_page_contradicts_it(
    tmp_path: Path,
) -> None:
    study = read_study(make(tmp_path / "study"))
    subject = Subject(study, study.folder.resolve(), None)
    item = Item("22", "funding", lacks="nothing is said of funding", words=("fund",))
    answer = answered(item, subject)
    assert answer.status == "not met"
    assert answer.found.startswith("By the authors' own account: nothing is said of funding; no")
    page = "# One\n\nRefunds.\n\n## Thanks\n\nWe were Funded by a trust.\n\n## Last\n\nWords.\n"
    written(study.folder, {"docs/a.md": page})
    answer = answered(item, subject)
    assert answer.status == "needs a person"
    assert [each.words for each in answer.places] == ["Thanks"]  # and not "refunds"
    assert "contradicts what the authors say: nothing is said of funding" in answer.item.judge


def test_what_does_not_apply_is_said_of_the_compendium_alone(other: Subject, own: Subject) -> None:
    item = Item("6b", "matching", idle="nothing is matched here")
    assert answered(item, own).status == "does not apply"
    assert answered(item, other).status == "needs a person"


def test_no_item_says_that_there_is_no_abstract_where_there_is_one(own: Subject) -> None:
    for page, number in (("strobe", "1b"), ("squire", "2b")):
        items = next(each.items for each in standards() if each.page == page)
        answer = answered(next(each for each in items if each.item == number), own)
        assert [(each.file, each.words) for each in answer.places] == [("CITATION.cff", "abstract")]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("README.md", "names no section"),
        ("README.md#limits", "README.md is not there"),
        ("page.md#nowhere", "page.md has no section nowhere"),
        ("page.md#empty", 'page.md: "Empty" has no sentence'),
        ("page.md#dot", 'page.md: "Dot" has no sentence'),
        ("page.md#only-headings", 'page.md: "Only headings" has no sentence'),
        ("study.yaml#funding", "study.yaml has no funding"),
        ("notebooks/1-descriptive.ipynb#top", "no executed report 1-descriptive"),
    ],
)
def test_a_place_is_there_and_has_text(other: Subject, place: str, why: str) -> None:
    text = "# Page\n\n## Empty\n\n## Only headings\n\n### Below\n\n## Dot\n\n.\n"
    text += "\n## Last\n\nIt has words.\n"
    (other.home / "page.md").write_text(text, "utf-8")
    with pytest.raises(NotThereError, match=why):
        find(place, other)
    assert find("page.md#last", other).words == "Last"


def written(home: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("name", "files", "why"),
    [
        ("documented", {"lmm/a.py": '"""A."""\n\ndef f():\n    pass\n'}, "lmm/a.py: f"),
        ("seeded", {"lmm/a.py": "import numpy.random as r; r.default_rng()\n"}, "lmm/a.py, line 1"),
        ("seeded", {"lmm/a.py": "import numpy as np; np.random.normal()\n"}, "lmm/a.py, line 1"),
        ("style", {"lmm/a.py": "import os\n"}, "ruff check"),
        ("seeded", {"lmm/a.py": "from numpy.random import default_rng as g\ng(None)\n"}, "line 2"),
        ("seeded", {"lmm/a.py": "from random import random as r\nr()\n"}, "line 2"),
        ("tests", {"tests/test_a.py": "def helper(): ...\n"}, "has no test"),
        ("tests", {"tests/test_a.py": "def test_a():\n    pass\n"}, "asserts anything in test_a"),
        ("dependencies", {"requirements.txt": "pandas>=2\n", "pyproject.toml": "[project]\n"},
         "pandas is not pinned"),
        ("dependencies", {"requirements.txt": "numpy==2 \\\n    --hash=sha256:1\n",
                          "pyproject.toml": "[project]\ndependencies = ['ruamel.yaml>=1']\n"},
         "'sha256:1', which is no SHA-256.*lacks ruamel.yaml"),
        ("package", {"pyproject.toml": "[project]\nname = 'x'\n"}, "build-system"),
        ("continuous integration",
         {".github/workflows/a.yml": "on: [push]\njobs: {a: {run: make test}}\n"}, "no workflow"),
        ("continuous integration",
         {".github/workflows/a.yml": "on: [push, pull_request]\n# make test\n"
          "jobs: {a: {steps: [{name: make test, run: make tests}]}}\n"}, "no workflow"),
        ("changelog", {"CHANGELOG.md": "# Log\n\n## 0.0.1\n"}, "does not begin with"),
        ("layout", {"README.md": "## What is where\n\n```\nlost/  it\n```\n"}, "lost/"),
    ],
)  # fmt: skip
def test_a_check_says_what_is_amiss(
    other: Subject, name: str, files: dict[str, str], why: str
) -> None:
    assert other.code
    written(other.code, files)
    with pytest.raises(NotMetError, match=why):
        CHECKS[name].look(other)


def test_outputs_are_those_of_the_measured_run_or_not(other: Subject) -> None:
    measured = Subject(other.study, other.code, RUN)
    assert "whose hash the run of 2026-01-02 left" in CHECKS["outputs"].look(measured)
    written(other.study.outputs, {"figures/a.png": "no part", "site/a.html": "no part"})
    assert CHECKS["outputs"].look(measured)
    written(other.study.outputs, {"tables/a.csv": "n\n1\n"})
    with pytest.raises(NotMetError, match="not those of the run of 2026-01-02"):
        CHECKS["outputs"].look(measured)


def test_an_account_without_rows_is_none(other: Subject) -> None:
    heading, row = "table,reason\n", "courses,why\n"
    log, rejected, rows = (f"data/processed/{name}.csv" for name in
                           ("cleaning_log", "rejected_rows", "row_accounting"))  # fmt: skip
    written(other.home, {log: heading + row, rejected: heading, rows: heading + row})
    assert "rejected_rows.csv" in CHECKS["logs"].look(other)  # perhaps no row was rejected
    for name in (log, rejected, rows):
        before = (other.home / name).read_text("utf-8")
        written(other.home, {name: ""})
        with pytest.raises(NotMetError, match="has no rows"):
            CHECKS["logs"].look(other)
        written(other.home, {name: before})


def test_a_way_to_start_names_what_is_there(other: Subject) -> None:
    assert other.code
    written(other.code, {"Makefile": "run: ready\n", "lmm/cli.py": "@main.command()\ndef run():\n"})
    written(other.home, {"README.md": "## Quick start\n\nmake run\nlmm run\n"})
    assert "`make run`, `lmm run`" in CHECKS["readme"].look(other)
    for command in ("make all", "lmm all"):
        written(other.home, {"README.md": f"## Quick start\n\n{command}\n"})
        with pytest.raises(NotMetError, match=f"not there: {command}"):
            CHECKS["readme"].look(other)


def test_counts_that_count_twice_are_not_tidy(other: Subject) -> None:
    counts = {"counts/released_counts.csv": "measure,by,n,records\na,,1,s\nb,,2,s\n"}
    written(other.study.outputs, counts)
    assert CHECKS["tidy"].look(other)
    written(other.study.outputs, {"counts/released_counts.csv": "measure,by,n\na,,1\na,,2\n"})
    with pytest.raises(NotMetError, match="something twice"):
        CHECKS["tidy"].look(other)


GOOD = """---
version: https://codecheck.org.uk/spec/config/2.0/
manifest:
- {file: a.csv, comment: A}
paper:
  title: T
  authors: [{name: Josiah Carberry, ORCID: 0000-0002-1825-0097}]
  reference: https://doi.org/10.5555/12345678
  reference-other: [https://doi.org/10.5555/1]
codechecker: [{name: Stephen Hawking, ORCID: 0000-0002-9079-593X}]
report: https://doi.org/10.5555/2
summary: It came out again.
certificate: 2026-001
"""
LICENCE = {"LICENSE": "MIT License\n", "CITATION.cff": "license: MIT\n"}


def ruled(folder: Path, text: str) -> dict[str, str]:
    """Give what is not verified of a manifest in a folder, with the status."""
    written(folder, {codecheck.FILE: text})
    found = rules(folder / codecheck.FILE, folder)
    return {each.name: each.status for each in found if each.status != "verified"}


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("CC-CFG-001", "{file: a.csv, comment: A}", "{"),
        ("CC-CFG-002", "---\n", ""),
        ("CC-CFG-001", "---\nversion", "version: 1\n---\nversion"),
        ("CC-CFG-004", "- {file: a.csv, comment: A}", " []"),
        ("CC-CFG-005", "file: a.csv, ", ""),
        ("CC-CFG-006", "a.csv", "../a.csv"),
        ("CC-CFG-006", "a.csv", "/a.csv"),
        ("CC-CFG-007", ", comment: A", ""),
        ("CC-CFG-008", "codechecker", "checker"),
        ("CC-CFG-009", "name: Stephen Hawking, ", ""),
        ("CC-CFG-010", ", ORCID: 0000-0002-9079-593X", ""),
        ("CC-CFG-011", "report:", "reported:"),
        ("CC-CFG-012", "report: https://doi.org/", "report: "),
        ("CC-CFG-013", "10.5555/2", "10.5281/zenodo.FIXME"),
        ("CC-CFG-014", "version:", "written:"),
        ("CC-CFG-015", "2.0/", "9.0/"),
        ("CC-CFG-016", "paper:", "article:"),
        ("CC-CFG-017", "title: T", "title:"),
        ("CC-CFG-018", "[{name: Josiah Carberry, ORCID: 0000-0002-1825-0097}]", "[]"),
        ("CC-CFG-019", "name: Josiah Carberry, ", ""),
        ("CC-CFG-020", ", ORCID: 0000-0002-1825-0097", ""),
        ("CC-CFG-021, CC-CFG-027", "reference: https://doi.org/10.5555/12345678", "reference:"),
        ("CC-CFG-022", "https://doi.org/10.5555/12345678", "https://example.org/a.pdf"),
        ("CC-CFG-023", "title: T", "title: FIXME"),
        ("CC-CFG-024", "summary:", "sum:"),
        ("CC-CFG-025", "certificate:", "certified:"),
        ("CC-CFG-026", "2026-001", "2026-1"),
        ("CC-CFG-028", "doi.org/10.5555/12345678", "example.org/a"),
        ("CC-CFG-029", "[https://doi.org/10.5555/1]", "https://doi.org/10.5555/1"),
        ("CC-CFG-030", "[https://doi.org/10.5555/1]", "[a book]"),
        ("CC-CFG-031", "https://doi.org/10.5555/12345678", "https://example.org/a.pdf"),
        ("CC-MET-001", "0097", "0098"),
        ("CC-MET-001", "593X", "5931"),
        ("CC-BUN-001", "a.csv", "b.csv"),
    ],
)
def test_each_rule_of_codecheck_is_held(tmp_path: Path, rule: str, old: str, new: str) -> None:
    written(tmp_path, {"a.csv": "n\n", "codecheck/report.pdf": "%PDF", **LICENCE})
    assert ruled(tmp_path, GOOD) == {"CC-CFG-031": "does not apply"}
    assert ruled(tmp_path, GOOD.replace(old, new))[rule] == "not met"


def test_the_folder_of_a_codecheck_is_looked_at(tmp_path: Path) -> None:
    written(tmp_path, {"a.csv": "n\n", "LICENSE": "\n", "CITATION.cff": "license: MIT\n"})
    lacking = {name for name, status in ruled(tmp_path, GOOD).items() if status == "not met"}
    assert lacking == {"CC-BUN-002", "CC-BUN-003", "CC-BUN-005"}
    (tmp_path / codecheck.FILE).rename(tmp_path / "other.yml")
    found = rules(tmp_path / "other.yml", tmp_path)
    assert "CC-CFG-003" in {each.name for each in found if each.status == "not met"}
    (tmp_path / "other.yml").write_bytes(b"---\ntitle: \xff\n")
    last = rules(tmp_path / "other.yml", tmp_path)[-1]
    assert (last.name, last.status) == ("CC-CFG-001", "not met")


def test_words_for_a_reference_are_no_reference_yet(tmp_path: Path) -> None:
    text = GOOD.replace("reference: https://doi.org/10.5555/12345678", "reference: There is none.")
    assert ruled(tmp_path, text)["CC-CFG-021, CC-CFG-027"] == "needs a person"


def test_the_manifest_lacks_what_only_others_can_give(own: Subject) -> None:
    found = rules(ROOT / codecheck.FILE, ROOT)
    lacking = {each.name for each in found if each.status == "not met"}
    assert lacking == {"CC-CFG-020", "CC-CFG-008", "CC-CFG-011", "CC-CFG-024", "CC-CFG-025",
                       "CC-BUN-002", "CC-BUN-003"}  # fmt: skip


def test_what_others_add_to_the_manifest_stays(own: Subject, tmp_path: Path) -> None:
    path = tmp_path / codecheck.FILE
    path.write_text(codecheck.manifest(own, path), "utf-8")
    first = "The Little Minds Matter compendium authors"
    added = "codechecker:  # who did it\n- name: Stephen Hawking\nsummary: 'It came out again.'\n"
    text = path.read_text("utf-8").replace(f"name: {first}", f"name: {first}\n    ORCID: 0000-1")
    text = text.replace("There is no article; the compendium itself is what is checked.",
                        "https://doi.org/10.5555/12345678")  # fmt: skip
    path.write_text(text + added, "utf-8")
    assert codecheck.manifest(own, path) == text + added  # nothing to write anew
    lost = ("- file: outputs/tables/reach.csv\n"
            "  comment: 'Table 21 of 1-descriptive: Families and a reference'\n")  # fmt: skip
    mine = "manifest:\n- file: mine.csv\n  comment: Mine\n- file: outputs/tables/gone.csv\n"
    spoilt = (text + added).replace(lost, "").replace("manifest:\n", mine)
    path.write_text(spoilt, "utf-8")
    made = codecheck.manifest(own, path)
    assert lost in made and "# who did it" in made and "# Whoever checks" in made
    assert "outputs/tables/gone.csv" not in made
    assert "- file: mine.csv\n  comment: Mine\npaper:" in made
    for part in ("ORCID: 0000-1", "https://doi.org/10.5555/12345678", "It came out again."):
        assert part in made


def test_every_numbered_table_is_in_the_manifest(own: Subject, tmp_path: Path) -> None:
    elsewhere = own.study.model_copy(update={"folder": tmp_path})  # no file of a run is there
    subject = Subject(elsewhere, None, None)
    subject.__dict__["reports"] = own.reports
    path = tmp_path / codecheck.FILE
    path.write_text(codecheck.manifest(subject, path), "utf-8")
    assert "file: outputs/tables/reach.csv" in path.read_text("utf-8")
    gone = next(each for each in rules(path, tmp_path) if each.name == "CC-BUN-001")
    assert gone.status == "not met"
    assert "outputs/tables/reach.csv" in gone.remark


@pytest.mark.parametrize(
    ("text", "why"), [("a: [\n", "codecheck.yml: line 2: is not YAML"), ("- a\n", "has no keys")]
)
def test_a_manifest_that_cannot_be_read_is_told(own: Subject, tmp_path: Path, text: str,
                                                why: str) -> None:  # fmt: skip
    written(tmp_path, {codecheck.FILE: text})
    with pytest.raises(StudyError, match=why):
        codecheck.manifest(own, tmp_path / codecheck.FILE)


def test_every_shown_table_has_its_cell_and_its_file(own: Subject) -> None:
    found = list(replication.shown(own))
    first = next(each for each in found if each.file.endswith("activity_by_year.csv"))
    assert first.program == "notebooks/1-descriptive.ipynb"
    cells = [each for each in json.loads((ROOT / first.program).read_text("utf-8"))["cells"]
             if each["cell_type"] == "code"]  # fmt: skip
    assert "activity_by_year" in "".join(cells[int(first.cell) - 1]["source"])
    assert all((ROOT / each.file).is_file() for each in found if each.file)


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0, "<10 minutes"), (599, "<10 minutes"), (600, "10-60 minutes"), (10**8, "> 14 days")],
)
def test_one_span_of_time_is_ticked(seconds: int, name: str) -> None:
    assert [each for each, is_it in replication.spans(seconds) if is_it] == [name]


def test_a_crate_that_is_none_is_told(tmp_path: Path) -> None:
    assert of_crate(tmp_path) is None
    written(tmp_path, {"ro-crate-metadata.json": '{"@graph": [{"@id": "./"}]}', FILE: "[1]"})
    with pytest.raises(StudyError, match="is no crate of a run"):
        of_crate(tmp_path)
    with pytest.raises(StudyError, match="cannot be read"):
        kept(tmp_path)


def test_what_a_study_calls_itself_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "study")
    monkeypatch.setattr("lmm.review.evidence.pages.standards", list)
    swap("study.yaml", "service: Small", 'service: "<b>|[x](y)`"')(folder)
    subject = Subject(read_study(folder), None, None)
    made = pages(subject, folder / "evidence", folder / codecheck.FILE)
    assert "&lt;b&gt;\\|\\[x\\](y)\\`: one command" in made["replication.md"]
    assert (plain("a\nb_c"), code("a`|b\n")) == ("a b\\_c", "`a'\\|b`")


def test_nothing_of_anybody_elses_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "study")
    monkeypatch.setattr("lmm.review.evidence.pages.standards", list)  # quick
    command = ["evidence", "--study", str(folder)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert f"wrote {folder / 'evidence/index.md'}" in done.output
    assert (folder / "codecheck.yml").is_file()
    assert CliRunner().invoke(main, command).exit_code == 0  # its own may be
    (folder / "evidence/replication.md").write_text("# Mine\n", "utf-8")
    before = {path: path.read_bytes() for path in (folder / "evidence").iterdir()}
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "was not written by lmm evidence" in done.output
    assert {path: path.read_bytes() for path in (folder / "evidence").iterdir()} == before


def test_a_release_is_no_study_to_look_at(tmp_path: Path) -> None:
    folder = make(tmp_path / "release")
    written(folder, {"counts/released_counts.csv": "n\n"})
    done = CliRunner().invoke(main, ["evidence", "--study", str(folder)])
    assert done.exit_code == 2
    assert "this is what a run has released" in done.output


def test_a_measured_run_stays_while_it_holds(tmp_path: Path) -> None:
    from lmm.review.evidence.write import _measured

    study: Study = read_study(make(tmp_path / "study"))
    assert _measured(study, tmp_path) is None
    written(tmp_path, {FILE: json.dumps(RUN.__dict__)})
    assert _measured(study, tmp_path) == RUN


def test_pages_elsewhere_say_the_same_of_the_measured_run(tmp_path: Path) -> None:
    from lmm.review.evidence.write import _measured

    study: Study = read_study(make(tmp_path / "study"))
    written(study.folder, {f"evidence/{FILE}": json.dumps(RUN.__dict__)})
    assert _measured(study, tmp_path / "elsewhere") == RUN
