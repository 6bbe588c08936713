"""What a sweep has to do, item by item: each is known by what its result is made of.

Counts are made and protected once for each study and period; each item is then a notebook, run on
these counts for one set of parameters. The name of an item is a digest of the study's files, the
parameters, the notebook and the code, so that whatever is there under it need not be made again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from lmm.cleaning.save import keep_private
from lmm.publish.record import input_hashes, notebook_digest
from lmm.publish.released import COUNTED_FOR
from lmm.publish.rerun import copy_notebook
from lmm.publish.stage import keep_in_service
from lmm.study.digests import library_digest, sha256_of
from lmm.study.registration import FOLDER
from lmm.study.study import Study
from lmm.sweep.plan import Planned

COUNTS, ITEMS, FAILED, WORK, NOTEBOOKS = "counts", "items", "failed", ".work", "notebooks"
"""Folders of a sweep: counts that may be released, results, why others failed, what is going on."""

KEY = "sweep.key"
"""The secret, beside what a service has released, with which digests of its files are made."""

TOGETHER = 8
"""Periods of one study that are counted in one go, so that it is read and cleaned once for them."""

LETTERS = 20
"""Hexadecimal digits of a name."""

Text = dict[str, Any]
"""Parameters as `lmm.study.parameters.Parameters.as_text` gives them."""


@dataclass(frozen=True)
class Item:
    """One notebook, to be run for one study and one set of parameters.

    Attributes
    ----------
    id, counts
        Its name, and that of the counts that it is made from.
    study, service
        The study's folder as seen from the plan, and what its service is called.
    notebook, digest
        The notebook's name without its ending, and the digest of both that and its cells.
    """

    id: str
    counts: str
    study: str
    service: str
    notebook: str
    digest: str
    parameters: Text

    @property
    def period(self) -> Text:
        """The parameters on which it depends what is counted."""
        return {name: self.parameters[name] for name in COUNTED_FOR}


@dataclass(frozen=True)
class Counting:
    """Periods of one study that are to be counted: parameters by the name of the counts.

    Attributes
    ----------
    folder
        Where the study is.
    """

    study: str
    folder: str
    periods: dict[str, Text]


@dataclass(frozen=True)
class Work:
    """All that a plan asks for: items in their order, and what has to be counted for them."""

    to: Path
    code: str
    items: tuple[Item, ...]
    studies: dict[str, Study]

    def place(self, item: Item) -> Path:
        """Name the folder of an item's result."""
        return self.to / ITEMS / item.id

    def counts(self, name: str) -> Path:
        """Name a folder of counts."""
        return self.to / COUNTS / name

    def countings(self, items: Iterable[Item]) -> Iterator[Counting]:
        """Say what has to be counted before items can be made.

        The releases of one service are made one after the other, since each has to know of those
        before; others can be counted side by side.
        """
        ordered = sorted(items, key=lambda each: list(self.studies).index(each.study))
        for label, of in groupby(ordered, key=lambda each: each.study):
            study, wanted = self.studies[label], {each.counts: each.period for each in of}
            left = [(name, p) for name, p in wanted.items() if not self.counts(name).is_dir()]
            size = max(len(left), 1) if study.is_protected else TOGETHER
            for start in range(0, len(left), size):
                yield Counting(label, str(study.folder), dict(left[start : start + size]))


def laid_out(planned: Planned) -> Work:
    """Name every item of a plan, and keep the notebooks that are to be run."""
    code = library_digest()
    origins: dict[str, str] = {}
    digests: dict[Path, str] = {}
    items = []
    for each in planned.wanted:
        if each.label not in origins:
            origins[each.label] = _origin(each.study)
        if each.notebook not in digests:
            digests[each.notebook] = _kept(each.notebook, planned.to)
        parameters, digest = each.parameters.as_text(), digests[each.notebook]
        counts = _name(code, origins[each.label], {n: parameters[n] for n in COUNTED_FOR})
        item = Item(
            _name(counts, digest, parameters), counts, each.label, each.study.service,
            each.notebook.stem, digest, parameters,
        )  # fmt: skip
        items.append(item)
    studies = {each.label: each.study for each in planned.wanted}
    return Work(planned.to, code, tuple(items), studies)


def _name(*made_of: Any) -> str:
    text = json.dumps(made_of, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:LETTERS]


def _origin(study: Study) -> str:
    """Give a digest of a study's files; without its secret nobody can confirm a guess at them."""
    registration = sorted(path for path in (study.folder / FOLDER).glob("*") if path.is_file())
    hashes = input_hashes(study) | {path.name: sha256_of(path) for path in registration}
    text = json.dumps(hashes, sort_keys=True).encode("utf-8")
    if not study.is_protected:
        return hashlib.sha256(text).hexdigest()
    return hmac.new(_secret(study), text, hashlib.sha256).hexdigest()


def _secret(study: Study) -> bytes:
    path = study.released / KEY
    if not path.is_file():
        keep_in_service(study.released)
        keep_private(path)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_bytes()


def _kept(notebook: Path, to: Path) -> str:
    """Keep a copy of a notebook, so that all items run the same; give its digest."""
    digest = _name(notebook.stem, notebook_digest(notebook))
    folder = to / NOTEBOOKS / digest
    if not folder.is_dir():
        (made := to / WORK / digest).mkdir(parents=True)
        copy_notebook(notebook, made / notebook.name)
        folder.parent.mkdir(exist_ok=True)
        made.rename(folder)
    return digest


def as_json(of: Item | Counting) -> Text:
    """Give what is to be done in a form that any process reads."""
    return asdict(of)


def clear(to: Path) -> None:
    """Remove what is left of items that were never finished."""
    shutil.rmtree(to / WORK, ignore_errors=True)
