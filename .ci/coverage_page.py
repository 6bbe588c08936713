"""Write the page on which lines of the library the tests reach, from coverage's JSON.

Usage: python .ci/coverage_page.py COVERAGE.JSON DOCS

The numbers of each module are kept as ``tested-lines.json``, beside the page.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HEAD = """\
# Lines that the tests reach

*Written by `make coverage`, from the tests of `make test` for lmm {version}.*

A line that is reached is not for that reason tested: it ran, and whether anything would \
notice if it were wrong is another question. A line that is not reached is certainly \
untested.

| stage | lines | reached | branches | both ways taken |
|---|---|---|---|---|
"""
FOOT = """
**What this leaves out.** Slow tests (`make test-slow`), the browser and the attacks are not \
in it, so that what only they reach counts as not reached. Processes that tests start and \
the kernels of notebooks are followed; a process that is killed, as some tests do, tells \
nothing. Templates, styles and scripts of pages are no Python and are not measured.

The modules of which least is reached:

| module | lines | reached |
|---|---|---|
"""
FEWEST = 10
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def share(part: int, whole: int) -> str:
    """Give a share in whole per cent, never 100 % of what is not complete."""
    return "none" if not whole else f"{part * 100 // whole} %"


def kept(found: dict[str, Any]) -> dict[str, Any]:
    """Give what the page is made from: four numbers a module."""
    return {
        "files": {
            file: {"summary": {name: each["summary"][name] for name in COUNTED}}
            for file, each in sorted(found["files"].items())
        }
    }


def page(found: dict[str, Any], version: str) -> str:
    """Write the page."""
    stages: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    modules = []
    for file, each in found["files"].items():
        summary, parts = each["summary"], Path(file).as_posix().split("/")
        stage = "/".join(parts[:2]) if len(parts) > 2 else "lmm"
        for place, name in enumerate(COUNTED):
            stages[stage][place] += summary[name]
            stages["all of it"][place] += summary[name]
        if summary["num_statements"]:
            modules.append((summary["covered_lines"] / summary["num_statements"], file, summary))
    rows = [
        f"| `{stage}` | {lines} | {share(reached, lines)} | {branches} | {share(taken, branches)} |"
        for stage, (lines, reached, branches, taken) in sorted(stages.items())
    ]
    least = [
        f"| `{file}` | {each['num_statements']} "
        f"| {share(each['covered_lines'], each['num_statements'])} |"
        for _, file, each in sorted(modules, key=lambda each: each[:2])[:FEWEST]
    ]
    whole = HEAD.format(version=version) + "\n".join(rows).replace("`all of it`", "all of it")
    return whole + "\n" + FOOT + "\n".join(least) + "\n"


if __name__ == "__main__":
    from lmm import __version__

    numbers = {"lmm": __version__, **kept(json.loads(Path(sys.argv[1]).read_text("utf-8")))}
    docs = Path(sys.argv[2])
    (docs / "tested-lines.json").write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    (docs / "tested-lines.md").write_text(page(numbers, numbers["lmm"]), "utf-8")
