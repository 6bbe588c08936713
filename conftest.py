"""What tests and notebooks share: a clean environment, and copies of the study to spoil."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmm.publish.home import private_home
from lmm.publish.signals import STOPPING
from lmm.study.folder import STAGE_VARIABLE
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parent


def pytest_configure() -> None:
    """Name a folder that all processes of a run of the tests share."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["LMM_TESTS"] = tempfile.mkdtemp(prefix="lmm-tests-")


def pytest_unconfigure() -> None:
    """Remove it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ.pop("LMM_TESTS"))


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Give nbval's kernels what a run gives its own, and write nowhere."""
    with private_home():
        os.environ.pop(STAGE_VARIABLE, None)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the compendium's own folder."""
    return ROOT


@pytest.fixture
def study() -> Study:
    """Give the compendium's own study."""
    return read_study(ROOT)


@pytest.fixture
def signals_heard() -> Iterator[None]:
    """Have signals heard, and by what is started, that are ignored under nohup and behind &."""
    usual = {signal.SIGINT: signal.default_int_handler}
    ignored = [number for number in STOPPING if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, usual.get(number, signal.SIG_DFL))
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def copy_of_study(tmp_path: Path) -> Path:
    """Give a folder with all that a run needs, to be spoilt at will."""
    folder = tmp_path / "study"
    folder.mkdir()
    shutil.copy(ROOT / "study.yaml", folder)
    for part in ("data", "notebooks"):
        shutil.copytree(
            ROOT / part,
            folder / part,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "made.json"),
        )
    return folder
