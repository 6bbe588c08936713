"""Result -> figure. Nothing is computed here, and the alt text is made from the result.

A figure finds what it draws by what the columns of a result are, and not by what they are called:
see `lmm.analysis.result.Result.by_role`.
"""

from lmm.showing.plots.clusters import funnel
from lmm.showing.plots.control_charts import control_chart
from lmm.showing.plots.descriptive import (
    activity_rates,
    composition,
    consultations,
    flow,
    missing,
    monthly,
)
from lmm.showing.plots.engagement import booked, leaving
from lmm.showing.plots.families import caseload, reach, waiting
from lmm.showing.plots.interrupted import counterfactual, quarters
from lmm.showing.plots.ordinal import answer_probabilities, item_missing, odds_ratios
from lmm.showing.plots.satisfaction import (
    bounds,
    counts_behind,
    forest,
    likert,
    methods,
    response_against,
)
from lmm.showing.plots.silence import tipping
from lmm.showing.plots.style import Picture
from lmm.showing.plots.targets import (
    achieved,
    certainty,
    cumulative,
    exposure,
    rating_matrix,
    sensitivity,
)

__all__ = [
    "Picture",
    "achieved",
    "activity_rates",
    "answer_probabilities",
    "booked",
    "bounds",
    "caseload",
    "certainty",
    "composition",
    "consultations",
    "control_chart",
    "counterfactual",
    "counts_behind",
    "cumulative",
    "exposure",
    "flow",
    "forest",
    "funnel",
    "item_missing",
    "leaving",
    "likert",
    "methods",
    "missing",
    "monthly",
    "odds_ratios",
    "quarters",
    "rating_matrix",
    "reach",
    "response_against",
    "sensitivity",
    "tipping",
    "waiting",
]
