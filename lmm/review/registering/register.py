"""Registering: what is planned is frozen before the records are seen, and amended with a reason."""

from __future__ import annotations

import datetime as dt
import json
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import lmm
from lmm.analysis.comparison import Comparison, listed_changes
from lmm.cleaning.fingerprints import check_records_kind
from lmm.cleaning.records import files_of_records
from lmm.counting.check import check_measures
from lmm.publish.before import check_has_records, check_no_release, check_notebooks
from lmm.publish.execute import Report
from lmm.review.registering.page import page
from lmm.review.registering.rehearsal import Rehearsed, rehearse
from lmm.study.cells import same
from lmm.study.digests import sha256_of
from lmm.study.library import Library, this_library
from lmm.study.mapping import check_study
from lmm.study.problems import StudyError
from lmm.study.registration import (
    FIRST_READ,
    FOLDER,
    FORM,
    README,
    Entry,
    Registration,
    digest_of,
    entry_file,
    folder_of,
    read_first_read,
    read_registration,
)
from lmm.study.study import Study

LARGEST_PLAN = 20_000_000
"""Bytes of a plan in words."""


@dataclass(frozen=True)
class Registered:
    """The files that were written, and the entry that they hold."""

    paths: tuple[Path, ...]
    entry: Entry


def register(
    study: Study, report: Report, plan: Path | None = None, because: str = ""
) -> Registered:
    """Freeze what is planned, after a run of it on rows that nobody made.

    Parameters
    ----------
    plan
        A plan in words, of which a copy is kept with the registration.
    because
        Of an amendment: why the plan is changed. Without it, this is the registration itself.

    Raises
    ------
    StudyError
        If the study cannot be run, the records were read already, there is a registration, or
        for an amendment none, or nothing differs.
    RunFailedError
        If a notebook fails.
    """
    check_records_kind(study)
    before = _checked(study, because)
    _check_plan(plan)
    entries = before.entries if before else ()
    said = _about(study, entries, because)
    said["plan"] = _plan(plan, entries)
    library = this_library()
    try:
        rehearsed = rehearse(study, report, _empty(said))
    except OSError as error:
        raise StudyError(f"{error.filename or study.folder}: {error.strerror or error}") from error
    said |= _frozen(rehearsed, library)
    said["changes"] = _changes(entries[-1], Entry(said), rehearsed, library) if entries else []
    if entries and not said["changes"]:
        raise StudyError(f"{FOLDER}: nothing differs from what is registered: nothing to amend")
    entry = Entry({**said, "sha256": digest_of(said)})
    return Registered(_write(study, (*entries, entry), plan), entry)


# --- what is refused ---------------------------------------------------------------------------


def _checked(study: Study, because: str) -> Registration | None:
    check_no_release(study)
    if study.draft:
        raise StudyError(
            f"{study.folder / 'study.yaml'}: this is a draft, and no plan yet; look through it, "
            "and remove its line `draft: true`"
        )
    check_study(study)
    check_notebooks(study)
    check_has_records(study)
    check_measures(study)
    found = read_registration(study)
    if because and found is None:
        raise StudyError(f"{study.folder}: nothing is registered yet that could be amended; `lmm "
                         "register` does it, before the records are read")  # fmt: skip
    if not because and found:
        raise StudyError(
            f"{FOLDER}: was registered on {found.entries[0].day} already; a change of the plan is "
            'an amendment: `lmm register --amend --because "why it is changed"`'
        )
    if not found:
        _check_in_time(study)
    return found


def _check_in_time(study: Study) -> None:
    """Refuse a registration after records of real people were read here."""
    if study.is_synthetic:
        return
    if when := read_first_read(study):
        raise StudyError(
            f"data/{FIRST_READ}: the records were first read on {when}, so that nothing can be "
            "registered before they were seen any more; the reports say so. Register the next "
            "analysis, in a folder of its own, before its records are there"
        )
    left = [study.processed / f"{name}.csv" for name in files_of_records(study)]
    left += [study.folder / "outputs", study.folder / "data" / "internal", study.released]
    if there := [path for path in left if path.exists()]:
        raise StudyError(
            f"{there[0].relative_to(study.folder)}: a run has made this from the records, so that "
            "nothing can be registered before they were seen any more; the reports say so"
        )


