"""Result table -> figure. Nothing is computed here; the alt text is made from the data."""

from lmm.release.plots.descriptive import (
    activity_rates,
    composition,
    consultations,
    flow,
    missing,
    monthly,
    wards,
)
from lmm.release.plots.satisfaction import bounds, counts_behind, forest, likert, response
from lmm.release.plots.style import Picture
from lmm.release.plots.targets import achieved, cumulative, rating_matrix

__all__ = [
    "Picture",
    "achieved",
    "activity_rates",
    "bounds",
    "composition",
    "consultations",
    "counts_behind",
    "cumulative",
    "flow",
    "forest",
    "likert",
    "missing",
    "monthly",
    "rating_matrix",
    "response",
    "wards",
]
