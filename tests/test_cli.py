"""The commands, as a new user meets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def lmm(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lmm", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_help_names_every_command(root: Path) -> None:
    shown = lmm("--help", cwd=root)
    assert shown.returncode == 0
    for command in ("run", "refresh", "synth", "simulate", "contract"):
        assert f"\n  {command} " in shown.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "perod_end=2020-01-01"), "did you mean period_end?"),
        (("--set", "period_end"), "write it as name=value"),
        (("--set", "period_end=soon"), "write the date as year-month-day"),
        (("--set", "period_end=2030-01-01"), "outside the study's period"),
        (("--set", "confidence=95"), "less than 1"),
        (("--set", "period_start=2021-01-01", "--set", "period_end=2020-01-01"), "comes before"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(
    copy_of_study: Path, words: tuple[str, ...], message: str
) -> None:
    before = sorted(copy_of_study.rglob("*"))
    answer = lmm("run", *words, cwd=copy_of_study)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(copy_of_study.rglob("*")) == before


def test_all_wrong_parameters_are_named_at_once(root: Path) -> None:
    answer = lmm("run", "--set", "perod_end=2020-01-01", "--set", "confidence=x", cwd=root)
    assert "perod_end" in answer.stderr
    assert "confidence" in answer.stderr


def test_a_folder_that_is_no_study_is_named(tmp_path: Path) -> None:
    answer = lmm("run", cwd=tmp_path)
    assert answer.returncode == 2
    assert "no study.yaml" in answer.stderr
    answer = lmm("run", "--study", str(tmp_path / "nowhere"), cwd=tmp_path)
    assert answer.returncode == 2
    assert "study.yaml: there is no such file" in answer.stderr


def test_an_unknown_label_stops_the_run_with_one_clear_message(copy_of_study: Path) -> None:
    path = copy_of_study / "data/raw/courses.csv"
    path.write_bytes(path.read_bytes().replace(b"f2f", b"by pigeon", 1))
    answer = lmm("run", cwd=copy_of_study)
    assert answer.returncode == 2
    assert "courses.csv: line" in answer.stderr
    assert "'by pigeon' is not known" in answer.stderr
    assert "accepted: in person, online, telephone" in answer.stderr
    assert not (copy_of_study / "outputs").exists()


def test_synth_is_refused_over_real_records(copy_of_study: Path) -> None:
    path = copy_of_study / "study.yaml"
    text = path.read_text("utf-8").replace("records: synthetic ", "records: real ")
    path.write_text(text, encoding="utf-8")
    answer = lmm("synth", cwd=copy_of_study)
    assert answer.returncode == 2
    assert "real records" in answer.stderr
