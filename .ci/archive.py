"""Pack what a deposit needs into dist/lmm-VERSION.tar.gz: the same bytes for the same content.

It holds every committed file, what a run makes in outputs, and SHA256SUMS, which
`sha256sum -c SHA256SUMS` reads. What tells of one run (its record and its crate) stays out, since
it would be others each time. It needs no git to be run; it needs git to be made.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from lmm import __version__
from lmm.publish.record import OF_ONE_RUN

ROOT = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
ABOUT = """\
Little Minds Matter, a reproducible evaluation compendium: version {version}, commit {commit}.

To see that it is whole:    sha256sum -c SHA256SUMS
To read the results:        open outputs/site/index.html, or outputs/summary.pdf
To make them again:         make run (README.md, Quick start; git is not needed)
"""


def git(*words: str) -> str:
    """Ask git."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"an archive is made in a checkout: git {words[0]}: {done.stderr.strip()}")
    return done.stdout


def content() -> dict[str, Path]:
    """Give every file of the archive but those that are written into it, by its name there."""
    committed = git("ls-files", "-z").split("\0")
    if not (ROOT / "outputs/site/index.html").is_file():
        sys.exit("there are no results to deposit: make run")
    made = [path.relative_to(ROOT).as_posix()
            for path in (ROOT / "outputs").rglob("*") if path.is_file()]  # fmt: skip
    left_out = {f"outputs/{name}" for name in OF_ONE_RUN}
    names = sorted({*filter(None, committed), *made} - left_out)
    return {name: ROOT / name for name in names}


def pack(files: Mapping[str, bytes], runnable: set[str], top: str) -> bytes:
    """Pack files below a folder, with their checksums; nothing in it depends on where or when."""
    sums = "".join(f"{hashlib.sha256(held).hexdigest()}  {name}\n"
                   for name, held in sorted(files.items()))  # fmt: skip
    whole = {**files, SUMS: sums.encode()}
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as squeezed,
        tarfile.open(mode="w", fileobj=squeezed, format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, held in sorted(whole.items()):
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mode = len(held), 0o755 if name in runnable else 0o644
            archive.addfile(entry, io.BytesIO(held))
    return packed.getvalue()


def main() -> None:
    """Write the archive of what is committed."""
    if changed := git("status", "--porcelain"):
        sys.exit(f"commit first, so that the archive is of one commit:\n{changed.rstrip()}")
    commit = git("rev-parse", "HEAD").strip()
    files = {name: path.read_bytes() for name, path in content().items()}
    files["ARCHIVE.txt"] = ABOUT.format(version=__version__, commit=commit).encode()
    runnable = {line.split("\t")[1] for line in git("ls-files", "--stage").splitlines()
                if line.startswith("100755")}  # fmt: skip
    place = ROOT / "dist" / f"lmm-{__version__}.tar.gz"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(pack(files, runnable, f"lmm-{__version__}"))
    sha256 = hashlib.sha256(place.read_bytes()).hexdigest()
    print(f"{place.relative_to(ROOT)}: {len(files)} files, sha256 {sha256}")


if __name__ == "__main__":
    main()
