"""Two sets of records that lead to the same release, and must lead to the same files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from attack.attacker import Release, is_of_people
from attack.program import MANY
from attack.rebuilt import rows_of
from attack.shown import SMALL, Span, rounded
from attack.solver import Solver, matrix
from attack.studies import Row, Rows, records_of, released
from attack.trial import Trial, unknown
from lmm.study.study import STUDY_FILE, Study


def alike(count: int, profile: str) -> Span:
    """Give the counts that are shown as a count is, looked at by itself."""
    if count == 0:
        return 0, 0
    if 1 <= count <= SMALL[profile]:
        return 1, SMALL[profile]
    every = [n for n in range(SMALL[profile] + 1, count + 10)
             if rounded(n, profile) == rounded(count, profile)]  # fmt: skip
    return every[0], every[-1]


def twins(trial: Trial) -> Iterator[dict[str, list[Row]]]:
    """Look for other records of which each count is shown as it is, and some count differs."""
    study, profile = trial.records.study, trial.shown.profile
    of = unknown(study, [Release.of(trial.records, trial.shown)])
    names = [name for name in trial.true if is_of_people(name, study)]
    for name in names:
        of.program.rule(of.terms(name), *alike(trial.true[name], profile))
    solver = Solver.of(of.program)
    for name in names:
        low, high = alike(trial.true[name], profile)
        sums = matrix([of.terms(name)], len(solver.most))
        for value in (trial.true[name] + 1, trial.true[name] - 1):
            if low <= value <= high <= MANY:
                found = solver.at(sums, value).near(sums[:0], 0)
                if found is not None:
                    yield rows_of(of, found)


def twin(trial: Trial, most: int = 40) -> dict[str, list[Row]] | None:
    """Give other records that lead to the very same release; None if none are found soon."""
    for n, rows in enumerate(twins(trial)):
        again = released(records_of(trial.records.study, rows))
        if [*again.numbers.items()] == [*trial.shown.numbers.items()]:
            return rows
        if n == most:
            break
    return None


def written(folder: Path, study: Study, rows: Rows) -> Path:
    """Write a study and its records into a folder, as a service keeps them."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    for name, source in study.sources.items():
        columns = list(source.columns)
        lines = [",".join(columns)]
        lines += [",".join(row.get(column, "") for column in columns) for row in rows[name]]
        (raw / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    declared = study.model_dump(mode="json", by_alias=True, exclude_unset=True)
    (folder / STUDY_FILE).write_text(yaml.safe_dump(declared, sort_keys=False), "utf-8")
    return folder


def differing(one: Path, other: Path) -> list[str]:
    """Name the files that are not the same, byte for byte, under two folders."""
    made = [
        {path.relative_to(folder).as_posix(): path.read_bytes()
         for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]  # fmt: skip
    names = sorted(made[0].keys() | made[1].keys())
    return [name for name in names if made[0].get(name) != made[1].get(name)]


def runs_differ(trial: Trial, rows: Rows, folder: Path) -> list[str] | None:
    """Run a whole study twice, with its records and with others that are released alike.

    Returns
    -------
    list of str or None
        The outputs that differ; None if no such records were found.
    """
    others = twin(trial)
    if others is None:
        return None
    outputs = []
    for name, each in (("one", rows), ("other", others)):
        study = written(folder / name, trial.records.study, each)
        command = [sys.executable, "-m", "lmm", "run", "--study", str(study)]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        outputs.append(study / "outputs")
    assert any(outputs[0].iterdir())
    return differing(*outputs)
