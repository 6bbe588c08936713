"""Things of which each is of some kind, and how many of each there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from attack.program import Program, Terms, total

Kind = dict[str, str]
Where = Mapping[str, frozenset[str]]
"""By attribute, the values that count."""


class Bag:
    """Things described by attributes of which some are never counted together.

    Those that are form a factor: for each of its kinds there is an unknown number. Whatever the
    numbers of two factors are, if they add up to as many, there are things that fit both.

    Attributes
    ----------
    factors
        Kinds with their unknown numbers; every kind has its ``era``.
    """

    def __init__(self, factors: Sequence[Sequence[tuple[Kind, int]]]) -> None:
        self.factors = [list(factor) for factor in factors]

    @classmethod
    def of(cls, program: Program, factors: Iterable[Iterable[Kind]]) -> Bag:
        """Give a bag in which there may be any number of each kind."""
        bag = cls([[(kind, program.new()) for kind in factor] for factor in factors])
        first, *others = bag.factors
        for era in sorted({kind["era"] for kind, _ in first}):
            for other in others:
                program.same(_of_era(first, era), _of_era(other, era))
        return bag

    def count(self, where: Where) -> Terms:
        """Give the number of things that are as described."""
        for factor in self.factors:
            if not factor:
                return {}
            if where.keys() <= factor[0][0].keys():
                return total(
                    unknown
                    for kind, unknown in factor
                    if all(kind[name] in values for name, values in where.items())
                )
        raise LookupError(f"nothing is counted by {', '.join(where)} together")

    def values(self, attribute: str) -> frozenset[str]:
        """Give every value of an attribute."""
        kinds = [kind for factor in self.factors for kind, _ in factor]
        return frozenset(kind[attribute] for kind in kinds if attribute in kind)


def _of_era(factor: Iterable[tuple[Kind, int]], era: str) -> Terms:
    return total(unknown for kind, unknown in factor if kind["era"] == era)


def crossed(attributes: Mapping[str, Iterable[str]]) -> list[Kind]:
    """List every combination of values."""
    return [dict(zip(attributes, each, strict=True)) for each in product(*attributes.values())]


def one(**given: str) -> dict[str, frozenset[str]]:
    """Describe things of which each attribute has one value."""
    return {name: frozenset({value}) for name, value in given.items()}
