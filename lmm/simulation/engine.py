"""Simulate studies in several processes; what comes out does not depend on how many."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

CHUNK = 25
"""Studies that one process simulates at a time."""

Report = Callable[[str, int, int], None]
"""Told of progress: what is simulated, how many studies are done, and of how many."""


@dataclass(frozen=True)
class Simulation:
    """One setting: a truth, and how to draw a study in which it holds and to analyse it.

    Attributes
    ----------
    name
        Unlike that of any other setting: the random numbers follow from it.
    study
        Draws one study from a generator and gives what was found in it; it must be possible
        to send it to another process.
    studies
        How many to simulate.
    """

    name: str
    study: Callable[[np.random.Generator], Any]
    studies: int


def generator(seed: int, name: str, replicate: int) -> np.random.Generator:
    """Give the random numbers of one study of one setting.

    The seed sequence is the one that ``SeedSequence(seed)`` spawns for this setting and
    spawns from that for this study; the setting's place is taken from its name, so that
    adding one leaves the others as they are.
    """
    key = (crc32(name.encode("utf-8")), replicate)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def simulate(
    simulations: Sequence[Simulation], seed: int, workers: int | None, report: Report
) -> dict[str, list[Any]]:
    """Simulate every study of every setting.

    Parameters
    ----------
    workers
        Processes; by default one a processor. With one, everything happens in this process.

    Returns
    -------
    dict
        By name, what was found in each study, in the order of the studies.

    Raises
    ------
    ValueError
        If two settings have the same name.
    """
    found: dict[str, list[Any]] = {each.name: [None] * each.studies for each in simulations}
    if len(found) < len(simulations):
        raise ValueError("two settings have the same name")
    done = dict.fromkeys(found, 0)
    chunks = [
        (each, seed, first, min(first + CHUNK, each.studies))
        for each in simulations
        for first in range(0, each.studies, CHUNK)
    ]
    for (each, _, first, end), results in _carried_out(chunks, workers or os.cpu_count() or 1):
        found[each.name][first:end] = results
        done[each.name] += end - first
        report(each.name, done[each.name], each.studies)
    return found


Chunk = tuple[Simulation, int, int, int]


def _carried_out(chunks: Sequence[Chunk], workers: int) -> Iterator[tuple[Chunk, list[Any]]]:
    """Carry out chunks, in any order."""
    if workers == 1:
        yield from ((chunk, _studies(chunk)) for chunk in chunks)
        return
    # Fresh processes on every platform: a copy of one that draws its progress may stand still.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        started = {pool.submit(_studies, chunk): chunk for chunk in chunks}
        try:
            for future in as_completed(started):
                yield started[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _studies(chunk: Chunk) -> list[Any]:
    simulation, seed, first, end = chunk
    return [
        simulation.study(generator(seed, simulation.name, replicate))
        for replicate in range(first, end)
    ]
