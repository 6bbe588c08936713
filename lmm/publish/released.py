"""The counts of a run, kept as files with all that is needed to make the results from them."""

from __future__ import annotations

import json

from lmm.cleaning.save import read_saved, save_table
from lmm.counting.counts import Counts
from lmm.publish.released_tables import (
    DECLARED,
    MEND,
    check_counts,
    read_declared,
)
from lmm.showing.labels import kind_in_words, mark
from lmm.study.declared import STUDY_FILE
from lmm.study.folder import COUNTS
from lmm.study.handed_on import handed_on
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError, refuse
from lmm.study.setting import Setting
from lmm.study.study import Study

PARAMETERS = "parameters.json"

NEEDED = (
    STUDY_FILE,
    str(COUNTS["release"]),
    *(f"counts/{name}.csv" for name in DECLARED),
    f"counts/{PARAMETERS}",
)
"""The files of a release from which, with the notebooks, all others are made."""

COUNTED_FOR = ("period_start", "period_end", "event_date")
"""Parameters on which it depends what is counted."""


def write_counts(counts: Counts) -> None:
    """Keep counts, with what they were counted for and what of the study they are read by.

    Exact ones are kept without the study: from those nothing is to be made again.
    """
    study = counts.study
    save_table(counts.tidy(), study.counts_file, study)
    for name in DECLARED:
        save_table(getattr(counts, name), study.counts_file.with_name(f"{name}.csv"), study)
    of = {"records": kind_in_words(study), **counts.parameters.as_text()}
    text = json.dumps(of, indent=2) + "\n"
    study.counts_file.with_name(PARAMETERS).write_text(text, encoding="utf-8")
    if not study.is_internal:
        text = handed_on(study, f"{mark(study)}." if mark(study) else "")
        (study.outputs / STUDY_FILE).write_text(text, encoding="utf-8", newline="\n")


def read_counts(study: Study, parameters: Parameters, was: Parameters | None = None) -> Counts:
    """Read what `write_counts` has kept, held to what the study declares.

    Within a run it is as the run wrote it, and is not checked again.

    Parameters
    ----------
    was
        The parameters for which it was kept, where they are read already.

    Raises
    ------
    StudyError
        If nothing was, it was for other parameters, or it is not as it was written.
    """
    path = study.counts_file
    if not path.is_file():
        raise StudyError(
            f"{path}: there are neither clean tables nor released counts yet; `lmm run` makes both"
        )
    of, asked = (was or read_parameters(study)).as_text(), parameters.as_text()
    if differing := [name for name in COUNTED_FOR if of[name] != asked[name]]:
        others = ", ".join(f"{name}={of[name]}" for name in differing)
        raise StudyError(
            f"{path.name}: the counts were released for {others}; for another period or event the "
            "records are needed, which are not here"
        )
    declared = {name: read_declared(path.with_name(f"{name}.csv"), study) for name in DECLARED}
    setting = Setting(study, parameters, declared["targets"], declared["published_figures"])
    table = read_saved(path, study, MEND)
    if not study.is_staged:
        check_counts(table, setting, path)
    return Counts.of_tidy(table, setting)


def read_parameters(study: Study) -> Parameters:
    """Read the parameters for which counts were kept.

    Raises
    ------
    StudyError
        If the file cannot be read, or does not fit the study.
    """
    path = study.counts_file.with_name(PARAMETERS)
    try:
        of = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise refuse("is missing, or cannot be read", path, fix=MEND) from None
    names = Parameters.names()
    if not isinstance(of, dict) or of.keys() != {"records", *names}:
        why = f"should say records, {', '.join(sorted(names))}, and nothing else"
        raise refuse(why, path, fix=MEND)
    try:
        return Parameters.of(study, {name: of[name] for name in names})
    except StudyError as error:
        raise StudyError(*(f"{path.name}: {why}; {MEND}" for why in error.problems)) from None
