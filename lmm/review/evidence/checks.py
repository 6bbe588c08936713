"""The checks: small functions with names, each of which says what it has found, or refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lmm.review.evidence.subject import Subject


class NotMetError(Exception):
    """What is asked is not so; the message says why."""


@dataclass(frozen=True)
class Check:
    """A check: what it does, and how a reader makes sure by other means.

    Attributes
    ----------
    look
        Says what was found, or raises `NotMetError`.
    again
        The command by which a reader confirms it.
    """

    look: Callable[[Subject], str]
    again: str


CHECKS: dict[str, Check] = {}
"""By the names that items give. A module of checks adds its own when it is imported."""


def check(name: str, again: str) -> Callable[[Callable[[Subject], str]], Callable[[Subject], str]]:
    """Add a check under a name."""

    def add(look: Callable[[Subject], str]) -> Callable[[Subject], str]:
        if name in CHECKS:
            raise ValueError(f"two checks are called {name}")
        CHECKS[name] = Check(look, again)
        return look

    return add


def demand(holds: object, why: str) -> None:
    """Refuse, with the reason, unless something holds."""
    if not holds:
        raise NotMetError(why)


def code_of(subject: Subject) -> Path:
    """Give the checkout of the code, in which its tests and its declarations are."""
    if subject.code is None:
        raise NotMetError("this is an installed copy of lmm: look in a checkout of it")
    return subject.code


def read(path: Path, home: Path) -> str:
    """Read a file that has to be there."""
    demand(path.is_file(), f"{path.relative_to(home).as_posix()} is not there")
    return path.read_text("utf-8")
