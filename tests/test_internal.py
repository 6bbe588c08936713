"""Exact reports are for the service alone: private, marked, and never among what is released."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from pathspec import GitIgnoreSpec
from real_service import check_mark, content, do_run, service

from lmm.cli import main
from lmm.counting.counts import Counts
from lmm.publish.counts import load_counts
from lmm.publish.notebooks import RunFailedError
from lmm.publish.run import Outcome, run
from lmm.showing.labels import SYNTHETIC, kind_in_words, mark
from lmm.start.folder import IGNORED
from lmm.study.folder import INTERNAL, STAGE_VARIABLE, Audience
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study
from lmm.terminal import _rows, summarise

ROOT = Path(__file__).resolve().parents[1]
PERIOD = ("2020-01-01", "2020-12-31", "2020-06-01", 0.95)
EXACT = "assert counts.n('attendances') == (2 if counts.study.is_internal else None)"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Give a service after a release and an internal run, and the release as it was between."""
    folder = service(tmp_path_factory.mktemp("internal") / "study", EXACT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lmm.study.folder.shipped_notebooks", tuple)
        do_run(folder)
        between = content(folder)
        do_run(folder, "internal")
    return folder, between


def test_an_internal_run_is_exact_and_touches_no_byte_of_anything_else(
    ran: tuple[Path, dict[str, bytes]],
) -> None:
    folder, between = ran
    after = content(folder)
    made = {name for name in after if name not in between}
    assert made
    assert {Path(name).parts[:2] for name in made} == {("data", "internal")}
    assert {name: after[name] for name in between} == between
    exact = pd.read_csv(folder / "data/internal/counts/exact_counts.csv").fillna({"by": ""})
    total = exact[(exact["measure"] == "attendances") & (exact["by"] == "")]
    assert total["n"].tolist() == [2]
    shown = pd.read_csv(folder / "data/internal/tables/months.csv")
    assert set(shown["status"]) <= {"ok", "no_data"}
    assert "suppressed" in set(pd.read_csv(folder / "outputs/tables/months.csv")["status"])


def test_every_artefact_of_an_internal_run_is_marked(
    ran: tuple[Path, dict[str, bytes]],
) -> None:
    inside = ran[0] / "data/internal"
    paths = [path for path in inside.rglob("*.*") if path.name != ".gitignore"]
    for path in paths:
        check_mark(path, INTERNAL, f"real; {INTERNAL}")
    seen = {path.suffix for path in paths}
    shown = {".svg", ".html", ".js", ".ipynb", ".pdf", ".docx", ".xlsx"}
    assert seen == {".csv", ".json", *shown}
    cells = nbformat.read(inside / "notebooks/1-own.ipynb", as_version=4).cells
    assert str(cells).count(INTERNAL) > 2  # words, table and figure
    (opening,) = (cell for cell in cells if "page.open()" in cell.source)
    assert INTERNAL in str(opening.outputs)


def test_the_record_of_an_internal_run_says_that_nothing_was_protected(
    ran: tuple[Path, dict[str, bytes]],
) -> None:
    record = json.loads((ran[0] / "data/internal/run.json").read_text("utf-8"))
    assert record["disclosure"] == "none"
    assert json.loads(ran[1]["outputs/run.json"])["disclosure"] == "opensafely"


def test_the_terminal_says_the_mark_and_where_the_rows_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = service(tmp_path / "study")
    account = pd.DataFrame({"rows_read": [9], "rows_fixed": [1], "rows_rejected": [2]})
    audiences: list[Audience] = ["internal", "release"]
    said = {}
    for audience in audiences:
        study = read_study(folder, audience)
        outcome = Outcome(account, pd.DataFrame(), study.outputs)
        summarise(study, outcome, _rows(study, outcome))
        said[audience] = capsys.readouterr().out
    assert "9 rows read, 1 fixed, 2 rejected (why: data/internal/processed/" in said["internal"]
    assert f"\n{INTERNAL}\n" in said["internal"]
    assert "rejected: data/processed/row_accounting.csv" in said["release"]
    assert INTERNAL not in said["release"]
    assert "9" not in said["release"].partition("Open")[0]


def test_no_file_of_a_release_holds_the_mark(ran: tuple[Path, dict[str, bytes]]) -> None:
    held = {name for name, bytes_ in ran[1].items() if INTERNAL.encode() in bytes_}
    assert held == set()


def test_the_page_on_disclosure_says_what_holds_for_the_results_beside_it(
    ran: tuple[Path, dict[str, bytes]],
) -> None:
    said = {name: "Of the results on this site:" in bytes_.decode("utf-8", "ignore")
            for name, bytes_ in ran[1].items() if name.startswith("outputs/site/")}  # fmt: skip
    assert [name for name, holds in said.items() if holds and name.endswith(".html")] == [
        "outputs/site/disclosure.html"
    ]
    page = ran[1]["outputs/site/disclosure.html"].decode("utf-8")
    assert "Of the results on this site: Counts of 1 to 7 are suppressed" in page


def test_only_the_owner_looks_into_it(ran: tuple[Path, dict[str, bytes]]) -> None:
    folder = ran[0]
    assert stat.S_IMODE((folder / "data/internal").stat().st_mode) == 0o700
    assert list(folder.glob(".stage*")) == []


def test_a_notebook_that_is_opened_by_hand_gets_no_exact_count(
    ran: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(ran[0], folder)

    def by_hand() -> Counts:
        monkeypatch.chdir(folder / "data/internal/notebooks")
        return load_counts(*PERIOD)

    assert by_hand().n("attendances") is None
    shutil.rmtree(folder / "data/processed")
    assert by_hand().n("attendances") is None  # of the release
    shutil.rmtree(folder / "outputs")
    with pytest.raises(StudyError, match="neither clean tables nor released counts"):
        by_hand()


def test_an_internal_run_that_fails_is_private_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmm.study.folder.shipped_notebooks", tuple)
    folder = service(tmp_path / "study", 'raise KeyError(counts.n("attendances"))')
    with pytest.raises(RunFailedError, match="KeyError: 2") as failure:
        do_run(folder, "internal")
    kept = folder / "data/internal.failed"
    assert failure.value.kept == kept
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert sorted(path.name for path in kept.iterdir()) == [".gitignore", "1-own.ipynb"]
    assert [path.name for path in folder.glob("*outputs*")] == []
    assert not (folder / "data/internal").exists()


def test_results_for_the_service_alone_are_not_written_into_notebooks(tmp_path: Path) -> None:
    study = read_study(service(tmp_path / "study"), "internal")
    with pytest.raises(StudyError, match="for the service alone, and are not written into"):
        run(study, Parameters.of(study), lambda *_: None, refresh=True)
    assert not (study.folder / "data/internal").exists()


def test_the_marks_of_each_kind_of_records(tmp_path: Path) -> None:
    folder = service(tmp_path / "study")
    release, internal = read_study(folder), read_study(folder, "internal")
    assert (mark(release), kind_in_words(release)) == ("", "real")
    assert (mark(internal), kind_in_words(internal)) == (INTERNAL, f"real; {INTERNAL}")
    assert (release.is_protected, internal.is_protected) == (True, False)
    both = read_study(ROOT, "internal")
    assert mark(both) == kind_in_words(both) == f"{SYNTHETIC}; {INTERNAL}"
    assert both.kind == f"synthetic; {INTERNAL}"


def test_a_variable_of_the_shell_makes_no_run_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = service(tmp_path / "study")
    monkeypatch.setenv(STAGE_VARIABLE, str(folder / ".stage-internal-x"))
    audiences = []

    def run_here(study: Study, *_: object, **__: object) -> SimpleNamespace:
        audiences.append(study.audience)
        return SimpleNamespace(succeeded=True)

    monkeypatch.setattr("lmm.terminal.run_and_summarise", run_here)
    for command in ("run", "refresh"):
        answer = CliRunner().invoke(main, [command, "--trust", "--study", str(folder)])
        assert answer.exit_code == 0, answer.output
    assert audiences == ["release", "release"]


def test_git_passes_over_it_in_every_study(root: Path) -> None:
    names = [
        "data/internal/tables/x.csv",
        "data/internal.failed/1-own.ipynb",
        ".stage-internal-a/x",
    ]
    for lines in (IGNORED, (root / ".gitignore").read_text("utf-8")):
        ignored = GitIgnoreSpec.from_lines(lines.splitlines())
        assert [name for name in names if not ignored.match_file(name)] == []


@pytest.mark.slow
def test_an_example_is_reported_exactly_and_protected_side_by_side(tmp_path: Path) -> None:
    folder = tmp_path / "peer-support"
    shutil.copytree(ROOT / "examples/peer-support", folder)
    for more, said in ((), "row_accounting.csv"), (("--internal",), INTERNAL):
        command = [sys.executable, "-m", "lmm", "run", "--study", str(folder), *more]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert said in answer.stdout
    released, exact = folder / "outputs/tables", folder / "data/internal/tables"
    for name in ("waiting_median", "satisfaction_by_course", "satisfaction_odds_ratios"):
        shown = pd.read_csv(exact / f"{name}.csv")
        assert "ok" in set(shown["status"]), name
        if (released / f"{name}.csv").exists():
            assert set(pd.read_csv(released / f"{name}.csv")["status"]) == {"suppressed"}, name
    assert not any(INTERNAL.encode() in held for held in content(folder / "outputs").values())
