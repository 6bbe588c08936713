"""Whether results are still those of what they were made of: known by hashes, without a run.

A run notes the hash of everything that it makes results of, and of each file that it makes. If
all are as they were, there is nothing to do. If nothing but notebooks has changed, the counts
and what the other notebooks have made are kept. Nothing is imported here that a run needs and
this does not.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmm.publish.documents import DOCUMENTS
from lmm.publish.documents import folder as documents
from lmm.publish.sources import LIBRARY
from lmm.study.declared import STUDY_FILE
from lmm.study.digests import files_of, sha256_of
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study

NOTE = "made.json"
"""Where a run notes what it made of what; with the records, since a hash can confirm a guess."""

NOTEBOOK, PARAMETER = "notebook ", "parameter "
"""How the names of notebooks and parameters begin among what results are made of."""

OF_A_RUN = ("data/released/", "data/first_read.json", "data/pseudonyms.key")
"""What a run itself writes beside its results, and the next one reads."""

Facts = Mapping[str, str]
"""Hashes and values, by what they are of."""


@dataclass(frozen=True)
class Stale:
    """What is to be made again, and why; false if nothing is.

    Attributes
    ----------
    kept
        Names of the notebooks whose results are right, as are then the counts.
    agrees
        Whether no published figure differs from the computed one.
    """

    reasons: tuple[str, ...]
    kept: frozenset[str] = frozenset()
    agrees: bool = True

    def __bool__(self) -> bool:
        """Whether anything is to be made again."""
        return bool(self.reasons)


def ingredients(study: Study, parameters: Parameters) -> dict[str, str]:
    """Give the hash or the value of everything that results are made of, by what it is called.

    Files of the study are called by their paths in it. What else a notebook of the study's own
    may read is not known here.
    """
    home = study.folder
    beside = [path for name in ("registration", "data/released") for path in files_of(home / name)]
    read = [home / STUDY_FILE, *study.raw_files, *beside, study.key,
            home / "data/first_read.json", home / "LICENSE"]  # fmt: skip
    pages = [documents() / name for name in (*(f"{each}.md" for each in DOCUMENTS),
                                             "references.bib", "coverage.svg")]  # fmt: skip
    return {
        **{path.relative_to(home).as_posix(): sha256_of(path) for path in read if path.is_file()},
        **{f"{NOTEBOOK}{path.name}": _written(path) for path in study.notebooks},
        **{f"{PARAMETER}{name}": str(said) for name, said in parameters.as_text().items()},
        "the code of lmm": _of_all(p for p in files_of(LIBRARY) if p.suffix != ".ipynb"),
        "the documents of lmm": _of_all(pages),
        "the installed packages": _installed(),
        "Python": f"{sys.version} {sys.platform}",
    }


def check_unchanged(study: Study, parameters: Parameters, made_of: Facts) -> None:
    """Refuse results of which something has changed while they were made.

    Raises
    ------
    StudyError
        Naming what has.
    """
    now = ingredients(study, parameters)
    if changed := [x for x in _differing(made_of, now) if not x.startswith(OF_A_RUN)]:
        raise StudyError(f"changed during the run: {', '.join(changed)}; run it again")


def stale(study: Study, made_of: Facts) -> Stale:
    """Say what of the results in place is not, or not any more, that of what it is made of.

    Parameters
    ----------
    made_of
        What it would be made of now; see `ingredients`.
    """
    noted = _noted(study)
    if noted is None:
        return Stale(("nothing was made yet by this version",))
    then, made = noted["made_of"], noted["made"]
    changed, now = _differing(then, made_of), _results(study, study.folder)
    spoilt = [name for name in made if now.get(name) != made[name]]
    reasons = [f"{name} {_how(name, then, made_of)}" for name in changed]
    reasons += [f"{name} is {'not as it was made' if name in now else 'gone'}" for name in spoilt]
    kept: Collection[str] = ()
    if not spoilt and all(name.startswith(NOTEBOOK) for name in changed):
        kept = [path.name for path in study.notebooks if f"{NOTEBOOK}{path.name}" not in changed]
        kept = kept if _is_all_claimed(study, kept) else ()
    return Stale(tuple(reasons), frozenset(kept), noted["agrees"])


def note(study: Study, parameters: Parameters, made: Path, *, agrees: bool) -> None:
    """Note, before results are moved into place, what they were made of and the hash of each.

    Parameters
    ----------
    made
        The folder that the run has written into.
    """
    from lmm.cleaning.save import keep_private  # noqa: PLC0415
    from lmm.showing.labels import kind_in_words  # noqa: PLC0415

    path = _place_of_note(study, made)
    if not study.is_synthetic:
        keep_private(path)
    said = {
        "records": kind_in_words(study),
        "agrees": agrees,
        "made_of": ingredients(study, parameters),
        "made": _results(study, made),
    }
    path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _noted(study: Study) -> dict[str, Any] | None:
    try:
        found = json.loads(_place_of_note(study, study.folder).read_text("utf-8"))
        facts = (found["made_of"], found["made"])
        sound = all(isinstance(each, dict) for each in facts) and found["agrees"] in (True, False)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if sound else None


def _place_of_note(study: Study, root: Path) -> Path:
    return root / study.parts[0] / ("processed" if study.is_internal else "") / NOTE


def _results(study: Study, root: Path) -> dict[str, str]:
    """Give the hash of each file that a run makes, by its path."""
    return {
        path.relative_to(root).as_posix(): sha256_of(path)
        for part in study.parts
        for path in files_of(root / part)
        if path.name != NOTE
    }


def _differing(then: Facts, now: Facts) -> list[str]:
    """Name what is other, new or gone."""
    return [name for name in {**then, **now} if then.get(name) != now.get(name)]


def _how(name: str, then: Facts, now: Facts) -> str:
    if name.startswith(PARAMETER):
        return f"is {now.get(name)} and was {then.get(name)}"
    if name not in then:
        return "is new"
    return "has changed" if name in now else "is gone"


def _of_all(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(f"{path} {sha256_of(path) if path.is_file() else ''}\n".encode())
    return whole.hexdigest()


def _installed() -> str:
    """Give a hash of the names and versions of all packages that Python finds."""
    names = {
        path.name
        for place in map(Path, sys.path)
        if place.is_dir()
        for path in place.glob("*.dist-info")
    }
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _written(notebook: Path) -> str:
    """Give a hash of what somebody wrote into a notebook, and not of what came out of it."""
    content = notebook.read_bytes()
    try:
        whole = json.loads(content)
        cells = [(each["cell_type"], each["source"], each["metadata"]) for each in whole["cells"]]
        content = json.dumps([cells, whole["metadata"]]).encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # it is none, or one of an old version: the whole of it counts
    return hashlib.sha256(content).hexdigest()


# --- what was made by which notebook --------------------------------------------------------------

BESIDE = "tables/published_figures.csv"
"""The table that a run makes itself; of a registration it makes further ones, and keeps nothing."""


def keep(study: Study, notebooks: Collection[str], made: Path) -> None:
    """Copy clean tables, counts, and what some notebooks have made, into a run's folder."""
    records, results = study.parts[0], study.parts[-1]
    if study.is_internal:
        records = records / "processed"
    old, new = study.folder / results, made / results
    shutil.copytree(study.folder / records, made / records, dirs_exist_ok=True)
    (made / records / NOTE).unlink()
    shutil.copytree(old / "counts", new / "counts")
    if (old / STUDY_FILE).is_file():
        shutil.copyfile(old / STUDY_FILE, new / STUDY_FILE)
    for name in notebooks:
        for path in (old / "notebooks" / name, *_made_by(old, name)):
            target = new / path.relative_to(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _made_by(outputs: Path, notebook: str) -> Iterator[Path]:
    """Give the tables and figures that an executed notebook has shown or drawn."""
    found = json.loads((outputs / "notebooks" / notebook).read_text("utf-8"))
    shown = [
        what
        for cell in found["cells"]
        for output in cell.get("outputs", ())
        if (what := output.get("metadata", {}).get("lmm"))
    ]
    tables = {each for what in shown for each in (*what.get("of", ()), what.get("name")) if each}
    figures = {what["name"] for what in shown if what["is"] == "figure"}
    for folder, names in (("tables", tables), ("figures", figures)):
        for name in sorted(names):
            yield from sorted((outputs / folder).glob(f"{name}.*"))


def _is_all_claimed(study: Study, notebooks: Iterable[str]) -> bool:
    """Whether these were run, and it is known which one notebook has made each table and figure."""
    outputs = study.folder / study.parts[-1]
    names = [path.name for path in files_of(outputs / "notebooks")]
    if not set(notebooks) <= set(names):
        return False
    by_each = [set(_made_by(outputs, name)) for name in names]
    there = {*files_of(outputs / "tables"), *files_of(outputs / "figures")}
    known = {outputs / BESIDE}.union(*by_each)
    alone = sum(map(len, by_each)) == len(set().union(*by_each))
    return there <= known and alone and not (study.folder / "registration").is_dir()
