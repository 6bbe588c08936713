"""What everybody knows before a release: the study file, the calendar, the courses held."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from attack.bags import Kind
from attack.calendar import Period, Stretch
from lmm.study.study import Study

NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Scene:
    """What is public of a study.

    Attributes
    ----------
    courses
        The courses and their days, in order; counts of courses are exact.
    one_role
        Whether a member of staff has the same role and organisation at every course. Who
        believes that knows more.
    """

    study: Study
    stretches: list[Stretch]
    periods: tuple[Period, ...]
    courses: tuple[tuple[str, dt.date], ...] = ()
    one_role: bool = True

    def keeps(self, table: str, *columns: str) -> bool:
        """Whether the service keeps a table with these columns."""
        return self.study.keeps(table) and {*columns} <= {*self.study.columns_kept(table)}

    def labels(
        self, table: str, column: str, vocabulary: str = "", *, told: bool = True
    ) -> list[str]:
        """List what may stand in a column; one word for all where it is not kept."""
        if not self.keeps(table, column):
            return [NOT_RECORDED]
        labels = [*self.study.labels(vocabulary or column)]
        return labels if told else [*labels, NOT_RECORDED]

    def when(self, stretch: Stretch) -> Kind:
        """Describe something by when it happens."""
        return {**stretch.levels, "era": str(stretch.era)}

    def on(self, day: dt.date) -> Kind:
        """Describe something by the day on which it happens."""
        (found,) = (each for each in self.stretches if each.first <= day <= each.last)
        return self.when(found)

    @property
    def times(self) -> list[Kind]:
        """Every time at which something may happen."""
        return [self.when(each) for each in self.stretches]

    @property
    def eras(self) -> list[str]:
        """The eras in which something may happen, in order."""
        return [str(era) for era in sorted({each.era for each in self.stretches})]

    def eras_of(self, release: int) -> frozenset[str]:
        """Give the eras that a release includes."""
        first, last = self.periods[release]
        return frozenset(
            str(each.era) for each in self.stretches if first <= each.first and each.last <= last
        )

    @property
    def ends(self) -> set[dt.date]:
        """The last days of releases."""
        return {last for _, last in self.periods}
