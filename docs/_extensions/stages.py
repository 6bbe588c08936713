"""The library's own pages: one a stage, in the order of the flow, made from its docstrings.

Each becomes a page under ``library/`` (which git ignores) that names the modules of the stage;
autodoc and numpydoc fill in what is public in them.
"""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

STAGES = (
    "study", "cleaning", "counting", "start", "disclosure",
    "statistics", "analysis", "showing", "simulation", "publish",
    "review", "sweep", "exercises",
)  # fmt: skip
"""From the first stage of the flow to the last; `tests/test_docs.py` holds them complete."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for its sources."""
    app.connect("config-inited", _write_pages)
    app.connect("autodoc-process-signature", _as_introspected, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _as_introspected(*_: object) -> tuple[None, None]:
    """Keep numpydoc from looking for signatures in docstrings, which have none, and in types."""
    return None, None


def _write_pages(app: Sphinx, config: Config) -> None:
    folder = Path(app.srcdir) / "library"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    library = Path(str(resources.files("lmm")))
    for stage in STAGES:
        modules = sorted(
            ".".join(path.relative_to(library.parent).with_suffix("").parts)
            for path in (library / stage).rglob("*.py")
            if path.stem != "__main__"  # to import it is to run it
        )
        folder.joinpath(f"{stage}.rst").write_text(_page(stage, modules), encoding="utf-8")


def _page(stage: str, modules: list[str]) -> str:
    """Write the page of a stage: what it is for, then module by module what is public."""
    parts = [f"{_under(f'lmm.{stage}', '=')}\n\n.. automodule:: lmm.{stage}"]
    for module in modules:
        name = module.removesuffix(".__init__")
        if name != f"lmm.{stage}":
            parts.append(f"{_under(name, '-')}\n\n.. automodule:: {name}\n   :members:")
    return "\n\n".join(parts) + "\n"


def _under(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}"
