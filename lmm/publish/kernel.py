"""The kernel that runs a notebook: this Python, with nothing of the machine around it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from ipykernel.kernelspec import KERNEL_NAME, RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

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


@contextmanager
def private_home() -> Iterator[Path]:
    """Give a folder for all that kernels keep, and point them there meanwhile.

    Kernels, and what renders their notebooks, then read no settings of the machine's or the
    reader's, and write nothing beside the study. The folder goes with the context.
    """
    with tempfile.TemporaryDirectory(prefix="lmm-", dir=_place()) as name:
        home = Path(name)
        profile = home / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        (profile / "ipython_kernel_config.py").write_text(PROFILE, encoding="utf-8")
        _keep_fonts(home / "matplotlib")
        before = dict(os.environ)
        _become(environment(before, home))
        try:
            yield home
        finally:
            _become(before)


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


class OwnPython(KernelSpecManager):
    """Knows one kernel, the Python that runs this, whatever is installed for Jupyter."""

    def find_kernel_specs(self) -> dict[str, str]:
        """List the one kernel."""
        return {KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the one kernel."""
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class Kernel(AsyncKernelManager):
    """A kernel of this Python."""

    started: ClassVar[WeakSet[Kernel]] = WeakSet()

    @default("kernel_spec_manager")
    def _own_python(self) -> OwnPython:
        return OwnPython()

    async def start_kernel(self, **given: Any) -> None:  # type: ignore[override]  # as its own is
        """Start the kernel, and keep it in mind for `end_kernels`.

        What it says beside its notebook, such as of sockets that closed as it ended, is told to
        nobody: it is of no use to a reader, and could quote a record. Nor does it need the
        streams of whoever started it, which may be closed.
        """
        self.started.add(self)
        await self._async_start_kernel(
            **given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def kernel_config(home: Path) -> Any:
    """Configure a kernel to talk over sockets in a folder of its own, else over TCP."""
    from traitlets.config import Config  # noqa: PLC0415

    folder = tempfile.mkdtemp(prefix="k", dir=home)
    if os.name != "posix" or len(os.fsencode(folder)) > LONGEST + 30:
        return Config()
    return Config({"Kernel": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def end_kernels() -> None:
    """End every kernel that this process has started; whoever waits for it is told so."""
    for kernel in list(Kernel.started):
        process = getattr(kernel.provisioner, "process", None)
        if process is not None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if os.name == "posix" else process.kill()
