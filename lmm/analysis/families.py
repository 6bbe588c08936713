"""The families: how far they came, and who they are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lmm.analysis.measures import tally
from lmm.cleaning.records import Records

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
        the families of the stage before who went on, by the end of the period.
    """
    families = records.families
    came = families["family_id"].isin(records.sessions_attended["family_id"])
    reached = [
        pd.Series(True, index=families.index),
        families["accepted_on"].notna(),
        families["offered_on"].notna(),
        came,
        came & families["discharged_on"].notna(),
    ]
    counts = [int(stage.sum()) for stage in reached]
    previous = [counts[0], *counts[:-1]]
    return pd.DataFrame(
        {
            "stage": FLOW,
            "families": counts,
            "share_of_referred": [n / counts[0] if counts[0] else None for n in counts],
            "share_of_previous": [
                n / p if p else None for n, p in zip(counts, previous, strict=True)
            ],
            "basis": [records.basis("families" if stage == FLOW[3] else "") for stage in FLOW],
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
    families = records.families
    attended = families[families["family_id"].isin(sessions["family_id"])]
    rows = [
        row
        for name, label in CHARACTERISTICS.items()
        for row in _levels(records, attended, name, label)
    ]
    first = sessions.groupby("family_id")["date"].min()
    waits = (attended["family_id"].map(first) - attended["referred_on"]).dt.days
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
