"""The steps of cleaning, by the names under which tables declare them.

Rows that cannot be used are rejected, each with its reason. A step that has nothing to do in a
table, such as one on references where there are none, does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from lmm.cleaning.cells import because, columns_of, heading, standardise_cells
from lmm.cleaning.contract import typed
from lmm.cleaning.distinct import among
from lmm.cleaning.ledger import Ledger
from lmm.cleaning.rules import rules_of
from lmm.study.setting import year_label
from lmm.study.table import Step


def reject_outside_period(ledger: Ledger) -> Ledger:
    """Reject what happened before the records begin or after the period, by the table's date."""
    if not (name := ledger.declared.own_date):
        return ledger
    first, last = ledger.study.period.on_record_from, ledger.study.period.end
    dates = ledger.frame[name]  # ISO dates sort as text
    outside = dates[(dates < first.isoformat()) | (dates > last.isoformat())]
    title = heading(ledger, name)
    reasons = title + " " + outside + f" is outside {first} to {last}"
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
    if not (rules := rules_of(ledger.declared)):
        return ledger
    cells = typed(ledger.frame, columns_of(ledger))
    for rule in rules:
        broken = ~rule.holds(cells.loc[ledger.frame.index])
        found = ledger.frame.loc[broken, list(rule.columns)]
        told = (heading(ledger, name) + " " + found[name] for name in rule.columns)
        held = reduce(lambda left, right: left + ", " + right, told)
        reasons = f"does not hold: {rule.text} (" + held + ")"
        ledger = ledger.reject("rules", reasons, f"rows that break: {rule.text}")
    return ledger


def reject_orphans(ledger: Ledger) -> Ledger:
    """Reject rows that refer to a record that is not there."""
    for table, name in ledger.declared.parents.items():
        keys = ledger.frame[name]
        orphans = keys[~among(keys, ledger.parents[table][name])]
        reasons = heading(ledger, name) + " " + orphans + f" is not among the clean {table}"
        done = f"rows that refer to no clean row of {table}"
        ledger = ledger.reject("references", reasons, done)
    return ledger


def reject_before_referral(ledger: Ledger) -> Ledger:
    """Reject contacts with a family before it was referred, where the families are kept."""
    if "families" not in ledger.parents:
        return ledger
    families = ledger.parents["families"].set_index("family_id")
    referred = ledger.frame["family_id"].map(families["referred_on"]).astype("str")
    dates = ledger.frame["date"]
    early = dates[dates < referred]
    reasons = "contact on " + early + " is before the referral on " + referred[early.index]
    return ledger.reject("referral", reasons, "contacts before the family's referral")


def reject_exact_repeats(ledger: Ledger) -> Ledger:
    """Reject all but the first of rows that are the same throughout."""
    alike = ledger.frame[ledger.frame.duplicated([*ledger.declared.key], keep=False)]
    repeats = alike.duplicated(keep="first")
    return ledger.reject(
        "repeats",
        because(repeats, "repeats an earlier row in every column that is read"),
        "rows that repeat an earlier row in every column that is read",
    )


def reject_reused_ids(ledger: Ledger) -> Ledger:
    """Reject every row of a re-used key: nothing tells which record the key belongs to."""
    key = list(ledger.declared.key)
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


STEPS: dict[Step, Callable[[Ledger], Ledger]] = {
    "standardise": standardise_cells,
    "within_period": reject_outside_period,
    "contract_years": reject_unknown_years,
    "references": reject_orphans,
    "not_before_referral": reject_before_referral,
    "rules": reject_broken_rules,
    "repeats": reject_exact_repeats,
    "one_attendance": keep_one_attendance,
    "unique_ids": reject_reused_ids,
}

AMONG_ROWS: tuple[Step, ...] = ("repeats", "one_attendance", "unique_ids")
"""Those that compare the rows of a table with each other: it has to be there as a whole."""
