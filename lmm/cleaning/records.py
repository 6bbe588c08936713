"""The clean records of a study, cut to the period that is analysed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from lmm.cleaning.contract import INDICATORS, Frames
from lmm.study.parameters import Parameters
from lmm.study.setting import Setting, bounds
from lmm.study.study import Study


@dataclass(frozen=True)
class Records(Setting):
    """Typed clean tables within the period analysed, with what is needed to read them.

    Attributes
    ----------
    tables
        By name.
    """

    tables: Frames

    @classmethod
    def within(cls, tables: Frames, study: Study, parameters: Parameters) -> Self:
        """Cut clean tables to the period of the parameters.

        Registers and feedback forms go with their course. Families are those referred in
        the period; what happens to them after its end is not yet known.
        """

        def in_period(frame: pd.DataFrame, column: str = "date") -> pd.DataFrame:
            first, last = bounds(parameters)
            return frame[frame[column].between(first, last)]

        def with_course(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[frame["course_id"].isin(courses["course_id"])]

        courses = in_period(tables["courses"])
        families = in_period(tables["families"], "referred_on").copy()
        for step in ("accepted_on", "offered_on", "discharged_on"):
            families[step] = families[step].where(families[step] <= bounds(parameters)[1])
        return cls(
            study=study,
            parameters=parameters,
            targets=tables["targets"],
            published_figures=tables["published_figures"],
            tables={
                "courses": courses,
                "course_attendance": with_course(tables["course_attendance"]),
                "feedback_forms": with_course(tables["feedback_forms"]),
                "consultations": in_period(tables["consultations"]),
                "families": families,
                "family_contacts": in_period(tables["family_contacts"]),
            },
        )

    def having(self, **tables: pd.DataFrame) -> Self:
        """Give the same records with some of their tables replaced."""
        return replace(self, tables={**self.tables, **tables})

    @property
    def attended(self) -> pd.DataFrame:
        """The attendances: rows of the registers whose person came."""
        register = self.tables["course_attendance"]
        return register[register["attended"] == "yes"]

    @property
    def sessions_attended(self) -> pd.DataFrame:
        """The contacts that a family attended."""
        contacts = self.tables["family_contacts"]
        return contacts[contacts["outcome"] == "attended"]

    @property
    def consultations_held(self) -> pd.DataFrame:
        """The consultations that took place: all of them where no outcome is kept."""
        sessions = self.tables["consultations"]
        if not self.keeps("consultations", "outcome"):
            return sessions
        return sessions[sessions["outcome"] == "attended"]

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of what is counted, of those whose table the service keeps, in order."""
        return tuple(
            name
            for name, table in INDICATORS.items()
            if name != "satisfaction" and self.study.keeps(table)
        )
