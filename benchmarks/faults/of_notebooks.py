"""Faults of the committed notebooks: what they show, and how they were run."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.fault import Changes

Planted = tuple[str, str, Changes]
"""Place, what was changed, and the files."""

Notebook = dict[str, Any]


def digit_in_a_table(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of a table that a notebook shows."""
    yield from _in_output(root, draw, "text/html", r"(?<=>)[^<>]*\d[^<>]*(?=</td>)", "table")


def digit_in_an_answer(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of a sentence that a notebook shows."""
    answer = r'(?<=<div class="answer mathjax_ignore"><p>)[^<]*\d[^<]*'
    yield from _in_output(root, draw, "text/html", answer, "sentence")


def point_moved(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Move a mark or a bar of a figure that a notebook shows."""
    shape = r'(?<= x=")\d+(?=[^>]*style="fill)|(?<= d="M )\d+'
    yield from _in_output(root, draw, "image/svg+xml", shape, "figure")


def figure_swapped(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Exchange two figures of a notebook."""
    for path, notebook in _endlessly(root, draw):
        one, other = draw.sample(_shown(notebook, "image/svg+xml"), 2)
        kind = "image/svg+xml"
        one[1][kind], other[1][kind] = other[1][kind], one[1][kind]
        yield _written(root, path, notebook, f"figures of cells {one[0]} and {other[0]} exchanged")


def stripped(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Take all outputs away, with or without the numbers of the cells."""
    for path, notebook in _endlessly(root, draw):
        numbers = draw.random() < 0.5
        for cell in _code(notebook):
            cell["outputs"] = []
            cell["execution_count"] = cell["execution_count"] if numbers else None
        kept = "numbers of the cells kept" if numbers else "numbers of the cells, too"
        yield _written(root, path, notebook, f"outputs stripped, {kept}")


def partly_run(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Have a notebook that was run only up to some cell, or not at one."""
    for path, notebook in _endlessly(root, draw):
        cells = _code(notebook)
        start = draw.randrange(3, len(cells))
        stop = draw.choice([start + 1, len(cells)])
        for cell in cells[start:stop]:
            cell["outputs"], cell["execution_count"] = [], None
        yield _written(root, path, notebook, f"code cells {start} to {stop - 1} not run")


def reordered(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Exchange two code cells that show something."""
    for path, notebook in _endlessly(root, draw):
        cells = notebook["cells"]
        shows = [n for n, c in enumerate(cells) if c["cell_type"] == "code" and c["outputs"]]
        one, other = sorted(draw.sample(shows, 2))
        cells[one], cells[other] = cells[other], cells[one]
        yield _written(root, path, notebook, f"cells {one} and {other} exchanged")


def parameter_default(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a default of the cell of parameters."""
    for path, notebook in _endlessly(root, draw):
        tagged = (c for c in _code(notebook) if "parameters" in c["metadata"].get("tags", []))
        cell = next(tagged)
        lines = _text(cell).splitlines(keepends=True)
        chosen = draw.choice([n for n, line in enumerate(lines) if "=" in line])
        new = another_digit(lines[chosen], draw)
        what = f"{lines[chosen].strip()} → {new.strip()}"
        lines[chosen] = new
        cell["source"] = lines
        yield _written(root, path, notebook, what)


def number_typed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Type a finding into the prose of a notebook, as digits or as words."""
    typed = [
        "In all, 434 staff were trained.",
        "Satisfaction was 99 % throughout.",
        "Four hundred and thirty-four staff were trained.",
        "Nearly two thirds of the families attended.",
        "Twenty-eight courses were held.",
        "Consultations fell by 12.",
    ]
    for path, notebook in _endlessly(root, draw):
        prose = [c for c in notebook["cells"] if c["cell_type"] == "markdown"]
        cell, words = draw.choice(prose), draw.choice(typed)
        cell["source"] = [f"{_text(cell)}\n\n{words}"]
        yield _written(root, path, notebook, f"typed into prose: {words}")


def alternative_text(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Take away what is read out in place of a figure."""
    for path, notebook in _endlessly(root, draw):
        number, data = draw.choice(_shown(notebook, "image/svg+xml"))
        text = _joined(data["image/svg+xml"])
        data["image/svg+xml"] = re.sub(r' aria-label="[^"]*"', "", text, count=1)
        yield _written(root, path, notebook, f"no alternative text of the figure of cell {number}")


# --- what they share -------------------------------------------------------------------------


def another_digit(text: str, draw: random.Random) -> str:
    """Change one digit of a text."""
    places = [n for n, letter in enumerate(text) if letter in "0123456789"]
    place = draw.choice(places)
    digit = draw.choice([d for d in "123456789" if d != text[place]])
    return f"{text[:place]}{digit}{text[place + 1 :]}"


def _in_output(
    root: Path, draw: random.Random, kind: str, pattern: str, name: str
) -> Iterator[Planted]:
    for path, notebook in _endlessly(root, draw):
        number, data = draw.choice(_shown(notebook, kind))
        text = _joined(data[kind])
        found = list(re.finditer(pattern, text))
        if not found:
            continue
        at = draw.choice(found)
        new = another_digit(at[0], draw)
        data[kind] = text[: at.start()] + new + text[at.end() :]
        start = next(n for n, (a, b) in enumerate(zip(at[0], new, strict=True)) if a != b)
        near = slice(max(start - 30, 0), start + 15)
        what = f"{name} of cell {number}: {at[0][near]} → {new[near]}"
        yield _written(root, path, notebook, what)


def _endlessly(root: Path, draw: random.Random) -> Iterator[tuple[Path, Notebook]]:
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    while True:
        path = draw.choice(paths)
        yield path, json.loads(path.read_text("utf-8"))


def _written(root: Path, path: Path, notebook: Notebook, what: str) -> Planted:
    name = path.relative_to(root).as_posix()
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return name, what, {name: text.encode("utf-8")}


def _code(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _shown(notebook: Notebook, kind: str) -> list[tuple[int, Notebook]]:
    """Give the number of the cell and the data of each output of a kind."""
    return [
        (n, output["data"])
        for n, cell in enumerate(notebook["cells"])
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def _text(cell: Notebook) -> str:
    return _joined(cell["source"])


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
