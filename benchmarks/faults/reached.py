"""A plugin for pytest: which lines each test reaches, and how long it takes.

It is named on the command line (``-p benchmarks.faults.reached``), with the folder to write to in
``FAULTS_REACHED``. What a test starts is watched, too: commands, and kernels.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

HOME = Path(os.environ["FAULTS_REACHED"])
SETTINGS = """\
[run]
source_pkgs = lmm
parallel = true
data_file = {home}/lines
context = ${{FAULTS_TEST-}}
sigterm = true
disable_warnings = no-data-collected,module-not-imported,couldnt-parse,module-not-measured
"""


class Watch:
    """Notes for each test its lines, its seconds and whether it passed."""

    def __init__(self) -> None:
        HOME.mkdir(parents=True, exist_ok=True)
        settings = HOME / "coveragerc"
        settings.write_text(SETTINGS.format(home=HOME), "utf-8")
        os.environ["COVERAGE_PROCESS_START"] = str(settings)
        self.lines = coverage.Coverage(config_file=str(settings), data_suffix=f"w{os.getpid()}")
        self.tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Name the test to whatever runs during it."""
        os.environ["FAULTS_TEST"] = item.nodeid
        self.lines.switch_context(item.nodeid)
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the seconds of a test's three parts."""
        test = self.tests.setdefault(report.nodeid, {"seconds": 0.0, "passed": True})
        test["seconds"] = round(test["seconds"] + report.duration, 3)
        test["passed"] &= report.outcome != "failed"

    def pytest_sessionstart(self) -> None:
        """Begin."""
        self.lines.start()

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        self.lines.stop()
        self.lines.save()
        if self.tests:
            (HOME / f"tests-{os.getpid()}.json").write_text(json.dumps(self.tests), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Watch where tests run: in the workers, if there are any."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Watch())
