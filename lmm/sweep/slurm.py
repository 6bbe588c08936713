"""Workers that Slurm gives: Dask's, asked for through dask-jobqueue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from lmm.study.declared import Part, Text
from lmm.study.problems import StudyError
from lmm.study.strict_yaml import read_yaml
from lmm.sweep.engine import Workers, of_client

Memory = Annotated[str, StringConstraints(pattern=r"^[0-9]+ ?[KMG]i?B$", strip_whitespace=True)]
Time = Annotated[str, StringConstraints(pattern=r"^([0-9]+-)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}$")]


class Cluster(Part):
    """What is asked of Slurm: so many jobs, each of so many workers of one processor.

    The machines have to see the studies, the plan and this copy of lmm under the same names.
    """

    jobs: int = Field(strict=True, ge=1, description="jobs that Slurm is asked for")
    workers: int = Field(default=1, strict=True, ge=1, description="workers in each job")
    memory: Memory = Field(description="of each job, such as 4GB")
    time: Time = Field(description="that each job may take, such as 02:00:00")
    partition: Text | None = None
    account: Text | None = None
    interface: Text | None = Field(default=None, description="network card, such as ib0")
    directives: tuple[Text, ...] = Field(default=(), description="more lines of #SBATCH")
    before: tuple[Text, ...] = Field(default=(), description="lines of shell, such as module load")
    logs: Text | None = Field(default=None, description="folder for what the jobs say")


def read_cluster(path: Path) -> Cluster:
    """Read what is asked of Slurm.

    Raises
    ------
    StudyError
        A line for each thing that is wrong.
    """
    return read_yaml(path, Cluster)


@contextmanager
def slurm(asked: Cluster) -> Iterator[Workers]:
    """Give the workers of jobs that are queued now, and end with the sweep.

    The scheduler is in this process, which has to run where the jobs can reach it.

    Raises
    ------
    StudyError
        If dask-jobqueue is not installed, or Slurm takes no jobs.
    """
    try:
        from dask_jobqueue.slurm import SLURMCluster  # noqa: PLC0415
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise StudyError("dask-jobqueue is not installed: pip install 'lmm[cluster]'") from None
    with SLURMCluster(
        cores=asked.workers,
        processes=asked.workers,
        memory=asked.memory,
        walltime=asked.time,
        queue=asked.partition,
        account=asked.account,
        interface=asked.interface,
        job_extra_directives=list(asked.directives),
        job_script_prologue=list(asked.before),
        log_directory=asked.logs,
        python=sys.executable,
    ) as cluster:
        try:
            cluster.scale(jobs=asked.jobs)
        except (OSError, RuntimeError) as error:
            raise StudyError(f"Slurm takes no jobs: {error}") from None
        with Client(cluster, set_as_default=False) as client:
            yield from of_client(client)
