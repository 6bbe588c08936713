"""Prose -> HTML, with references linked to the bibliography and terms to the glossary."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lmm.publish.markdown import Places, parser, slug
from lmm.study.problems import Problem, StudyError, nearest


@dataclass(frozen=True)
class Term:
    """A term of the glossary: where it is explained, and its definition in a sentence or two."""

    name: str
    definition: str

    @property
    def place(self) -> str:
        """Its anchor in the glossary."""
        return slug(self.name)


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography: its key, how it is cited, and how it reads in full."""

    key: str
    authors: tuple[str, ...]
    year: str
    text: str

    @property
    def cited(self) -> str:
        """As a text names its authors: one, two, or the first and others."""
        if len(self.authors) == 1:
            return self.authors[0]
        if len(self.authors) == 2:
            return " and ".join(self.authors)
        return f"{self.authors[0]} et al."


@dataclass(frozen=True)
class Links:
    """What words of a text lead to.

    Attributes
    ----------
    terms
        By each way of writing them, in lower case.
    references
        By key.
    pages
        Documents that have a page on this site, by file name: ``methods.md``.
    """

    terms: Mapping[str, Term] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def term(self) -> re.Pattern[str]:
        """What finds a term in a text; of several that begin alike, the longest."""
        words = sorted(self.terms, key=len, reverse=True)
        either = "|".join(map(re.escape, words))
        return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])", re.IGNORECASE)


def rendered(markdown: str, links: Links, places: Places | None = None) -> Markup:
    """Render Markdown; raw HTML in it is shown as text.

    Parameters
    ----------
    places
        The anchors of its page, if there is more on that.
    """
    text = parser(places or Places(), lambda url: _leads_to(url, links))(markdown)
    return Markup(_linked(text, links))


def _leads_to(url: str, links: Links) -> str:
    """Give where something is on this site, or elsewhere; "" if it is on neither."""
    found = re.fullmatch(r"(?:\.\./docs/)?([\w-]+\.md)(#.*)?", url)
    if found and found[1] in links.pages:
        return links.pages[found[1]] + (found[2] or "")
    return url if re.match("#|[A-Za-z]+:", url) else ""


# --- what is meant for authors ---------------------------------------------------------------

FOR_AUTHORS = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|<!--.*?-->|\{cite:(?P<role>[pt])\}`(?P<keys>[^`]*)`",
    re.DOTALL | re.MULTILINE,
)
"""Comments and citations; and code, in which neither is one."""


def in_words(markdown: str, references: Mapping[str, Reference], file: str) -> str:
    """Leave comments out, and put authors and years in place of ``{cite:p}`wilson1927```.

    Parameters
    ----------
    file
        Where the text is from, to be named.

    Raises
    ------
    StudyError
        If a key is none of the references'.
    """

    def worded(found: re.Match[str]) -> str:
        if found["code"]:
            return found["code"]
        if found["role"] is None:
            return ""
        known = [_reference(key.strip(), references, file) for key in found["keys"].split(",")]
        if found["role"] == "t":
            return ", ".join(f"{each.cited} ({each.year})" for each in known)
        return f"({'; '.join(f'{each.cited} {each.year}'.strip() for each in known)})"

    return FOR_AUTHORS.sub(worded, markdown)


def _reference(key: str, references: Mapping[str, Reference], file: str) -> Reference:
    if key in references:
        return references[key]
    meant = nearest(key, references)
    fix = (f"is it {meant!r}? " if meant else "") + (
        "Cite one of those in docs/references.bib, or write authors and year in words"
    )
    raise StudyError(Problem(f"cites {key!r}, which is no reference", file=file, fix=fix))


# --- links in running text -------------------------------------------------------------------

UNTOUCHED = re.compile(r"<(a|code|pre|math|h[1-6])\b.*?</\1>|<[^>]*>", re.DOTALL)
"""What is left as it is: links, code, formulas, headings and the marks themselves."""


def _linked(text: str, links: Links) -> str:
    """Link each citation, and each term where it first stands in a text."""
    for each in links.references.values():
        text = _with_reference(text, each)
    seen: set[str] = set()
    return _between(text, lambda words: _with_terms(words, links, seen))


def _between(text: str, change: Callable[[str], str]) -> str:
    """Change what stands between that which is left as it is."""
    parts, end = [], 0
    for found in UNTOUCHED.finditer(text):
        parts += [change(text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, change(text[end:])])


def _with_reference(text: str, each: Reference) -> str:
    if not each.year or each.year not in text:
        return text
    who, year = re.escape(html.escape(each.cited, quote=False)), re.escape(each.year)
    cited = re.compile(rf"{who}(?:'s)?(?:[^()<>;.]{{0,24}}?) (?:{year}(?!\d)|\({year}\))")
    link = rf'<a href="references.html#{each.key}">\g<0></a>'
    return _between(text, lambda words: cited.sub(link, words))


def _with_terms(text: str, links: Links, seen: set[str]) -> str:
    if not links.terms:
        return text
    return links.term.sub(lambda found: _term(found[0], links, seen), text)


def _term(found: str, links: Links, seen: set[str]) -> str:
    term = links.terms[found.lower()]
    if term.place in seen:
        return found
    seen.add(term.place)
    return str(
        Markup(
            '<span class="term"><a href="glossary.html#{0}">{1}</a>'
            '<span role="tooltip">{2}</span></span>'
        ).format(term.place, Markup(found), term.definition)
    )


# --- the bibliography and the glossary -------------------------------------------------------


def read_terms(path: Path) -> dict[str, Term]:
    """Read the terms of a glossary: a heading with the ways of writing it, then a definition."""
    found = {}
    pieces = re.split(r"^## (.*)$", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for heading, text in zip(pieces[::2], pieces[1::2], strict=True):
        names = [name.strip() for name in heading.split(" / ")]
        term = Term(names[0], text.strip().split("\n\n")[0].replace("\n", " "))
        found.update({name.lower(): term for name in names})
    return found


def read_references(path: Path) -> dict[str, Reference]:
    """Read a BibTeX file."""
    from pybtex.database import parse_file  # noqa: PLC0415

    return {
        key: Reference(
            key,
            tuple(_last_name(person) for person in entry.persons["author"]),
            entry.fields.get("year", ""),
            _in_full(entry),
        )
        for key, entry in parse_file(str(path)).entries.items()
    }


def _last_name(person: Any) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names]))


def _with_initials(person: Any) -> str:
    initials = " ".join(f"{name[0]}." for name in person.first_names)
    return ", ".join(filter(None, (_last_name(person), initials)))


def _plain(text: str) -> str:
    """Give the text of a BibTeX field."""
    from pybtex.richtext import Text  # noqa: PLC0415

    return str(Text.from_latex(text)).replace("--", "–")


def _in_full(entry: Any) -> str:
    """Write an entry: who, when, what, where."""
    people = [_with_initials(person) for person in entry.persons["author"]]
    fields = {name: _plain(text) for name, text in entry.fields.items()}
    where = [
        fields[name]
        for name in ("journal", "booktitle", "publisher", "institution", "howpublished")
        if name in fields
    ]
    if "volume" in fields:
        where.append(fields["volume"])
    if "pages" in fields:
        where.append(fields["pages"])
    last = fields.get("doi") or fields.get("url", "")
    who = people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"
    year = fields.get("year", "no date")
    parts = [f"{who} ({year})", fields["title"].rstrip("."), ", ".join(where), last]
    return ". ".join(filter(None, parts)) + "."
