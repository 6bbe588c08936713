"""The files of a registration, the note of the first read, and the rows that nobody made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from malformed import make, swap
from planned import world

from lmm.analysis.deviations import Deviation
from lmm.analysis.terms import reading_of
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_all
from lmm.counting.counts import Counts
from lmm.publish.check import check
from lmm.publish.registered import Labelled, _rows
from lmm.review.registering.drawn import drawn
from lmm.review.registering.register import _changes, register
from lmm.review.registering.rehearsal import Rehearsed
from lmm.showing.planned import NOT_REGISTERED, Plan, registered_in_words
from lmm.start.folder import new_study
from lmm.study.library import Library
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.registration import Entry, Registration, digest_of, read_registration
from lmm.study.setting import Setting
from lmm.study.study import RecordsKind, Study, read_study

ROOT = Path(__file__).resolve().parents[1]
READ = "2026-02-01T08:00:00Z"


def nothing_said(*_: object) -> None:
    """Take a report of progress."""


def entry(**said: Any) -> dict[str, Any]:
    whole = {"form": 1, "number": 0, "when": "2026-01-01T09:00:00Z", "because": "",
             "previous": "", "records_first_read": "", "plan": None, "terms": {}, "results": {},
             "library": {}, **said}  # fmt: skip
    return {**whole, "sha256": digest_of(whole)}


def real(folder: Path) -> Study:
    """Write a small study whose records are declared real."""
    make(folder)
    swap("study.yaml", "records: synthetic", "records: real")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    return read_study(folder)


def written(folder: Path, *entries: dict[str, Any], read: str = "") -> Study:
    """Write a study with a registration."""
    study = real(folder)
    (folder / "registration").mkdir()
    for number, each in enumerate(entries):
        name = f"amendment-{number}.json" if number else "registration.json"
        (folder / "registration" / name).write_text(json.dumps(each), "utf-8")
    if read:
        (folder / "data" / "first_read.json").write_text(json.dumps({"when": read}), "utf-8")
    return study


FIRST = entry()
SECOND = entry(number=1, when="2026-03-01T09:00:00Z", because="x", previous=FIRST["sha256"],
               records_first_read=READ)  # fmt: skip


def test_a_study_without_one_has_none(tmp_path: Path) -> None:
    assert read_registration(real(tmp_path)) is None


def test_results_are_held_to_the_last_entry_before_the_records_were_read(tmp_path: Path) -> None:
    found = read_registration(written(tmp_path, FIRST, SECOND, read=READ))
    assert found is not None
    assert found.plan.digest == FIRST["sha256"]
    assert [each.because for each in found.later] == ["x"]
    assert found.first_read == READ


@pytest.mark.parametrize(
    ("entries", "read", "said"),
    [
        ([{**FIRST, "because": "edited"}], "", "registration.json: was altered after it was wri"),
        ([{**FIRST, "sha256": "0"}], "", "registration.json: was altered after it was written"),
        ([FIRST, {**SECOND, "because": "y"}], READ, "amendment-1.json: was altered after it was"),
        ([FIRST, entry(previous="0", number=1)], "", "amendment-1.json: does not follow the entry"),
        ([], "", "registration.json: is missing"),
        ([entry(terms=[])], "", "registration.json: is not as lmm writes it"),
        ([entry(when="yesterday")], "", "registration.json: is not as lmm writes it"),
        ([entry(plan={"file": "../x", "sha256": "0"})], "", "registration.json: is not as lmm wri"),
        ([entry(form=2)], "", "was written by a later version of lmm"),
        ([entry(when="2026-02-02T09:00:00Z")], READ, "was made on 2026-02-02T09:00:00Z, after"),
        ([entry(records_first_read=READ)], "", "after the records were first read: this is no"),
        ([entry(plan={"file": "plan.md", "sha256": "0"})], "", "plan.md: was altered or is miss"),
        (
            [FIRST, entry(number=1, when="2026-03-01T09:00:00Z", previous=FIRST["sha256"])],
            READ, "amendment-1.json: says that no records had been read, and they were, on 2026-02",
        ),
        (
            [FIRST, entry(number=1, when="2025-03-01T09:00:00Z", previous=FIRST["sha256"])],
            "", "is of another time than its place says",
        ),
    ],
)  # fmt: skip
def test_one_that_was_altered_or_is_late_is_refused(
    entries: list[dict[str, Any]], read: str, said: str, tmp_path: Path
) -> None:
    study = written(tmp_path, *entries, read=read)
    with pytest.raises(StudyError, match=said):
        read_registration(study)
    told = [f"{found.file}: {found.why}" for found in check(tmp_path).findings]
    assert any(said in line for line in told), told


@pytest.mark.parametrize("key", ["service", *(key for key in FIRST if key != "sha256")])
def test_a_digest_is_of_everything_that_an_entry_holds(key: str) -> None:
    assert digest_of({**FIRST, key: "other"}) != FIRST["sha256"]


def test_an_amendment_says_all_that_differs_from_the_entry_before() -> None:
    def result(code: str) -> dict[str, Any]:
        return {"notebook": "1-own", "title": "", "code": code, "measures": [],
                "first_page": False}  # fmt: skip

    was = {"table a": result("a()"), "table b": result("b()"), "table c": result("c()")}
    now = {"table a": result("a( )"), "table b": result("b(1)"), "table d": result("d()")}
    plan = {"file": "plan-1.md", "sha256": "0"}
    found = _changes(Entry(entry(results=was)), Entry(entry(results=now, plan=plan)),
                     Rehearsed({}, {}, {}), Library({}))  # fmt: skip
    assert found == [
        "table b: is made by other code in the notebook",
        "table c: is no longer planned",
        "table d: is planned",
        "the plan in words",
    ]


def test_a_deviation_without_a_registered_reason_says_so_in_the_table() -> None:
    one, two = Deviation("n: was 1, is 2"), Deviation("m: was 3, is 4", "2026-03-01", "agreed")
    found = Labelled("table a", "1-own", "Table 1", "A", "changed", (one, two), {})
    at = ("table", "a", "1-own", "A", "changed")
    assert list(_rows(found)) == [
        (*at, "n: was 1, is 2", "", "no reason was registered"),
        (*at, "m: was 3, is 4", "2026-03-01", "agreed"),
    ]
    planned = Labelled("table a", "1-own", "Table 1", "A", "as planned", (), {})
    assert list(_rows(planned)) == [(*at[:4], "as planned", "", "", "")]


def test_that_nothing_was_registered_is_said_of_real_records_alone() -> None:
    old = world()
    real = old.study.model_copy(update={"records": RecordsKind.REAL})
    for study, said in ((old.study, ()), (real, (NOT_REGISTERED,))):
        setting = Setting(study, Parameters.of(study), old.targets, old.published)
        assert Plan(Counts.of(setting, {}), None).said == said


@pytest.mark.parametrize(
    ("entries", "read", "synthetic", "said"),
    [
        ((FIRST,), "", True, ", and its records are synthetic: there was nothing to see before."),
        ((FIRST,), "", False, ", before lmm had read any record."),
        ((FIRST, SECOND), READ, False,
         "; lmm first read the records on 1 February 2026. It was amended on 1 March 2026."),
    ],
)  # fmt: skip
def test_it_is_said_when_a_study_was_registered(
    entries: tuple[dict[str, Any], ...], read: str, synthetic: bool, said: str
) -> None:
    found = registered_in_words(Registration(tuple(map(Entry, entries)), read), synthetic=synthetic)
    digest = FIRST["sha256"][:12]
    begins = "This analysis was registered on 1 January 2026"
    assert found == f"{begins}{said} Its digest begins {digest}."


def test_an_amendment_that_is_missing_is_told(tmp_path: Path) -> None:
    study = written(tmp_path, FIRST, SECOND)
    shutil.move(tmp_path / "registration/amendment-1.json",
                tmp_path / "registration/amendment-2.json")  # fmt: skip
    with pytest.raises(StudyError, match=r"amendment-2.json: follows an amendment that is missing"):
        read_registration(study)


# --- the note of the first read ----------------------------------------------------------------


def test_the_first_read_of_real_records_is_noted_once_and_for_its_owner(tmp_path: Path) -> None:
    study, path = real(tmp_path), tmp_path / "data" / "first_read.json"
    read_all(study)
    first = path.read_text("utf-8")
    said = json.loads(first)
    assert first == json.dumps(said, indent=2) + "\n"
    assert said["when"].endswith("Z")
    assert "courses.csv" in said["files_sha256"]
    assert path.stat().st_mode & 0o077 == 0
    noted = first.replace(said["when"], "2020-01-01T00:00:00Z")
    path.write_text(noted, "utf-8")
    read_all(study)
    assert path.read_text("utf-8") == noted


def test_what_describes_nobody_is_read_without_a_note(tmp_path: Path) -> None:
    study = real(tmp_path)
    read_all(study, only=("targets",))
    assert not (tmp_path / "data" / "first_read.json").exists()
    for path in (tmp_path / "data" / "raw").glob("*.csv"):  # as of a form that is still empty
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    read_all(study)
    assert not (tmp_path / "data" / "first_read.json").exists()


def test_synthetic_records_are_read_without_a_note(tmp_path: Path) -> None:
    make(tmp_path)
    read_all(read_study(tmp_path))
    assert not (tmp_path / "data" / "first_read.json").exists()


def test_a_study_drafted_from_records_has_read_them(tmp_path: Path) -> None:
    new_study(tmp_path / "a", "A")
    assert not (tmp_path / "a/data/first_read.json").exists()
    forms = tmp_path / "forms.csv"
    text = (ROOT / "examples/peer-support/data/raw/forms.csv").read_text("utf-8")
    forms.write_text("\n".join(text.splitlines()[:-1]), "utf-8")
    new_study(tmp_path / "b", "B", [forms])
    assert "forms.csv" in (tmp_path / "b/data/first_read.json").read_text("utf-8")


def test_synthetic_records_that_are_declared_real_are_no_first_read(tmp_path: Path) -> None:
    new_study(tmp_path / "a", "A", [ROOT / "examples/peer-support/data/raw/forms.csv"])
    assert not (tmp_path / "a/data/first_read.json").exists()
    drop_ins = tmp_path / "drop-ins"
    shutil.copytree(ROOT / "examples/drop-ins", drop_ins)
    text = (drop_ins / "study.yaml").read_text("utf-8")
    (drop_ins / "study.yaml").write_text(text.replace("records: synthetic", "records: real"))
    study = read_study(drop_ins)
    read_all(study)
    assert not (drop_ins / "data/first_read.json").exists()
    with pytest.raises(StudyError, match="these are this compendium's synthetic records"):
        register(study, lambda *_: None)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "because", "said"),
    [
        (check, "", "data/first_read.json: the records were first read on 20"),
        (lambda f: (f / "outputs").mkdir(), "", "outputs: a run has made this from the records"),
        (
            lambda f: shutil.copytree(f / "data/raw", f / "data/processed"),
            "",
            "data/processed/courses.csv: a run has made this from the records",
        ),
        (lambda f: (f / "data/released").mkdir(), "", "data/released: a run has made this"),
        (lambda f: None, "why", "nothing is registered yet that could be amended"),
        (swap("study.yaml", "service:", "draft: true\nservice:"), "", "this is a draft, and no"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_the_reason(
    spoil: Callable[[Path], object], because: str, said: str, tmp_path: Path
) -> None:
    real(tmp_path)
    spoil(tmp_path)
    with pytest.raises(StudyError, match=said):
        register(read_study(tmp_path), nothing_said, because=because)
    assert not (tmp_path / "registration").exists()


def test_a_second_registration_is_an_amendment(tmp_path: Path) -> None:
    study = written(tmp_path, FIRST)
    with pytest.raises(StudyError, match="was registered on 2026-01-01 already; a change of the"):
        register(study, nothing_said)


# --- rows that nobody made ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", [".", *(f"examples/{n}" for n in ("drop-ins", "parenting-course", "peer-support"))]
)
def test_drawn_rows_are_within_the_contract_of_any_study(folder: str) -> None:
    study = read_study(ROOT / folder)
    rows = drawn(study)
    assert set(rows) == set(study.sources)
    told, _ = read_all(study, only=("targets", "published_figures"))
    cleaned = clean_all({**told, **{n: r for n, r in rows.items() if not len(told[n])}}, study)
    account = cleaned.account.set_index("table")
    for name in rows.keys() - {"targets", "published_figures"}:
        assert len(cleaned.tables[name]) > 100, account.loc[name]
    again = drawn(study)
    assert all(frame.equals(again[name]) for name, frame in rows.items())


# --- which measures a result read --------------------------------------------------------------


def test_measures_belong_to_the_results_whose_cells_asked_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = world()
    setting = Setting(old.study, Parameters.of(old.study), old.targets, old.published)
    counts = Counts.of(setting, {})
    hooks: list[Callable[[object], None]] = []
    shell = SimpleNamespace(
        user_ns={"In": [""]}, events=SimpleNamespace(register=lambda _, hook: hooks.append(hook))
    )
    monkeypatch.setattr("lmm.showing.planned.get_ipython", lambda: shell)
    plan = Plan(counts, Registration((Entry(entry()),)))
    cells = {
        'a = counts.n("courses")': lambda: counts.n("courses"),
        'b = counts.n("staff")': lambda: counts.n("staff"),
        'page.table(f(a), "one")': lambda: plan.label("table", "one"),
        'page.table(f(b, counts.n("families")), "two")': lambda: (
            counts.n("families"), plan.label("table", "two"))[1],
    }  # fmt: skip
    said = []
    for cell, run in cells.items():
        for hook in hooks:
            hook(None)
        shell.user_ns["In"].append(cell)
        said.append(run())
    assert said[2].kept["planned"]["measures"] == ["courses"]
    assert said[3].kept["planned"]["measures"] == ["families", "staff"]
    assert said[3].kept["planned"]["code"].startswith("b = counts.n('staff')")


def test_a_list_in_another_order_is_read_in_the_same_way() -> None:
    study = read_study(ROOT)
    back = {name: dict(reversed(each.items())) for name, each in study.vocabularies.items()}
    assert any(len(each) > 1 for each in back.values())
    said = {**study.model_dump(exclude_unset=True, by_alias=True), "vocabularies": back}
    assert reading_of(Study.model_validate(said)) == reading_of(study)
