"""Exercise 4, a cleaning rule: whether it accounts for every row and every change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import pandas as pd
from numpy.random import Generator, default_rng

from lmm.cleaning.ledger import Ledger
from lmm.exercises import helpline
from lmm.exercises.asked import Case, NoAnswerError, ask
from lmm.exercises.exercise import ANSWER, wrong

COLUMN = "minutes"


def untidy(chance: Generator, number: int = 120) -> tuple[pd.DataFrame, list[str | None]]:
    """Draw calls with lengths as people write them, and what each length is; None for no length."""
    cells: list[tuple[str, str | None]] = [("", ""), *((odd, None) for odd in _odd(chance))]
    for _ in range(number - len(cells)):
        hours, minutes = int(chance.integers(1, 3)), int(chance.integers(1, 60))
        cells.append(
            [
                (f"{minutes}", f"{minutes}"),
                (f"{minutes} min", f"{minutes}"),
                (f"{minutes}min", f"{minutes}"),
                (f"{minutes} MIN", f"{minutes}"),
                (f"{hours} h", f"{60 * hours}"),
                (f"{hours} h {minutes}", f"{60 * hours + minutes}"),
                ("", ""),
            ][int(chance.integers(0, 7))]
        )
    mixed = [cells[n] for n in chance.permutation(number)]
    return helpline.calls(chance, number).assign(Minutes=[c for c, _ in mixed]), [
        m for _, m in mixed
    ]


def _odd(chance: Generator) -> list[str]:
    """Draw what is no length; such that a reason has some of it only if it quotes the cell."""
    least, most, less = chance.integers(11, 29), chance.integers(31, 59), chance.integers(11, 59)
    hours = f"{chance.integers(1, 9)}.{chance.choice((1, 2, 3, 4, 6, 7, 8, 9))} h"
    return ["a while", "?", f"{least}-{most}", f"-{less}", hours]


@dataclass(frozen=True)
class Watched(Ledger):
    """An account that knows which cells became what they are without it.

    Attributes
    ----------
    told
        The column as it was after the last change through the account; None before the first.
    silent
        Lines of cells that were other than this when the next change came.
    changes
        Number of cells in all changes through the account.
    """

    told: pd.Series[str] | None = None
    silent: frozenset[int] = frozenset()
    changes: int = 0

    @classmethod
    def over(cls, ledger: Ledger) -> Self:
        """Go on with an account."""
        return cls(**{each.name: getattr(ledger, each.name) for each in fields(ledger)})

    def change(self, step: str, column: str, new: pd.Series[str], done: str) -> Self:
        """Replace a column's cells, and keep in mind what they are."""
        given = super().change(step, column, new, done)
        if column != COLUMN:
            return given
        now = given.frame[COLUMN]
        changes = self.changes + int((now != self.frame[COLUMN]).sum())
        return replace(given, told=now, silent=self.untold(), changes=changes)

    def untold(self) -> frozenset[int]:
        """Give the lines of the cells that were changed past the account, up to now."""
        told = self.raw[COLUMN] if self.told is None else self.told
        now = self.frame[COLUMN]
        return self.silent | {int(line) for line in now.index[now != told.reindex(now.index)]}


def bring(folder: Path) -> None:
    """Write calls to try things out with."""
    untidy(default_rng(4), 60)[0].to_csv(folder / "helpline.csv", index=False)


def put(function: Callable[..., Any], case: Case) -> Any:
    """Apply the step to calls, and once more to what it gives; tell what the accounts say."""
    ledger = Watched.over(helpline.opened(pd.DataFrame(case["calls"], dtype="str")))
    before = ledger.raw.copy()
    once = _step(function, ledger)
    twice = _step(function, once)
    others = [name for name in before if name != COLUMN]
    kept = before.loc[[line for line in once.frame.index if line in before.index]]
    return {
        "raw is as it was": once.raw.equals(before) and ledger.raw.equals(before),
        "others are as they were": once.frame[others].equals(kept[others]),
        "lines": once.frame.index.tolist(),
        "minutes": once.frame[COLUMN].tolist(),
        "untold": sorted(once.untold()),
        "logged by hand": sum(e[3] for e in once.log if e[2] == COLUMN) - once.changes,
        "left out": {str(line): why for *_, line, why in once.rejected},
        "again": twice.frame[COLUMN].tolist(),
    }


