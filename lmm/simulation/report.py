"""The generated parts of ``docs/coverage.md``: tables, what falls short, and caveats.

The page itself is prose that holds whatever the numbers; each number is written here.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from lmm.showing.plots.rows import rows_of
from lmm.simulation.compared import compared
from lmm.simulation.course_sizes import GROUP as SIZED
from lmm.simulation.coverage import FEW
from lmm.simulation.layout import figure, markdown, percent, span
from lmm.simulation.people import BY_COURSE, BY_COURSE_RATIO, COURSES_ALIKE
from lmm.simulation.ratings import ZONES
from lmm.simulation.recovery import ANSWERS, AUTOREGRESSIVE, COURSES_AFTER, ODDS_RATIO
from lmm.statistics.segmented import QUASI
from lmm.study.problems import StudyError

FIGURE = "coverage.svg"

NEAR_ALL = 0.95
"""True shares from here on are near to all: few answers are not high."""


def filled(page: str, parts: dict[str, str]) -> str:
    """Put each part between its two comments.

    Raises
    ------
    StudyError
        If the page has no place for a part.
    """
    for name, part in parts.items():
        place = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if len(place.findall(page)) != 1:
            raise StudyError(f"coverage.md: there is not one place for {name}")
        page = place.sub(rf"\g<1>\n{_escaped(part)}\n\n\g<2>", page)
    return page


def _escaped(text: str) -> str:
    """Keep ``re.sub`` from reading what is put in."""
    return text.replace("\\", r"\\")


def blocks(coverage: pd.DataFrame, ratings: pd.DataFrame, alt: str) -> dict[str, str]:
    """Write every generated part, by name."""
    return {
        "figure": f"![{alt}]({FIGURE})\n\n{how_many(coverage)}",
        "shortfalls": shortfalls(coverage[~_candidate(coverage)]),
        "candidates": compared(coverage[coverage["group"] == SIZED]),
        "intervals": "\n\n".join(
            f"### {str(group).capitalize()}\n\n{interval_table(part)}"
            for group, part in one_by_one(coverage).groupby("group", sort=False)
        ),
        "recovery": recovery_table(coverage[coverage["scale"] == "log"]),
        "ratings": rating_table(ratings),
        "caveats": caveats(coverage, ratings),
    }


def one_by_one(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the settings that are so many that the page only says where each is worst."""
    return table[table["group"] != SIZED]


