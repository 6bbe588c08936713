"""What a section is said to have found: in literal results, and for every status there is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from notebooks_here import code_cells

from lmm.analysis.interrupted import TWO_PERIODS
from lmm.analysis.result import Result
from lmm.analysis.roles import (
    count,
    date,
    dimension,
    estimated_share,
    measure,
    month,
    number,
    p_value,
    probability,
    scale,
    share,
    stratum,
    words,
)
from lmm.showing import answers
from lmm.showing.answers.phrases import interval, listed, rows_of
from lmm.showing.cited import with_numerals
from lmm.showing.page import Page
from lmm.showing.wording import worded
from lmm.statistics.estimate import Estimate, Status

ROOT = Path(__file__).resolve().parents[1]
NAMES = {"visits": "visits made", "staff": "staff trained (people)"}


def share_of(part: int, whole: int, low: float, high: float, note: str = "") -> Estimate:
    value = part / whole
    return Estimate("share", part, whole, value, low, high, "Wilson", "ok", "assumed", note)


def without(status: Status) -> Estimate:
    return Estimate.without_value("share", None, None, status, "assumed", "why")


def said(answer: Callable[[Result], Sequence[str]], result: Result) -> list[str]:
    with worded(NAMES, 0.9, (dt.date(2020, 3, 23), "first lockdown")):
        return [text for text, _ in with_numerals(answer, result)]


# --- the parts of a sentence -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a, b", "c"], "a, b; and c"),
    ],
)
def test_a_list_in_a_sentence(parts: list[str], text: str) -> None:
    assert listed(parts) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (share_of(3, 4, 0.3, 0.954), "75% (90% interval 30 to 95%)"),
        (without("suppressed"), "suppressed, so that nobody can be identified"),
        (without("no_data"), "not known: nothing was recorded"),
        (without("not_estimable"), "not estimable"),
        (without("short_series"), "not known yet: the records are too few or too short"),
        (
            Estimate("days", 3, 4, 37, 29, None, "KM", "short_series", "assumed"),
            "37 (29 to not reached)",
        ),
    ],
)
def test_a_value_is_said_with_its_interval_or_with_why_there_is_none(
    estimate: Estimate, text: str
) -> None:
    (row,) = rows_of(Result.of_estimates([({}, estimate)]))
    assert said(lambda _: [interval(row, percent=True)], Result.absent("")) == [text]


# --- literal results -------------------------------------------------------------------------


def activity_of(*rows: tuple[str, str, str, Estimate]) -> Result:
    names = ("measure", "stratum", "quantity")
    return Result.of_estimates(
        [(dict(zip(names, row[:3], strict=True)), row[3]) for row in rows],
        measure=measure(),
        stratum=stratum(of="group", across=True),
        quantity=stratum(of="quantity"),
    )


def counted(n: int | None) -> Estimate:
    if n is None:
        return without("suppressed")
    return Estimate("visits", n, None, n, n - 1, n + 1, "Garwood", "ok", "assumed")


def rate(value: float, low: float, high: float) -> Estimate:
    return Estimate("rate", 1, 1, value, low, high, "Byar", "ok", "assumed")


WHOLE = "whole period"


def test_activity_says_what_there_was_and_which_rates_differ() -> None:
    apart = [
        ("visits", "2018/19", "rate a month", rate(1.0, 0.5, 1.5)),
        ("visits", "2019/20", "rate a month", rate(3.0, 2.0, 4.0)),
        ("visits", WHOLE, "count", counted(40)),
        ("staff", WHOLE, "count", counted(None)),
    ]
    first, second = said(answers.activity, activity_of(*apart))
    assert first == (
        "In the whole period there were 40 visits made and a suppressed number of staff trained "
        "(people)."
    )
    assert second == (
        "Rates a month open differ by more than their intervals allow for visits made (2018/19 "
        "1.00 (90% interval 0.50 to 1.50) and 2019/20 3 (90% interval 2 to 4))."
    )
    alike = [(*row[:3], rate(1.0, 0.5, 3.0)) if row[2] != "count" else row for row in apart]
    overlap = "overlap, which shows neither a difference nor that there is none."
    assert said(answers.activity, activity_of(*alike))[1] == (
        f"The intervals of these spans {overlap}"
    )
    lower = [
        (*row[:3], rate(0.9, 0.5, 3.0)) if row[1:3] == ("2019/20", "rate a month") else row
        for row in alike
    ]
    assert said(answers.activity, activity_of(*lower))[1] == (
        f"The rate a month open was lowest in 2019/20; the intervals of these spans {overlap}"
    )


def test_spans_before_and_from_the_event_on_are_told_apart() -> None:
    found = activity_of(
        ("visits", "before", "count", counted(22)),
        ("visits", "after", "count", counted(6)),
        ("visits", WHOLE, "count", counted(28)),
    )
    assert said(answers.phases, found) == ["Before: 22 visits made.", "After: 6 visits made."]


def test_months_without_anything_are_counted_and_closed_months_are_not() -> None:
    table = pd.DataFrame(
        {
            "measure": "visits",
            "month": pd.to_datetime(["2020-03-01", "2020-04-01", "2020-05-01", "2020-06-01"]),
            "events": pd.array([0, None, 7, None], dtype="Int64"),
            "status": ["ok", "no_data", "ok", "suppressed"],
            "basis": "assumed",
        }
    )
    result = Result.of(table, measure=measure(), month=month(), events=count())
    assert said(answers.monthly, result) == [
        "Of 3 months open, 1 had no visits made.",
        "The most shown in one month were 7 visits made (May 2020).",
    ]
    tied = result.with_table(table.assign(events=[4, None, 4, 4], status="ok"))
    assert said(answers.monthly, tied)[1] == (
        "The most in one month were 4 visits made (in each of 3 months)."
    )
    none = result.with_table(table.assign(events=0, status="ok"))
    assert said(answers.monthly, none) == ["Of 4 months open, 4 had no visits made."]
    hidden = result.with_table(table.assign(status="suppressed"))
    assert said(answers.monthly, hidden) == [
        "No month can be shown: the counts are suppressed or the service was closed."
    ]


def step_of(*estimates: tuple[str, str, Estimate]) -> Result:
    return Result.of_estimates(
        [({"measure": name, "model": model}, each) for name, model, each in estimates],
        measure=measure(),
        model=stratum(of="model"),
    )


def test_a_step_is_said_without_a_cause_and_a_ratio_of_periods_is_none() -> None:
    staff = ("staff", TWO_PERIODS, rate(1, 0.9, 2))
    none = said(answers.step, step_of(("visits", "quasi-Poisson", rate(0.8, 0.5, 1.5)), staff))
    assert none == [
        "The ratio of after to before the first lockdown differs from 1 by no more than its "
        "interval allows for any of 2 measures that can be compared.",
        "The ratios are visits made 0.80 (90% interval 0.50 to 1.50) and staff trained (people) "
        "1.00 (90% interval 0.90 to 2.00).",
        "Trend and season are left aside in that of staff trained (people).",
    ]
    lower = rate(0.4, 0.2, 0.8)
    step = said(answers.step, step_of(("visits", "quasi-Poisson", lower), staff))
    assert step == [
        "The ratio of after to before the first lockdown differs from 1 by more than its interval "
        "allows for 1 of 2 measures that can be compared: visits made 0.40 (90% interval 0.20 to "
        "0.80).",
        "Trend and season are allowed for; what brought it about cannot be told from the records.",
    ]
    ratio = said(answers.step, step_of(("visits", TWO_PERIODS, lower)))
    assert ratio[1].startswith("Trend and season are left aside; what brought it about")
    unknown = said(answers.step, step_of(("visits", "quasi-Poisson", without("not_estimable"))))
    assert unknown == ["Whether there is a step at the first lockdown cannot be told from these "
                       "counts."]  # fmt: skip


def test_families_on_the_books_before_the_event_and_at_the_end() -> None:
    table = pd.DataFrame(
        {
            "month_end": pd.to_datetime(["2020-01-31", "2020-02-29", "2020-05-31", "2020-06-30"]),
            "families": pd.array([9, 7, 25, 23], dtype="Int64"),
            "not_yet_seen": pd.array([1, 1, 1, 1], dtype="Int64"),
            "basis": "assumed",
        }
    )
    roles = {"month_end": date(), "families": count(of="families")}
    result = Result.of(table, **roles, not_yet_seen=count(of="families not yet seen"))
    assert said(answers.caseload, result) == [
        "23 families were on the books at the end of June 2020, 1 of them not yet seen; at the end "
        "of the 2 months before the first lockdown, 7 to 9.",
        "The most were 25, at the end of May 2020.",
    ]
    table = table.drop(columns="not_yet_seen")
    on_the_day = Result.of(
        table.assign(month_end=pd.to_datetime(["2020-01-31"] + ["2020-03-23"] * 3)), **roles
    )
    assert said(answers.caseload, on_the_day)[0].endswith("the month before the first lockdown, 9.")
    hidden = Result.of(
        table.assign(families=table["families"].where([False, True, True, True])), **roles
    )
    assert said(answers.caseload, hidden)[0].endswith("lockdown, 7 where it is shown.")
    none = Result.of(
        table.assign(families=table["families"].where([False, False, True, True])), **roles
    )
    assert said(answers.caseload, none)[0] == (
        "23 families were on the books at the end of June 2020."
    )
    one = Result.of(table.assign(families=1).tail(1), **roles)
    assert said(answers.caseload, one)[0] == "1 family was on the books at the end of June 2020."
    without_contacts = Result.of(table.tail(2), **roles)
    assert said(answers.caseload, without_contacts)[0] == (
        "23 families were on the books at the end of June 2020."
    )
    hidden = Result.of(table.assign(families=pd.array([None] * 4, dtype="Int64")), **roles)
    assert said(answers.caseload, hidden) == ["How many families were on the books is suppressed."]


def flow_of(*numbers: int | None) -> Result:
    table = pd.DataFrame(
        {
            "stage": ["referred", "accepted", "attended at least one session"],
            "families": pd.array(numbers, dtype="Int64"),
            "share": [1.0, None if numbers[1] is None else numbers[1] / 118, 0.5],
            "basis": "assumed",
        }
    )
    return Result.of(table, stage=stratum(), families=count(), share=share(of="those referred"))


def test_the_flow_of_families() -> None:
    assert said(answers.flow, flow_of(118, 98, 59)) == [
        "Of 118 families referred, 98 (83%) were accepted and 59 (50%) attended at least one "
        "session."
    ]
    assert "a suppressed number of were accepted" in said(answers.flow, flow_of(118, None, 59))[0]


def groups_of(*rows: tuple[str, str, Estimate]) -> Result:
    return Result.of_estimates(
        [({"by": by, "stratum": name}, each) for by, name, each in rows],
        by=dimension(),
        stratum=stratum(),
        estimate=estimated_share("response rate"),
    )


MODES = (
    ("mode", "online", share_of(44, 100, 0.35, 0.53)),
    ("mode", "in person", share_of(71, 100, 0.66, 0.75)),
)


def test_groups_stand_out_only_if_their_intervals_have_no_point_in_common() -> None:
    whole = ("all", "all", share_of(60, 100, 0.5, 0.7))
    apart = groups_of(whole, *MODES)
    assert said(answers.groups, apart) == [
        "Response rate in all: 60% (90% interval 50 to 70%), 60 of 100; by mode, lowest online 44% "
        "(35 to 53%) and highest in person 71% (66 to 75%).",
        "The intervals of these groups do not overlap.",
    ]
    also = groups_of(
        *MODES,
        ("role", "midwife", share_of(30, 100, 0.2, 0.4)),
        ("role", "doctor", share_of(60, 100, 0.5, 0.7)),
    )
    assert said(answers.groups, also) == [
        "By mode, lowest online 44% (35 to 53%) and highest in person 71% (66 to 75%).",
        "The intervals of these groups do not overlap; nor do those by role, lowest midwife 30% "
        "(20 to 40%) and highest doctor 60% (50 to 70%).",
    ]
    same = groups_of(
        *MODES,
        ("phase", "before", share_of(71, 100, 0.66, 0.75)),
        ("phase", "after", share_of(44, 100, 0.35, 0.53)),
    )
    assert said(answers.groups, same) == [
        "By mode, lowest online 44% (35 to 53%) and highest in person 71% (66 to 75%).",
        "The intervals of these groups do not overlap.",
        "Groups by mode and phase have the same numbers, and cannot be told apart.",
    ]
    alone = ("mode", "online", share_of(55, 100, 0.45, 0.65))
    assert len(said(answers.groups, groups_of(whole, alone))) == 1  # nothing is compared
    alike = groups_of(whole, alone, ("mode", "in person", share_of(60, 100, 0.5, 0.7)))
    assert said(answers.groups, alike)[1].startswith("The intervals of the groups overlap")
    assert said(answers.groups, groups_of(("all", "all", without("no_data")))) == [
        "Response rate in all: not known: nothing was recorded."
    ]


def achieved_of(*rows: tuple[str, float, str, str]) -> Result:
    return Result.of_estimates(
        [
            (
                {"indicator": name, "contract_year": "2020/21", "rag": rag, "scale": kind},
                Estimate("x", 3, 4, value, 0.1, 1.5, "m", "ok", "assumed"),
            )
            for name, value, rag, kind in rows
        ],
        indicator=measure(),
        contract_year=stratum(of="year"),
        rag=words(of="rating"),
        scale=scale(),
    )


def test_ratings_are_counted_and_those_that_are_not_green_are_named() -> None:
    found = achieved_of(("visits", 1.1, "green", "ratio"), ("staff", 0.72, "amber", "ratio"))
    assert said(answers.achieved, found) == [
        "Of 2 targets, 1 is green and 1 amber.",
        "Not green: staff trained (people) 2020/21 (0.72 of what was expected, amber).",
    ]
    shares = achieved_of(("visits", 0.72, "red", "share"))
    assert said(answers.achieved, shares)[1] == "Not green: visits made 2020/21 (72.0%, red)."
    none = achieved_of(("visits", 0.72, "not rated", "ratio"))
    assert said(answers.achieved, none) == ["Of 1 target, 1 is not rated."]


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        (
            {"met": "10", "nearly met": "5", "not met": "0", "not rated": "0", "all": "yes"},
            ["Of 15 targets, 10 were met and 5 nearly met.", "So all were met or nearly met."],
        ),
        (
            {"met": "1", "nearly met": "0", "not met": "2", "not rated": "0", "all": "no"},
            ["Of 3 targets, 1 was met and 2 not met.", "So not all were met or nearly met."],
        ),
        (
            {"met": "0", "nearly met": "0", "not met": "0", "not rated": "2", "all": "not rated"},
            ["Of 2 targets, 2 were not rated.", "Whether all were met cannot be said."],
        ),
        (
            {"met": "0", "nearly met": "0", "not met": "0", "not rated": "0", "all": "not rated"},
            ["No target falls within the period."],
        ),
    ],
)
def test_verdicts(found: dict[str, str], sentences: list[str]) -> None:
    table = pd.DataFrame(
        {"verdict": [*list(found)[:-1], "all met or nearly met"], "targets": found.values()}
    ).assign(basis="assumed")
    result = Result.of(table, verdict=stratum(of="verdict"), targets=words(of="targets"))
    assert said(answers.verdicts, result) == sentences


def test_how_sure_ratings_are() -> None:
    table = pd.DataFrame(
        {
            "indicator": ["visits", "staff", "visits"],
            "contract_year": "2020/21",
            "rag": ["green", "amber", "not rated"],
            "p_red": [0.0, 0.2, None],
            "p_amber": [0.05, 0.45, None],
            "p_green": [0.95, 0.35, None],
            "basis": "assumed",
        }
    )
    zones = {f"p_{zone}": probability(of=zone) for zone in ("red", "amber", "green")}
    roles = {"indicator": measure(), "contract_year": stratum(of="year"), **zones}
    result = Result.of(table, rag=words(of="rating"), **roles)
    assert said(answers.certainty, result) == [
        "1 of 2 ratings is at least 90% certain; by chance alone each of the others could be of "
        "another colour.",
        "The least sure is staff trained (people) 2020/21, amber with a probability of 45%.",
    ]
    assert said(answers.certainty, result.where(table["rag"] == "green"))[0] == (
        "1 of 1 rating is at least 90% certain."
    )
    assert said(answers.certainty, result.where(table["rag"] == "amber"))[0].startswith(
        "0 of 1 rating are at least 90% certain; by chance alone"
    )
    assert said(answers.certainty, result.where(table["rag"] == "not rated")) == [
        "How sure the ratings are cannot be said: none is rated."
    ]


def test_published_figures() -> None:
    table = pd.DataFrame(
        {"figure": ["a", "b"], "status": ["reproduced", "differs"], "basis": "published"}
    )
    roles = {"figure": stratum(), "status": words(of="status")}
    assert said(answers.published, Result.of(table, **roles)) == [
        "1 of 2 published figures are reproduced; differs: b."
    ]
    assert said(answers.published, Result.of(table.assign(status="reproduced"), **roles)) == [
        "All 2 published figures are reproduced."
    ]
    assert said(answers.published, Result.of(table.tail(1), **roles)) == [
        "The published figure is not reproduced."
    ]


def test_tests_of_groupings_are_read_after_the_correction() -> None:
    table = pd.DataFrame(
        {"by": ["role", "mode"], "p_value": [0.01, 0.04], "p_holm": [0.02, 0.04], "basis": "x"}
    )
    roles = {"by": dimension(), "p_value": p_value(), "p_holm": p_value(of="Holm")}
    assert said(answers.tests, Result.of(table, **roles)) == [
        "The answers differ beyond chance (smallest adjusted p = 0.020, by role)."
    ]
    weak = Result.of(table.assign(p_holm=[0.06, 0.08]), **roles)
    assert said(answers.tests, weak)[0].startswith("No grouping tells the answers apart")
    unknown = Result.of(table.assign(p_holm=[None, None]), **roles)
    assert said(answers.tests, unknown) == ["No grouping can be tested as a whole."]


def test_a_share_that_silence_could_change() -> None:
    table = pd.DataFrame(
        {
            "over": ["all attendances"],
            "rating": ["green"],
            "cut_off": [0.95],
            "said": ["below it if fewer than 147 of the 167 silent are"],
            "basis": "assumed",
        }
    )
    roles = {"over": stratum(), "rating": words(of="rating"), "cut_off": share(of="cut off")}
    result = Result.of(table, **roles, said=words(of="tipping point"))
    assert said(answers.tipping, result) == [
        "Over all attendances the share is below the green cut-off of 95% if fewer than 147 of the "
        "167 silent are."
    ]


def test_counts_behind_a_published_percentage() -> None:
    table = pd.DataFrame({"n": [0, 7], "least": [67, 400], "most": [200, 471], "basis": "x"})
    roles = {
        "n": number(of="not highly satisfied"),
        "least": number(of="respondents at least"),
        "most": number(of="respondents at most"),
    }
    assert said(answers.behind_published, Result.of(table, **roles)) == [
        "The published percentage could be printed of as few as 67 and as many as 471 answers, "
        "with up to 7 of them not high."
    ]


# --- every answer, for every status ----------------------------------------------------------

Asked = dict[str, tuple[Callable[[Result], Sequence[str]], Result]]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    """Give each answer that the notebooks ask for, with the result that it is asked of."""
    found: Asked = {}

    def table(self: Page, result: Result, name: str, answer: Any = None, **_: Any) -> None:
        self.keep(result, name)
        if answer is not None and not result.table.empty:
            found[name] = (answer, self._results[name])

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(Page, "table", table)
        patch.setattr(Page, "figure", lambda *_, **__: None)
        patch.setattr(Page, "_say", lambda *_: None)
        for cells in code_cells():
            names: dict[str, Any] = {}
            for cell in cells:
                exec(cell.source, names)
    yield found


def test_every_answer_is_asked_for_by_a_notebook_or_a_figure(asked: Asked) -> None:
    figures = "".join(p.read_text("utf-8") for p in (ROOT / "lmm/showing/plots").glob("*.py"))
    by_figures = set(re.findall(r"\banswers\.(\w+)\(", figures))
    by_notebooks = {answer.__name__ for answer, _ in asked.values()}
    assert by_notebooks | by_figures == set(answers.__all__)


def test_every_table_of_a_notebook_has_an_answer() -> None:
    for cells in code_cells():
        for cell in cells:
            for call in re.findall(r"page\.table\((.*)\)", cell.source):
                assert re.search(r"answers\.\w+", call), call


CAUSAL = re.compile(r"\b(because of|due to|caused?|effect|impact|led to|thanks to)\b", re.I)


def hold(sentences: Sequence[str], name: str) -> None:
    """Hold sentences to what is asked of all of them."""
    assert 1 <= len(sentences) <= 3, name
    for sentence in sentences:
        assert sentence[0] == sentence[0].upper(), (name, sentence)
        assert sentence.endswith("."), (name, sentence)
        assert not re.search(r"\b(nan|NaN|NaT|<NA>|True|False|inf)\b|[a-z ,(]None", sentence), (
            name,
            sentence,
        )
        assert not CAUSAL.search(sentence), (name, sentence)


def test_answers_are_sentences_that_name_no_cause(asked: Asked) -> None:
    for name, (answer, result) in asked.items():
        hold(said(answer, result), name)


def blanks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Give a column of the same kind without a number in it."""
    return (
        column.astype("float64")
        .mask(column.index >= 0)
        .astype("Int64" if "nt" in str(column.dtype) else "float64")
    )


