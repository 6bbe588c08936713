"""What a run asks, shows and says in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from lmm.publish.before import strange_notebooks
from lmm.publish.execute import USUAL, Limits, Report
from lmm.publish.notebooks import RunFailedError
from lmm.publish.rerun import Again, Release, rerun
from lmm.publish.run import Outcome, run
from lmm.publish.signals import Stopped, stoppable
from lmm.showing.labels import mark
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError, counted, visible
from lmm.study.study import Study

if TYPE_CHECKING:
    from lmm.review.verify.again import Verification
    from lmm.review.verify.item import Item
    from lmm.sweep.engine import Engine
    from lmm.sweep.plan import Planned


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


def run_and_summarise(
    study: Study,
    parameters: Parameters,
    *,
    refresh: bool = False,
    keeping: bool = False,
    limits: Limits = USUAL,
) -> Outcome:
    """Run with a progress display and print the summary."""
    with _failures_told("The previous outputs are untouched."), progress(24) as report:
        outcome = run(study, parameters, report, refresh=refresh, keeping=keeping, limits=limits)
    summarise(study, outcome, _rows(study, outcome))
    return outcome


def rerun_and_summarise(release: Release, settings: Mapping[str, str]) -> bool:
    """Make a release again, compare it and print the summary; say whether nothing differs."""
    from lmm.review.verify.folders import compare  # noqa: PLC0415
    from lmm.review.verify.item import differing  # noqa: PLC0415

    with _failures_told("Nothing was written."), progress(24) as report:
        outcome = rerun(release, settings, report)
    items = compare(outcome.outputs, release.held) if outcome.as_released else []
    summarise(release.study, outcome, _sameness(items))
    return outcome.succeeded and not differing(items)


def verify_and_summarise(
    study: Study, verify: Callable[[Report], Verification], to: Path, site: Path
) -> bool:
    """Verify with a progress display, write the account, and print it; say whether all is well."""
    from lmm.review.verify import account  # noqa: PLC0415

    with _failures_told("Nothing was written.", status=2), progress(24) as report:
        verification = verify(report)
    written = account.write(verification, study, to, site)
    console = Console()
    console.print(_sums(account.sums(verification.results)))
    for title, items in (
        (account.OTHER, account.told(verification.results)),
        (account.ORIGIN, verification.made_from),
    ):
        if items:
            console.print(_items(title, items))
    lines = [account.verdict(verification), *([mark(study)] if mark(study) else [])]
    lines += [f"Wrote {path}" for path in written]
    console.print(Text("\n".join(map(visible, lines))), soft_wrap=True)
    return verification.succeeded


COLOURS = {"reproduced": "green", "changed": "bold red", "not checked": "yellow"}


def _sums(rows: Iterable[tuple[str, int, int, int]]) -> Table:
    table = Table(title="Made afresh and compared")
    table.add_column("")
    for verdict, colour in COLOURS.items():
        table.add_column(verdict, justify="right", style=colour)
    for kind, *numbers in rows:
        table.add_row(kind, *map(str, numbers))
    return table


def _items(title: str, items: Iterable[Item]) -> Table:
    """List items with the size and the place of each difference."""
    table = Table(title=title, show_lines=True)
    table.add_column("", no_wrap=True)
    for heading in ("which", "how", "where"):
        table.add_column(heading, overflow="fold")
    for each in items:
        size = f"{each.why} ({each.size})" if each.size else each.why
        words = (each.name, size, each.places)
        verdict = Text(each.word, style=COLOURS[each.verdict])
        table.add_row(verdict, *(Text(visible(word)) for word in words))
    return table


def register_and_tell(study: Study, plan: Path | None, because: str) -> None:
    """Register a study, or amend its registration, and say what to do with it."""
    from lmm.review.registering.register import register  # noqa: PLC0415

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
def _failures_told(otherwise: str, status: int = 1) -> Iterator[None]:
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
        sys.exit(status)
    except Stopped as stopped:
        click.echo(f"Stopped by {stopped}. {otherwise}", err=True)
        sys.exit(128 + stopped.number)


def sweep_and_summarise(planned: Planned, engine: Engine, *, retry_failed: bool) -> bool:
    """Sweep with a progress display, and tell what failed; say whether nothing did."""
    from lmm.sweep.run import sweep  # noqa: PLC0415

    otherwise = "What is made is kept: the same command goes on with what is missing."
    with _failures_told(otherwise), progress(12, left=True) as report:
        swept = sweep(planned, engine, report, retry_failed=retry_failed)
    for item in (item for item in swept.items if item.id in swept.failed):
        of = item.parameters
        what = f"{item.study}, {item.notebook}, {of['period_start']} to {of['period_end']}, "
        click.secho("failed: ", fg="red", nl=False, err=True)
        click.echo(visible(f"{what}{of['confidence']}: {swept.failed[item.id]}"), err=True)
    there = len(swept.items) - len(swept.failed)
    click.echo(f"{counted(len(swept.items), 'item')}: {there} made, {swept.made} of them now; "
               f"{len(swept.failed)} failed")  # fmt: skip
    if swept.failed:
        click.echo("When their cause is mended, add --retry-failed", err=True)
    click.echo(visible(f"Open {swept.to / 'index.html'}"))
    return not swept.failed


@contextmanager
def progress(width: int, *, left: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each piece of work, with the time left if asked; give what moves it."""
    name_column = TextColumn(f"{{task.description:<{width}}}", markup=False)
    time = [TimeRemainingColumn(compact=True)] if left else []
    with Progress(name_column, BarColumn(24), MofNCompleteColumn(), *time) as progress:
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


def _sameness(items: Sequence[Item]) -> str:
    """Say how what was made compares with the release."""
    from lmm.review.verify.item import added, differing  # noqa: PLC0415

    if not items:
        return "Made with another level of confidence than the release: not compared with it."
    same = counted(sum(each.is_exact for each in items), "file")
    lines = [f"{same} made again, byte for byte as in the release"]
    lines += [
        f"differs from the release, or is not made again: {each.name} ({each.why})"
        for each in differing(items)
    ]
    lines += [f"made, and not held by the release: {each.name}" for each in added(items)]
    return "\n".join(lines)


def summarise(study: Study, outcome: Outcome | Again, said: str) -> None:
    """Say what became of the rows or files, of the published figures, and where to look."""
    from lmm.publish.handouts.pdf import not_made  # noqa: PLC0415

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
