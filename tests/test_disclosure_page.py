"""The numbers on the page on disclosure control are those of the gate and of the attacks."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from attack.shown import SMALL
from gates import ROOT, released_of, study_of
from test_attack import attack, without_secondary
from test_attack import release as gate
from test_disclose import attack_three_way

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.disclosure.gate import Released, release
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

PAGE = (ROOT / "docs/disclosure.md").read_text("utf-8")
PROFILES = list(SMALL)
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/study.yaml"))


def row(named: str) -> list[str]:
    """Give the cells of the row of the page that begins with a name."""
    (line,) = re.findall(rf"^\| {re.escape(named)} \| (.*) \|$", PAGE, re.MULTILINE)
    return line.split(" | ")


def cost(released: Released) -> tuple[str, str]:
    """Say how many counts there are, and how many small ones and others are not shown."""
    decisions = [told.decision for told in released.told.values()]
    small = decisions.count("primary")
    besides = len(decisions) - small - decisions.count("shown")
    return str(len(decisions)), f"{small}, {besides}" if small else str(besides)


def released(example: str, profile: str) -> Released:
    study = study_of(profile, read_study(ROOT / "examples" / example))
    tables = clean_all(read_raw(study), study).tables
    return release(Records.within(tables, study, Parameters.of(study)))


@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_protection_of_the_compendium_costs(profile: str) -> None:
    counts, *hidden = row("this compendium")
    assert cost(released_of(profile)) == (counts, hidden[PROFILES.index(profile)])


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_what_the_protection_of_an_example_costs(example: str, profile: str) -> None:
    counts, *hidden = row(f"`examples/{example}`")
    assert cost(released(example, profile)) == (counts, hidden[PROFILES.index(profile)])


def read(table: str) -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parent / "attack" / table)


def test_what_the_attack_on_whole_studies_found() -> None:
    found = read("RESULT.csv").drop(columns="profile").groupby("attacked").sum()
    whole, bare = found.loc["as released"], found.loc["primary suppression and rounding only"]
    assert whole["narrowed"] == whole["recovered"] == whole["differ"] == 0
    for said in (
        f"In {whole['releases']:,} random releases, {whole['releases'] // 3} under each profile",
        f"none of {whole['small']:,} small counts",
        f"it narrowed {bare['narrowed']:,} of {bare['small']:,}",
        f"Of these releases {whole['run twice']} were also made as a whole",
    ):
        assert said in PAGE


def test_what_the_attack_on_sequences_found() -> None:
    found = read("SEQUENCES.csv").drop(columns="profile").sum()
    assert found["narrowed"] == 0
    assert found["other profile, refused"] == found["sequences"]
    assert f"In {found['sequences']:,} sequences" in PAGE
    assert f"none of {found['small']:,} small counts" in PAGE
    assert f" {found['narrowed before']:,} had lost one before" in PAGE


def in_cells(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


@pytest.mark.slow
def test_what_the_attack_on_tables_found() -> None:
    found = attack(10_000, 2, gate)
    small, recovered, narrowed = found["small counts"], found["recovered"], found["narrowed"]
    assert row("as released") == in_cells(10_000, small, recovered, narrowed)
    said = f"In the 10,000 releases {found['shown']:,} cells were shown and {found['secondary']:,} "
    assert said in PAGE
    found = attack(400, 3, without_secondary)
    small, recovered, narrowed = found["small counts"], found["recovered"], found["narrowed"]
    assert row("primary suppression and rounding only") == in_cells(400, small, recovered, narrowed)


@pytest.mark.slow
def test_what_the_attack_on_three_way_tables_found() -> None:
    found = attack_three_way(120)
    released, without = (
        row("three-way tables, as released"),
        row("three-way tables, primary suppression and rounding only"),
    )
    assert released == in_cells(120, found["small"], 0, found["narrowed"])
    assert without == in_cells(
        120, found["small"], found["recovered without"], found["narrowed without"]
    )
