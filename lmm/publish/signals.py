"""Ctrl-C and its like: a run ends by them in good order, and is never stopped half moved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Stopped(KeyboardInterrupt):
    """Somebody asked the run to stop.

    Attributes
    ----------
    number
        The signal by which.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise `Stopped` at the first signal; further ones do not disturb the clearing up."""

    def stop(number: int, _: FrameType | None) -> None:
        _handle(signal.SIG_IGN)
        raise Stopped(number)

    with _handled(stop):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal stop what takes milliseconds and must not be left half done."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # where none can be handled
        yield
        return
    before = _handle(handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _handle(handler: Any) -> dict[signal.Signals, Any]:
    """Set the handler of each signal that is not ignored already, as nohup has it."""
    heard = [number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in heard}
