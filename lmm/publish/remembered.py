"""What a study has released, kept so that a new release is planned beside it.

Each release is a folder of ``data/released``: what is told of each count, and no records. It is
for the service alone, since it says which blanks are small counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from lmm.cleaning.contract import Frames
from lmm.cleaning.records import Records
from lmm.cleaning.save import keep_private, read_saved, save_table
from lmm.counting.counts import TIDY, Key, named, tidied
from lmm.disclosure.cells import FAR, Told, Why
from lmm.disclosure.earlier import Earlier, spanning
from lmm.disclosure.gate import Released, release
from lmm.publish.released import COUNTED_FOR
from lmm.publish.released_tables import check_headings, check_rows
from lmm.publish.stage import keep_in_service
from lmm.showing.labels import kind_in_words
from lmm.study.declared import STUDY_FILE
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError, refuse
from lmm.study.setting import Setting
from lmm.study.study import Study

WHAT, TOLD = "release.json", "told.csv"
WHY: dict[str, Why] = {why: why for why in get_args(Why)}
TELLING = ["n", "low", "high", "decision"]
COLUMNS = [*TIDY, *TELLING[1:]]


def release_beside(
    tables: Frames, study: Study, parameters: Parameters, earlier: list[Earlier]
) -> Released:
    """Count clean tables and protect the counts, together with all that was released before."""
    records = Records.within(tables, study, spanning(parameters, earlier))
    return release(records, parameters, earlier)


def remember(released: Released, earlier: list[Earlier]) -> None:
    """Keep what a release tells, unless the very same was told before."""
    study, told = released.counts.study, released.told
    of = {name: released.counts.parameters.as_text()[name] for name in COUNTED_FOR}
    before = [(each.parameters, each.told) for each in earlier]
    if not study.is_protected or (Parameters.of(study, of), told) in before:
        return
    name = str(1 + max((int(each.name) for each in earlier), default=0))
    keep_in_service(study.released)
    made = study.released / f".{name}"
    made.mkdir(exist_ok=True)
    save_table(_table(told), made / TOLD, study)
    text = json.dumps({**_of(study), **of}, indent=2) + "\n"
    (made / WHAT).write_text(text, encoding="utf-8")
    for path in made.iterdir():
        keep_private(path)
    made.rename(study.released / name)


def _of(study: Study) -> dict[str, Any]:
    disclosure = study.model_dump(mode="json")["disclosure"]
    return {"records": kind_in_words(study), "disclosure": disclosure}


def _table(told: Mapping[Key, Told]) -> pd.DataFrame:
    rows = [
        {
            **tidied(name, each.value),
            "low": each.low,
            "high": each.high if each.high < FAR else None,
            "decision": each.decision,
        }
        for name, each in told.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(("n", "low", "high"), "Int64"))


def earlier_releases(study: Study) -> list[Earlier]:
    """Read what was released before, in that order.

    Raises
    ------
    StudyError
        If a new release cannot be planned beside one of them: it was protected in another way,
        the study does not count any more what it told, or its files are not as they were written.
    """
    if not study.is_protected or not study.released.is_dir():
        return []
    folders = [path for path in study.released.iterdir() if path.name.isdecimal()]
    return [_read(path, study) for path in sorted(folders, key=lambda path: int(path.name))]


def _read(folder: Path, study: Study) -> Earlier:
    place = folder.relative_to(study.folder).as_posix()
    given = f"if nobody was given that release, remove the folder {place}"
    mend = (
        f"a new release has to be planned beside the one in {place}: let study.yaml count again "
        f"what it counted then, or, {given}"
    )
    parameters = _parameters(folder / WHAT, study, mend, given)
    path = folder / TOLD
    table = read_saved(path, study, mend)
    check_headings(table, COLUMNS, path, mend)
    setting = Setting(study, parameters, pd.DataFrame(), pd.DataFrame())
    check_rows(table, setting, path, mend)
    told = {}
    for line, name, *row in zip(
        table.index, named(table), *table[TELLING].T.to_numpy(), strict=True
    ):
        try:
            told[name] = _told(*row)
        except (ValueError, KeyError):
            why = f"{', '.join(map(str, row))!r} is not what may be told of a count"
            raise refuse(why, path, line=line, fix=mend) from None
    return Earlier(folder.name, parameters, told)


def _told(n: str, low: str, high: str, decision: str) -> Told:
    told = Told(int(n) if n else None, int(low), int(high) if high else FAR, WHY[decision])
    if (told.decision == "shown") != bool(n) or not 0 <= told.low <= told.high:
        raise ValueError(decision)
    return told


def _parameters(path: Path, study: Study, mend: str, given: str) -> Parameters:
    try:
        of = json.loads(path.read_text("utf-8"))
        chosen = {name: of[name] for name in COUNTED_FOR}
        was = of["disclosure"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise refuse("is missing, or cannot be read", path, fix=mend) from None
    if was != (now := _of(study)["disclosure"]):
        raise StudyError(
            f"{STUDY_FILE}: the disclosure profile is {_worded(now)}, and something was released "
            f"under {_worded(was)}. Two ways of protecting the same counts together give small "
            f"ones away: set `disclosure: {_worded(was)}` again, or, {given}"
        )
    try:
        return Parameters.of(study, chosen)
    except StudyError as error:
        raise StudyError(*(f"{path.name}: {why}; {mend}" for why in error.problems)) from None


def _worded(disclosure: Any) -> str:
    return disclosure if isinstance(disclosure, str) else json.dumps(disclosure)
