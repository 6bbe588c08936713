"""Helper library of the Little Minds Matter compendium.

"lmm" is Little Minds Matter, not a linear mixed model. The folders are the stages of one flow:
``study`` -> ``cleaning`` -> ``counting`` -> ``disclosure`` -> ``analysis`` -> ``showing`` ->
``publish``; ``synthetic`` makes the records that stand in for the ones that cannot be published.
"""

__version__ = "0.7.0"
