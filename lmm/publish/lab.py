"""Notebooks to work in: copies, so that JupyterLab saves over none that is committed or run."""

from __future__ import annotations

import shutil
from pathlib import Path

from lmm.publish.before import written
from lmm.study.study import Study


def copy_notebooks(study: Study) -> tuple[Path, list[Path]]:
    """Copy the notebooks into ``lab``; a copy that is there stays as its reader left it.

    Returns
    -------
    tuple
        The folder, and the copies that were there and hold other cells than their notebooks.
    """
    folder = study.folder / "lab"
    folder.mkdir(mode=0o700, exist_ok=True)  # what is tried out may show records
    others = []
    for path in study.notebooks:
        copy = folder / path.name
        if not copy.exists():
            shutil.copyfile(path, copy)
        elif written(copy) != written(path):
            others.append(copy)
    return folder, others


def open_lab(folder: Path) -> None:
    """Open JupyterLab in a folder, with this Python for a kernel, until its reader stops it."""
    from jupyterlab.labapp import main  # noqa: PLC0415

    own_python = "--ServerApp.kernel_spec_manager_class=lmm.publish.kernel.OwnPython"
    main([str(folder), own_python])
