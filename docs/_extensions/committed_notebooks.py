"""The committed notebooks as pages: their prose, tables and figures, with the code folded away.

Each becomes a Markdown file and its figures beside it, under ``notebooks/`` (which git
ignores). The alternative text that the notebooks keep with each figure goes with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for its sources."""
    app.connect("config-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx, config: Config) -> None:
    folder = Path(app.srcdir) / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in sorted((Path(app.srcdir).parent / "notebooks").glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if not any(cell.get("outputs") for cell in notebook.cells):
            raise ConfigError(f"{path.name} has no outputs to show: `make refresh` brings them")
        parts = [part for cell in _joined(notebook.cells) for part in _cell(cell)]
        text = "\n\n".join(_figures_beside(parts, folder / path.stem))
        folder.joinpath(f"{path.stem}.md").write_text(f"{text}\n", encoding="utf-8")


def _joined(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Take code cells that show nothing together with the one that follows."""
    waiting: list[str] = []
    for cell in cells:
        if cell.cell_type == "code":
            waiting.append(cell.source)
            if not cell.outputs:
                continue
            yield NotebookNode({**cell, "source": "\n\n".join(waiting)})
            waiting.clear()
        else:
            yield cell


def _cell(cell: NotebookNode) -> Iterator[str | tuple[str, str]]:
    """Give the Markdown of a cell; a figure is its SVG and its alternative text."""
    if cell.cell_type == "markdown":
        yield cell.source
        return
    yield _raw('<details class="code"><summary>Code</summary>')
    yield f"````python\n{cell.source}\n````"
    yield _raw("</details>")
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/svg+xml" in data:
            yield data["image/svg+xml"], output.metadata["image/svg+xml"]["alt"]
        elif "text/html" in data:
            yield _raw(f'<div class="result">{data["text/html"]}</div>')
        else:
            raise ValueError(f"an output that no page can show: {output.output_type}")


def _raw(html: str) -> str:
    return f"````{{raw}} html\n{html}\n````"


def _figures_beside(parts: list[str | tuple[str, str]], page: Path) -> Iterator[str]:
    """Write each figure to a file of its own and refer to it."""
    figures = 0
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        figures += 1
        picture = page.with_name(f"{page.name}-{figures}.svg")
        picture.write_text(part[0], encoding="utf-8")
        yield f"````{{image}} {picture.name}\n:alt: {' '.join(part[1].split())}\n````"
