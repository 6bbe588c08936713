"""What the columns of a result are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "stratum", "dimension", "measure", "scale", "words", "date", "month",
    "count", "number", "share", "probability", "moment", "p_value",
    "estimand", "numerator", "denominator", "estimate", "low", "high",
    "method", "status", "basis", "note",
]  # fmt: skip
"""What a column may be; the constructors of this module say what each means."""


@dataclass(frozen=True)
class Role:
    """What a column of a result is.

    Attributes
    ----------
    heading
        As a reader sees it; by default the column's name in words.
    decimals
        Of a number that is not whole; None for four significant digits.
    of
        What is counted, or what the column says. It tells columns of one kind apart, and a
        share has the ``of`` of the count that it belongs to. That of an estimate names what
        is estimated, in fewer words than its estimand; that of a denominator is the word that
        stands between it and its numerator, if it is not "of"; that of a dimension is the level
        under which the clusters stand, such as courses.
    once
        Whether it is said once where rows share its value: under the caption, or in the heading
        of their group.
    in_percent
        Whether an estimate is a share, which is shown in percent; a number, where its scale is.
    across
        Whether the values of a stratum stand beside each other, each as a column of its own.
    whole
        Whether the values of a stratum make up a whole, so that of two one says it all.
    aside
        Whether it is kept and not shown, because another column says it in fewer words.
    tolerance
        By how much a number of it may differ when results are verified. None needs one: they are
        the same on every machine. It is for a method of a service's own that is not.
    """

    kind: Kind
    heading: str = ""
    decimals: int | None = None
    of: str = ""
    once: bool = False
    in_percent: bool = False
    across: bool = False
    whole: bool = False
    aside: bool = False
    tolerance: float = 0.0


# --- what a row is about ------------------------------------------------------------------


def stratum(heading: str = "", of: str = "", *, across: bool = False, whole: bool = False) -> Role:
    """Declare words that say what a row is about, or the column of a wide table."""
    return Role("stratum", heading, of=of, across=across, whole=whole)


def dimension(heading: str = "By", of: str = "") -> Role:
    """Declare the name of the column that the row's stratum is a level of."""
    return Role("dimension", heading, of=of)


def named(dimension: str) -> str:
    """Name a level of one dimension in the singular, such as "course" for ``course_id``."""
    return dimension.removesuffix("_id").replace("_", " ")


def measure(heading: str = "", *, across: bool = False) -> Role:
    """Declare the name of what is counted; a reader sees the study's own word for it."""
    return Role("measure", heading, across=across)


def words(heading: str = "", of: str = "", *, once: bool = False) -> Role:
    """Declare words that were found or given."""
    return Role("words", heading, of=of, once=once)


def date(heading: str = "", *, once: bool = False) -> Role:
    """Declare a day."""
    return Role("date", heading, once=once)


def month(heading: str = "") -> Role:
    """Declare a month, by its first day."""
    return Role("month", heading)


def scale() -> Role:
    """Declare whether a row is about a "share", which is shown in percent, or about a "ratio"."""
    return Role("scale", aside=True)


# --- numbers ------------------------------------------------------------------------------


def count(heading: str = "", of: str = "") -> Role:
    """Declare how many there are of something.

    A cell without a number is a suppressed one, unless a column of statuses says otherwise.
    """
    return Role("count", heading, 0, of)


def number(heading: str = "", decimals: int | None = None, of: str = "") -> Role:
    """Declare a number that is no count of people, or one that may be missing."""
    return Role("number", heading, decimals, of)


def on_scale(heading: str = "", of: str = "") -> Role:
    """Declare a number that is a share where the row's scale says so; said once if it can be."""
    return Role("number", heading, of=of, once=True, in_percent=True)


def share(heading: str = "", of: str = "") -> Role:
    """Declare a share, from 0 to 1, or a difference of shares; shown in percent."""
    return Role("share", heading, 1, of)


def probability(heading: str = "", of: str = "") -> Role:
    """Declare a probability, from 0 to 1; shown in percent."""
    return Role("probability", heading, 1, of)


def moment(heading: str = "") -> Role:
    """Declare a mean, SD, median, lower or upper quartile: five columns, in this order."""
    return Role("moment", heading, 1)


def p_value(heading: str = "p", of: str = "") -> Role:
    """Declare a p-value."""
    return Role("p_value", heading, 3, of)


def estimate_of(of: str) -> Role:
    """Declare what the estimates of a table are estimates of, in a few words."""
    return Role("estimate", of=of)


def estimated_share(of: str = "") -> Role:
    """Declare that the estimates of a table are shares, and of what, in a few words."""
    return Role("estimate", of=of, in_percent=True)


def aside(role: Role) -> Role:
    """Declare that a column is kept and not shown."""
    return replace(role, aside=True)


def within(role: Role, tolerance: float) -> Role:
    """Declare by how much the numbers of a column may differ when results are verified."""
    return replace(role, tolerance=tolerance)


RECORD: Mapping[str, Role] = {
    "estimand": Role("estimand"),
    "numerator": Role("numerator", "n", 1),
    "denominator": Role("denominator", "of", 1),
    "estimate": Role("estimate"),
    "low": Role("low"),
    "high": Role("high"),
    "method": Role("method", once=True),
    "status": Role("status"),
    "basis": Role("basis", "Rests on", once=True),
    "note": Role("note", once=True),
}
"""The fields of `lmm.statistics.estimate.Estimate`; columns of these names are these."""
