"""Compares the numbers of the compendium in the folder that one is in."""

import sys
from pathlib import Path

from lmm.review.numbers.check import main

sys.exit(main(Path.cwd()))
