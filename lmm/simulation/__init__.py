"""Simulated studies with a known truth, to see whether intervals hold what they promise.

``lmm run`` reproduces one study, whose counts are fixed. Here chance varies: thousands of
studies are drawn whose true rates, shares and ratios are known, the estimators of
``lmm.analysis`` are applied to each, and it is counted how often their intervals hold the truth.
"""

STUDIES = 2000
"""Studies simulated for each setting, unless another number is asked for."""

SEED = 20180401
"""Any fixed number gives the same result every time; this one is the first day of the period."""
