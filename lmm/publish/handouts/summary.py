"""What a commissioner is told: findings, figures, targets, and how sure all of it is.

This is what is said, and no format of it: the PDF, the Word file and the first page of the site
are made from a `Summary`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lmm.cleaning.save import read_saved
from lmm.counting.counts import Counts
from lmm.publish.handouts.caveats import ANSWERS_OF, Caveat, how_sure, limits
from lmm.publish.report import Answer, Figure, Number, Report
from lmm.showing.labels import mark, parts_in_words, period_in_words
from lmm.showing.wording import sentence, titled
from lmm.study.problems import counted, visible
from lmm.study.study import Study

MOST_FINDINGS, MOST_FIGURES, MOST_TARGETS, MOST_YEARS, MOST_PUBLISHED = 8, 4, 12, 6, 12
"""How much two pages hold."""

READ_AGAIN = "run again, which writes it anew"


HEADINGS = {
    "findings": "What was found",
    "figures": "In figures",
    "targets": "Targets",
    "published": "Published figures",
    "planned": "Planned before seen",
    "sure": "How sure is this?",
    "limits": "What it cannot show",
}
"""Of the parts of a summary, in whatever format."""

COMPARED = ("What", "Printed", "Computed", "Status")
"""Headings of the table of published figures."""


@dataclass(frozen=True)
class Finding:
    """One sentence, and the table that it comes from.

    Attributes
    ----------
    report, place
        The name of the report, such as ``1-descriptive``, and the anchor of the table on its page.
    source
        The table and what it rests on: "1 Descriptive analysis, Table 3; rests on: assumed".
    of, numbers
        The result, and the numbers of the sentence.
    """

    sentence: str
    report: str
    place: str
    source: str
    of: str = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure of a report; ``name`` is that of its files in ``outputs/figures``."""

    name: str
    caption: str
    alt: str
    svg: str
    report: str
    place: str


@dataclass(frozen=True)
class Rated:
    """A target in one year: a colour's name, such as "amber", and the verdict in words."""

    rating: str
    verdict: str


@dataclass(frozen=True)
class Targets:
    """The verdicts, a row a target and a column a year; None where there is no target."""

    years: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Rated | None, ...]], ...]


@dataclass(frozen=True)
class Published:
    """A published figure, what was computed, whether the two agree, and where it was published."""

    meaning: str
    printed: str
    computed: str
    status: str
    source: str
    figure: str = ""


@dataclass(frozen=True)
class Summary:
    """All that the summary says, in the order in which it is said; all of it is plain text.

    Attributes
    ----------
    mark
        What the records are, to stand on every page; empty for a release of real ones.
    title, period, years
        The service, the days that are analysed, and of which contract years these are a part.
    findings, pictures, targets, published
        Empty, or None, where the study has none; at most as many as two pages hold.
    sources
        Where the published figures were published.
    planned
        What was registered before the records were seen, and what is not as it was planned.
    sure, limits
        What has to be known to judge the findings: each a heading and a few sentences, or
        sentences alone.
    remarks
        What there is none of, and what was left out because there is more of it than two pages
        hold, in a sentence each.
    """

    mark: str
    title: str
    period: str
    years: str
    findings: tuple[Finding, ...]
    pictures: tuple[Picture, ...]
    targets: Targets | None
    published: tuple[Published, ...]
    sources: tuple[str, ...]
    planned: tuple[str, ...]
    sure: tuple[Caveat, ...]
    limits: tuple[str, ...]
    remarks: tuple[str, ...]


