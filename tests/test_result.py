"""Results: every column has a role, and what is absent says why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from lmm.analysis.analysis import Need, analysis, lacking
from lmm.analysis.result import Result
from lmm.analysis.roles import count, date, share, stratum, words
from lmm.counting.counts import Counts
from lmm.statistics.estimate import RECORD_FIELDS, Estimate
from lmm.study.setting import Setting

FLOW = Result.of(
    pd.DataFrame(
        {
            "stage": ["referred", "accepted"],
            "families": [4, 2],
            "share_of_referred": [1.0, 0.5],
            "basis": ["assumed", "assumed"],
        }
    ),
    stage=stratum(),
    families=count(of="families"),
    share_of_referred=share("Of those referred", of="families"),
)
RATE = Estimate("visits a month", 3, 2.0, 1.5, 0.3, 4.4, "Byar", "ok", "assumed")


def test_a_column_without_a_role_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="does not say what its column 'families' is"):
        Result.of(pd.DataFrame({"stage": ["referred"], "families": [4]}), stage=stratum())
    with pytest.raises(ValueError, match="column 'more' is"):
        FLOW.with_table(FLOW.table.assign(more=1))


def test_columns_are_found_by_what_they_are() -> None:
    assert FLOW.columns("count", "share") == ["families", "share_of_referred"]
    assert FLOW.columns("low") == []
    assert FLOW.column("basis") == "basis"
    with pytest.raises(ValueError, match=r"'estimate' is needed, and there are \[\]"):
        FLOW.column("estimate")
    two = Result.of(pd.DataFrame({"a": [1], "b": [2]}), a=count(), b=count())
    with pytest.raises(ValueError, match=r"'count' is needed, and there are \['a', 'b'\]"):
        two.column("count")


def test_headings_are_the_role_s_or_the_column_s_name_in_words() -> None:
    found = [FLOW.heading(name) for name in FLOW.roles]
    assert found == ["Stage", "Families", "Of those referred", "Rests on"]
    table = pd.DataFrame({"agreed_on": pd.to_datetime(["2020-01-01"])})
    assert Result.of(table, agreed_on=date()).heading("agreed_on") == "Agreed on"


def test_a_part_of_a_result_keeps_its_roles() -> None:
    accepted = FLOW.where(FLOW.table["stage"] == "accepted")
    assert accepted.table["families"].tolist() == [2]
    assert accepted.table.index.tolist() == [0]
    assert accepted.roles == FLOW.roles
    fewer = FLOW.with_table(FLOW.table[["basis", "stage"]])
    assert list(fewer.roles) == ["basis", "stage"]
    assert fewer.roles["stage"] == FLOW.roles["stage"]


def test_roles_of_columns_that_a_service_does_not_keep_are_left_out() -> None:
    result = Result.of(pd.DataFrame({"all": [3]}), all=count(), hours=count())
    assert list(result.roles) == ["all"]


def test_a_column_may_be_called_as_the_argument_is() -> None:
    assert Result.of(pd.DataFrame({"table": ["a"]}), table=stratum()).columns("stratum") == [
        "table"
    ]


def test_estimates_have_the_roles_of_their_record() -> None:
    result = Result.of_estimates([({"measure": "visits"}, RATE)], measure=stratum("Activity"))
    assert result.is_estimates
    assert not FLOW.is_estimates
    assert list(result.table) == ["measure", *RECORD_FIELDS]
    kinds = [result.column(kind) for kind in ("estimate", "low", "high", "denominator")]
    assert result.table.loc[0, kinds].tolist() == [1.5, 0.3, 4.4, 2.0]
    assert [result.heading(name) for name in ("measure", "numerator")] == ["Activity", "n"]


def test_without_estimates_the_columns_are_there() -> None:
    result = Result.of_estimates([], measure=stratum(), rag=words())
    assert list(result.table) == ["measure", "rag", *RECORD_FIELDS]
    assert result.table.empty
    assert result.is_estimates


def test_what_is_absent_has_a_reason_and_no_rows() -> None:
    absent = Result.absent("This service keeps no table of families.")
    assert absent.why_not == "This service keeps no table of families."
    assert absent.table.empty
    assert absent.columns("basis") == []
    assert FLOW.why_not == ""
    with pytest.raises(ValueError, match="a result with rows, of which is said: none"):
        Result(FLOW.table, FLOW.roles, "none")


# --- what the service has to keep ---------------------------------------------------------

KEPT = {"families": ["family_id", "ward"], "consultations": ["date"]}


def keeping() -> Counts:
    """Stand in for records of which only `KEPT` is kept."""
    study = SimpleNamespace(keeps=lambda *tables: set(tables) <= set(KEPT))
    keeps = lambda table, column: column in KEPT.get(table, [])  # noqa: E731
    return cast(Counts, SimpleNamespace(study=study, keeps=keeps, asked={}))


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (["families"], ""),
        (["families.ward"], ""),
        ([("courses", "families")], ""),
        ([("families.ethnic_group", "families.ward")], ""),
        (["courses"], "table of courses"),
        (["families", "course_attendance"], "table of course attendance"),
        (["families.accepted_on"], "column accepted on in its table of families"),
        ([("courses", "feedback_forms", "staff")], "table of courses, feedback forms or staff"),
        (
            [("families.accepted_on", "families.offered_on")],
            "column accepted on or offered on in its table of families",
        ),
        (["courses", "staff"], "table of courses"),
    ],
)
def test_the_first_that_is_not_kept_is_named(needed: list[Need], said: str) -> None:
    assert lacking(keeping(), *needed) == (said and f"This service keeps no {said}.")


def test_an_analysis_is_done_only_where_its_needs_are_kept() -> None:
    asked: list[Any] = []

    @analysis("families", "families.ward")
    def of_families(records: Counts, by: str, *, most: int = 1) -> Result:
        """Count."""
        asked.append((by, most))
        return FLOW

    @analysis("courses")
    def of_courses(records: Counts) -> Result:
        return pytest.fail("called")

    made = of_families(keeping(), "ward", most=2)
    assert made.table is FLOW.table
    assert made.source is not None
    assert made.source.function.endswith(".of_families")
    assert made.source.given == "'ward', most=2"
    assert asked == [("ward", 2)]
    assert of_families.__doc__ == "Count."
    assert of_courses(keeping()).why_not == "This service keeps no table of courses."


Nothing = cast(
    Setting,
    SimpleNamespace(study=SimpleNamespace(keeps=lambda *_: False), keeps=lambda *_: False),
)


def test_a_table_by_role_is_the_same_whatever_its_columns_are_called() -> None:
    assert list(FLOW.by_role()) == [
        "stratum", "count", "count_of_families", "share", "share_of_families", "basis",
    ]  # fmt: skip
    assert FLOW.by_role()["count_of_families"].tolist() == [4, 2]
    two = Result.of(
        pd.DataFrame({"a": [1], "b": [2], "c": [3], "d": [4]}),
        a=count(of="staff at work"), b=count(), c=share(of="cats"), d=share(of="cats"),
    )  # fmt: skip
    assert list(two.by_role()) == ["count_of_staff_at_work"]  # it is not guessed which is meant
    assert two.columns("count", of="staff at work") == ["a"]
    with pytest.raises(ValueError, match=r"'share of cats' is needed, and there are \['c', 'd'\]"):
        two.column("share", of="cats")
