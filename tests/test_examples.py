"""Three studies of other kinds: other columns, scales, years and files, and other tables."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from lmm.cleaning.clean import clean_all
from lmm.cleaning.fingerprints import check_records_kind
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.disclosure.gate import release
from lmm.publish.documents import DOCUMENTS
from lmm.publish.record import OF_ONE_RUN
from lmm.showing.labels import SYNTHETIC
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import RecordsKind, read_study

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ["peer-support", "parenting-course"]
OF_ITS_OWN = "drop-ins"
MAKE = runpy.run_path(str(ROOT / "examples" / "make.py"))


@pytest.mark.parametrize("name", [*EXAMPLES, OF_ITS_OWN])
def test_the_records_are_made_again_byte_for_byte(name: str) -> None:
    raw = ROOT / "examples" / name / "data" / "raw"
    made = MAKE["EXAMPLES"][name]()
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == made


@pytest.mark.parametrize("name", [*EXAMPLES, OF_ITS_OWN])
def test_declared_real_they_are_recognised(name: str) -> None:
    study = read_study(ROOT / "examples" / name)
    real = study.model_copy(update={"records": RecordsKind.REAL})
    real._folder = study.folder
    with pytest.raises(StudyError) as caught:
        check_records_kind(real)
    assert len(caught.value.problems) == len(study.raw_files)


def test_peer_support_is_read_from_a_workbook_two_files_and_the_study_file() -> None:
    study = read_study(ROOT / "examples" / "peer-support")
    cleaned = clean_all(read_raw(study), study)
    rows = {name: len(table) for name, table in cleaned.tables.items()}
    assert rows["families"] == 190
    assert rows["courses"] == 21
    assert rows["targets"] == 4
    assert rows["consultations"] == rows["published_figures"] == 0
    contacts = cleaned.tables["family_contacts"]
    assert sorted(set(contacts["date"].dt.year)) == [2022, 2023]
    assert set(contacts["kind"]) == {"feeding support"}
    assert contacts["contact_id"].is_unique
    assert set(cleaned.tables["feedback_forms"]["overall"].dropna()) <= set("1234567")
    account = cleaned.account
    assert (account["rows_read"] == account["rows_kept"] + account["rows_rejected"]).all()


def test_parenting_course_is_read_from_tabs_parquet_and_excel() -> None:
    study = read_study(ROOT / "examples" / "parenting-course")
    cleaned = clean_all(read_raw(study), study)
    assert len(cleaned.tables["courses"]) == 72
    assert set(cleaned.tables["courses"]["places"]) == {16}
    assert set(cleaned.tables["course_attendance"]["role"]) == {"mother", "father", "other carer"}
    assert cleaned.tables["families"].empty
    assert cleaned.tables["families"]["referred_on"].dtype == "datetime64[us]"


def test_drop_ins_are_counted_by_the_study_file_alone() -> None:
    study = read_study(ROOT / "examples" / OF_ITS_OWN)
    cleaned = clean_all(read_raw(study), study)
    records = Records.within(cleaned.tables, study, Parameters.of(study))
    counts = count(records)
    raw = {path.stem: pd.read_csv(path) for path in study.raw.glob("*.csv")}
    visits, calls = raw["drop_ins"], raw["helpline"]
    assert counts.n("sessions") == len(visits)
    assert (
        counts.n("adults", venue="library")
        == visits.loc[visits["Where"] == "Library", "Adults"].sum()
    )
    got_through = calls[calls["Got through"] == "yes"]
    assert counts.n("calls") == counts.high("answered") == len(got_through)
    assert counts.n("callers") == got_through["Caller"].nunique()
    assert counts.high("postcards.helped") == (raw["postcards"]["Did it help?"] == "yes").sum()
    released = release(records).counts
    assert released.n("sessions") == len(visits)
    people = [n for (of, _), n in released.numbers.items() if of != "sessions" and n]
    assert len(people) > 40
    assert all(n % 5 == 0 for n in people)  # and 6 and 7 are shown as 5


@pytest.mark.slow
def test_drop_ins_run_from_end_to_end(tmp_path: Path) -> None:
    folder = tmp_path / OF_ITS_OWN
    shutil.copytree(ROOT / "examples" / OF_ITS_OWN, folder)
    command = [sys.executable, "-m", "lmm", "run", "--study", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    targets = pd.read_csv(folder / "outputs/tables/targets_achieved.csv")
    assert targets["indicator"].tolist() == ["calls", "answered"]
    assert set(targets["status"]) == {"ok"}
    shares = pd.read_csv(folder / "outputs/tables/shares.csv")
    assert set(shares["measure"]) == {"postcards.helped", "postcards.stars", "answered"}
    months = pd.read_csv(folder / "outputs/tables/monthly_activity.csv")
    assert set(months["measure"]) == {"sessions", "adults", "children", "calls", "callers"}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_from_end_to_end(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, folder)
    command = [sys.executable, "-m", "lmm", "run", "--study", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert SYNTHETIC in answer.stdout
    step, rest = {"peer-support": (5, 0), "parenting-course": (6, 3)}[name]
    year = pd.read_csv(folder / "outputs/tables/activity_by_year.csv")
    people = year[(year["measure"] != "courses") & (year["quantity"] == "count")]["numerator"]
    assert len(people) > 4
    shown = people.dropna()
    if name == "peer-support":  # totals are sums of rounded counts under this profile only
        assert (shown % step == rest).all()
    else:
        assert ((shown == 0) | (shown % step == rest)).all()
    log = pd.read_csv(folder / "data/processed/disclosure_log.csv")
    assert {"primary", "secondary", "withheld"} & set(log["decision"])
    record = json.loads((folder / "outputs/run.json").read_text("utf-8"))
    assert record["records"] == SYNTHETIC
    pages = {
        path.stem: " ".join(
            str(output)
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
        )
        for path in (folder / "outputs/notebooks").glob("*.ipynb")
    }
    assert "This service keeps no table of consultations." in pages["1-descriptive"]
    assert not (folder / "outputs/tables/consultations_by_kind.csv").exists()
    assert "Traceback" not in "".join(pages.values())
    if name == "parenting-course":
        assert "This service keeps no table of families" in pages["1-descriptive"]
        assert "This service keeps no table of targets." in pages["3-targets"]
        assert "Parents and carers who came" in pages["1-descriptive"]
        assert "taff trained" not in pages["1-descriptive"]


@pytest.mark.slow
def test_protected_the_compendiums_own_outputs_hold_no_exact_count(tmp_path: Path) -> None:
    """The exact counts are known here, so that every artefact can be searched for them."""
    folder = tmp_path / "study"
    (folder / "data").mkdir(parents=True)
    text = (ROOT / "study.yaml").read_text("utf-8")
    protected = text.replace("disclosure: none ", "disclosure: opensafely ")
    (folder / "study.yaml").write_text(protected, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    command = [sys.executable, "-m", "lmm", "run", "--study", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    exact = {
        "301 high answers": r"\b301(\.0)?\b(?!\.\d)",
        "304 answers": r"\b304(\.0)?\b(?!\.\d)",
        "434 people": r"\b434(\.0)?\b(?!\.\d)",
        "471 attendances": r"\b471(\.0)?\b(?!\.\d)",
        "251 sessions": r"\b251(\.0)?\b(?!\.\d)",
        "118 families referred": r"\b118(\.0)?\b(?!\.\d)",
        "531 names": r"\b531(\.0)?\b(?!\.\d)",
        "a design effect": r"design effect \d|effective size",
    }
    printed = {row["printed"] for row in _published()}  # public, and so in the outputs as well
    documents = {*DOCUMENTS, "references", "search"}  # these tell of this compendium, and no run
    for path in sorted((folder / "outputs").rglob("*")):
        if path.suffix not in (".csv", ".html", ".ipynb", ".svg", ".json"):
            continue
        if path.parent.name == "site" and path.stem in documents:
            continue
        content = path.read_text("utf-8")
        content = re.sub(r"\([\d.]+\s+to\s+[\d.]+%?\)", "", content)  # limits are no counts
        if path.suffix == ".svg":  # coordinates are numbers, too
            content = " ".join(re.findall(r">([^<]+)<|aria-label=\"([^\"]*)\"", content)[0])
        # where a number stands, in a sentence or in a file, is no count
        content = re.sub(r'"at": \[\s*\d+,\s*\d+\s*\]', "", content)
        content = re.sub(
            r"\b\d+:[a-z]\w*|\b(code cell|lines?) \d+((, | to | and )\d+)*", "", content
        )
        if path.suffix in (".ipynb", ".html"):
            content = re.sub(r"<svg.*?</svg>", "", content, flags=re.DOTALL)
            content = re.sub(r' (width|height)="\d+"', "", content)  # pixels of a picture
        for what, pattern in exact.items():
            number = pattern.strip(r"\b").split("(")[0]
            if number in printed or path.name in OF_ONE_RUN:
                continue
            assert not re.search(pattern, content), f"{path.name} holds {what}"


def _published() -> list[dict[str, str]]:
    table = pd.read_csv(ROOT / "data/raw/published_figures.csv", dtype=str)
    return table.to_dict("records")