@pytest.mark.parametrize("status", ["suppressed", "no_data", "not_estimable", "short_series"])
def test_without_a_value_no_answer_gives_one(asked: Asked, status: Status) -> None:
    for name, (answer, result) in asked.items():
        if not result.columns("estimate"):
            continue
        fields = ("estimate", "low", "high", "numerator", "denominator")
        values = dict.fromkeys(fields, float("nan"))
        blank = result.table.assign(status=status, **values)
        for each in result.columns("share", "count"):
            blank[each] = blanks(blank[each])
        sentences = said(answer, result.with_table(blank))
        hold(sentences, name)
        known = {str(n) for n in result.table["numerator"].dropna().astype(int) if n > 99}
        assert not known & set(re.findall(r"\d+", " ".join(sentences))), (name, sentences)


def test_where_counts_are_suppressed_no_answer_gives_one(asked: Asked) -> None:
    for name, (answer, result) in asked.items():
        declared = result.columns("share", of="cut off")
        counted = result.columns("count", "share", "probability", "moment")
        hidden = [each for each in counted if each not in declared]
        if result.columns("estimate") or not hidden:
            continue
        table = result.table.copy()
        for each in hidden:
            table[each] = blanks(table[each])
        if "status" in table:
            table["status"] = "suppressed"
        hold(said(answer, result.with_table(table)), name)


