"""Every share that a study declares, whatever it is a share of."""

from __future__ import annotations

from lmm.analysis.analysis import analysis
from lmm.analysis.released import clustered_share
from lmm.analysis.result import Result, Row
from lmm.analysis.roles import dimension, estimated_share, measure, stratum
from lmm.analysis.strata import strata
from lmm.counting.counts import Counts


@analysis(title="Every declared share")
def shares(counts: Counts, by: tuple[str, ...] = ()) -> Result:
    """Estimate every share that is declared as shown, in all and by what it is counted by.

    Parameters
    ----------
    by
        Dimensions; a share has those of them that it is counted by.

    Returns
    -------
    Result
        Estimates with the strata ``measure``, ``by`` and ``stratum``, with the interval of
        `lmm.analysis.released.clustered_share`.
    """
    rows: list[Row] = []
    for name in (name for name in counts.shares if counts.declared[name].shown):
        for at, within in strata(counts, by, name):
            basis = counts.basis("" if within else name)
            share = clustered_share(counts, name, counts.label(name), basis, **within)
            rows.append(({"measure": name, **at}, share))
    roles = {
        "measure": measure("Share"),
        "by": dimension(),
        "stratum": stratum("Group"),
        "estimate": estimated_share(),
    }
    return Result.of_estimates(rows, **roles)
