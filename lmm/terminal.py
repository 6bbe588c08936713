"""What a run asks, shows and says in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from lmm.publish.before import strange_notebooks
from lmm.publish.handouts.pdf import not_made
from lmm.publish.notebooks import RunFailedError
from lmm.publish.rerun import Again, Release, rerun
from lmm.publish.run import Outcome, run
from lmm.publish.signals import Stopped, stoppable
from lmm.review.register import register
from lmm.showing.labels import mark
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError, counted, visible
from lmm.study.study import Study


def ask(study: Study, *, trust: bool) -> None:
    """Ask before notebooks are run that did not come with this copy: they are code."""
    if trust or not (strange := strange_notebooks(study)):
        return
    names = visible(", ".join(path.name for path in strange))
    what = f"{names}: the study's own, and run as code that can do whatever you can"
    if not (sys.stdin and sys.stdin.isatty()):
        raise StudyError(f"{what}; look through it, then add --trust")
    click.echo(what)
    if not click.confirm("Did you write it, or look through it?"):
        raise StudyError("nothing was run")


def run_and_summarise(study: Study, parameters: Parameters, *, refresh: bool) -> Outcome:
    """Run with a progress display and print the summary."""
    with _failures_told("The previous outputs are untouched."), progress(24) as report:
        outcome = run(study, parameters, report, refresh=refresh)
    summarise(study, outcome, _rows(study, outcome))
    return outcome


def rerun_and_summarise(release: Release, settings: Mapping[str, str]) -> Again:
    """Make a release again with a progress display and print the summary."""
    with _failures_told("Nothing was written."), progress(24) as report:
        outcome = rerun(release, settings, report)
    summarise(release.study, outcome, _sameness(outcome))
    return outcome


def register_and_tell(study: Study, plan: Path | None, because: str) -> None:
    """Register a study, or amend its registration, and say what to do with it."""
    with _failures_told("Nothing was registered."), progress(24) as report:
        made = register(study, report, plan, because)
    for path in made.paths:
        click.echo(visible(f"wrote {path}"))
    for change in made.entry.said["changes"]:
        click.echo(visible(f"  changed: {change}"))
    results = counted(len(made.entry.results), "result")
    click.echo(f"{results} registered, SHA-256 {made.entry.digest}")
    click.echo("Nothing in data/raw was read but targets and published figures.")
    click.echo("Commit the folder registration now, and push it or deposit it where others can "
               "see when that was.")  # fmt: skip


@contextmanager
def _failures_told(otherwise: str) -> Iterator[None]:
    """End with a message if a notebook fails or somebody stops it; say how things stand."""
    try:
        with stoppable():
            yield
    except RunFailedError as failure:
        for each in failure.failures:
            click.secho("failed: ", fg="red", nl=False, err=True)
            click.echo(str(each), err=True)
        if failure.kept:
            click.echo(f"The partial notebooks are in {failure.kept}", err=True)
        click.echo(otherwise, err=True)
        sys.exit(1)
    except Stopped as stopped:
        click.echo(f"Stopped by {stopped}. {otherwise}", err=True)
        sys.exit(128 + stopped.number)


@contextmanager
def progress(width: int) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each piece of work; give the function that moves it."""
    name_column = TextColumn(f"{{task.description:<{width}}}", markup=False)
    with Progress(name_column, BarColumn(24), MofNCompleteColumn()) as progress:
        tasks = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done)

        yield report


def _rows(study: Study, outcome: Outcome) -> str:
    """Say what became of the rows; how many there are only where results are exact."""
    place = study.processed.relative_to(study.folder)
    if study.is_protected:
        return f"Rows read, fixed and rejected: {place}/row_accounting.csv"
    totals = outcome.account[["rows_read", "rows_fixed", "rows_rejected"]].sum()
    return (
        f"{totals['rows_read']} rows read, {totals['rows_fixed']} fixed, "
        f"{totals['rows_rejected']} rejected (why: {place}/rejected_rows.csv)"
    )


def _sameness(outcome: Again) -> str:
    """Say how what was made compares with the release."""
    if outcome.same is None:
        return "Made with another level of confidence than the release: not compared with it."
    said = f"{counted(outcome.same, 'file')} made again, byte for byte as in the release"
    lines = [f"differs from the release, or is not made again: {x}" for x in outcome.differing]
    lines += [f"made, and not held by the release: {x}" for x in outcome.added]
    return "\n".join((said, *lines))


def summarise(study: Study, outcome: Outcome | Again, said: str) -> None:
    """Say what became of the rows or files, of the published figures, and where to look."""
    console = Console()
    table = Table(title="Published figures")
    for heading in ("figure", "printed", "computed"):
        table.add_column(heading, overflow="fold")
    table.add_column("", no_wrap=True)
    colours = {"reproduced": "green", "differs": "bold red", "not comparable": "yellow"}
    for row in outcome.claims.itertuples():
        status = Text(str(row.status), style=colours[str(row.status)])
        words = (Text(visible(str(w))) for w in (row.figure, row.printed, row.computed))
        table.add_row(*words, status)
    console.print(Text("\n".join(visible(line) for line in said.split("\n"))), soft_wrap=True)
    if len(outcome.claims):
        console.print(table)
    if mark(study):
        console.print(Text(mark(study), style="bold"))
    if missing := not_made():
        console.print(Text(missing), soft_wrap=True)
    place = outcome.outputs / "site" / "index.html"
    console.print(Text(visible(f"Open {place}")), soft_wrap=True)