def summary_of(
    counts: Counts,
    reports: Sequence[Report],
    compared: pd.DataFrame,
    planned: Sequence[str] = (),
) -> Summary:
    """Make the summary of a run from its reports, its tables and the published comparison.

    Parameters
    ----------
    counts
        Those of the run, for what it counts, and what that is called.
    compared
        The table that `lmm.analysis.claims.compare` gives.
    planned
        What `lmm.publish.registered` says of the registration.
    """
    study, parameters = counts.study, counts.parameters
    findings = [each for report in reports for each in _findings(report)]
    pictures = [each for report in reports for each in _pictures(report)]
    rated = _saved(study, "targets_achieved")
    published = _published(compared)
    return Summary(
        mark=mark(study),
        title=visible(study.service),
        period=period_in_words(parameters),
        years=parts_in_words(study, parameters),
        findings=tuple(findings[:MOST_FINDINGS]),
        pictures=tuple(pictures[:MOST_FIGURES]),
        targets=_targets(counts, rated) if len(rated) else None,
        published=published[:MOST_PUBLISHED],
        sources=tuple(dict.fromkeys(each.source for each in published if each.source)),
        planned=tuple(map(visible, planned)),
        sure=how_sure(study, parameters, _saved(study, ANSWERS_OF)),
        limits=limits(study, rated),
        remarks=_remarks(len(findings), len(pictures), rated, len(published)),
    )


def _saved(study: Study, name: str) -> pd.DataFrame:
    """Read a table of this run; one without columns if there is none."""
    path = study.outputs / "tables" / f"{name}.csv"
    return read_saved(path, study, READ_AGAIN) if path.is_file() else pd.DataFrame()


def _findings(report: Report) -> list[Finding]:
    tables = {table.name: table for table in report.of_kind("table")}
    answers: list[Answer] = [each for each in report.of_kind("answer") if each.first_page]
    found = []
    for answer in answers:
        table = tables.get(answer.of)
        place = ", ".join([report.short_title] + ([table.number] if table else []))
        source = f"{place}; rests on: {answer.rests_on}"
        anchor, numbers = table.place if table else "", next(iter(answer.numbers), ())
        found.append(Finding(answer.sentences[0], report.name, anchor, source, answer.of, numbers))
    return found


def _pictures(report: Report) -> list[Picture]:
    titles = {table.name: table.title for table in report.of_kind("table")}
    figures: list[Figure] = [each for each in report.of_kind("figure") if each.first_page]
    return [
        Picture(
            each.name,
            each.caption or titles.get(each.of[0]) or titled(each.name),
            *(each.alt, each.svg, report.name, each.place),
        )
        for each in figures
    ]


def _targets(counts: Counts, rated: pd.DataFrame) -> Targets:
    """Lay out the verdicts by target and year, the last years and the first targets."""
    years = tuple(sorted(set(rated["contract_year"])))[-MOST_YEARS:]
    names = list(dict.fromkeys(rated["indicator"]))[:MOST_TARGETS]
    found = {
        (row["indicator"], row["contract_year"]): Rated(row["rag"], row["verdict"])
        for row in rated.to_dict("records")
    }
    rows = tuple(
        (sentence(visible(counts.label(name))), tuple(found.get((name, year)) for year in years))
        for name in names
    )
    return Targets(tuple(map(visible, years)), rows)


def _published(compared: pd.DataFrame) -> tuple[Published, ...]:
    return tuple(
        Published(
            *(
                visible(str(row[name]))
                for name in ("meaning", "printed", "computed", "status", "source", "figure")
            )
        )
        for row in compared.to_dict("records")
    )


def _remarks(findings: int, pictures: int, rated: pd.DataFrame, published: int) -> tuple[str, ...]:
    """Say what there is none of, and of what there is more."""
    targets = rated["indicator"].nunique() if len(rated) else 0
    years = rated["contract_year"].nunique() if len(rated) else 0
    none = [
        "The reports mark no answer as a finding." * (not findings),
        "The reports mark no figure for the summary." * (not pictures),
        "There is no rated target." * (not targets),
        "There is no published figure to compare with." * (not published),
    ]
    more = [
        _more(findings - MOST_FINDINGS, "finding"),
        _more(pictures - MOST_FIGURES, "figure"),
        _more(targets - MOST_TARGETS, "target"),
        _more(years - MOST_YEARS, "earlier year"),
        _more(published - MOST_PUBLISHED, "published figure"),
    ]
    return tuple(filter(None, (*none, *more)))


def _more(number: int, noun: str) -> str:
    if number <= 0:
        return ""
    return f"{counted(number, noun)} more {'is' if number == 1 else 'are'} in the reports."
