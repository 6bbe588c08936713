"""``python -m lmm`` is the same as the ``lmm`` command."""

from lmm.cli import main

main()
