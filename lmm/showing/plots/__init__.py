"""Result -> figure. Nothing is computed here, and its words are made from the result.

A figure finds what it draws by what the columns of a result are, and not by what they are called:
see `lmm.analysis.result.Result.by_role`. Its finding is a sentence of `lmm.showing.answers`.
"""

from lmm.showing.plots.bars import composition, consultations, flow, missing
from lmm.showing.plots.clusters import funnel
from lmm.showing.plots.control_charts import control_chart
from lmm.showing.plots.control_icons import control_summary
from lmm.showing.plots.descriptive import activity_rates, monthly
from lmm.showing.plots.engagement import booked
from lmm.showing.plots.families import caseload, reach
from lmm.showing.plots.interrupted import counterfactual, quarters
from lmm.showing.plots.items import item_missing, likert
from lmm.showing.plots.multiples import services
from lmm.showing.plots.ordinal import answer_probabilities, odds_ratios
from lmm.showing.plots.progress import cumulative, exposure
from lmm.showing.plots.ratings import rating_matrix, sensitivity
from lmm.showing.plots.satisfaction import bounds, counts_behind, forest, methods
from lmm.showing.plots.silence import tipping
from lmm.showing.plots.style import Picture
from lmm.showing.plots.targets import achieved, certainty
from lmm.showing.plots.wait_curves import leaving, waiting

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
    "control_summary",
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
    "sensitivity",
    "services",
    "tipping",
    "waiting",
]
