"""The families: how far they came, what was planned with them, and how many are on the books."""

from __future__ import annotations

from functools import partial

import pandas as pd

from lmm.analysis import roles
from lmm.analysis.analysis import analysis
from lmm.analysis.released import share_of, whole_of
from lmm.analysis.result import Result
from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED

FLOW = {
    "referred": "referred",
    "accepted": "accepted",
    "offered": "offered a first appointment",
    "seen": "attended at least one session",
    "discharged": "attended and discharged",
}
"""The stages by measure, in order."""


@analysis("families")
def family_flow(counts: Counts) -> Result:
    """Follow the families referred in the period from one stage to the next.

    Returns
    -------
    Result
        ``stage, families, share_of_referred, share_of_previous, basis``. Each stage counts
        the families of the stage before who went on, by the end of the period; a stage of
        which the service keeps no date or no contacts is left out.
    """
    stages = [measure for measure in FLOW if measure in counts.declared]
    numbers = [counts.n(measure) for measure in stages]
    previous = [*numbers[:1], *numbers[:-1]]

    def shares(wholes: list[int | None]) -> pd.Series[float]:
        pairs = zip(numbers, wholes, strict=True)
        return pd.Series(
            [share_of(counts, "referred", n, whole) for n, whole in pairs], dtype="float64"
        )

    table = pd.DataFrame(
        {
            "stage": [FLOW[measure] for measure in stages],
            "families": pd.Series(numbers, dtype="Int64"),
            "share_of_referred": shares(numbers[:1] * len(numbers)),
            "share_of_previous": shares(previous),
            "basis": [counts.basis("families" if m == "seen" else "") for m in stages],
        }
    )
    return Result.of(
        table,
        stage=roles.stratum(),
        families=roles.count(of="families"),
        share_of_referred=roles.share("Of those referred", of="those referred"),
        share_of_previous=roles.share("Of the stage before", of="the stage before"),
    )


# --- the contacts ----------------------------------------------------------------------------


@analysis("family_contacts")
def contacts(counts: Counts) -> Result:
    """Count the contacts that were planned by kind, by mode and by outcome.

    Returns
    -------
    Result
        ``by, stratum, contacts, share, basis``: each of those that are kept adds up to all
        contacts. Shares are given where every part is shown.
    """
    rows = []
    for by in filter(partial(counts.has, "contacts"), ("kind", "mode", "outcome")):
        levels = _levels(counts, by)
        parts = [counts.n("contacts", **{by: level}) for level in levels]
        whole = whole_of(parts)
        rows += [
            (by, level, n, share_of(counts, "contacts", n, whole))
            for level, n in zip(levels, parts, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["by", "stratum", "contacts", "share"])
    return Result.of(
        table.astype({"contacts": "Int64", "share": "float64"}).assign(basis=counts.basis()),
        by=roles.dimension(),
        stratum=roles.stratum("Group"),
        contacts=roles.count(of="contacts"),
        share=roles.share(of="contacts"),
    )


def _levels(counts: Counts, by: str) -> list[str]:
    """Give the labels of a column in which each contact has one."""
    return [level for level in counts.levels("contacts", by) if level != NOT_RECORDED]


# --- the caseload ----------------------------------------------------------------------------

CASELOAD_NOTE = (
    "families referred before {begins:%Y-%m-%d}, when the records begin, are left out, so that the "
    "caseload of a service that was already running starts too low; a discharge that was not "
    "recorded leaves a family in it"
)


@analysis(
    "families", "families.accepted_on", "families.discharged_on", title="Families on the books"
)
def caseload(counts: Counts) -> Result:
    """Count the families on the books at the end of each month.

    Returns
    -------
    Result
        ``month, month_end, families, not_yet_seen, basis, note``: ``families`` were
        accepted on or before the last day of the month (or of the period), whenever they were
        referred, and not discharged by then; ``not_yet_seen`` of them had attended no session
        by then, which is left out where the service keeps no contacts.
    """
    note = CASELOAD_NOTE.format(begins=counts.study.period.on_record_from)
    held = {"families": "caseload", "not_yet_seen": "caseload_not_seen"}
    months = counts.by("caseload", "month_end")["month_end"]
    last = pd.Timestamp(counts.parameters.period_end)
    columns = {
        "month": months,
        "month_end": [min(month + pd.offsets.MonthEnd(), last) for month in months],
        **{
            name: counts.by(measure, "month_end")["n"]
            for name, measure in held.items()
            if measure in counts.declared
        },
    }
    return Result.of(
        pd.DataFrame(columns).assign(basis=counts.basis(), note=note),
        month=roles.month(),
        month_end=roles.date(),
        families=roles.count(of="families"),
        not_yet_seen=roles.count(of="families not yet seen"),
    )
