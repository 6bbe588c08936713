"""The place of a run's kernels, where nothing of the machine or its reader reaches them."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lmm.publish import warm

STEERING = ("PYTHON", "IPYTHON", "JUPYTER", "JPY_", "MPL", "MATPLOTLIB", "XDG_")
"""How the names of variables begin that steer Python, its kernel or its figures."""

LIBRARIES = ("PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONNOUSERSITE", "PYTHONUSERBASE")
"""Those that say where this Python finds its libraries: the kernel is to find the same."""

LONGEST = 60
"""Bytes of a folder's name that leave room for a socket's: macOS takes 104 in all."""

PROFILE = """\
import os
if os.environ.get("JPY_PARENT_PID") not in (None, str(os.getppid())) and os.name == "posix":
    os._exit(1)  # who started this kernel died before it could watch for that
c.IPKernelApp.log_level = 50  # it would tell of each interrupt as it ends
"""


_entered: list[tuple[Path, dict[str, str]]] = []
"""The folder that is there already, if one is, and the variables that were made for it."""


@contextmanager
def private_home() -> Iterator[Path]:
    """Give a folder for all that kernels keep, and point them there meanwhile.

    Kernels, and what renders their notebooks, then read no settings of the machine's or the
    reader's, and write nothing beside the study. The folder goes with the context, and with it
    the processes from which kernels were forked. Within another one it is the same folder.
    """
    if _entered:
        yield _entered[-1][0]
        return
    before = dict(os.environ)
    with _new_home() as home:
        _become(environment(before, home))
        _entered.append((home, dict(os.environ)))
        try:
            yield home
        finally:
            _entered.pop()
            _become(before)


@contextmanager
def warm_home() -> Iterator[Path]:
    """Give a private home whose kernels' imports begin at once, in a process beside this one."""
    with private_home() as home:
        warm.begin(kernel_environment())
        yield home


def kernel_environment() -> dict[str, str]:
    """Give the variables of a kernel: those of its home, whatever libraries have set since."""
    now = dict(os.environ)
    own = {name: each for name, each in now.items() if name.startswith(warm.OF_ONE)}
    return {**_entered[-1][1], **own} if _entered else now


@contextmanager
def _new_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lmm-", dir=_place()) as name:
        home = Path(name)
        profile = home / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        (profile / "ipython_kernel_config.py").write_text(PROFILE, encoding="utf-8")
        _keep_fonts(home / "matplotlib")
        try:
            yield home
        finally:
            warm.Parent.end_all(within=home)


def environment(given: Mapping[str, str], home: Path) -> dict[str, str]:
    """Give the variables of a kernel: the machine's, without those that would steer it.

    Parameters
    ----------
    home
        The folder in which kernels, Jupyter and matplotlib keep what they keep.
    """
    kept = {
        name: value
        for name, value in given.items()
        if name in LIBRARIES or not name.upper().startswith(STEERING)
    }
    if path := given.get("PYTHONPATH"):  # a kernel works in another folder
        kept["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, path.split(os.pathsep)))
    private = {
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
        "JUPYTER_CONFIG_DIR": "jupyter",
        "JUPYTER_DATA_DIR": "jupyter",
        "JUPYTER_RUNTIME_DIR": "jupyter",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
    }
    return {
        **kept,
        **{name: str(home / folder) for name, folder in private.items()},
        "JUPYTER_NO_CONFIG": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",  # a file of the study is no library, whatever its name
        "PYTHONUTF8": "1",
    }


def _become(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _place() -> str | None:
    """Name a place for sockets, whose names have to be short; None for the usual one."""
    usual = tempfile.gettempdir()
    short = len(os.fsencode(usual)) <= LONGEST or not os.access("/tmp", os.W_OK | os.X_OK)
    return None if short else "/tmp"


def _keep_fonts(folder: Path) -> None:
    """Hand on the list of fonts, which takes a kernel seconds to make and a warning to say so."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.CRITICAL)  # of a home that cannot be written: nothing is to be kept there
    try:
        from matplotlib import font_manager  # noqa: PLC0415
    finally:
        log.setLevel(level)
    folder.mkdir()
    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    font_manager.json_dump(font_manager.fontManager, folder / name)
