"""Whether answers on an ordered scale differ between groups: proportional odds, clustered.

The model is McCullagh's (1980, Journal of the Royal Statistical Society B 42, 109-142), fitted as
if answers were independent; its covariance then allows for what answers from one cluster share.
It is marginal: an ordinal model with a random effect of the cluster is not imitated here.

What cannot be estimated is refused before a model is fitted, because the steps towards an
infinite odds ratio stop at a large number:

- An answer that nobody gave is dropped. One given fewer than 5 times per coefficient is merged
  with its neighbour (Vittinghoff and McCulloch 2007, American Journal of Epidemiology 165,
  710-718); the note names it. On the
  whole scale an answer without a neighbour on its own side of high is merged across; where high
  is set against the rest, the two are never merged: too few of either, no model.
- At least 10 clusters, and 2 in each group.
- No empty cell of group and answer. This is stricter than the absence of separation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lmm.statistics.answer_scale import Scale, merge_rare, what_was_merged
from lmm.statistics.estimate import Status
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.proportional_odds import Counts, ProportionalOdds, fit_proportional_odds
from lmm.statistics.rounding import fixed
from lmm.study.setting import Basis

FEWEST_CLUSTERS = 10
FEWEST_CLUSTERS_A_GROUP = 2
FEWEST_PER_COEFFICIENT = 5


@dataclass(frozen=True)
class Comparison:
    """The answers of groups, and the model where there can be one.

    Attributes
    ----------
    groups, used
        All groups, and those with answers; the first of these is compared with.
    scale, labels
        The answers that the model tells apart, worst first, and what they are called.
    counts
        Of shape (clusters, groups used, answers told apart).
    cluster
        What a cluster is called.
    confidence, basis
        Of the estimates that are made of it.
    status, note
        Why there is no model, or what was done to have one.
    """

    groups: tuple[str, ...]
    used: list[str]
    scale: Scale
    labels: list[str]
    counts: Counts
    cluster: str
    confidence: float
    basis: Basis
    status: Status = "ok"
    note: str = ""
    model: ProportionalOdds | None = None

    @property
    def first(self) -> str:
        """The group that the others are held against."""
        return self.used[0] if self.used else self.groups[0]

    @property
    def others(self) -> list[str]:
        """Every other group."""
        return [group for group in self.groups if group != self.first]

    @property
    def clusters(self) -> dict[str, int]:
        """From how many clusters each group's answers come."""
        number = (self.counts.sum(axis=2) > 0).sum(axis=0)
        return dict(zip(self.used, number.tolist(), strict=True))

    def modelled(self, group: str) -> bool:
        """Whether the model says anything of a group."""
        return self.model is not None and group in self.used

    def answers_of(self, group: str) -> int:
        """Count the answers of a group."""
        return int(self.counts[:, self.used.index(group)].sum()) if group in self.used else 0


def compare(
    answers: GroupedAnswers, confidence: float, basis: Basis, *, high_or_not: bool = False
) -> Comparison:
    """Put together the answers of the groups, and fit the model if possible.

    Parameters
    ----------
    high_or_not
        Whether high answers are set against the rest, instead of telling all answers apart
        but the rare ones.
    """
    fewest = FEWEST_PER_COEFFICIENT * (len(answers.used) - 1)
    if high_or_not:
        rest = tuple(label for label in answers.scale if label not in answers.high)
        scale, labels, notes = [rest, answers.high], ["not high", "high"], []
    else:
        scale = merge_rare(answers.by_answer, answers.high, fewest)
        labels = [" or ".join(merged) for merged in scale]
        notes = what_was_merged(answers.by_answer, scale, fewest)
    found = Comparison(
        answers.groups, answers.used, scale, labels, answers.array(scale),
        answers.cluster, confidence, basis,
    )  # fmt: skip
    return _fitted(found, [*notes, *_cautions(answers, found)])


def _cautions(answers: GroupedAnswers, found: Comparison) -> Iterator[str]:
    """Say what a reader must know of the groups before believing an interval."""
    if answers.left_out:
        yield f"{answers.left_out} answers without a {answers.by} are left out"
    if len(found.used) > 2:
        yield f"{len(found.used) - 1} comparisons, not adjusted for their number"
    for other in answers.same_groups:
        yield f"the groups are those of {other}: the two cannot be told apart"
    for other, v in answers.like_groups:
        yield (
            f"the groups are nearly those of {other} (Cramer's V {fixed(v, 2)}): the two can "
            "hardly be told apart"
        )
    few = [f"{group}: {n}" for group, n in found.clusters.items() if n < FEWEST_CLUSTERS]
    if few:
        yield f"few {found.cluster}s ({', '.join(few)}): the interval is the wider for it"
    sizes = found.counts.sum(axis=(1, 2))
    if len(sizes):
        effective = fixed(float(sizes.sum() ** 2 / (sizes**2).sum()), 1)
        yield f"{len(sizes)} {found.cluster}s (effective number {effective})"


def _fitted(found: Comparison, notes: list[str]) -> Comparison:
    """Fit the model, or record why not."""
    status, reason = _obstacle(found)
    if status != "ok":
        return replace(found, status=status, note=reason)
    model = fit_proportional_odds(found.counts)
    if model is None:
        return replace(found, status="not_estimable", note="the model did not converge")
    return replace(found, model=model, note="; ".join(notes))


def _obstacle(found: Comparison) -> tuple[Status, str]:
    """Say what stands in the way of a model; nothing if nothing does."""
    if not found.used:
        return "no_data", "no answers"
    if len(found.used) == 1:
        return "not_estimable", f"only {found.used[0]} answered"
    if len(found.scale) == 1:
        merged = len(found.scale[0]) > 1
        text = "rare answers merged, one is left" if merged else "all gave the same answer"
        return "not_estimable", f"{text}: {found.labels[0]}"
    reasons = [*_too_few(found), *_empty_cells(found)]
    return ("not_estimable" if reasons else "ok"), "; ".join(reasons)


def _too_few(found: Comparison) -> Iterator[str]:
    """Name the answers and the groups that are too few for a model."""
    fewest = FEWEST_PER_COEFFICIENT * (len(found.used) - 1)
    for label, number in zip(found.labels, found.counts.sum(axis=(0, 1)).tolist(), strict=True):
        if number < fewest:
            yield f"{label}: {number} answers, and {fewest} are needed"
    if len(found.counts) < FEWEST_CLUSTERS:
        yield f"{len(found.counts)} {found.cluster}s, and {FEWEST_CLUSTERS} are needed"
    for group, number in found.clusters.items():
        if number < FEWEST_CLUSTERS_A_GROUP:
            yield f"{group}: {number} {found.cluster}, and {FEWEST_CLUSTERS_A_GROUP} are needed"


def _empty_cells(found: Comparison) -> Iterator[str]:
    """Name the answers that nobody in a group gave."""
    for label, column in zip(found.labels, found.counts.sum(axis=0).T, strict=True):
        groups = [group for group, n in zip(found.used, column, strict=True) if n == 0]
        if groups:
            yield f"nobody answered “{label}” in {', '.join(groups)}"
