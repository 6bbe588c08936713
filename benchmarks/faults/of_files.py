"""Faults of records, declarations, stored results, pages, settings and the lock."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.of_notebooks import Planted, another_digit


def _lines(root: Path, draw: random.Random, pattern: str) -> tuple[str, list[str]]:
    """Draw one of some files; give its name and its lines."""
    path = draw.choice(sorted(root.glob(pattern)))
    text = path.read_bytes().decode("utf-8", "surrogateescape")  # exports are of any encoding
    return path.relative_to(root).as_posix(), re.findall(r"[^\n]*\n|[^\n]+$", text)


def _planted(name: str, number: int, what: str, lines: list[str]) -> Planted:
    return f"{name}:{number + 1}", what, {name: "".join(lines).encode("utf-8", "surrogateescape")}


# --- records ---------------------------------------------------------------------------------


def row_removed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Remove a row of the raw records."""
    while True:
        name, lines = _lines(root, draw, "data/raw/*.csv")
        at = draw.randrange(1, len(lines))
        yield _planted(name, at, f"row removed: {_shown(lines[at])}", lines[:at] + lines[at + 1 :])


def row_twice(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Have a row of the raw records twice."""
    while True:
        name, lines = _lines(root, draw, "data/raw/*.csv")
        at = draw.randrange(1, len(lines) - 1)
        yield _planted(name, at, f"row twice: {_shown(lines[at])}", lines[: at + 1] + lines[at:])


def row_changed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of a row of the raw records."""
    while True:
        name, lines = _lines(root, draw, "data/raw/*.csv")
        at = draw.randrange(1, len(lines))
        yield from _with_another_digit(name, lines, at, draw)


def cleaned_row(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of a clean table."""
    while True:
        name, lines = _lines(root, draw, "data/processed/*.csv")
        at = draw.randrange(1, len(lines))
        yield from _with_another_digit(name, lines, at, draw)


def _with_another_digit(
    name: str, lines: list[str], at: int, draw: random.Random
) -> Iterator[Planted]:
    if re.search(r"\d", lines[at]):
        new = another_digit(lines[at], draw)
        yield _planted(name, at, _difference(lines[at], new), [*lines[:at], new, *lines[at + 1 :]])


def _difference(old: str, new: str) -> str:
    """Show where two lines differ, with what stands about it."""
    at = next(n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return " → ".join(_shown(line[max(at - 30, 0) : at + 15]) for line in (old, new))


def _shown(line: str) -> str:
    return line.strip()[:90].encode("utf-8", "replace").decode("utf-8")


# --- declarations ----------------------------------------------------------------------------


def declared(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a number, a day or an answer of the scale in what the study declares."""
    while True:
        name, lines = _lines(root, draw, "study.yaml")
        meant = [n for n, line in enumerate(lines) if re.search(r"^[^#]*\d", line)]
        yield from _with_another_digit(name, lines, draw.choice(meant), draw)


def cut_off(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a target or a cut-off of its rating."""
    while True:
        name, lines = _lines(root, draw, "data/raw/targets.csv")
        at = draw.randrange(1, len(lines))
        cells = lines[at].split(",")
        column = draw.choice([3, 4, 5])
        cells[column] = another_digit(cells[column], draw)
        new = ",".join(cells)
        what = _difference(lines[at], new)
        yield _planted(name, at, what, [*lines[:at], new, *lines[at + 1 :]])


def scale(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Leave out a line of the scale, of what counts as high, or of the words for an answer."""
    while True:
        name, lines = _lines(root, draw, "study.yaml")
        start = next(n for n, line in enumerate(lines) if line.startswith("forms:"))
        stop = next(n for n, line in enumerate(lines) if line.startswith("nearly_met:"))
        at = draw.choice([n for n in range(start + 2, stop) if lines[n].strip()])
        yield _planted(name, at, f"left out: {_shown(lines[at])}", lines[:at] + lines[at + 1 :])


def measure(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Leave out a line of what a measure or a derived column is."""
    while True:
        name, lines = _lines(root, draw, "lmm/study/measures.yaml")
        at = draw.choice([n for n, line in enumerate(lines) if re.match(r" +\w+: ", line)])
        yield _planted(name, at, f"left out: {_shown(lines[at])}", lines[:at] + lines[at + 1 :])


# --- stored results --------------------------------------------------------------------------


def stored_table(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of a committed table."""
    while True:
        name, lines = _lines(root, draw, "outputs/tables/*.csv")
        yield from _with_another_digit(name, lines, draw.randrange(1, len(lines)), draw)


def released_count(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of the committed counts."""
    while True:
        name, lines = _lines(root, draw, "outputs/counts/released_counts.csv")
        yield from _with_another_digit(name, lines, draw.randrange(1, len(lines)), draw)


def stored_figure(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Move something that a committed figure draws."""
    while True:
        name, lines = _lines(root, draw, "outputs/figures/*.svg")
        drawn = [n for n, line in enumerate(lines) if re.match(r"L \d|.*<use .* x=\"\d", line)]
        if drawn:
            yield from _with_another_digit(name, lines, draw.choice(drawn), draw)


def mark_removed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Take the mark of synthetic records from a committed table or figure."""
    while True:
        name, lines = _lines(root, draw, "outputs/[ft]*/*")
        if name.endswith(".csv"):
            lines = [re.sub(r",synthetic(?=\r?\n|$)", ",", line) for line in lines]
        else:
            lines = [re.sub(r"(?i)[^<>]*synthetic[^<>]*", "", line) for line in lines]
        yield _planted(name, 0, "mark of synthetic records removed", lines)


def stray_file(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Put a file among the results that no run has made."""
    while True:
        folder = draw.choice(["outputs/tables", "outputs/figures", "outputs/counts", "outputs"])
        source = draw.choice(sorted((root / "outputs/tables").glob("*.csv")))
        name = f"{folder}/{source.stem}_{draw.choice(['old', 'copy', '2', 'final'])}.csv"
        yield name, f"a copy of {source.name} among the results", {name: source.read_bytes()}


# --- pages -----------------------------------------------------------------------------------


def edited_page(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a digit of the README or of a page of the documentation."""
    while True:
        name, lines = _lines(root, draw, draw.choice(["README.md", "docs/*.md"]))
        with_digits = [n for n, line in enumerate(lines) if re.search(r"\d", line)]
        if with_digits:
            yield from _with_another_digit(name, lines, draw.choice(with_digits), draw)


def number_typed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Type a finding into the README or a page, as digits or as words."""
    typed = ["In all, 434 staff were trained.", "Satisfaction was 99 % in every course.",
             "Thirty-one of the intervals fall short.", "Six targets of seven were met.",
             "Sixty-two families attended.", "This holds in 95 of 100 studies."]  # fmt: skip
    while True:
        name, lines = _lines(root, draw, draw.choice(["README.md", "docs/*.md"]))
        blank = [n for n, line in enumerate(lines) if not line.strip()]
        at, words = draw.choice(blank), draw.choice(typed)
        new = [*lines[:at], f"\n{words}\n", *lines[at:]]
        yield _planted(name, at, f"typed into a page: {words}", new)


# --- the lock, and settings ------------------------------------------------------------------


def forged_hash(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a fingerprint of the lock."""
    while True:
        name, lines = _lines(root, draw, "requirements.txt")
        at = draw.choice([n for n, line in enumerate(lines) if "--hash=sha256:" in line])
        yield from _with_another_digit(name, lines, at, draw)


def forged_version(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Change a version of the lock, or in what the project asks for."""
    while True:
        name, lines = _lines(root, draw, draw.choice(["requirements.txt", "pyproject.toml"]))
        pin = r"^\w[\w.-]*==\d" if name == "requirements.txt" else r'^    "[\w.-]+>=\d'
        at = draw.choice([n for n, line in enumerate(lines) if re.search(pin, line)])
        yield from _with_another_digit(name, lines, at, draw)


def other_version(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Have another version of a library installed than the lock has."""
    places = sorted(root.glob(".venv/lib/python3*/site-packages/*.dist-info/METADATA"))
    while True:
        path = draw.choice(places)
        text = path.read_text("utf-8")
        found = re.search(r"^Version: (.*)$", text, re.M)
        if found and not path.parent.name.startswith("lmm-"):
            new = text[: found.start(1)] + another_digit(found[1], draw) + text[found.end(1) :]
            name = path.relative_to(root).as_posix()
            what = f"{found[1]} → {new[found.start(1) :].splitlines()[0]}"
            yield path.parent.name, f"installed: {what}", {name: new.encode("utf-8")}


def option_removed(root: Path, draw: random.Random) -> Iterator[Planted]:
    """Take away a word of how the checks are run."""
    while True:
        name, lines = _lines(root, draw, draw.choice(list(_OPTIONS)))
        meant = [n for n, line in enumerate(lines) if re.search(_OPTIONS[name], line)]
        at = draw.choice(meant)
        words = [w for w in re.split(r"(\s+)", lines[at].rstrip("\n")) if w.strip()]
        chosen = draw.choice(words)
        if name == "pyproject.toml" and chosen.strip('"').startswith("-"):
            chosen = chosen.strip('"')  # what is left is to be TOML
        new = "" if len(words) == 1 else lines[at].replace(chosen, "", 1)
        if name == "pyproject.toml" and not chosen.strip('"[],').startswith("-"):
            chosen, new = lines[at].strip(), ""
        if name.endswith(".yaml") or name == "conftest.py":
            chosen, new = lines[at].strip(), ""
        what = f"removed: {chosen}, from: {_shown(lines[at])}"
        yield _planted(name, at, what, [*lines[:at], new, *lines[at + 1 :]])


_OPTIONS = {
    "pyproject.toml": r"^(testpaths|addopts|filterwarnings|xfail_strict|strict = true)",
    "Makefile": r"-m pytest|ruff|/mypy|tests/machines|on_each_python",
    ".ci/run": r"^make|^set -e",
    ".pre-commit-config.yaml": r"^        entry:",
}