def _check_plan(plan: Path | None) -> None:
    if plan and plan.stat().st_size > LARGEST_PLAN:
        raise StudyError(f"{plan}: is larger than 20 MB; a plan in words is a text of a few pages")


# --- what is frozen ----------------------------------------------------------------------------


def _about(study: Study, entries: tuple[Entry, ...], because: str) -> dict[str, Any]:
    files = {*chain(*files_of_records(study).values())}
    return {
        "form": FORM,
        "number": len(entries),
        "service": study.service,
        "when": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "because": because,
        "previous": entries[-1].digest if entries else "",
        "records": study.records.value,
        "records_first_read": read_first_read(study),
        "files_of_records_there": sum(path.is_file() for path in files),
        "lmm": lmm.__version__,
        "python": platform.python_version(),
    }


def _plan(plan: Path | None, entries: tuple[Entry, ...]) -> dict[str, str] | None:
    """Name the plan in words and give its digest; without a new one, that of before holds."""
    if plan is None:
        return entries[-1].said["plan"] if entries else None
    name = f"plan{f'-{len(entries)}' if entries else ''}{plan.suffix.lower() or '.txt'}"
    return {"file": name, "sha256": sha256_of(plan)}


def _empty(about: Mapping[str, Any]) -> str:
    """Write a registration without results, for the rehearsal."""
    empty: dict[str, Any] = {
        "terms": {},
        "results": {},
        "library": {},
        "plan": None,
        "previous": "",
    }
    said = {**about, **empty, "records_first_read": ""}
    return json.dumps({**said, "sha256": digest_of(said)})


def _frozen(rehearsed: Rehearsed, library: Library) -> dict[str, Any]:
    whole = library.whole()
    return {
        "results": rehearsed.results,
        "terms": rehearsed.terms,
        "run_on_drawn_rows": rehearsed.run,
        "library": {
            name: {"whole": whole[name], "definitions": library.digests(name)} for name in whole
        },
    }


def _changes(last: Entry, entry: Entry, rehearsed: Rehearsed, library: Library) -> list[str]:
    """Say all that differs from the entry before, whatever it was made for."""
    alone = Registration((Entry({**last.said, "records_first_read": ""}),))
    found = list(listed_changes(Comparison(alone, rehearsed.terms, library)))
    was, now = last.results, entry.results
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            found.append(f"{name}: is no longer planned")
        elif name not in was:
            found.append(f"{name}: is planned")
        elif not same(was[name].code, now[name].code):
            found.append(f"{name}: is made by other code in the notebook")
    if last.said["plan"] != entry.said["plan"]:
        found.append("the plan in words")
    return found


# --- what is written ---------------------------------------------------------------------------


def _write(study: Study, entries: tuple[Entry, ...], plan: Path | None) -> tuple[Path, ...]:
    """Write the last entry, its plan, and a page for readers; the entry itself comes last."""
    folder, entry = folder_of(study), entries[-1]
    try:
        folder.mkdir(exist_ok=True)
        paths = [folder / README]
        if plan:
            paths.append(folder / entry.said["plan"]["file"])
            shutil.copyfile(plan, paths[-1])
        paths[0].write_text(page(entries), encoding="utf-8", newline="\n")
        paths.append(folder / entry_file(len(entries) - 1))
        text = json.dumps(entry.said, indent=2, ensure_ascii=False) + "\n"
        paths[-1].write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        why = f"cannot be written: {error.strerror}"
        raise StudyError(f"{error.filename or folder}: {why}; see who may write there") from None
    return tuple(paths)
