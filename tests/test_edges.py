"""Studies at the edges run through all three notebooks, and no number leaves without a status."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from notebooks_here import ROOT, run_notebooks, statuses_are_right, tables_written

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.save import save_table
from lmm.study.study import read_study
from lmm.synthetic.inputs import read_inputs
from lmm.synthetic.write import write_raw

Results = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Edge:
    """A study with one property: other inputs of the generator, files or parameters."""

    inputs: dict[str, Any]
    target: str | None = None
    parameters: dict[str, str] | None = None


def _target(value: str) -> Edge:
    return Edge({}, target=value)


pytestmark = pytest.mark.slow  # each edge runs all notebooks

EDGES = {
    "everyone satisfied": Edge({"satisfaction_percent": 100}),
    "nobody satisfied": Edge({"satisfaction_percent": 0}),
    "nobody answered": Edge({"forms_on_scale": 0}),
    "no forms at all": Edge({"forms_on_scale": 0, "forms_blank": 0, "forms_dont_know": 0}),
    "one course": Edge(
        {"courses": 1, "staff": 12, "second_attendances": 0, "booked_never_came": 0,
         "booked_came_elsewhere": 0, "forms_on_scale": 8,
         "forms_blank": 0, "forms_dont_know": 0}
    ),
    "one family": Edge(
        {"families": 1, "families_referred": 1, "families_accepted": 1, "families_offered": 1,
         "families_discharged": 0}
    ),
    "nothing from the event on": Edge({"open_after_event": False}),
    "an empty ward": Edge({"wards": {"Bradford Moor": 3, "other": 1}}),
    "a target of 0": _target("0"),
    "a missing target": _target("-"),
    "nothing in the period": Edge(
        {}, parameters={"period_start": "2018-04-01", "period_end": "2018-04-01"}
    ),
    "nothing at all": Edge(
        {"courses": 0, "staff": 0, "second_attendances": 0, "booked_never_came": 0,
         "booked_came_elsewhere": 0, "forms_on_scale": 0, "forms_blank": 0, "forms_dont_know": 0,
         "consultations": 0, "families": 0, "families_referred": 0, "families_accepted": 0,
         "families_offered": 0, "families_discharged": 0}
    ),
}  # fmt: skip


def _write_study(folder: Path, edge: Edge) -> None:
    shutil.copy(ROOT / "study.yaml", folder)
    study = read_study(folder)
    write_raw(study, study.raw, read_inputs(**edge.inputs))
    if edge.target is not None:
        path = study.raw / "targets.csv"
        targets = pd.read_csv(path, dtype=str, keep_default_na=False)
        targets.loc[targets["contract_year"] == "2019/20", "target"] = edge.target
        targets.to_csv(path, index=False)
    cleaned = clean_all(read_raw(study), study)
    for name, table in cleaned.tables.items():
        save_table(table, study.processed / f"{name}.csv", study)


@pytest.fixture(scope="module", params=EDGES)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the name of an edge and every table that the notebooks made of it."""
    folder = tmp_path_factory.mktemp("edge")
    edge = EDGES[request.param]
    _write_study(folder, edge)
    run_notebooks(folder, edge.parameters)
    return request.param, tables_written(folder)


def test_no_number_leaves_without_a_status(results: tuple[str, Results]) -> None:
    assert statuses_are_right(results[1]) >= 5


def test_no_table_holds_an_infinite_number(results: tuple[str, Results]) -> None:
    for name, table in results[1].items():
        numbers = table.select_dtypes("number").to_numpy().ravel().tolist()
        assert not [x for x in numbers if math.isinf(x)], name


def _everyone(tables: Results) -> None:
    row = (
        tables["satisfaction_intervals"]
        .set_index("interval")
        .loc["clustered, Korn-Graubard with CR2"]
    )
    assert (row["numerator"], row["denominator"], row["high"]) == (304, 304, 1)
    assert 0.95 < row["low"] < 0.025 ** (1 / 304)
    assert "one-sided" in row["method"]
    assert "every cluster is at 100%" in _note(tables, "cluster bootstrap")


def _note(tables: Results, interval: str) -> str:
    return str(tables["satisfaction_intervals"].set_index("interval").loc[interval, "note"])


def _nobody_answered(tables: Results) -> None:
    statuses = set(tables["satisfaction_bounds"]["status"])
    assert statuses <= {"no_data", "not_estimable"}
    assert "the bounds are 0 and 1" in " ".join(tables["satisfaction_bounds"]["note"])


def _one_course(tables: Results) -> None:
    row = tables["satisfaction_intervals"].set_index("interval")
    assert row.loc["clustered, Korn-Graubard with CR2", "status"] == "not_estimable"
    assert "one cluster" in row.loc["clustered, Korn-Graubard with CR2", "note"]
    assert row.loc["Wilson", "status"] == "ok"
    assert "ignores clustering" in row.loc["Wilson", "note"]


def _one_family(tables: Results) -> None:
    flow = tables["family_flow"].set_index("stage")["families"]
    assert flow["referred"] == flow["attended at least one session"] == 1


def _closed(tables: Results) -> None:
    after = tables["activity_by_phase"].query("stratum.str.startswith('from')")
    assert set(after["numerator"]) == {0}
    count = after.query("quantity == 'count'")
    times = count.set_index("measure")["high"] / 3.688879
    by_course = times[["attendances", "staff"]]  # at most so many of the largest course
    assert (by_course > 10).all()
    assert by_course.tolist() == pytest.approx(by_course.round().tolist(), rel=1e-6)
    assert times.drop(by_course.index).tolist() == pytest.approx([1] * 3, rel=1e-6)


def _empty_ward(tables: Results) -> None:
    wards = tables["families_table_1"].query("characteristic == 'Ward'").set_index("level")
    assert wards.loc["Little Horton", "number"] == 0


def _target_of_0(tables: Results) -> None:
    year = tables["targets_achieved"].query("contract_year == '2019/20'")
    assert set(year.query("indicator != 'satisfaction'")["status"]) == {"not_estimable"}
    assert set(year.query("indicator != 'satisfaction'")["verdict"]) == {"not rated"}
    assert "a target of 0 has no ratio" in " ".join(year["note"])


def _missing_target(tables: Results) -> None:
    year = tables["targets_achieved"].query("contract_year == '2019/20'")
    assert set(year.query("indicator != 'satisfaction'")["verdict"]) == {"not rated"}
    assert "no target is declared" in " ".join(year["note"])


EXPECTED: dict[str, Callable[[Results], None]] = {
    "everyone satisfied": _everyone,
    "nobody answered": _nobody_answered,
    "one course": _one_course,
    "one family": _one_family,
    "nothing from the event on": _closed,
    "an empty ward": _empty_ward,
    "a target of 0": _target_of_0,
    "a missing target": _missing_target,
}


def test_the_edge_is_where_it_should_be(results: tuple[str, Results]) -> None:
    name, tables = results
    if name in EXPECTED:
        EXPECTED[name](tables)
    else:
        assert tables
