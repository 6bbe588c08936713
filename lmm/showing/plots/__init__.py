"""Result table -> figure. Nothing is computed here; the alt text is made from the data."""

from lmm.showing.plots.descriptive import (
    activity_rates,
    composition,
    consultations,
    flow,
    missing,
    monthly,
)
from lmm.showing.plots.families import caseload, reach, waiting
from lmm.showing.plots.interrupted import counterfactual, quarters
from lmm.showing.plots.ordinal import answer_probabilities, item_missing, odds_ratios
from lmm.showing.plots.process import control_chart, funnel
from lmm.showing.plots.satisfaction import (
    bounds,
    counts_behind,
    forest,
    likert,
    methods,
    response,
    response_against,
)
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
    "likert",
    "methods",
    "missing",
    "monthly",
    "odds_ratios",
    "quarters",
    "rating_matrix",
    "reach",
    "response",
    "response_against",
    "sensitivity",
    "waiting",
]
