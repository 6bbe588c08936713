"""What is released of each result: counts as the profile gives them, and nothing beside them."""

from __future__ import annotations

import ast

import nbformat
import numpy as np
import pandas as pd
import pytest
from gates import (
    ROOT,
    STUDY,
    clean_tables,
    computed,
    gate_of,
    records_of,
    released,
    study_of,
)

from lmm.cleaning.records import Records
from lmm.disclosure.profiles import PROFILES
from lmm.release.gate import Gate
from lmm.release.relations import linked
from lmm.release.results import RESULTS, Counted, CoursesOnly, Withheld, not_about_people
from lmm.showing.page import Page
from lmm.study.parameters import Parameters

PROTECTING = [name for name in PROFILES if name != "none"]
COUNTED = [name for name, known in RESULTS.items() if isinstance(known, Counted)]
SHARED = {"numerator", "denominator"}


WHOLE = ("opensafely", 1.0)
SMALL = {name: (name, 0.15) for name in PROTECTING}
PLANNED = {"opensafely, all records": WHOLE} | {
    f"{name}, few records": part for name, part in SMALL.items()
}


def about_people(table: pd.DataFrame) -> pd.DataFrame:
    kept = [not not_about_people(row) for row in table.to_dict("records")]
    return table[kept]


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("planned", PLANNED)
def test_every_count_of_people_has_the_form_that_the_profile_gives_it(
    planned: str, name: str
) -> None:
    gate, known = gate_of(*PLANNED[planned]), RESULTS[name]
    profile = gate.profile
    assert isinstance(known, Counted)
    true = computed(gate, name)
    columns = {
        column
        for row in about_people(true).to_dict("records")
        for column in known.cells(row, gate.records)
    }
    table = about_people(released(gate, name))
    for column in columns & set(table):
        shown = table[column].dropna().astype(int)
        if column == "number":
            shown = shown[table.get("what", pd.Series("", table.index)) != "places offered"]
        step = 6 if profile == "midpoint6" else 5
        rest = 3 if profile == "midpoint6" else 0
        fits = (shown == 0) | (shown % step == rest)
        if column != "denominator":  # which may be a sum of shown counts
            assert fits.all(), shown[~fits].tolist()
        if profile != "midpoint6":
            assert not shown.between(1, 7).any()


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("profile", PROTECTING)
def test_nothing_but_the_counts_and_the_kept_columns_reaches_what_is_released(
    profile: str, name: str
) -> None:
    """All other columns are scrambled, and the released table is the same."""
    gate, known = gate_of(*SMALL[profile]), RESULTS[name]
    assert isinstance(known, Counted)
    true = computed(gate, name)
    open_rows = np.array([not_about_people(row) for row in true.to_dict("records")], dtype=bool)
    spoilt = true.astype("object")
    for column in spoilt.columns.difference(known.keep):
        spoilt.loc[~open_rows, column] = "secret 4711"
    found, expected = gate.release(name, spoilt).table, gate.release(name, true).table
    assert found is not None
    assert expected is not None
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert "4711" not in found.to_csv()


