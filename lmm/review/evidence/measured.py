"""What a run has taken and made, read from its crate, and kept where it can be committed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lmm.publish.crate import CRATE
from lmm.study.digests import sha256_of
from lmm.study.problems import Problem, StudyError

FILE = "measured.json"
MIB = 1024**2


@dataclass(frozen=True)
class Measured:
    """One run: when and on what, how long, how much, and a digest of what it made.

    Attributes
    ----------
    seconds, largest_process_mib
        None where the crate of the run does not tell.
    written_mib
        Size of all that was written.
    made
        Digest of the counts, tables and figures, as `digest` gives it.
    """

    day: str
    machine: str
    python: str
    seconds: int | None
    largest_process_mib: int | None
    written_mib: int
    made: str


def of_crate(outputs: Path) -> Measured | None:
    """Read what the last run has taken; None if there is no crate of one."""
    path = outputs / CRATE
    if not path.is_file():
        return None
    try:
        return _read({each["@id"]: each for each in json.loads(path.read_text("utf-8"))["@graph"]})
    except (ValueError, KeyError, TypeError) as error:
        fix = "run once more: lmm run"
        raise StudyError(Problem(f"is no crate of a run ({error})", file=CRATE, fix=fix)) from error


def _read(entities: dict[str, Any]) -> Measured:
    run = next(each for each in entities.values() if each["@type"] == "CreateAction")
    files = [entities[each["@id"]] for each in run["result"]]
    spent = {name: int(entities[at]["value"]) for name in ("duration", "largest process")
             if (at := f"#spent-{name.replace(' ', '%20')}") in entities}  # fmt: skip
    return Measured(
        run["endTime"][:10],
        _machine(),
        entities["#lmm"]["runtimePlatform"].split(" on ")[0],
        spent.get("duration"),
        spent.get("largest process"),
        round(sum(int(each["contentSize"]) for each in files) / MIB),
        digest((each["name"], each["sha256"]) for each in files),
    )


def _machine() -> str:
    """Say what kind of machine this is, and nothing by which it could be found."""
    return f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors"


def digest(files: Iterable[tuple[str, str]]) -> str:
    """Give one hash of the counts, tables and figures among files, from their names and hashes."""
    kept = sorted(f"{sha256}  {name}" for name, sha256 in files if _is_result(name))
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def digest_of(outputs: Path) -> str:
    """Give one hash of the counts, tables and figures that are in a folder."""
    paths = [path for path in outputs.rglob("*") if path.is_file()]
    return digest((path.relative_to(outputs).as_posix(), sha256_of(path)) for path in paths)


def _is_result(name: str) -> bool:
    folder, _, file = name.partition("/")
    return folder in {"counts", "tables", "figures"} and not file.endswith(".png")


def kept(folder: Path) -> Measured | None:
    """Read what was kept of a measured run beside the pages; None if there is nothing."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Measured(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        fix = "remove it, and run once more: lmm run, lmm evidence"
        raise StudyError(Problem(f"cannot be read ({error})", file=str(path), fix=fix)) from error


def keep(measured: Measured, folder: Path) -> None:
    """Keep a measured run beside the pages."""
    text = json.dumps(asdict(measured), indent=2) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
