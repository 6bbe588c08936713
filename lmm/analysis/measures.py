"""What is counted and when: the rows behind every count, shared by the three analyses."""

from __future__ import annotations

import pandas as pd

from lmm.cleaning.records import Records
from lmm.statistics.clusters import IGNORES_CLUSTERING
from lmm.statistics.estimate import Estimate
from lmm.statistics.korn_graubard import korn_graubard
from lmm.statistics.shares import proportion
from lmm.study.setting import Basis
from lmm.study.tables import INDICATORS as TABLE_OF

MEASURES = {
    "courses": "training courses delivered",
    "attendances": "attendances at courses",
    "staff": "staff trained (people)",
    "consultations": "consultation, support and guidance sessions",
    "families": "families who attended direct support",
}
"""Everything that is counted, in the order in which it is shown."""

TABLES = tuple(dict.fromkeys(TABLE_OF[name] for name in MEASURES))
"""The tables that it is counted from."""

INDICATORS = {**MEASURES, "satisfaction": "high satisfaction with courses"}
"""Everything that can have a target: the counts, and the share with high satisfaction."""


def words(records: Records) -> dict[str, str]:
    """Give what each indicator is called, in the study's own words where it has them.

    Where it is known which consultations took place, their name says that only these count.
    """
    own = {str(name): text for name, text in records.study.wording.items()}
    named = {**INDICATORS, **own}
    if records.keeps("consultations", "outcome"):
        named["consultations"] += " that took place"
    return named


def activity_events(records: Records) -> pd.DataFrame:
    """List one row for each thing counted: its ``measure`` and ``date``.

    A person is counted on the first course they attended in the period, a family on the
    first contact they attended in it, so that the parts of a period add up to the whole.
    """
    course_dates = records.tables["courses"].set_index("course_id")["date"]
    attended = records.attended
    attended = attended.assign(date=course_dates.reindex(attended["course_id"]).to_numpy())
    dates = {
        "courses": records.tables["courses"]["date"],
        "attendances": attended["date"],
        "staff": attended.groupby("staff_id")["date"].min(),
        "consultations": records.consultations_held["date"],
        "families": records.sessions_attended.groupby("family_id")["date"].min(),
    }
    return pd.concat(
        [pd.DataFrame({"measure": name, "date": dates[name]}) for name in records.measures]
        or [_no_events()],
        ignore_index=True,
    )


def _no_events() -> pd.DataFrame:
    """Give the rows of a service that counts nothing."""
    dates = pd.Series(dtype="datetime64[us]")
    return pd.DataFrame({"measure": pd.Series(dtype="str"), "date": dates})


def answers(records: Records) -> pd.DataFrame:
    """Give every returned form with its course's strata and its overall answer read.

    Returns
    -------
    DataFrame
        The forms with ``topic, mode, date, phase, contract_year`` of their course, and
        ``answered`` (an answer on the scale) and ``high``.
    """
    forms = with_course(records, records.tables["feedback_forms"])
    overall = forms[records.study.satisfaction.overall]
    return forms.assign(
        answered=overall.isin(list(records.study.satisfaction.scale)),
        high=overall.isin(records.study.satisfaction.high),
    )


def with_course(records: Records, frame: pd.DataFrame) -> pd.DataFrame:
    """Add the strata of the course to registers or forms."""
    courses = records.tables["courses"][["course_id", "topic", "mode", "date"]].assign(
        phase=records.phase(records.tables["courses"]["date"]),
        contract_year=records.contract_year(records.tables["courses"]["date"]),
    )
    return frame.merge(courses, on="course_id", how="left", validate="many_to_one")


def tally(values: pd.Series[str], labels: tuple[str, ...]) -> list[int]:
    """Count each label in its declared order, then the missing values."""
    counts = values.value_counts()
    return [*(int(counts.get(label, 0)) for label in labels), int(values.isna().sum())]


def by_course(forms: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Count, in each course, the answers with high satisfaction and all answers."""
    answered = forms[forms["answered"]]
    counts = answered.groupby("course_id")["high"].agg(["sum", "size"])
    return counts["sum"].tolist(), counts["size"].tolist()


def high_share(forms: pd.DataFrame, confidence: float, basis: Basis) -> Estimate:
    """Estimate the share with high satisfaction, taking answers as clustered in courses.

    With answers from one course only, the interval is Wilson's and its note says that it
    ignores clustering. Where everyone gave the same answer the note warns that this gives
    away what each of them answered.
    """
    estimand = "share of respondents with high satisfaction"
    high, answered = by_course(forms)
    if len(answered) == 1:
        estimate = proportion(estimand, high[0], answered[0], confidence, basis)
        estimate = estimate.noted(IGNORES_CLUSTERING)
    else:
        estimate = korn_graubard(estimand, high, answered, confidence, basis)
    if estimate.estimate in (0.0, 1.0):
        return estimate.noted("disclosive: everyone gave the same answer")
    return estimate
