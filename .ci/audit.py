"""Hold the packages of the lock against known weaknesses, by pip-audit.

Exit status: 0 if none is known of any package; 1 if some are; 3 if packages could not be looked
up, as where no index of advisories is reachable. The third is no pass: nothing is known of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
UNKNOWN = 3


def ask() -> list[dict[str, Any]]:
    """Ask for every package of the lock, without resolving or installing anything."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.txt",
               "--require-hashes", "--no-deps", "--disable-pip", "--progress-spinner", "off",
               "--format", "json"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        print(f"No index of advisories could be asked: {why.split(':')[0]}")
        return []
    return found


def tell(packages: list[dict[str, Any]]) -> int:
    """Say what is known, and give the exit status."""
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    known = [(each, weakness) for each in packages for weakness in each.get("vulns", ())]
    for package, weakness in known:
        mended = ", ".join(weakness["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {weakness['id']}; mended in {mended}")
    looked_up = len(packages) - len(unknown)
    print(f"{looked_up} packages looked up, {len(known)} known weaknesses")
    if unknown or not packages:
        print(f"Nothing is known of {len(unknown) or 'all'} packages: this is no pass. Look where "
              "an index of advisories is reachable, as in the weekly workflow.")  # fmt: skip
    return 1 if known else UNKNOWN if unknown or not packages else 0


if __name__ == "__main__":
    sys.exit(tell(ask()))
