"""Chance, from the one stream that Python promises to keep.

Only ``random.Random.random`` is used: its sequence for a seed is guaranteed across versions
and platforms, that of ``shuffle``, ``choice`` and the others is not. Fractions are added with
``fsum``, because Python 3.12 changed the rounding of ``sum``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws that repeat exactly for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, n: int) -> int:
        """Draw a whole number from 0 to ``n - 1``."""
        return int(self._random() * n)

    def between(self, span: tuple[int, int]) -> int:
        """Draw a whole number from the first to the second of ``span``, both included."""
        return span[0] + self.below(span[1] - span[0] + 1)

    def chance(self, share: float) -> bool:
        """Be true in this share of draws."""
        return self._random() < share

    def near_one(self, spread: float) -> float:
        """Draw a factor from ``1 - spread`` to ``1 + spread``."""
        return 1 + spread * (2 * self._random() - 1)

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of ``options``, all equally likely."""
        return options[self.below(len(options))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """Draw one of the keys, as likely as its weight."""
        left = self._random() * math.fsum(weights.values())
        for option, weight in weights.items():
            left -= weight
            if left < 0:
                return option
        return [option for option, weight in weights.items() if weight > 0][-1]

    def sample(self, options: Sequence[T], n: int) -> list[T]:
        """Draw ``n`` different ones of ``options`` in random order, or all if there are fewer."""
        pool = list(options)
        n = min(n, len(pool))
        for i in range(n):
            j = i + self.below(len(pool) - i)
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:n]

    def spread(self, options: Sequence[T], n: int) -> list[T]:
        """Draw one from each of ``n`` equal slices, so that they are spread over all."""
        step = len(options) / n if n else 0
        last = len(options) - 1
        return [options[min(int((i + self._random()) * step), last)] for i in range(n)]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Give ``options`` in random order."""
        return self.sample(options, len(options))


def split(total: int, weights: Sequence[float]) -> list[int]:
    """Divide ``total`` in proportion to ``weights`` by largest remainders, first ones first."""
    if total == 0:
        return [0] * len(weights)
    shares = [total * weight / math.fsum(weights) for weight in weights]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - shares[i])
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
