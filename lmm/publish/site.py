"""Executed notebooks -> the pages of a run, which a browser opens without a network."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from lmm import __version__
from lmm.publish.documents import DOCUMENTS, folder, links, read_document
from lmm.publish.handouts.summary import Finding, Summary
from lmm.publish.prose import anchor, rendered
from lmm.publish.report import Answer, Block, Figure, Other, Report, Section, Table
from lmm.publish.search import Entry, entries_of, script_of
from lmm.publish.sources import Source, source_of
from lmm.showing.html import templates
from lmm.showing.labels import mark
from lmm.study.problems import visible
from lmm.study.study import Study

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Site:
    """What all pages of a site share: its name, its mark, its pages by address, and its look."""

    name: str
    mark: str
    pages: tuple[tuple[str, str], ...]
    documentation: str
    made: str
    style: Markup
    script: Markup


def write_site(
    study: Study,
    reports: Sequence[Report],
    summary: Summary,
    to: Path,
    documentation: str = "",
) -> None:
    """Write the pages of a run: what was found, each report, and the documents that explain them.

    Parameters
    ----------
    to
        The folder of the pages; tables, figures and notebooks are in folders beside it.
    documentation
        Where the documentation is as seen from there, if it is at hand.
    """
    to.mkdir(parents=True, exist_ok=True)
    site = _site(study, reports, documentation)
    sought: list[Entry] = [entry for report in reports for entry in entries_of(report)]
    places = [(None, "index.html", "Findings"), *((r, r.href, r.title) for r in reports)]
    for n, (report, here, title) in enumerate(places):
        shared = {
            "site": site,
            "here": here,
            "before": places[n - 1][1:] if n else None,
            "after": places[n + 1][1:] if n + 1 < len(places) else None,
        }
        if report is None:
            body = _first_page(study, reports, summary, shared, to)
        else:
            body = _report(report, shared, title, to)
        _write(to / here, body)
    for name, title in DOCUMENTS.items():
        shared = {"site": site, "here": f"{name}.html", "before": None, "after": None}
        text = _document(name)
        sought += _entries(text, f"{name}.html", title)
        body = _rendered(
            "document.html.j2", **shared, title=title, text=text, contents=_headings(text)
        )
        _write(to / f"{name}.html", body)
    _write(to / "references.html", _references(site))
    (to / "search.js").write_text(script_of(sought, site.mark), encoding="utf-8")


def _site(study: Study, reports: Sequence[Report], documentation: str) -> Site:
    numbered = tuple((report.href, _short(report.title)) for report in reports)
    documents = tuple((f"{name}.html", title) for name, title in DOCUMENTS.items())
    return Site(
        visible(study.service),
        mark(study),
        (*numbered, *documents),
        documentation,
        f"Made by lmm {__version__} from released counts.",
        style(),
        Markup((TEMPLATES / "site.js").read_text(encoding="utf-8")),
    )


def _short(title: str) -> str:
    """Give the first words of a report's title: those before its colon."""
    return title.partition(":")[0]


def style() -> Markup:
    """Give the style sheet of every page."""
    return Markup((TEMPLATES / "site.css").read_text(encoding="utf-8"))


def _write(page: Path, body: str) -> None:
    page.write_text(f"{body.strip()}\n", encoding="utf-8", newline="\n")


# --- the kinds of page -----------------------------------------------------------------------


def _report(report: Report, shared: dict[str, Any], title: str, to: Path) -> str:
    pdf = f"../reports/{report.name}.pdf"
    return _rendered(
        "report.html.j2",
        **shared,
        title=title,
        report=report,
        tables={table.name: table for table in report.of_kind("table")},
        pdf=pdf if (to / pdf).is_file() else "",
    )


def _first_page(
    study: Study,
    reports: Sequence[Report],
    summary: Summary,
    shared: dict[str, Any],
    to: Path,
) -> str:
    return _rendered(
        "index.html.j2",
        **shared,
        title=visible(study.service),
        summary=summary,
        findings=[_with_links(finding) for finding in summary.findings],
        reports=reports,
        files=[
            (f"../{name}", words) for name, words in HANDED.items() if (to.parent / name).is_file()
        ],
    )


HANDED = {
    "summary.pdf": "Summary on two pages (PDF)",
    "summary.docx": "the same to edit (Word)",
    "tables.xlsx": "all tables (Excel)",
}
"""What lies beside the site, if it was made."""

NUMBER = re.compile(r"\d[\d,.]*\d%?|\d%?(?:/\d\d)?")