@pytest.mark.parametrize("profile", PROTECTING)
def test_the_kept_columns_hold_no_number_made_of_people(profile: str) -> None:
    """With other people of the same kind, the kept columns are the same."""
    one, other = Gate(records_of(profile, 0.5, seed=3)), Gate(records_of(profile, 0.5, seed=3))
    forms = other.records.tables["feedback_forms"]
    flipped = {item: forms[item].iloc[::-1].to_numpy() for item in STUDY.satisfaction.items}
    other.records = other.records.having(feedback_forms=forms.assign(**flipped))
    for name in ("satisfaction_by_group", "satisfaction_items", "items_missing"):
        known = RESULTS[name]
        assert isinstance(known, Counted)
        kept = [column for column in known.keep if column != "status"]
        left, right = (computed(gate, name)[kept] for gate in (one, other))
        pd.testing.assert_frame_equal(left, right)


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("profile", PROTECTING)
def test_a_share_is_made_of_the_released_counts(profile: str, name: str) -> None:
    table = about_people(released(gate_of(*SMALL[profile]), name))
    if not {"numerator", "denominator", "estimate"} <= set(table):
        return
    known = table[(table["status"] == "ok") & table["denominator"].notna()]
    plain = known["numerator"] / known["denominator"]
    if name == "step_at_event":
        return  # a ratio of two rates
    bounded = known["method"] == "worst-case bounds"
    pd.testing.assert_series_equal(
        known.loc[~bounded, "estimate"], plain[~bounded], check_names=False
    )
    assert (known["low"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["high"]).all()


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_relations_hold_for_the_true_counts(share: float, seed: int) -> None:
    """And the same count has the same value in every table, or `counts` would raise."""
    gate = gate_of("opensafely", share, seed)
    cells, relations = linked(gate.counts, gate.records)
    true = {cell.key: cell.count for cell in cells}
    assert len(relations) > 50
    assert min(true.values()) >= 0
    for relation in relations:
        total = sum(n * true[name] for name, n in relation.terms)
        assert total == 0 if relation.sense == "=" else total <= 0


@pytest.mark.parametrize(
    "chosen",
    [
        {"period_start": "2019-04-01"},
        {"period_end": "2020-03-22", "event_date": "2019-10-01"},
        {"period_start": "2018-11-17", "period_end": "2019-02-03", "event_date": "2018-12-24"},
        {"event_date": "2019-04-01"},
    ],
    ids=str,
)
def test_the_relations_hold_in_any_period(chosen: dict[str, str]) -> None:
    """Also where families were referred before the period, and seen in it."""
    study = study_of("opensafely")
    records = Records.within(clean_tables(), study, Parameters.of(study, chosen))
    cells, relations = linked(Gate(records).counts, records)
    true = {cell.key: cell.count for cell in cells}
    assert min(true.values()) >= 0
    for relation in relations:
        total = sum(n * true[name] for name, n in relation.terms)
        assert total == 0 if relation.sense == "=" else total <= 0


def test_years_months_topics_and_stages_are_linked() -> None:
    gate = gate_of(*WHOLE)
    _, relations = linked(gate.counts, gate.records)
    wholes = {}
    for relation in relations:
        if relation.sense == "=":
            whole = next(name for name, n in relation.terms if n == -1)
            wholes.setdefault(whole, []).append(len(relation.terms) - 1)
    attendances = ("attendances", ())
    assert 3 in wholes[attendances]  # contract years
    assert 2 in wholes[attendances]  # phases, topics
    assert 34 in wholes[attendances]  # months
    assert wholes["families", (("contract_year", "2018/19"),)] == [12, 4]  # months, quarters
    assert ("referred", ()) in wholes
    assert ("answers", (("high", "yes"),)) in wholes


def test_the_last_caseload_and_repeat_attendance_are_linked() -> None:
    gate = gate_of(*WHOLE)
    found = {(frozenset(r.terms), r.sense) for r in linked(gate.counts, gate.records)[1]}
    last = (("month_end", "2021-01-01"),)
    held = {(("caseload", last), 1), (("caseload not seen", last), -1)}
    assert (frozenset({*held, (("seen", ()), -1), (("discharged", ()), 1)}), "=") in found
    more = ("staff", (("courses", "more than one"),))
    people = {(("staff", ()), 1), (more, 1), (("attendances", ()), -1)}
    assert (frozenset(people), "=") in found  # nobody came to three: 434 and 37 are 471


def test_a_count_is_suppressed_or_rounded_and_a_courses_count_is_exact() -> None:
    table = released(gate_of(*WHOLE), "activity_by_year")
    courses = table[(table["measure"] == "courses") & (table["quantity"] == "count")]
    assert courses["numerator"].tolist() == [11, 11, 6, 28]
    kinds = released(gate_of(*WHOLE), "consultations_by_kind").set_index("profession")
    true = computed(gate_of(*WHOLE), "consultations_by_kind").set_index("profession")
    small = true[["support", "guidance"]].apply(lambda n: n.between(1, 7))
    assert small.to_numpy().sum() >= 5
    assert kinds[["support", "guidance"]][small].isna().all(axis=None)
    assert "hours" not in kinds


@pytest.mark.parametrize("planned", ["opensafely, all records", "midpoint6, few records"])
def test_there_is_no_share_of_a_whole_of_which_a_part_is_suppressed(planned: str) -> None:
    table = released(gate_of(*PLANNED[planned]), "families_table_1")
    assert (table["level"] != "").all()  # moments and quartiles are left out
    parts = table.groupby("characteristic")
    hidden = parts["number"].transform(lambda n: n.isna().any())
    assert hidden.any() if planned.startswith("opensafely") else not hidden.all()
    assert table.loc[hidden, "share"].isna().all()
    whole = parts["number"].transform("sum")
    shown = table[~hidden & (whole > 0)]
    expected = shown["number"] / whole[shown.index]
    pd.testing.assert_series_equal(
        shown["share"], expected.astype("float64"), check_names=False, check_dtype=False
    )


def test_a_total_is_no_sum_that_leaves_out_suppressed_parts() -> None:
    """Of 41 sessions of support 20 remain where suppressed professions are left out."""
    gate = gate_of(*WHOLE)
    support = ("consultations", (("kind", "support"),))
    assert gate.plan.left_out[support] > 0
    assert gate.plan.value(support) == 20
    table = released(gate, "consultations_by_kind").set_index("profession")
    assert pd.isna(table.loc["all", "support"])
    assert table.loc["all", "all"] == 250  # made of the years, which are all shown
    log = gate.log().set_index(["what", "where"])["decision"]
    assert log["consultations", "kind: support"] == "incomplete"


def test_a_share_of_all_is_near_the_share_of_its_groups() -> None:
    """Few are dissatisfied; that they are suppressed must not raise the share of the others."""
    gate = gate_of(*WHOLE)
    first = released(gate, "satisfaction_intervals").iloc[0]
    bounds = released(gate, "satisfaction_bounds")
    true = computed(gate, "satisfaction_bounds")
    assert bounds["estimate"].iloc[0] == pytest.approx(true["estimate"].iloc[0], abs=0.02)
    assert first["denominator"] == pytest.approx(true["denominator"].iloc[0], abs=10)


def test_a_result_that_is_not_listed_is_withheld() -> None:
    found = gate_of(*WHOLE).release("something_new", pd.DataFrame({"n": [3], "basis": ["x"]}))
    assert found.table is None
    assert "not among the results that are known to be safe" in found.why_not


def test_withheld_results_and_rows_say_why(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page(gate_of(*WHOLE).records)
    page.table(pd.DataFrame({"n": [3], "basis": ["assumed"]}), "waiting_median", "Median wait")
    assert "Median wait. Not released: a median is the wait of one family." in (
        capsys.readouterr().out
    )
    page.figure(lambda table: None, "waiting_median")
    assert "No figure of waiting median. Not released" in capsys.readouterr().out


@pytest.mark.parametrize("name", [n for n, r in RESULTS.items() if isinstance(r, CoursesOnly)])
def test_of_some_results_only_the_rows_of_courses_are_released(name: str) -> None:
    column = "indicator" if name == "targets_cumulative" else "measure"
    result = pd.DataFrame({column: ["courses", "families"], "n": [3, 4], "basis": "assumed"})
    found = gate_of(*SMALL["midpoint6"]).release(name, result).table
    assert found is not None
    assert found[column].tolist() == ["courses"]


def test_every_result_of_the_notebooks_is_listed_and_no_other() -> None:
    named = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            for node in ast.walk(ast.parse(cell.source)):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in ("table", "keep")
                ):
                    named.add(ast.literal_eval(node.args[1]))
    assert named == set(RESULTS) - {"published_figures"}


def test_a_figure_takes_no_table_but_a_released_one() -> None:
    page = Page(gate_of(*WHOLE).records)
    with pytest.raises(TypeError, match="a figure takes results by name"):
        page.figure(lambda table, rows: None, "activity_by_year", rows=pd.DataFrame())  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="never_shown"):
        page.figure(lambda table: None, "never_shown")


