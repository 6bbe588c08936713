"""Executed notebooks -> pages that a browser opens without a network."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lmm.showing.labels import mark
from lmm.showing.tables import readable
from lmm.study.parameters import Parameters
from lmm.study.problems import visible
from lmm.study.study import Study

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"


def write_page(executed: Path, page: Path, synthetic_mark: str) -> None:
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
        "mark": synthetic_mark,
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


def write_index(study: Study, parameters: Parameters, claims: pd.DataFrame, outputs: Path) -> None:
    """Write the first page: what this is, the published figures, and where the results are."""
    synthetic, level = mark(study), f"{100 * parameters.confidence:.4g}"
    service, event = (html.escape(visible(text)) for text in (study.service, study.event.name))
    note = f'<p class="mark" role="note">{html.escape(synthetic)}</p>' if synthetic else ""
    meta = f'<meta name="records" content="{html.escape(synthetic)}">' if synthetic else ""
    caption = ". ".join(filter(None, ("Published figures against computed ones", synthetic)))
    shown = readable(claims).html(f"{caption}.")
    compared = "" if claims.empty else f"<h2>Published figures</h2>{shown}"
    body = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">{meta}
<title>{service}: results</title><style>{style()}</style></head>
<body>{note}<main><h1>{service}: results</h1>
<p>{parameters.period_start} to {parameters.period_end}; {level}% intervals;
split at {parameters.event_date} ({event}).</p>
<h2>Reports</h2>{_reports(outputs)}
{compared}
<h2>Tables</h2>{_files(outputs / "tables", "csv")}
<h2>Figures</h2>{_files(outputs / "figures", "svg", "png")}
</main></body></html>
"""
    page = outputs / "site" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(body, encoding="utf-8")


def _reports(outputs: Path) -> str:
    import nbformat  # noqa: PLC0415

    items = [
        f'<li><a href="{path.stem}.html">'
        f"{html.escape(_title_of(nbformat.read(path, as_version=4), path.stem))}</a></li>"
        for path in sorted((outputs / "notebooks").glob("*.ipynb"))
    ]
    return f"<ul>{''.join(items)}</ul>"


def _files(folder: Path, *endings: str) -> str:
    """List what there is in a folder by name, with a link to the file of each ending."""
    items = [
        ", ".join(
            f'<a href="../{folder.name}/{stem}.{ending}">{stem.replace("_", " ")} ({ending})</a>'
            for ending in endings
            if (folder / f"{stem}.{ending}").is_file()
        )
        for stem in sorted({path.stem for path in folder.glob("*")})
    ]
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>" if items else "none"
