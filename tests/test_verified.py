"""A study is made afresh and compared: what was changed is found, and nothing else is touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from real_service import content, do_run, service

from lmm.cli import main
from lmm.publish.stage import held
from lmm.review.verify import again
from lmm.review.verify.again import Verification, verify_study
from lmm.review.verify.item import Item, changed
from lmm.study.problems import StudyError
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a service of its own after a run."""
    place = tmp_path_factory.mktemp("verified") / "study"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lmm.study.folder.shipped_notebooks", tuple)
        do_run(service(place))
    return place


@pytest.fixture
def study(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of it, to be spoilt."""
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    return Path(shutil.copytree(ran, tmp_path / "study"))


def verified(folder: Path, against: Path | None = None) -> Verification:
    return verify_study(read_study(folder, "release"), lambda *_: None, against)


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def names(items: list[Item]) -> list[str]:
    return [each.name for each in items]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_an_untouched_study_is_reproduced_and_the_account_is_all_that_is_written(
    study: Path,
) -> None:
    before = content(study)
    answer = called("--study", study, "--trust")
    assert answer.exit_code == 0, answer.output
    assert "Everything that was checked is reproduced: " in answer.output
    after = content(study)
    account = json.loads(after.pop("outputs/verify.json"))
    page = after.pop("outputs/site/verify.html").decode("utf-8")
    assert b"were not verified since" in before.pop("outputs/site/verify.html")
    assert after == before
    assert {each["verdict"] for each in account["items"]} == {"reproduced"}
    kinds = {each["kind"] for each in account["items"]}
    assert kinds == {"table", "figure", "notebook", "hand-out", "page", "counts",
                     "cleaned table", "ledger", "study file", "made from"}  # fmt: skip
    made_from = [x["name"] for x in account["items"] if x["kind"] == "made from"]
    assert made_from == ["parameters", "study file", "data", "code", "environment",
                         "lock and what is installed"]  # fmt: skip
    assert "Everything that was checked is reproduced: " in page
    assert '<a class="home" href="index.html">' in page
    assert called("--study", study, "--trust").exit_code == 0  # the account is no result


def test_what_a_killed_verification_left_is_removed_and_one_at_work_is_not(study: Path) -> None:
    left, at_work = (study / "data" / f".lmm-verify-{name}" for name in ("left", "work"))
    for folder in (left, at_work):
        (folder / "study").mkdir(parents=True)
    (study / "registration").mkdir()
    (study / "registration/README.md").write_text("planned", "utf-8")
    first_read = (study / "data/first_read.json").read_bytes()
    with held(at_work), again._copied(read_study(study, "release")) as copy:
        assert not left.exists()
        assert at_work.exists()
        assert (copy.folder / "registration/README.md").read_text("utf-8") == "planned"
        assert (copy.folder / "data/first_read.json").read_bytes() == first_read


def test_three_planted_faults_are_found_by_name_and_place(study: Path) -> None:
    replace(study / "outputs/tables/months.csv", "courses,2020-02-01,1,", "courses,2020-02-01,2,")
    figure = study / "outputs/figures/months.svg"
    point = re.search(r'<use [^>]*x="(\d+)', figure.read_text("utf-8"))
    assert point
    replace(figure, point[0], f"{point[0]}1")
    path = study / "outputs/notebooks/1-own.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source += "\n# by hand"
    nbformat.write(notebook, path)
    (study / "data/raw/note.txt").write_text("of no table", "utf-8")
    replace(study / "data/processed/courses.csv", "sleep", "sleeep")
    answer = called("--study", study, "--trust")
    assert answer.exit_code == 1, answer.output
    account = json.loads((study / "outputs/verify.json").read_text("utf-8"))
    found = {x["name"]: x for x in account["items"] if x["verdict"] == "changed"}
    assert list(found) == [
        "figures/months.svg", "notebooks/1-own.ipynb", "tables/months.csv",
        "data/processed/courses.csv",
    ]  # fmt: skip
    assert "1 mark moved" in found["figures/months.svg"]["why"]
    assert "code cell 3: source" in found["notebooks/1-own.ipynb"]["where"]
    assert found["tables/months.csv"]["largest"] == 1
    assert "column events: 2, where 1 was made" in found["tables/months.csv"]["where"][0]
    of_people = found["data/processed/courses.csv"]
    assert (of_people["where"], of_people["largest"]) == ([], None)
    assert "is not told of records of people" in of_people["why"]
    for words in ("1 mark moved", "months.csv", "Something has changed"):
        assert words in answer.output
    page = (study / "outputs/site/verify.html").read_text("utf-8")
    assert "column events: 2, where 1 was made" in page


@pytest.mark.slow
def test_another_run_is_compared_and_what_it_was_made_from(study: Path, ran: Path) -> None:
    replace(study / "study.yaml", "service: Small\n", "service: Small\nconfidence: 0.9\n")
    shutil.rmtree(study / "outputs")
    found = verified(study, ran)
    assert not found.succeeded
    made_from = {each.name: each for each in found.items if each.kind == "made from"}
    assert made_from["parameters"].places == "confidence: 0.95 then, 0.9 now"
    assert made_from["study file"].verdict == "changed"
    same = {made_from[name].verdict for name in ("data", "code", "environment")}
    assert same == {"reproduced"}
    assert "notebooks/1-own.ipynb" in names(changed(found.items))


def test_a_release_is_verified_without_the_records(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    monkeypatch.chdir(tmp_path)
    packed = shutil.make_archive(str(tmp_path / "release"), "zip", ran / "outputs")
    answer = called("--from-release", packed, "--trust")
    assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["release.zip", "verified"]
    assert sorted(content(tmp_path / "verified")) == ["verify.html", "verify.json"]
    account = json.loads((tmp_path / "verified/verify.json").read_text("utf-8"))
    assert account["succeeded"]
    assert len(account["items"]) > 20
    page = (tmp_path / "verified/verify.html").read_text("utf-8")
    assert 'href="index.html"' not in page  # there is none beside it


# --- refused before anything is run ---------------------------------------------------------------


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("something was run")

    monkeypatch.setattr(again, "run", fail)
    monkeypatch.setattr(again, "rerun", fail)


@pytest.mark.usefixtures("nothing_runs")
def test_unsound_notebooks_are_refused(study: Path) -> None:
    path = study / "outputs/notebooks/1-own.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = None
    nbformat.write(notebook, path)
    answer = called("--study", study, "--trust")
    assert answer.exit_code == 2
    assert "1-own.ipynb: code cell 1: was not executed" in answer.output
    answer = called("--from-release", study / "outputs", "--trust", "--to", study.parent / "x")
    assert answer.exit_code == 2
    assert "was not executed" in answer.output


@pytest.mark.usefixtures("nothing_runs")
def test_another_environment_than_the_lock_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.review.verify.lock.installed", lambda: {"numpy": "2.0.0"})
    answer = called("--study", study, "--trust")
    assert answer.exit_code == 2
    assert re.search(r"requirements.txt: line \d+: pins numpy \S+, and 2.0.0 is", answer.output)


@pytest.mark.usefixtures("nothing_runs")
def test_what_cannot_be_verified_is_told(study: Path, tmp_path: Path) -> None:
    assert "look through it, then add --trust" in called("--study", study).output
    (tmp_path / "empty").mkdir()
    for place, message in [
        (tmp_path / "nowhere", "there is no such folder"),
        (tmp_path / "empty", "holds no results; name a study, or its folder outputs"),
    ]:
        with pytest.raises(StudyError, match=message):
            verified(study, place)
    answer = called("--from-release", study / "outputs", "--to", study / "outputs/x")
    assert answer.exit_code == 2
    assert "within the release" in answer.output
    assert "name nothing else" in called("--from-release", "x", "--against", "y").output
    shutil.rmtree(study / "outputs")
    with pytest.raises(StudyError, match="holds no results to verify; `lmm run` makes them"):
        verified(study)


@pytest.mark.slow
def test_the_compendium_is_reproduced_and_planted_faults_are_found(copy_of_study: Path) -> None:
    shutil.copytree(ROOT / "outputs", copy_of_study / "outputs")
    table = copy_of_study / "outputs/tables/response_rate.csv"
    replace(table, "all,all,", "all,every,")
    shutil.copy(
        copy_of_study / "outputs/figures/reach.svg", copy_of_study / "outputs/figures/waiting.svg"
    )
    (copy_of_study / "outputs/tables/stray.csv").write_text("n\n1\n", "utf-8")
    command = [sys.executable, "-m", "lmm", "verify", "--study", str(copy_of_study)]
    answer = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=copy_of_study.parent,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C",
             "OPENBLAS_CORETYPE": "Prescott"},
    )  # fmt: skip
    assert answer.returncode == 1, answer.stdout + answer.stderr
    account = json.loads((copy_of_study / "outputs/verify.json").read_text("utf-8"))
    results = [x for x in account["items"] if x["kind"] != "made from"]
    found = {x["name"]: x["why"] for x in results if x["verdict"] == "changed"}
    assert found == {
        "figures/waiting.svg": "holds what belongs to reach.svg",
        "tables/response_rate.csv": "1 cell of another value",
        "tables/stray.csv": "made by no notebook",
    }
    assert sum(x["kind"] == "claim" for x in account["items"]) > 50
