"""Everything made afresh in a folder of its own, and compared with what is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lmm.publish import stage
from lmm.publish.execute import Report
from lmm.publish.released import read_parameters
from lmm.publish.rerun import Release, rerun
from lmm.publish.run import run
from lmm.review.verify import claims, folders, lock, made_from, sound
from lmm.review.verify.held import Held
from lmm.review.verify.item import Difference, Item, changed
from lmm.showing.labels import mark
from lmm.study.declared import STUDY_FILE
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.registration import FIRST_READ, folder_of
from lmm.study.study import Study, read_study


@dataclass(frozen=True)
class Verification:
    """What was verified, against what, and what came of it."""

    what: str
    against: str
    items: tuple[Item, ...]
    mark: str

    @property
    def results(self) -> list[Item]:
        """What is verified."""
        return [each for each in self.items if each.kind != "made from"]

    @property
    def made_from(self) -> list[Item]:
        """What only explains differences."""
        return [each for each in self.items if each.kind == "made from"]

    @property
    def succeeded(self) -> bool:
        """Whether no result is other."""
        return not changed(self.items)


def verify_study(study: Study, report: Report, against: Path | None = None) -> Verification:
    """Run a study afresh in a folder of its own, and compare with what it holds.

    Parameters
    ----------
    against
        Another run's results, with which to compare in place of the study's own.

    Raises
    ------
    StudyError
        If notebooks or the lock are unsound, or there is nothing to compare with.
    RunFailedError
        If a notebook fails.
    """
    installed = lock.check()
    held = Held.of(against) if against else Held.of_study(study)
    has_own = study.counts_file.is_file()
    parameters = read_parameters(study) if has_own else Parameters.of(study)
    as_declared = parameters == Parameters.of(study)
    _check_sound(held)
    with _copied(study) as copy:
        refresh = bool(copy.own_notebooks) and copy.is_synthetic and as_declared
        run(copy, parameters, report, refresh=refresh and not held.was_told)
        made = Held.of_study(copy)
        items = [
            *_of_origin(made, held, installed),
            *claims.compare(made.outputs, held.outputs, {**held.committed, **held.notebooks}),
            *folders.compare(made.outputs, held.outputs),
            *_committed(made, held if against or as_declared else Held(held.outputs)),
            *_cleaned(made, held, study),
        ]
    return Verification(
        study.service, str(against or "the results beside it"), tuple(items), mark(study)
    )


def verify_release(release: Release, report: Report) -> Verification:
    """Make a release again from its counts, and compare it with itself.

    Raises
    ------
    StudyError
        If notebooks or the lock are unsound, or what was released is not as it was written.
    RunFailedError
        If a notebook fails.
    """
    installed = lock.check()
    held = Held(release.held)
    _check_sound(held)
    again = rerun(release, {}, report)
    items = (
        *_of_origin(Held(again.outputs), held, installed),
        *claims.compare(again.outputs, held.outputs, held.notebooks),
        *folders.compare(again.outputs, held.outputs),
    )
    return Verification(release.study.service, "the release itself", items, mark(release.study))


def _check_sound(held: Held) -> None:
    """Refuse notebooks that no run can have left so.

    Whether they agree with tables and figures is left to the run, which knows who is right.
    """
    paths = (*held.committed.values(), *held.notebooks.values())
    if found := [problem for path in paths for problem in sound.problems(path)]:
        raise StudyError(*dict.fromkeys(found))


@contextmanager
def _copied(study: Study) -> Iterator[Study]:
    """Copy what a run needs into a folder of its own, which is removed.

    Records of people stay within the study's folder of data, where they are allowed to be.
    """
    above = study.folder / "data" if study.is_protected else None
    if above:
        _remove_left(above)
    try:
        folder = tempfile.TemporaryDirectory(prefix=COPY, dir=above)
    except OSError as error:
        raise StudyError(f"{above or tempfile.gettempdir()}: {error.strerror}") from None
    with folder as name, stage.held(Path(name)):
        place = Path(name, "study")
        try:
            _copy(study, place)
        except OSError as error:
            raise StudyError(f"{error.filename or place}: {error.strerror or error}") from None
        yield read_study(place, "release")


def _remove_left(above: Path) -> None:
    """Remove the copies of verifications that were killed."""
    for left in above.glob(f"{COPY}*"):
        with suppress(StudyError), stage.held(left):  # else it is at work
            shutil.rmtree(left, ignore_errors=True)


COPY = ".lmm-verify-"
"""How the folder begins into which a study is copied."""


def _copy(study: Study, place: Path) -> None:
    (place / "data").mkdir(parents=True)
    place.with_name(".gitignore").write_text("*\n", encoding="utf-8")
    shutil.copy2(study.folder / STUDY_FILE, place)
    for each in (study.raw, study.released, folder_of(study), study.folder / "notebooks"):
        if each.is_dir():
            shutil.copytree(each, place / each.relative_to(study.folder), ignore=HIDDEN)
    for each in (study.key, study.folder / "data" / FIRST_READ):
        if each.is_file():
            shutil.copy2(each, place / each.relative_to(study.folder))


HIDDEN = shutil.ignore_patterns(".ipynb_checkpoints", ".git")
"""What programs keep for themselves."""


def _of_origin(made: Held, held: Held, installed: Item) -> list[Item]:
    """Compare what both were made from."""
    now, then = (
        made_from.read(each.outputs, each.processed and each.processed / "inputs.json")
        for each in (made, held)
    )
    return [*made_from.compare(now, then), installed]


def _committed(made: Held, held: Held) -> Iterator[Item]:
    """Compare the notebooks that are kept with their outputs with what a run makes of them."""
    for name, path in held.committed.items():
        made_again = made.outputs / "notebooks" / name
        item = f"{name}, as committed"
        if made_again.is_file():
            yield folders.compared("notebook", item, made_again, path)
        else:
            yield Item.unchecked("notebook", item, "no notebook of this name is run here")


def _cleaned(made: Held, held: Held, study: Study) -> Iterator[Item]:
    """Compare the clean tables; of records of people it is said only that they are other."""
    if not (made.processed and held.processed and held.processed.is_dir()):
        yield Item.unchecked("cleaned table", "data/processed", "no clean tables are at hand")
        return
    mine, theirs = ({path.name: path for path in sorted(folder.glob("*.csv"))}
                    for folder in (made.processed, held.processed))  # fmt: skip
    for name in sorted({*mine, *theirs}):
        where = f"data/processed/{name}"
        if name not in mine or name not in theirs:
            why = "missing" if name in mine else "made by no run"
            yield Item.changed("cleaned table", where, Difference(why, unit="file"))
            continue
        item = folders.compared("cleaned table", where, mine[name], theirs[name])
        if study.is_protected and item.difference:
            why = "other; how far is not told of records of people"
            item = Item.changed("cleaned table", where, Difference(why, unit="file"))
        yield item
