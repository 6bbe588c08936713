"""Executed notebooks -> the pages of a run, which a browser opens without a network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lmm import __version__
from lmm.disclosure.profiles import protection
from lmm.publish.documents import DOCUMENTS, folder, links, read_document
from lmm.publish.filters import TEMPLATES, environment, in_base64, origin, style, with_numbers
from lmm.publish.handouts.summary import COMPARED, HEADINGS, Finding, Summary
from lmm.publish.ledger import NO_CELL, Ledger
from lmm.publish.markdown import Places
from lmm.publish.prose import rendered
from lmm.publish.report import Report
from lmm.publish.search import Entry, entries_in, entries_of, script_of
from lmm.showing.labels import mark
from lmm.study.problems import visible
from lmm.study.study import Study


@dataclass(frozen=True)
class Site:
    """What all pages of a site share: its name, its mark, its pages by address, and its look."""

    name: str
    mark: str
    pages: tuple[tuple[str, str], ...]  # in reading order, the first page first
    origins: tuple[tuple[str, str], ...]  # the page that says where numbers are from, if there is
    documentation: str
    made: str
    style: Markup
    script: Markup


def write_site(
    study: Study,
    reports: Sequence[Report],
    summary: Summary,
    to: Path,
    ledger: Ledger,
    documentation: str = "",
) -> None:
    """Write the pages of a run: what was found, each report, and the documents that explain them.

    Parameters
    ----------
    to
        The folder of the pages; tables, figures and notebooks are in folders beside it.
    ledger
        Where each number is from.
    documentation
        Where the documentation is as seen from there, if it is at hand.
    """
    to.mkdir(parents=True, exist_ok=True)
    site = _site(study, reports, documentation)
    documents = {f"{name}.html": _document(name) for name in DOCUMENTS}
    bodies = [
        _first_page(site, reports, summary, ledger, to),
        *(_report(site, report, ledger, to) for report in reports),
        *(_origins(site, ledger) for _ in site.origins),
        *(
            _explained(site, href, text, protection(study) if href == PROTECTED else "")
            for href, text in documents.items()
        ),
        _references(site),
        *(_verification(site, None) for href, _ in site.pages if href == VERIFIED),
    ]
    for (href, _), body in zip(site.pages, bodies, strict=True):
        (to / href).write_text(f"{body.strip()}\n", encoding="utf-8", newline="\n")
    sought = [entry for report in reports for entry in entries_of(report)]
    for href, text in {"index.html": bodies[0], **documents}.items():
        sought += entries_in(text.partition("<main")[2] or text, href, dict(site.pages)[href])
    sought += [
        Entry(f"references.html#{each.key}", "References", f"{each.cited} {each.year}", each.text)
        for each in links().references.values()
    ]
    (to / "search.js").write_text(script_of(sought, site.mark), encoding="utf-8")


def write_alone(study: Study, report: Report, ledger: Ledger, to: Path, above: str) -> None:
    """Write the page of one report, and where its numbers are from, as part of a larger site.

    Parameters
    ----------
    to
        As `write_site` takes it.
    above
        The folder of the first page and of the documents, as seen from there: "../../".
    """
    to.mkdir(parents=True)
    site = _site(study, [report], "")
    alone = tuple(page for page in site.pages if page[0] != VERIFIED)
    site = replace(site, pages=(("index.html", ALL_RESULTS), *alone[1:]), name=ALL_RESULTS)
    bodies = {report.href: _report(site, report, ledger, to)}
    bodies |= {href: _origins(site, ledger) for href, _ in site.origins}
    shared = "|".join(href for href, _ in site.pages if href not in bodies)
    for href, body in bodies.items():
        text = re.sub(rf'href="(?=({shared})[#"])', f'href="{above}', body).strip()
        (to / href).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    (to / "search.js").write_text(script_of(entries_of(report), site.mark), encoding="utf-8")


def write_first(title: str, mark: str, template: str, to: Path, **given: Any) -> None:
    """Write the first page of a larger site, and the documents that its reports refer to."""
    documents = {f"{name}.html": _document(name) for name in DOCUMENTS}
    named = tuple((f"{name}.html", words) for name, words in DOCUMENTS.items())
    pages = (("index.html", title), *named, ("references.html", "References"))
    made = f"Made by lmm {__version__} from released counts."
    script = Markup((TEMPLATES / "site.js").read_text(encoding="utf-8"))
    site = Site(title, mark, pages, (), "", made, style("site"), script)
    first = _page(template, site, "index.html", title=title, **given)
    explained = [_explained(site, href, text, "") for href, text in documents.items()]
    bodies = [first, *explained, _references(site)]
    for (href, _), body in zip(pages, bodies, strict=True):
        (to / href).write_text(f"{body.strip()}\n", encoding="utf-8", newline="\n")
    texts = {"index.html": first, **documents}
    sought = [
        entry
        for href, text in texts.items()
        for entry in entries_in(text.partition("<main")[2] or text, href, dict(pages)[href])
    ]
    (to / "search.js").write_text(script_of(sought, mark), encoding="utf-8")


ALL_RESULTS = "All results"
"""What the first page of a larger site is called on the pages of its reports."""

ORIGINS = "origins.html", "Where numbers are from"
VERIFIED, VERIFICATION = "verify.html", "Verification"
"""The page that says whether results are reproduced: since a run, nobody knows."""


def write_verified(study: Study, reports: Sequence[Report], verified: object, to: Path) -> None:
    """Write what came of a verification as a page of a site; it leads to the pages that are there.

    Parameters
    ----------
    verified
        What the template shows: see `lmm.review.verify.account`.
    """
    site = _site(study, reports, "")
    there = tuple(page for page in site.pages if page[0] == VERIFIED or (to / page[0]).is_file())
    body = _verification(replace(site, pages=there), verified)
    to.mkdir(parents=True, exist_ok=True)
    (to / VERIFIED).write_text(f"{body.strip()}\n", encoding="utf-8", newline="\n")


def _verification(site: Site, verified: object) -> str:
    return _page("verify.html.j2", site, VERIFIED, title=VERIFICATION, verified=verified)


def _site(study: Study, reports: Sequence[Report], documentation: str) -> Site:
    numbered = tuple((report.href, report.short_title) for report in reports)
    documents = tuple((f"{name}.html", title) for name, title in DOCUMENTS.items())
    tables = [table for report in reports for table in report.of_kind("table")]
    origins = (ORIGINS,) if any(table.source for table in tables) else ()
    last = (
        ("references.html", "References"),
        *[(VERIFIED, VERIFICATION)] * (not study.is_internal),
    )
    return Site(
        visible(study.service),
        mark(study),
        (("index.html", "Findings"), *numbered, *origins, *documents, *last),
        origins,
        documentation,
        f"Made by lmm {__version__} from released counts.",
        style("site"),
        Markup((TEMPLATES / "site.js").read_text(encoding="utf-8")),
    )


# --- the kinds of page -----------------------------------------------------------------------


def _page(template: str, site: Site, here: str, **given: Any) -> str:
    """Fill a template for the page at an address, between those before and after it."""
    n = [href for href, _ in site.pages].index(here)
    before, after = site.pages[n - 1] if n else None, (*site.pages, None)[n + 1]
    shared = {"site": site, "here": here, "before": before, "after": after}
    return environment().get_template(template).render(**shared, **given)


def _report(site: Site, report: Report, ledger: Ledger, to: Path) -> str:
    pdf = f"../reports/{report.name}.pdf"
    return _page(
        "report.html.j2",
        site,
        report.href,
        title=report.title,
        report=report,
        places=Places(report.places),
        tables={table.name: table for table in report.of_kind("table")},
        ledger=ledger,
        pdf=pdf if (to / pdf).is_file() else "",
        pngs=_pngs(to),
    )


def _first_page(
    site: Site, reports: Sequence[Report], summary: Summary, ledger: Ledger, to: Path
) -> str:
    figures = {(r.name, each.place): (r, each) for r in reports for each in r.of_kind("figure")}
    handed = {f"../{name}": words for name, words in HANDED.items()}
    return _page(
        "index.html.j2",
        site,
        "index.html",
        title=site.name,
        summary=summary,
        ledger=ledger,
        headings=HEADINGS,
        compared=COMPARED,
        findings=[_with_links(finding, ledger) for finding in summary.findings],
        pictures=[(each, *figures[each.report, each.place]) for each in summary.pictures],
        reports=reports,
        pngs=_pngs(to),
        files=[(href, words) for href, words in handed.items() if (to / href).is_file()],
    )


def _pngs(to: Path) -> set[str]:
    """Name the figures of which there is a PNG; a repository does not keep those."""
    return {path.stem for path in (to / "../figures").glob("*.png")}


def _explained(site: Site, href: str, text: Markup, here: str) -> str:
    """Fill the page of a document, with what holds for the results of this site."""
    title, contents = dict(site.pages)[href], _headings(text)
    given = {"title": title, "text": text, "contents": contents, "of_these": here}
    return _page("document.html.j2", site, href, **given)


PROTECTED = "disclosure.html"

HANDED = {
    "summary.pdf": "Summary on two pages (PDF)",
    "summary.docx": "the same to edit (Word)",
    "tables.xlsx": "all tables (Excel)",
}
"""What lies beside the site, if it was made."""


def _with_links(finding: Finding, ledger: Ledger) -> Markup:
    """Link each number of a finding to the table that it comes from, and say from where in it."""
    href = f"{finding.report}.html#{finding.place}"
    told = with_numbers(finding.sentence, finding.numbers, finding.of, href, ledger)
    from_ = origin(finding.of, ledger)
    return Markup("{} <small>({}{})</small>").format(told, finding.source, from_)


def _origins(site: Site, ledger: Ledger) -> str:
    """Fill the page that says of each result and number where it is from."""
    answers = [(each, a) for each in ledger.reports for a in each.of_kind("answer")]
    return _page(
        "origins.html.j2",
        site,
        ORIGINS[0],
        title=ORIGINS[1],
        ledger=ledger,
        no_cell=NO_CELL,
        answers=[(report, answer) for report, answer in answers if answer.of in ledger.origins],
    )


def _document(name: str) -> Markup:
    """Render a document, with its figures in it."""
    text = rendered(read_document(name), links())

    def inlined(found: re.Match[str]) -> str:
        picture = folder() / found[1]
        if not picture.is_file():
            return found[0]
        return f'src="data:image/svg+xml;base64,{in_base64(picture.read_text("utf-8"))}"'

    return Markup(re.sub(r'src="([\w-]+\.svg)"', inlined, text))


def _headings(text: str) -> list[tuple[str, Markup]]:
    found = re.findall(r'<h2 id="([^"]*)">(.*?)<a class="anchor"', text)
    return [(place, Markup(re.sub("<small>.*?</small>", "", words))) for place, words in found]


def _references(site: Site) -> str:
    every = sorted(links().references.values(), key=lambda each: each.text)
    return _page(
        "references.html.j2", site, "references.html", title="References", references=every
    )
