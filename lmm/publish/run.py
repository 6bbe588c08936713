"""One run: raw records to outputs, moved into place only when all of it has succeeded."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.cleaning.clean import Cleaned, clean_files
from lmm.cleaning.fingerprints import check_records_kind
from lmm.cleaning.pseudonyms import keep_key
from lmm.cleaning.save import read_saved, save_table
from lmm.counting.check import check_measures
from lmm.counting.counts import Counts
from lmm.disclosure.earlier import Earlier
from lmm.disclosure.gate import Released
from lmm.publish.before import (
    check_has_records,
    check_no_release,
    check_notebooks,
    check_places,
    check_refresh,
)
from lmm.publish.crate import begin, write_crate
from lmm.publish.execute import USUAL, Limits, Report
from lmm.publish.handouts.summary import summary_of
from lmm.publish.ledger import Ledger, write_ledger
from lmm.publish.notebooks import executing
from lmm.publish.record import input_hashes, keep_inputs, write_record
from lmm.publish.registered import publish_registration
from lmm.publish.released import read_counts, write_counts
from lmm.publish.remembered import earlier_releases, release_beside, remember
from lmm.publish.report import read_report
from lmm.publish.signals import undisturbed
from lmm.publish.site import write_site
from lmm.publish.stage import move_into_place, stage
from lmm.publish.uptodate import check_unchanged, ingredients, keep, note, stale
from lmm.showing.tables import stored
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError, counted
from lmm.study.registration import read_registration
from lmm.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """What a run has to tell."""

    account: pd.DataFrame
    claims: pd.DataFrame
    outputs: Path

    @property
    def succeeded(self) -> bool:
        """Whether no published figure differs."""
        return agree(self.claims)


def agree(claims: pd.DataFrame) -> bool:
    """Whether no published figure differs from the computed one."""
    return claims.empty or not (claims["status"] == "differs").any()


def run(
    study: Study,
    parameters: Parameters,
    report: Report,
    *,
    refresh: bool = False,
    keeping: bool = False,
    limits: Limits = USUAL,
) -> Outcome:
    """Clean, run the notebooks, compare with the published figures, and move into place.

    Parameters
    ----------
    refresh
        Rewrite the study's committed notebooks with the outputs of this run; the
        parameters are then the notebooks' own.
    keeping
        Keep what is up to date, and make the rest.

    Raises
    ------
    StudyError
        If the study, its files or a parameter is wrong.
    RunFailedError
        If a notebook fails; what it had done is kept in ``outputs.failed``.

    Notes
    -----
    An internal run makes the exact results, in ``data/internal`` and nowhere else.
    """
    check_can_run(study)
    check_places(study)
    if refresh:
        check_refresh(study)
    try:
        return _run(study, parameters, report, limits, refresh=refresh, keeping=keeping)
    except OSError as error:
        where, why = error.filename or study.folder, error.strerror or error
        raise StudyError(f"{where}: {why}; the previous outputs are untouched") from error


def check_can_run(study: Study) -> None:
    """Refuse a study from which no results can be made.

    Raises
    ------
    StudyError
        Saying why, and what mends it.
    """
    check_no_release(study)
    if study.draft:
        raise StudyError(
            f"{study.folder / 'study.yaml'}: this is a draft. Look through it "
            "- `lmm check` helps - and remove its line `draft: true`"
        )
    check_records_kind(study)
    check_notebooks(study)
    check_has_records(study)
    check_measures(study)
    read_registration(study)  # one that was altered is refused before anything is read


def _run(
    study: Study,
    parameters: Parameters,
    report: Report,
    limits: Limits,
    *,
    refresh: bool,
    keeping: bool,
) -> Outcome:
    started = begin(study.folder, "lmm refresh" if refresh else "lmm run")
    with stage(study) as made:
        made_of = ingredients(study, parameters)
        kept = stale(study, made_of).kept if keeping else frozenset()
        hashes, earlier = input_hashes(study), earlier_releases(study)
        released = None
        if kept:
            keep(study, kept, made)
            counts = read_counts(study, parameters)
        else:
            released = _release(study, parameters, earlier, report)
            counts = released.counts
            check_unchanged(study, parameters, made_of)
        given = None if refresh else parameters.as_text()
        compared = show(counts, given, report, limits, besides=kept)
        record = write_record(study, parameters, keep_inputs(study, hashes))
        write_crate(study, record, started)
        check_unchanged(study, parameters, made_of)
        account = _account(study)
        with undisturbed():
            if released:
                remember(released, earlier)
            note(study, parameters, made, agrees=agree(compared.table))
            move_into_place(study, made)
            if refresh:
                _refresh_notebooks(study, made)
    return Outcome(account, compared.table, study.outputs)


def _account(study: Study) -> pd.DataFrame:
    """Read what became of the rows."""
    found = read_saved(study.processed / "row_accounting.csv", study, "run it again")
    return found.astype(
        dict.fromkeys(("rows_read", "rows_rejected", "rows_kept", "rows_fixed"), "int64")
    )


def _release(
    study: Study, parameters: Parameters, earlier: list[Earlier], report: Report
) -> Released:
    """Clean, count and protect; keep what comes of it."""
    report("reading and cleaning", 0, 1)
    cleaned = clean_study(study)
    report("reading and cleaning", 1, 1)
    beside = f", beside {counted(len(earlier), 'earlier release')}" if earlier else ""
    report(f"counting{beside}", 0, 1)
    released = release_beside(cleaned.tables, study, parameters, earlier)
    publish_counts(released)
    report(f"counting{beside}", 1, 1)
    return released


def show(
    counts: Counts,
    given: Mapping[str, Any] | None,
    report: Report,
    limits: Limits = USUAL,
    *,
    besides: Collection[str] = (),
) -> Result:
    """Make from the counts of a run all that a reader sees; give the published comparison.

    Parameters
    ----------
    given
        As `lmm.publish.notebooks.executing` takes it.
    besides
        Names of the notebooks whose results are there already.
    """
    study = counts.study
    with executing(study, given, report, besides, limits) as ended:
        from lmm.publish.handouts.write import write_handouts, write_report  # noqa: PLC0415

        compared = publish_claims(counts)
        found = {}
        for name in chain(besides, ended):
            found[name] = read_report(study.outputs / "notebooks" / name)
            write_report(study, found[name], counts.parameters)
    planned = publish_registration(counts)  # of the results that the notebooks have made
    reports = [found[name] for name in sorted(found)]
    summary = summary_of(counts, reports, compared.table, planned)
    ledger = Ledger(counts, reports)
    write_ledger(ledger, study.outputs)
    write_handouts(study, reports, summary)
    write_site(study, reports, summary, study.outputs / "site", ledger=ledger)
    return compared


def publish_counts(released: Released) -> None:
    """Keep what may be released of counts, and the log of the gate."""
    study = released.counts.study
    write_counts(released.counts)
    if study.is_protected:
        save_table(released.log, study.processed / "disclosure_log.csv", study)


def publish_claims(counts: Counts) -> Result:
    """Compare with the published figures."""
    from lmm.analysis import claims  # noqa: PLC0415

    study, found = counts.study, claims.compare(counts)
    compared = found.with_table(stored(found.table))
    if study.keeps("published_figures"):
        save_table(compared.table, study.outputs / "tables" / "published_figures.csv", study)
    return compared


def clean_study(study: Study) -> Cleaned:
    """Clean the raw records, and keep the clean tables with the account of how they came about."""
    keep_key(study)
    cleaned = clean_files(study)
    for name, table in cleaned.tables.items():
        save_table(table, study.processed / f"{name}.csv", study)
    save_table(cleaned.log, study.processed / "cleaning_log.csv", study)
    save_table(cleaned.rejected, study.processed / "rejected_rows.csv", study)
    save_table(cleaned.account, study.processed / "row_accounting.csv", study)
    return cleaned


def _refresh_notebooks(study: Study, made: Path) -> None:
    """Replace the study's own notebooks by the executed ones, each as a whole."""
    for path in study.own_notebooks:
        new = made / path.name
        shutil.copyfile(study.folder / "outputs" / "notebooks" / path.name, new)
        shutil.copymode(path, new)
        new.replace(path)
