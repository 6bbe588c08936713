"""The guide and the README are followed to the letter: commands and edits as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleaning_helpers import study_with
from test_own_tables import VISITS, absent, cleaned

from lmm.analysis.descriptive import activity
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import key
from lmm.study.parameters import Parameters

ROOT = Path(__file__).resolve().parents[1]


def blocks(page: str, heading: str = "") -> list[tuple[str, str]]:
    """Give the fenced blocks of a page, or of one section of it, with their languages."""
    text = (ROOT / page).read_text("utf-8")
    if heading:
        text = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder like the compendium's: its examples, and its command."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    command = tmp_path / ".venv" / "bin" / "lmm"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lmm "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def follow(steps: list[tuple[str, str]], place: Path) -> list[subprocess.CompletedProcess[str]]:
    """Run each command, and make each edit in study.yaml."""
    done = []
    for language, content in steps:
        if language == "sh":
            answer = subprocess.run(
                ["sh", "-e", "-c", content], cwd=place, capture_output=True, text=True, check=False
            )
            assert answer.returncode == 0, content + answer.stdout + answer.stderr
            done.append(answer)
        elif language == "diff":
            edit(place / "my-service" / "study.yaml", content)
    return done


def edit(path: Path, diff: str) -> None:
    text = path.read_text("utf-8")
    for old, new in re.findall(r"^-(.*)\n(?:\+(.*)\n)?", diff, flags=re.MULTILINE):
        assert f"\n{old}\n" in text, old
        text = text.replace(f"\n{old}\n", f"\n{new}\n", 1)
    path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_the_guide_up_to_the_check(place: Path) -> None:
    steps = blocks("docs/your-service.md")
    before_run = steps[: next(n for n, s in enumerate(steps) if " run " in s[1])]
    done = follow(before_run, place)
    assert len(done) == 2
    assert "can run:" in done[-1].stdout
    assert (place / "my-service/check.html").is_file()


@pytest.mark.slow
def test_the_guide_to_its_end(place: Path) -> None:
    *_, again = follow(blocks("docs/your-service.md"), place)
    for outputs in ("my-service/outputs", "my-service/data/internal", "made-again"):
        assert {path.name for path in (place / outputs / "site").iterdir()} >= {
            "index.html", "1-descriptive.html", "2-satisfaction.html", "3-targets.html",
        }  # fmt: skip
    assert "byte for byte as in the release" in again.stdout


@pytest.mark.slow
def test_the_targets_of_the_guide_are_accepted(place: Path) -> None:
    steps = blocks("docs/your-service.md")
    follow([step for step in steps if " run " not in step[1]], place)
    targets = next(content for language, content in steps if language == "yaml")
    path = place / "my-service/study.yaml"
    text = path.read_text("utf-8")
    indented = "".join(f"  {line}\n" for line in targets.splitlines())
    path.write_text(text.replace("  targets: absent\n", indented), encoding="utf-8")
    (answer,) = follow([("sh", ".venv/bin/lmm check --study my-service")], place)
    assert "targets: 1 of 1 rows" in answer.stdout


def declarations() -> list[dict[str, Any]]:
    """Give what the guide declares beside its targets, block by block."""
    found = [content for language, content in blocks("docs/your-service.md") if language == "yaml"]
    return [yaml.safe_load(content) for content in found[1:]]


def test_the_drop_ins_of_the_guide_are_read_and_counted(tmp_path: Path) -> None:
    _, own, telephone, thresholds = declarations()
    study = study_with(
        tmp_path,
        **absent(),
        tables__drop_ins=own["tables"]["drop_ins"],
        vocabularies__venue=own["vocabularies"]["venue"],
        measures={**own["measures"], **telephone["measures"]},
        **thresholds,
    )
    tables = cleaned(study, drop_ins=VISITS).tables
    counts = count(Records.within(tables, study, Parameters.of(study)))
    assert counts.numbers[key("drop_ins")] == 2
    assert counts.by("drop_in_heads", "venue").to_numpy().tolist() == [
        ["hall", 17], ["library", 0], ["not recorded", 0],
    ]  # fmt: skip
    assert counts.shown == ("drop_ins", "drop_in_heads")  # no sessions are kept
    table = activity(counts, "contract_year").table
    heads = table[(table["measure"] == "drop_in_heads") & (table["stratum"] == "whole period")]
    assert heads["numerator"].tolist() == [17, 17]
    assert heads["estimand"].tolist() == [
        "people at the drop-in, each time they came",
        "people at the drop-in, each time they came a month",
    ]


@pytest.mark.slow
def test_the_section_of_the_readme(place: Path) -> None:
    steps = blocks("README.md", "Use it for your service")
    (drafted, *_) = [content for language, content in steps if language == "sh"]
    answer = subprocess.run(
        ["sh", "-c", drafted], cwd=place, capture_output=True, text=True, check=False
    )
    assert "wrote my-service/study.yaml" in answer.stdout
    assert answer.returncode == 2  # its records are known to be invented, and declared real
    assert "declare records: synthetic" in answer.stdout


def test_other_languages_stand_in_no_block() -> None:
    assert {language for language, _ in blocks("docs/your-service.md")} == {"sh", "diff", "yaml"}
