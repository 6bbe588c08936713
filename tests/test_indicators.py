"""Indicators of each kind of criterion, as the guide declares them: counted, and rated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from lmm.analysis.targets import achievement
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.study.parameters import Parameters
from lmm.study.study import STUDY_FILE, read_study

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs/your-service.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
(DECLARED,) = (block for block in BLOCKS if "completion" in block.get("measures", {}))
KINDS = {
    "families": "recruitment",
    "reach": "reach",
    "completion": "completion",
    "fidelity": "fidelity",
    "satisfaction": "satisfaction",
    "ethnic_group_missing": "data quality",
    "seen_in_time": "implementation",
}
Lines = Sequence[str]

FAMILIES: Lines = (
    "F1,02/05/2019,02/05/2019,,01/10/2019,hv,Bradford Moor,white,no,bonding",
    "F2,02/05/2019,02/05/2019,,01/10/2019,hv,Little Horton,,no,bonding",
    "F3,02/05/2019,02/05/2019,,,hv,other,white,no,bonding",
    "F4,02/05/2019,02/05/2019,,01/11/2019,hv,,white,no,bonding",
    "F5,30/03/2020,30/03/2020,,,hv,,white,no,bonding",
)
CONTACTS: Lines = (
    "K1,F1,10/05/2019,assessment,in person,attended",
    "K2,F1,17/05/2019,therapeutic,in person,attended",
    "K3,F1,24/05/2019,therapeutic,in person,attended",
    "K4,F2,10/05/2019,assessment,in person,attended",
    "K5,F3,10/09/2019,assessment,in person,attended",
    "K6,F4,10/09/2019,assessment,in person,dna",
)
COURSES: Lines = (
    "C1,attachment,05/06/2019,in person,20",
    "C2,attachment,06/06/2019,in person,20",
    "C3,attachment,07/06/2019,online,20",
)
FORMS: Lines = ("B1,C1,midwife,4,4,4,4,5", "B2,C1,midwife,4,4,4,4,4", "B3,C2,midwife,4,4,4,4,2")
HEADINGS = {
    name: (ROOT / f"data/raw/{name}.csv").read_text("utf-8-sig", errors="replace").splitlines()[0]
    for name in ("families", "family_contacts", "courses", "feedback_forms")
}


def declared(folder: Path, times: int = 1, **more: Any) -> Records:
    """Write a service with so many families like each of a few, and read it."""
    content = yaml.safe_load((ROOT / STUDY_FILE).read_text("utf-8"))
    content |= {**DECLARED, "period": {"start": "2018-04-01", "end": "2020-03-31"}}
    content |= {"disclosure": "none", "reduced_capacity": [], **more}
    content["rated_from"] = {"count": 1, "share": 1}  # the service of these tests is a small one
    kept = {name: {**content["tables"][name], "encoding": "utf-8"} for name in HEADINGS}
    content["tables"] = {
        **dict.fromkeys(content["tables"], "absent"), **kept, "targets": DECLARED["targets"]
    }  # fmt: skip
    del content["targets"]
    content["event"]["date"] = "2020-03-23"
    raw = folder / "data/raw"
    raw.mkdir(parents=True)
    people = {"families": FAMILIES, "family_contacts": CONTACTS}
    rows: dict[str, Lines] = {"courses": COURSES, "feedback_forms": FORMS}
    for name, few in people.items():
        rows[name] = [
            re.sub(r"\b([FK]\d)\b", rf"\g<1>x{n:02}", line) for n in range(times) for line in few
        ]
    for name, lines in rows.items():
        (raw / f"{name}.csv").write_text("\n".join([HEADINGS[name], *lines, ""]), "utf-8")
    (folder / STUDY_FILE).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return Records.within(tables, study, Parameters.of(study))


def rated(counts: Counts) -> dict[str, dict[str, Any]]:
    rows = achievement(counts).table.to_dict("records")
    return {row["indicator"]: row for row in rows}


def test_the_guide_has_an_indicator_of_each_kind() -> None:
    rows = DECLARED["targets"]["rows"]
    assert {row["indicator"]: row["criterion"] for row in rows} == KINDS
    assert {row["direction"] for row in rows} == {"at least", "at most"}


def test_each_is_counted_as_its_label_says(tmp_path: Path) -> None:
    counts = count(declared(tmp_path))
    year = {"contract_year": "2019/20"}
    found = {name: (counts.high(name, **year), counts.n(name, **year)) for name in KINDS
             if name != "families"}  # fmt: skip
    assert found == {
        "reach": (2, 3),  # of the three who came and whose ward is known
        "completion": (1, 2),  # one was discharged unseen, and one is still there
        "fidelity": (2, 3),
        "satisfaction": (2, 3),
        "ethnic_group_missing": (1, 5),
        "seen_in_time": (2, 4),  # the fifth was referred a day before the end
    }
    assert counts.n("families", **year) == 3
    assert "reach" not in counts.shown


def test_each_is_rated(tmp_path: Path) -> None:
    found = rated(count(declared(tmp_path)))
    assert {name: (row["criterion"], row["rag"]) for name, row in found.items()} == {
        "families": ("recruitment", "red"),
        "reach": ("reach", "green"),
        "completion": ("completion", "amber"),
        "fidelity": ("fidelity", "amber"),
        "satisfaction": ("satisfaction", "red"),
        "ethnic_group_missing": ("data quality", "amber"),
        "seen_in_time": ("implementation", "amber"),
    }
    assert all(row["status"] == "ok" for row in found.values())
    assert found["reach"]["estimand"] == "families who attended and live in the two wards"


@pytest.mark.parametrize("profile", ["opensafely", "midpoint6", "nhs_digital"])
def test_of_a_protected_release_each_is_rated_or_suppressed(profile: str, tmp_path: Path) -> None:
    found = rated(release(declared(tmp_path, 20, disclosure=profile)).counts)
    assert list(found) == list(KINDS)
    for name, row in found.items():
        assert (row["status"] == "suppressed") == (row["rag"] == "not rated"), name
        assert row["status"] in ("ok", "suppressed")
    assert found["fidelity"]["rag"] == "amber"  # courses are exact
    shown = {name for name, row in found.items() if row["status"] == "ok"}
    assert {"families", "fidelity", "seen_in_time"} <= shown


def test_few_families_are_suppressed(tmp_path: Path) -> None:
    found = rated(release(declared(tmp_path, disclosure="opensafely")).counts)
    for name in ("families", "reach", "completion", "ethnic_group_missing", "seen_in_time"):
        assert found[name]["status"] == "suppressed"
        assert found[name]["numerator"] != found[name]["numerator"]  # it is missing
