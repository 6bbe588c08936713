"""The pages of the committed notebooks, made as those of a run are, beside the documentation.

They have one look and one set of templates, and a reader of one gets to the other.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from lmm.publish.handouts.summary import summary_of
from lmm.publish.ledger import Ledger, write_ledger
from lmm.publish.released import read_counts
from lmm.publish.report import read_report
from lmm.publish.site import write_site
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

BESIDE = ("tables", "figures")
"""Folders of the outputs to which the pages lead."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when the documentation has been built."""
    app.connect("source-read", _lead_to_pages)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _lead_to_pages(app: Sphinx, document: str, source: list[str]) -> None:
    """Have a link to a section of a notebook lead to its page, which is written at the end."""
    home = "../" * document.count("/")
    source[0] = re.sub(
        r"\[([^\]]+)\]\((?:\.\./)+notebooks/([\w-]+)\.ipynb(#[\w-]+)\)",
        rf'<a href="{home}results/site/\2.html\3">\1</a>',
        source[0],
    )


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    home, results = Path(app.srcdir).parent, Path(app.outdir) / "results"
    shutil.rmtree(results, ignore_errors=True)
    study = read_study(home)
    paths = sorted((home / "notebooks").glob("[0-9]*.ipynb"))
    reports = [read_report(path) for path in paths]
    if not all(report.of_kind("table") for report in reports):
        raise ConfigError("a notebook has no outputs to show: `make refresh` brings them")
    for folder in BESIDE:
        shutil.copytree(study.outputs / folder, results / folder)
    shutil.copytree(home / "notebooks", results / "notebooks")
    compared = pd.read_csv(
        study.outputs / "tables/published_figures.csv", dtype=str, keep_default_na=False
    )
    counts = read_counts(study, Parameters.of(study))
    summary, ledger = summary_of(counts, reports, compared), Ledger(counts, reports, "notebooks")
    write_ledger(ledger, results)
    write_site(study, reports, summary, results / "site", ledger, "../../index.html")
