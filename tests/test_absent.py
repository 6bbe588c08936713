"""Services that keep some of the tables and columns only: what is missing is said, not counted."""

from __future__ import annotations

import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from notebooks_here import (
    ROOT,
    Section,
    records,
    run_notebooks,
    statuses_are_right,
    tables_written,
    write_study,
)

from lmm.analysis import characteristics, waiting
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.disclosure.profiles import PROFILES
from lmm.study.counted import MEASURES
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

CONTRACT = tables_of(read_study(ROOT))
PARENTS = {
    name: {column.refers_to for column in table.columns.values() if column.refers_to}
    for name, table in CONTRACT.items()
}
OPTIONAL = [
    f"{name}.{column}"
    for name, table in CONTRACT.items()
    for column, cells in table.columns.items()
    if (cells.may_lack or not cells.required)
    and not cells.refers_to
    and not cells.vocabulary.startswith("feedback_forms.")
]
SERVICES = [
    absent
    for size in range(len(CONTRACT) + 1)
    for absent in combinations(CONTRACT, size)
    if all(name in absent for name in CONTRACT if PARENTS[name] & {*absent})
]
"""Every set of tables that a service may be without: what refers to one of them goes with it."""

Combination = tuple[tuple[str, ...], tuple[str, ...], str]


def sampled() -> list[Combination]:
    """Give each set of absent tables a profile in turn, and a draw of columns left out."""
    random = np.random.default_rng(1)
    profiles = list(PROFILES)
    found = []
    for n, absent in enumerate(SERVICES):
        drawn = random.random(len(OPTIONAL)) < random.choice([0.2, 0.5, 0.8])
        left_out = tuple(place for place, out in zip(OPTIONAL, drawn, strict=True) if out)
        found.append((absent, left_out, profiles[(n + n // len(profiles)) % len(profiles)]))
    return found


def _name(combination: Combination) -> str:
    absent, left_out, profile = combination
    return f"{len(absent)} tables absent, {len(left_out)} columns left out, {profile}"


def all_but(*tables: str) -> tuple[str, ...]:
    return tuple(name for name in CONTRACT if name not in tables)


QUICK: dict[str, Combination] = {
    "nothing": (tuple(CONTRACT), (), "none"),
    "a list of referrals": (all_but("families"), tuple(OPTIONAL), "opensafely"),
    "families and visits": (
        all_but("families", "family_contacts"), tuple(OPTIONAL), "nhs_digital",
    ),
    "targets of nothing": (all_but("targets", "published_figures"), (), "midpoint6"),
}  # fmt: skip


def test_the_combinations_leave_out_every_two_tables_and_columns_under_every_profile() -> None:
    """Each two of these, present or absent, come together, and each with every profile."""
    rows = [
        {
            "profile": profile,
            **{name: name in absent for name in CONTRACT},
            **{place: place in left_out for place in OPTIONAL},
        }
        for absent, left_out, profile in sampled()
    ]
    table = pd.DataFrame(rows)
    assert len(SERVICES) == len(set(SERVICES)) == 120
    for one, other in combinations(table, 2):
        possible = set(product(set(table[one]), set(table[other])))
        if one in CONTRACT and other in CONTRACT:
            child, parent = (one, other) if other in PARENTS[one] else (other, one)
            if parent in PARENTS[child]:  # what refers to an absent table is not kept
                possible.discard((False, True) if child == one else (True, False))
        assert possible == set(zip(table[one], table[other], strict=True)), (one, other)


@pytest.mark.parametrize("service", QUICK)
def test_the_notebooks_of_a_service_that_keeps_little_are_true(
    service: str, tmp_path: Path
) -> None:
    run_and_hold(tmp_path, QUICK[service])


@pytest.mark.slow
@pytest.mark.parametrize("combination", sampled()[5::10], ids=_name)
def test_the_notebooks_are_true_of_services_of_many_kinds(
    combination: Combination, tmp_path: Path
) -> None:
    run_and_hold(tmp_path, combination)


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("combination", sampled(), ids=_name)
def test_the_notebooks_are_true_whatever_the_service_keeps(
    combination: Combination, tmp_path: Path
) -> None:
    run_and_hold(tmp_path, combination)


def run_and_hold(folder: Path, combination: Combination) -> None:
    absent, left_out, profile = combination
    study = write_study(folder, records(0.2), absent=absent, left_out=left_out, disclosure=profile)
    sections = run_notebooks(folder)
    tables = tables_written(folder)
    statuses_are_right(tables)
    no_heading_is_empty(sections)
    what_is_said_to_be_missing_is(study, sections)
    nothing_that_is_not_kept_is_counted(study, left_out, tables)


def no_heading_is_empty(sections: list[Section]) -> None:
    for section in sections:
        assert not section.runs_code or section.words.startswith("# ") or section.shown, section
        for text in section.shown:
            assert text.strip(), section
            assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b|<NA>", text), text


def what_is_said_to_be_missing_is(study: Study, sections: list[Section]) -> None:
    kept = Records.within(read_clean(study), study, Parameters.of(study))
    said = {
        tuple(match)
        for section in sections
        for text in section.shown
        for match in re.findall(
            r"This service keeps no (?:column (.+) in its )?table of (.+?)\.$", text, re.MULTILINE
        )
    }
    for columns, tables in said:
        for table in re.split(", | or ", tables):
            name = table.replace(" ", "_")
            if not columns:
                assert not study.keeps(name), said
            for column in filter(None, re.split(", | or ", columns)):
                assert study.keeps(name), said
                assert not kept.keeps(name, column.replace(" ", "_")), said


def nothing_that_is_not_kept_is_counted(
    study: Study, left_out: tuple[str, ...], tables: dict[str, pd.DataFrame]
) -> None:
    shown = {place.partition(".")[2] for place in left_out}
    if "missing_values" in tables:
        gaps = tables["missing_values"]
        assert not {*(gaps["table"] + "." + gaps["column"])} & {*left_out}
        assert all(map(study.keeps, gaps["table"]))
    for name in ("families_table_1", "reach"):
        if name in tables:
            labels = {label for c, label in characteristics.CHARACTERISTICS.items() if c in shown}
            assert not labels & {*tables[name]["characteristic"]}
    for name in ("activity_by_year", "monthly_activity", "control_verdicts"):
        if name in tables:
            assert all(study.keeps(MEASURES[each].rows) for each in tables[name]["measure"])
    if "waiting_seen_within" in tables:
        waits = tables["waiting_seen_within"]
        assert ("accepted" in {*waits["population"]}) == ("accepted_on" not in shown)
        assert ("discharged_on" in shown) <= (waiting.NOT_KNOWN in " ".join(waits["leaving"])) or (
            study.is_protected
        )
    assert not ({"accepted_on", "discharged_on"} & shown and "caseload" in tables)
    if "consultations_by_kind" in tables:
        sessions = tables["consultations_by_kind"]
        assert ("hours" in sessions) == ("minutes" not in shown and not study.is_protected)
        assert (len(sessions) == 1) == ("consultations.profession" in left_out)


EMPTY = {
    "no rows": lambda frame: frame.iloc[:0],
    "one row": lambda frame: frame.iloc[:1],
}


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("rows", EMPTY)
def test_tables_without_rows_or_with_one_are_reported(
    rows: str, profile: str, tmp_path: Path
) -> None:
    whole = records()
    tables = {name: EMPTY[rows](frame) for name, frame in whole.items()}
    if rows == "one row":  # of the same course and family
        tables["course_attendance"] = whole["course_attendance"].loc[
            lambda f: f["course_id"].isin(tables["courses"]["course_id"])
        ][:1]
        tables["feedback_forms"] = whole["feedback_forms"].loc[
            lambda f: f["course_id"].isin(tables["courses"]["course_id"])
        ][:1]
        tables["family_contacts"] = whole["family_contacts"].loc[
            lambda f: f["family_id"].isin(tables["families"]["family_id"])
        ][:1]
    write_study(tmp_path, tables, disclosure=profile)
    sections = run_notebooks(tmp_path)
    statuses_are_right(tables_written(tmp_path))
    no_heading_is_empty(sections)


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_columns_without_any_cell_are_reported_as_not_recorded(
    profile: str, tmp_path: Path
) -> None:
    tables, blank = dict(records(0.2)), [place for place in OPTIONAL if not _is_required(place)]
    assert len(blank) < len(OPTIONAL)  # how contacts were held is told of each, or not kept
    for place in blank:
        name, _, column = place.partition(".")
        frame = tables[name]
        tables[name] = frame.assign(**{column: frame[column].where(frame.index < 0)})
    write_study(tmp_path, tables, disclosure=profile)
    sections = run_notebooks(tmp_path)
    statuses_are_right(tables_written(tmp_path))
    no_heading_is_empty(sections)
    if profile == "none":
        gaps = tables_written(tmp_path)["missing_values"]
        without = gaps[(gaps["table"] + "." + gaps["column"]).isin(blank)]
        assert len(without) > 5
        assert (without["missing"] == without["rows"]).all()


def _is_required(place: str) -> bool:
    name, _, column = place.partition(".")
    return CONTRACT[name].columns[column].required
