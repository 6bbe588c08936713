"""The families: how far they came, how long they waited, and who they are."""

from __future__ import annotations

from typing import Any, Literal, get_args

import pandas as pd

from lmm.analysis.measures import tally
from lmm.cleaning.records import Records
from lmm.statistics.estimate import Estimate, as_table
from lmm.statistics.shares import proportion
from lmm.statistics.survival import kaplan_meier, median_days, share_seen
from lmm.study.declared import ReferencePopulation

FLOW = (
    "referred",
    "accepted",
    "offered a first appointment",
    "attended at least one session",
    "attended and discharged",
)


def family_flow(records: Records) -> pd.DataFrame:
    """Follow the families referred in the period from one stage to the next.

    Returns
    -------
    DataFrame
        ``stage, families, share_of_referred, share_of_previous, basis``. Each stage counts
        the families of the stage before who went on, by the end of the period; a stage of
        which the service keeps no date or no contacts is left out.
    """
    families = records.tables["families"]
    came = families["family_id"].isin(records.sessions_attended["family_id"])
    reached = [
        (("families.referred_on",), pd.Series(True, index=families.index)),
        (("families.accepted_on",), families["accepted_on"].notna()),
        (("families.offered_on",), families["offered_on"].notna()),
        (("families.family_id", "family_contacts.outcome"), came),
        (
            ("family_contacts.outcome", "families.discharged_on"),
            came & families["discharged_on"].notna(),
        ),
    ]
    kept = {
        stage: int(families_there.sum())
        for stage, (columns, families_there) in zip(FLOW, reached, strict=True)
        if all(records.keeps(*column.split(".")) for column in columns)
    }
    counts = list(kept.values())
    previous = counts[:1] + counts[:-1]
    return pd.DataFrame(
        {
            "stage": list(kept),
            "families": counts,
            "share_of_referred": [n / counts[0] if counts[0] else None for n in counts],
            "share_of_previous": [
                n / p if p else None for n, p in zip(counts, previous, strict=True)
            ],
            "basis": [records.basis("families" if stage == FLOW[3] else "") for stage in kept],
        }
    )


CHARACTERISTICS = {
    "referral_source": "Referred by",
    "reason": "Reason for referral",
    "ward": "Ward",
    "ethnic_group": "Ethnic group of the mother",
    "interpreter_needed": "Interpreter needed",
}


def families_table(records: Records) -> pd.DataFrame:
    """Describe the families who attended: Table 1.

    Returns
    -------
    DataFrame
        ``characteristic, level, number, share, mean, sd, median, lower_quartile,
        upper_quartile, missing, basis``: shares are of the families for whom the
        characteristic is recorded, and ``missing`` says for how many it is not.
    """
    sessions = records.sessions_attended
    families = records.tables["families"]
    attended = families[families["family_id"].isin(sessions["family_id"])]
    rows = [
        row
        for name, label in CHARACTERISTICS.items()
        if records.keeps("families", name)
        for row in _levels(records, attended, name, label)
    ]
    waits = (_first_sessions(records, attended) - attended["referred_on"]).dt.days
    number = attended["family_id"].map(sessions.groupby("family_id").size())
    rows.append(_distribution("Days from referral to first session attended", waits))
    rows.append(_distribution("Sessions attended", number))
    columns = [
        "characteristic",
        "level",
        "number",
        "share",
        "mean",
        "sd",
        "median",
        "lower_quartile",
        "upper_quartile",
        "missing",
    ]
    table = pd.DataFrame(rows, columns=columns)
    table["basis"] = records.basis()
    return table


def _levels(
    records: Records, families: pd.DataFrame, name: str, label: str
) -> list[dict[str, object]]:
    vocabulary = "yes_no" if name == "interpreter_needed" else name
    *counts, missing = tally(families[name], records.study.labels(vocabulary))
    known = sum(counts)
    return [
        {
            "characteristic": label,
            "level": level,
            "number": n,
            "share": n / known if known else None,
            "missing": missing,
        }
        for level, n in zip(records.study.labels(vocabulary), counts, strict=True)
    ]


def _distribution(label: str, values: pd.Series[Any]) -> dict[str, object]:
    known = values.dropna().astype("float64")
    row = {
        "characteristic": label,
        "level": "",
        "number": len(known),
        "missing": int(values.isna().sum()),
    }
    if known.empty:
        return row
    lower, median, upper = known.quantile([0.25, 0.5, 0.75])
    spread = known.std() if len(known) > 1 else None
    return {
        **row,
        "mean": known.mean(),
        "sd": spread,
        "median": median,
        "lower_quartile": lower,
        "upper_quartile": upper,
    }


# --- the caseload ----------------------------------------------------------------------------


