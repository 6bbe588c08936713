"""papermill's engine that writes a notebook once, as it ends, and not before and after each cell.

A notebook of figures is long, and it was written twice as often as it has cells: most of what
the process did that looked after the notebooks.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

ONCE = "lmm-once"
"""The engine's name for papermill."""


class Once(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook in a Jupyter kernel; what was done is written if the kernel fails, too."""

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: str | None = None, **given: Any
    ) -> Any:
        """Run a notebook; papermill itself writes one that came to its end."""
        try:
            return super().execute_notebook(nb, kernel_name, **given)
        except BaseException:
            write_ipynb(nb, output_path)
            raise


papermill_engines.register(ONCE, Once)
