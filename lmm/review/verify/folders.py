"""Two folders of results, compared file by file, each kind of file in its own way."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lmm.cleaning.sources import check_file
from lmm.publish.before import is_hidden, read_notebook
from lmm.publish.ledger import LEDGER
from lmm.publish.record import OF_ONE_RUN
from lmm.publish.site import VERIFIED
from lmm.review.verify import figures, notebooks, papers, tables
from lmm.review.verify.item import Difference, Item, Kind
from lmm.study.declared import STUDY_FILE
from lmm.study.problems import StudyError

ACCOUNT = "verify.json"
"""The account of a verification, beside the results."""

NO_RESULTS = (*OF_ONE_RUN, ACCOUNT, f"site/{VERIFIED}")
"""Files that say what happened to results, and are none."""

Compare = Callable[[Path, Path], Difference | None]
"""Says how what was made differs from what is held."""


def kind_of(name: str) -> Kind:
    """Say what a file of the results is, by its place."""
    first, _, rest = name.partition("/")
    kinds: dict[str, Kind] = {
        "tables": "table", "figures": "figure", "notebooks": "notebook", "counts": "counts",
        "reports": "hand-out", "site": "page", STUDY_FILE: "study file",
        "summary.pdf": "hand-out", "summary.docx": "hand-out", "tables.xlsx": "hand-out",
        LEDGER: "ledger",
    }  # fmt: skip
    return kinds.get(first, "file") if rest or first in kinds else "file"


def compare(made: Path, held: Path) -> list[Item]:
    """Compare what a run has made with what is held, file by file.

    PDFs are asked for where they could be made, and pages, which link to them, where both have
    them.

    Raises
    ------
    StudyError
        If a file that is held leads out of its folder, or is absurdly large.
    """
    theirs = _files(held)
    for path in theirs.values():
        check_file(path, held)
    return list(_items(_files(made), theirs))


def _files(folder: Path) -> dict[str, Path]:
    paths = [path for path in sorted(folder.rglob("*")) if not path.is_dir()]
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {
        name: path
        for name, path in named.items()
        if not is_hidden(Path(name)) and name not in NO_RESULTS
    }


def _items(made: Mapping[str, Path], held: Mapping[str, Path]) -> Iterator[Item]:
    """Compare the files of two folders, by their path in them."""
    pdf = "summary.pdf"
    for name in sorted({*made, *held}):
        kind = kind_of(name)
        if name not in held:
            yield _not_held(kind, name)
        elif name.endswith(".pdf") and pdf not in made:
            yield Item.unchecked(kind, name, "no PDF is made here, which needs typst")
        elif kind == "page" and not (pdf in made and pdf in held):
            yield Item.unchecked(kind, name, "pages link to PDFs, which only one side has")
        elif name not in made:
            maker = "notebook" if kind in ("table", "figure") else "run"
            yield Item.changed(kind, name, Difference(f"made by no {maker}", unit="file"))
        else:
            yield compared(kind, name, made[name], held[name])


KEPT = ("table", "counts", "study file")
"""Kinds of which a folder of results holds every file, as git does; and figures as SVG."""


def _not_held(kind: Kind, name: str) -> Item:
    if kind in KEPT or name.endswith(".svg"):
        return Item(kind, name, "changed", "missing", Difference("missing", unit="file"), False)
    return Item.unchecked(kind, name, "not held, so that nothing can be compared", is_held=False)


BY_VALUE = (".csv", ".ipynb")
"""Files that are reproduced if they hold the same, however that is written."""


def compared(kind: Kind, name: str, made: Path, held: Path) -> Item:
    """Compare two files of one name: by bytes, and if these differ by what they hold."""
    if filecmp.cmp(made, held, shallow=False):
        return Item(kind, name)
    if why := papers.unread(held):
        return Item.unchecked(kind, name, why)
    twin = next((each for each in _siblings(made) if filecmp.cmp(each, held, shallow=False)), None)
    if twin:
        return Item.changed(kind, name, Difference(f"holds what belongs to {twin.name}", 1, "file"))
    how, otherwise = _ways(made)
    try:
        found = how(made, held)
    except (ValueError, StudyError) as error:
        found = Difference(f"cannot be compared: {error}", unit="file")
    if found is None and made.suffix in BY_VALUE:
        return Item(kind, name, why=otherwise)
    where = papers.parts_of(made, held)
    return Item.changed(kind, name, found or Difference(otherwise, 1, "file", where=where))


def _siblings(made: Path) -> Iterator[Path]:
    return (path for path in made.parent.glob(f"*{made.suffix}") if path != made)


def _ways(path: Path) -> tuple[Compare, str]:
    """Give the way in which a file is compared, and what is said of two that agree in it."""
    match path.suffix:
        case ".csv":
            return _tables, "the same values, written otherwise, or within the declared tolerance"
        case ".svg":
            return _figures, "the same data and words, drawn otherwise"
        case ".png":
            return figures.picture_difference, "the same picture, described otherwise"
        case ".ipynb":
            return _notebooks, "the same cells and outputs, written otherwise"
    return papers.difference, "the same text, set otherwise"


def _tables(made: Path, held: Path) -> Difference | None:
    return tables.difference(tables.read(made), tables.read(held), tables.tolerances(made))


def _figures(made: Path, held: Path) -> Difference | None:
    return figures.difference(made.read_text("utf-8"), held.read_text("utf-8"))


def _notebooks(made: Path, held: Path) -> Difference | None:
    return notebooks.difference(read_notebook(made), read_notebook(held))
