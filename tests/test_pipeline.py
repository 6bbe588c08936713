"""The whole chain, end to end, in a copy of the study."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from real_service import check_mark
from test_project import tracked

from lmm.publish.remembered import release_beside
from lmm.publish.run import clean_study, publish_counts
from lmm.showing.labels import SYNTHETIC
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]


def records_of_the_study(folder: Path) -> Path:
    """Copy what is declared and the raw records, and nothing that is made of them."""
    (folder / "study").mkdir()
    shutil.copy(ROOT / "study.yaml", folder / "study")
    shutil.copytree(ROOT / "data" / "raw", folder / "study" / "data" / "raw")
    return folder / "study"


def check_committed(folder: Path, part: str) -> None:
    """Hold what was made in a folder to what is committed, byte for byte."""
    made = {path.name: path.read_bytes() for path in folder.glob(part)}
    committed = {path.name: path.read_bytes() for path in ROOT.glob(part)}
    assert made
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_what_is_committed_is_cleaned_and_counted_from_the_committed_records(
    tmp_path: Path,
) -> None:
    study = read_study(records_of_the_study(tmp_path))
    tables = clean_study(study).tables
    check_committed(study.folder, "data/processed/*.csv")
    publish_counts(release_beside(tables, study, Parameters.of(study), []))
    check_committed(study.folder, "outputs/counts/*")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a copy of the study after ``lmm run``, and what the command printed."""
    folder = records_of_the_study(tmp_path_factory.mktemp("pipeline"))
    command = [sys.executable, "-m", "lmm", "run", "--study", str(folder)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return folder, answer.stdout


@pytest.mark.parametrize(
    "part",
    ["data/processed/*.csv", "outputs/counts/*", "outputs/tables/*.csv", "outputs/figures/*.svg"],
)
def test_what_is_committed_comes_out_byte_for_byte(ran: tuple[Path, str], part: str) -> None:
    check_committed(ran[0], part)


def test_no_file_lies_among_the_results_that_a_run_does_not_make(ran: tuple[Path, str]) -> None:
    made, committed = (
        {path.relative_to(root).as_posix() for path in tracked(root)} for root in (ran[0], ROOT)
    )
    of_a_run = ("outputs/", "data/processed/")
    assert {name for name in made if name.startswith(of_a_run)} == {
        name for name in committed if name.startswith(of_a_run)
    }


def test_every_published_figure_is_reproduced(ran: tuple[Path, str]) -> None:
    table = pd.read_csv(ran[0] / "outputs/tables/published_figures.csv", dtype=str)
    assert set(table["status"]) == {"reproduced"}
    assert dict(zip(table["figure"], table["computed"], strict=True)) == {
        "courses": "28",
        "staff": "434",
        "satisfaction": "99%",
        "consultations": "251",
        "families": "62",
        "targets": "met or nearly met",
        "period": "April 2018 - January 2021",
        "continuity": "stayed open, moved online and to the telephone",
    }


def test_the_summary_says_rows_figures_and_where_to_look(ran: tuple[Path, str]) -> None:
    folder, printed = ran
    account = pd.read_csv(folder / "data/processed/row_accounting.csv")
    assert f"{account['rows_read'].sum()} rows read" in printed
    assert f"{account['rows_rejected'].sum()} rejected" in printed
    assert printed.count("reproduced") == 8
    assert "outputs/site/index.html" in printed.replace("\n", "")
    assert SYNTHETIC in printed


def test_every_row_is_accounted_for(ran: tuple[Path, str]) -> None:
    account = pd.read_csv(ran[0] / "data/processed/row_accounting.csv")
    assert (account["rows_read"] == account["rows_kept"] + account["rows_rejected"]).all()
    rejected = pd.read_csv(ran[0] / "data/processed/rejected_rows.csv")
    assert rejected.groupby("table").size().to_dict() == {
        row["table"]: row["rows_rejected"] for _, row in account.iterrows() if row["rows_rejected"]
    }


def test_everything_that_is_made_carries_the_mark(ran: tuple[Path, str]) -> None:
    folder, _ = ran
    seen = set()
    for path in [*folder.glob("outputs/**/*"), *folder.glob("data/processed/*")]:
        if path.is_dir():
            continue
        seen.add(path.suffix)
        check_mark(path, SYNTHETIC, "synthetic")
    data = {".csv", ".json", ".yaml"}
    assert seen == {*data, ".png", ".svg", ".html", ".js", ".ipynb", ".pdf", ".docx", ".xlsx"}


def test_every_result_says_what_it_rests_on(ran: tuple[Path, str]) -> None:
    for path in (ran[0] / "outputs/tables").glob("*.csv"):
        basis = pd.read_csv(path, dtype=str)["basis"]
        assert basis.str.fullmatch(r"(published|assumed)( \(.*\), otherwise assumed)?").all(), path


class _Page(HTMLParser):
    """Collects what a page would fetch, and the alt text of its images."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.alts: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "script":
            self.scripts += 1
        if tag == "img":
            self.alts.append(found.get("alt") or "")
        for name in ("src", "href"):
            if re.match(r"(https?:)?//", found.get(name) or "") and tag != "a":
                self.fetched.append(f"{tag} {found[name]}")


@pytest.mark.parametrize("name", ["index", "1-descriptive", "2-satisfaction", "3-targets"])
def test_a_page_works_offline_and_describes_its_figures(ran: tuple[Path, str], name: str) -> None:
    page = _Page()
    page.feed((ran[0] / f"outputs/site/{name}.html").read_text("utf-8"))
    assert page.fetched == []
    assert page.scripts == 1  # its own, within it
    assert all(len(alt.split()) >= 5 for alt in page.alts)
    figures = {"index": 4, "1-descriptive": 5, "2-satisfaction": 5, "3-targets": 3}
    assert len(page.alts) >= figures[name]


def test_links_of_the_first_page_lead_somewhere(ran: tuple[Path, str]) -> None:
    site = ran[0] / "outputs/site"
    links = re.findall(r'<a href="([^"]+)"', (site / "index.html").read_text("utf-8"))
    assert len(links) > 20
    assert [
        link for link in links if not (site / (link.partition("#")[0] or "index.html")).is_file()
    ] == []


def test_no_output_names_a_folder_of_this_machine(ran: tuple[Path, str]) -> None:
    folder, _ = ran
    for path in folder.glob("outputs/**/*"):
        if path.suffix in {".csv", ".svg", ".html"}:
            assert str(folder) not in path.read_text("utf-8"), path


@pytest.mark.slow
def test_another_period_is_analysed_and_not_compared(copy_of_study: Path) -> None:
    command = [sys.executable, "-m", "lmm", "run", "--set", "period_end=2020-03-22",
               "--set", "confidence=0.9"]  # fmt: skip
    answer = subprocess.run(command, cwd=copy_of_study, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    tables = copy_of_study / "outputs/tables"
    figures = pd.read_csv(tables / "published_figures.csv", dtype=str)
    assert set(figures["status"]) == {"not comparable"}
    activity = pd.read_csv(tables / "activity_by_phase.csv")
    after = activity[activity["stratum"].str.startswith("from")]
    assert set(after["status"]) == {"no_data"}
    courses = activity.query("measure == 'courses' and quantity == 'count'").iloc[0]
    assert courses["numerator"] == 22
    # R 4: poisson.test(22, conf.level = 0.9)$conf.int
    assert courses[["low", "high"]].tolist() == pytest.approx([14.894, 31.415], abs=0.001)
