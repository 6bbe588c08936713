"""The counts that notebooks are handed: released by a run, or counted again behind the gate."""

from __future__ import annotations

from lmm.cleaning.load import read_clean
from lmm.counting.counts import Counts
from lmm.publish.released import read_counts
from lmm.publish.remembered import earlier_releases, release_beside
from lmm.study.parameters import Parameters
from lmm.study.study import read_study


def load_counts(period_start: str, period_end: str, event_date: str, confidence: float) -> Counts:
    """Load the released counts of the enclosing study for the period of the parameters.

    Within a run they are those of the run; of an internal run, the exact ones. Otherwise, where
    the clean tables are at hand, they are counted from them and pass the gate, beside what the
    study has released before; where they are not, as in what a service has released, the counts
    that were released with it are read.

    Parameters
    ----------
    period_start, period_end, event_date, confidence
        As in the notebooks' parameters cell; see `lmm.study.parameters.Parameters`.

    Raises
    ------
    StudyError
        If a parameter is wrong, only counts of other parameters were released, or what was
        released before cannot be planned with.
    """
    study = read_study()
    given = {
        "period_start": period_start,
        "period_end": period_end,
        "event_date": event_date,
        "confidence": confidence,
    }
    parameters = Parameters.of(study, given)
    if study.is_staged or not (study.processed / "courses.csv").is_file():
        return read_counts(study, parameters)
    return release_beside(read_clean(study), study, parameters, earlier_releases(study)).counts
