"""The notebooks' code run in this process, and studies that keep some tables and columns only."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
import pandas as pd
import pytest
import yaml
from nbformat import NotebookNode

from lmm.cleaning.contract import typed
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.cleaning.save import save_table
from lmm.disclosure.gate import release
from lmm.publish.run import publish_counts
from lmm.showing.page import Page
from lmm.showing.plots import Picture
from lmm.statistics.estimate import RECORD_FIELDS
from lmm.study.declared import STUDY_FILE
from lmm.study.folder import STAGE_VARIABLE
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

ROOT = Path(__file__).resolve().parents[1]
Frames = Mapping[str, pd.DataFrame]
STATUSES = {"ok", "not_estimable", "suppressed", "no_data", "short_series"}


@dataclass
class Section:
    """A notebook's heading or paragraph, and what the cells below it showed, as plain text."""

    notebook: str
    words: str
    runs_code: bool = False
    shown: list[str] = field(default_factory=list)


@cache
def _cells() -> list[tuple[str, list[tuple[str | CodeType, bool]]]]:
    """Give the cells of each notebook: markdown, or code; and whether they are parameters."""
    return [
        (
            path.name,
            [
                (
                    compile(cell.source, path.name, "exec")
                    if cell.cell_type == "code"
                    else cell.source,
                    "parameters" in cell.metadata.get("tags", []),
                )
                for cell in nbformat.read(path, as_version=4).cells
            ],
        )
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    ]


def code_cells() -> list[list[NotebookNode]]:
    """Give the code cells of each notebook."""
    return [
        [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    ]


def run_notebooks(folder: Path, parameters: Mapping[str, str] | None = None) -> list[Section]:
    """Run the code of the notebooks on a study here, where a warning is an error.

    Its tables and figures are in ``outputs`` of the folder.
    """
    sections: list[Section] = []
    clean = read_clean(read_study(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STAGE_VARIABLE, str(folder))
        patch.chdir(folder)
        study = read_study(folder)
        chosen = Parameters.of(study, parameters)
        publish_counts(release(Records.within(clean, study, chosen)))
        patch.setattr(
            Page,
            "_display",
            lambda _, shown, *_a, **__: sections[-1].shown.append(shown["text/plain"]),
        )
        patch.setattr(Picture, "save_png", lambda *_: None)  # takes long, and nobody looks at it
        for notebook, cells in _cells():
            names: dict[str, Any] = {}
            for cell, are_parameters in cells:
                if isinstance(cell, str):
                    sections.append(Section(notebook, cell))
                    continue
                exec(cell, names)
                sections[-1].runs_code = True
                if are_parameters:
                    names.update(parameters or {})
    return sections


def tables_written(folder: Path) -> dict[str, pd.DataFrame]:
    """Read every table that the notebooks made."""
    return {path.stem: pd.read_csv(path) for path in (folder / "outputs/tables").glob("*.csv")}


def statuses_are_right(tables: Frames) -> int:
    """Hold every estimate to its status, and count the tables that have estimates."""
    estimates = {n: t for n, t in tables.items() if set(RECORD_FIELDS) <= set(t.columns)}
    for name, table in estimates.items():
        values = table[["estimate", "low", "high"]]
        fine = table["status"] == "ok"
        assert values[fine].notna().all(axis=None), name
        assert values[fine].abs().lt(1e6).all(axis=None), name
        reached = table["status"] == "short_series"  # a median of which the upper limit is not
        assert values[~fine & ~reached].isna().all(axis=None), name
        assert values.loc[reached, "high"].isna().all(), name
        assert table.loc[~fine, "note"].notna().all(), name
        assert (values["low"][fine] <= values["estimate"][fine] + 1e-6).all(), name
        assert (values["estimate"][fine] <= values["high"][fine] + 1e-6).all(), name
        assert set(table["status"]) <= STATUSES, name
    return len(estimates)


# --- studies that keep less -----------------------------------------------------------------


@cache
def records(share: float = 1.0) -> dict[str, pd.DataFrame]:
    """Give the study's clean tables, or a part of its courses, sessions and families."""
    tables = read_clean(read_study(ROOT))
    if share == 1:
        return tables
    for name in ("courses", "consultations", "families"):
        tables[name] = tables[name].sample(frac=share, random_state=1).sort_index()
    for name, parent in (
        ("course_attendance", "courses"),
        ("feedback_forms", "courses"),
        ("family_contacts", "families"),
    ):
        key = {"courses": "course_id", "families": "family_id"}[parent]
        tables[name] = tables[name][tables[name][key].isin(tables[parent][key])]
    return tables


def write_study(
    folder: Path,
    tables: Frames,
    *,
    absent: Iterable[str] = (),
    left_out: Iterable[str] = (),
    **declared: str,
) -> Study:
    """Write a study and its clean tables, without some tables and some of their columns.

    Parameters
    ----------
    absent
        Tables that the service does not keep.
    left_out
        Columns that it does not keep, as ``table.column``.
    declared
        What ``study.yaml`` declares otherwise, such as ``disclosure``.
    """
    content = {**copy.deepcopy(_declared()), **declared}
    for place in left_out:
        table, _, column = place.partition(".")
        del content["tables"][table]["columns"][column]
    content["tables"] |= dict.fromkeys(absent, "absent")
    folder.mkdir(exist_ok=True)
    (folder / STUDY_FILE).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    study = read_study(folder)
    for name, spec in tables_of(study).items():
        kept, frame = study.columns_kept(name), tables[name]
        rows = frame if kept else frame.iloc[:0]
        blank = pd.DataFrame("", index=rows.index, columns=list(spec.columns), dtype="str")
        whole = typed(blank, spec.columns).assign(**{column: rows[column] for column in kept})
        save_table(whole, study.processed / f"{name}.csv", study)
    return study


@cache
def _declared() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / STUDY_FILE).read_text("utf-8"))
    return content
