"""Executed notebooks -> pages that a browser opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lmm.analysis.result import Result
from lmm.showing.html import templates
from lmm.showing.labels import mark
from lmm.showing.tables import readable
from lmm.study.parameters import Parameters
from lmm.study.problems import visible
from lmm.study.study import Study

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"


def write_page(executed: Path, page: Path, study: Study) -> None:
    """Render an executed notebook as one self-contained HTML page."""
    import nbformat  # noqa: PLC0415
    from nbconvert import HTMLExporter  # noqa: PLC0415

    notebook = nbformat.read(executed, as_version=4)
    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    resources = {
        "mark": mark(study),
        "title": _title_of(notebook, executed.stem),
        "style": style(),
    }
    body, _ = exporter.from_notebook_node(notebook, resources=resources)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(body, encoding="utf-8")


def style() -> str:
    """Give the style sheet of every page."""
    return (TEMPLATES / "report" / "style.css").read_text(encoding="utf-8")


def _title_of(notebook: NotebookNode, otherwise: str) -> str:
    """Give the first line of a notebook, which is its heading."""
    lines = notebook.cells[0].source.split("\n") if notebook.cells else [""]
    return str(lines[0]).strip("# ") or otherwise


def write_index(study: Study, parameters: Parameters, claims: Result, outputs: Path) -> None:
    """Write the first page: what this is, the published figures, and where the results are."""
    caption = ". ".join(filter(None, ("Published figures against computed ones", mark(study))))
    compared = "" if claims.table.empty else readable(claims).html(f"{caption}.")
    body = (
        templates(TEMPLATES)
        .get_template("index.html.j2")
        .render(
            mark=mark(study),
            service=visible(study.service),
            style=style(),
            parameters=parameters,
            level=f"{100 * parameters.confidence:.4g}",
            event=visible(study.event.name),
            reports=_reports(outputs),
            compared=compared,
            tables=_files(outputs / "tables", "csv"),
            figures=_files(outputs / "figures", "svg", "png"),
        )
    )
    page = outputs / "site" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"{body}\n", encoding="utf-8")


def _reports(outputs: Path) -> list[tuple[str, str]]:
    """List the page of each executed notebook, and its title."""
    import nbformat  # noqa: PLC0415

    return [
        (f"{path.stem}.html", _title_of(nbformat.read(path, as_version=4), path.stem))
        for path in sorted((outputs / "notebooks").glob("*.ipynb"))
    ]


def _files(folder: Path, *endings: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """List what there is in a folder by name, with the ending and the place of each file."""
    return [
        (
            stem.replace("_", " "),
            [
                (ending, f"../{folder.name}/{stem}.{ending}")
                for ending in endings
                if (folder / f"{stem}.{ending}").is_file()
            ],
        )
        for stem in sorted({path.stem for path in folder.glob("*")})
    ]