def intervals_of(primary: Estimate, naive: Estimate) -> Result:
    rows = [({"interval": "clustered", "role": "primary"}, primary),
            ({"interval": "Wilson", "role": "naive"}, naive)]  # fmt: skip
    roles = {"interval": stratum(of="interval"), "role": stratum(of="part")}
    return Result.of_estimates(rows, **roles, estimate=estimated_share("high satisfaction"))


def test_where_the_primary_interval_is_hidden_the_one_that_is_given_is_named() -> None:
    wide, naive = share_of(30, 40, 0.55, 0.9), share_of(30, 40, 0.6, 0.86)
    assert said(answers.intervals, intervals_of(wide, naive)) == [
        "75% (90% interval 55 to 90%) of those who answered gave high satisfaction: 30 of 40 who "
        "answered."
    ]
    assert said(answers.intervals, intervals_of(without("suppressed"), naive)) == [
        "75% (90% interval 60 to 86%) of those who answered gave high satisfaction: 30 of 40 who "
        "answered.",
        "This interval is by Wilson; the one that is clustered is suppressed, so that nobody can "
        "be identified.",
    ]
    both = intervals_of(without("no_data"), without("no_data"))
    assert said(answers.intervals, both) == [
        "The share with high satisfaction is not known: nothing was recorded."
    ]


def test_groups_of_the_response_say_that_some_answers_are_in_none(asked: Asked) -> None:
    table = asked["response_rate"][1].table
    noted = table["note"].str.contains("answers without a role count in no group")
    assert set(table.loc[noted, "by"]) == {"role"}
    assert noted.sum() == (table["by"] == "role").sum() > 1
