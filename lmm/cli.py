"""The ``lmm`` command; each command imports what it needs, so that ``--help`` is quick."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lmm import __version__
from lmm.simulation import SEED, STUDIES

if TYPE_CHECKING:
    from lmm.study.folder import Audience

study_option = click.option(
    "--study",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds study.yaml; by default the one you are in.",
)
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a parameter, such as period_end=2020-03-22; may be repeated.",
)


trust_option = click.option(
    "--trust",
    is_flag=True,
    help="Run the study's own notebooks: they are code, and can do whatever you can.",
)


class _Commands(click.Group):
    """Turns problems that a user can mend into messages, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        from lmm.study.problems import StudyError

        try:
            return super().invoke(ctx)
        except StudyError as error:
            for problem in error.problems:
                click.secho("error: ", fg="red", nl=False, err=True)
                click.echo(problem, err=True)
            sys.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lmm")
def main() -> None:
    """Evaluate an early-years service from its own records.

    A study is a folder with study.yaml and data/raw; `lmm run` does the rest.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot write a letter
            stream.reconfigure(errors="backslashreplace")


@main.command()
@study_option
@set_option
@trust_option
@click.option(
    "--internal",
    is_flag=True,
    help="Make the exact reports for the service alone, in data/internal: not for release.",
)
@click.option(
    "--fresh", is_flag=True, help="Make everything again, also what is up to date (lmm status)."
)
@click.option(
    "--cell-timeout",
    type=click.FloatRange(0, min_open=True),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long a cell may take.",
)
@click.option(
    "--notebook-timeout",
    type=click.FloatRange(0, min_open=True),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long a notebook may take.",
)
@click.option(
    "--from-release",
    "release",
    type=click.Path(path_type=Path),
    metavar="RELEASE",
    help="Make the results again without the records, from the outputs of a run that was "
    "released: their folder, or a .zip or .tar of it.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="With --from-release: a new folder for the results, by default outputs, here. Nothing "
    "is written over what is there already.",
)
def run(
    folder: Path | None,
    settings: tuple[str, ...],
    release: Path | None,
    to: Path | None,
    *,
    trust: bool,
    internal: bool,
    fresh: bool,
    cell_timeout: float,
    notebook_timeout: float,
) -> None:
    """Clean the records, run the notebooks, and compare with the published figures.

    What is up to date is kept: if nothing has changed, nothing is done.
    """
    if release and internal:
        raise click.UsageError("--internal needs the records, of which a release holds none")
    if release and folder:
        raise click.UsageError("name either --study or --from-release")
    if to and not release:
        raise click.UsageError("--to goes with --from-release; a run writes into its study")
    if release:
        succeeded = _rerun(release, to or Path("outputs"), settings, trust=trust)
    else:
        audience: Audience = "internal" if internal else "release"
        limits = (cell_timeout, notebook_timeout)
        succeeded = _run(folder, audience, settings, limits, trust=trust, fresh=fresh)
    sys.exit(0 if succeeded else 1)


def _run(
    folder: Path | None,
    audience: Audience,
    settings: tuple[str, ...],
    limits: tuple[float, float],
    *,
    trust: bool,
    fresh: bool,
) -> bool:
    """Run a study; say whether no published figure differs."""
    from lmm.publish.uptodate import ingredients, stale
    from lmm.study.parameters import Parameters, parse_settings
    from lmm.study.problems import visible
    from lmm.study.study import read_study

    study = read_study(folder, audience)
    parameters = Parameters.of(study, parse_settings(settings))
    if not (fresh or (found := stale(study, ingredients(study, parameters)))):
        click.echo("Up to date: nothing has changed since it was made. To make it again: --fresh")
        click.echo(visible(f"Open {study.outputs / 'site' / 'index.html'}"))
        return found.agrees
    from lmm.publish.home import warm_home  # only now: what is wrong is told at once

    with warm_home():
        from lmm.publish.execute import Limits
        from lmm.terminal import ask, run_and_summarise

        ask(study, trust=trust)
        outcome = run_and_summarise(study, parameters, keeping=not fresh, limits=Limits(*limits))
        return outcome.succeeded


@main.command()
@study_option
@set_option
@click.option("--internal", is_flag=True, help="Of the exact reports for the service alone.")
def status(folder: Path | None, settings: tuple[str, ...], *, internal: bool) -> None:
    """Say whether the results are up to date; if not, why, and what a run would make again.

    Exit status: 0 if they are, 1 if they are not.
    """
    from lmm.publish.uptodate import ingredients, stale
    from lmm.study.parameters import Parameters, parse_settings
    from lmm.study.problems import visible
    from lmm.study.study import read_study

    study = read_study(folder, "internal" if internal else "release")
    found = stale(study, ingredients(study, Parameters.of(study, parse_settings(settings))))
    if not found:
        click.echo("Up to date: nothing has changed since it was made.")
        return
    for reason in found.reasons:
        click.secho("stale: ", fg="yellow", nl=False)
        click.echo(visible(reason))
    kept = ", ".join(sorted(found.kept))
    also = f"; the counts and what these have made is kept: {kept}" if kept else ""
    click.echo(visible(f"A run makes {'the rest' if kept else 'everything'} again{also}"))
    sys.exit(1)


def _rerun(release: Path, to: Path, settings: tuple[str, ...], *, trust: bool) -> bool:
    """Make a release again; say whether nothing differs."""
    from lmm.publish.rerun import opened
    from lmm.study.parameters import parse_settings
    from lmm.terminal import ask, rerun_and_summarise

    given = parse_settings(settings)
    with opened(release, to) as held:
        ask(held.study, trust=trust)
        return rerun_and_summarise(held, given)


@main.command()
@study_option
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare with another run's results in place of the study's own: its folder outputs, or "
    "the study that it is in.",
)
@click.option(
    "--from-release",
    "release",
    type=click.Path(path_type=Path),
    metavar="RELEASE",
    help="Make a release again from its counts, and compare it with itself: a folder, or a .zip "
    "or .tar of it.",
)
@trust_option
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where verify.json and verify.html go: by default to the study's outputs; with "
    "--from-release into verified, here.",
)
def verify(
    folder: Path | None, against: Path | None, release: Path | None, to: Path | None, *, trust: bool
) -> None:
    """Make everything afresh in a folder of its own, and compare it with what is there.

    Tables are compared by value, figures by the data drawn and then by picture, notebooks cell by
    cell, hand-outs by their text. Refused are notebooks that were stripped, run out of order or
    changed by hand, and a lock that does not match what is installed.

    Exit status: 0 if all that was checked is reproduced, 1 if something has changed, 2 if it
    cannot be verified.
    """
    if release and (folder or against):
        raise click.UsageError("--from-release compares a release with itself: name nothing else")
    if release:
        succeeded = _verify_release(release, to or Path("verified"), trust=trust)
    else:
        succeeded = _verify_study(folder, against, to, trust=trust)
    sys.exit(0 if succeeded else 1)


def _verify_study(
    folder: Path | None, against: Path | None, to: Path | None, *, trust: bool
) -> bool:
    """Verify a study; say whether nothing has changed."""
    from lmm.review.verify.again import verify_study
    from lmm.study.study import read_study
    from lmm.terminal import ask, verify_and_summarise

    study = read_study(folder, "release")
    ask(study, trust=trust)
    site = to or study.outputs / "site"
    return verify_and_summarise(
        study, lambda report: verify_study(study, report, against), to or study.outputs, site
    )


def _verify_release(release: Path, to: Path, *, trust: bool) -> bool:
    """Verify a release; say whether nothing has changed."""
    import tempfile

    from lmm.publish.rerun import opened
    from lmm.review.verify.again import verify_release
    from lmm.terminal import ask, verify_and_summarise

    if to.resolve().is_relative_to(release.resolve()):
        raise click.UsageError("--to lies within the release, into which nothing is written")
    with (
        tempfile.TemporaryDirectory(prefix="lmm-verify-") as name,
        opened(release, Path(name, "again")) as held,
    ):
        ask(held.study, trust=trust)
        return verify_and_summarise(held.study, lambda report: verify_release(held, report), to, to)


@main.command()
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes on this machine; by default one a processor.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, whose workers to use.")
@click.option(
    "--cluster",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="SLURM.yaml",
    help="Ask Slurm for workers, as the file says, for as long as the sweep goes on.",
)
@click.option("--retry-failed", is_flag=True, help="Try items again that have failed before.")
@trust_option
def sweep(
    plan: Path,
    workers: int | None,
    scheduler: str | None,
    cluster: Path | None,
    *,
    retry_failed: bool,
    trust: bool,
) -> None:
    """Make the results of a PLAN: many studies, periods and parameters, and an index of them.

    What is there is not made again, so that the same command goes on with a sweep that was
    interrupted. Studies are not written into, but for what a service is to know of its releases.

    Exit status: 0 if every item is made, 1 if some have failed, 2 if the plan is wrong.
    """
    import os
    from functools import partial

    if sum(map(bool, (workers, scheduler, cluster))) > 1:
        raise click.UsageError("name one of --workers, --scheduler and --cluster")
    from lmm.sweep.plan import read_plan

    planned = read_plan(plan)
    from lmm.sweep import engine, worker
    from lmm.terminal import ask, sweep_and_summarise

    for study in planned.studies:
        ask(study, trust=trust)
    if scheduler:
        chosen = partial(engine.dask, scheduler)
    elif cluster:
        from lmm.sweep.slurm import read_cluster, slurm

        chosen = partial(slurm, read_cluster(cluster))
    else:
        chosen = partial(engine.local, workers or os.cpu_count() or 1, worker.end)
    sys.exit(0 if sweep_and_summarise(planned, chosen, retry_failed=retry_failed) else 1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An export to draft the mapping from: CSV, Excel or Parquet; may be repeated.",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--service", default="", help="Name of the service; by default the folder's.")
@click.option(
    "--like",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of another study: its tables, forms, measures and vocabularies are taken over.",
)
def new(
    folder: Path, files: tuple[Path, ...], more: tuple[Path, ...], service: str, like: Path | None
) -> None:
    """Begin a study of your own in a new FOLDER, from existing files or from templates.

    Further files may follow: lmm new my-service --from workbook.xlsx contacts.csv
    """
    from lmm.start.folder import new_study
    from lmm.study.problems import visible

    if more and not files:
        raise click.UsageError("name the files after --from")
    if like and not files:
        raise click.UsageError("--like needs your files, which it matches: name them after --from")
    made = new_study(folder, service or folder.resolve().name, (*files, *more), like)
    for path in made.paths:
        click.echo(visible(f"wrote {path}"))
    if made.said:
        click.secho("\nfound", bold=True)
    for said in made.said:
        click.echo(visible(f"  {said}"))
    click.secho("\nnext", bold=True)
    click.echo(visible(f"  1. look through {folder / 'study.yaml'}; what was guessed says so"))
    click.echo(visible(f"  2. lmm check --study {folder}"))
    click.echo(visible(f"  3. remove the line draft: true, and lmm run --study {folder}"))


@main.command()
@click.option("--reference", is_flag=True, help="Print the page that explains every key.")
def schema(*, reference: bool) -> None:
    """Print the JSON schema of study.yaml, by which editors offer and check its keys."""
    import json

    from lmm.start import schema as schemas

    text = schemas.reference() if reference else json.dumps(schemas.study_schema(), indent=2) + "\n"
    click.echo(text, nl=False)


@main.command()
@study_option
def migrate(folder: Path | None) -> None:
    """Rewrite study.yaml with the keys of this version; comments and order stay."""
    from lmm.study.folder import find_study
    from lmm.study.migration import migrate as rewrite

    folder = folder or find_study()
    said = rewrite(folder)
    for change in said:
        click.echo(change)
    if not said:
        click.echo("nothing to do: study.yaml is of this version")


@main.command()
@study_option
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report as an HTML page as well; over an earlier report, and nothing else.",
)
@click.option("--repairs", is_flag=True, help="List what was repaired, too.")
@click.option("--strict", is_flag=True, help="Exit with 1 if rows are left out.")
def check(folder: Path | None, page: Path | None, *, repairs: bool, strict: bool) -> None:
    """Look for everything that is wrong, without running; nothing of the study is changed.

    That records of real people were read is noted in data/, for `lmm register`.

    Exit status: 0 if the study can run, 2 if it cannot; with --strict, 1 if it can but rows
    are left out.
    """
    from lmm.publish import check_report
    from lmm.publish.check import check as check_study
    from lmm.publish.findings import PRIVATE
    from lmm.study.problems import visible

    report = check_study(folder)
    if page:
        check_report.write(report, page)
    colours = {
        "to answer": "magenta",
        "stops the run": "red",
        "left out": "yellow",
        "worth a look": "cyan",
    }
    last = ""
    for severity, line in check_report.lines(report, full=repairs):
        if severity != last:
            click.secho(f"\n{severity}", fg=colours.get(severity, "green"), bold=True)
        last = severity
        click.echo(f"  {line}")
    if report.was_read:
        click.secho("\nrecords", bold=True)
        for line in check_report.summary(report):
            click.echo(f"  {line}")
    click.secho(f"\n{report.verdict}", bold=True)
    click.echo(visible(f"{report.study or 'the study'} in {report.folder}"))
    for line in filter(None, (report.mark, PRIVATE)):
        click.echo(line)
    if page:
        click.echo(f"wrote {page}")
    if not report.can_run:
        sys.exit(2)
    sys.exit(1 if strict and report.of("left out") else 0)


@main.command()
@click.argument("number")
@study_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def trace(number: str, folder: Path | None, *, as_json: bool) -> None:
    """Say where a NUMBER of the results is from: cell, notebook, function, counts, records.

    NUMBER is as it is printed, such as "99%"; or a cell of outputs/tables, as
    TABLE:LINE:COLUMN.
    """
    from lmm.review.trace import sought, way
    from lmm.study.problems import visible
    from lmm.study.study import read_study

    found = sought.trace(number, sought.ledger_of(read_study(folder)))
    for line in [way.as_json(found)] if as_json else way.lines(found):
        click.echo(line if as_json else visible(line))


@main.command()
@study_option
@click.option(
    "--plan",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A plan in words, such as a statistical analysis plan: a copy is kept with the "
    "registration, and goes with every release.",
)
@click.option("--amend", is_flag=True, help="Change what is registered; needs --because.")
@click.option("--because", default="", metavar="WHY", help="Why the plan is changed, for readers.")
@trust_option
def register(
    folder: Path | None, plan: Path | None, because: str, *, amend: bool, trust: bool
) -> None:
    """Freeze what is planned before the records are seen, in the study's folder registration.

    Measures, targets, cut-offs and rules, the code of each table and figure and the library's
    are kept with a digest, once all of it has run on rows that nobody made. From then on each
    result says whether it is as planned, was changed, or is exploratory.
    """
    from lmm.study.study import read_study
    from lmm.terminal import ask, register_and_tell

    because = " ".join(because.split())
    if amend and not because:
        raise click.UsageError('say why the plan is changed: --amend --because "..."')
    if because and not amend:
        raise click.UsageError("--because is the reason of an amendment: add --amend")
    study = read_study(folder, "release")
    ask(study, trust=trust)
    register_and_tell(study, plan, because)


@main.command()
@study_option
@trust_option
def refresh(folder: Path | None, *, trust: bool) -> None:
    """Run, and rewrite the committed notebooks with the new outputs."""
    from lmm.study.parameters import Parameters
    from lmm.study.study import read_study

    study = read_study(folder, "release")
    from lmm.terminal import ask, run_and_summarise

    ask(study, trust=trust)
    outcome = run_and_summarise(study, Parameters.of(study), refresh=True)
    sys.exit(0 if outcome.succeeded else 1)


@main.command()
@study_option
def lab(folder: Path | None) -> None:
    """Open copies of the notebooks in JupyterLab; what you do there changes no other file."""
    from lmm.publish.lab import copy_notebooks, open_lab
    from lmm.study.problems import visible
    from lmm.study.study import read_study

    study = read_study(folder)
    place, others = copy_notebooks(study)
    for copy in others:
        click.echo(visible(f"{copy}: kept as it is; remove it to begin with the present notebook"))
    click.echo(visible(f"{place} holds copies. To bring a change back, copy the notebook into"))
    click.echo(visible(f"{study.folder / 'notebooks'}, and `lmm refresh`"))
    open_lab(place)


@main.command()
@study_option
def synth(folder: Path | None) -> None:
    """Write the synthetic raw records again; they come out the same every time."""
    from lmm.study.problems import StudyError
    from lmm.study.study import read_study
    from lmm.synthetic.write import write_fingerprints, write_raw

    study = read_study(folder)
    if not study.is_synthetic:
        raise StudyError("study.yaml declares real records: nothing is written over them")
    checkout = Path(__file__).resolve().parents[1]
    if not (checkout / "study.yaml").is_file():
        raise StudyError("this is an installed copy: `lmm synth` works in the compendium's folder")
    if study.tables != read_study(checkout).tables:
        raise StudyError("only the records of this compendium's own study can be written again")
    for path in write_raw(study, study.raw):
        click.echo(f"wrote {path.relative_to(study.folder)}")
    write_fingerprints(study)


@main.command()
@study_option
def contract(folder: Path | None) -> None:
    """Print the data contract as Markdown: every table, column and rule."""
    from lmm.cleaning.dictionary import contract_page
    from lmm.study.study import read_study

    click.echo(contract_page(read_study(folder)), nl=False)


@main.command()
@study_option
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder for the pages; by default docs/evidence of the compendium, and evidence of any "
    "other study.",
)
def evidence(folder: Path | None, to: Path | None) -> None:
    """Write what standards ask of a study, each item verified, not met, or for a person."""
    from lmm.review.evidence.write import write_evidence
    from lmm.study.problems import visible
    from lmm.study.study import read_study

    for path in write_evidence(read_study(folder), to):
        click.echo(visible(f"wrote {path}"))


@main.command()
@study_option
@click.option(
    "--studies",
    type=click.IntRange(min=20),
    default=STUDIES,
    show_default=True,
    help="How many of each setting.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=SEED,
    show_default=True,
    help="Where chance begins; the same seed gives the same bytes.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes; by default one a processor. The result does not depend on it.",
)
def simulate(folder: Path | None, studies: int, seed: int, workers: int | None) -> None:
    """Simulate studies whose truth is known and count how often intervals hold it."""
    from lmm.simulation.run import check_place, simulate_all, write
    from lmm.study.study import read_study
    from lmm.terminal import progress

    study = read_study(folder)
    docs = check_place(study.folder / "docs")
    with progress(36) as report:
        outcome = simulate_all(study, studies=studies, seed=seed, workers=workers, progress=report)
    for path in write(outcome, docs):
        click.echo(f"wrote {path.relative_to(study.folder)}")


@main.command()
@click.argument("number", required=False)
@click.option("--check", "checking", is_flag=True, help="Say whether your answer is right.")
def exercise(number: str | None, *, checking: bool) -> None:
    """List five exercises for students, set one up in exercises/, or check it.

    What is there is never overwritten. Exit status of a check: 0 if the answer is right, 1 if
    not yet.
    """
    from lmm.exercises import course
    from lmm.exercises.folder import home

    if checking and not number:
        raise click.UsageError("say which exercise, such as lmm exercise 1 --check")
    place = home()
    if not number:
        for line in course.listed(place):
            click.echo(line)
        return
    one = course.exercise(number)
    if not checking:
        for line in course.begun(one, place):
            click.echo(line)
        return
    checked = course.check(one, place)
    click.secho(checked.verdict, fg="green" if checked.is_right else "yellow", bold=True)
    for line in checked.said:
        click.echo(line)
    sys.exit(0 if checked.is_right else 1)
