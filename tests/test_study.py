"""The study file: what is wrong in it is named by its key; paths and labels come from it."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import pytest
from cleaning_helpers import HOME, STUDY, study_with, write_study
from pydantic import ValidationError

from lmm.study.declared import STUDY_FILE
from lmm.study.disclosure import Thresholds
from lmm.study.folder import STAGE_VARIABLE, find_study
from lmm.study.labels import fold
from lmm.study.once import once
from lmm.study.problems import StudyError
from lmm.study.study import RecordsKind, Study, read_study


def problems(folder: Path, **changes: object) -> tuple[str, ...]:
    """Read a study with these changes in vain and give what is said, without the lines."""
    with pytest.raises(StudyError) as caught:
        study_with(folder, **changes)
    return tuple(re.sub(r"^(study.yaml: )line \d+: ", r"\1", p) for p in caught.value.problems)


# --- reading -----------------------------------------------------------------------------


def test_the_study_of_this_compendium() -> None:
    assert STUDY.service == "Little Minds Matter"
    assert STUDY.records is RecordsKind.SYNTHETIC
    assert (STUDY.period.start, STUDY.period.end) == (dt.date(2018, 4, 1), dt.date(2021, 1, 31))
    assert STUDY.event.date == dt.date(2020, 3, 23)
    assert STUDY.closures == ()
    assert STUDY.folder == HOME


def test_what_may_be_left_out(tmp_path: Path) -> None:
    study = study_with(
        tmp_path, confidence=None, total_row=None, forms__feedback_forms__dont_know=None
    )
    assert (study.confidence, study.total_row, study.satisfaction.dont_know) == (0.95, (), {})
    assert study.labels("feedback_forms.overall")[-1] == "very satisfied"


def test_text_is_stripped(tmp_path: Path) -> None:
    study = study_with(tmp_path, service="  Another  ", vocabularies__topic={" sleep ": []})
    assert study.service == "Another"
    assert study.labels("topic") == ("sleep",)


def test_a_study_does_not_change() -> None:
    with pytest.raises(ValidationError):
        STUDY.confidence = 0.9  # type: ignore[misc]
    with pytest.raises(ValidationError):
        STUDY.event.name = "other"  # type: ignore[misc]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        read_study(tmp_path)
    file = tmp_path.resolve() / STUDY_FILE
    assert str(caught.value) == f"{file}: there is no such file; a study's folder holds one"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"period: {start: 2018-04-01",
            "not valid YAML: line 1, column 27: a comma or the closing } is missing",
        ),
        (b"a: b: c\n", "not valid YAML: line 1, column 5: a colon too many; put text that holds"),
        (b"a: [b\nc: d\n", "not valid YAML: line 2, column 2: a comma or the closing ] is missing"),
        (b"a: 'b\nc: d\n", "not valid YAML: line 1, column 4: a quotation mark that is not closed"),
        (b"a:\n\tb: c\n", "not valid YAML: line 2, column 1: a tab; use spaces"),
        (b"a: b\nc\nd: e\n", "not valid YAML: line 2, column 1: a colon is missing"),
        (b"a:\n  b: c\n d: e\n", "not valid YAML: line 3, column 2: the indentation does not fit"),
        (
            b"a: !!binary aGk=\n",
            "not valid YAML: line 1, column 4: tags (tag:yaml.org,2002:binary)",
        ),
        (b"a: &x b\nc: *x\n", "not valid YAML: line 2, column 4: aliases (*name) are not read"),
        (b"service: caf\xe9\n", "not UTF-8 text (invalid continuation byte at byte 12)"),
        (b"- service\n", "should be a list of keys and values"),
        (b"", "should be a list of keys and values"),
    ],
)
def test_text_that_is_no_study_file(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / STUDY_FILE).write_bytes(content)
    with pytest.raises(StudyError) as caught:
        read_study(tmp_path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{tmp_path.resolve() / STUDY_FILE}: {message}")
    assert "\n" not in problem


# --- values ------------------------------------------------------------------------------

SCALE = ["very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied"]
HALF = {
    "start": "2020-04-01",
    "end": "2020-04-30",
    "capacity": 0.5,
    "indicators": ["staff"],
    "reason": "few came",
    "basis": "assumed",
}
RULES = "'green', 'green or amber' or 'green or amber whose interval includes the target'"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"service": None}, "service: Field required"),
        (
            {"service": " "},
            "service: String should have at least 1 character (given: ' ')",
        ),
        (
            {"records": "imaginary"},
            "records: Input should be 'synthetic' or 'real' (given: 'imaginary')",
        ),
        (
            {"records": "real"},
            "disclosure: 'none' is refused for real records; choose opensafely, midpoint6 "
            "or nhs_digital, or thresholds of your own",
        ),
        (
            {"disclosure": "some"},
            "disclosure: Input should be 'opensafely', 'midpoint6', 'nhs_digital' or 'none' "
            "(given: 'some')",
        ),
        (
            {"period": {"start": "2018-04-01", "end": "2018-03-31"}},
            "period: the end 2018-03-31 comes before the start 2018-04-01",
        ),
        (
            {"period__records_from": "2018-04-02"},
            "period: records_from 2018-04-02 comes after the start 2018-04-01",
        ),
        (
            {"period__start": "01/04/2018"},
            "period: start: write it as year-month-day, such as 2020-01-31 (given: '01/04/2018')",
        ),
        *(
            (
                {"period__start": day},
                f"period: start: write it as year-month-day, such as 2020-01-31 (given: {day!r})",
            )
            for day in (0, 2018, 20180401, "1522540800", "2018-04-01 10:00:00", "2018-4-1", True)
        ),
        (
            {"period__end": "2019-02-29"},
            "period: end: day is out of range for month (given: '2019-02-29')",
        ),
        ({"event__date": dt.date(2021, 2, 1)}, "event: 2021-02-01 is outside the period"),
        ({"event__date": dt.date(2018, 3, 31)}, "event: 2018-03-31 is outside the period"),
        (
            {"contract_year_starts": 0},
            "contract_year_starts: Input should be greater than or equal to 1 (given: 0)",
        ),
        (
            {"contract_year_starts": 13},
            "contract_year_starts: Input should be less than or equal to 12 (given: 13)",
        ),
        *(
            (
                {"contract_year_starts": month},
                f"contract_year_starts: Input should be a valid integer (given: {month!r})",
            )
            for month in ("4", "010", True)
        ),
        ({"confidence": 0.5}, "confidence: Input should be greater than 0.5 (given: 0.5)"),
        (
            {"confidence": 95},
            "confidence: Input should be less than or equal to 0.9999 (given: 95)",
        ),
        (
            {"closures": [{"start": "2020-04-10", "end": "2020-04-01", "reason": "snow"}]},
            "closures: 0: the end 2020-04-01 comes before the start 2020-04-10",
        ),
        (
            {"closures": [{"start": "2020-04-01", "end": "2020-04-10"}]},
            "closures: 0: reason: Field required",
        ),
        (
            {"reduced_capacity": [{**HALF, "end": "2020-03-31"}]},
            "reduced_capacity: 0: the end 2020-03-31 comes before the start 2020-04-01",
        ),
        (
            {"reduced_capacity": [{**HALF, "capacity": 1}]},
            "reduced_capacity: 0: capacity: Input should be less than 1 (given: 1)",
        ),
        (
            {"staff_trained_counts": "heads"},
            "staff_trained_counts: Input should be 'people' or 'attendances' (given: 'heads')",
        ),
        (
            {"date_formats": ["excel", "dd/mm/yyyy"]},
            "date_formats: 'dd/mm/yyyy' is no strptime format of a day, such as %d/%m/%Y "
            "(given: ['excel', 'dd/mm/yyyy'])",
        ),
        (
            {"date_formats": ["?"]},
            "date_formats: the question in the lines above it has to be answered first: write "
            "%d/%m/%Y if the day comes first, %m/%d/%Y if the month does (given: ['?'])",
        ),
        (
            {"date_formats": ["%d/%m/%Y %d"]},
            "date_formats: '%d/%m/%Y %d' is no strptime format of a day, such as %d/%m/%Y "
            "(given: ['%d/%m/%Y %d'])",
        ),
        (
            {"date_formats": ["%d/%m/%Q"]},
            "date_formats: '%d/%m/%Q' is no strptime format of a day, such as %d/%m/%Y "
            "(given: ['%d/%m/%Q'])",
        ),
        (
            {"forms__feedback_forms__overall": "venue"},
            "forms: feedback_forms: overall: 'venue' is not one of items "
            "['content', 'trainer', 'relevance', 'pace', 'overall']",
        ),
        (
            {"forms__feedback_forms__high": []},
            f"forms: feedback_forms: high: [] is not the upper end of the scale {SCALE}",
        ),
        (
            {"forms__feedback_forms__high": ["very satisfied", "satisfied"]},
            "forms: feedback_forms: high: ['very satisfied', 'satisfied'] is not the upper end of "
            f"the scale {SCALE}",
        ),
        (
            {"forms__feedback_forms__high": ["dissatisfied", "neither"]},
            "forms: feedback_forms: high: ['dissatisfied', 'neither'] is not the upper end of the "
            f"scale {SCALE}",
        ),
        (
            {"forms__feedback_forms__dont_know": {"don't know": [], "no answer": []}},
            "forms: feedback_forms: dont_know: one answer, with its other spellings",
        ),
        (
            {"forms__feedback_forms__dont_know": {"neither": ["dk"]}},
            "forms: feedback_forms: dont_know: 'neither' is on the scale",
        ),
        (
            {"forms__feedback_forms__dont_know": {"don't know": ["3"]}},
            "forms: feedback_forms: scale: '3' stands for both 'neither' and \"don't know\"",
        ),
        (
            {"forms__feedback_forms__scale__satisfied": ["4", "5"]},
            "forms: feedback_forms: scale: '5' stands for both 'satisfied' and 'very satisfied'",
        ),
        (
            {"nearly_met__rule": "amber"},
            f"nearly_met: rule: Input should be {RULES} (given: 'amber')",
        ),
        (
            {"vocabularies__mode__online": ["web", "Face  to FACE"]},
            "vocabularies: mode: 'Face  to FACE' stands for both 'in person' and 'online'",
        ),
        (
            {"vocabularies__mode__online": ["telephone"]},
            "vocabularies: mode: 'telephone' stands for both 'online' and 'telephone'",
        ),
        (
            {"vocabularies__yes_no": {True: ["y"], "no": ["n"]}},
            "vocabularies: yes_no: 1: [key]: Input should be a valid string (given: True; "
            "put it in quotation marks)",
        ),
        (
            {"forms__feedback_forms__scale__satisfied": [4]},
            "forms: feedback_forms: scale: satisfied: 0: Input should be a valid string (given: 4; "
            "put it in quotation marks)",
        ),
        (
            {"vocabularies__mode__online": "zoom"},
            "vocabularies: mode: online: write it as a list: [zoom]",
        ),
        (
            {"vocabularies__mode__online": "zoom, skype"},
            'vocabularies: mode: online: write it as a list: ["zoom, skype"]',
        ),
        (
            {"tables__courses__sheet": 2022},
            'tables: courses: sheet: write it as a list: ["2022"]',
        ),
        (
            {"service": "a\rb"},
            "service: holds the control character '\\r'; take it out (given: 'a\\rb')",
        ),
        (
            {"vocabularies__mode__a\x1b[5m": ["x"]},
            "vocabularies: mode: a\\u001b[5m: [key]: holds the control character '\\x1b'; "
            "take it out (given: 'a\\x1b[5m')",
        ),
        (
            {"forms__feedback_forms__items": {"overall": "Overall", "records": "Records"}},
            "forms: feedback_forms: items: 'records' is a column of the forms itself; rename it",
        ),
        (
            {"forms__feedback_forms__items": {"overall": "Overall", "=1+1": "Sum"}},
            "forms: feedback_forms: items: '=1+1' does not begin with a letter; rename it",
        ),
        (
            {"forms__feedback_forms__high": ["?"]},
            "forms: feedback_forms: high: the order of the scale has to be confirmed first, worst "
            "to best; then write its best answers here",
        ),
        (
            {"tables__courses__encoding": "latin-1"},
            "tables: courses: encoding: Input should be 'utf-8', 'cp1252' or 'utf-16' "
            "(given: 'latin-1')",
        ),
        (
            {"tables__courses__columns__mode": "Topic"},
            "tables: courses: columns: the heading 'Topic' is given for both topic and mode",
        ),
        (
            {"reference_population__ward__shares": {"Little Horton": 0.5, "other": 0.4}},
            "reference_population: ward: shares: they add up to 0.9, not to 1",
        ),
        (
            {"reference_population__ward__shares": {"Little Horton": 1.5}},
            "reference_population: ward: shares: Little Horton: "
            "Input should be less than or equal to 1 (given: 1.5)",
        ),
        (
            {"reference_population__ward__shares": {"Shipley": 1}},
            "reference_population: ward: 'Shipley' is not one of "
            "['Bowling and Barkerend', 'Bradford Moor', 'Little Horton', 'other']",
        ),
        (
            {"reference_population__ward__basis": "published"},
            "reference_population: ward: published shares need their source and its licence",
        ),
        (
            {"reference_population__ward__reason": None},
            "reference_population: ward: assumed shares need their reason",
        ),
        ({"colour": "blue"}, "colour: Extra inputs are not permitted (given: 'blue')"),
        (
            {"event__time": "noon"},
            "event: time: Extra inputs are not permitted (given: 'noon')",
        ),
        (
            {"tables__courses__page": "2019"},
            "tables: courses: page: Extra inputs are not permitted (given: '2019')",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_key(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    assert problems(tmp_path, **changes) == (f"study.yaml: {problem}",)


@pytest.mark.parametrize(
    "name",
    ["../families.csv", "/etc/passwd", "old/courses.csv", "old\\courses.csv", "..", ".courses.csv"],
)
def test_a_raw_file_cannot_lie_outside_its_folder(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path, tables__courses__file=name) == (
        f"study.yaml: tables: courses: file: {name!r} must be the plain name of a file in "
        f"data/raw (given: {name!r})",
    )


def test_the_line_of_a_problem_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        study_with(tmp_path, tables__families__file="a/b", tables__targets=None, draft="maybe")
    text = (tmp_path / STUDY_FILE).read_text("utf-8").splitlines()
    said = [text[problem.line - 1].strip() for problem in caught.value.problems]
    assert said == ["draft: maybe", "file: a/b"]


def test_no_more_than_twenty_of_a_kind_are_named(tmp_path: Path) -> None:
    found = problems(tmp_path, missing=[{"a": n} for n in range(500)], confidence=2)
    assert len(found) == 22
    assert found[-1] == "study.yaml: and 480 more like it: string_type"


@pytest.mark.parametrize("word", ["no", "yes", "070", "1:30", "0x10", "1_000", "2020-01-01", "on"])
def test_a_word_without_quotation_marks_means_what_it_shows(tmp_path: Path, word: str) -> None:
    write_study(tmp_path, service="Small")
    path = tmp_path / STUDY_FILE
    path.write_text(path.read_text("utf-8").replace("service: Small", f"service: {word}"), "utf-8")
    assert read_study(tmp_path).service == word


def test_absent_may_be_written_with_a_capital(tmp_path: Path) -> None:
    assert not study_with(tmp_path, tables__targets="Absent").keeps("targets")
    assert problems(tmp_path / "two", tables__targets={}) != ()


def test_a_table_with_nothing_after_it(tmp_path: Path) -> None:
    write_study(tmp_path, tables__targets="absent")
    path = tmp_path / STUDY_FILE
    text = path.read_text("utf-8").replace("targets: absent", "targets:")
    path.write_text(text, "utf-8")
    with pytest.raises(StudyError, match="targets: nothing stands there; write absent if"):
        read_study(tmp_path)


@pytest.mark.parametrize("what", ["pipe", "folder", "link", "device"])
def test_a_study_file_that_is_none_is_refused(tmp_path: Path, what: str) -> None:
    folder = write_study(tmp_path / "study")
    path = folder / STUDY_FILE
    path.rename(tmp_path / "other.yaml")
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(Path("/dev/zero") if what == "device" else tmp_path / "other.yaml")
    with pytest.raises(StudyError, match=r"no ordinary file|leads out of its folder; copy"):
        read_study(folder)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, service=None, confidence=2, event__when="then", tables__families__file="a/b"
    )
    assert [problem.split(": ")[1] for problem in found] == [
        "service",
        "event",
        "confidence",
        "tables",
    ]


# --- paths -------------------------------------------------------------------------------


def test_a_study_is_found_from_the_folders_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = write_study(tmp_path / "one").resolve()
    inner = write_study(tmp_path / "one" / "data" / "two").resolve()
    (inner / "notebooks").mkdir()
    (study / "notebooks").mkdir()
    assert find_study(study) == study
    assert find_study(study / "notebooks") == study
    assert find_study(inner / "notebooks") == inner
    monkeypatch.chdir(study / "notebooks")
    assert find_study() == study
    assert read_study().folder == study


def test_no_study_around_a_folder(tmp_path: Path) -> None:
    (tmp_path / STUDY_FILE).mkdir()  # a folder of this name is none
    with pytest.raises(StudyError) as caught:
        find_study(tmp_path)
    assert str(caught.value) == (
        f"no study.yaml in {tmp_path.resolve()} or any folder above it: "
        "change to a study's folder or name one with --study"
    )


def test_paths_of_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAGE_VARIABLE, raising=False)
    study = study_with(tmp_path)
    home = tmp_path.resolve()
    assert study.raw == home / "data" / "raw"
    assert study.processed == home / "data" / "processed"
    assert study.outputs == home / "outputs"
    assert study.failed == home / "outputs.failed"
    assert not study.is_staged


def test_a_running_run_writes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_with(tmp_path)
    stage = tmp_path / "stage"
    monkeypatch.setenv(STAGE_VARIABLE, str(stage))
    assert study.is_staged
    assert (study.processed, study.outputs) == (stage / "data" / "processed", stage / "outputs")
    assert study.raw == tmp_path.resolve() / "data" / "raw"


def test_own_notebooks_join_the_compendiums_and_stand_in_for_namesakes(tmp_path: Path) -> None:
    study = study_with(tmp_path)
    assert study.notebooks == STUDY.notebooks
    assert [path.name for path in study.notebooks[:3]] == [
        "1-descriptive.ipynb",
        "2-satisfaction.ipynb",
        "3-targets.ipynb",
    ]
    own = tmp_path.resolve() / "notebooks"
    own.mkdir()
    for name in ("3-targets.ipynb", "1-first.ipynb", "notes.ipynb", "3-third.py"):
        (own / name).touch()
    assert [(path.name, path.parent == own) for path in study.notebooks] == [
        ("1-descriptive.ipynb", False), ("1-first.ipynb", True),
        ("2-satisfaction.ipynb", False), ("3-targets.ipynb", True),  # stands in for ours
    ]  # fmt: skip


# --- labels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Health Visitor", "health visitor"),
        ("  health\xa0 visitor\n", "health visitor"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("don’t", "don’t"),
        (" ", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_spellings_lead_to_labels() -> None:
    assert STUDY.spellings["mode"] == {
        "in person": "in person",
        "face to face": "in person",
        "f2f": "in person",
        "in-person": "in person",
        "online": "online",
        "on-line": "online",
        "zoom": "online",
        "video": "online",
        "telephone": "telephone",
        "phone": "telephone",
        "tel": "telephone",
    }
    assert STUDY.spellings["feedback_forms.overall"]["v. satisfied"] == "very satisfied"
    assert STUDY.spellings["feedback_forms.overall"]["dk"] == "don't know"
    assert set(STUDY.spellings) == {
        *STUDY.vocabularies,
        *(f"feedback_forms.{item}" for item in STUDY.satisfaction.items),
    }


def test_labels_keep_their_declared_order() -> None:
    assert STUDY.labels("mode") == ("in person", "online", "telephone")
    assert STUDY.labels("feedback_forms.pace") == (*SCALE, "don't know")
    assert STUDY.labels("colour") == ()


def test_a_spelling_of_two_labels_in_different_vocabularies_is_fine() -> None:
    assert STUDY.spellings["role"]["hv"] == STUDY.spellings["referral_source"]["hv"]


def test_whether_results_carry_the_mark() -> None:
    assert STUDY.is_synthetic
    real: Study = STUDY.model_copy(update={"records": RecordsKind.REAL})
    assert not real.is_synthetic


def test_each_problem_is_a_line_of_the_message() -> None:
    assert str(StudyError("first", "second")) == "first\nsecond"
    assert StudyError("first", "second").problems == ("first", "second")


def test_disclosure_may_have_thresholds_of_its_own(tmp_path: Path) -> None:
    given = {"hide_up_to": 4, "round_to": 3, "totals": "rounded"}
    study = study_with(tmp_path, records="real", disclosure=given)
    assert study.is_protected
    assert study.disclosure == Thresholds(hide_up_to=4, round_to=3, totals="rounded")
    assert study_with(tmp_path, disclosure="midpoint6").disclosure == "midpoint6"
    assert not STUDY.is_protected


@pytest.mark.parametrize(
    ("thresholds", "problem"),
    [
        (
            {"hide_up_to": 0, "round_to": 5},
            "hide_up_to: Input should be greater than",
        ),
        ({"hide_up_to": 21, "round_to": 5}, "hide_up_to: Input should be less than or equal to 20"),
        ({"hide_up_to": 7, "round_to": 0}, "round_to: Input should be greater than"),
        ({"hide_up_to": 7}, "round_to: Field required"),
        ({"hide_up_to": 7, "round_to": 5, "totals": "no"}, "totals: Input should be 'sum' or"),
    ],
)
def test_thresholds_are_within_bounds(
    thresholds: dict[str, object], problem: str, tmp_path: Path
) -> None:
    (found,) = problems(tmp_path, disclosure=thresholds)
    assert found.removeprefix("study.yaml: ").startswith(f"disclosure: {problem}")


def test_the_numbers_on_the_form_stand_for_its_answers_in_order_and_1_for_yes() -> None:
    form = STUDY.forms["feedback_forms"]
    for item in form.items:
        spelled, scale = STUDY.spellings[f"feedback_forms.{item}"], list(form.scale)
        numbered = {text: label for text, label in spelled.items() if text.isdigit()}
        assert numbered == {str(n): label for n, label in enumerate(scale, 1)}
    assert {text for text, label in STUDY.spellings["yes_no"].items() if label == "yes"} == {
        "yes", "y", "1", "true",
    }  # fmt: skip
    assert {text for text, label in STUDY.spellings["yes_no"].items() if label == "no"} == {
        "no", "n", "0", "false",
    }  # fmt: skip


def test_what_follows_from_a_study_is_worked_out_once_and_anew_for_a_copy(study: Study) -> None:
    asked: list[Study] = []

    @once
    def services(of: Study) -> dict[str, str]:
        asked.append(of)
        return {"service": of.service}

    assert services(study) == {"service": study.service}
    assert services(study) is services(study)
    other = study.model_copy(update={"service": "another"})
    assert services(other) == {"service": "another"}
    assert len(asked) == 2
