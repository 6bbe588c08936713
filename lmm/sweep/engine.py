"""Where items are made: one path for a local pool of processes and for Dask.

Both are reached through `concurrent.futures.Executor`. Whatever a piece of work does to its own
process is an answer; that a worker is gone is none, and what it was at is asked for again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, Generic, TypeVar

from lmm.study.problems import StudyError

T = TypeVar("T")
R = TypeVar("R")

MOST_LOST = 3
"""How often a piece of work is asked for again whose worker was lost."""


@dataclass(frozen=True)
class Workers:
    """An executor, and how much is asked of it at a time."""

    executor: Executor
    width: int


Engine = Callable[[], AbstractContextManager[Workers]]
"""Gives new workers, for as long as they are needed."""


# --- workers ---------------------------------------------------------------------------------


@contextmanager
def local(number: int, ended: Callable[[], object] = dict) -> Iterator[Workers]:
    """Give a pool of processes on this machine.

    Parameters
    ----------
    ended
        Called in each process that is stopped, before it ends; a function that has a name.
    """
    before = set(multiprocessing.active_children())
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(number, spawned, initializer=_begin, initargs=(ended,))
    try:
        yield Workers(pool, 2 * number)
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(ended: Callable[[], object]) -> None:
    """Leave Ctrl-C to the process that has started this one, and end when that is gone."""

    def end(*_: object) -> None:
        ended()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_watch, args=(parent.sentinel, end), daemon=True).start()


def _watch(sentinel: int, end: Callable[[], object]) -> None:
    wait_for([sentinel])
    end()


@contextmanager
def dask(address: str) -> Iterator[Workers]:
    """Give the workers of a Dask scheduler at an address, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    StudyError
        If Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise StudyError("Dask is not installed: pip install 'lmm[cluster]'") from None
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError):
        raise StudyError(f"{address}: no Dask scheduler answers there") from None
    with client:
        yield from of_client(client)


def of_client(client: Any) -> Iterator[Workers]:
    """Give the workers of a client of Dask; what is running when they are left is let go."""
    executor = client.get_executor(pure=False)
    try:
        yield Workers(executor, 1000)
    finally:
        executor.shutdown(wait=False)


# --- work ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job(Generic[T, R]):
    """What is done with pieces of work.

    Attributes
    ----------
    do
        Does a piece on a worker; if it raises anything, the worker is taken for lost.
    done
        Called here with each piece and what came of it; gives the pieces that follow from it.
    lost
        Called here with a piece that was lost too often, and why; gives what follows all the same.
    """

    do: Callable[[T], R]
    done: Callable[[T, R], Iterable[T]]
    lost: Callable[[T, str], Iterable[T]]


def drain(engine: Engine, work: Iterable[T], job: Job[T, R]) -> None:
    """Have all work done; when a pool breaks, a new one goes on with what is left."""
    waiting, losses = deque(work), Counter[int]()
    while waiting:
        with engine() as workers:
            _drain(workers, waiting, job, losses)


def _drain(workers: Workers, waiting: deque[T], job: Job[T, R], losses: Counter[int]) -> None:
    """Have work done until there is none, or the executor is broken: the rest is left waiting."""
    running: dict[Future[R], T] = {}
    broken = False
    while running or (waiting and not broken):
        while waiting and not broken and len(running) < workers.width:
            try:
                running[workers.executor.submit(job.do, waiting[0])] = waiting[0]
                waiting.popleft()
            except BrokenExecutor:
                broken = True
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            piece = running.pop(future)
            try:
                came = future.result()
            except Exception as error:  # whatever a lost worker looks like
                broken |= isinstance(error, BrokenExecutor)
                losses[id(piece)] += 1
                if losses[id(piece)] <= MOST_LOST:
                    waiting.append(piece)
                else:
                    waiting.extend(job.lost(piece, f"its worker was lost: {error}"))
            else:
                waiting.extend(job.done(piece, came))
