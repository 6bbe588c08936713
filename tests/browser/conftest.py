"""A browser, and the pages that it looks at: made once for all processes of a run of the tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from documentation import build
from playwright.sync_api import Browser, sync_playwright
from real_service import do_run, service

from lmm.cli import main
from lmm.publish import check_report
from lmm.publish.check import check

SWEEP = """\
to: sweep
studies: [run]
grid:
  periods: [{start: 2018-04-01, end: 2019-03-31}, {start: 2019-04-01, end: 2020-03-31}]
  notebooks: [2-satisfaction, 3-targets]
"""
"""Two years of the service, which `lmm sweep` puts beside each other."""

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "there is no Chromium: install it (Debian and Ubuntu: apt-get install chromium), "
    "or name the program in LMM_CHROMIUM"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the Chromium of this machine, which may ask nobody for anything."""
    found = os.environ.get("LMM_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found)
        yield started
        started.close()


@dataclass(frozen=True)
class Pages:
    """Pages that belong together: their folder, and its address for a browser."""

    folder: Path
    address: str

    def paths(self) -> list[Path]:
        """Give the pages; what a theme brings along is none."""
        found = sorted(self.folder.rglob("*.html"))
        return [path for path in found if "_static" not in path.parts]

    def href(self, path: Path) -> str:
        """Give the address of a page."""
        return f"{self.address}/{path.relative_to(self.folder).as_posix()}"

    def at(self, name: str) -> str:
        """Give the address of a page by its name."""
        return self.href(self.folder / name)


@pytest.fixture(scope="session")
def made() -> Path:
    """Give a folder with a run, a protected run, check reports and the documentation."""
    folder = Path(os.environ["LMM_TESTS"]) / "browser"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other process waits for what this one makes
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(exist_ok=True)
            _make(folder)
            (folder / "made").touch()
    return folder


def _make(folder: Path) -> None:
    run = folder / "run"
    run.mkdir()
    shutil.copy(ROOT / "study.yaml", run)
    shutil.copytree(ROOT / "data" / "raw", run / "data" / "raw")
    do_run(run)
    (folder / "own").mkdir()
    do_run(service(folder / "own"))
    (folder / "checks").mkdir()
    raw = ROOT / "examples/peer-support/data/raw"
    files = [str(raw / name) for name in ("records.xlsx", "forms.csv")]
    drafted = ["new", str(folder / "drafted"), "--from", *files]
    main(drafted, standalone_mode=False)
    for name, study in (("whole", run), ("drafted", folder / "drafted")):
        check_report.write(check(study), folder / "checks" / f"{name}.html")
    (folder / "plan.yaml").write_text(SWEEP, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(folder / "plan.yaml"), "--trust"], standalone_mode=False)
    assert ended.value.code == 0
    (folder / "docs").mkdir()
    build(folder / "docs")


@pytest.fixture(scope="session")
def served(made: Path) -> Iterator[str]:
    """Serve the pages, and give the address: from a disk a browser does not do all it can."""
    handler = partial(_Quiet, directory=str(made))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(params=["run", "own", "checks", "sweep", "documentation"])
def pages(request: pytest.FixtureRequest, made: Path) -> Pages:
    """Give each kind of pages in turn: of a run, a service's own, checks, a sweep, the library."""
    if request.param == "documentation":  # its theme reads its own style sheets by a script
        address = request.getfixturevalue("served")
        return Pages(made / "docs/html", f"{address}/docs/html")
    folder = made / request.param
    site = folder if request.param in ("checks", "sweep") else folder / "outputs" / "site"
    return Pages(site, site.as_uri())


@pytest.fixture
def site(made: Path) -> Pages:
    """Give the pages of the run of the compendium."""
    folder = made / "run" / "outputs" / "site"
    return Pages(folder, folder.as_uri())