def _candidate(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark the intervals that were compared and not chosen."""
    return (table["group"] == SIZED) & (table["role"] != "primary")


def how_many(table: pd.DataFrame) -> str:
    """Say how many studies there were, and from which seed."""
    most, least = int(table["studies"].max()), int(table["studies"].min())
    fewer = ""
    if least < most:
        slow = dict.fromkeys(table.loc[table["studies"] < most, "group"])
        fewer = f" ({least:,} or more where each takes long: {'; '.join(slow)})"
    return (
        f"{most:,} simulated studies of each setting{fewer}, from the seed "
        f"{int(table['seed'].iloc[0])}."
    )


# --- tables ----------------------------------------------------------------------------


def interval_table(part: pd.DataFrame) -> str:
    """Lay out the coverage of one group of settings."""
    shares = part["few_failures"].notna().any()
    heads = ["Setting", "Interval", "Studies", "Without interval", "Coverage (MC error)"]
    heads += ["Truth above", "Truth below", "Mean width", "Verdict"]
    heads += [f"Fewer than {FEW} failures"] if shares else []
    rows = []
    for row in rows_of(part):
        held = "" if row.coverage is None else f"{percent(row.coverage)} ({percent(row.mc_error)})"
        cells = [row.setting, _named(row), f"{row.studies:,}", percent(row.no_interval)]
        cells += [held if pd.notna(row.coverage) else "", percent(row.truth_above)]
        cells += [percent(row.truth_below), figure(row.mean_width), row.verdict]
        rows.append([*cells, percent(row.few_failures)] if shares else cells)
    return markdown(heads, rows, numbers=range(2, 8))


def recovery_table(part: pd.DataFrame) -> str:
    """Lay out the bias of the ratios that a model estimates."""
    heads = [
        "Estimated",
        "Setting",
        "Interval",
        "True ratio",
        "Typical estimate",
        "Bias of the log",
    ]
    heads += ["(MC error)", "Without estimate"]
    rows = [
        [row.group, row.setting, row.interval, figure(row.truth)]
        + ([""] * 3 if pd.isna(row.bias) else _recovered(row))
        + [percent(row.no_interval)]
        for row in rows_of(part)
    ]
    return markdown(heads, rows, numbers=range(3, 8))


def _recovered(row: Any) -> list[str]:
    """Give the geometric mean of the estimates, and the mean error of their logarithm."""
    typical = row.truth * 2.718281828459045**row.bias
    return [figure(typical), f"{row.bias:+.3f}", f"({row.bias_error:.3f})"]


def rating_table(table: pd.DataFrame) -> str:
    """Lay out how services of a known rating are rated."""
    heads = ["Setting", "True rating", "Rated red", "amber", "green", "Met or nearly met"]
    heads += ["Probability given to the true rating", *(f"Zone {name}" for name in ZONES[:4])]
    rows = [
        [row["setting"], row["true_rag"]]
        + [percent(row[name]) for name in ("red", "amber", "green", "met_or_nearly_met")]
        + [percent(row["probability"])]
        + [percent(row[f"zone {name}"]) for name in ZONES[:4]]
        for row in table.to_dict("records")
    ]
    return markdown(heads, rows, numbers=range(2, len(heads)))


def _named(row: Any) -> str:
    return f"**{row.interval}**" if row.role == "primary" else str(row.interval)


# --- words -----------------------------------------------------------------------------


def shortfalls(table: pd.DataFrame) -> str:
    """List the intervals that hold the truth less often than they state."""
    lines, never = [], []
    for name, rows in table.groupby("interval", sort=False):
        short = rows[rows["verdict"] == "falls short"]
        if len(short):
            where = "; ".join(_where(row) for row in rows_of(short))
            beside = "" if (rows["role"] == "primary").any() else " (nothing rests on it)"
            number = f"{len(short)} of {len(rows)} settings"
            lines.append(f"- **{name}**{beside} falls short in {number}: {where}.")
        elif rows["coverage"].notna().any():
            never.append(str(name))
    return "\n".join([*lines, f"- Nowhere found short: {'; '.join(never) or 'none'}."])


def _where(row: Any) -> str:
    return (
        f"{row.setting} ({percent(row.coverage)}; the truth above it in "
        f"{percent(row.truth_above)}, below it in {percent(row.truth_below)})"
    )


def caveats(coverage: pd.DataFrame, ratings: pd.DataFrame) -> str:
    """Write the sentences that the notebooks should carry."""
    sentences = {
        "Descriptive": (_counts(coverage), _step(coverage)),
        "Satisfaction": (_clustered(coverage), _odds(coverage)),
        "Targets": (_rated(ratings), _zoned(ratings)),
    }
    return "\n".join(
        f"- {notebook}: {sentence}" for notebook, own in sentences.items() for sentence in own
    )


def _level(table: pd.DataFrame) -> str:
    return f"{100 * float(table['nominal'].iloc[0]):.12g} %"


def _counts(table: pd.DataFrame) -> str:
    groups = ["count", "rate a month", "ratio of two periods", "ratio to target"]
    rows = table[table["group"].isin(groups)]
    return (
        f"In simulated studies of this size whose events come one by one, {_level(table)} "
        f"intervals of counts, rates and their ratios held the truth in {span(rows['coverage'])} "
        f"of studies. {_people(table)}"
    )


def _people(table: pd.DataFrame) -> str:
    """Say how those limits do that take the course as the unit."""
    rows = table[table["group"].str.startswith("people by courses")]
    by_course = rows["interval"].isin([BY_COURSE, BY_COURSE_RATIO])
    alike = rows["interval"] == COURSES_ALIKE
    return (
        "Of people who come by courses, those that take the course as the unit held it in "
        f"{span(rows.loc[by_course, 'coverage'])}, those that know only the number of courses in "
        f"{span(rows.loc[alike, 'coverage'])}, and those that ignore the courses would have in "
        f"{span(rows.loc[~by_course & ~alike, 'coverage'])}."
    )


def _step(table: pd.DataFrame) -> str:
    rows = table[table["group"] == "step at the event"]
    alike = rows["setting"].str.contains("like the month before")
    main, averaged = (rows["interval"] == name for name in (QUASI, AUTOREGRESSIVE))
    return (
        f"The {_level(table)} interval of the step held the true ratio in "
        f"{span(rows.loc[~alike & main, 'coverage'])} of simulated studies whose months scatter on "
        f"their own, and in {span(rows.loc[alike & main, 'coverage'])} where each month resembles "
        "the one before, which a series this short cannot rule out; the autoregressive one held "
        f"it in {span(rows.loc[averaged, 'coverage'])} of all of them."
    )


def _clustered(table: pd.DataFrame) -> str:
    rows = table[(table["group"] == "share, answers in courses") & (table["truth"] >= NEAR_ALL)]
    own, naive = (rows[rows["role"] == role] for role in ("primary", "beside"))
    low, high = (f"{100 * limit:.12g} %" for limit in (rows["truth"].min(), rows["truth"].max()))
    few = own.loc[own["truth"] == own["truth"].max(), "few_failures"]
    return (
        f"With a true share of {low} to {high}, the clustered {_level(table)} interval held the "
        f"truth in {span(own['coverage'])} of simulated studies (ignoring the courses: "
        f"{span(naive['coverage'])}), depending on the share and on how alike the answers of one "
        f"course are; at {high}, {span(few)} of studies had fewer than {FEW} answers that are not "
        "high, so that the limits are a guide and no guarantee."
    )


def _odds(table: pd.DataFrame) -> str:
    rows = table[table["group"] == "odds ratio from the event on"]
    whole, two = (rows[rows["interval"] == name] for name in ODDS_RATIO.values())
    rare = two[two["setting"].str.startswith(next(iter(ANSWERS)))]
    return (
        "The comparison of the answers before the event and from it on, which rests on "
        f"{COURSES_AFTER} courses from the event on, was possible in "
        f"{span(1 - whole['no_interval'])} of simulated studies, and its {_level(table)} interval "
        f"then held the true odds ratio in {span(whole['coverage'])}; where 99 % of answers are "
        "high, that of high answers with the others was possible in "
        f"{span(1 - rare['no_interval'])}."
    )


def _rated(table: pd.DataFrame) -> str:
    own = [row[str(row["true_rag"])] for row in table.to_dict("records")]
    red = table[table["true_rag"] == "red"]
    amber = table[table["true_rag"] == "amber"]
    return (
        f"In simulated years a service in the middle of red, amber or green was rated so in "
        f"{span(pd.Series(own))}: a service that is truly red was rated red in "
        f"{span(red['red'])}, and one that is truly amber was called met or nearly met in "
        f"{span(amber['met_or_nearly_met'])}; the rating of one year is partly chance."
    )


def _zoned(table: pd.DataFrame) -> str:
    zoned = table[table["zone red"].notna() & (table["true_rag"] == "red")]
    return (
        "The four zones take answers as independent: a service that is truly red was put into "
        f"amber-green or green in {span(zoned['zone amber-green'] + zoned['zone green'])} of "
        "simulated years, depending on how alike the answers of one course are."
    )
