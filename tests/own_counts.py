"""A service with tables of its own, counted from a handful of rows."""

from __future__ import annotations

from pathlib import Path

import yaml

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.study.parameters import Parameters
from lmm.study.study import STUDY_FILE, read_study

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = yaml.safe_load((ROOT / "examples/drop-ins/study.yaml").read_text("utf-8"))

CALLS = """\
Call,Day,Caller,About,Got through
C1,2023-04-03,K1,sleep,yes
C2,2023-04-03,K2,mood,no
C3,2023-05-01,K1,mood,yes
C4,2023-10-02,K3,sleep,yes
C5,2023-10-02,K1,other,yes
C6,2024-03-31,K3,sleep,yes
"""
VISITS = """\
Date,Where,Adults,Children,Weather
04/04/2023,Library,3,4,dry
06/04/2023,Park cafe,2,0,
03/10/2023,Library,5,7,wet
"""
CARDS = "Day,Did it help?,Stars\n04/04/2023,yes,4\n06/04/2023,partly,\n03/10/2023,,2\n"


def counted(folder: Path, **measures: dict[str, object]) -> Counts:
    """Write the rows and the study with measures beside its own into a folder, and count them."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    for name, text in (("helpline", CALLS), ("drop_ins", VISITS), ("postcards", CARDS)):
        (raw / f"{name}.csv").write_text(text, "utf-8")
    declared = {**EXAMPLE, "disclosure": "none", "measures": {**EXAMPLE["measures"], **measures}}
    (folder / STUDY_FILE).write_text(yaml.safe_dump(declared, sort_keys=False), "utf-8")
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return count(Records.within(tables, study, Parameters.of(study)))
