"""All notebooks of a run, several at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lmm.publish.execute import USUAL, Job, Limits, NotebookFailure, Report, execute
from lmm.publish.home import warm_home
from lmm.publish.kernel import end_kernels
from lmm.publish.stage import keep_in_service
from lmm.study.parameters import Parameters
from lmm.study.study import Study


class RunFailedError(Exception):
    """One or more notebooks failed; the previous outputs are untouched.

    Attributes
    ----------
    failures
        Where and why, for each notebook that failed.
    kept
        The folder of what they had done; None where it was not kept.
    """

    def __init__(self, failures: list[NotebookFailure], kept: Path | None) -> None:
        self.failures = failures
        self.kept = kept
        super().__init__("\n".join(str(failure) for failure in failures))


@contextmanager
def executing(
    study: Study,
    given: Mapping[str, Any] | None,
    report: Report,
    besides: Collection[str] = (),
    limits: Limits = USUAL,
) -> Iterator[Iterator[str]]:
    """Run every notebook, each in a kernel of its own, beside what is done meanwhile.

    It gives the names of the notebooks that succeed, as they end. When it is left, all have been
    waited for.

    Parameters
    ----------
    given
        Parameters by name; None leaves those of the study's own notebooks, and gives the others
        the study's.
    besides
        Names of the notebooks that are not run.

    Raises
    ------
    RunFailedError
        If a notebook fails.
    """
    (study.outputs / "notebooks").mkdir(parents=True, exist_ok=True)
    with warm_home() as home:
        own = study.own_notebooks if given is None else ()
        given = given or Parameters.of(study).as_text()
        left = [path for path in study.notebooks if path.name not in besides]
        jobs = [Job(p, study, home, None if p in own else given, limits) for p in left]
        with ThreadPoolExecutor(1 + (os.cpu_count() or 1)) as pool:
            running = {pool.submit(execute, job, report): job.notebook.name for job in jobs}
            try:
                ended = as_completed(running)
                yield (running[future] for future in ended if future.result() is None)
                failures = [future.result() for future in running]
            except BaseException:
                _end(running)
                raise
    if failed := sorted((f for f in failures if f is not None), key=lambda f: f.notebook):
        raise RunFailedError(failed, _keep_partial(study))


def _end(running: Collection[Future[NotebookFailure | None]]) -> None:
    """End what is running, so that nothing is waited for and no kernel is left."""
    left = {future for future in running if not future.cancel()}
    while left:
        end_kernels()  # again, because one could just have been starting
        _, left = wait(left, timeout=0.1)


def _keep_partial(study: Study) -> Path:
    partial = study.outputs / "notebooks"
    if study.is_internal:
        keep_in_service(partial)
    shutil.rmtree(study.failed, ignore_errors=True)
    study.failed.parent.mkdir(exist_ok=True)
    return partial.rename(study.failed)