def _with_links(finding: Finding) -> Markup:
    """Link each number of a finding to the table that it comes from."""
    href = f"{finding.report}.html#{finding.place}"
    link = Markup('<a href="{0}">{1}</a>')
    pieces = NUMBER.split(finding.sentence)
    numbers = NUMBER.findall(finding.sentence)
    parts = [Markup.escape(pieces[0])]
    for number, piece in zip(numbers, pieces[1:], strict=True):
        parts += [link.format(href, number), Markup.escape(piece)]
    return Markup("").join(parts)


def _document(name: str) -> Markup:
    """Render a document, with its figures in it."""
    text = rendered(read_document(name), links())

    def inlined(found: re.Match[str]) -> str:
        picture = folder() / found[1]
        if not picture.is_file():
            return found[0]
        return f'src="data:image/svg+xml;base64,{_in_base64(picture.read_text("utf-8"))}"'

    return Markup(re.sub(r'src="([\w-]+\.svg)"', inlined, text))


def _headings(text: str) -> list[tuple[str, Markup]]:
    found = re.findall(r'<h2 id="([^"]*)">(.*?)<a class="anchor"', text)
    return [(place, Markup(words)) for place, words in found]


def _entries(text: str, href: str, title: str) -> list[Entry]:
    """Make the search find each section of a document."""
    pieces = re.split(r'<h[23] id="([^"]*)">(.*?)<a class="anchor".*?</h[23]>', text)
    return [
        Entry(f"{href}#{place}", title, _bare(words), _bare(body))
        for place, words, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    ]


def _bare(text: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())


def _references(site: Site) -> str:
    every = sorted(links().references.values(), key=lambda each: each.text)
    shared = {"site": site, "here": "references.html", "before": None, "after": None}
    return _rendered("references.html.j2", **shared, title="References", references=every)


# --- what the templates are given ------------------------------------------------------------


def _rendered(name: str, **given: Any) -> str:
    return _environment().get_template(name).render(**given)


@cache
def _environment() -> Environment:
    made = templates(TEMPLATES)
    made.filters |= {
        "prose": _prose,
        "anchor": anchor,
        "highlighted": _highlighted,
        "in_base64": _in_base64,
        "dimensions": _dimensions,
        "linked_answer": _linked_answer,
        "drawn_by": _drawn_by,
        "as_shown": _as_shown,
        "method": _method,
    }
    return made


def _prose(markdown: str) -> Markup:
    return rendered(markdown, links())


def _highlighted(code: str) -> Markup:
    from pygments import highlight  # noqa: PLC0415
    from pygments.formatters import HtmlFormatter  # noqa: PLC0415
    from pygments.lexers import PythonLexer  # noqa: PLC0415

    return Markup(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)))


def _in_base64(svg: str) -> str:
    return base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _dimensions(svg: str) -> Markup:
    """Give the natural size of a figure, so that a page does not move while it loads."""
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if not found:
        return Markup("")
    width, height = (round(float(length) * 96 / 72) for length in found.groups())
    return Markup(' width="{}" height="{}"').format(width, height)


def _linked_answer(answer: Answer, tables: dict[str, Table]) -> Markup:
    text = " ".join(answer.sentences)
    if answer.of not in tables:
        return Markup.escape(text)
    table = tables[answer.of]
    return Markup('{} <a href="#{}">{}</a>').format(text, table.place, table.number)


def _drawn_by(block: Block) -> Source | None:
    return source_of(block.drawn_by) if isinstance(block, Figure) else None


def _method(section: Section) -> str:
    """Give the section of Methods that a section of a report refers to."""
    prose = " ".join(block.markdown for block in section.of_kind("prose"))
    found = re.search(r"\]\(\.\./docs/methods\.md(#[\w-]+)\)", prose)
    return f"methods.html{found[1]}" if found else ""


def _as_shown(block: Other) -> Markup:
    """Show what a notebook shows without a page: as a picture, or else as text."""
    if "image/svg+xml" in block.data:
        source = f"image/svg+xml;base64,{_in_base64(block.data['image/svg+xml'])}"
        return Markup('<img alt="{}" src="data:{}">').format(_text(block), source)
    if "image/png" in block.data:
        return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(
            _text(block), block.data["image/png"].replace("\n", "")
        )
    if "text/html" in block.data:
        return Markup(block.data["text/html"])
    return Markup('<pre tabindex="0">{}</pre>').format(_text(block))


def _text(block: Other) -> str:
    return block.data.get("text/plain", "")
