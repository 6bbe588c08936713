"""CONTRIBUTING.md followed to the letter in a copy: its blocks are put where it says."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook
from notebooks_here import records, write_study
from test_architecture import STAGES

from lmm.showing.page import Page
from lmm.study.study import read_study

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
NOT_COPIED = (
    ".git", ".venv*", ".*_cache", "__pycache__", "outputs*", "processed", "lab", "tests",
    "benchmarks", "docs", ".stage-*", "*.egg-info",
)  # fmt: skip
DROP_INS = "Visit,Date,How,People\nV1,2018-04-05,in person,12\nV2,2018-05-06,online,3\n"


def section(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Give a copy of the repository, without what is made or only looks at it."""
    place = tmp_path / "copy"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return place


def changed(copy: Path) -> list[str]:
    """Name the files of a copy that are new or not as they were."""
    files = [path.relative_to(copy) for path in sorted(copy.rglob("*")) if path.is_file()]
    made = [name for name in files if "__pycache__" not in name.parts]
    same, other, new = filecmp.cmpfiles(ROOT, copy, made, shallow=False)
    assert same
    return sorted(map(str, (*other, *new)))


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and key in into:
            merge(into[key], value)
        else:
            into[key] = value


def edit(copy: Path, heading: str) -> None:
    """Put each YAML block of a section into the file that is named before it."""
    blocks = re.findall(
        r"^In `([^`]+)`,[^\n]*:\n\n```yaml\n(.*?)```", section(heading), re.M | re.S
    )
    assert blocks
    for name, block in blocks:
        content = yaml.safe_load((copy / name).read_text("utf-8"))
        merge(content, yaml.safe_load(block))
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (copy / name).write_text(text, encoding="utf-8")


LOOK = """
import json, sys
import lmm
from lmm.analysis.descriptive import activity
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import key
from lmm.disclosure.model import Model
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

study = read_study().model_copy(update={"disclosure": "opensafely"})
tables = clean_all(read_raw(study), study).tables
records = Records.within(tables, study, Parameters.of(study))
counts = count(records)
model = Model(records, counts)
parts = dict(zip([c.key for c in model.cells], next(model.kinds()).parts, strict=True))
same = model.same
table = activity(counts.showing(counts.numbers), "contract_year").table
found = {
    name: {
        "in all": counts.numbers[key(name)],
        "by mode": [counts.numbers.get(key(name, mode=m)) for m in ("in person", "online")],
        "linked to": sorted({
            of for of, levels in same
            if not levels and parts[same[key(of)]] == parts[same[key(name)]]
        }),
        "rows of activity": int((table["measure"] == name).sum()),
    }
    for name in sys.argv[1:]
}
print(json.dumps({"from": lmm.__file__, "found": found}))
"""


def python(copy: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run code with the library of the copy, in its folder."""
    variables = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=copy, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def look(copy: Path, *measures: str) -> dict[str, Any]:
    answer = python(copy, LOOK, *measures)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert Path(told["from"]).is_relative_to(copy)
    found: dict[str, Any] = told["found"]
    return found


@pytest.mark.slow
def test_adding_a_measure_takes_one_file(copied: Path) -> None:
    edit(copied, "Adding a measure")
    assert changed(copied) == ["lmm/study/measures.yaml"]
    found = look(copied, "telephone_sessions")["telephone_sessions"]
    sessions = records()["consultations"]
    assert found["in all"] == (sessions["mode"] == "telephone").sum() > 0
    assert {"consultations", "telephone_sessions"} <= set(found["linked to"])
    assert found["rows of activity"] == 2 * (3 + 1)  # a count and a rate, of each year and in all


@pytest.mark.slow
def test_adding_a_table_takes_two_files_beside_its_records(copied: Path) -> None:
    (copied / "data/raw/drop_ins.csv").write_text(DROP_INS, encoding="utf-8")
    edit(copied, "Adding a table of records")
    beside = "data/raw/drop_ins.csv"
    assert changed(copied) == [beside, "lmm/study/tables.yaml", "study.yaml"]
    found = look(copied, "drop_ins", "heads")
    assert (found["drop_ins"]["in all"], found["drop_ins"]["by mode"]) == (2, [1, 1])
    assert found["heads"]["in all"] == 15
    assert all(name in each["linked to"] for name, each in found.items())
    assert found["heads"]["rows of activity"] == 2 * (3 + 1)


def test_a_new_table_asks_nothing_of_other_studies(copied: Path) -> None:
    edit(copied, "Adding a table of records")
    code = (
        "from pathlib import Path; from lmm.study.mapping import check_study; "
        "from lmm.study.study import read_study; from lmm.study.tables import TABLES; "
        "study = read_study(Path('examples/peer-support')); check_study(study); "
        "print('drop_ins' in TABLES, study.keeps('drop_ins'))"
    )
    answer = python(copied, code)
    assert answer.stdout.split() == ["True", "False"], answer.stderr


def test_adding_a_notebook_takes_one_file(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = re.findall(r"```python\n(.*?)```", section("Adding a notebook"), re.S)
    first, *others = [new_code_cell(cell.strip()) for cell in cells]
    first.metadata["tags"] = ["parameters"]
    place = copied / "notebooks/4-name.ipynb"
    nbformat.write(new_notebook(cells=[first, *others]), place)
    assert changed(copied) == ["notebooks/4-name.ipynb"]
    assert place.name in [path.name for path in read_study(copied).notebooks]

    shown: list[dict[str, str]] = []
    monkeypatch.setattr(Page, "_display", lambda _, given, *_a, **__: shown.append(given))
    write_study(tmp_path / "study", records(), disclosure="none")
    monkeypatch.chdir(tmp_path / "study")
    names: dict[str, Any] = {}
    for cell in nbformat.read(place, as_version=4).cells:
        exec(cell.source, names)
    opened, answer, table, figure = shown
    assert "months open" in answer["text/plain"]
    assert "2018-04-01 to 2021-01-31" in opened["text/plain"]
    assert "Activity in each month" in table["text/plain"]
    assert figure["image/svg+xml"].startswith("<")


def test_the_stages_are_those_that_the_imports_are_held_to() -> None:
    rows = re.findall(r"^\| `(lmm/\w+)(?:\.py)?` \|", section("How the code is laid out"), re.M)
    assert [row.replace("/", ".") for row in rows] == [s for s in STAGES if s != "lmm.__main__"]


def test_what_it_names_is_there() -> None:
    paths = set(re.findall(r"`((?:lmm|tests|docs|notebooks)/[\w/.-]+)`", TEXT))
    assert len(paths) > 20
    assert {path for path in paths if not (ROOT / path).exists()} == {"notebooks/4-name.ipynb"}
    modules = [(ROOT / "lmm" / path).read_text("utf-8") for path in (
        "study/table.py", "study/parameters.py", "study/disclosure.py", "disclosure/profiles.py",
        "publish/counts.py", "publish/released.py", "study/handed_on.py", "study/migration.py",
    )]  # fmt: skip
    for name in ("Step", "Parameters", "Named", "PROFILES", "WORDS", "load_counts", "COUNTED_FOR",
                 "OF_FILES", "SCHEMA", "bring_up_to_date"):  # fmt: skip
        assert f"`{name}`" in TEXT
        assert any(re.search(rf"^(class |def )?{name}\b", text, re.M) for text in modules), name