def _step(function: Callable[..., Any], ledger: Watched) -> Watched:
    given = function(ledger)
    if not isinstance(given, Watched):
        raise NoAnswerError(f"gives a {type(given).__name__}; a step gives a Ledger")
    return given


def check(folder: Path, chance: Generator) -> None:
    """Apply the step to new calls, and hold its account to what it did."""
    table, right = untidy(chance)
    given = next(ask(folder / ANSWER, "minutes", put, [{"calls": table.to_dict("list")}]))
    cells = dict(zip(range(2, len(table) + 2), table["Minutes"], strict=True))
    expected = dict(zip(cells, right, strict=True))
    _nothing_behind_its_back(given, cells)
    _each_as_it_should(given, cells, expected)
    if given["again"] != given["minutes"]:
        raise wrong("applied to its own result, the step changes it again", "a clean cell stays")


def _nothing_behind_its_back(given: dict[str, Any], cells: dict[int, str]) -> None:
    """See that the ledger knows of every row and every change."""
    if not given["raw is as it was"]:
        raise wrong("the step writes into the table as it was read, so that nothing is left to "
                    "compare with", "give the ledger a new column")  # fmt: skip
    kept, left_out = set(given["lines"]), given["left out"]
    lost = [line for line in cells if line not in kept and str(line) not in left_out]
    if lost:
        raise wrong(
            f"the row on line {lost[0]} ({cells[lost[0]]!r}) is neither kept nor listed as left "
            "out: it is lost without a word"
        )
    if not given["others are as they were"]:
        raise wrong(f"the step changes other columns than {COLUMN}, or rows that are not there")
    now = dict(zip(given["lines"], given["minutes"], strict=True))
    changed = {line for line in now if now[line] != cells[line]}
    untold = len(changed.intersection(given["untold"])) - given["logged by hand"]
    if untold > 0:
        raise wrong(f"{len(changed)} cells are other than they were, and the log knows of "
                    f"{len(changed) - untold}")  # fmt: skip


def _each_as_it_should(
    given: dict[str, Any], cells: dict[int, str], expected: dict[int, str | None]
) -> None:
    now = dict(zip(given["lines"], given["minutes"], strict=True))
    for line, cell in cells.items():
        right, why = expected[line], given["left out"].get(str(line))
        at = f"{cell!r} on line {line}"
        if right is None and line in now:
            raise wrong(f"{at} became {now[line]!r}: that is a guess", "leave such a row out")
        if right is not None and why is not None:
            known = "a length that was not written down" if right == "" else f"{right} minutes"
            raise wrong(f"{at} is {known}, and the row is left out")
        if right is not None and now[line] != right:
            raise wrong(f"{at} became {now[line]!r} and should be {right!r}")
        if right is None:
            _about_its_row(str(why), cell, at, cells.values())


def _about_its_row(why: str, cell: str, at: str, cells: Iterable[str]) -> None:
    """See that a reason quotes its cell, and none that is of another row."""
    if cell not in why:
        raise wrong(f"{at} is left out, and the reason ({why!r}) does not quote the cell")
    rest = why.replace(cell, "")
    others = [each for each in cells if re.search(r"\d[-.]|-\d", each) and each not in cell]
    if quoted := [each for each in others if each in rest]:
        raise wrong(f"{at} is left out, and the reason quotes {quoted[0]!r} of another row",
                    "a reason is about its own row")  # fmt: skip
