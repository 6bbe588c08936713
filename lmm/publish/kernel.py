"""The kernel that runs a notebook: this Python, with nothing of the machine around it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from ipykernel.kernelspec import KERNEL_NAME, RESOURCES
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from lmm.publish.home import LONGEST, kernel_environment
from lmm.publish.provisioner import WARM
from lmm.publish.warm import LAUNCHER, PYTHON

SPEC = {
    "argv": [*PYTHON, *LAUNCHER, "-f", "{connection_file}"],
    "display_name": "Python 3",
    "language": "python",
    "metadata": {"debugger": True, "kernel_provisioner": {"provisioner_name": WARM}},
}
"""How a kernel is started, as Jupyter is told."""


class OwnPython(KernelSpecManager):
    """Knows one kernel, the Python that runs this, whatever is installed for Jupyter."""

    def find_kernel_specs(self) -> dict[str, str]:
        """List the one kernel."""
        return {KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the one kernel."""
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec(resource_dir=RESOURCES, **SPEC)


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
        nowhere = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        given |= {"env": kernel_environment(), **nowhere}
        await self._async_start_kernel(**given)


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
