"""Services of growing size, whose records are declared real, so that their counts are protected.

Each is the compendium's service with more areas and over more months. Each area has families and
staff of its own, and is counted in each month; so records grow as counts do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lmm.cleaning.load import read_clean
from lmm.cleaning.records import DESCRIBE_NOBODY, Records
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("courses", "course_attendance", "families", "family_contacts")
SHARE = 0.3
"""How much of the compendium's families and staff each area has."""

BY_AREA: dict[str, Any] = {
    "came": {"label": "attendances of an area", "rows": "course_attendance",
             "where": {"attended": "yes"},
             "by": [["organisation", "month"], ["organisation", "role"]]},
    "people": {"label": "staff of an area", "rows": "course_attendance", "once_for": "staff_id",
               "where": {"attended": "yes"},
               "by": [["organisation", "month"], ["organisation", "role"]]},
    "new": {"label": "families of an area", "rows": "families",
            "by": [["ward", "month"], ["ward", "reason"]]},
    "met": {"label": "contacts of an area", "rows": "family_contacts",
            "where": {"outcome": "attended"}, "by": [["ward", "month"], ["ward", "kind"]]},
}  # fmt: skip
"""What is counted of each area, besides what the compendium counts of every service."""


@dataclass(frozen=True)
class Size:
    """How large a service is."""

    areas: int
    months: int


SIZES = (Size(1, 2), Size(4, 7), Size(8, 13), Size(13, 20), Size(26, 34))
"""Of about 200, 500, 1,000, 2,000 and 5,000 counts of people that may be released."""


def service(size: Size) -> Records:
    """Give the records of a service."""
    areas = [f"area {n + 1}" for n in range(size.areas)]
    study, every_table = _study(areas), read_clean(read_study(ROOT))
    whole = {name: every_table[name] for name in (*KEPT, *DESCRIBE_NOBODY)}
    every = [_of_area(whole, area, seed) for seed, area in enumerate(areas)]
    grown = {name: pd.concat([each[name] for each in every], ignore_index=True)
             for name in every[0]}  # fmt: skip
    first = pd.Timestamp(study.period.start)
    last = first + pd.DateOffset(months=size.months, days=-1)
    period = {"period_start": f"{first:%Y-%m-%d}", "period_end": f"{last:%Y-%m-%d}"}
    return Records.within({**whole, **grown}, study, Parameters.of(study, period))


def _study(areas: list[str]) -> Study:
    """Declare the compendium's study with these areas, and with fewer tables."""
    content = yaml.safe_load((ROOT / "study.yaml").read_text("utf-8"))
    dropped = content["tables"].keys() - {*KEPT, *DESCRIBE_NOBODY}
    content["tables"] |= dict.fromkeys(dropped, "absent")
    content["vocabularies"] |= {name: {a: [] for a in areas} for name in ("ward", "organisation")}
    content |= {"records": "real", "disclosure": "opensafely", "measures": BY_AREA, "forms": {}}
    del content["reference_population"]
    return Study.model_validate(content)


def _of_area(whole: dict[str, pd.DataFrame], area: str, seed: int) -> dict[str, pd.DataFrame]:
    """Give an area families and staff like some of the compendium's."""
    families = whole["families"].sample(frac=SHARE, random_state=seed)
    contacts, came = whole["family_contacts"], whole["course_attendance"]
    contacts = contacts[contacts["family_id"].isin(families["family_id"])]
    staff = came["staff_id"].drop_duplicates().sample(frac=SHARE, random_state=seed)
    came = came[came["staff_id"].isin(staff)]
    return {
        "families": families.assign(ward=area, family_id=families["family_id"] + area),
        "family_contacts": contacts.assign(
            family_id=contacts["family_id"] + area, contact_id=contacts["contact_id"] + area
        ),
        "course_attendance": came.assign(organisation=area, staff_id=came["staff_id"] + area),
    }
