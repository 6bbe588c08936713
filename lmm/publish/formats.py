"""The format of notebooks: the only place that imports `nbformat`, and how it is done quickly.

What validates notebooks would also build a grammar of international addresses, for a second. No
notebook holds one that is validated, so that it is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def _left_out(module: str) -> Iterator[None]:
    """Have a module that others can do without look as if it were not installed."""
    modules: dict[str, Any] = sys.modules
    if module in modules:
        yield
        return
    modules[module] = None
    try:
        yield
    finally:
        del modules[module]


with _left_out("rfc3987_syntax"):
    import nbformat
    from nbformat import NotebookNode

__all__ = ["NotebookNode", "nbformat"]