CASELOAD_NOTE = (
    "families referred before the period are left out, so that the caseload of a service "
    "that was already running starts too low; a discharge that was not recorded leaves a "
    "family in it"
)


def caseload(records: Records) -> pd.DataFrame:
    """Count the families on the books at the end of each month.

    Returns
    -------
    DataFrame
        ``month, month_end, families, not_yet_seen, basis, note``: ``families`` were referred
        in the period, accepted on or before the last day of the month (or of the period) and
        not discharged by then; ``not_yet_seen`` of them had attended no session by then.
    """
    families = records.tables["families"]
    first = _first_sessions(records, families)
    last = pd.Timestamp(records.parameters.period_end)
    rows = []
    for month in records.calendar["month"]:
        day = min(month + pd.offsets.MonthEnd(), last)
        held = (families["accepted_on"] <= day) & ~(families["discharged_on"] <= day)
        unseen = held & ~(first <= day)
        rows.append((month, day, int(held.sum()), int(unseen.sum())))
    table = pd.DataFrame(rows, columns=["month", "month_end", "families", "not_yet_seen"])
    return table.assign(basis=records.basis(), note=CASELOAD_NOTE)


def _first_sessions(records: Records, families: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Give the day of the first session that each of the families attended, if any."""
    first = records.sessions_attended.groupby("family_id")["date"].min()
    return first.reindex(families["family_id"]).set_axis(families.index)


# --- the wait for the first session ----------------------------------------------------------

Population = Literal["accepted", "referred"]
POPULATIONS: tuple[Population, ...] = get_args(Population)
Leaving = Literal["censored at discharge", "never seen"]

LEAVING: dict[Leaving, str] = {
    "censored at discharge": "families who left unseen are taken to be like those who stayed",
    "never seen": "families who left unseen count as waiting until the end of the period",
}
"""Two ways to count families discharged unseen, and what each assumes.

The first takes their leaving to say nothing about how long they would have waited, which is
seldom so. The second counts leaving as a competing event: with every end of follow-up known,
the complement of the curve is then the cumulative incidence of being seen (Fine and Gray
1999, Journal of the American Statistical Association 94, 496-509).
"""


def populations(records: Records) -> tuple[Population, ...]:
    """Give the families whose wait can be looked at, the most usual first."""
    accepting = records.keeps("families", "accepted_on")
    return POPULATIONS if accepting else ("referred",)


NOT_KNOWN = "counted as still waiting"
"""How families who left unseen are counted where no discharges are kept."""


def _meaning(records: Records, leaving: Leaving, *, someone_left: bool) -> str:
    """Say what is assumed of the families who left unseen, if there are any."""
    if not records.keeps("families", "discharged_on"):
        return f"no discharges are kept: families who left unseen are {NOT_KNOWN}"
    return LEAVING[leaving] if someone_left else ""


def waits(
    records: Records,
    population: Population = "accepted",
    leaving: Leaving = "censored at discharge",
) -> pd.DataFrame:
    """Count the families by the days they were followed, from referral to their first session.

    Returns
    -------
    DataFrame
        ``days, outcome, n``: the outcome is ``seen``, ``left`` (discharged unseen; the days end
        there, unless they are to count as never seen) or ``waiting`` at the end of the period.
        Most counts are of one family: not for release.
    """
    families = records.tables["families"]
    if population == "accepted":
        families = families[families["accepted_on"].notna()]
    first = _first_sessions(records, families)
    left = first.isna() & families["discharged_on"].notna()
    end = pd.Series(pd.Timestamp(records.parameters.period_end), index=families.index)
    if leaving == "censored at discharge":
        end = families["discharged_on"].where(left, end)
    outcome = pd.Series("waiting", index=families.index, dtype="str")
    followed = pd.DataFrame(
        {
            "days": (first.where(first.notna(), end) - families["referred_on"]).dt.days,
            "outcome": outcome.mask(left, "left").mask(first.notna(), "seen"),
        }
    )
    return followed.groupby(["days", "outcome"]).size().reset_index(name="n")


def wait_curve(records: Records) -> pd.DataFrame:
    """Estimate the share of families not yet seen by days since referral (Kaplan-Meier).

    The families are those accepted, or all where acceptance is not kept.

    Returns
    -------
    DataFrame
        As `kaplan_meier`, with ``basis``. The share not yet seen takes it that families who
        left unseen, and those still waiting, would have waited like the others.
    """
    followed = waits(records, populations(records)[0])
    curve = kaplan_meier(followed, records.parameters.confidence)
    return curve.assign(basis=records.basis())


def median_wait(records: Records) -> pd.DataFrame:
    """Estimate the median days from referral to the first session attended.

    Returns
    -------
    DataFrame
        Estimates as `median_days` gives them, with the stratum ``population``: families
        ``accepted``, where that is kept, and all ``referred``.
    """
    rows = []
    for population in populations(records):
        curve = kaplan_meier(waits(records, population), records.parameters.confidence)
        estimand = f"median days from referral to first session, families {population}"
        left = bool(curve["left"].any())
        note = _meaning(records, "censored at discharge", someone_left=left)
        median = median_days(estimand, curve, records.basis()).noted(note)
        rows.append(({"population": population}, median))
    return as_table(rows)


WITHIN = (28, 56)
"""Days since referral within which the share of families seen is given."""


def seen_within(records: Records) -> pd.DataFrame:
    """Estimate the share of families seen within so many days of their referral.

    Returns
    -------
    DataFrame
        Estimates as `share_seen` gives them, with the strata ``population`` (as in
        `median_wait`), ``within_days`` (those of `WITHIN`) and ``leaving``: how the families
        who left unseen are counted, see `LEAVING`; where no discharges are kept, as `NOT_KNOWN`
        says. Where no family was discharged unseen, there are no rows for the second way to
        count them.
    """
    rows = []
    level, basis = records.parameters.confidence, records.basis()
    leaving_kept = records.keeps("families", "discharged_on")
    for population in populations(records):
        for leaving in LEAVING:
            curve = kaplan_meier(waits(records, population, leaving), level)
            someone_left = bool(curve["left"].any())
            if leaving == "never seen" and not someone_left:
                continue
            for within in WITHIN:
                estimand = f"share seen within {within} days of referral, families {population}"
                way = leaving if leaving_kept else NOT_KNOWN
                strata = {"population": population, "within_days": within, "leaving": way}
                estimate = share_seen(estimand, curve, within, level, basis)
                meaning = _meaning(records, leaving, someone_left=someone_left)
                rows.append((strata, estimate.noted(meaning)))
    return as_table(rows)


# --- reach -----------------------------------------------------------------------------------

Compared = Literal["ward", "ethnic_group"]

REACH: dict[Compared, str] = {
    "ward": CHARACTERISTICS["ward"],
    "ethnic_group": CHARACTERISTICS["ethnic_group"],
}


def reach(records: Records) -> pd.DataFrame:
    """Set the families who attended beside a reference population, by ward and ethnic group.

    Returns
    -------
    DataFrame
        Estimates with the strata ``characteristic, level``, and ``reference_share,
        share_less_reference, ratio_to_reference, missing, reference``. Shares are of the
        families in the levels that the reference population has; families in other levels
        keep their row, are counted and not compared, and ``missing`` says for how many the
        level is not recorded. Without a reference population in the study file the shares
        are of all families whose level is recorded, and ``reference`` says so.
    """
    families = records.tables["families"]
    attended = families[families["family_id"].isin(records.sessions_attended["family_id"])]
    rows = [
        row
        for name in REACH
        if records.keeps("families", name)
        for row in _reach(records, attended[name], name)
    ]
    compared = ["reference_share", "share_less_reference", "ratio_to_reference"]
    table = as_table(rows)
    return table.astype(dict.fromkeys(compared, "float64")) if rows else table


def _reach(
    records: Records, values: pd.Series[str], name: Compared
) -> list[tuple[dict[str, Any], Estimate]]:
    labels = records.study.labels(name)
    *counts, missing = tally(values, labels)
    reference = records.study.reference_population.get(name)
    shares = reference.shares if reference else {}
    compared = {
        label: n
        for label, n in zip(labels, counts, strict=True)
        if label in shares or not reference
    }
    rows = []
    for label, n in zip(labels, counts, strict=True):
        estimand = f"share of families who attended: {REACH[name].lower()} {label}"
        basis, level = records.basis(), records.parameters.confidence
        if label in compared:
            estimate = proportion(estimand, n, sum(compared.values()), level, basis)
        else:
            why = "outside the reference population: counted and not compared"
            estimate = Estimate.without_value(estimand, n, None, "not_estimable", basis, why)
        strata = {"characteristic": REACH[name], "level": label}
        against = _against(estimate, shares.get(label))
        rows.append(
            ({**strata, **against, "missing": missing, "reference": _worded(reference)}, estimate)
        )
    return rows


def _against(estimate: Estimate, reference: float | None) -> dict[str, float | None]:
    difference = ratio = None
    if estimate.estimate is not None and reference is not None:
        difference = estimate.estimate - reference
        ratio = estimate.estimate / reference if reference else None
    return {
        "reference_share": reference,
        "share_less_reference": difference,
        "ratio_to_reference": ratio,
    }


def _worded(reference: ReferencePopulation | None) -> str:
    if reference is None:
        return "no reference population is declared"
    return f"{reference.basis}: {reference.reason or reference.source}"
