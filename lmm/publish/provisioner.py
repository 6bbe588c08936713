"""How Jupyter starts warm kernels: a kernel provisioner, by the name of ``lmm-warm``.

The kernel ``lmm``, which comes with this library, asks for it: papermill, nbclient, nbval and
JupyterLab start it as they do any other.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from lmm.publish.warm import forked

WARM = "lmm-warm"
"""What Jupyter knows it as."""

ONE_BY_ONE = "Kernels cannot be forked here: each is started by itself."


class WarmProvisioner(LocalProvisioner):
    """Starts kernels of this Python by forking."""

    _has_said: ClassVar[bool] = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start it as any other is."""
        made = await asyncio.to_thread(forked, cmd, **kwargs)
        if made is None:
            if not WarmProvisioner._has_said:
                WarmProvisioner._has_said = True
                self.log.warning(ONE_BY_ONE)
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any
        self.process, self.pid, self.pgid = made, made.pid, made.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info
