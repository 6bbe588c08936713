"""The machines that can be had on one machine: each a few variables of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

CHOSEN_BY = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
             "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "GLIBC_TUNABLES")  # fmt: skip
"""What a setting chooses, and what is therefore taken from the environment of the caller."""

NO_V4 = {"NPY_DISABLE_CPU_FEATURES": "X86_V4"}
NO_V3 = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}
NO_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F"}


@dataclass(frozen=True)
class Setting:
    """One machine.

    Attributes
    ----------
    name
        As the table of results calls it.
    variables
        Of the environment, that make it.
    needs
        Features that the processor must have, as /proc/cpuinfo calls them.
    """

    name: str
    variables: dict[str, str]
    needs: frozenset[str] = field(default=frozenset())

    def environment(self) -> dict[str, str]:
        """Give the environment of a process on this machine."""
        kept = {name: value for name, value in os.environ.items() if name not in CHOSEN_BY}
        return kept | self.variables

    def lacking(self, features: set[str]) -> set[str]:
        """Name the features that it needs and the processor has not."""
        return set(self.needs) - features


def _core(name: str, *needs: str) -> Setting:
    return Setting(f"linear algebra for {name}", {"OPENBLAS_CORETYPE": name}, frozenset(needs))


def _threads(number: int) -> Setting:
    return Setting(f"{number} thread(s)", {"OPENBLAS_NUM_THREADS": str(number)})


SETTINGS = (
    Setting("this processor", {}),
    _core("Prescott", "pni"),
    _core("Nehalem", "sse4_2"),
    _core("Sandybridge", "avx"),
    _core("Haswell", "avx2", "fma"),
    _core("Zen", "avx2", "fma"),
    _core("SkylakeX", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"),
    Setting("numpy without AVX-512", NO_V4, frozenset({"avx512f"})),
    Setting("numpy without AVX2 and AVX-512", NO_V3, frozenset({"avx2"})),
    Setting("C library without AVX and FMA", NO_FMA, frozenset({"fma"})),
    _threads(1),
    _threads(2),
    _threads(4),
    Setting("the oldest of all", {"OPENBLAS_CORETYPE": "Prescott", **NO_V3, **NO_FMA},
            frozenset({"avx2", "fma"})),
)  # fmt: skip


def features() -> set[str]:
    """Name what the processor can do; nothing where the system does not tell."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text("ascii", "replace").splitlines() if told.is_file() else []
    return next((set(x.split(":", 1)[1].split()) for x in lines if x.startswith("flags")), set())
