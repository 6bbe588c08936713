"""What a page knows of the plan: how each of its results was made, and whether it was planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from IPython.core.getipython import get_ipython

from lmm.analysis.comparison import Comparison, Made
from lmm.analysis.terms import reading_of, terms_of
from lmm.counting.counts import Counts
from lmm.showing.wording import dated
from lmm.study.cells import Shown, behind
from lmm.study.library import this_library
from lmm.study.parameters import Parameters
from lmm.study.problems import visible
from lmm.study.registration import Registration, read_reading, read_registration

NOT_REGISTERED = "This analysis was not registered before the records were seen."


@dataclass(frozen=True)
class Said:
    """What is said of one result: nothing where the study has no registration.

    Attributes
    ----------
    words
        A sentence below it.
    short
        The same in a few words.
    kept
        What its output keeps of it.
    """

    words: str = ""
    short: str = ""
    kept: dict[str, Any] = field(default_factory=dict)

    def after(self, rests_on: str) -> str:
        """Add the short words to what a result rests on."""
        return "; ".join(filter(None, (rests_on, self.short)))


class Plan:
    """The registration of a study, beside which the results of one notebook are laid.

    Attributes
    ----------
    said
        What a notebook says of it, once.
    """

    def __init__(self, counts: Counts, registration: Registration | None) -> None:
        self._counts, self._registration = counts, registration
        self._read: dict[int, set[str]] = {}
        self.said: tuple[str, ...] = ()
        if registration is None:
            self.said = () if counts.study.is_synthetic else (NOT_REGISTERED,)
            return
        self.said = (registered_in_words(registration, synthetic=counts.study.is_synthetic),)
        self._compared = compared(counts, registration)
        if (shell := get_ipython()) is not None:
            shell.events.register("pre_run_cell", self._begin_cell)

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Read the registration of the study of counts, if it has one."""
        return cls(counts, read_registration(counts.study))

    def _begin_cell(self, _: object) -> None:
        """Keep which measures the cells so far have read, apart from those to come."""
        cells = self._cells()
        self._read.setdefault(len(cells) - 1, set()).update(self._asked())
        self._counts.asked.clear()

    def _asked(self) -> set[str]:
        """Give the measures that were asked for in this cell."""
        return {measure for measure, _ in self._counts.asked}

    def _cells(self) -> list[str]:
        """Give the code that has run here, the cell that is running last."""
        shell = get_ipython()
        return list(shell.user_ns["In"]) if shell is not None else []

    def label(
        self,
        kind: str,
        name: str,
        of: Sequence[str] = (),
        *,
        title: str = "",
        first_page: bool = False,
    ) -> Said:
        """Label a result, from the code that has run up to here.

        Parameters
        ----------
        kind, name
            The method of the page that shows it, and what it is called there.
        of
            The results that a figure draws.
        """
        if self._registration is None:
            return Said()
        drawn: list[Shown] = [(how, each) for each in of for how in ("table", "keep")]
        cells = self._cells()
        found = behind(cells, [(kind, name), *drawn], Parameters.names())
        now = {len(cells) - 1: self._asked()}
        read = {m for n in found.cells for m in {*self._read.get(n, ()), *now.get(n, ())}}
        made = Made(found.code, frozenset(read if cells else self._asked()))
        key = f"{kind} {name}"
        label = self._compared.label(key, made)
        kept = {
            "name": key,
            "as": label.kind,
            "words": label.words,
            "deviations": [asdict(each) for each in label.deviations],
            "code": made.code,
            "measures": sorted(made.measures),
            "title": title,
            "first_page": first_page,
        }
        return Said(visible(label.words), label.short, {"planned": kept})


def compared(counts: Counts, registration: Registration) -> Comparison:
    """Lay what results rest on now beside a registration."""
    reading = read_reading(counts.study) or reading_of(counts.study)
    return Comparison(registration, terms_of(counts, reading), this_library())


def registered_in_words(registration: Registration, *, synthetic: bool) -> str:
    """Say when a study was registered, and whether that was before its records were read."""
    first, *amendments = registration.entries
    said = f"This analysis was registered on {_day(first.day)}"
    if synthetic:
        said += ", and its records are synthetic: there was nothing to see before."
    elif registration.first_read:
        said += f"; lmm first read the records on {_day(registration.first_read)}."
    else:
        said += ", before lmm had read any record."
    if amendments:
        days = ", ".join(_day(entry.day) for entry in amendments)
        said += f" It was amended on {days}."
    return f"{said} Its digest begins {first.digest[:12]}."


def _day(when: str) -> str:
    return dated(dt.date.fromisoformat(when[:10]))
