"""Steps of cleaning on rows: those that cannot be used are rejected, each with its reason."""

from __future__ import annotations

from functools import reduce

import pandas as pd

from lmm.cleaning.cells import because, columns_of, heading
from lmm.cleaning.contract import tables_of, typed
from lmm.cleaning.ledger import Ledger
from lmm.study.setting import year_label


def reject_outside_period(ledger: Ledger, name: str) -> Ledger:
    """Reject what happened before or after the study's period."""
    period = ledger.study.period
    dates = ledger.frame[name]  # ISO dates sort as text
    outside = dates[(dates < period.start.isoformat()) | (dates > period.end.isoformat())]
    title = heading(ledger, name)
    reasons = title + " " + outside + f" is outside {period.start} to {period.end}"
    return ledger.reject("period", reasons, f"{title} outside the study's period")


def reject_unknown_years(ledger: Ledger) -> Ledger:
    """Reject what no contract year is called: nothing would ever be counted for it."""
    cells = ledger.frame["contract_year"]
    first, starts = ledger.study.period.start.year, ledger.study.contract_year_starts
    begins = cells.str.extract(r"^([0-9]{4})", expand=False).fillna(str(first)).astype("int64")
    labels = begins.map(lambda year: year_label(year, starts)).astype("str")
    wrong = cells != labels
    reasons = "'" + cells[wrong] + "' is no contract year, such as " + labels[wrong]
    reasons = heading(ledger, "contract_year") + " " + reasons
    return ledger.reject("contract years", reasons, "contract years that there cannot be")


def reject_broken_rules(ledger: Ledger) -> Ledger:
    """Reject rows whose cells contradict each other."""
    for rule in tables_of(ledger.study)[ledger.table].rules:
        broken = ~rule.holds(typed(ledger.frame, columns_of(ledger)))
        found = ledger.frame.loc[broken, list(rule.columns)]
        cells = (heading(ledger, name) + " " + found[name] for name in rule.columns)
        held = reduce(lambda left, right: left + ", " + right, cells)
        reasons = f"does not hold: {rule.text} (" + held + ")"
        ledger = ledger.reject("rules", reasons, f"rows that break: {rule.text}")
    return ledger


def reject_orphans(ledger: Ledger, name: str, table: str, parents: pd.DataFrame) -> Ledger:
    """Reject rows that refer to a record that is not there."""
    keys = ledger.frame[name]
    orphans = keys[~keys.isin(parents[name])]
    reasons = heading(ledger, name) + " " + orphans + f" is not among the clean {table}"
    return ledger.reject("references", reasons, f"rows that refer to no clean row of {table}")


def reject_before_referral(ledger: Ledger, families: pd.DataFrame) -> Ledger:
    """Reject contacts with a family before it was referred."""
    referred = ledger.frame["family_id"].map(families.set_index("family_id")["referred_on"])
    referred = referred.astype("str")
    dates = ledger.frame["date"]
    early = dates[dates < referred]
    reasons = "contact on " + early + " is before the referral on " + referred[early.index]
    return ledger.reject("referral", reasons, "contacts before the family's referral")


def reject_exact_repeats(ledger: Ledger) -> Ledger:
    """Reject all but the first of rows that are the same throughout."""
    repeats = ledger.frame.duplicated(keep="first")
    return ledger.reject(
        "repeats",
        because(repeats, "repeats an earlier row in every column that is read"),
        "rows that repeat an earlier row in every column that is read",
    )


def reject_reused_ids(ledger: Ledger) -> Ledger:
    """Reject every row of a re-used key: nothing tells which record the key belongs to."""
    key = list(tables_of(ledger.study)[ledger.table].key)
    reused = ledger.frame.duplicated(key, keep=False)
    reasons = "different records share " + ledger.frame.loc[reused, key].agg(" ".join, axis=1)
    return ledger.reject("re-used ids", reasons.astype("str"), "different records with one id")


def keep_one_attendance(ledger: Ledger) -> Ledger:
    """Keep one row for each person on a register, the first that says they attended.

    A person who signed twice, or booked and then came, attended once.
    """
    came_first = ledger.frame.sort_values("attended", ascending=False, kind="stable")
    again = came_first.duplicated(["course_id", "staff_id"]).sort_index()
    return ledger.reject(
        "same person twice",
        because(again, "same person twice on one register; the row that says attended is kept"),
        "the same person twice on one register",
    )
