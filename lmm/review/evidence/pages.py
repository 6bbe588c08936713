"""The pages of evidence, and the manifest, written from what was found."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lmm.review.evidence import replication
from lmm.review.evidence.codecheck_rules import Rule
from lmm.review.evidence.codecheck_rules import rules as held_rules
from lmm.review.evidence.measured import Measured
from lmm.review.evidence.places import Place
from lmm.review.evidence.standards import Answer, Status, answered, standards
from lmm.review.evidence.subject import Subject
from lmm.study.problems import counted

STATUSES = get_args(Status)
WRITTEN = "*Written by `lmm evidence`: change what it looks at, and not this page.*"


def names() -> list[str]:
    """Give the names of all pages."""
    return [
        *(f"{each.page}.md" for each in standards()),
        "index.md",
        "codecheck.md",
        "replication.md",
    ]


def pages(subject: Subject, to: Path, manifest: Path) -> dict[str, str]:
    """Write every page, by its name in a folder.

    Parameters
    ----------
    to
        The folder that the pages are for, from which their links lead.
    manifest
        The ``codecheck.yml`` that is held to its rules, as it is on the disk.
    """
    render = _templates(subject, to)
    found = [(each, [answered(item, subject) for item in each.items]) for each in standards()]
    rules = held_rules(manifest, subject.home)
    made = {
        f"{standard.page}.md": render("standard", standard=standard, answers=answers)
        for standard, answers in found
    }
    in_docs = is_documentation(subject, to)
    lines = in_docs and (to.parent / "tested-lines.md").is_file()  # by `make coverage`
    made["index.md"] = render("index", found=found, rules=rules, in_docs=in_docs, lines=lines)
    files = sum(len(report.numbered) for report in subject.reports)
    checked = _stands(rules, "CC-CFG-008")
    made["codecheck.md"] = render("codecheck", rules=rules, files=files, checked=checked)
    made["replication.md"] = render("replication", **_replication(subject))
    return made


def _stands(rules: Sequence[Rule], name: str) -> bool:
    return any(each.name == name and each.status == "verified" for each in rules)


def is_documentation(subject: Subject, to: Path) -> bool:
    """Say whether pages become part of the documentation of the compendium."""
    return subject.is_compendium and to.resolve() == subject.home.resolve() / "docs/evidence"


def _replication(subject: Subject) -> dict[str, Any]:
    """Collect what the replication README says."""
    datasets, shown = list(replication.datasets(subject)), list(replication.shown(subject))
    measured = subject.measured
    return {
        "subject": subject,
        "study": subject.study,
        "reports": subject.reports,
        "measured": measured,
        "seconds": _duration(measured),
        "datasets": datasets,
        "all_here": all(here for *_, here in datasets),
        "all_made": replication.verified("outputs", subject),
        "licence": replication.verified("licence", subject),
        "packages": replication.packages(subject),
        "seeded": replication.verified("seeded", subject),
        "spans": replication.spans,
        "stages": replication.stages(),
        "shown": shown,
        "tables": sum(each.number.startswith("Table") for each in shown),
        "figures": sum(each.number.startswith("Figure") for each in shown),
    }


def _duration(measured: Measured | None) -> str:
    seconds = (measured and measured.seconds) or 0
    if seconds < 120:
        return counted(seconds, "second")
    return f"about {counted(round(seconds / 60), 'minute')}"


def _templates(subject: Subject, to: Path) -> Any:
    """Give what renders a template by name."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined,
                              keep_trailing_newline=True)  # fmt: skip
    environment.filters |= {"plain": plain, "code": code, "lower_first": _lower_first,
                            "sentence": _sentence}  # fmt: skip
    environment.globals |= {
        "written": WRITTEN,
        "reference": replication.reference,
        "count": _count,
        "statuses": STATUSES,
        "tally": _tally,
        "told": lambda answer: _told(answer, subject, to),
    }
    return lambda name, **given: re.sub(
        r"\n{3,}", "\n\n", environment.get_template(f"{name}.md.j2").render(**given)
    )


def _count(answers: Sequence[Any], status: str) -> int:
    return sum(each.status == status for each in answers)


def _tally(answers: Sequence[Any]) -> str:
    """Say how many items have which status."""
    verified, lacking, person, idle = (_count(answers, status) for status in STATUSES)
    rest = f", {idle} that do not apply" if idle else ""
    return (
        f"Of {counted(len(answers), 'item')}, {verified} verified, {lacking} not met, "
        f"{person} for a person to judge{rest}."
    )


def _told(answer: Answer, subject: Subject, to: Path) -> str:
    """Say in a cell of a table what was found, where, how to see it again, and what to judge."""
    places = "; ".join(_link(place, subject, to) for place in answer.places)
    judge = answer.item.judge if answer.status == "needs a person" else ""
    parts = (
        f"Addressed in {places}." if places else "",
        _sentence(answer.found),
        f"Again: {code(answer.again)}." if answer.again else "",
        f"To judge: {judge}." if judge else "",
    )
    return " ".join(filter(None, parts))


def _sentence(text: str) -> str:
    """End it, and begin it with a capital unless it begins with a path."""
    said = _one_line(text).replace("|", "\\|")
    if re.match(r"[a-z]+[ ,;]", said):
        said = said[0].upper() + said[1:]
    return f"{said}." if said else ""


def _link(place: Place, subject: Subject, to: Path) -> str:
    """Lead to a place where a page can lead there; else name it."""
    words = plain(place.words)
    if place.file.endswith(".ipynb"):
        name = Path(place.file).stem
        if subject.is_compendium:
            page = os.path.relpath(subject.home / place.file, to)
        else:
            page = os.path.relpath(subject.study.outputs / f"site/{name}.html", to)
        return f"[{plain(name)}: {words}]({Path(page).as_posix()}#{place.anchor})"
    if place.file.startswith("docs/") and is_documentation(subject, to):
        page = place.file.removeprefix("docs/")
        return f"[{words}](../{page}#{place.anchor})"
    return f"{code(place.file)}, {words}"


def plain(text: object) -> str:
    """Have a text of a study's own read as text, on one line of Markdown."""
    return re.sub(r"([\\`*_\[\]|{}#])", r"\\\1", html.escape(_one_line(str(text)), quote=False))


def code(text: object) -> str:
    """Have a text read as code, on one line of Markdown."""
    said = _one_line(str(text)).replace("`", "'").replace("|", "\\|")
    return f"`{said}`" if said else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]