def test_a_number_in_words_is_refused_where_results_are_protected() -> None:
    page = Page(gate_of(*WHOLE).records)
    with pytest.raises(ValueError, match="numbers are released in tables only"):
        page.text("7 families were seen")
    page.text(STUDY.nearly_met.definition)


@pytest.mark.parametrize("profile", PROTECTING)
def test_the_log_says_what_is_not_shown_and_holds_no_count(profile: str) -> None:
    gate = gate_of(*SMALL[profile])
    log = gate.log()
    withheld = {name for name, known in RESULTS.items() if isinstance(known, Withheld)}
    assert set(log.loc[log["decision"] == "withheld", "what"]) == withheld
    assert set(log["decision"]) <= {"primary", "secondary", "incomplete", "withheld"}
    if profile != "midpoint6":
        small = [cell for cell, n in gate.counts.items() if 1 <= n <= 7]
        assert len(small) > 20
        assert {gate.plan.decisions[cell] for cell in small} <= {"primary", "secondary"}
        assert (log["decision"] == "primary").sum() > len(small) / 2
    counts = {str(n) for n in gate.counts.values()} - {"1", "7"}
    words = " ".join(log["why"]).split()
    assert not counts & set(words)


def test_results_pass_unchanged_where_nothing_is_protected() -> None:
    gate = Gate(records_of("none"))
    result = pd.DataFrame({"n": [3], "basis": ["assumed"]})
    assert gate.release("something_new", result).table is result
